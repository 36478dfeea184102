import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type * as ast from "../../parser/index.ts";
import type { LogicalPlan, SortKey } from "../logical/algebra.ts";
import type { QueryUse } from "./context.ts";
import { limit, sort } from "./nodes.ts";

/** ORDER BY, LIMIT and OFFSET of a query. */
export interface Tail {
  readonly orderBy: readonly ast.OrderItem[];
  readonly offset: number;
  /** −1: none. */
  readonly fetch: number;
  /** STATE_TTL of the rows that DISTINCT knows. */
  readonly distinctTtlMillis?: number | undefined;
}

export const NO_TAIL: Tail = { orderBy: [], offset: 0, fetch: -1 };

/** The tail of a query; a nested ORDER BY without LIMIT says nothing and is left out, as in Flink. */
export function bindTail(query: ast.Query, use: QueryUse): Tail {
  const offset = query.offset === undefined ? 0 : rowCount(query.offset);
  const fetch = query.limit === undefined ? -1 : rowCount(query.limit);
  const limited = query.offset !== undefined || query.limit !== undefined;
  return { orderBy: use === "root" || limited ? query.orderBy : [], offset, fetch };
}

function rowCount(node: ast.Expression): number {
  if (node.kind === "Literal" && node.type === "number" && /^\d+$/.test(node.text)) return Number(node.text);
  throw new SqlError("INVALID_QUERY", "The number of rows must be a constant", { span: node.span });
}

export function hasTail(tail: Tail): boolean {
  return tail.orderBy.length > 0 || tail.offset > 0 || tail.fetch >= 0;
}

/** Sort and Limit over a plan. */
export function applyTail(plan: LogicalPlan, keys: readonly SortKey[], tail: Tail): LogicalPlan {
  const first = tail.orderBy[0];
  const last = tail.orderBy.at(-1);
  const span: Span | undefined =
    first === undefined || last === undefined ? undefined : { start: first.span.start, end: last.span.end };
  const sorted = keys.length === 0 ? plan : sort(plan, keys, span);
  return tail.offset > 0 || tail.fetch >= 0 ? limit(sorted, tail.offset, tail.fetch) : sorted;
}

/** The plan without the ORDER BY of a view, which means nothing to groups, DISTINCT, another ORDER BY and LIMIT. */
export function withoutOrder(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case "Sort":
      return withoutOrder(plan.inputs[0]);
    case "Project":
    case "Filter":
      return { ...plan, inputs: [withoutOrder(plan.inputs[0])] };
    case "Join":
      if (plan.type !== "semi" && plan.type !== "anti") return plan;
      return { ...plan, inputs: [withoutOrder(plan.inputs[0]), plan.inputs[1]] };
    default:
      return plan;
  }
}

/** The output column that `ORDER BY 2` or `ORDER BY alias` means. Throws INVALID_QUERY for a position out of range. */
export function outputColumn(node: ast.Expression, names: readonly string[]): number | undefined {
  if (node.kind === "Literal" && node.type === "number" && /^\d+$/.test(node.text)) {
    const position = Number(node.text) - 1;
    if (position >= 0 && position < names.length) return position;
    throw new SqlError("INVALID_QUERY", "Ordinal out of range", { span: node.span });
  }
  if (node.kind !== "ColumnRef" || node.parts.length !== 1) return undefined;
  const name = node.parts[0]!.name;
  const first = names.indexOf(name);
  return first >= 0 && first === names.lastIndexOf(name) ? first : undefined;
}
