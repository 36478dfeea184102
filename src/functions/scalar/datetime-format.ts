import { SqlError } from "../../base/errors.ts";
import { isInteger, isNumeric, isText, T, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY, parseDate, parseTimestamp, splitTimestamp } from "../../types/datetime.ts";
import { zoneRules } from "../../types/timezone.ts";
import { scalar, type CallTypes, type Evaluator, type ScalarFunction, type SessionFacts } from "../define.ts";
import { dayOfMillis } from "./datetime-parts.ts";
import { typesOf } from "./shared.ts";
import { convertedTo, fixedArguments } from "./text-arguments.ts";
import { compileZonedFormatter } from "./time-formatter.ts";
import { withFixedPlaces } from "./time-parser-fixed.ts";
import { compileLegacyInstantParser, compileLegacyParser, legacyInstant } from "./time-parser-legacy.ts";
import { compileParser, type TimeParser } from "./time-parser.ts";

const TIMESTAMP_PATTERN = "yyyy-MM-dd HH:mm:ss";

/**
 * What a pattern compiles to; a pattern that is no literal is compiled again when it changes. `index`: which argument
 * is the pattern.
 */
function ofPattern<C>(
  types: CallTypes,
  index: number,
  compile: (pattern: string) => C,
): (pattern: Value | undefined) => C {
  const literal = types.literals[index];
  let pattern: Value | undefined = typeof literal === "string" ? literal : undefined;
  let compiled: C | undefined;
  return (wanted) => {
    if (compiled === undefined || wanted !== pattern) {
      compiled = compile(wanted as string);
      pattern = wanted;
    }
    return compiled;
  };
}

/** A formatter of timestamps of the type: of one value in Value form. */
function timestampFormatter(pattern: string, type: DataType, session: SessionFacts): (value: Value) => string {
  const zone = type.kind === "TIMESTAMP_LTZ" ? session.timeZone : "UTC";
  const format = compileZonedFormatter(pattern, "modern", zone);
  if ("precision" in type && type.precision <= 3) return (value) => format(value as number);
  return (value) => {
    const { days, millis, nanos } = splitTimestamp(value as bigint);
    return format(days * MILLIS_PER_DAY + millis, nanos);
  };
}

/** A formatter of text that holds a timestamp; NULL for a text that does not. */
function textFormatter(pattern: string): (text: string) => string | null {
  const parse = compileLegacyParser(TIMESTAMP_PATTERN);
  const format = compileZonedFormatter(pattern, "legacy", "UTC");
  return (text) => {
    const millis = parse(text);
    return millis === undefined ? null : format(millis);
  };
}

function dateFormatter(pattern: string, type: DataType, session: SessionFacts): (value: Value) => string | null {
  return isText(type)
    ? (textFormatter(pattern) as (value: Value) => string | null)
    : timestampFormatter(pattern, type, session);
}

const dateFormat = scalar({
  name: "DATE_FORMAT",
  signature: "DATE_FORMAT(<TIMESTAMP>, <CHARACTER>) or DATE_FORMAT(<CHARACTER>, <CHARACTER>)",
  resolve: (args) => {
    const [time, pattern] = typesOf(args);
    const wanted = pattern === undefined ? undefined : convertedTo(pattern, "text");
    if (time === undefined || wanted === undefined || args.length !== 2) return undefined;
    const fits = isText(time) || time.kind === "NULL" || time.kind === "TIMESTAMP" || time.kind === "TIMESTAMP_LTZ";
    return fits ? { type: T.string(), args: [time, wanted] } : undefined;
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types, session) => {
    const formatter = ofPattern(types, 1, (pattern) => dateFormatter(pattern, types.args[0]!, session));
    return (time, pattern) => formatter(pattern)(time!);
  },
  emit: ([time], types, context) => {
    const pattern = types.literals[1];
    if (typeof pattern !== "string") return undefined;
    return `${context.constant(lazily(() => dateFormatter(pattern, types.args[0]!, context.session)))}(${time})`;
  },
  doc: {
    summary: "A timestamp as text in the form of a pattern: `yyyy-MM-dd HH:mm:ss.SSS`.",
    examples: [
      ["DATE_FORMAT(TIMESTAMP '2024-02-29 13:04:05', 'EEE d MMM yy h:m a')", "Thu 29 Feb 24 1:4 PM"],
      ["DATE_FORMAT('2024-02-29 13:04:05', 'yyyyMMdd')", "20240229"],
    ],
  },
});

/** A bad pattern is an error of the first row that uses it. */
function lazily(make: () => (value: Value) => Value): (value: Value) => Value {
  let made: ((value: Value) => Value) | undefined;
  return (value) => (made ??= make())(value);
}

/** The parser of a pattern; a text that does not fit is read once more as a plain timestamp, a bad pattern fits nothing. */
function compileTimestampParser(pattern: string): TimeParser {
  try {
    const parse = compileParser(pattern);
    return (text) => parse(text) ?? parsePlain(text.trim());
  } catch (error) {
    if (error instanceof SqlError && error.code === "INVALID_ARGUMENT") return () => undefined;
    throw error;
  }
}

/** A timestamp as CAST reads it, in milliseconds. */
const parsePlain = withFixedPlaces(
  TIMESTAMP_PATTERN,
  "modern",
  (text) => parseTimestamp(text, 3) as number | undefined,
);

const toTimestamp = scalar({
  name: "TO_TIMESTAMP",
  signature: "TO_TIMESTAMP(<CHARACTER>[, <CHARACTER> pattern])",
  resolve: fixedArguments(["text", "text"], () => T.timestamp(3), "always", 1),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (types.args.length === 1) return (text) => parsePlain(text as string) ?? null;
    const parser = ofPattern(types, 1, compileTimestampParser);
    return (text, pattern) => parser(pattern)(text as string) ?? null;
  },
  doc: {
    summary:
      "The text as TIMESTAMP(3), in the form `yyyy-MM-dd HH:mm:ss` or that of a pattern; NULL when it does not fit.",
    examples: [
      ["TO_TIMESTAMP('2024-02-29 01:02:03')", "2024-02-29 01:02:03.000"],
      ["TO_TIMESTAMP('29.02.2024 1:02', 'dd.MM.yyyy H:mm')", "2024-02-29 01:02:00.000"],
      ["TO_TIMESTAMP('nope')", "NULL"],
    ],
  },
});

const toDate = scalar({
  name: "TO_DATE",
  signature: "TO_DATE(<CHARACTER>[, <CHARACTER> pattern])",
  resolve: fixedArguments(["text", "text"], () => T.date(), "always", 1),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (types.args.length === 1) return (text) => parseDate(text as string) ?? null;
    const parser = ofPattern(types, 1, compileLegacyParser);
    return (text, pattern) => {
      const millis = parser(pattern)(text as string);
      return millis === undefined ? null : dayOfMillis(millis);
    };
  },
  doc: {
    summary: "The text as DATE, in the form `yyyy-MM-dd` or that of a pattern; NULL when it does not fit.",
    examples: [["TO_DATE('29/02/24', 'dd/MM/yy')", "2024-02-29"]],
  },
});

/** 0000-01-01 and the end of 9999, which Flink does not go beyond. */
const LEAST_MILLIS = -62_167_219_200_000;
const MOST_MILLIS = 253_402_300_799_999;

function instantOfNumber(value: Value, scale: number, precision: Value | undefined): number | null {
  if (precision !== 0 && precision !== 3) {
    throw new SqlError(
      "INVALID_ARGUMENT",
      `The precision value '${String(precision)}' for function TO_TIMESTAMP_LTZ(numeric, precision) is unsupported, the supported value is '0' for second or '3' for millisecond.`,
    );
  }
  const unit = precision === 0 ? 1000 : 1;
  const millis =
    typeof value === "bigint" ? Number(value / 10n ** BigInt(scale)) * unit : Math.trunc((value as number) * unit) + 0;
  return millis >= LEAST_MILLIS && millis <= MOST_MILLIS ? millis : null;
}

const toTimestampLtz = scalar({
  name: "TO_TIMESTAMP_LTZ",
  signature:
    "TO_TIMESTAMP_LTZ(<NUMERIC>[, <INTEGER> precision]) or TO_TIMESTAMP_LTZ(<CHARACTER>[, <CHARACTER> pattern[, <CHARACTER> zone]])",
  resolve: (args) => {
    const types = typesOf(args);
    const [first, second] = types;
    if (first === undefined || types.length > 3) return undefined;
    if (isText(first)) {
      const texts = types.map((type) => convertedTo(type, "text"));
      return texts.includes(undefined) ? undefined : { type: T.timestampLtz(3), args: texts as readonly DataType[] };
    }
    const number = first.kind === "NULL" ? T.bigint() : first;
    const precision = second === undefined ? undefined : convertedTo(second, "integer");
    if (!isNumeric(number) || types.length > 2 || (second !== undefined && precision === undefined)) return undefined;
    return { type: T.timestampLtz(3), args: precision === undefined ? [number] : [number, precision] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const [first] = types.args;
    if (!isText(first!)) {
      const scale = first!.kind === "DECIMAL" ? first!.scale : 0;
      return (value, precision) => instantOfNumber(value!, scale, precision ?? 3);
    }
    const parser = ofPattern(types, 1, compileTimestampParser);
    return (text, pattern, zone) => {
      const parse = pattern === undefined ? parsePlain : parser(pattern);
      const local = parse(text as string);
      if (local === undefined) {
        if (pattern !== undefined) return null;
        throw new SqlError("INVALID_ARGUMENT", `Text '${text as string}' could not be parsed as a timestamp`);
      }
      if (zone === undefined) return local;
      return zoneRules(zone as string)?.localToInstant(local) ?? null;
    };
  },
  doc: {
    summary:
      "The instant of seconds (precision 0) or milliseconds (3, the default) since 1970, or of a text in UTC or the given zone.",
    examples: [
      ["TO_TIMESTAMP_LTZ(1709211845, 0)", "2024-02-29 13:04:05.000"],
      ["TO_TIMESTAMP_LTZ('2024-07-01 12:00', 'yyyy-MM-dd HH:mm', 'Asia/Tokyo')", "2024-07-01 03:00:00.000"],
    ],
  },
});

/** What Flink gives for a text that holds no time. */
const NO_TIME = -(2n ** 63n);

const unixTimestamp = scalar({
  name: "UNIX_TIMESTAMP",
  signature: "UNIX_TIMESTAMP([<CHARACTER>[, <CHARACTER> pattern]])",
  resolve: fixedArguments(["text", "text"], () => T.bigint(), "arguments", 0),
  nulls: "propagate",
  // Without arguments it reads the clock.
  stability: "row",
  evaluator: (types, session): Evaluator => {
    if (types.args.length === 0) return () => BigInt(Math.floor(session.nowMillis() / 1000));
    const parser = ofPattern(types, 1, (pattern) => compileLegacyInstantParser(pattern, session.timeZone));
    return (text, pattern = TIMESTAMP_PATTERN) => {
      const millis = parser(pattern)(text as string);
      return millis === undefined ? NO_TIME : BigInt(Math.trunc(millis / 1000));
    };
  },
  doc: {
    summary: "Seconds since 1970 of now, or of a text in the session's time zone.",
    examples: [["UNIX_TIMESTAMP('2024-02-29 13:04:05')", "1709211845"]],
  },
});

const fromUnixtime = scalar({
  name: "FROM_UNIXTIME",
  signature: "FROM_UNIXTIME(<INTEGER>[, <CHARACTER> pattern])",
  resolve: (args) => {
    const [seconds, pattern] = typesOf(args);
    if (seconds === undefined || args.length > 2 || !(isInteger(seconds) || seconds.kind === "NULL")) return undefined;
    const text = pattern === undefined ? undefined : convertedTo(pattern, "text");
    if (pattern !== undefined && text === undefined) return undefined;
    return {
      type: T.string(),
      args: [seconds.kind === "NULL" ? seconds : T.bigint(seconds.nullable), ...(text === undefined ? [] : [text])],
    };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types, session) => {
    const formatter = ofPattern(types, 1, (pattern) => compileZonedFormatter(pattern, "legacy", session.timeZone));
    return (seconds, pattern = TIMESTAMP_PATTERN) => {
      const millis = Number(seconds) * 1000;
      return Math.abs(millis) > 8.64e15 ? null : formatter(pattern)(millis);
    };
  },
  doc: {
    summary: "Seconds since 1970 as text in the session's time zone.",
    examples: [
      ["FROM_UNIXTIME(1709211845)", "2024-02-29 13:04:05"],
      ["FROM_UNIXTIME(1709211845, 'yyyy')", "2024"],
    ],
  },
});

const convertTz = scalar({
  name: "CONVERT_TZ",
  signature: "CONVERT_TZ(<CHARACTER>, <CHARACTER> from, <CHARACTER> to)",
  resolve: fixedArguments(["text", "text", "text"], () => T.string(), "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const parse = compileLegacyParser(TIMESTAMP_PATTERN);
    const formatter = ofPattern(types, 2, (zone) => compileZonedFormatter(TIMESTAMP_PATTERN, "legacy", javaZone(zone)));
    return (text, from, to) => {
      const local = parse(text as string);
      return local === undefined ? null : formatter(to)(legacyInstant(javaZone(from as string), local));
    };
  },
  doc: {
    summary: "A time as text, moved from one time zone to another.",
    examples: [["CONVERT_TZ('2024-07-01 12:00:00', 'UTC', 'Asia/Tokyo')", "2024-07-01 21:00:00"]],
  },
});

/** Java's TimeZone takes GMT for a zone it does not know, and wants GMT in front of an offset. */
function javaZone(zone: string): string {
  return /^(?:[+-]|UTC[+-])/.test(zone) || zoneRules(zone) === undefined ? "UTC" : zone;
}

/** Times from and to text, and Unix time. */
export const timeFormatFunctions: readonly ScalarFunction[] = [
  dateFormat,
  toTimestamp,
  toDate,
  toTimestampLtz,
  unixTimestamp,
  fromUnixtime,
  convertTz,
];
