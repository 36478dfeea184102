import { SqlError } from "../../base/errors.ts";
import { unionSpan } from "../../base/span.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import type { Join, LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts, replaceColumns, shiftColumns, TRUE } from "../logical/rewrite.ts";
import { applyAsColumn } from "./apply-subquery.ts";
import type { Binding } from "./context.ts";
import { columnsAround } from "./domain.ts";
import { bindCondition, bindExpression } from "./expression.ts";
import { join, project } from "./nodes.ts";
import { createPendingList, PENDING_BASE } from "./pending.ts";
import { OUTER_BASE, type Scope } from "./scope.ts";
import { prepareSubquery, type PendingSubquery } from "./subquery.ts";
import { bindWhere, isPositive } from "./where.ts";

/** A join with the conditions of its ON that have subqueries; `joined` has the others, `scope` names its columns. */
export function joinWithSubqueries(
  node: ast.Join,
  nested: readonly ast.Expression[],
  joined: Join,
  scope: Scope,
  binding: Binding,
): LogicalPlan {
  // In ON of an inner join they decide as they would in WHERE.
  if (joined.type === "inner") return bindWhere(allOf(nested), joined, scope, binding);
  if (joined.asOf !== undefined || joined.type === "semi" || joined.type === "anti") throw unsupported(node, nested);
  return outerJoin(node, nested, joined, scope, binding);
}

function allOf(conditions: readonly ast.Expression[]): ast.Expression {
  return conditions.reduce((left, right) => ({
    kind: "Binary",
    span: unionSpan(left.span, right.span),
    operator: "AND",
    left,
    right,
  }));
}

function unsupported(node: ast.Join, nested: readonly ast.Expression[]): SqlError {
  return new SqlError("UNSUPPORTED", `A subquery like this in ON of a ${node.type} JOIN is not supported`, {
    span: allOf(nested).span,
    hint: "join a query that has the condition in its WHERE",
  });
}

/** Each subquery becomes a column of the side that it reads, which the condition of the join compares. */
function outerJoin(
  node: ast.Join,
  nested: readonly ast.Expression[],
  joined: Join,
  scope: Scope,
  binding: Binding,
): LogicalPlan {
  const [left, right] = joined.inputs;
  const [leftWidth, rightWidth] = [left.schema.fields.length, right.schema.fields.length];
  const env = { binding, scope, clause: "ON" };
  let next = PENDING_BASE;
  const subqueries = createPendingList<PendingSubquery>(() => next++);
  const conditions = nested.map((part) =>
    bindCondition(part, {
      ...env,
      subquery: (sub) => {
        const bindOperand = (operand: ast.Expression): Expr => bindExpression(operand, env);
        const pending = prepareSubquery(sub, binding, scope, bindOperand, isPositive(part, sub));
        return subqueries.add(pending, pending.type, sub.span);
      },
    }),
  );
  // What reads neither side goes to the one whose rows may be without a partner.
  const free = joined.type === "right" ? "left" : "right";
  const sides = { left, right };
  const values = new Map<number, { readonly side: "left" | "right"; readonly value: Expr }>();
  for (const { index, item } of subqueries.items) {
    const used = [
      ...item.operands.flatMap((e) => [...columnsOf(e)]),
      ...columnsAround(item.plan).map((c) => c.index - OUTER_BASE),
    ];
    const ofLeft = used.some((c) => c < leftWidth);
    const ofRight = used.some((c) => c >= leftWidth && c < leftWidth + rightWidth);
    if (ofLeft && ofRight) throw unsupported(node, nested);
    const side = ofLeft ? "left" : ofRight ? "right" : free;
    const moved = (e: Expr): Expr => (side === "left" ? e : shiftColumns(e, -leftWidth));
    const applied = applyAsColumn(sides[side], item, binding, moved);
    sides[side] = applied.plan;
    values.set(index, { side, value: applied.value });
  }
  const added = sides.left.schema.fields.length - leftWidth;
  const inPlace = (expr: Expr): Expr =>
    replaceColumns(expr, (c) => {
      const found = values.get(c.index);
      if (found !== undefined)
        return found.side === "left" ? found.value : shiftColumns(found.value, leftWidth + added);
      return c.index < leftWidth ? c : { ...c, index: c.index + added };
    });
  const condition = conjunction([...conjuncts(joined.condition), ...conditions].map(inPlace)) ?? TRUE;
  const plan: Join = {
    ...join(sides.left, sides.right, joined.type, condition),
    ...(joined.ttlMillis === undefined ? {} : { ttlMillis: joined.ttlMillis }),
  };
  return project(
    plan,
    joined.schema.fields.map((f, i) => column(i < leftWidth ? i : i + added, f.type)),
    joined.schema.fields.map((f) => f.name),
  );
}
