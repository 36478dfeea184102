import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { Binary, Expression, RowConstructor } from "../../parser/index.ts";
import { bindCall } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Environment } from "./context.ts";
import { compareWithItself } from "./self-comparison.ts";

type Bind = (node: Expression, env: Environment) => Expr;

type Comparison = Pick<Binary, "operator" | "left" | "right" | "span">;

/**
 * A comparison by an operator. `(a, b) = (x, y)` is taken apart as `a = x AND b = y`, so that a NULL inside makes it
 * unknown. Everything else is compared as a whole: values of a ROW type, rows inside of rows and rows under `<>` are equal
 * when their NULLs are in the same places. (All as Flink does it.)
 */
export function bindComparison(node: Comparison, env: Environment, bind: Bind): Expr {
  const { operator, left, right, span } = node;
  const rows = operator === "=" ? bothRows(left, right) : undefined;
  if (rows === undefined) return compareWhole(node, env, bind);
  const [l, r] = rows;
  const parts = l.items.map((item, i) => compareWhole({ operator, left: item, right: r.items[i]!, span }, env, bind));
  return joined(env, "AND", parts, span);
}

function compareWhole({ operator, left, right, span }: Comparison, env: Environment, bind: Bind): Expr {
  const [l, r] = bothSides(left, right, env, bind);
  const compared = bindCall(env.binding, operator, [l, r], span);
  const itself = compareWithItself(env.binding, operator, l, r, span);
  return itself === undefined ? compared : { ...itself, type: compared.type };
}

/** A NULL inside a row has the type of its opposite. */
function bothSides(left: Expression, right: Expression, env: Environment, bind: Bind): readonly [Expr, Expr] {
  const rows = bothRows(left, right);
  if (rows === undefined) return [bind(left, env), bind(right, env)];
  const pairs = rows[0].items.map((item, i): readonly [Expr, Expr] => {
    const [l, r] = bothSides(item, rows[1].items[i]!, env, bind);
    return [l.type.kind === "NULL" ? coerce(l, r.type) : l, r.type.kind === "NULL" ? coerce(r, l.type) : r];
  });
  const row = (items: readonly Expr[], span: Span): Expr => bindCall(env.binding, "ROW", items, span);
  return [
    row(
      pairs.map(([l]) => l),
      left.span,
    ),
    row(
      pairs.map(([, r]) => r),
      right.span,
    ),
  ];
}

/** `(a, b) IN ((1, 2), …)`; undefined when no row that is written out is compared with another one. */
export function rowInList(
  operand: Expression,
  items: readonly Expression[],
  env: Environment,
  span: Span,
  bind: Bind,
): Expr | undefined {
  if (!items.some((item) => bothRows(operand, item) !== undefined)) return undefined;
  const equal = items.map((item) => bindComparison({ operator: "=", left: operand, right: item, span }, env, bind));
  return joined(env, "OR", equal, span);
}

/** Two rows that are written out, with as many items. */
function bothRows(left: Expression, right: Expression): readonly [RowConstructor, RowConstructor] | undefined {
  if (left.kind !== "RowConstructor" || right.kind !== "RowConstructor") return undefined;
  return left.items.length === right.items.length ? [left, right] : undefined;
}

/** Halves, so that a long list makes no deep expression. */
function joined(env: Environment, operator: "AND" | "OR", parts: readonly Expr[], span: Span): Expr {
  if (parts.length === 1) return parts[0]!;
  const middle = parts.length >> 1;
  const halves = [parts.slice(0, middle), parts.slice(middle)].map((half) => joined(env, operator, half, span));
  return bindCall(env.binding, operator, halves, span);
}
