import { isText } from "../../types/data-type.ts";
import { compareOf } from "../../types/value-compare.ts";
import {
  aggregate,
  type AccumulatorAccess,
  type AggregateEmitContext,
  type AggregateFunction,
  type AggregateTypes,
} from "../define.ts";
import { appendValue, concatLists, removeValue, valuesOf, type ValueList } from "./value-list.ts";

/** The separator: the literal's text as source, the argument's variable, or a comma. */
function separator(args: readonly string[], types: AggregateTypes, context: AggregateEmitContext): string {
  const literal = types.literals[1];
  if (typeof literal === "string") return context.constant(literal);
  return args.length > 1 ? args[1]! : '","';
}

function joinParts(list: ValueList, by: string): string {
  return valuesOf(list).join(by);
}

function listOf(acc: AccumulatorAccess): string {
  return `(${acc.isNull(0)} ? null : ${acc.get(0)})`;
}

/**
 * Append-only: the text so far (a JavaScript string, so that appending is cheap). Retracting: the list of values and
 * the separator seen last.
 */
export const LISTAGG: AggregateFunction = aggregate({
  name: "LISTAGG",
  aliases: ["STRING_AGG"],
  signature: "LISTAGG([DISTINCT] <CHARACTER>[, <CHARACTER>])",
  resolve: (args) =>
    (args.length === 1 || args.length === 2) && args.every((arg) => isText(arg.type))
      ? { type: args[0]!.type }
      : undefined,
  nulls: "skip",
  state: () => [
    { storage: "any", initial: null },
    { storage: "any", initial: null, name: "separator" },
  ],
  accumulate: (args, acc, types, context) => {
    const by = separator(args, types, context);
    const remember = acc.set(1, by);
    if (context.retracting)
      return `${acc.set(0, `${context.constant(appendValue)}(${listOf(acc)}, ${args[0]})`)} ${remember}`;
    return `if (${acc.isNull(0)}) { ${acc.set(0, args[0]!)} } else { ${acc.set(0, `${acc.get(0)} + ${by} + ${args[0]}`)} } ${remember}`;
  },
  retract: (args, acc, types, context) =>
    acc.set(
      0,
      `${context.constant(removeValue)}(${listOf(acc)}, ${args[0]}, ${context.constant(compareOf(types.args[0]!))})`,
    ),
  merge: (into, from, _types, context) => {
    const merged = context.retracting
      ? `${context.constant(concatLists)}(${listOf(into)}, ${from.get(0)})`
      : `${into.isNull(0)} ? ${from.get(0)} : ${into.get(0)} + ${from.get(1)} + ${from.get(0)}`;
    return `if (!(${from.isNull(0)})) { ${into.set(0, merged)} ${into.set(1, from.get(1))} }`;
  },
  resultIsNull: (acc, _types, context) =>
    context.retracting ? `${acc.isNull(0)} || ${acc.get(0)}.length === 0` : acc.isNull(0),
  result: (acc, _types, context) =>
    context.retracting ? `${context.constant(joinParts)}(${acc.get(0)}, ${acc.get(1)})` : acc.get(0),
  doc: {
    summary: "Texts that are not NULL, one after another, divided by a separator (a comma when none is given).",
    examples: [["SELECT LISTAGG(x, '+') FROM (VALUES ('a'), ('b')) AS t(x)", "a+b"]],
  },
});
