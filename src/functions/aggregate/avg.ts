import { T, withNullable, type DataType } from "../../types/data-type.ts";
import { aggregate, type AggregateFunction, type AggregateTypes } from "../define.ts";
import { DECIMAL_LIMIT, DECIMAL_OVERFLOW, divideHalfUp, isSummable, pow10 } from "./numeric.ts";
import { addToSum, sumColumn } from "./sum.ts";

/** AVG and the deviations of DECIMAL(p, s) are DECIMAL(38, max(6, s)); other types are kept. */
export function averageType(type: DataType): DataType {
  return type.kind === "DECIMAL"
    ? { kind: "DECIMAL", precision: 38, scale: Math.max(6, type.scale), nullable: type.nullable }
    : type;
}

const argument = (types: AggregateTypes): DataType => types.args[0]!;

/** What SQL calls an aggregate: plans and state know both averages by one name. */
export function sqlName(name: string): string {
  return name === "$AVG" ? "AVG" : name;
}

/** The average of a DECIMAL sum, or NULL when it does not fit. */
function decimalAverage(sum: bigint, count: bigint, factor: bigint): bigint | null {
  if (count === 0n || sum === DECIMAL_OVERFLOW) return null;
  const average = divideHalfUp(sum * factor, count);
  return average >= DECIMAL_LIMIT || average <= -DECIMAL_LIMIT ? null : average;
}

/** The type in which the values are added up: a sum that does not wrap where the average fits. */
function wideType(type: DataType): DataType {
  switch (type.kind) {
    case "TINYINT":
    case "SMALLINT":
    case "INT":
      return T.bigint();
    case "FLOAT":
      return T.double();
    default:
      return type;
  }
}

/** True where the average depends on whether it is made from the SUM of the values, which wraps. */
export function dependsOnSum(type: DataType): boolean {
  return wideType(type) !== type;
}

function average(name: "AVG" | "$AVG", sumOf: (type: DataType) => DataType): AggregateFunction {
  const summed = (types: AggregateTypes): DataType => sumOf(argument(types));
  const change =
    (sign: "+" | "-"): AggregateFunction["accumulate"] =>
    ([value], acc, types, context) => {
      const type = summed(types);
      const widened = type.kind === "BIGINT" && argument(types).kind !== "BIGINT" ? `BigInt(${value})` : value!;
      return `${acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} ${sign} 1n)`)} ${addToSum(type, acc, 0, sign, widened, context)}`;
    };
  return aggregate({
    name,
    signature: "AVG([DISTINCT] <NUMERIC>)",
    resolve: (args) => {
      const type = args.length === 1 ? args[0]!.type : undefined;
      return type === undefined || !isSummable(type) ? undefined : { type: withNullable(averageType(type), true) };
    },
    nulls: "skip",
    state: (types) => [sumColumn(summed(types), "zero"), { storage: "i64", initial: 0n, name: "count" }],
    accumulate: change("+"),
    retract: change("-"),
    accumulateNull: (acc) => acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} + 1n)`),
    merge: (into, from, types, context) =>
      `${into.set(1, `BigInt.asIntN(64, ${into.get(1)} + ${from.get(1)})`)} ${addToSum(summed(types), into, 0, "+", from.get(0), context)}`,
    resultIsNull: (acc, types) => (argument(types).kind === "DECIMAL" ? undefined : `${acc.get(1)} === 0n`),
    result: (acc, types, context) => {
      const type = argument(types);
      const [sum, count] = [acc.get(0), acc.get(1)];
      switch (type.kind) {
        case "DECIMAL":
          return `${context.constant(decimalAverage)}(${sum}, ${count}, ${context.constant(pow10(Math.max(6, type.scale) - type.scale))})`;
        case "BIGINT":
          return `BigInt.asIntN(64, ${sum} / ${count})`;
        case "DOUBLE":
        case "INTERVAL_DAY_TIME":
          return `${sum} / Number(${count})`;
        case "FLOAT":
          return `Math.fround(${sum} / Number(${count}))`;
        default:
          return summed(types).kind === "BIGINT"
            ? `Number(${sum} / ${count})`
            : `Math.trunc(${sum} / Number(${count}))`;
      }
    },
    changesWith: name === "$AVG" ? 1 : undefined,
    onlyOver: name === "$AVG",
    doc: {
      summary:
        "Average of the values that are not NULL, in the type of the argument (integers are cut); DECIMAL(p, s) gives DECIMAL(38, max(6, s)).",
      examples:
        name === "AVG"
          ? [
              ["SELECT AVG(x) FROM (VALUES (1), (2147483647)) AS t(x)", "1073741824"],
              ["SELECT AVG(x) FROM (VALUES (CAST(1 AS DOUBLE)), (2)) AS t(x)", "1.5"],
            ]
          : [],
    },
  });
}

/** The sum of integers is a BIGINT and that of FLOAT a DOUBLE, and the number of values. */
export const AVG: AggregateFunction = average("AVG", wideType);

/**
 * SUM(x) / COUNT(x), whose sum is in the type of the argument, so that it wraps: what AVG is with OVER, in MATCH_RECOGNIZE,
 * and where Flink's plan shares the sum.
 */
export const SHARED_AVG: AggregateFunction = average("$AVG", (type) => type);
