import { daysFromCivil, daysInMonth, MILLIS_PER_DAY } from "../../types/datetime.ts";
import { isoDayOfWeek } from "./datetime-parts.ts";
import { MONTHS, shortName, WEEKDAYS } from "./time-names.ts";
import { withFixedPlaces } from "./time-parser-fixed.ts";
import { parsePattern, ZONES, type PatternItem } from "./time-pattern.ts";

/** Reads a text as a wall-clock time in milliseconds as if UTC; finer digits are cut. `undefined`: it does not fit. */
export type TimeParser = (text: string) => number | undefined;

/** Fields by pattern letter; `S` is nanoseconds. */
type Fields = Map<string, number>;

/** Reads a piece at a position; gives the position behind it, or -1. */
type Read = (text: string, at: number, fields: Fields) => number;

/** The parser of a modern pattern. Throws INVALID_ARGUMENT for a pattern that Java refuses. */
export function compileParser(pattern: string): TimeParser {
  const read = readAll(parsePattern(pattern, "modern"));
  return withFixedPlaces(pattern, "modern", (text) => {
    const fields: Fields = new Map();
    return read(text, 0, fields) === text.length ? resolve(fields) : undefined;
  });
}

function readAll(items: readonly PatternItem[]): Read {
  const reads = items.map((item, i): Read => {
    switch (item.kind) {
      case "text":
        return (text, at) => (text.startsWith(item.text, at) ? at + item.text.length : -1);
      case "optional": {
        const inner = readAll(item.items);
        return (text, at, fields) => {
          const kept = new Map(fields);
          const end = inner(text, at, fields);
          if (end >= 0) return end;
          fields.clear();
          for (const [letter, value] of kept) fields.set(letter, value);
          return at;
        };
      }
      case "field":
        return fieldReader(item.letter, item.count, reservedAfter(items, i));
    }
  });
  return (text, at, fields) => {
    let position = at;
    for (const read of reads) {
      position = read(text, position, fields);
      if (position < 0) return -1;
    }
    return position;
  };
}

/** Digits that fields of fixed width directly behind field `i` need. */
function reservedAfter(items: readonly PatternItem[], i: number): number {
  let width = 0;
  for (let k = i + 1; k < items.length; k++) {
    const item = items[k]!;
    if (item.kind !== "field" || !isFixed(item.letter, item.count)) break;
    width += item.count;
  }
  return width;
}

function isFixed(letter: string, count: number): boolean {
  if (letter === "S") return true;
  if (letter === "D") return count === 3;
  return count === 2 && "uyYMLdhHkKmswQq".includes(letter);
}

function fieldReader(letter: string, count: number, reserved: number): Read {
  switch (letter) {
    case "M":
    case "L":
      if (count > 2) return nameReader("M", MONTHS, count);
      break;
    case "E":
      return nameReader("E", WEEKDAYS, count);
    case "e":
    case "c":
      if (count > 2) return nameReader("E", WEEKDAYS, count);
      break;
    case "a":
      return wordReader("a", ["AM", "PM"]);
    case "G":
      return wordReader("G", count === 4 ? ["Before Christ", "Anno Domini"] : ["BC", "AD"]);
    case "S":
      return numberReader(count, count, reserved, (digits, fields) => fields.set("S", Number(digits.padEnd(9, "0"))));
    case "u":
    case "y":
      if (count === 2) return numberReader(2, 2, reserved, (digits, fields) => fields.set("y", 2000 + Number(digits)));
      return yearReader(count, reserved);
  }
  if (ZONES.includes(letter)) return zoneReader(letter, count);
  const [least, most] = isFixed(letter, count) ? [count, count] : [count, letter === "D" ? 3 : 19];
  const name = letter === "L" ? "M" : letter;
  return numberReader(least, most, reserved, (digits, fields) => fields.set(name, Number(digits)));
}

function digitsFrom(text: string, at: number, most: number): number {
  let end = at;
  while (end < text.length && end - at < most && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

function numberReader(
  least: number,
  most: number,
  reserved: number,
  set: (digits: string, fields: Fields) => void,
): Read {
  return (text, at, fields) => {
    let end = digitsFrom(text, at, most + reserved);
    end = Math.min(Math.max(end - reserved, at + least), at + most, end);
    if (end - at < least) return -1;
    set(text.slice(at, end), fields);
    return end;
  };
}

/** `yyyy` takes four digits; more only behind a plus sign. */
function yearReader(count: number, reserved: number): Read {
  return (text, at, fields) => {
    const signed = count >= 4 && text.charAt(at) === "+";
    const negative = text.charAt(at) === "-";
    const start = signed || negative ? at + 1 : at;
    let end = digitsFrom(text, start, 19 + reserved);
    end = Math.min(Math.max(end - reserved, start + count), end);
    const width = end - start;
    if (width < count || (count >= 4 && !negative && signed !== width > count)) return -1;
    fields.set("y", Number(text.slice(start, end)) * (negative ? -1 : 1));
    return end;
  };
}

function nameReader(letter: string, names: readonly string[], count: number): Read {
  return wordReader(
    letter,
    names.map((name) => (count === 4 ? name : shortName(name))),
    1,
  );
}

/** Sets the index of the word, counted from `first`. */
function wordReader(letter: string, words: readonly string[], first = 0): Read {
  return (text, at, fields) => {
    const index = words.findIndex((word) => text.startsWith(word, at));
    if (index < 0) return -1;
    fields.set(letter, index + first);
    return at + words[index]!.length;
  };
}

/** Reads a zone or an offset, which changes nothing. */
function zoneReader(letter: string, count: number): Read {
  const offset = count < 2 ? "[+-]\\d{2}(?:\\d{2})?" : count === 3 || count === 5 ? "[+-]\\d{2}:\\d{2}" : "[+-]\\d{4}";
  const source = { X: `Z|${offset}`, x: offset, Z: count === 5 ? "Z|[+-]\\d{2}:\\d{2}" : "[+-]\\d{4}" }[letter];
  const pattern = new RegExp(source ?? "[A-Za-z][A-Za-z0-9_/+:-]*|[+-]\\d{1,2}:?\\d{2}", "y");
  return (text, at) => {
    pattern.lastIndex = at;
    return pattern.test(text) ? pattern.lastIndex : -1;
  };
}

/** What is missing is that of 1970-01-01 00:00:00. */
function resolve(fields: Fields): number | undefined {
  const days = resolveDay(fields);
  const time = resolveTime(fields);
  const weekday = fields.get("E");
  if (days !== undefined && weekday !== undefined && isoDayOfWeek(days) !== weekday) return undefined;
  return days === undefined || time === undefined ? undefined : days * MILLIS_PER_DAY + time;
}

function resolveDay(fields: Fields): number | undefined {
  const written = fields.get("y");
  const year = written === undefined ? 1970 : fields.get("G") === 0 ? 1 - written : written;
  const dayOfYear = fields.get("D");
  if (dayOfYear !== undefined && written !== undefined && !fields.has("M")) {
    const days = daysFromCivil(year, 1, 1) + dayOfYear - 1;
    return dayOfYear >= 1 && days < daysFromCivil(year + 1, 1, 1) ? days : undefined;
  }
  const month = fields.get("M") ?? 1;
  const day = fields.get("d") ?? 1;
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysFromCivil(year, month, day);
}

const MOST: readonly (readonly [letter: string, least: number, most: number])[] = [
  ["H", 0, 24],
  ["k", 1, 24],
  ["K", 0, 11],
  ["h", 1, 12],
  ["m", 0, 59],
  ["s", 0, 59],
];

function resolveTime(fields: Fields): number | undefined {
  for (const [letter, least, most] of MOST) {
    const value = fields.get(letter);
    if (value !== undefined && (value < least || value > most)) return undefined;
  }
  const half = fields.get("a");
  const hourOfHalf = fields.has("h") ? fields.get("h")! % 12 : fields.get("K");
  const hour =
    fields.get("H") ??
    (fields.has("k") ? fields.get("k")! % 24 : undefined) ??
    (half === undefined || hourOfHalf === undefined ? 0 : half * 12 + hourOfHalf);
  const millisOfDay = fields.get("A");
  if (millisOfDay !== undefined) return millisOfDay < MILLIS_PER_DAY ? millisOfDay : undefined;
  const nanos = fields.get("S") ?? fields.get("n") ?? 0;
  const rest = ((fields.get("m") ?? 0) * 60 + (fields.get("s") ?? 0)) * 1000 + Math.floor(nanos / 1_000_000);
  // 24:00 is midnight at the end of the day.
  return hour === 24 && rest > 0 ? undefined : hour * 3_600_000 + rest;
}
