import { invalidOption } from "../../base/options.ts";
import { daysFromCivil, MILLIS_PER_DAY } from "../../types/datetime.ts";
import type { PartitionTexts } from "./partition-value.ts";

const FIELDS = {
  y: "year",
  u: "year",
  M: "month",
  d: "day",
  H: "hour",
  m: "minute",
  s: "second",
  S: "fraction",
} as const;

type FieldName = (typeof FIELDS)[keyof typeof FIELDS];

/** Reads texts in a pattern of Java's DateTimeFormatter (letters y u M d H m s S, quoted and plain literals). */
export interface TimePattern {
  /** Milliseconds of the wall clock as if UTC; undefined when the text does not fit. */
  parse(text: string): number | undefined;
}

/** Throws OPTION_INVALID (for option `option`) when the pattern has a letter that is not understood. */
export function timePattern(pattern: string, option: string): TimePattern {
  const names: FieldName[] = [];
  let source = "";
  for (let i = 0; i < pattern.length;) {
    const c = pattern.charAt(i);
    if (c === "'") {
      const end = pattern.indexOf("'", i + 1);
      if (end < 0) throw invalidOption(option, pattern, "a date pattern whose quotes are closed");
      source += quote(end === i + 1 ? "'" : pattern.slice(i + 1, end));
      i = end + 1;
    } else if (/[A-Za-z]/.test(c)) {
      let width = 1;
      while (pattern.charAt(i + width) === c) width += 1;
      if (!isField(c)) throw invalidOption(option, pattern, `a date pattern of the letters y M d H m s S, not '${c}'`);
      names.push(FIELDS[c]);
      // Next to each other, fields have exactly their width (yyyyMMdd); a single letter takes any number of digits.
      source += width === 1 ? "(\\d+)" : `(\\d{${width}})`;
      i += width;
    } else {
      source += quote(c);
      i += 1;
    }
  }
  const regex = new RegExp(`^${source}$`, "u");
  return { parse: (text) => build(regex.exec(text), names) };
}

function isField(letter: string): letter is keyof typeof FIELDS {
  return letter in FIELDS;
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function build(match: RegExpExecArray | null, names: readonly FieldName[]): number | undefined {
  if (match === null) return undefined;
  const found: Partial<Record<FieldName, number>> = {};
  names.forEach((name, i) => {
    const digits = match[i + 1] ?? "";
    found[name] = name === "fraction" ? Number(digits.slice(0, 3).padEnd(3, "0")) : Number(digits);
  });
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0, fraction = 0 } = found;
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 23 || minute > 59 || second > 59) return undefined;
  return daysFromCivil(year, month, day) * MILLIS_PER_DAY + ((hour * 60 + minute) * 60 + second) * 1000 + fraction;
}

const DEFAULT_PATTERNS = ["y-M-d H:m:s", "y-M-d H:m:s.S", "y-M-d"] as const;

/**
 * The wall-clock time of a partition, in milliseconds as if UTC: `pattern` (`$dt $hour:00:00`; without it the first
 * partition value) filled in and read by `formatter`. Throws OPTION_INVALID when that gives no time.
 */
export function partitionTimeMillis(
  partition: PartitionTexts,
  pattern: string | undefined,
  formatter: string | undefined,
): number {
  let text = pattern ?? Object.values(partition)[0] ?? "";
  if (pattern !== undefined) {
    // Longer names first, so that $day does not spoil $daytime.
    const keys = Object.keys(partition).sort((a, b) => b.length - a.length);
    for (const key of keys) text = text.replaceAll(`$${key}`, () => partition[key] ?? "");
  }
  const option = "partition.time-extractor.timestamp-formatter";
  for (const one of formatter === undefined ? DEFAULT_PATTERNS : [formatter]) {
    const millis = timePattern(one, option).parse(text);
    if (millis !== undefined) return millis;
  }
  throw invalidOption(
    "partition.time-extractor.timestamp-pattern",
    pattern ?? "",
    `a text that gives a time in ${formatter ?? "yyyy-MM-dd HH:mm:ss"}, not '${text}'`,
  );
}
