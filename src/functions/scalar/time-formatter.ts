import { SqlError } from "../../base/errors.ts";
import { civilFromDays, daysFromCivil, MILLIS_PER_DAY } from "../../types/datetime.ts";
import { offsetMillisAt } from "../../types/timezone.ts";
import { isoDayOfWeek } from "./datetime-parts.ts";
import { MONTHS, shortName, WEEKDAYS } from "./time-names.ts";
import { parsePattern, ZONES, type Dialect, type PatternItem } from "./time-pattern.ts";

/** What fields are written from: a wall-clock time, taken apart. */
interface Moment {
  readonly days: number;
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly millisOfDay: number;
  /** Nanoseconds of the millisecond. */
  readonly nanos: number;
  readonly offsetMillis: number;
}

type Write = (moment: Moment) => string;

/** Writes a wall-clock time (milliseconds as if UTC, nanoseconds of the millisecond, offset of the zone) as text. */
export type TimeFormatter = (localMillis: number, nanos?: number, offsetMillis?: number) => string;

/** Rows of a stream are close in time: the text of the last unit (day, minute …) that the pattern can tell is kept. */
export function compileFormatter(pattern: string, dialect: Dialect, zone = "UTC"): TimeFormatter {
  const items = parsePattern(pattern, dialect);
  const write = writeAll(items, dialect, zone);
  const unitMillis = finestUnit(items);
  if (unitMillis === 0) {
    return (localMillis, nanos = 0, offsetMillis = 0) => write(momentOf(localMillis, nanos, offsetMillis));
  }
  let last = Number.NaN;
  let lastOffset = 0;
  let text = "";
  return (localMillis, _, offsetMillis = 0) => {
    const unit = Math.floor(localMillis / unitMillis);
    if (unit !== last || offsetMillis !== lastOffset) {
      text = write(momentOf(localMillis, 0, offsetMillis));
      last = unit;
      lastOffset = offsetMillis;
    }
    return text;
  };
}

/** The same for an instant in a zone. */
export function compileZonedFormatter(
  pattern: string,
  dialect: Dialect,
  zone: string,
): (epochMillis: number, nanos?: number) => string {
  const format = compileFormatter(pattern, dialect, zone);
  if (zone === "UTC") return format;
  return (epochMillis, nanos) => {
    const offset = offsetMillisAt(zone, epochMillis);
    return format(epochMillis + offset, nanos, offset);
  };
}

function momentOf(localMillis: number, nanos: number, offsetMillis: number): Moment {
  const days = Math.floor(localMillis / MILLIS_PER_DAY);
  return { days, ...civilFromDays(days), millisOfDay: localMillis - days * MILLIS_PER_DAY, nanos, offsetMillis };
}

const UNITS: Readonly<Record<string, number>> = {
  h: 3_600_000,
  H: 3_600_000,
  k: 3_600_000,
  K: 3_600_000,
  a: 3_600_000,
  m: 60_000,
  s: 1000,
  S: 1,
  A: 1,
};

/** The smallest unit that changes the text, in milliseconds; 0 when it is smaller than that. */
function finestUnit(items: readonly PatternItem[]): number {
  let finest = MILLIS_PER_DAY;
  for (const item of items) {
    if (item.kind === "optional") finest = Math.min(finest, finestUnit(item.items));
    if (item.kind !== "field") continue;
    const belowMillis = item.letter === "n" || item.letter === "N" || (item.letter === "S" && item.count > 3);
    finest = Math.min(finest, belowMillis ? 0 : (UNITS[item.letter] ?? MILLIS_PER_DAY));
  }
  return finest;
}

function writeAll(items: readonly PatternItem[], dialect: Dialect, zone: string): Write {
  const writers = items.map((item): Write => {
    switch (item.kind) {
      case "text":
        return () => item.text;
      case "optional":
        return writeAll(item.items, dialect, zone);
      case "field": {
        const write =
          dialect === "modern" ? modernField(item.letter, item.count) : legacyField(item.letter, item.count, zone);
        return item.padTo === 0 ? write : (moment) => write(moment).padStart(item.padTo, " ");
      }
    }
  });
  return (moment) => {
    let text = "";
    for (const write of writers) text += write(moment);
    return text;
  };
}

function padded(value: number, width: number): string {
  const digits = String(Math.abs(value)).padStart(width, "0");
  return value < 0 ? `-${digits}` : digits;
}

/** Fields that both dialects write as numbers. */
const NUMBERS: Readonly<Record<string, (moment: Moment) => number>> = {
  M: (moment) => moment.month,
  L: (moment) => moment.month,
  d: (moment) => moment.day,
  D: (moment) => moment.days - daysFromCivil(moment.year, 1, 1) + 1,
  H: hourOf,
  k: (moment) => hourOf(moment) || 24,
  K: (moment) => hourOf(moment) % 12,
  h: (moment) => hourOf(moment) % 12 || 12,
  m: (moment) => Math.floor(moment.millisOfDay / 60_000) % 60,
  s: (moment) => Math.floor(moment.millisOfDay / 1000) % 60,
  w: (moment) => localWeek(moment).week,
  W: (moment) => Math.ceil((moment.day + (isoDayOfWeek(moment.days - moment.day + 1) % 7)) / 7),
  A: (moment) => moment.millisOfDay,
  N: (moment) => moment.millisOfDay * 1_000_000 + moment.nanos,
  n: (moment) => (moment.millisOfDay % 1000) * 1_000_000 + moment.nanos,
  Q: quarterOf,
  q: quarterOf,
};

function hourOf(moment: Moment): number {
  return Math.floor(moment.millisOfDay / 3_600_000);
}

function quarterOf(moment: Moment): number {
  return Math.floor((moment.month + 2) / 3);
}

/** Weeks begin on Sunday; week 1 has January 1. */
function localWeek(moment: Moment): { readonly year: number; readonly week: number } {
  const sunday = moment.days - (isoDayOfWeek(moment.days) % 7);
  const year = civilFromDays(sunday + 6).year;
  const first = daysFromCivil(year, 1, 1);
  const firstSunday = first - (isoDayOfWeek(first) % 7);
  return { year, week: (sunday - firstSunday) / 7 + 1 };
}

function nameOf(names: readonly string[], index: number, count: number): string {
  const name = names[index]!;
  return count === 4 ? name : count === 5 ? name.charAt(0) : shortName(name);
}

function modernField(letter: string, count: number): Write {
  const weekday = (moment: Moment): number => isoDayOfWeek(moment.days);
  switch (letter) {
    case "u":
      return (moment) => modernYear(moment.year, count);
    case "y":
      return (moment) => modernYear(moment.year > 0 ? moment.year : 1 - moment.year, count);
    case "Y":
      return (moment) => modernYear(localWeek(moment).year, count);
    case "G":
      return (moment) => eraOf(moment.year, count);
    case "M":
    case "L":
      if (count > 2) return (moment) => nameOf(MONTHS, moment.month - 1, count);
      break;
    case "Q":
    case "q":
      if (count > 2) return (moment) => quarterName(quarterOf(moment), count);
      break;
    case "e":
    case "c":
      if (count < 3) return (moment) => padded((weekday(moment) % 7) + 1, count);
      return (moment) => nameOf(WEEKDAYS, weekday(moment) - 1, count);
    case "E":
      return (moment) => nameOf(WEEKDAYS, weekday(moment) - 1, count);
    case "F":
      return (moment) => String(((moment.day - 1) % 7) + 1);
    case "a":
      return amPm;
    case "S":
      return (moment) => padded(NUMBERS["n"]!(moment), 9).slice(0, count);
  }
  if (ZONES.includes(letter))
    throw new SqlError("INVALID_ARGUMENT", `A timestamp has no zone (pattern letter ${letter})`);
  const number = NUMBERS[letter]!;
  return (moment) => padded(number(moment), count);
}

function modernYear(year: number, count: number): string {
  if (count === 2) return padded(Math.abs(year) % 100, 2);
  const sign = count >= 4 && String(year).length > count && year > 0 ? "+" : "";
  return sign + padded(year, count);
}

function eraOf(year: number, count: number): string {
  if (count === 4) return year > 0 ? "Anno Domini" : "Before Christ";
  if (count === 5) return year > 0 ? "A" : "B";
  return year > 0 ? "AD" : "BC";
}

function quarterName(quarter: number, count: number): string {
  if (count === 5) return String(quarter);
  return count === 3 ? `Q${quarter}` : ["1st quarter", "2nd quarter", "3rd quarter", "4th quarter"][quarter - 1]!;
}

function amPm(moment: Moment): string {
  return hourOf(moment) < 12 ? "AM" : "PM";
}

function legacyField(letter: string, count: number, zone: string): Write {
  const weekday = (moment: Moment): number => isoDayOfWeek(moment.days);
  switch (letter) {
    case "y":
      return (moment) => legacyYear(moment.year > 0 ? moment.year : 1 - moment.year, count);
    case "Y":
      return (moment) => legacyYear(localWeek(moment).year, count);
    case "G":
      return (moment) => eraOf(moment.year, 1);
    case "M":
    case "L":
      if (count > 2) return (moment) => nameOf(MONTHS, moment.month - 1, count > 3 ? 4 : 3);
      break;
    case "E":
      return (moment) => nameOf(WEEKDAYS, weekday(moment) - 1, count > 3 ? 4 : 3);
    case "u":
      return (moment) => padded(weekday(moment), count);
    case "F":
      return (moment) => padded(Math.floor((moment.day - 1) / 7) + 1, count);
    case "a":
      return amPm;
    case "S":
      return (moment) => padded(moment.millisOfDay % 1000, count);
    case "Z":
      return (moment) => offsetText(moment.offsetMillis, "");
    case "X":
      return (moment) => isoOffset(moment.offsetMillis, count);
    case "z":
      if (zone === "UTC" || zone === "GMT") return () => zone;
      throw new SqlError("UNSUPPORTED", `Pattern letter z with the zone ${zone} is not supported`, {
        hint: "use X or Z",
      });
  }
  const number = NUMBERS[letter]!;
  return (moment) => padded(number(moment), count);
}

function legacyYear(year: number, count: number): string {
  return count === 2 ? padded(year % 100, 2) : padded(year, count);
}

function offsetText(offsetMillis: number, separator: string): string {
  const minutes = Math.floor(Math.abs(offsetMillis) / 60_000);
  return `${offsetMillis < 0 ? "-" : "+"}${padded(Math.floor(minutes / 60), 2)}${separator}${padded(minutes % 60, 2)}`;
}

function isoOffset(offsetMillis: number, count: number): string {
  if (offsetMillis === 0) return "Z";
  return count === 1 ? offsetText(offsetMillis, "").slice(0, 3) : offsetText(offsetMillis, count === 3 ? ":" : "");
}
