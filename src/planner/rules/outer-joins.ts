import type { Expr } from "../../expressions/expr.ts";
import type { Join } from "../logical/algebra.ts";
import type { ExprFacts } from "./facts.ts";

/**
 * The join type that is left when conditions above it take away padded rows: `a LEFT JOIN b … WHERE b.x > 1` is an inner
 * join, which keeps less state and, over inputs that only insert, only inserts.
 */
export function strengthened(join: Join, conditions: readonly Expr[], facts: ExprFacts): Join["type"] {
  const leftWidth = join.inputs[0].schema.fields.length;
  const rejects = (side: "left" | "right"): boolean =>
    conditions.some((c) => isNotTrue(c, (index) => index < leftWidth === (side === "left"), facts));
  const { type } = join;
  const keepsLeft = (type === "left" || type === "full") && !rejects("right");
  const keepsRight = (type === "right" || type === "full") && !rejects("left");
  if (type !== "left" && type !== "right" && type !== "full") return type;
  if (keepsLeft) return keepsRight ? "full" : "left";
  return keepsRight ? "right" : "inner";
}

type IsNulled = (column: number) => boolean;

/** The condition cannot be TRUE when all nulled columns are NULL. */
function isNotTrue(expr: Expr, nulled: IsNulled, facts: ExprFacts): boolean {
  if (isNull(expr, nulled, facts)) return true;
  if (expr.kind === "literal") return expr.value === false;
  if (expr.kind !== "call") return false;
  const [first] = expr.args;
  switch (expr.function) {
    case "AND":
      return expr.args.some((arg) => isNotTrue(arg, nulled, facts));
    case "OR":
      return expr.args.every((arg) => isNotTrue(arg, nulled, facts));
    case "IS NOT NULL":
      return first !== undefined && isNull(first, nulled, facts);
    case "IS TRUE":
      return first !== undefined && isNotTrue(first, nulled, facts);
    default:
      return false;
  }
}

/** The expression is NULL when all nulled columns are. */
function isNull(expr: Expr, nulled: IsNulled, facts: ExprFacts): boolean {
  switch (expr.kind) {
    case "column":
      return nulled(expr.index);
    case "literal":
      return expr.value === null;
    case "call":
      if (expr.function === "IN") return expr.args[0] !== undefined && isNull(expr.args[0], nulled, facts);
      return facts.strict(expr.function) && expr.args.some((arg) => isNull(arg, nulled, facts));
  }
}
