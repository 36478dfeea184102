import { isInteger, T, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { MILLIS_PER_DAY, millisOfTimestamp, monthsBetween, monthsBetweenMillis } from "../../types/datetime.ts";
import { scalar, type Argument, type Evaluator, type ScalarFunction } from "../define.ts";
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

function isPoint(type: DataType): boolean {
  return type.kind === "DATE" || type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
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
    // A part of a day turns the DATE into a TIMESTAMP.
    const point = time.kind === "DATE" && TIME_UNITS.has(unit) ? T.timestamp(6, time.nullable) : time;
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
    examples: [["TIMESTAMPADD(MONTH, 1, DATE '2024-01-31')", "2024-02-29"]],
  },
});

const timestampDiff = scalar({
  name: "TIMESTAMPDIFF",
  signature: "TIMESTAMPDIFF(<UNIT>, <DATETIME> from, <DATETIME> to)",
  resolve: (args) => {
    const [, from, to] = typesOf(args);
    const unit = unitOf(args);
    if (args.length !== 3 || from === undefined || to === undefined || !isPoint(from) || !isPoint(to)) return undefined;
    if (!(unit in MONTHS) && millisOf(unit) === undefined) return undefined;
    return { type: T.int(anyNullable([from, to])) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types): Evaluator => {
    const unit = types.literals[0] as string;
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
    summary: "The number of whole units between two points in time.",
    examples: [["TIMESTAMPDIFF(DAY, TIMESTAMP '2024-02-28 12:00:00', TIMESTAMP '2024-03-01 11:00:00')", "1"]],
  },
});

function epochMillisOf(type: DataType): (value: Value) => number {
  if (type.kind === "DATE") return (days) => (days as number) * MILLIS_PER_DAY;
  return (value) => millisOfTimestamp(value as number | bigint);
}

/** TIMESTAMPADD and TIMESTAMPDIFF. */
export const shiftFunctions: readonly ScalarFunction[] = [timestampAdd, timestampDiff];
