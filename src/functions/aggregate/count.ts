import { T } from "../../types/data-type.ts";
import { aggregate, type AggregateFunction } from "../define.ts";

/** COUNT(*) and COUNT(x). */
export const COUNT: AggregateFunction = aggregate({
  name: "COUNT",
  signature: "COUNT(*) | COUNT([DISTINCT] <ANY>)",
  resolve: (args) => (args.length <= 1 ? { type: T.bigint(false) } : undefined),
  nulls: "skip",
  state: () => [{ storage: "i64", initial: 0n }],
  accumulate: (_args, acc) => acc.set(0, `BigInt.asIntN(64, ${acc.get(0)} + 1n)`),
  retract: (_args, acc) => acc.set(0, `BigInt.asIntN(64, ${acc.get(0)} - 1n)`),
  merge: (into, from) => into.set(0, `BigInt.asIntN(64, ${into.get(0)} + ${from.get(0)})`),
  resultIsNull: () => "false",
  result: (acc) => acc.get(0),
  doc: {
    summary: "Number of rows; with an argument, of rows where it is not NULL.",
    examples: [
      ["SELECT COUNT(*) FROM (VALUES (1), (2)) AS t(x)", "2"],
      ["SELECT COUNT(NULLIF(x, 1)) FROM (VALUES (1), (2)) AS t(x)", "1"],
    ],
  },
});
