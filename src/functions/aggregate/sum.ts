import { storageOf, withNullable, type DataType } from "../../types/data-type.ts";
import {
  aggregate,
  type AccumulatorAccess,
  type AccumulatorColumn,
  type AggregateEmitContext,
  type AggregateFunction,
  type AggregateTypes,
} from "../define.ts";
import { DECIMAL_LIMIT, DECIMAL_OVERFLOW, isSummable, wrap, zeroOf, zeroText } from "./numeric.ts";

/** The type of a sum: the same, but DECIMAL(38, s) for DECIMAL(p, s). */
export function sumType(type: DataType): DataType {
  return type.kind === "DECIMAL"
    ? { kind: "DECIMAL", precision: 38, scale: type.scale, nullable: type.nullable }
    : type;
}

/** The accumulator of a sum that starts with `initial`. */
export function sumColumn(type: DataType, initial: "null" | "zero"): AccumulatorColumn {
  return { storage: storageOf(sumType(type)), initial: initial === "null" ? null : zeroOf(type), type: sumType(type) };
}

/** Statements that add `value` (or take it away) to the non-null sum in column `index`. */
export function addToSum(
  type: DataType,
  acc: AccumulatorAccess,
  index: number,
  sign: "+" | "-",
  value: string,
  context: AggregateEmitContext,
): string {
  if (type.kind !== "DECIMAL") return acc.set(index, wrap(type, `${acc.get(index)} ${sign} ${value}`));
  const overflow = context.constant(DECIMAL_OVERFLOW);
  const limit = context.constant(DECIMAL_LIMIT);
  const old = context.temp();
  const sum = context.temp();
  return `const ${old} = ${acc.get(index)};
    if (${old} !== ${overflow}) {
      const ${sum} = ${value} === ${overflow} ? ${overflow} : ${old} ${sign} ${value};
      ${acc.set(index, `${sum} >= ${limit} || ${sum} <= -${limit} ? ${overflow} : ${sum}`)}
    }`;
}

/** Boolean expression: the DECIMAL sum in column `index` has overflowed. */
export function sumOverflowed(
  type: DataType,
  acc: AccumulatorAccess,
  index: number,
  context: AggregateEmitContext,
): string {
  return type.kind === "DECIMAL" ? `${acc.get(index)} === ${context.constant(DECIMAL_OVERFLOW)}` : "false";
}

const argument = (types: AggregateTypes): DataType => types.args[0]!;

/**
 * Append-only: one column, NULL until the first value. Retracting: the sum from 0 and the number of values, because the
 * sum of no values is NULL again.
 */
export const SUM: AggregateFunction = aggregate({
  name: "SUM",
  signature: "SUM([DISTINCT] <NUMERIC>)",
  resolve: (args) => {
    const type = args.length === 1 ? args[0]!.type : undefined;
    return type === undefined || !isSummable(type) ? undefined : { type: withNullable(sumType(type), true) };
  },
  nulls: "skip",
  state: (types, retracting) =>
    retracting
      ? [sumColumn(argument(types), "zero"), { storage: "i64", initial: 0n, name: "count" }]
      : [sumColumn(argument(types), "null")],
  accumulate: ([value], acc, types, context) => {
    const type = argument(types);
    const add = addToSum(type, acc, 0, "+", value!, context);
    if (context.retracting) return `${acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} + 1n)`)} ${add}`;
    return `if (${acc.isNull(0)}) { ${acc.set(0, first(type, value!))} } else { ${add} }`;
  },
  retract: ([value], acc, types, context) =>
    `${acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} - 1n)`)} ${addToSum(argument(types), acc, 0, "-", value!, context)}`,
  accumulateNull: (acc, types, context) =>
    context.retracting
      ? acc.set(1, `BigInt.asIntN(64, ${acc.get(1)} + 1n)`)
      : `if (${acc.isNull(0)}) { ${acc.set(0, zeroText(argument(types)))} }`,
  merge: (into, from, types, context) => {
    const add = addToSum(argument(types), into, 0, "+", from.get(0), context);
    if (context.retracting) return `${into.set(1, `BigInt.asIntN(64, ${into.get(1)} + ${from.get(1)})`)} ${add}`;
    return `if (!(${from.isNull(0)})) { if (${into.isNull(0)}) { ${into.set(0, from.get(0))} } else { ${add} } }`;
  },
  resultIsNull: (acc, types, context) => {
    const none = context.retracting ? `${acc.get(1)} === 0n` : acc.isNull(0);
    return argument(types).kind === "DECIMAL" ? `${none} || ${sumOverflowed(argument(types), acc, 0, context)}` : none;
  },
  result: (acc) => acc.get(0),
  doc: {
    summary:
      "Sum of the values that are not NULL; integers keep their type and wrap around, DECIMAL(p, s) gives DECIMAL(38, s).",
    examples: [["SELECT SUM(x) FROM (VALUES (1), (2)) AS t(x)", "3"]],
  },
});

/** Flink's sum starts at 0, so that the sum of -0.0 is 0.0. */
function first(type: DataType, value: string): string {
  return type.kind === "DOUBLE" || type.kind === "FLOAT" ? `0 + ${value}` : value;
}

/** As SUM, but 0 for no values; used where the planner splits an aggregate. */
export const SUM0: AggregateFunction = aggregate({
  name: "$SUM0",
  signature: "$SUM0(<NUMERIC>)",
  resolve: (args) => {
    const type = args.length === 1 ? args[0]!.type : undefined;
    return type === undefined || !isSummable(type)
      ? undefined
      : { type: withNullable(sumType(type), type.kind === "DECIMAL") };
  },
  nulls: "skip",
  state: (types) => [sumColumn(argument(types), "zero")],
  accumulate: ([value], acc, types, context) => addToSum(argument(types), acc, 0, "+", value!, context),
  retract: ([value], acc, types, context) => addToSum(argument(types), acc, 0, "-", value!, context),
  merge: (into, from, types, context) => addToSum(argument(types), into, 0, "+", from.get(0), context),
  resultIsNull: (acc, types, context) => sumOverflowed(argument(types), acc, 0, context),
  result: (acc) => acc.get(0),
  doc: { summary: "Sum of the values, 0 for none.", examples: [] },
});
