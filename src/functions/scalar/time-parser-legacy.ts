import { daysFromCivil, MILLIS_PER_DAY } from "../../types/datetime.ts";
import { localToInstant, offsetMillisAt } from "../../types/timezone.ts";
import { isoDayOfWeek } from "./datetime-parts.ts";
import { MONTHS, shortName, WEEKDAYS } from "./time-names.ts";
import { parsePattern, type PatternItem } from "./time-pattern.ts";
import { withFixedPlaces } from "./time-parser-fixed.ts";
import type { TimeParser } from "./time-parser.ts";

/** Two digits of a year are of the 80 years before or the 20 years after the year this was written for. */
const CENTURY_START = 1946;

/**
 * The parser of a legacy pattern: numbers may be shorter or longer than written, too large ones run over into the next
 * unit, text behind is ignored. Throws INVALID_ARGUMENT for a pattern that Java refuses.
 */
export function compileLegacyParser(pattern: string): TimeParser {
  const items = parsePattern(pattern, "legacy");
  return withFixedPlaces(pattern, "legacy", (text) => {
    const fields = new Map<string, number>();
    let at = 0;
    for (const [i, item] of items.entries()) {
      at = item.kind === "field" ? readField(item, items[i + 1], text, at, fields) : readText(item, text, at);
      if (at < 0) return undefined;
    }
    return resolve(fields);
  });
}

/** The parser of a legacy pattern that gives instants: a text without an offset of its own is a time in the zone. */
export function compileLegacyInstantParser(pattern: string, zone: string): TimeParser {
  const parse = compileLegacyParser(pattern);
  if (parsePattern(pattern, "legacy").some((item) => item.kind === "field" && OFFSETS.includes(item.letter)))
    return parse;
  return (text) => {
    const local = parse(text);
    return local === undefined ? undefined : legacyInstant(zone, local);
  };
}

const OFFSETS = "zZX";

/** The instant of a wall-clock time as Java's calendar has it: the later one of two. */
export function legacyInstant(zone: string, localMillis: number): number {
  const after = offsetMillisAt(zone, localMillis + MILLIS_PER_DAY);
  if (offsetMillisAt(zone, localMillis - after) === after) return localMillis - after;
  return localToInstant(zone, localMillis);
}

function readText(item: PatternItem, text: string, at: number): number {
  return item.kind === "text" && text.startsWith(item.text, at) ? at + item.text.length : -1;
}

function isNumber(item: PatternItem | undefined): boolean {
  if (item?.kind !== "field") return false;
  return item.letter === "M" || item.letter === "L" ? item.count < 3 : "yYwWDdFuHkKhmsS".includes(item.letter);
}

type Field = Extract<PatternItem, { kind: "field" }>;

function readField(
  item: Field,
  next: PatternItem | undefined,
  text: string,
  at: number,
  fields: Map<string, number>,
): number {
  let start = at;
  while (text.charAt(start) === " " || text.charAt(start) === "\t") start += 1;
  if (!isNumber(item)) return readWord(item.letter, text, start, fields);
  const negative = text.charAt(start) === "-";
  const first = negative ? start + 1 : start;
  const most = isNumber(next) ? item.count - (negative ? 1 : 0) : Infinity;
  let end = first;
  while (end - first < most && isDigit(text.charCodeAt(end))) end += 1;
  if (end === first) return -1;
  let value = Number(text.slice(first, end)) * (negative ? -1 : 1);
  if (item.letter === "y" && item.count <= 2 && end - first === 2 && !negative) {
    value += Math.floor(CENTURY_START / 100) * 100;
    if (value < CENTURY_START) value += 100;
  }
  fields.set(item.letter === "L" ? "M" : item.letter, value);
  return end;
}

function isDigit(unit: number): boolean {
  return unit >= 48 && unit <= 57;
}

const WORDS: Readonly<Record<string, readonly string[]>> = {
  M: MONTHS,
  L: MONTHS,
  E: WEEKDAYS,
  a: ["AM", "PM"],
  G: ["BC", "AD"],
};

function readWord(letter: string, text: string, at: number, fields: Map<string, number>): number {
  if (OFFSETS.includes(letter)) return readOffset(text, at, fields);
  for (const [index, name] of WORDS[letter]!.entries()) {
    for (const word of [name, shortName(name)]) {
      if (text.slice(at, at + word.length).toLowerCase() !== word.toLowerCase()) continue;
      fields.set(letter === "L" ? "M" : letter, letter === "M" || letter === "L" ? index + 1 : index);
      return at + word.length;
    }
  }
  return -1;
}

/** Minutes east of UTC under `Z`. */
function readOffset(text: string, at: number, fields: Map<string, number>): number {
  const match = /^(?:(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})?|Z|GMT|UTC)/.exec(text.slice(at));
  if (match === null) return -1;
  const minutes = Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
  fields.set("Z", match[1] === "-" ? -minutes : minutes);
  return at + match[0].length;
}

/** Weeks begin on Sunday; week 1 has January 1. Without a weekday it is the Sunday. */
function dayOfWeekYear(fields: Map<string, number>): number | undefined {
  const [year, week] = [fields.get("Y"), fields.get("w")];
  if (year === undefined || week === undefined || fields.has("M") || fields.has("d")) return undefined;
  const first = daysFromCivil(year, 1, 1);
  const weekday = fields.get("u") ?? (fields.get("E") ?? -1) + 1;
  return first - (isoDayOfWeek(first) % 7) + (week - 1) * 7 + (weekday % 7);
}

/** A text with an offset of its own is converted to UTC. */
function resolve(fields: Map<string, number>): number {
  const written = fields.get("y") ?? 1970;
  const year = fields.get("G") === 0 ? 1 - written : written;
  const month = (fields.get("M") ?? 1) - 1;
  const start = daysFromCivil(year + Math.floor(month / 12), (((month % 12) + 12) % 12) + 1, 1);
  const dayOfYear = fields.has("D") && !fields.has("M") && !fields.has("d") ? fields.get("D") : undefined;
  const days =
    dayOfWeekYear(fields) ??
    (dayOfYear === undefined ? start + (fields.get("d") ?? 1) - 1 : daysFromCivil(year, 1, 1) + dayOfYear - 1);
  const half = fields.get("a") ?? 0;
  const hourOfHalf = fields.has("h") ? fields.get("h")! % 12 : fields.get("K");
  const whole = fields.get("H") ?? (fields.has("k") ? fields.get("k")! % 24 : undefined);
  const hour = whole ?? (hourOfHalf === undefined ? half * 12 : half * 12 + hourOfHalf);
  const minutes = hour * 60 + (fields.get("m") ?? 0) - (fields.get("Z") ?? 0);
  return days * MILLIS_PER_DAY + (minutes * 60 + (fields.get("s") ?? 0)) * 1000 + (fields.get("S") ?? 0);
}
