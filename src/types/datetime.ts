/** Length of a day in milliseconds. */
export const MILLIS_PER_DAY = 86_400_000;

const NANOS_PER_MILLI = 1_000_000n;

/** A day of the proleptic Gregorian calendar; month and day count from 1. */
export interface CivilDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Days since 1970-01-01 of a civil date (H. Hinnant's algorithm). The date is not validated. */
export function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The civil date of days since 1970-01-01. */
export function civilFromDays(days: number): CivilDate {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1;
  const month = shifted < 10 ? shifted + 3 : shifted - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** 28 … 31. */
export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Days plus calendar months; the day is cut to the length of the month (January 31 + 1 month = end of February). */
export function addMonths(days: number, months: number): number {
  const { year, month, day } = civilFromDays(days);
  const total = year * 12 + (month - 1) + months;
  const newYear = Math.floor(total / 12);
  const newMonth = total - newYear * 12 + 1;
  return daysFromCivil(newYear, newMonth, Math.min(day, daysInMonth(newYear, newMonth)));
}

/** Whole months from `from` to `to` (both days): the largest n ≥ 0 with `from` plus n months ≤ `to`, mirrored when `to` is before. */
export function monthsBetween(from: number, to: number): number {
  if (to < from) return 0 - monthsBetween(to, from);
  let months = Math.floor((to - from) / 31);
  for (;;) {
    const day = addMonths(from, months);
    if (day >= to || addMonths(from, months + 1) > to) return months;
    months += 1;
  }
}

/** The same for timestamps in milliseconds: the time of day counts when the days match. */
export function monthsBetweenMillis(from: number, to: number): number {
  const fromDay = Math.floor(from / MILLIS_PER_DAY);
  const toDay = Math.floor(to / MILLIS_PER_DAY);
  const months = monthsBetween(fromDay, toDay);
  const short = addMonths(fromDay, months) === toDay && to - toDay * MILLIS_PER_DAY < from - fromDay * MILLIS_PER_DAY;
  return short ? months - 1 : months;
}

/**
 * Days of a date text as CAST reads it: `2024-02-29`, `2024-2-9`, `2024-02`, `2024`, also the date in front of a
 * blank (`2024-02-29 13:14:15`). `undefined`: no such date.
 */
export function parseDate(text: string): number | undefined {
  const blank = text.indexOf(" ");
  const match = DATE.exec(blank > 0 ? text.slice(0, blank) : text.trim());
  if (match === null) return undefined;
  const year = Number(match[1]);
  const month = match[2] === undefined ? 1 : Number(match[2]);
  const day = match[3] === undefined ? 1 : Number(match[3]);
  return isDate(year, month, day) ? daysFromCivil(year, month, day) : undefined;
}

/** Milliseconds of the day of `13:14:15.678`, `13:14:15`, `13:14`, `13`; further digits of the fraction are cut. */
export function parseTime(text: string): number | undefined {
  const match = TIME.exec(text.trim());
  if (match === null) return undefined;
  const hour = Number(match[1]);
  const minute = Number(match[2] ?? 0);
  const second = Number(match[3] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  return ((hour * 60 + minute) * 60 + second) * 1000 + Number((match[4] ?? "").slice(0, 3).padEnd(3, "0"));
}

/**
 * `2024-02-29`, `2024-02-29 1:2:3`, `2024-02-29 13:14:15.123456789` in Value form (precision ≤ 3: number of
 * milliseconds, else bigint of nanoseconds); digits beyond the precision are cut. `undefined`: no such time.
 */
export function parseTimestamp(text: string, precision: number): number | bigint | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  const hour = Number(match[4] ?? 0);
  const minute = Number(match[5] ?? 0);
  const second = Number(match[6] ?? 0);
  if (!isDate(year, month, day) || hour > 24 || minute > 59 || second > 59) return undefined;
  const nanos = Number((match[7] ?? "").slice(0, precision).padEnd(9, "0"));
  // 24:00:00 is midnight at the end of the day.
  if (hour === 24 && (minute > 0 || second > 0 || nanos > 0)) return undefined;
  const millis = daysFromCivil(year, month, day) * MILLIS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000;
  if (precision <= 3) return millis + Math.floor(nanos / 1_000_000);
  return BigInt(millis) * NANOS_PER_MILLI + BigInt(nanos);
}

/** `2024-02-29`. */
export function formatDate(days: number): string {
  const { year, month, day } = civilFromDays(days);
  return `${pad4(year)}-${pad2(month)}-${pad2(day)}`;
}

/** `13:14:15`, with `precision` digits of the second (more than 3 digits are zeros). */
export function formatTime(millis: number, precision: number): string {
  const seconds = Math.floor(millis / 1000);
  const base = `${pad2(Math.floor(seconds / 3600))}:${pad2(Math.floor(seconds / 60) % 60)}:${pad2(seconds % 60)}`;
  if (precision === 0) return base;
  return `${base}.${String(millis - seconds * 1000)
    .padStart(3, "0")
    .padEnd(precision, "0")
    .slice(0, precision)}`;
}

/** `2024-01-02 03:04:05.600` with exactly `precision` digits; the value is in the form of that precision. */
export function formatTimestamp(value: number | bigint, precision: number): string {
  const { days, millis, nanos } = splitTimestamp(value);
  const base = `${formatDate(days)} ${formatTime(millis, 0)}`;
  if (precision === 0) return base;
  const fraction = (millis % 1000) * 1_000_000 + nanos;
  return `${base}.${String(fraction).padStart(9, "0").slice(0, precision)}`;
}

/** A timestamp in either Value form as day, milliseconds of the day, and nanoseconds of the millisecond. */
export function splitTimestamp(value: number | bigint): { days: number; millis: number; nanos: number } {
  const epochMillis = millisOfTimestamp(value);
  const days = Math.floor(epochMillis / MILLIS_PER_DAY);
  const nanos = typeof value === "bigint" ? Number(value - BigInt(epochMillis) * NANOS_PER_MILLI) : 0;
  return { days, millis: epochMillis - days * MILLIS_PER_DAY, nanos };
}

/** Epoch milliseconds (floor) of a timestamp in either Value form. */
export function millisOfTimestamp(value: number | bigint): number {
  if (typeof value === "number") return value;
  const quotient = value / NANOS_PER_MILLI;
  return Number(value < 0n && quotient * NANOS_PER_MILLI !== value ? quotient - 1n : quotient);
}

/** Changes the precision of a timestamp and its Value form; digits are cut (floor), never rounded. */
export function toTimestampPrecision(value: number | bigint, from: number, to: number): number | bigint {
  if (to <= 3) {
    const millis = millisOfTimestamp(value);
    const step = 10 ** (3 - to);
    return to >= from || step === 1 ? millis : Math.floor(millis / step) * step;
  }
  const nanos = typeof value === "bigint" ? value : BigInt(value) * NANOS_PER_MILLI;
  if (to >= from) return nanos;
  const step = 10n ** BigInt(9 - to);
  const rest = nanos % step;
  return nanos - (rest < 0n ? rest + step : rest);
}

const DATE = /^\+?(\d{1,4})(?:- *(\d{1,2}) *(?:- *(\d{1,2}) *)?)?$/;
const TIME = /^(\d{1,2})(?: *: *(\d{1,2})(?: *: *(\d{1,2})(?:\.(\d*))?)?)?$/;
const TIMESTAMP = /^(\d{4})-(\d{1,2})-(\d{1,2})(?: (\d{1,2}):(\d{1,2}):(\d{1,2})(?:\.(\d{0,9}))?)?$/;

function isDate(year: number, month: number, day: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
}

function pad2(n: number): string {
  return n < 10 ? `0${n}` : String(n);
}

function pad4(n: number): string {
  if (n < 0) return `-${pad4(-n)}`;
  return n >= 1000 ? String(n) : String(n).padStart(4, "0");
}
