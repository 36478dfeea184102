import { isInterval } from "../../types/coerce.ts";
import { isInteger, T, withNullable, type DataType } from "../../types/data-type.ts";
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
    if (isTimePoint(a) && isInterval(b)) return { type: withNullable(a, nullable) };
    if (operator === "+" && isInterval(a) && isTimePoint(b)) return { type: withNullable(b, nullable) };
    return isInterval(a) && a.kind === b.kind ? { type: withNullable(a, nullable) } : undefined;
  }
  if (operator === "*" && isInterval(a) && isInteger(b)) {
    return { type: withNullable(a, nullable), args: [a, T.double(b.nullable)] };
  }
  if (operator === "*" && isInteger(a) && isInterval(b)) {
    return { type: withNullable(b, nullable), args: [T.double(a.nullable), b] };
  }
  return undefined;
}

/** The evaluator of an operator with an interval operand. */
export function evaluateTemporal(operator: TemporalOperator, types: CallTypes): Evaluator {
  const [a, b] = types.args;
  if (operator === "*") return evaluateProduct(types.result);
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

function evaluateProduct(result: DataType): Evaluator {
  // `+ 0` turns -0 into 0.
  if (result.kind === "INTERVAL_DAY_TIME") return (x, y) => (x as number) * (y as number) + 0;
  return (x, y) => ((x as number) * (y as number)) | 0;
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
function addMonthsToMillis(epochMillis: number, months: number): number {
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
    if (a === undefined || b === undefined || a.kind !== b.kind || !isTimePoint(a) || a.kind === "TIME")
      return undefined;
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
