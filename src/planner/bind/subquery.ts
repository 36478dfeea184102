import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { commonType } from "../../types/coerce.ts";
import { T, withNullable, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { columnsOf, conjunction, replaceColumns, TRUE } from "../logical/rewrite.ts";
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
  /** The left side of IN, one value a column, over the columns of the enclosing query. */
  readonly operands: readonly Expr[];
  /** What a scalar subquery over no rows gives where that is not NULL: 0 for COUNT. */
  readonly ofNoRows: Expr | undefined;
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
  const { plan } = binding.bindQuery(node.query, binding, scope, "nested");
  const fields = plan.schema.fields;
  const base = { not: false, operands: [], ofNoRows: undefined, nullIsFalse, span } as const;
  if (node.kind === "Exists") {
    // The columns do not matter; a projection on top may hold anything.
    const body = plan.kind === "Project" ? plan.inputs[0] : plan;
    return { ...base, kind: "exists", subquery: decorrelate(body, span), type: T.boolean(false) };
  }
  if (node.kind === "SubQuery") {
    checkWidth(fields.length, 1, node.query.span);
    const single = singleRow(plan, binding);
    const ofNoRows = valueOfNoRows(single);
    const subquery = decorrelate(single, span, ofNoRows !== undefined);
    const type = withNullable(
      fields[0]!.type,
      ofNoRows === undefined || subquery.conditions.length === 0 || ofNoRows.type.nullable,
    );
    return { ...base, kind: "scalar", subquery, ofNoRows, type };
  }
  const operands =
    node.operand.kind === "RowConstructor" ? node.operand.items.map(bindOperand) : [bindOperand(node.operand)];
  checkWidth(fields.length, operands.length, node.query.span);
  const comparison = inComparison(operands, plan, span);
  const subquery = decorrelate(comparison.plan, span);
  const nullable = operands.some((o, i) => o.type.nullable || fields[i]!.type.nullable);
  return { ...base, kind: "in", not: node.not, subquery, operands: comparison.operands, type: T.boolean(nullable) };
}

function checkWidth(width: number, wanted: number, span: Span): void {
  if (width === wanted) return;
  const columns = wanted === 1 ? "one column" : `${wanted} columns`;
  throw new SqlError("INVALID_QUERY", `The subquery has ${width} columns, but ${columns} are needed here`, { span });
}

/** What a global aggregate gives for no rows, unless it is simply NULL. */
function valueOfNoRows(plan: LogicalPlan): Expr | undefined {
  const source = plan.kind === "Project" ? plan.inputs[0] : plan;
  if (source.kind !== "Aggregate" || source.keys.length > 0) return undefined;
  const value = plan.kind === "Project" ? plan.expressions[0]! : columnsOfPlan(plan)[0]!;
  const isCount = (index: number): boolean => source.aggregates[index]?.function === "COUNT";
  if (value.kind === "column" && !isCount(value.index)) return undefined;
  return replaceColumns(value, (c) =>
    isCount(c.index) ? literal(0n, T.bigint(false)) : literal(null, withNullable(c.type, true)),
  );
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

/** Both sides of IN with the same types. */
function inComparison(
  operands: readonly Expr[],
  plan: LogicalPlan,
  span: Span,
): { readonly operands: readonly Expr[]; readonly plan: LogicalPlan } {
  const types = operands.map((operand, i) => {
    const other = plan.schema.fields[i]!.type;
    const common = commonType([operand.type, other]);
    if (common !== undefined) return common;
    throw new SqlError(
      "TYPE_MISMATCH",
      `Values passed to IN operator must have compatible types, but are ${typeText(operand.type)} and ${typeText(other)}`,
      { span },
    );
  });
  const columns = columnsOfPlan(plan);
  const converted = columns.map((c, i) => coerce(c, types[i]!));
  return {
    operands: operands.map((operand, i) => coerce(operand, types[i]!)),
    plan: converted.every((c, i) => c === columns[i])
      ? plan
      : project(
          plan,
          converted,
          plan.schema.fields.map((f) => f.name),
        ),
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
  for (const [i, operand] of pending.operands.entries()) {
    const left = rewrite(operand);
    const right = column(leftWidth + i, pending.subquery.plan.schema.fields[i]!.type);
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
    const { plan: inner, conditions } = pending.subquery;
    const on = matchCondition(pending, width, binding, rewrite);
    const value = column(width, withNullable(pending.type, true), pending.span);
    if (pending.ofNoRows === undefined || conditions.length === 0)
      return { plan: join(plan, inner, "left", on), value };
    // Where no row is equal the aggregate would have been over no rows.
    const marked = extend(inner, [literal(true, T.boolean(false))], ["$mark"]);
    const mark = column(width + marked.schema.fields.length - 1, T.boolean(true));
    const matched = bindCall(binding, "IS NOT NULL", [mark], pending.span);
    const either = bindCall(
      binding,
      "CASE",
      [matched, { ...value, type: pending.type }, pending.ofNoRows],
      pending.span,
    );
    return { plan: join(plan, marked, "left", on), value: either };
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
  const compared = new Set<number>(pending.operands.keys());
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
