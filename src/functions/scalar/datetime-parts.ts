import { civilFromDays, daysFromCivil, MILLIS_PER_DAY } from "../../types/datetime.ts";

/** Day of the week of days since 1970-01-01: Monday is 1, Sunday 7. */
export function isoDayOfWeek(days: number): number {
  return ((((days + 3) % 7) + 7) % 7) + 1;
}

/** The ISO 8601 week of days since 1970-01-01 and the year that the week belongs to. */
export function isoWeek(days: number): { readonly week: number; readonly year: number } {
  const thursday = days - isoDayOfWeek(days) + 4;
  const { year } = civilFromDays(thursday);
  return { week: Math.floor((thursday - daysFromCivil(year, 1, 1)) / 7) + 1, year };
}

/** Days since 1970-01-01 of epoch milliseconds. */
export function dayOfMillis(epochMillis: number): number {
  return Math.floor(epochMillis / MILLIS_PER_DAY);
}

/** Units of a day and larger, which EXTRACT reads from the day. */
export const DATE_UNITS: ReadonlyMap<string, (days: number) => number> = new Map<string, (days: number) => number>([
  ["YEAR", (days) => civilFromDays(days).year],
  ["QUARTER", (days) => Math.floor((civilFromDays(days).month + 2) / 3)],
  ["MONTH", (days) => civilFromDays(days).month],
  ["WEEK", (days) => isoWeek(days).week],
  ["DAY", (days) => civilFromDays(days).day],
  ["DOY", (days) => days - daysFromCivil(civilFromDays(days).year, 1, 1) + 1],
  ["DOW", (days) => (isoDayOfWeek(days) % 7) + 1],
  ["ISODOW", isoDayOfWeek],
  ["ISOYEAR", (days) => isoWeek(days).year],
  ["DECADE", (days) => Math.trunc(civilFromDays(days).year / 10)],
  ["CENTURY", (days) => centuryOf(civilFromDays(days).year, 100)],
  ["MILLENNIUM", (days) => centuryOf(civilFromDays(days).year, 1000)],
]);

function centuryOf(year: number, length: number): number {
  return year > 0 ? Math.trunc((year + length - 1) / length) : Math.trunc((year - length + 1) / length);
}

/** Units within a day: the milliseconds of one, and how many there are in the next larger unit. */
export const TIME_UNITS: ReadonlyMap<string, readonly [millis: number, count: number]> = new Map<
  string,
  readonly [number, number]
>([
  ["HOUR", [3_600_000, 24]],
  ["MINUTE", [60_000, 60]],
  ["SECOND", [1000, 60]],
  ["MILLISECOND", [1, 1000]],
]);
