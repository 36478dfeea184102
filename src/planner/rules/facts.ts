import type { Expr } from "../../expressions/expr.ts";

/** What rules ask about expressions. */
export interface ExprFacts {
  /** Batch mode: what has no operator of its own over changes is computed over the rows that are left. */
  readonly batch: boolean;
  /** May be evaluated at another place, or more than once. */
  pure(expr: Expr): boolean;
  /** The function gives NULL when any argument is NULL. */
  strict(name: string): boolean;
  /** The expression with its constant parts computed. */
  fold(expr: Expr): Expr;
}
