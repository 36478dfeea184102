import { isBinary, isText, storageOf, withNullable, type DataType } from "../../types/data-type.ts";
import { compareBytes, compareOf, compareText } from "../../types/value-compare.ts";
import {
  aggregate,
  type AccumulatorAccess,
  type AggregateEmitContext,
  type AggregateFunction,
  type AggregateTypes,
} from "../define.ts";
import { addToMultiset, firstOfMultiset, lastOfMultiset, mergeMultisets } from "./multiset.ts";

const argument = (types: AggregateTypes): DataType => types.args[0]!;

function isComparable(type: DataType): boolean {
  return (
    type.kind !== "ARRAY" &&
    type.kind !== "MAP" &&
    type.kind !== "MULTISET" &&
    type.kind !== "ROW" &&
    type.kind !== "NULL"
  );
}

/** Boolean expression: `a` goes before `b` in the sense of the aggregate. */
function before(type: DataType, sign: "<" | ">", a: string, b: string, context: AggregateEmitContext): string {
  const inPlace = context.comparison(a, b);
  if (inPlace !== undefined) return `${inPlace} ${sign} 0`;
  if (isText(type)) return `${context.constant(compareText)}(${a}, ${b}) ${sign} 0`;
  if (isBinary(type)) return `${context.constant(compareBytes)}(${a}, ${b}) ${sign} 0`;
  return `${a} ${sign} ${b}`;
}

/** The bag in column 0, or `null`. */
function bagOf(acc: AccumulatorAccess): string {
  return `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
}

function changeBag(
  acc: AccumulatorAccess,
  value: string,
  times: 1 | -1,
  types: AggregateTypes,
  context: AggregateEmitContext,
): string {
  const compare = context.constant(compareOf(argument(types)));
  return acc.set(0, `${context.constant(addToMultiset)}(${bagOf(acc)}, ${value}, ${times}, ${compare})`);
}

/** Append-only: the extreme value so far. Retracting: all values in an ordered bag. */
function extreme(name: "MIN" | "MAX", sign: "<" | ">", summary: string, example: string): AggregateFunction {
  return aggregate({
    name,
    signature: `${name}(<COMPARABLE>)`,
    resolve: (args) =>
      args.length === 1 && isComparable(args[0]!.type) ? { type: withNullable(args[0]!.type, true) } : undefined,
    nulls: "skip",
    state: (types, retracting) => [
      { storage: retracting ? "any" : storageOf(argument(types)), initial: null, type: argument(types) },
    ],
    accumulate: ([value], acc, types, context) =>
      context.retracting
        ? changeBag(acc, value!, 1, types, context)
        : `if (${acc.isNull(0)} || ${before(argument(types), sign, value!, acc.get(0), context)}) { ${acc.set(0, value!)} }`,
    retract: ([value], acc, types, context) => changeBag(acc, value!, -1, types, context),
    merge: (into, from, types, context) => {
      if (!context.retracting) {
        return `if (!(${from.isNull(0)}) && (${into.isNull(0)} || ${before(argument(types), sign, from.get(0), into.get(0), context)})) { ${into.set(0, from.get(0))} }`;
      }
      const merged = `${context.constant(mergeMultisets)}(${bagOf(into)}, ${from.get(0)}, ${context.constant(compareOf(argument(types)))})`;
      return `if (!(${from.isNull(0)})) { ${into.set(0, merged)} }`;
    },
    resultIsNull: (acc, _types, context) =>
      context.retracting ? `${acc.isNull(0)} || ${acc.get(0)}.length === 0` : acc.isNull(0),
    result: (acc, _types, context) =>
      context.retracting
        ? `${context.constant(name === "MIN" ? firstOfMultiset : lastOfMultiset)}(${acc.get(0)})`
        : acc.get(0),
    doc: { summary, examples: [[`SELECT ${name}(x) FROM (VALUES (1), (2)) AS t(x)`, example]] },
  });
}

/** MIN and MAX. */
export const MIN_MAX: readonly AggregateFunction[] = [
  extreme("MIN", "<", "Smallest value that is not NULL.", "1"),
  extreme("MAX", ">", "Largest value that is not NULL.", "2"),
];
