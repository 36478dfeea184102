import type { Expression } from "../ast/expression.ts";
import { adapted, callOf, numberOf } from "./context.ts";
import type { TreeReader } from "./tree-reader.ts";

/** `a / b` with the meaning of the dialect for whole numbers and for zero. */
export function convertDivision(left: Expression, right: Expression, node: TreeReader): Expression {
  const { context, span } = node;
  const { dialect } = context;
  const dividend = dialect.wholeDivision ? left : adapted("dividend", left, context);
  const zero = numberOf("0", right.span);
  const isNumber = right.kind === "Literal" && Number(right.text) !== 0;
  const divisor = dialect.zeroDivisorIsNull && !isNumber ? callOf("NULLIF", [right, zero], right.span) : right;
  return { kind: "Binary", span, operator: "/", left: dividend, right: divisor };
}
