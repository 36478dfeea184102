import type { Span } from "../../base/span.ts";
import { literal, type Expr } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import { callsOf, digest } from "../logical/rewrite.ts";
import { bindCall } from "./call.ts";
import type { Binding } from "./context.ts";

const OF_EQUAL_VALUES: Readonly<Record<string, boolean>> = {
  "=": true,
  "<=": true,
  ">=": true,
  "<>": false,
  "<": false,
  ">": false,
};

/**
 * `x = x` is TRUE where x is not NULL, as in Flink: also for NaN, which is equal to nothing when the values themselves
 * are compared. Undefined: no comparison of an expression with itself.
 */
export function compareWithItself(
  binding: Binding,
  operator: string,
  left: Expr,
  right: Expr,
  span: Span,
): Expr | undefined {
  const result = OF_EQUAL_VALUES[operator];
  if (result === undefined || left.kind === "literal" || digest(left) !== digest(right)) return undefined;
  for (const call of callsOf(left)) if (binding.functions.scalar(call.function)?.stability !== "pure") return undefined;
  const constant = literal(result, T.boolean(false), span);
  if (!left.type.nullable) return constant;
  const present = bindCall(binding, "IS NOT NULL", [left], span);
  return bindCall(binding, "CASE", [present, constant, literal(null, T.boolean(true), span)], span);
}
