import { toDecimalSize } from "../../types/decimal.ts";

/**
 * Numbers from bytes, by Java's rules (what Flink's formats accept): blanks around are dropped (every byte ≤ 0x20),
 * `+` is allowed. All functions read `data[start .. end)`.
 */

/** Powers of ten that a double holds exactly. */
const EXACT_POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** The ASCII text of a byte range. */
export function asciiText(data: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let i = start; i < end; i++) text += String.fromCharCode(data[i]!);
  return text;
}

/** The first byte above 0x20 in the range, or `end`. */
export function skipBlanks(data: Uint8Array, start: number, end: number): number {
  let p = start;
  while (p < end && data[p]! <= 32) p++;
  return p;
}

/** The end of the range without trailing bytes ≤ 0x20. */
export function dropBlanks(data: Uint8Array, start: number, end: number): number {
  let p = end;
  while (p > start && data[p - 1]! <= 32) p--;
  return p;
}

/** An integer of at most 15 digits; NaN when it is not one or is longer (then use `parseLong`). */
export function parseShortInteger(data: Uint8Array, start: number, end: number): number {
  let p = skipBlanks(data, start, end);
  const stop = dropBlanks(data, p, end);
  const sign = data[p]!;
  if (p < stop && (sign === 45 || sign === 43)) p++;
  if (p >= stop || stop - p > 15) return Number.NaN;
  let value = 0;
  for (; p < stop; p++) {
    const digit = data[p]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return sign === 45 ? 0 - value : value;
}

/** An integer between `min` and `max` (both within 15 digits, as of TINYINT … INT), or undefined. */
export function parseInteger(
  data: Uint8Array,
  start: number,
  end: number,
  min: number,
  max: number,
): number | undefined {
  let value = parseShortInteger(data, start, end);
  // More than 15 characters may still be zeros in front.
  if (Number.isNaN(value)) {
    const long = parseLong(data, start, end);
    if (long === undefined) return undefined;
    value = Number(long);
  }
  return value >= min && value <= max ? value : undefined;
}

/** A 64-bit integer, or undefined. */
export function parseLong(data: Uint8Array, start: number, end: number): bigint | undefined {
  const short = parseShortInteger(data, start, end);
  if (!Number.isNaN(short)) return BigInt(short);
  let p = skipBlanks(data, start, end);
  const stop = dropBlanks(data, p, end);
  const sign = data[p]!;
  if (p < stop && (sign === 45 || sign === 43)) p++;
  if (p >= stop) return undefined;
  for (let i = p; i < stop; i++) if (data[i]! < 48 || data[i]! > 57) return undefined;
  while (p < stop - 1 && data[p] === 48) p++;
  if (stop - p > 19) return undefined;
  const digits = BigInt(asciiText(data, p, stop));
  const value = sign === 45 ? -digits : digits;
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** A double as `Double.parseDouble` reads it (`NaN`, `Infinity`, suffixes d and f; no hexadecimal form), or undefined. */
export function parseDouble(data: Uint8Array, start: number, end: number): number | undefined {
  const begin = skipBlanks(data, start, end);
  const stop = dropBlanks(data, begin, end);
  let p = begin;
  const sign = data[p]!;
  if (p < stop && (sign === 45 || sign === 43)) p++;
  const digitsStart = p;
  let mantissa = 0;
  let digits = 0;
  let scale = 0;
  for (; p < stop; p++) {
    const digit = data[p]! - 48;
    if (digit < 0 || digit > 9) break;
    mantissa = mantissa * 10 + digit;
    digits++;
  }
  if (p < stop && data[p] === 46) {
    for (p++; p < stop; p++) {
      const digit = data[p]! - 48;
      if (digit < 0 || digit > 9) break;
      mantissa = mantissa * 10 + digit;
      digits++;
      scale++;
    }
  }
  if (p === stop && digits > 0 && digits <= 15) {
    const value = scale === 0 ? mantissa : mantissa / EXACT_POWERS[scale]!;
    return sign === 45 ? -value : value;
  }
  return parseDoubleText(asciiText(data, digitsStart, stop), sign === 45);
}

const DOUBLE = /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?[dDfF]?$/;

function parseDoubleText(text: string, negative: boolean): number | undefined {
  if (text === "NaN") return Number.NaN;
  let value: number;
  if (text === "Infinity") value = Number.POSITIVE_INFINITY;
  else if (DOUBLE.test(text)) value = Number(text.replace(/[dDfF]$/, ""));
  else return undefined;
  return negative ? -value : value;
}

/**
 * An exact decimal as its unscaled value, rounded half up to `scale`. `null`: it does not fit the precision (Flink
 * makes that NULL). `undefined`: not a decimal. Blanks are not dropped.
 */
export function parseDecimal(
  data: Uint8Array,
  start: number,
  end: number,
  precision: number,
  scale: number,
): bigint | null | undefined {
  let p = start;
  const sign = data[p]!;
  if (p < end && (sign === 45 || sign === 43)) p++;
  let mantissa = 0;
  let digits = 0;
  let fraction = -1;
  const begin = p;
  for (; p < end; p++) {
    const c = data[p]!;
    if (c >= 48 && c <= 57) {
      mantissa = mantissa * 10 + (c - 48);
      digits++;
      if (fraction >= 0) fraction++;
    } else if (c === 46 && fraction < 0) fraction = 0;
    else break;
  }
  if (digits === 0) return undefined;
  const used = fraction < 0 ? 0 : fraction;
  if (p === end && digits <= 15 && used <= scale && scale - used + digits <= 15) {
    const value = mantissa * EXACT_POWERS[scale - used]!;
    if (value >= EXACT_POWERS[Math.min(precision, 20)]!) return null;
    return BigInt(sign === 45 ? -value : value);
  }
  let exponent = 0;
  const mantissaEnd = p;
  if (p < end) {
    const read = parseExponent(data, p, end);
    if (read === undefined) return undefined;
    exponent = read;
  }
  const text = asciiText(data, begin, mantissaEnd).replace(".", "");
  return toDecimalSize(
    { unscaled: BigInt(text) * (sign === 45 ? -1n : 1n), scale: used - exponent },
    { precision, scale },
  );
}

function parseExponent(data: Uint8Array, start: number, end: number): number | undefined {
  if ((data[start]! | 32) !== 101) return undefined;
  const exponent = parseShortInteger(data, start + 1, end);
  if (Number.isNaN(exponent) || data[start + 1]! <= 32 || data[end - 1]! <= 32 || Math.abs(exponent) > 2147483647)
    return undefined;
  return exponent;
}
