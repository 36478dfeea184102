import { SqlError } from "../../base/errors.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Filter, LogicalPlan, Over, Rank } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts } from "../logical/rewrite.ts";
import type { ExprFacts } from "./facts.ts";

/** A bound of the rank: `rn <= 3`, `rn = 1`, `2 <= rn`, `rn BETWEEN 2 AND 3` (already two conditions). */
interface Bound {
  readonly from: number | undefined;
  readonly to: number | undefined;
}

/**
 * Filter(rank ≤ n) over Over(ROW_NUMBER) → Rank (Flink's Top-N and deduplication pattern); Limit over Sort → Rank over
 * everything. Runs after filters have been pushed down onto the Over.
 */
export function toRank(plan: LogicalPlan, facts: ExprFacts): LogicalPlan {
  if (plan.kind === "Limit" && plan.inputs[0].kind === "Sort") {
    const sort = plan.inputs[0];
    if (plan.fetch <= 0) return plan;
    const rank: Rank = {
      kind: "Rank",
      schema: plan.schema,
      inputs: [sort.inputs[0]],
      partition: [],
      order: sort.order,
      from: plan.offset + 1,
      to: plan.offset + plan.fetch,
      outputRank: false,
    };
    return rank;
  }
  if (plan.kind !== "Filter" || plan.inputs[0].kind !== "Over") return plan;
  return rankOverFilter(plan, plan.inputs[0], facts);
}

function rankOverFilter(filter: Filter, over: Over, facts: ExprFacts): LogicalPlan {
  const [fn] = over.functions;
  if (over.functions.length !== 1 || fn === undefined || over.order.length === 0) return filter;
  const rankColumn = over.inputs[0].schema.fields.length;
  const ranks =
    fn.function === "ROW_NUMBER" || (!facts.batch && (fn.function === "RANK" || fn.function === "DENSE_RANK"));
  let from = 1;
  let to: number | undefined;
  let bounded = false;
  const rest: Expr[] = [];
  for (const condition of conjuncts(filter.predicate)) {
    const bound = boundOf(facts.fold(condition), rankColumn);
    if (bound === undefined) {
      rest.push(condition);
      continue;
    }
    bounded = true;
    if (bound.from !== undefined) from = Math.max(from, bound.from);
    if (bound.to !== undefined) to = Math.min(to ?? Number.MAX_SAFE_INTEGER, bound.to);
  }
  const others = facts.batch || !ranks ? [] : rest.filter((condition) => columnsOf(condition).has(rankColumn));
  if (!bounded && others.length === 1) refuseVariableEnd(others[0]!, rankColumn, over);
  // As in Flink, what compares the number with anything but constants is no Top-N: all rows are numbered.
  if (others.length > 0) return filter;
  if (!bounded || !ranks || (to === undefined && facts.batch)) return filter;
  if (to === undefined) {
    throw new SqlError(
      "PLANNING",
      "Rank end is not specified. Currently rank only support TopN, which means the rank end must be specified.",
      { span: over.span, hint: "add an upper bound: rn <= N" },
    );
  }
  if (fn.function !== "ROW_NUMBER") {
    throw new SqlError("PLANNING", `${fn.function}() on streaming table is not supported currently.`, {
      span: over.span,
      hint: "use ROW_NUMBER() for a Top-N",
    });
  }
  if (to < 1 && !facts.batch)
    throw new SqlError("PLANNING", `Rank end can't be smaller than one. The rank end is ${to}`, { span: over.span });
  if (to < from) return { kind: "Values", schema: filter.schema, inputs: [], rows: [] };
  const rank: Rank = {
    kind: "Rank",
    schema: over.schema,
    inputs: [over.inputs[0]],
    partition: over.partition,
    order: over.order,
    from,
    to,
    outputRank: true,
  };
  const predicate = conjunction(rest);
  return predicate === undefined ? rank : { kind: "Filter", schema: rank.schema, inputs: [rank], predicate };
}

/** `rn <= n`: Flink reads N from the rows; which of them decides is not defined. */
function refuseVariableEnd(condition: Expr, rankColumn: number, over: Over): void {
  if (condition.kind !== "call" || condition.args.length !== 2) return;
  const [left, right] = condition.args as readonly [Expr, Expr];
  const [operator, end] = isRank(left, rankColumn)
    ? [condition.function, right]
    : [isRank(right, rankColumn) ? MIRRORED[condition.function] : undefined, left];
  if ((operator !== "<" && operator !== "<=") || columnsOf(end).has(rankColumn)) return;
  throw new SqlError("UNSUPPORTED", "a Top-N whose N is a column is not supported", {
    span: over.span,
    hint: "compare the row number with a constant",
  });
}

function boundOf(condition: Expr, rankColumn: number): Bound | undefined {
  if (condition.kind !== "call" || condition.args.length !== 2) return undefined;
  const [left, right] = condition.args as readonly [Expr, Expr];
  if (isRank(left, rankColumn)) return bound(condition.function, literalNumber(right));
  if (isRank(right, rankColumn)) return bound(MIRRORED[condition.function] ?? "", literalNumber(left));
  return undefined;
}

const MIRRORED: Readonly<Record<string, string>> = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=" };

function bound(operator: string, value: number | undefined): Bound | undefined {
  if (value === undefined) return undefined;
  switch (operator) {
    case "=":
      return Number.isInteger(value) ? { from: value, to: value } : { from: Math.ceil(value), to: Math.floor(value) };
    case "<":
      return { from: undefined, to: Math.ceil(value) - 1 };
    case "<=":
      return { from: undefined, to: Math.floor(value) };
    case ">":
      return { from: Math.floor(value) + 1, to: undefined };
    case ">=":
      return { from: Math.ceil(value), to: undefined };
    default:
      return undefined;
  }
}

/** The rank column itself or a widening cast of it. */
function isRank(expr: Expr, rankColumn: number): boolean {
  if (expr.kind === "call" && expr.function === "CAST") return isRank(expr.args[0] as Expr, rankColumn);
  return expr.kind === "column" && expr.index === rankColumn;
}

function literalNumber(expr: Expr): number | undefined {
  if (expr.kind !== "literal") return undefined;
  const value = expr.value;
  if (expr.type.kind === "DECIMAL" && typeof value === "bigint") return Number(value) / 10 ** expr.type.scale;
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : undefined;
}
