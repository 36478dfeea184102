import { column } from "../../expressions/expr.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCall, Join, LogicalPlan } from "../logical/algebra.ts";
import { conjuncts } from "../logical/rewrite.ts";

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
    case "Join": {
      const side = keptSide(plan);
      if (side === "left" || plan.type === "semi" || plan.type === "anti") return uniqueKey(plan.inputs[0]);
      const width = plan.inputs[0].schema.fields.length;
      return side === "right" ? uniqueKey(plan.inputs[1])?.map((index) => index + width) : undefined;
    }
    default:
      return undefined;
  }
}

/**
 * The side of an outer join whose rows come out once each, because it finds at most one row for each: by a key of the
 * other side.
 */
export function keptSide({ type, asOf, condition, inputs: [left, right] }: Join): "left" | "right" | undefined {
  if ((type !== "left" && type !== "right") || asOf !== undefined) return undefined;
  const width = left.schema.fields.length;
  const joined = new Set<number>();
  for (const part of conjuncts(condition)) {
    if (part.kind !== "call" || part.function !== "=") continue;
    const [a, b] = part.args.map((arg) => (arg.kind === "column" ? arg.index : undefined));
    if (a === undefined || b === undefined || a < width === b < width) continue;
    joined.add(type === "left" ? Math.max(a, b) - width : Math.min(a, b));
  }
  const key = uniqueKey(type === "left" ? right : left);
  return key?.every((index) => joined.has(index)) === true ? type : undefined;
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
