import { column } from "../../expressions/expr.ts";
import { project } from "../bind/nodes.ts";
import type { LogicalPlan, Rank } from "../logical/algebra.ts";
import { identity } from "../logical/rewrite.ts";

/**
 * A Top-N over groups of which not all keys are selected, with those keys in its rows: so it can tell whose update one
 * is. As in Flink, which selects columns behind a Top-N and not in front of it; what is computed only behind ORDER BY and
 * LIMIT, that do not read it.
 */
export function withGroupKeys(plan: Rank): LogicalPlan {
  const [selected] = plan.inputs;
  if (selected.kind !== "Project" || selected.inputs[0].kind !== "Aggregate") return plan;
  const [groups] = selected.inputs;
  const isSort = !plan.outputRank && plan.partition.length === 0;
  const behind = isSort ? plan.order.map((key) => selected.expressions[key.column]!) : selected.expressions;
  if (!behind.every((e) => e.kind === "column")) return plan;
  const columns = identity(groups);
  const keys = groups.keys
    .map((_, key) => key)
    .filter((key) => !selected.expressions.some((e) => e.kind === "column" && e.index === key));
  if (keys.length === 0) return plan;
  const width = selected.expressions.length;
  const { fields } = plan.schema;
  const more = keys.map((key) => columns[key]!);
  const input = project(
    groups,
    [...selected.expressions, ...more],
    [...selected.schema.fields, ...keys.map((key) => groups.schema.fields[key]!)].map((field) => field.name),
  );
  const rank: Rank = {
    ...plan,
    inputs: [input],
    schema: { fields: [...input.schema.fields, ...fields.slice(width)] },
  };
  const shown = fields.map(({ type }, i) => column(i < width ? i : i + keys.length, type));
  return project(
    rank,
    shown,
    fields.map((field) => field.name),
  );
}
