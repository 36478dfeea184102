import { SqlError } from "../../base/errors.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { OverSpec } from "../spec.ts";
import { OverByArrival } from "./over-arrival.ts";
import { OverByColumn } from "./over-column.ts";
import { OverByRowtime } from "./over-rowtime.ts";

/** OVER windows. */
export const OVER: OperatorDefinition<OverSpec> = {
  kind: "over",
  create: (spec, context) => {
    switch (spec.order.by) {
      case "rowtime":
        return new OverByRowtime(spec, spec.order.column, context);
      case "proctime":
        return new OverByArrival(spec, context);
      case "column":
        if (spec.frame.preceding === "unbounded") return new OverByColumn(spec, spec.order.column, context);
        throw new SqlError("BUG", "a bounded OVER window in the order of a column");
    }
  },
};
