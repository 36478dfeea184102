import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import type { Expression } from "../../parser/index.ts";
import { isInterval } from "../../types/coerce.ts";
import { T } from "../../types/data-type.ts";
import { isMonthUnit } from "../../types/interval.ts";
import { adaptNumber } from "./adapted.ts";
import { bindCall, bindFunctionCall, explicitCast } from "./call.ts";
import { asCondition } from "./coercion.ts";
import type { Environment } from "./context.ts";
import { bindType } from "./data-types.ts";
import { bindInterval, bindLiteral } from "./literals.ts";
import { bindComparison, rowInList } from "./row-comparison.ts";
import { fieldOf, fullName, resolveColumn } from "./scope.ts";

/** AST → typed expression. Throws with the span of the part that is wrong. */
export function bindExpression(node: Expression, env: Environment): Expr {
  const bind = (child: Expression): Expr => bindExpression(child, env);
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(env.binding, name, args, node.span);
  switch (node.kind) {
    case "Literal":
      return bindLiteral(node);
    case "IntervalLiteral":
      return bindInterval(node);
    case "ColumnRef":
      env.binding.notes?.column(node, fullName(env.scope, node.parts));
      return resolveColumn(env.scope, node.parts);
    case "Unary":
      return bindUnary(node, env);
    case "Binary":
      if (node.operator === "OVERLAPS") return bindOverlaps(node, env);
      return bindComparison(node, env, bindExpression);
    case "Is":
      return bindIs(node, env);
    case "Between":
      return bindBetween(node, env);
    case "InList": {
      const rows = rowInList(node.operand, node.items, env, node.span, bindExpression);
      return negateIf(node.not, rows ?? apply("IN", bind(node.operand), ...node.items.map(bind)), env, node.span);
    }
    case "Like": {
      const args = [node.operand, node.pattern, ...(node.escape === undefined ? [] : [node.escape])];
      return negateIf(node.not, apply(node.operator, ...args.map(bind)), env, node.span);
    }
    case "Case":
      return bindCase(node, env);
    case "Cast":
      return explicitCast(bind(node.operand), bindType(node.type), node.tolerant, node.span);
    case "IntervalCast":
      return bindIntervalCast(node, env);
    case "Adapted":
      return adaptNumber(node, bind(node.operand), env);
    case "FunctionCall":
      return bindFunctionCall(node, env, bindExpression);
    case "SubQuery":
    case "InQuery":
    case "Quantified":
    case "Exists":
      if (env.subquery !== undefined) return env.subquery(node);
      throw new SqlError("UNSUPPORTED", `A subquery in ${env.clause} is not supported`, { span: node.span });
    case "ArrayConstructor":
      if (node.items.length === 0)
        throw new SqlError("INVALID_QUERY", "Require at least 1 argument", { span: node.span });
      return apply("ARRAY", ...node.items.map(bind));
    case "MapConstructor":
      if (node.items.length === 0)
        throw new SqlError("INVALID_QUERY", "Map requires at least 2 arguments", { span: node.span });
      return apply("MAP", ...node.items.map(bind));
    case "RowConstructor":
      return apply("ROW", ...node.items.map(bind));
    case "ElementAccess":
      return bindElement(node, env);
    case "FieldAccess":
      if (node.field.kind === "Star") throw misplaced("'.*'", node.span);
      return { ...fieldOf(bind(node.operand), node.field), span: node.span };
    case "Star":
      throw misplaced("'*'", node.span);
    case "Descriptor":
      throw misplaced("DESCRIPTOR", node.span);
    case "TableArgument":
      throw misplaced("TABLE", node.span);
    case "NamedArgument":
      throw new SqlError("UNSUPPORTED", "Named arguments are only supported by window functions in FROM", {
        span: node.span,
      });
  }
}

/** The condition of a clause. */
export function bindCondition(node: Expression, env: Environment): Expr {
  return asCondition(bindExpression(node, env), env.clause, node.span);
}

function misplaced(what: string, span: Span): SqlError {
  return new SqlError("INVALID_QUERY", `${what} is not allowed here`, { span });
}

function bindUnary(node: ast.Unary, env: Environment): Expr {
  const { operand } = node;
  if (operand.kind === "Literal" && operand.type === "number" && node.operator !== "NOT") {
    return { ...bindLiteral(operand, node.operator === "-"), span: node.span };
  }
  const value = bindExpression(operand, env);
  const names = { "-": "NEGATE", "+": "UNARY_PLUS", NOT: "NOT" } as const;
  return bindCall(env.binding, names[node.operator], [value], node.span);
}

function negateIf(not: boolean, expr: Expr, env: Environment, span: Span): Expr {
  return not ? bindCall(env.binding, "NOT", [expr], span) : expr;
}

function bindIs(node: ast.Is, env: Environment): Expr {
  const { binding } = env;
  const args = [
    bindExpression(node.operand, env),
    ...(node.other === undefined ? [] : [bindExpression(node.other, env)]),
  ];
  // IS UNKNOWN is IS NULL of a condition.
  const test = node.test === "UNKNOWN" ? "NULL" : node.test === "JSON" ? "JSON VALUE" : node.test;
  const negated = `IS NOT ${test}`;
  if (node.not && binding.functions.scalar(negated) !== undefined) return bindCall(binding, negated, args, node.span);
  return negateIf(node.not, bindCall(binding, `IS ${test}`, args, node.span), env, node.span);
}

function bindBetween(node: ast.Between, env: Environment): Expr {
  const [value, low, high] = [node.operand, node.low, node.high].map((e) => bindExpression(e, env)) as [
    Expr,
    Expr,
    Expr,
  ];
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(env.binding, name, args, node.span);
  const inside = (from: Expr, to: Expr): Expr =>
    node.not
      ? apply("OR", apply("<", value, from), apply(">", value, to))
      : apply("AND", apply(">=", value, from), apply("<=", value, to));
  if (!node.symmetric) return inside(low, high);
  return apply(node.not ? "AND" : "OR", inside(low, high), inside(high, low));
}

function bindCase(node: ast.Case, env: Environment): Expr {
  const args: Expr[] = [];
  for (const branch of node.branches) {
    if (node.operand === undefined) {
      args.push(asCondition(bindExpression(branch.when, env), "WHEN", branch.when.span));
    } else {
      const { when } = branch;
      args.push(
        bindComparison({ operator: "=", left: node.operand, right: when, span: when.span }, env, bindExpression),
      );
    }
    args.push(bindExpression(branch.result, env));
  }
  args.push(node.otherwise === undefined ? literal(null, T.null(), node.span) : bindExpression(node.otherwise, env));
  if (args.every((a, i) => (i % 2 === 0 && i < args.length - 1) || a.type.kind === "NULL")) {
    throw new SqlError("TYPE_MISMATCH", "ELSE clause or at least one THEN clause must be non-NULL", {
      span: node.span,
    });
  }
  return bindCall(env.binding, "CASE", args, node.span);
}

/** `(s1, e1) OVERLAPS (s2, e2)`, where an end may be an interval after the start. */
function bindOverlaps(node: ast.Binary, env: Environment): Expr {
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(env.binding, name, args, node.span);
  const period = (side: Expression): readonly [Expr, Expr] => {
    if (side.kind !== "RowConstructor" || side.items.length !== 2) {
      throw new SqlError("TYPE_MISMATCH", "OVERLAPS needs two pairs: (start, end) OVERLAPS (start, end)", {
        span: side.span,
      });
    }
    const start = bindExpression(side.items[0]!, env);
    const end = bindExpression(side.items[1]!, env);
    return [start, isInterval(end.type) ? apply("+", start, end) : end];
  };
  const [s1, e1] = period(node.left);
  const [s2, e2] = period(node.right);
  // The ends may be given in either order.
  const first = (s: Expr, e: Expr): Expr => apply("CASE", apply("<=", s, e), s, e);
  const last = (s: Expr, e: Expr): Expr => apply("CASE", apply("<=", s, e), e, s);
  return apply("AND", apply(">=", last(s1, e1), first(s2, e2)), apply(">=", last(s2, e2), first(s1, e1)));
}

/** `(a - b) DAY`: the difference in milliseconds, or in whole months. */
function bindIntervalCast(node: ast.IntervalCast, env: Environment): Expr {
  const { operand } = node;
  if (operand.kind !== "Binary" || operand.operator !== "-") {
    throw new SqlError("INVALID_QUERY", "Only a difference of two times can be followed by an interval unit", {
      span: node.span,
    });
  }
  const unit = isMonthUnit(node.from) ? "MONTH" : "SECOND";
  const symbol = literal(unit, T.char(unit.length, false), node.span);
  return bindCall(
    env.binding,
    "MINUS_DATE",
    [bindExpression(operand.left, env), bindExpression(operand.right, env), symbol],
    node.span,
  );
}

function bindElement(node: ast.ElementAccess, env: Environment): Expr {
  const operand = bindExpression(node.operand, env);
  const index = bindExpression(node.index, env);
  if (operand.type.kind === "ARRAY" && index.kind === "literal" && typeof index.value === "number" && index.value < 1) {
    throw new SqlError("INVALID_QUERY", `Array element access needs an index starting at 1 but was ${index.value}.`, {
      span: node.index.span,
    });
  }
  return bindCall(env.binding, "ITEM", [operand, index], node.span);
}
