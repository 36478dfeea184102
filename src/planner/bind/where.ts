import type { Expr } from "../../expressions/expr.ts";
import { walk, type Expression } from "../../parser/index.ts";
import type { LogicalPlan } from "../logical/algebra.ts";
import { conjunction, conjuncts, replaceColumns } from "../logical/rewrite.ts";
import type { Binding, Environment } from "./context.ts";
import { bindCondition, bindExpression } from "./expression.ts";
import { filter } from "./nodes.ts";
import { createPendingList, PENDING_BASE } from "./pending.ts";
import type { Scope } from "./scope.ts";
import { applyAsColumn, applyAsFilter } from "./apply-subquery.ts";
import { prepareSubquery, type PendingSubquery } from "./subquery.ts";

/**
 * WHERE: plain conditions become a Filter, IN and EXISTS joined by AND become semi and anti joins, other subqueries
 * become columns that are compared above them. The input's columns keep their positions.
 */
export function bindWhere(node: Expression, input: LogicalPlan, scope: Scope, binding: Binding): LogicalPlan {
  const plainEnv: Environment = { binding, scope, clause: "WHERE" };
  const plain: Expr[] = [];
  const semi: { readonly pending: PendingSubquery; readonly not: boolean }[] = [];
  const mixed: {
    readonly condition: Expr;
    readonly strict: boolean;
    readonly pending: ReturnType<typeof createPendingList<PendingSubquery>>["items"];
  }[] = [];
  const bindOperand = (operand: Expression): Expr => bindExpression(operand, plainEnv);
  let next = PENDING_BASE;
  for (const part of splitAnd(node)) {
    const direct = directSubquery(part);
    if (direct !== undefined) {
      semi.push({ pending: prepareSubquery(direct.node, binding, scope, bindOperand), not: direct.not });
      continue;
    }
    const subqueries = createPendingList<PendingSubquery>(() => next++);
    const condition = bindCondition(part, {
      ...plainEnv,
      subquery: (sub) => {
        const pending = prepareSubquery(sub, binding, scope, bindOperand, isPositive(part, sub));
        return subqueries.add(pending, pending.type, sub.span);
      },
    });
    if (subqueries.items.length === 0) plain.push(condition);
    else mixed.push({ condition, strict: isStrict(part), pending: subqueries.items });
  }
  const first = conjunction(plain);
  let plan = first === undefined ? input : filter(input, first);
  for (const { pending, not } of semi) plan = applyAsFilter(plan, pending, not, binding);
  for (const { condition, strict, pending } of mixed) {
    const values = new Map<number, Expr>();
    for (const { index, item } of pending) {
      const applied = applyAsColumn(plan, item, binding, (e) => e);
      plan = applied.plan;
      values.set(index, applied.value);
    }
    const complete = replaceColumns(condition, (c) => values.get(c.index) ?? c);
    // No row passes where the only subquery gave NULL: the join need not keep rows for it.
    plan =
      strict && pending.length === 1 && plan.kind === "Join" && [...values.values()].every((v) => v.kind === "column")
        ? { ...plan, type: "inner", condition: conjunction([plan.condition, complete].flatMap(conjuncts)) ?? complete }
        : filter(plan, complete);
  }
  return plan;
}

/** True when there is a subquery in the expression. */
export function hasSubquery(node: Expression): boolean {
  let found = false;
  walk(node, ({ kind }) => {
    found ||= kind === "SubQuery" || kind === "InQuery" || kind === "Exists" || kind === "Quantified";
    return !found;
  });
  return found;
}

/** The conditions that AND joins. */
export function splitAnd(node: Expression): readonly Expression[] {
  if (node.kind === "Binary" && node.operator === "AND") return [...splitAnd(node.left), ...splitAnd(node.right)];
  return [node];
}

/** `sub` is joined to `node` by AND and OR alone, so that its NULL counts as FALSE. */
export function isPositive(node: Expression, sub: Expression): boolean {
  if (node === sub) return true;
  return (
    node.kind === "Binary" &&
    (node.operator === "AND" || node.operator === "OR") &&
    (isPositive(node.left, sub) || isPositive(node.right, sub))
  );
}

const COMPARISONS: ReadonlySet<string> = new Set(["=", "<>", "<", "<=", ">", ">="]);

/** A comparison with a scalar subquery, which is never true where that is NULL. */
function isStrict(node: Expression): boolean {
  if (node.kind !== "Binary" || !COMPARISONS.has(node.operator)) return false;
  const propagates = (side: Expression): boolean => {
    if (side.kind === "Binary")
      return ["+", "-", "*", "/"].includes(side.operator) && (propagates(side.left) || propagates(side.right));
    return side.kind === "SubQuery";
  };
  return propagates(node.left) || propagates(node.right);
}

/** `[NOT] EXISTS (…)`, `x [NOT] IN (query)`, `NOT x IN (query)`. */
function directSubquery(
  node: Expression,
): { readonly node: Extract<Expression, { kind: "InQuery" | "Exists" }>; readonly not: boolean } | undefined {
  if (node.kind === "Exists" || node.kind === "InQuery") return { node, not: false };
  if (node.kind !== "Unary" || node.operator !== "NOT") return undefined;
  const inner = directSubquery(node.operand);
  if (inner === undefined) return undefined;
  if (inner.node.kind === "InQuery") return { node: { ...inner.node, not: !inner.node.not }, not: false };
  return { node: inner.node, not: !inner.not };
}
