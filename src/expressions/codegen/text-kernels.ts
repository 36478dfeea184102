import type { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8, writeUtf8 } from "../../batch/utf8.ts";
import type { Evaluator } from "../function-types.ts";

/** Where a kernel leaves a part of a text: two numbers without an allocation per row. */
export class ByteRange {
  start = 0;
  length = 0;
}

/** Appends the text in upper case to `out` and returns its length; `slow` does it for texts that are not ASCII. */
export function writeUpper(data: Uint8Array, start: number, length: number, out: ByteWriter, slow: Evaluator): number {
  out.ensure(length);
  const target = out.bytes;
  const offset = out.length - start;
  for (let i = start, end = start + length; i < end; i++) {
    const byte = data[i]!;
    if (byte > 127) return writeUtf8(slow(decodeUtf8(data, start, length)) as string, out);
    target[offset + i] = byte >= 97 && byte <= 122 ? byte - 32 : byte;
  }
  out.length += length;
  return length;
}

/** Appends the text in lower case to `out` and returns its length; `slow` does it for texts that are not ASCII. */
export function writeLower(data: Uint8Array, start: number, length: number, out: ByteWriter, slow: Evaluator): number {
  out.ensure(length);
  const target = out.bytes;
  const offset = out.length - start;
  for (let i = start, end = start + length; i < end; i++) {
    const byte = data[i]!;
    if (byte > 127) return writeUtf8(slow(decodeUtf8(data, start, length)) as string, out);
    target[offset + i] = byte >= 65 && byte <= 90 ? byte + 32 : byte;
  }
  out.length += length;
  return length;
}

/** Field `index` (from 0) of a text divided by the separator's bytes; false when there is none. Empty text has no fields. */
export function splitField(
  data: Uint8Array,
  start: number,
  length: number,
  separator: Uint8Array,
  index: number,
  out: ByteRange,
): boolean {
  const end = start + length;
  const width = separator.length;
  const first = separator[0];
  let field = start;
  let left = index;
  for (let i = start, last = end - width; i <= last; i++) {
    if (data[i] !== first || (width > 1 && !startsWith(data, i, separator))) continue;
    if (left === 0) {
      out.start = field;
      out.length = i - field;
      return true;
    }
    left -= 1;
    field = i + width;
    i = field - 1;
  }
  out.start = field;
  out.length = end - field;
  return left === 0 && length > 0;
}

function startsWith(data: Uint8Array, at: number, piece: Uint8Array): boolean {
  for (let k = 1; k < piece.length; k++) if (data[at + k] !== piece[k]) return false;
  return true;
}

/** `count` characters from character `from` (from 1) on. Always true. */
export function substringRange(
  data: Uint8Array,
  start: number,
  length: number,
  from: number,
  count: number,
  out: ByteRange,
): boolean {
  const end = start + length;
  let at = start;
  for (let skip = from - 1; skip > 0 && at < end; skip--) at = nextCharacter(data, at, end);
  out.start = at;
  if (count === Infinity) {
    at = end;
  } else {
    for (let rest = count; rest > 0 && at < end; rest--) at = nextCharacter(data, at, end);
  }
  out.length = at - out.start;
  return true;
}

function nextCharacter(data: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  while (next < end && (data[next]! & 0xc0) === 0x80) next += 1;
  return next;
}
