import type { ScanHelpers } from "./scan-helpers.ts";
import { skipText } from "./string.ts";

/** Values that generated scanners read or skip, where a line end is sure to follow. */

/** The position behind a value that nobody reads, or -1. */
export function skipValue(
  data: Buffer,
  view: DataView,
  marks: Int32Array,
  start: number,
  helpers: ScanHelpers,
): number {
  let c = data[start]!;
  let p = start;
  if (c === 34) {
    p = skipText(data, marks, start + 1);
    return p < 0 ? -1 : p + 1;
  }
  if (c >= 49 && c <= 57) {
    do c = data[++p]!;
    while (c >= 48 && c <= 57);
    return c === 46 || c === 101 || c === 69 ? helpers.skip(data, start) : p;
  }
  if (c === 110) return view.getInt32(start, true) === 0x6c6c756e ? start + 4 : -1;
  return helpers.skip(data, start);
}

/**
 * Reads an integer of at most 15 digits at `start` into the words `2 * row` and `2 * row + 1`; gives the position
 * behind it, or -1 when there is something else.
 */
export function readLong(data: Uint8Array, start: number, words: Int32Array, row: number): number {
  const first = data[start] === 45 ? start + 1 : start;
  let p = first;
  let value = 0;
  let digit = 0;
  while ((digit = data[p]! - 48) >>> 0 <= 9) {
    value = (Math.imul(value, 10) + digit) | 0;
    p = (p + 1) | 0;
  }
  if (p - first > 9) {
    const long = longInteger(data, first, p, 2 ** 53);
    if (Number.isNaN(long)) return -1;
    const signed = first === start ? long : 0 - long;
    words[2 * row] = signed;
    words[2 * row + 1] = Math.floor(signed / 4294967296);
  } else {
    if (!isPlain(data, first, p)) return -1;
    if (first !== start) value = (0 - value) | 0;
    words[2 * row] = value;
    words[2 * row + 1] = value >> 31;
  }
  return isInteger(digit) ? p : -1;
}

/** The same for a value between `-limit` and `limit - 1`, into element `row`. */
export function readInt(data: Uint8Array, start: number, values: Int32Array, row: number, limit: number): number {
  const first = data[start] === 45 ? start + 1 : start;
  let p = first;
  let value = 0;
  let digit = 0;
  while ((digit = data[p]! - 48) >>> 0 <= 9) {
    value = (Math.imul(value, 10) + digit) | 0;
    p = (p + 1) | 0;
  }
  if (p - first > 9) value = longInteger(data, first, p, limit);
  else if (!isPlain(data, first, p)) return -1;
  if (first !== start) value = 0 - value;
  if (!(value < limit && value >= -limit && isInteger(digit))) return -1;
  values[row] = value;
  return p;
}

/** There is a digit, and no superfluous zero. */
function isPlain(data: Uint8Array, start: number, end: number): boolean {
  return end > start && (data[start] !== 48 || end === start + 1);
}

/** No fraction and no exponent follows. */
function isInteger(digit: number): boolean {
  return digit !== -2 && digit !== 53 && digit !== 21;
}

/** The value of 10 to 15 digits; NaN for more, for zeros in front, and from `limit` + 1 on. */
function longInteger(data: Uint8Array, start: number, end: number, limit: number): number {
  if (end - start > 15 || data[start] === 48) return Number.NaN;
  let value = 0;
  for (let p = start; p < end; p++) value = value * 10 + (data[p]! - 48);
  return value <= limit ? value : Number.NaN;
}
