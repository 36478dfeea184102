import { SqlError } from "../../base/errors.ts";
import type { CallExpr, Expr } from "../../expressions/expr.ts";
import { decimalSizeOf } from "../../types/decimal.ts";

/**
 * The folded expression itself; as in Flink it is an error before anything runs when it always divides a constant by a
 * constant 0. What stands behind a condition (CASE, IF, COALESCE, AND, OR) may never be computed, and fails when it is.
 */
export function refuseConstantZero(expr: Expr): Expr {
  if (expr.kind === "call") {
    if (dividesByZero(expr)) throw new SqlError("INVALID_QUERY", "Division by zero", { span: expr.span });
    for (const arg of LAZY.has(expr.function) ? expr.args.slice(0, 1) : expr.args) refuseConstantZero(arg);
  }
  return expr;
}

const LAZY: ReadonlySet<string> = new Set(["CASE", "IF", "COALESCE", "IFNULL", "AND", "OR"]);

function dividesByZero(call: CallExpr): boolean {
  const [dividend, divisor] = call.args;
  if (call.function !== "/" || dividend?.kind !== "literal" || divisor?.kind !== "literal") return false;
  if (dividend.value === null || (divisor.value !== 0 && divisor.value !== 0n)) return false;
  return decimalSizeOf(dividend.type) !== undefined && decimalSizeOf(divisor.type) !== undefined;
}
