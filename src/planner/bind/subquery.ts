import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { commonType } from "../../types/coerce.ts";
import { T, withNullable, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, conjunction, TRUE } from "../logical/rewrite.ts";
import { bindCall } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Binding } from "./context.ts";
import { asJoinCondition, decorrelate, isOuter, remapInner, type Decorrelated } from "./decorrelate.ts";
import { aggregate, columnsOfPlan, extend, join, project } from "./nodes.ts";
import { OUTER_BASE, type Scope } from "./scope.ts";

export type SubqueryNode = ast.SubQuery | ast.InQuery | ast.Exists;

/** A subquery in an expression, bound and free of references to the outside. */
export interface PendingSubquery {
  readonly kind: "scalar" | "in" | "exists";
  readonly not: boolean;
  readonly subquery: Decorrelated;
  /** The left side of IN, over the columns of the enclosing query. */
  readonly operand: Expr | undefined;
  readonly type: DataType;
  /** The value only decides whether a row passes: NULL may count as FALSE. */
  readonly nullIsFalse: boolean;
  readonly span: Span;
}

/** Binds the query of a subquery; `bindOperand` binds the left side of IN. */
export function prepareSubquery(
  node: SubqueryNode,
  binding: Binding,
  scope: Scope,
  bindOperand: (operand: ast.Expression) => Expr,
  nullIsFalse = false,
): PendingSubquery {
  const { span } = node;
  const relation = binding.bindQuery(node.query, binding, scope, "nested");
  const fields = relation.plan.schema.fields;
  if (node.kind === "Exists") {
    // The columns do not matter; a projection on top may hold anything.
    const body = relation.plan.kind === "Project" ? relation.plan.inputs[0] : relation.plan;
    return {
      kind: "exists",
      not: false,
      subquery: decorrelate(body, span),
      operand: undefined,
      type: T.boolean(false),
      nullIsFalse,
      span,
    };
  }
  if (fields.length !== 1 && !(node.kind === "InQuery" && node.operand.kind === "RowConstructor")) {
    throw new SqlError(
      "INVALID_QUERY",
      `Cannot apply a subquery with ${fields.length} columns here: it must have one`,
      { span: node.query.span },
    );
  }
  if (node.kind === "SubQuery") {
    const subquery = decorrelate(singleRow(relation.plan, binding), span);
    return {
      kind: "scalar",
      not: false,
      subquery,
      operand: undefined,
      type: withNullable(fields[0]!.type, true),
      nullIsFalse,
      span,
    };
  }
  const operand = bindOperand(node.operand);
  const comparison = inComparison(operand, relation.plan, node);
  const subquery = decorrelate(comparison.plan, span);
  return {
    kind: "in",
    not: node.not,
    subquery,
    operand: comparison.operand,
    type: T.boolean(operand.type.nullable || fields[0]!.type.nullable),
    nullIsFalse,
    span,
  };
}

/** At most one row: a global aggregate has one already, else SINGLE_VALUE checks it. */
function singleRow(plan: LogicalPlan, binding: Binding): LogicalPlan {
  if (isGlobalAggregate(plan)) return plan;
  const field = plan.schema.fields[0]!;
  if (binding.functions.aggregate("SINGLE_VALUE") === undefined) {
    throw new SqlError("UNSUPPORTED", "A scalar subquery must be an aggregate without GROUP BY", {
      hint: "use MAX(…)",
    });
  }
  const single: AggregateCall = {
    function: "SINGLE_VALUE",
    args: columnsOfPlan(plan),
    literals: [undefined],
    distinct: false,
    filter: undefined,
    type: withNullable(field.type, true),
    name: field.name,
  };
  return aggregate(plan, [], [single]);
}

function isGlobalAggregate(plan: LogicalPlan): boolean {
  if (plan.kind === "Project") return isGlobalAggregate(plan.inputs[0]);
  return plan.kind === "Aggregate" && plan.keys.length === 0;
}

/** Both sides of IN with one type. */
function inComparison(
  operand: Expr,
  plan: LogicalPlan,
  node: ast.InQuery,
): { readonly operand: Expr; readonly plan: LogicalPlan } {
  const field = plan.schema.fields[0]!;
  if (operand.kind === "call" && operand.function === "ROW") {
    throw new SqlError("UNSUPPORTED", "IN with several columns is not supported", {
      span: node.span,
      hint: "use EXISTS",
    });
  }
  const common = commonType([operand.type, field.type]);
  if (common === undefined) {
    throw new SqlError(
      "TYPE_MISMATCH",
      `Values passed to IN operator must have compatible types, but are ${typeText(operand.type)} and ${typeText(field.type)}`,
      { span: node.span },
    );
  }
  const value = coerce(column(0, field.type), common);
  return {
    operand: coerce(operand, common),
    plan: value.kind === "column" ? plan : project(plan, [value], [field.name]),
  };
}

/** The condition under which a row of the subquery matches, over left ++ subquery columns. */
function matchCondition(
  pending: PendingSubquery,
  leftWidth: number,
  binding: Binding,
  rewrite: (expr: Expr) => Expr,
): Expr {
  const conditions = pending.subquery.conditions.map((c) => asJoinCondition(c, leftWidth, rewrite));
  if (pending.operand !== undefined) {
    const left = rewrite(pending.operand);
    const right = column(leftWidth, pending.subquery.plan.schema.fields[0]!.type);
    const equal = bindCall(binding, "=", [left, right], pending.span);
    // NOT IN: a row whose comparison is unknown does not pass either.
    const unknown = [left, right]
      .filter((e) => e.type.nullable)
      .map((e) => bindCall(binding, "IS NULL", [e], pending.span));
    conditions.push(
      pending.not ? [...unknown, equal].reduce((a, b) => bindCall(binding, "OR", [a, b], pending.span)) : equal,
    );
  }
  return conjunction(conditions) ?? TRUE;
}

/** The rows of `plan` that pass an IN or EXISTS that stands as a condition of WHERE. */
export function applyAsFilter(
  plan: LogicalPlan,
  pending: PendingSubquery,
  not: boolean,
  binding: Binding,
): LogicalPlan {
  const anti = pending.kind === "exists" ? not : pending.not;
  const condition = matchCondition(pending, plan.schema.fields.length, binding, (e) => e);
  return join(plan, pending.subquery.plan, anti ? "anti" : "semi", condition);
}

/** The plan with the subquery's value as a further column, and that value. `rewrite` maps columns of the enclosing query. */
export function applyAsColumn(
  plan: LogicalPlan,
  pending: PendingSubquery,
  binding: Binding,
  rewrite: (expr: Expr) => Expr,
): { readonly plan: LogicalPlan; readonly value: Expr } {
  const width = plan.schema.fields.length;
  if (pending.kind === "scalar") {
    const joined = join(plan, pending.subquery.plan, "left", matchCondition(pending, width, binding, rewrite));
    return { plan: joined, value: column(width, withNullable(pending.type, true), pending.span) };
  }
  const unsupported = (reason: string): SqlError =>
    new SqlError(
      "UNSUPPORTED",
      `${pending.kind === "in" ? "IN (query)" : "EXISTS"} ${reason} is only supported as a condition of WHERE joined by AND`,
      {
        span: pending.span,
      },
    );
  if (pending.type.nullable && (pending.not || !pending.nullIsFalse)) throw unsupported("that may be NULL");
  // A mark column from the different rows that are compared: it is NULL where none is equal.
  const { plan: inner, conditions } = pending.subquery;
  const compared = new Set<number>(pending.operand === undefined ? [] : [0]);
  for (const condition of conditions) {
    const side = equalColumn(condition);
    if (side === undefined) throw unsupported("with conditions other than column = value");
    compared.add(side);
  }
  const kept = [...compared].sort((a, b) => a - b);
  const distinct = aggregate(inner, kept, []);
  const marked = extend(distinct, [literal(true, T.boolean(false))], ["$mark"]);
  const moved: PendingSubquery = {
    ...pending,
    not: false,
    subquery: { plan: marked, conditions: conditions.map((c) => remapInner(c, (i) => kept.indexOf(i))) },
  };
  const joined = join(plan, marked, "left", matchCondition(moved, width, binding, rewrite));
  const mark = column(width + kept.length, T.boolean(true), pending.span);
  return { plan: joined, value: bindCall(binding, pending.not ? "IS NULL" : "IS NOT NULL", [mark], pending.span) };
}

/** The subquery's column in `column = something of the enclosing query`. */
function equalColumn(condition: Expr): number | undefined {
  if (condition.kind !== "call" || condition.function !== "=") return undefined;
  const [a, b] = condition.args as readonly [Expr, Expr];
  const [inner, outer] = isOuter(a) ? [b, a] : [a, b];
  const plain =
    inner.kind === "column" && inner.index < OUTER_BASE && [...columnsOf(outer)].every((c) => c >= OUTER_BASE);
  return plain ? inner.index : undefined;
}
