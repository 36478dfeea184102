import { SqlError } from "../../base/errors.ts";
import { isInteger, isNumeric, T, type DataType, type Value } from "../../types/data-type.ts";
import { compareDouble, type Compare } from "../../types/value-compare.ts";
import { aggregate, type AggregateEmitContext, type AggregateFunction, type AggregateTypes } from "../define.ts";
import { addToMultiset, mergeMultisets, type Multiset } from "./multiset.ts";

function toNumber(value: Value, type: DataType): number {
  return type.kind === "DECIMAL" ? Number(value as bigint) / 10 ** type.scale : Number(value as number | bigint);
}

function isPoint(value: number): boolean {
  return value >= 0 && value <= 1;
}

/** One or several points in [0, 1]. */
function readPoints(value: Value, type: DataType): Value {
  if (value === null) return null;
  const one = (point: Value, of: DataType): number => {
    const p = point === null ? Number.NaN : toNumber(point, of);
    if (!isPoint(p))
      throw new SqlError(
        "INVALID_ARGUMENT",
        `PERCENTILE needs points between 0 and 1, not ${point === null ? "NULL" : p}`,
      );
    return p;
  };
  return type.kind === "ARRAY"
    ? (value as readonly Value[]).map((point) => one(point, type.element))
    : one(value, type);
}

const byNumber = compareDouble as Compare;

function valueOfRank(bag: Multiset, rank: number): number {
  let before = 0;
  for (const [values, counts] of bag) {
    for (let i = 0; i < counts.length; i++) {
      before += counts[i]!;
      if (rank < before) return values[i]! as number;
    }
  }
  return Number.NaN;
}

function pointOf(bag: Multiset, total: number, point: number): number {
  // Counted from 1, as Flink does, so that the last digits are the same.
  const position = (total - 1) * point + 1;
  const [low, high] = [Math.floor(position), Math.ceil(position)];
  const lower = valueOfRank(bag, low - 1);
  if (low === high) return lower;
  const upper = valueOfRank(bag, high - 1);
  return lower === upper ? lower : (high - position) * lower + (position - low) * upper;
}

function percentiles(bag: Multiset, points: Value): Value {
  const total = bag.reduce((sum, [, counts]) => counts.reduce((a, b) => a + b, sum), 0);
  return Array.isArray(points)
    ? (points as readonly Value[]).map((point) => pointOf(bag, total, point as number))
    : pointOf(bag, total, points as number);
}

function change(sign: 1 | -1): AggregateFunction["accumulate"] {
  return (args, acc, types: AggregateTypes, context: AggregateEmitContext) => {
    const number = `${context.constant(toNumber)}(${args[0]}, ${context.constant(types.args[0])})`;
    const times = args.length > 2 ? `${sign} * Number(${args[2]})` : String(sign);
    const changed = `${context.constant(addToMultiset)}(${acc.isNull(0)} ? null : ${acc.get(0)}, ${number}, ${times}, ${context.constant(byNumber)})`;
    const points = `${context.constant(readPoints)}(${args[1]}, ${context.constant(types.args[1])})`;
    return `${acc.set(0, changed)} ${acc.set(1, points)}`;
  };
}

/** Exact percentiles by linear interpolation: an ordered bag, and the points. */
export const PERCENTILE: AggregateFunction = aggregate({
  name: "PERCENTILE",
  signature: "PERCENTILE(<NUMERIC>, <constant between 0 and 1> | <constant ARRAY of them>[, <INTEGER>])",
  resolve: (args) => {
    if (args.length !== 2 && args.length !== 3) return undefined;
    const { type: points, literal, constant } = args[1]!;
    if (constant !== true || literal === null || (points.kind === "ARRAY" && points.nullable)) return undefined;
    if (literal !== undefined && isNumeric(points) && !isPoint(toNumber(literal, points))) return undefined;
    const fits = isNumeric(args[0]!.type) && (args[2] === undefined || isInteger(args[2].type));
    if (fits && points.kind === "ARRAY" && isNumeric(points.element)) return { type: T.array(T.double()) };
    return fits && isNumeric(points) ? { type: T.double() } : undefined;
  },
  nulls: "skip",
  state: () => [
    { storage: "any", initial: null },
    { storage: "any", initial: null, name: "percentages" },
  ],
  accumulate: change(1),
  retract: change(-1),
  merge: (into, from, _types, context) => {
    const merged = `${context.constant(mergeMultisets)}(${into.isNull(0)} ? null : ${into.get(0)}, ${from.get(0)}, ${context.constant(byNumber)})`;
    return `if (!(${from.isNull(0)})) { ${into.set(0, merged)} ${into.set(1, from.get(1))} }`;
  },
  resultIsNull: (acc) => `${acc.isNull(0)} || ${acc.get(0)}.length === 0`,
  result: (acc, _types, context) => `${context.constant(percentiles)}(${acc.get(0)}, ${acc.get(1)})`,
  doc: {
    summary:
      "Value at a point between 0 and 1 of the ordered values (or an array of points), interpolated; the third argument is a weight.",
    examples: [["SELECT PERCENTILE(x, 0.5) FROM (VALUES (10), (20)) AS t(x)", "15.0"]],
  },
});
