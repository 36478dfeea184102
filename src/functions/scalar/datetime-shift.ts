import { isInteger, T, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY, millisOfTimestamp, monthsBetween, monthsBetweenMillis } from "../../types/datetime.ts";
import { scalar, type Argument, type CallTypes, type Evaluator, type ScalarFunction } from "../define.ts";
import { TIME_UNITS } from "./datetime-parts.ts";
import { anyNullable, typesOf } from "./shared.ts";
import { evaluateTemporal } from "./temporal-arithmetic.ts";

const MONTHS: Readonly<Record<string, number>> = { YEAR: 12, QUARTER: 3, MONTH: 1 };

/** Milliseconds of a unit of fixed length. */
function millisOf(unit: string): number | undefined {
  if (unit === "DAY") return MILLIS_PER_DAY;
  if (unit === "WEEK") return 7 * MILLIS_PER_DAY;
  return TIME_UNITS.get(unit)?.[0];
}

function unitOf(args: readonly Argument[]): string {
  const unit = args[0]?.literal;
  return typeof unit === "string" ? unit : "";
}

type TimestampType = Extract<DataType, { kind: "TIMESTAMP" | "TIMESTAMP_LTZ" }>;

function isTimestamp(type: DataType): type is TimestampType {
  return type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

function isPoint(type: DataType): boolean {
  return type.kind === "DATE" || isTimestamp(type);
}

/** The type of a shifted time: a part of a day turns a DATE into a TIMESTAMP, milliseconds need three digits. */
function pointFor(unit: string, time: DataType): DataType {
  if (time.kind === "DATE") return TIME_UNITS.has(unit) ? T.timestamp(6, time.nullable) : time;
  if (unit !== "MILLISECOND" || !isTimestamp(time) || time.precision >= 3) return time;
  return { ...time, precision: 3 };
}

const timestampAdd = scalar({
  name: "TIMESTAMPADD",
  signature: "TIMESTAMPADD(<UNIT>, <INTEGER>, <DATETIME>)",
  resolve: (args) => {
    const [, amount, time] = typesOf(args);
    const unit = unitOf(args);
    if (args.length !== 3 || amount === undefined || time === undefined) return undefined;
    if (!isInteger(amount) && amount.kind !== "NULL") return undefined;
    if (!(unit in MONTHS) && millisOf(unit) === undefined) return undefined;
    if (!isPoint(time) && time.kind !== "TIME") return undefined;
    const point = pointFor(unit, time);
    const nullable = amount.nullable || time.nullable;
    return {
      type: withNullable(point, nullable),
      args: [args[0]!.type, amount.kind === "NULL" ? amount : T.bigint(amount.nullable), point],
    };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const unit = types.literals[0] as string;
    const months = MONTHS[unit];
    const interval = months === undefined ? T.intervalMillis(false) : T.intervalMonth(false);
    const size = months ?? millisOf(unit)!;
    const add = evaluateTemporal("+", { ...types, args: [types.args[2]!, interval], literals: [] });
    return (_, amount, time) => add(time!, Number(amount) * size);
  },
  doc: {
    summary: "The time plus a number of units.",
    examples: [
      ["TIMESTAMPADD(MONTH, 1, DATE '2024-01-31')", "2024-02-29"],
      ["TIMESTAMPADD(HOUR, -1, DATE '2024-01-01')", "2023-12-31 23:00:00.000000"],
      ["TIMESTAMPADD(MILLISECOND, 1, TIMESTAMP '2024-01-01 00:00:00')", "2024-01-01 00:00:00.001"],
      ["TIMESTAMPADD(DAY, CAST(NULL AS INT), DATE '2024-01-01')", "NULL"],
    ],
  },
});

const timestampDiff = scalar({
  name: "TIMESTAMPDIFF",
  signature: "TIMESTAMPDIFF(<UNIT>, <DATETIME> from, <DATETIME> to)",
  resolve: (args) => {
    const [, from, to] = typesOf(args);
    const unit = unitOf(args);
    if (args.length !== 3 || from === undefined || to === undefined || !isPoint(from) || !isPoint(to)) return undefined;
    // An instant and a wall clock have no difference.
    if ((from.kind === "TIMESTAMP_LTZ") !== (to.kind === "TIMESTAMP_LTZ")) return undefined;
    const nullable = anyNullable([from, to]);
    if (unit === "NANOSECOND") return { type: T.bigint(nullable) };
    if (unit !== "MICROSECOND" && !(unit in MONTHS) && millisOf(unit) === undefined) return undefined;
    return { type: T.int(nullable) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types): Evaluator => {
    const unit = types.literals[0] as string;
    if (unit === "NANOSECOND" || unit === "MICROSECOND") return evaluateFineDifference(unit, types);
    const from = epochMillisOf(types.args[1]!);
    const to = epochMillisOf(types.args[2]!);
    const months = MONTHS[unit];
    if (months === undefined) {
      const millis = millisOf(unit)!;
      return (_, a, b) => Math.trunc((to(b!) - from(a!)) / millis) | 0;
    }
    if (types.args[1]!.kind === "DATE" && types.args[2]!.kind === "DATE") {
      return (_, a, b) => Math.trunc(monthsBetween(a as number, b as number) / months) | 0;
    }
    return (_, a, b) => Math.trunc(monthsBetweenMillis(from(a!), to(b!)) / months) | 0;
  },
  doc: {
    summary: "The number of whole units between two points in time; it wraps around like any INT.",
    examples: [
      ["TIMESTAMPDIFF(DAY, TIMESTAMP '2024-02-28 12:00:00', TIMESTAMP '2024-03-01 11:00:00')", "1"],
      ["TIMESTAMPDIFF(MONTH, TIMESTAMP '2024-01-31 00:00:00', TIMESTAMP '2024-02-28 00:00:00')", "0"],
      ["TIMESTAMPDIFF(MICROSECOND, TIMESTAMP '2024-01-01 00:00:00', TIMESTAMP '2024-01-01 00:00:01')", "1000000"],
      ["TIMESTAMPDIFF(DAY, CAST(NULL AS DATE), DATE '2024-01-01')", "NULL"],
    ],
  },
});

/** The difference in microseconds (as an INT that wraps around) or nanoseconds (as a BIGINT). */
function evaluateFineDifference(unit: "NANOSECOND" | "MICROSECOND", types: CallTypes): Evaluator {
  const from = epochNanosOf(types.args[1]!);
  const to = epochNanosOf(types.args[2]!);
  if (unit === "NANOSECOND") return (_, a, b) => BigInt.asIntN(64, to(b!) - from(a!));
  return (_, a, b) => Number(BigInt.asIntN(32, (to(b!) - from(a!)) / 1000n));
}

function epochNanosOf(type: DataType): (value: Value) => bigint {
  if (type.kind === "DATE") return (days) => BigInt((days as number) * MILLIS_PER_DAY) * 1_000_000n;
  return (value) => (typeof value === "bigint" ? value : BigInt(value as number) * 1_000_000n);
}

function epochMillisOf(type: DataType): (value: Value) => number {
  if (type.kind === "DATE") return (days) => (days as number) * MILLIS_PER_DAY;
  return (value) => millisOfTimestamp(value as number | bigint);
}

/** TIMESTAMPADD and TIMESTAMPDIFF. */
export const shiftFunctions: readonly ScalarFunction[] = [timestampAdd, timestampDiff];
