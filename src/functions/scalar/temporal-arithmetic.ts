import { isInterval } from "../../types/coerce.ts";
import { isNumeric, T, withNullable, type DataType } from "../../types/data-type.ts";
import {
  addMonths,
  MILLIS_PER_DAY,
  millisOfTimestamp,
  monthsBetween,
  monthsBetweenMillis,
} from "../../types/datetime.ts";
import { isMonthUnit, type IntervalUnitName } from "../../types/interval.ts";
import {
  scalar,
  type Argument,
  type CallTypes,
  type Evaluator,
  type Resolution,
  type ScalarFunction,
} from "../define.ts";
import { anyNullable, typesOf } from "./shared.ts";

type TemporalOperator = "+" | "-" | "*" | "/";

function isTimePoint(type: DataType): boolean {
  return type.kind === "DATE" || type.kind === "TIME" || type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ";
}

/** Operands with intervals: what fits, and the result. */
export function resolveTemporal(operator: TemporalOperator, args: readonly Argument[]): Resolution | undefined {
  const [a, b] = typesOf(args);
  if (a === undefined || b === undefined) return undefined;
  const nullable = anyNullable([a, b]);
  if (operator === "+" || operator === "-") {
    if (isTimePoint(a) && isInterval(b)) return resolveShift(a, b, args[1]!, 0);
    if (operator === "+" && isInterval(a) && isTimePoint(b)) return resolveShift(b, a, args[0]!, 1);
    return isInterval(a) && a.kind === b.kind ? { type: withNullable(a, nullable) } : undefined;
  }
  if (isInterval(a) && isNumeric(b)) return { type: withNullable(a, nullable), args: [a, factorType(b)] };
  if (operator === "*" && isNumeric(a) && isInterval(b)) {
    return { type: withNullable(b, nullable), args: [factorType(a), b] };
  }
  return undefined;
}

/** Intervals are multiplied by doubles and cut. */
function factorType(type: DataType): DataType {
  return T.double(type.nullable);
}

function resolveShift(time: DataType, interval: DataType, intervalArgument: Argument, timeIndex: 0 | 1): Resolution {
  const nullable = time.nullable || interval.nullable;
  const millis = intervalArgument.literal;
  if (
    time.kind === "DATE" &&
    interval.kind === "INTERVAL_DAY_TIME" &&
    typeof millis === "number" &&
    millis % MILLIS_PER_DAY !== 0
  ) {
    // A part of a day turns the DATE into a TIMESTAMP.
    const precision = millis % 1000 === 0 ? 0 : 3;
    const point = T.timestamp(precision, time.nullable);
    return { type: T.timestamp(precision, nullable), args: timeIndex === 0 ? [point, interval] : [interval, point] };
  }
  return { type: withNullable(time, nullable) };
}

/** The evaluator of an operator with an interval operand. */
export function evaluateTemporal(operator: TemporalOperator, types: CallTypes): Evaluator {
  const [a, b] = types.args;
  if (operator === "*" || operator === "/") return evaluateScaling(operator, a!, types.result);
  if (isInterval(a!) && isInterval(b!)) {
    if (operator === "+") return (x, y) => (x as number) + (y as number);
    return (x, y) => (x as number) - (y as number);
  }
  if (isInterval(a!)) {
    const shift = shiftOf(b!, a!, 1);
    return (interval, time) => shift(time as number | bigint, interval as number);
  }
  const shift = shiftOf(a!, b!, operator === "+" ? 1 : -1);
  return (time, interval) => shift(time as number | bigint, interval as number);
}

function evaluateScaling(operator: "*" | "/", a: DataType, result: DataType): Evaluator {
  const cut = (value: number): number => (result.kind === "INTERVAL_YEAR_MONTH" ? value | 0 : Math.trunc(value) + 0);
  if (operator === "/") return (x, y) => cut((x as number) / (y as number));
  if (isInterval(a)) return (x, y) => cut((x as number) * (y as number));
  return (x, y) => cut((x as number) * (y as number));
}

function shiftOf(
  time: DataType,
  interval: DataType,
  sign: 1 | -1,
): (time: number | bigint, interval: number) => number | bigint {
  const months = interval.kind === "INTERVAL_YEAR_MONTH";
  switch (time.kind) {
    case "DATE":
      if (months) return (days, n) => addMonths(days as number, sign * n);
      return (days, millis) => (days as number) + Math.trunc((sign * millis) / MILLIS_PER_DAY);
    case "TIME":
      if (months) return (millis) => millis;
      return (millis, n) => {
        const moved = ((millis as number) + sign * n) % MILLIS_PER_DAY;
        return moved < 0 ? moved + MILLIS_PER_DAY : moved;
      };
    default:
      return (point, n) => {
        if (typeof point === "number") return months ? addMonthsToMillis(point, sign * n) : point + sign * n;
        if (!months) return point + BigInt(sign * n) * 1_000_000n;
        const millis = millisOfTimestamp(point);
        return point + BigInt(addMonthsToMillis(millis, sign * n) - millis) * 1_000_000n;
      };
  }
}

/** Epoch milliseconds plus calendar months; the time of day stays. */
export function addMonthsToMillis(epochMillis: number, months: number): number {
  const days = Math.floor(epochMillis / MILLIS_PER_DAY);
  return epochMillis + (addMonths(days, months) - days) * MILLIS_PER_DAY;
}

/** A faster spelling for the common case: TIMESTAMP(≤ 3) or interval, plus or minus milliseconds. */
export function emitTemporal(operator: TemporalOperator, a: string, b: string, types: CallTypes): string | undefined {
  if (operator !== "+" && operator !== "-") return undefined;
  const [left, right] = types.args;
  const simple = (type: DataType): boolean =>
    type.kind === "INTERVAL_DAY_TIME" ||
    ((type.kind === "TIMESTAMP" || type.kind === "TIMESTAMP_LTZ") && type.precision <= 3);
  return simple(left!) && simple(right!) ? `(${a} ${operator} ${b})` : undefined;
}

function differenceUnit(args: readonly Argument[]): IntervalUnitName | undefined {
  const unit = args[2]?.literal;
  return typeof unit === "string" ? (unit as IntervalUnitName) : undefined;
}

const minusDate = scalar({
  name: "MINUS_DATE",
  signature: "(<DATETIME> - <DATETIME>) <INTERVAL UNIT>",
  resolve: (args) => {
    const [a, b] = typesOf(args);
    if (a === undefined || b === undefined || !isTimePoint(a) || !isTimePoint(b)) return undefined;
    if ((a.kind === "TIME") !== (b.kind === "TIME")) return undefined;
    const unit = differenceUnit(args);
    const nullable = anyNullable([a, b]);
    return { type: unit !== undefined && isMonthUnit(unit) ? T.intervalMonth(nullable) : T.intervalMillis(nullable) };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const [a, b] = types.args;
    const millis = (type: DataType): ((value: number | bigint) => number) =>
      type.kind === "DATE" ? (value) => (value as number) * MILLIS_PER_DAY : millisOfTimestamp;
    const left = millis(a!);
    const right = millis(b!);
    if (types.result.kind !== "INTERVAL_YEAR_MONTH") {
      return (x, y) => left(x as number | bigint) - right(y as number | bigint);
    }
    if (a!.kind === "DATE" && b!.kind === "DATE") return (x, y) => monthsBetween(y as number, x as number);
    return (x, y) => monthsBetweenMillis(right(y as number | bigint), left(x as number | bigint));
  },
  callable: false,
  doc: {
    summary: "`(a - b) DAY`, `(a - b) MONTH`: the difference of two points in time as an interval.",
    examples: [["(DATE '2024-01-31' - DATE '2020-02-29') MONTH", "+3-11"]],
  },
});

/** The difference of two points in time. */
export const temporalArithmeticFunctions: readonly ScalarFunction[] = [minusDate];
