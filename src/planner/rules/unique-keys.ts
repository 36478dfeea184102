import { column } from "../../expressions/expr.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";

/**
 * The columns that tell any two rows of the plan apart: those of a GROUP BY, or the primary key of a table without a
 * watermark, which Flink takes at its word too. Empty: there is only one row.
 */
export function uniqueKey(plan: LogicalPlan): readonly number[] | undefined {
  switch (plan.kind) {
    case "Aggregate":
      return plan.keys.map((_, i) => i);
    case "Scan": {
      const { primaryKey } = plan.table;
      return primaryKey?.columns.map((name) => plan.schema.fields.findIndex((f) => f.name === name));
    }
    case "Filter":
    case "Sort":
    case "Limit":
      return uniqueKey(plan.inputs[0]);
    case "Project": {
      const key = uniqueKey(plan.inputs[0])?.map((k) =>
        plan.expressions.findIndex((e) => e.kind === "column" && e.index === k),
      );
      return key?.includes(-1) === true ? undefined : key;
    }
    default:
      return undefined;
  }
}

const OF_ONE_ROW: ReadonlySet<string> = new Set(["MIN", "MAX", "SUM"]);

/**
 * DISTINCT and GROUP BY over rows that differ in these columns anyway are a projection, as in Flink: it keeps no state, and
 * its updates are those of its input. Looks at one node whose inputs are done.
 */
export function withoutNeedlessAggregate(plan: LogicalPlan): LogicalPlan {
  if (plan.kind !== "Aggregate" || plan.keys.length === 0 || !plan.aggregates.every(isOfOneRow)) return plan;
  const [input] = plan.inputs;
  const key = uniqueKey(input);
  if (key === undefined || !key.every((k) => plan.keys.includes(k))) return plan;
  const keys = plan.keys.map((k) => column(k, input.schema.fields[k]!.type));
  const values = plan.aggregates.map((call) => call.args[0]!);
  return { kind: "Project", schema: plan.schema, inputs: [input], expressions: [...keys, ...values] };
}

/** Its result over one row is its argument; a sum of DECIMAL has a type of its own. */
function isOfOneRow({ function: name, filter, args, type }: AggregateCall): boolean {
  return OF_ONE_ROW.has(name) && filter === undefined && typeText(args[0]!.type) === typeText(type);
}
