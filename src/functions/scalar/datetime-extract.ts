import { T, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY, splitTimestamp } from "../../types/datetime.ts";
import { instantToLocal } from "../../types/timezone.ts";
import {
  scalar,
  type Argument,
  type CallTypes,
  type EmitContext,
  type Evaluator,
  type Resolution,
  type ScalarFunction,
  type SessionFacts,
} from "../define.ts";
import { dayOfMillis, DATE_UNITS, TIME_UNITS } from "./datetime-parts.ts";
import { typesOf } from "./shared.ts";

const FINE_UNITS: Readonly<Record<string, number>> = { MICROSECOND: 1000, NANOSECOND: 1_000_000 };

function hasUnit(type: DataType, unit: string): boolean {
  switch (type.kind) {
    case "DATE":
      return DATE_UNITS.has(unit) || TIME_UNITS.has(unit) || unit === "EPOCH";
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ":
      return DATE_UNITS.has(unit) || TIME_UNITS.has(unit) || unit in FINE_UNITS || unit === "EPOCH";
    case "TIME":
      return TIME_UNITS.has(unit);
    case "INTERVAL_YEAR_MONTH":
      return unit === "YEAR" || unit === "QUARTER" || unit === "MONTH";
    case "INTERVAL_DAY_TIME":
      return unit === "DAY" || TIME_UNITS.has(unit);
    default:
      return false;
  }
}

function resolvePart(unit: string, value: DataType | undefined): Resolution | undefined {
  if (value === undefined || !hasUnit(value, unit)) return undefined;
  return { type: T.bigint(value.nullable) };
}

/** The part of a value of the type as a number. */
function partOf(unit: string, type: DataType, session: SessionFacts): (value: Value) => number {
  const ofDay = DATE_UNITS.get(unit);
  switch (type.kind) {
    case "DATE":
      if (unit === "EPOCH") return (days) => (days as number) * 86_400;
      return ofDay === undefined ? () => 0 : (days) => ofDay(days as number);
    case "TIME":
      return (millis) => partOfMillis(unit, millis as number, 0);
    case "INTERVAL_YEAR_MONTH":
      return (months) => partOfMonths(unit, months as number);
    case "INTERVAL_DAY_TIME":
      return (millis) => partOfInterval(unit, millis as number);
    default: {
      const zone = type.kind === "TIMESTAMP_LTZ" ? session.timeZone : "UTC";
      if (ofDay !== undefined) return onDays(ofDay, zone);
      return (value) => {
        const { days, millis, nanos } = splitTimestamp(value as number | bigint);
        return partOfMillis(unit, instantToLocal(zone, days * MILLIS_PER_DAY + millis), nanos);
      };
    }
  }
}

/** Neighbouring rows are mostly of one day: its answer is kept. */
function onDays(ofDay: (days: number) => number, zone: string): (value: Value) => number {
  let lastDay = Number.NaN;
  let last = 0;
  return (value) => {
    const day =
      typeof value === "number" && zone === "UTC"
        ? dayOfMillis(value)
        : dayOfMillis(localMillis(value as number | bigint, zone));
    if (day !== lastDay) {
      lastDay = day;
      last = ofDay(day);
    }
    return last;
  };
}

function localMillis(value: number | bigint, zone: string): number {
  const { days, millis } = splitTimestamp(value);
  return instantToLocal(zone, days * MILLIS_PER_DAY + millis);
}

function partOfMillis(unit: string, epochMillis: number, nanos: number): number {
  if (unit === "EPOCH") return Math.trunc(epochMillis / 1000) + 0;
  const factor = FINE_UNITS[unit];
  if (factor !== undefined) {
    return (epochMillis - Math.floor(epochMillis / 1000) * 1000) * factor + Math.floor(nanos / (1_000_000 / factor));
  }
  const [millis, count] = TIME_UNITS.get(unit)!;
  const whole = Math.floor(epochMillis / millis);
  return whole - Math.floor(whole / count) * count;
}

function partOfMonths(unit: string, months: number): number {
  if (unit === "YEAR") return Math.trunc(months / 12) + 0;
  const rest = months % 12;
  return (unit === "MONTH" ? rest : Math.trunc(rest / 3) + 1) + 0;
}

function partOfInterval(unit: string, interval: number): number {
  if (unit === "DAY") return Math.trunc(interval / MILLIS_PER_DAY) + 0;
  const [millis, count] = TIME_UNITS.get(unit)!;
  return (Math.trunc(interval / millis) % count) + 0;
}

function evaluatePart(unit: string, type: DataType, session: SessionFacts): Evaluator {
  const part = partOf(unit, type, session);
  return (value) => BigInt(part(value!));
}

/** A table of results replaces the conversion to bigint: `HOURS[…]`. */
function emitPart(unit: string, value: string, type: DataType, context: EmitContext): string | undefined {
  const sizes = TIME_UNITS.get(unit);
  if (sizes === undefined || type.kind !== "TIMESTAMP" || type.precision > 3) return undefined;
  const [millis, count] = sizes;
  const table = context.constant(Array.from({ length: count }, (_, i) => BigInt(i)));
  const span = millis * count;
  return `${table}[Math.floor((${value} - Math.floor(${value} / ${span}) * ${span}) / ${millis})]`;
}

function unitOf(args: readonly Argument[]): string {
  const unit = args[0]?.literal;
  return typeof unit === "string" ? unit : "";
}

const extract = scalar({
  name: "EXTRACT",
  signature: "EXTRACT(<UNIT> FROM <DATETIME or INTERVAL>)",
  resolve: (args) => (args.length === 2 ? resolvePart(unitOf(args), typesOf(args)[1]) : undefined),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types, session) => {
    const evaluate = evaluatePart(types.literals[0] as string, types.args[1]!, session);
    return (_, value) => evaluate(value!);
  },
  emit: ([, value], types, context) => emitPart(types.literals[0] as string, value!, types.args[1]!, context),
  doc: {
    summary:
      "A part of a date, time, timestamp or interval: YEAR, QUARTER, MONTH, WEEK, DAY, DOW, DOY, HOUR, MINUTE, SECOND, EPOCH …",
    examples: [
      ["EXTRACT(MONTH FROM DATE '2024-02-29')", "2"],
      ["EXTRACT(EPOCH FROM TIMESTAMP '1970-01-02 00:00:01')", "86401"],
      ["EXTRACT(HOUR FROM INTERVAL '26' HOUR)", "2"],
    ],
  },
});

/** `YEAR(x)` is `EXTRACT(YEAR FROM x)`. */
function shorthand(name: string, unit: string, summary: string, result: string): ScalarFunction {
  const typeOf = (types: CallTypes): DataType => types.args[0]!;
  return scalar({
    name,
    signature: `${name}(<DATETIME or INTERVAL>)`,
    resolve: (args) => (args.length === 1 ? resolvePart(unit, typesOf(args)[0]) : undefined),
    nulls: "propagate",
    stability: "pure",
    evaluator: (types, session) => evaluatePart(unit, typeOf(types), session),
    emit: ([value], types, context) => emitPart(unit, value!, typeOf(types), context),
    doc: { summary, examples: [[`${name}(TIMESTAMP '2024-02-29 13:14:15')`, result]] },
  });
}

/** EXTRACT and its short forms. */
export const extractFunctions: readonly ScalarFunction[] = [
  extract,
  shorthand("YEAR", "YEAR", "The year.", "2024"),
  shorthand("QUARTER", "QUARTER", "The quarter, 1 to 4.", "1"),
  shorthand("MONTH", "MONTH", "The month, 1 to 12.", "2"),
  shorthand("WEEK", "WEEK", "The ISO 8601 week, 1 to 53.", "9"),
  shorthand("DAYOFYEAR", "DOY", "The day of the year, 1 to 366.", "60"),
  shorthand("DAYOFMONTH", "DAY", "The day of the month, 1 to 31.", "29"),
  shorthand("DAYOFWEEK", "DOW", "The day of the week; Sunday is 1, Saturday 7.", "5"),
  shorthand("HOUR", "HOUR", "The hour of the day, 0 to 23.", "13"),
  shorthand("MINUTE", "MINUTE", "The minute of the hour, 0 to 59.", "14"),
  shorthand("SECOND", "SECOND", "The second of the minute, 0 to 59.", "15"),
];
