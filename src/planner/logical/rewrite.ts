import { column } from "../../expressions/expr.ts";
import type { CallExpr, ColumnExpr, Expr } from "../../expressions/expr.ts";
import type { LogicalPlan } from "./algebra.ts";

/** The node with other inputs; rules keep schemas, so nothing else changes. */
export function withInputs(plan: LogicalPlan, inputs: readonly LogicalPlan[]): LogicalPlan {
  if (inputs.length === plan.inputs.length && inputs.every((input, i) => input === plan.inputs[i])) return plan;
  return { ...plan, inputs } as LogicalPlan;
}

/** Rewrites bottom-up: `visit` sees each node after its inputs. */
export function transformUp(plan: LogicalPlan, visit: (node: LogicalPlan) => LogicalPlan): LogicalPlan {
  const inputs = plan.inputs as readonly LogicalPlan[];
  return visit(
    withInputs(
      plan,
      inputs.map((input) => transformUp(input, visit)),
    ),
  );
}

/** Columns of a plan as plain references, for projections that only add or drop. */
export function identity(plan: LogicalPlan): Expr[] {
  return plan.schema.fields.map((f, i) => column(i, f.type));
}

/** The expression with every column replaced. */
export function replaceColumns(expr: Expr, replace: (column: ColumnExpr) => Expr): Expr {
  switch (expr.kind) {
    case "column":
      return replace(expr);
    case "literal":
      return expr;
    case "call":
      return expr.args.length === 0 ? expr : { ...expr, args: expr.args.map((arg) => replaceColumns(arg, replace)) };
  }
}

/** The expression with column numbers shifted. */
export function shiftColumns(expr: Expr, by: number): Expr {
  return by === 0 ? expr : replaceColumns(expr, (c) => ({ ...c, index: c.index + by }));
}

/** Column numbers that the expression reads. */
export function columnsOf(expr: Expr, into: Set<number> = new Set()): Set<number> {
  if (expr.kind === "column") into.add(expr.index);
  else if (expr.kind === "call") for (const arg of expr.args) columnsOf(arg, into);
  return into;
}

/** Every call of the expression, outer first. */
export function* callsOf(expr: Expr): Generator<CallExpr> {
  if (expr.kind !== "call") return;
  yield expr;
  for (const arg of expr.args) yield* callsOf(arg);
}

/** Conditions joined by AND, as a list. TRUE gives none. */
export function conjuncts(expr: Expr): readonly Expr[] {
  if (expr.kind === "call" && expr.function === "AND") return expr.args.flatMap(conjuncts);
  if (expr.kind === "literal" && expr.value === true) return [];
  return [expr];
}

/** The inverse of `conjuncts`; no conditions: undefined. */
export function conjunction(list: readonly Expr[]): Expr | undefined {
  const [first, ...rest] = list;
  if (first === undefined) return undefined;
  return rest.reduce<Expr>(
    (left, right) => ({
      kind: "call",
      function: "AND",
      args: [left, right],
      type: { kind: "BOOLEAN", nullable: left.type.nullable || right.type.nullable },
    }),
    first,
  );
}

export const TRUE: Expr = { kind: "literal", value: true, type: { kind: "BOOLEAN", nullable: false } };

/** A key that is equal for equal plain data (specs, plans); bigints and Maps included. */
export function digest(value: unknown): string {
  return JSON.stringify(value, (key, v: unknown) => {
    if (key === "span") return undefined;
    if (typeof v === "bigint") return `${v}n`;
    if (typeof v === "number" && !Number.isFinite(v)) return String(v);
    if (Object.is(v, -0)) return "-0";
    if (v instanceof Map) return [...(v as Map<unknown, unknown>)];
    return v;
  });
}
