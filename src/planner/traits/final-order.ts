import type { LogicalPlan, SortKey } from "../logical/algebra.ts";

/**
 * The order that a query asks for, over its output columns, as far as they show it: ORDER BY … LIMIT is an updating
 * Top-N, whose changes come in any order, but the rows that are left at the end can be shown in this one.
 */
export function finalOrder(plan: LogicalPlan): readonly SortKey[] {
  switch (plan.kind) {
    case "Collect":
    case "Limit":
    case "Filter":
      return finalOrder(plan.inputs[0]);
    case "Rank":
      return plan.partition.length === 0 ? plan.order : [];
    case "Sort":
      return plan.order;
    case "Project": {
      const below = finalOrder(plan.inputs[0]);
      const visible: SortKey[] = [];
      for (const key of below) {
        const at = plan.expressions.findIndex((e) => e.kind === "column" && e.index === key.column);
        if (at < 0) break;
        visible.push({ ...key, column: at });
      }
      return visible;
    }
    default:
      return [];
  }
}
