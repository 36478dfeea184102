import { daysFromCivil, daysInMonth, MILLIS_PER_DAY } from "../../types/datetime.ts";
import type { TimeParser } from "./time-parser.ts";
import { parsePattern, type Dialect, type PatternItem } from "./time-pattern.ts";

/** Where the digits of a field stand; width 0: the pattern does not have it. */
interface Place {
  readonly at: number;
  readonly width: number;
}

/** Widths that mean the same in both dialects. */
const WIDTHS: Readonly<Record<string, number>> = { y: 4, u: 4, M: 2, d: 2, H: 2, m: 2, s: 2, S: 3 };

/**
 * A fast reading of patterns whose fields all have their place, such as `yyyy-MM-dd HH:mm:ss`: `slow` is asked about
 * every text that does not look like that, or holds no such date.
 */
export function withFixedPlaces(pattern: string, dialect: Dialect, slow: TimeParser): TimeParser {
  const items = parsePattern(pattern, dialect);
  const places = new Map<string, Place>();
  const marks: (readonly [at: number, unit: number])[] = [];
  const length = layOut(items, dialect, places, marks);
  if (length < 0) return slow;
  const place = (letter: string): Place => places.get(letter) ?? { at: 0, width: 0 };
  const [year, month, day] = [place("y"), place("M"), place("d")];
  const [hour, minute, second, millis] = [place("H"), place("m"), place("s"), place("S")];
  return (text) => {
    if (text.length !== length) return slow(text);
    for (const [at, unit] of marks) if (text.charCodeAt(at) !== unit) return slow(text);
    const y = digits(text, year, 1970);
    const mo = digits(text, month, 1);
    const d = digits(text, day, 1);
    const h = digits(text, hour, 0);
    const mi = digits(text, minute, 0);
    const s = digits(text, second, 0);
    const ms = digits(text, millis, 0);
    if (y < 0 || mo < 1 || mo > 12 || d < 1 || d > daysInMonth(y, mo) || h < 0 || h > 23) return slow(text);
    if (mi < 0 || mi > 59 || s < 0 || s > 59 || ms < 0) return slow(text);
    return daysFromCivil(y, mo, d) * MILLIS_PER_DAY + ((h * 60 + mi) * 60 + s) * 1000 + ms;
  };
}

/** Gives each field its place; the length of a text, or -1 when the pattern has fields without a fixed width. */
function layOut(
  items: readonly PatternItem[],
  dialect: Dialect,
  places: Map<string, Place>,
  marks: (readonly [at: number, unit: number])[],
): number {
  let at = 0;
  for (const item of items) {
    if (item.kind === "optional") return -1;
    if (item.kind === "text") {
      for (let i = 0; i < item.text.length; i++) marks.push([at++, item.text.charCodeAt(i)]);
      continue;
    }
    const { letter, count, padTo } = item;
    // `u` is the day of the week in the legacy dialect.
    if (WIDTHS[letter] !== count || padTo > 0 || (letter === "u" && dialect === "legacy")) return -1;
    const name = letter === "u" ? "y" : letter;
    if (places.has(name)) return -1;
    places.set(name, { at, width: count });
    at += count;
  }
  return at;
}

/** The number at a place; -1 when there is something else than digits. */
function digits(text: string, place: Place, absent: number): number {
  if (place.width === 0) return absent;
  let value = 0;
  for (let i = place.at, end = place.at + place.width; i < end; i++) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}
