import { withNullable, type DataType } from "../../types/data-type.ts";
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

/** The average of a DECIMAL sum, or NULL when it does not fit. */
function decimalAverage(sum: bigint, count: bigint, factor: bigint): bigint | null {
  if (count === 0n || sum === DECIMAL_OVERFLOW) return null;
  const average = divideHalfUp(sum * factor, count);
  return average >= DECIMAL_LIMIT || average <= -DECIMAL_LIMIT ? null : average;
}

/** Sum in the type of the argument (so it wraps), and the number of values. */
export const AVG: AggregateFunction = aggregate({
  name: "AVG",
  signature: "AVG([DISTINCT] <NUMERIC>)",
  resolve: (args) => {
    const type = args.length === 1 ? args[0]!.type : undefined;
    return type === undefined || !isSummable(type) ? undefined : { type: withNullable(averageType(type), true) };
  },
  nulls: "skip",
  state: (types) => [sumColumn(argument(types), "zero"), { storage: "i64", initial: 0n, name: "count" }],
  accumulate: ([value], acc, types, context) =>
    `${acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} + 1n)`)} ${addToSum(argument(types), acc, 0, "+", value!, context)}`,
  retract: ([value], acc, types, context) =>
    `${acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} - 1n)`)} ${addToSum(argument(types), acc, 0, "-", value!, context)}`,
  accumulateNull: (acc) => acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} + 1n)`),
  merge: (into, from, types, context) =>
    `${into.set(1, `BigInt.asIntN(64, ${into.get(1)} + ${from.get(1)})`)} ${addToSum(argument(types), into, 0, "+", from.get(0), context)}`,
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
        return `Math.trunc(${sum} / Number(${count}))`;
    }
  },
  doc: {
    summary:
      "Average of the values that are not NULL, in the type of the argument (integers are cut); DECIMAL(p, s) gives DECIMAL(38, max(6, s)).",
    examples: [
      ["SELECT AVG(x) FROM (VALUES (1), (2)) AS t(x)", "1"],
      ["SELECT AVG(x) FROM (VALUES (CAST(1 AS DOUBLE)), (2)) AS t(x)", "1.5"],
    ],
  },
});
