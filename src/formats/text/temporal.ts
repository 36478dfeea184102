import { daysFromCivil, daysInMonth, MILLIS_PER_DAY } from "../../types/datetime.ts";

/**
 * Dates and times from bytes. Everything reads `data[start .. end)` and answers NaN (or undefined where the result may
 * be a bigint) for text that is not one; none of them allocates on the way.
 */

/** How a format writes timestamps. */
export interface TimestampStyle {
  /** The byte between date and time: a blank or `T`. */
  readonly separator: number;
  /** `12:30` is allowed. */
  readonly optionalSeconds: boolean;
  /** A `Z` must follow (TIMESTAMP_LTZ). */
  readonly zone: boolean;
}

const T = 84;
const LOWER_T = 116;

/** Two digits, or NaN. */
function twoDigits(data: Uint8Array, p: number): number {
  const tens = data[p]! - 48;
  const ones = data[p + 1]! - 48;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}

/** Days of `yyyy-MM-dd`, which must be a real date; more than four digits of the year need a sign. */
export function parseIsoDate(data: Uint8Array, start: number, end: number): number {
  const day = twoDigits(data, end - 2);
  const month = twoDigits(data, end - 5);
  if (end - start < 10 || data[end - 3] !== 45 || data[end - 6] !== 45) return Number.NaN;
  let p = start;
  const sign = data[p]!;
  if (sign === 45 || sign === 43) p++;
  const yearDigits = end - 6 - p;
  if (yearDigits < 4 || yearDigits > 9 || (yearDigits > 4 !== (sign === 43) && sign !== 45)) return Number.NaN;
  let year = 0;
  for (; p < end - 6; p++) {
    const digit = data[p]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    year = year * 10 + digit;
  }
  if (sign === 45) year = -year;
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month))) return Number.NaN;
  return daysFromCivil(year, month, day);
}

/**
 * Nanoseconds of the day of `HH:mm:ss` with up to nine digits of a fraction (an integer below 2^53), or NaN.
 * `optionalSeconds`: also `HH:mm`.
 */
export function parseTimeNanos(data: Uint8Array, start: number, end: number, optionalSeconds: boolean): number {
  return timeNanos(data, start, end, optionalSeconds, 23);
}

/** The same, where `24:00:00` is the end of the day. */
export function parseDayNanos(data: Uint8Array, start: number, end: number, optionalSeconds: boolean): number {
  const nanos = timeNanos(data, start, end, optionalSeconds, 24);
  return nanos <= 86_400e9 ? nanos : Number.NaN;
}

function timeNanos(data: Uint8Array, start: number, end: number, optionalSeconds: boolean, lastHour: number): number {
  const hour = twoDigits(data, start);
  const minute = twoDigits(data, start + 3);
  if (!(hour <= lastHour && minute <= 59) || data[start + 2] !== 58 || end - start < 5) return Number.NaN;
  const minutes = hour * 60 + minute;
  if (end - start === 5) return optionalSeconds ? minutes * 60e9 : Number.NaN;
  const second = twoDigits(data, start + 6);
  if (end - start < 8 || data[start + 5] !== 58 || !(second <= 59)) return Number.NaN;
  const whole = (minutes * 60 + second) * 1e9;
  if (end - start === 8) return whole;
  const nanos = data[start + 8] === 46 ? fractionNanos(data, start + 9, end) : Number.NaN;
  return whole + nanos;
}

/** Up to nine digits as nanoseconds. */
function fractionNanos(data: Uint8Array, start: number, end: number): number {
  if (end - start > 9) return Number.NaN;
  let nanos = 0;
  let unit = 100_000_000;
  for (let p = start; p < end; p++) {
    const digit = data[p]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    nanos += digit * unit;
    unit /= 10;
  }
  return nanos;
}

/** A timestamp in Value form of the precision (epoch milliseconds, or a bigint of nanoseconds), or undefined. */
export function parseTimestamp(
  data: Uint8Array,
  start: number,
  end: number,
  style: TimestampStyle,
  precision: number,
): number | bigint | undefined {
  let stop = end;
  if (style.zone) {
    if (data[end - 1] !== 90) return undefined;
    stop--;
  }
  // Java's ISO_LOCAL_DATE_TIME, unlike the formats that Flink composes, takes `t` and no `24:00:00`.
  const isJavas = style.separator === T && !style.zone;
  const dateEnd = findSeparator(data, start, stop, style.separator, isJavas ? LOWER_T : style.separator);
  if (dateEnd < 0) return undefined;
  const days = parseIsoDate(data, start, dateEnd);
  const parse = isJavas ? parseTimeNanos : parseDayNanos;
  return combine(days, parse(data, dateEnd + 1, stop, style.optionalSeconds), precision);
}

/** Days and nanoseconds of the day in Value form; undefined when one of them is NaN. */
function combine(days: number, nanosOfDay: number, precision: number): number | bigint | undefined {
  if (Number.isNaN(days + nanosOfDay)) return undefined;
  if (precision <= 3) return days * MILLIS_PER_DAY + Math.floor(nanosOfDay / 1e6);
  return BigInt(days) * 86_400_000_000_000n + BigInt(nanosOfDay);
}

function findSeparator(data: Uint8Array, start: number, end: number, separator: number, other: number): number {
  for (let p = start + 10; p < end; p++) if (data[p] === separator || data[p] === other) return p;
  return -1;
}

/**
 * Days of a date as `java.sql.Date.valueOf` reads it: `2024-2-9`, and days up to 31 of every month run over
 * (`2023-02-30` is March 2nd).
 */
export function parseSqlDate(data: Uint8Array, start: number, end: number): number {
  let p = start;
  let year = 0;
  for (; p < start + 4; p++) {
    const digit = data[p]! - 48;
    if (p >= end || digit < 0 || digit > 9) return Number.NaN;
    year = year * 10 + digit;
  }
  if (data[p] !== 45) return Number.NaN;
  const monthStart = p + 1;
  p = monthStart;
  while (p < end && data[p] !== 45) p++;
  const month = oneOrTwoDigits(data, monthStart, p);
  const day = oneOrTwoDigits(data, p + 1, end);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31)) return Number.NaN;
  return daysFromCivil(year, month, 1) + day - 1;
}

function oneOrTwoDigits(data: Uint8Array, start: number, end: number): number {
  if (end - start === 2) return twoDigits(data, start);
  const digit = data[start]! - 48;
  return end - start === 1 && digit >= 0 && digit <= 9 ? digit : Number.NaN;
}

/** Epoch milliseconds of `yyyy-MM-dd HH:mm` at `start` (16 bytes), or NaN. */
export function parseMinute(data: Uint8Array, start: number, separator: number): number {
  if (data[start + 10] !== separator) return Number.NaN;
  return (
    parseIsoDate(data, start, start + 10) * MILLIS_PER_DAY + parseTimeNanos(data, start + 11, start + 16, true) / 1e6
  );
}
