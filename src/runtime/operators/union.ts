import type { OperatorDefinition } from "../operator.ts";
import type { UnionSpec } from "../spec.ts";

/** Passes the rows of all inputs on; the watermark is the minimum that the node has taken. */
export const UNION: OperatorDefinition<UnionSpec> = {
  kind: "union",
  create: () => ({ process: (_input, batch, out) => out.batch(batch) }),
};
