import type { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8, writeUtf8 } from "../../batch/utf8.ts";
import type { Value } from "../../types/data-type.ts";
import type { Evaluator } from "../function-types.ts";

/** Appends the digits of an integer (at most 2^53 in size) to `out`; returns their number. */
export function writeInteger(value: number, out: ByteWriter): number {
  out.ensure(20);
  const target = out.bytes;
  const start = out.length;
  let rest = value < 0 ? -value : value;
  let digits = 1;
  for (let power = 10; power <= rest; power *= 10) digits += 1;
  const length = value < 0 ? digits + 1 : digits;
  if (value < 0) target[start] = 45;
  let at = start + length - 1;
  while (rest > 0x7fffffff) {
    const next = Math.floor(rest / 10);
    target[at--] = 48 + (rest - next * 10);
    rest = next;
  }
  let small = rest | 0;
  for (let left = at - (start + length - digits); left >= 0; left--) {
    const next = (small / 10) | 0;
    target[at--] = 48 + (small - next * 10);
    small = next;
  }
  out.length = start + length;
  return length;
}

/** Appends the digits of a BIGINT to `out`; returns their number. */
export function writeBigInteger(value: bigint, out: ByteWriter): number {
  if (value <= 9007199254740991n && value >= -9007199254740991n) return writeInteger(Number(value), out);
  return writeUtf8(String(value), out);
}

/** The integer of up to `most` plain digits, or NaN when the text is anything else. */
function parseDigits(data: Uint8Array, start: number, length: number, most: number): number {
  const negative = length > 1 && data[start] === 45;
  let i = negative ? start + 1 : start;
  const end = start + length;
  if (i === end || end - i > most) return Number.NaN;
  let value = 0;
  for (; i < end; i++) {
    const digit = data[i]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  // `0 - value` and not `-value`: the text -0 is the integer 0.
  return negative ? 0 - value : value;
}

/** The text as INT; `slow` reads what is not just a few digits. */
export function parseInteger(data: Uint8Array, start: number, length: number, slow: Evaluator): Value {
  const value = parseDigits(data, start, length, 9);
  return value === value ? value : slow(decodeUtf8(data, start, length));
}

/** The text as BIGINT; `slow` reads what is not just a few digits. */
export function parseBigInteger(data: Uint8Array, start: number, length: number, slow: Evaluator): Value {
  const value = parseDigits(data, start, length, 15);
  return value === value ? BigInt(value) : slow(decodeUtf8(data, start, length));
}
