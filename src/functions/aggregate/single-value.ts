import { SqlError } from "../../base/errors.ts";
import { storageOf, withNullable } from "../../types/data-type.ts";
import { aggregate, type AggregateFunction } from "../define.ts";

function refuse(): never {
  throw new SqlError("INVALID_ARGUMENT", "a sub-query used as a value gave more than one row");
}

/** The value of a scalar sub-query: fails on a second row. The number of rows, and the value. */
export const SINGLE_VALUE: AggregateFunction = aggregate({
  name: "SINGLE_VALUE",
  signature: "SINGLE_VALUE(<ANY>)",
  resolve: (args) => (args.length === 1 ? { type: withNullable(args[0]!.type, true) } : undefined),
  nulls: "handled",
  state: (types) => [
    { storage: "f64", initial: 0 },
    { storage: storageOf(types.args[0]!), initial: null, name: "value", type: types.args[0]! },
  ],
  accumulate: ([value], acc, _types, context) =>
    `if (${acc.get(0)} > 0) { ${context.constant(refuse)}(); } ${acc.set(0, `${acc.get(0)} + 1`)}
     if (${value} === null) { ${acc.setNull(1)} } else { ${acc.set(1, value!)} }`,
  retract: (_args, acc) => `${acc.set(0, `${acc.get(0)} - 1`)} if (${acc.get(0)} <= 0) { ${acc.setNull(1)} }`,
  merge: (into, from, _types, context) =>
    `if (${into.get(0)} + ${from.get(0)} > 1) { ${context.constant(refuse)}(); }
     if (${from.get(0)} > 0) { ${into.set(0, from.get(0))} if (${from.isNull(1)}) { ${into.setNull(1)} } else { ${into.set(1, from.get(1))} } }`,
  resultIsNull: (acc) => acc.isNull(1),
  result: (acc) => acc.get(1),
  doc: { summary: "The only value; used for scalar sub-queries.", examples: [] },
});
