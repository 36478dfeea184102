import type { Value } from "../types/data-type.ts";
import type { CallExpr, Expr } from "./expr.ts";

/** Rebuilds an expression bottom-up: `change` sees each node after its arguments were changed. */
export function mapExpr(expr: Expr, change: (expr: Expr) => Expr): Expr {
  if (expr.kind !== "call") return change(expr);
  let same = true;
  const args = expr.args.map((arg) => {
    const mapped = mapExpr(arg, change);
    if (mapped !== arg) same = false;
    return mapped;
  });
  return change(same ? expr : { ...expr, args });
}

/** Visits every node, parents first; `visit` returns false to stay out of a node's arguments. */
export function visitExpr(expr: Expr, visit: (expr: Expr) => boolean | void): void {
  if (visit(expr) === false || expr.kind !== "call") return;
  for (const arg of expr.args) visitExpr(arg, visit);
}

/** The expression with every column number replaced. */
export function mapColumns(expr: Expr, change: (index: number) => number): Expr {
  return mapExpr(expr, (node) => {
    if (node.kind !== "column") return node;
    const index = change(node.index);
    return index === node.index ? node : { ...node, index };
  });
}

/** The columns that the expressions read, ascending, each once. */
export function usedColumns(exprs: Iterable<Expr>): number[] {
  const used = new Set<number>();
  for (const expr of exprs) {
    visitExpr(expr, (node) => {
      if (node.kind === "column") used.add(node.index);
    });
  }
  return [...used].sort((a, b) => a - b);
}

/** True when some node of the expression satisfies the test. */
export function someExpr(expr: Expr, test: (expr: Expr) => boolean): boolean {
  return test(expr) || (expr.kind === "call" && expr.args.some((arg) => someExpr(arg, test)));
}

/** The conjuncts of a condition: `a AND (b AND c)` gives a, b, c. */
export function conjuncts(expr: Expr): Expr[] {
  if (expr.kind === "call" && expr.function === "AND") return expr.args.flatMap(conjuncts);
  return [expr];
}

/** The arguments of CASE and IF that are results: every second one, and the last. */
export function resultsOf(args: readonly Expr[]): Expr[] {
  return args.filter((_, i) => i % 2 === 1 || i === args.length - 1);
}

/** Arguments that are literals, as functions want to know them. */
export function literalsOf(call: CallExpr): (Value | undefined)[] {
  return call.args.map((arg) => (arg.kind === "literal" ? arg.value : undefined));
}

/** A text that is equal for expressions of equal structure and type (spans do not count), for finding repetitions. */
export function exprKey(expr: Expr): string {
  switch (expr.kind) {
    case "column":
      return `#${expr.index}`;
    case "literal":
      return `${typeof expr.value}:${valueKey(expr.value)}:${JSON.stringify(expr.type)}`;
    case "call":
      return `${expr.function}(${expr.args.map(exprKey).join(",")}):${JSON.stringify(expr.type)}`;
  }
}

function valueKey(value: Value): string {
  if (Object.is(value, -0)) return "-0";
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Uint8Array) return `x${Buffer.from(value).toString("hex")}`;
  if (Array.isArray(value)) return `[${value.map((item: Value) => `${typeof item}:${valueKey(item)}`).join(",")}]`;
  return String(value);
}
