import { holdsNull, T } from "../../types/data-type.ts";
import { compareOf, nullsFirst } from "../../types/value-compare.ts";
import { aggregate, type AccumulatorAccess, type AggregateFunction } from "../define.ts";
import { addToMultiset, mergeMultisets, multisetPairs } from "./multiset.ts";
import { appendValue, concatLists, removeValue, valuesOf } from "./value-list.ts";

function stored(acc: AccumulatorAccess): string {
  return `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
}

function changeBag(times: 1 | -1): AggregateFunction["accumulate"] {
  return ([value], acc, types, context) =>
    acc.set(
      0,
      `${context.constant(addToMultiset)}(${stored(acc)}, ${value}, ${times}, ${context.constant(compareOf(types.args[0]!))})`,
    );
}

/** The bag of values that are not NULL. */
export const COLLECT: AggregateFunction = aggregate({
  name: "COLLECT",
  signature: "COLLECT([DISTINCT] <ANY>)",
  resolve: (args) => (args.length === 1 ? { type: T.multiset(args[0]!.type, false) } : undefined),
  nulls: "skip",
  state: () => [{ storage: "any", initial: null }],
  accumulate: changeBag(1),
  retract: changeBag(-1),
  merge: (into, from, types, context) => {
    const merged = `${context.constant(mergeMultisets)}(${stored(into)}, ${from.get(0)}, ${context.constant(compareOf(types.args[0]!))})`;
    return `if (!(${from.isNull(0)})) { ${into.set(0, merged)} }`;
  },
  resultIsNull: () => "false",
  result: (acc, _types, context) => `(${acc.isNull(0)} ? [] : ${context.constant(multisetPairs)}(${acc.get(0)}))`,
  doc: {
    summary: "MULTISET of the values that are not NULL.",
    examples: [["SELECT COLLECT(x) FROM (VALUES (1), (1)) AS t(x)", "{1=2}"]],
  },
});

/** All values in order of arrival, NULL included; NULL when there are none. */
export const ARRAY_AGG: AggregateFunction = aggregate({
  name: "ARRAY_AGG",
  signature: "ARRAY_AGG([DISTINCT] <ANY>)",
  resolve: ([arg, ...others]) =>
    arg === undefined || others.length > 0 ? undefined : { type: T.array(arg.type, holdsNull(arg.type)) },
  nulls: "handled",
  state: () => [{ storage: "any", initial: null }],
  accumulate: ([value], acc, _types, context) =>
    acc.set(0, `${context.constant(appendValue)}(${stored(acc)}, ${value})`),
  retract: ([value], acc, types, context) =>
    acc.set(
      0,
      `${context.constant(removeValue)}(${stored(acc)}, ${value}, ${context.constant(nullsFirst(compareOf(types.args[0]!)))})`,
    ),
  merge: (into, from, _types, context) =>
    `if (!(${from.isNull(0)})) { ${into.set(0, `${context.constant(concatLists)}(${stored(into)}, ${from.get(0)})`)} }`,
  resultIsNull: (acc) => `${acc.isNull(0)} || ${acc.get(0)}.length === 0`,
  result: (acc, _types, context) => `${context.constant(valuesOf)}(${acc.get(0)})`,
  doc: {
    summary: "ARRAY of all values in order of arrival, NULL included.",
    examples: [["SELECT ARRAY_AGG(x) FROM (VALUES (2), (1)) AS t(x)", "[2, 1]"]],
  },
});
