import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import { bindCall } from "./call.ts";
import type { Binding } from "./context.ts";
import { compareWithItself } from "./self-comparison.ts";

/**
 * `(a, b) = (c, d)` is `a = c AND b = d`, so that a NULL in either makes it unknown, and a join finds its keys. Rows that
 * are no constructors are compared as a whole, as in Flink. Undefined: no two constructors of one length.
 */
function compareConstructors(binding: Binding, left: Expr, right: Expr, span: Span): Expr | undefined {
  if (!isRowConstructor(left) || !isRowConstructor(right) || left.args.length !== right.args.length) return undefined;
  const tests = left.args.map((item, i) => bindEquality(binding, item, right.args[i]!, span, false));
  return tests.reduce((all, test) => bindCall(binding, "AND", [all, test], span));
}

function isRowConstructor(expr: Expr): expr is Extract<Expr, { kind: "call" }> {
  return expr.kind === "call" && expr.function === "ROW";
}

/** `left = right`; `rows`: rows are taken apart, which those within rows are not. */
export function bindEquality(binding: Binding, left: Expr, right: Expr, span: Span, rows = true): Expr {
  const taken = rows ? compareConstructors(binding, left, right, span) : undefined;
  if (taken !== undefined) return taken;
  const compared = bindCall(binding, "=", [left, right], span);
  return compareWithItself(binding, "=", left, right, span) ?? compared;
}

/** `operand IN (items)`; of row constructors it is an OR of their equalities. */
export function bindInList(binding: Binding, operand: Expr, items: readonly Expr[], span: Span): Expr {
  const tests = items.map((item) => compareConstructors(binding, operand, item, span));
  if (!tests.every((test) => test !== undefined)) return bindCall(binding, "IN", [operand, ...items], span);
  return balancedOr(binding, tests, span);
}

/** The OR of all as a tree of little depth. */
function balancedOr(binding: Binding, tests: readonly Expr[], span: Span): Expr {
  if (tests.length === 1) return tests[0]!;
  const middle = tests.length >> 1;
  const halves = [tests.slice(0, middle), tests.slice(middle)].map((half) => balancedOr(binding, half, span));
  return bindCall(binding, "OR", halves, span);
}
