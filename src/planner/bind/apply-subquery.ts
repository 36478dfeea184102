import { SqlError } from "../../base/errors.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { conjunction, TRUE } from "../logical/rewrite.ts";
import { bindCall } from "./call.ts";
import type { Binding } from "./context.ts";
import {
  asJoinCondition,
  dependsOnOuter,
  isOuter,
  liftConditions,
  remapInner,
  type Decorrelated,
} from "./decorrelate.ts";
import { overDomain } from "./domain.ts";
import { aggregate, extend, filter, join } from "./nodes.ts";
import { OUTER_BASE } from "./scope.ts";
import type { PendingSubquery } from "./subquery.ts";

/** Where a subquery is put in. */
interface Place {
  /** The enclosing query so far. */
  readonly plan: LogicalPlan;
  readonly binding: Binding;
  /** Maps columns of the enclosing query, as it was bound, to those of `plan`. */
  readonly rewrite: (expr: Expr) => Expr;
}

/** A subquery that no longer looks outside; `accept`: which lifted conditions will do, others mean the general way. */
function decorrelated(pending: PendingSubquery, place: Place, accept: (condition: Expr) => boolean): Decorrelated {
  const { plan, span, kind } = pending;
  if (!dependsOnOuter(plan)) return { plan, conditions: [] };
  const lifted = liftConditions(plan, kind === "scalar" || kind === "quantified");
  if (lifted?.conditions.every(accept) === true) return lifted;
  return overDomain(plan, place.plan, place.binding, place.rewrite, span);
}

/** The condition under which a row of the subquery matches, over left ++ subquery columns. */
function matchCondition(pending: PendingSubquery, subquery: Decorrelated, place: Place): Expr {
  const leftWidth = place.plan.schema.fields.length;
  const { binding, rewrite } = place;
  const conditions = subquery.conditions.map((c) => asJoinCondition(c, leftWidth, rewrite));
  for (const [i, operand] of pending.operands.entries()) {
    const left = rewrite(operand);
    const right = column(leftWidth + i, subquery.plan.schema.fields[i]!.type);
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
  const place: Place = { plan, binding, rewrite: (e) => e };
  const anti = pending.kind === "exists" ? not : pending.not;
  if (pending.kind === "exists" && alwaysHasRows(pending.plan))
    return anti ? filter(plan, literal(false, T.boolean(false), pending.span)) : plan;
  const subquery = decorrelated(pending, place, () => true);
  return join(plan, subquery.plan, anti ? "anti" : "semi", matchCondition(pending, subquery, place));
}

/** The plan with the subquery's value as further columns, and that value. `rewrite` maps columns of the enclosing query. */
export function applyAsColumn(
  plan: LogicalPlan,
  pending: PendingSubquery,
  binding: Binding,
  rewrite: (expr: Expr) => Expr,
): { readonly plan: LogicalPlan; readonly value: Expr } {
  const place: Place = { plan, binding, rewrite };
  switch (pending.kind) {
    case "scalar":
      return scalarColumn(pending, place);
    case "quantified":
      return quantifiedColumn(pending, place);
    case "exists":
      if (alwaysHasRows(pending.plan)) return { plan, value: literal(true, T.boolean(false), pending.span) };
      return markColumn(pending, place);
    case "in":
      return markColumn(pending, place);
  }
}

/** Known to give a row whatever the tables hold, as an aggregate without GROUP BY does. A stream of no rows would not say so. */
function alwaysHasRows(plan: LogicalPlan): boolean {
  switch (plan.kind) {
    case "Values":
      return plan.rows.length > 0;
    case "Aggregate":
      return plan.keys.length === 0 || alwaysHasRows(plan.inputs[0]);
    case "Project":
    case "Sort":
      return alwaysHasRows(plan.inputs[0]);
    case "Limit":
      return plan.offset === 0 && plan.fetch !== 0 && alwaysHasRows(plan.inputs[0]);
    case "Union":
      return plan.inputs.some(alwaysHasRows);
    default:
      return false;
  }
}

interface Applied {
  readonly plan: LogicalPlan;
  readonly value: Expr;
}

function scalarColumn(pending: PendingSubquery, place: Place): Applied {
  const { plan, binding } = place;
  const { span } = pending;
  const width = plan.schema.fields.length;
  const subquery = decorrelated(pending, place, () => true);
  const on = matchCondition(pending, subquery, place);
  const value = column(width, pending.type, span);
  if (pending.ofNoRows === undefined || subquery.conditions.length === 0)
    return { plan: join(plan, subquery.plan, "left", on), value };
  // Where no row is equal the aggregate would have been over no rows.
  const marked = extend(subquery.plan, [literal(true, T.boolean(false))], ["$mark"]);
  const mark = column(width + marked.schema.fields.length - 1, T.boolean(true));
  const matched = bindCall(binding, "IS NOT NULL", [mark], span);
  const either = bindCall(binding, "CASE", [matched, value, pending.ofNoRows], span);
  return { plan: join(plan, marked, "left", on), value: { ...either, type: pending.type } };
}

/** `x <operator> ANY (query)` from the extremes of the query's values. */
function quantifiedColumn(pending: PendingSubquery, place: Place): Applied {
  const { binding, plan } = place;
  const { span, operator } = pending;
  const width = plan.schema.fields.length;
  const subquery = decorrelated({ ...pending, operands: [] }, place, () => true);
  const joined = join(plan, subquery.plan, "left", matchCondition({ ...pending, operands: [] }, subquery, place));
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(binding, name, args, span);
  const at = (index: number): Expr => column(width + index, joined.schema.fields[width + index]!.type);
  const [rows, values, least, greatest] = [at(0), at(1), at(2), at(3)];
  const operand = place.rewrite(pending.operands[0]!);
  const compare = (bound: Expr): Expr => apply(operator as string, operand, bound);
  const any =
    operator === "<>"
      ? apply("OR", compare(least), compare(greatest))
      : compare(operator === "<" || operator === "<=" ? greatest : least);
  const truth = (value: boolean | null): Expr => literal(value, T.boolean(value === null), span);
  const none = apply(
    "=",
    apply("COALESCE", rows, literal(0n, T.bigint(false), span)),
    literal(0n, T.bigint(false), span),
  );
  const value = apply(
    "CASE",
    none,
    truth(false),
    apply("IS TRUE", any),
    truth(true),
    apply("<", values, rows),
    truth(null),
    any,
  );
  return { plan: joined, value: pending.not ? apply("NOT", value) : value };
}

/** IN and EXISTS: a mark from the different rows that are compared, which is NULL where none is equal. */
function markColumn(pending: PendingSubquery, place: Place): Applied {
  const { plan, binding } = place;
  const { span } = pending;
  const width = plan.schema.fields.length;
  const { plan: inner, conditions } = decorrelated(pending, place, (c) => equalColumn(c) !== undefined);
  const tied = [...new Set(conditions.map((c) => equalColumn(c) ?? -1))].sort((a, b) => a - b);
  const kept = [...new Set([...pending.operands.keys(), ...tied])].sort((a, b) => a - b);
  // Without a column to compare any row will do, and which they are does not matter.
  const any: AggregateCall = { ...COUNT_ALL, name: "$any" };
  const distinct = aggregate(inner, kept, kept.length === 0 ? [any] : []);
  const marked = extend(distinct, [literal(true, T.boolean(false))], ["$mark"]);
  const moved = conditions.map((c) => remapInner(c, (i) => kept.indexOf(i)));
  const on = matchCondition({ ...pending, not: false }, { plan: marked, conditions: moved }, place);
  const joined = join(plan, marked, "left", on);
  const mark = column(width + marked.schema.fields.length - 1, T.boolean(true), span);
  const matched = bindCall(binding, "IS NOT NULL", [mark], span);
  const decided = pending.kind === "exists" || !pending.type.nullable || (pending.nullIsFalse && !pending.not);
  if (!decided) return unknownOrNot(pending, { ...place, plan: joined }, { plan: inner, conditions }, tied, matched);
  return { plan: joined, value: pending.not ? bindCall(binding, "NOT", [matched], span) : matched };
}

const COUNT_ALL: AggregateCall = {
  function: "COUNT",
  args: [],
  literals: [],
  distinct: false,
  filter: undefined,
  type: T.bigint(false),
  name: "$rows",
};

/** `x IN (query)` that did not match is NULL when x is, or one of the values is, and there are values at all. */
function unknownOrNot(
  pending: PendingSubquery,
  place: Place,
  { plan: inner, conditions }: Decorrelated,
  tied: readonly number[],
  matched: Expr,
): Applied {
  const { span } = pending;
  const [operand, ...more] = pending.operands;
  if (operand === undefined || more.length > 0) {
    throw new SqlError(
      "UNSUPPORTED",
      "IN (query) of several columns that may be NULL is only supported in WHERE, joined by AND",
      {
        span,
        hint: "leave NULLs out: WHERE a IS NOT NULL AND b IS NOT NULL",
      },
    );
  }
  const { plan, binding } = place;
  const width = plan.schema.fields.length;
  const valueType = inner.schema.fields[0]!.type;
  const counts = aggregate(inner, tied, [
    COUNT_ALL,
    { ...COUNT_ALL, args: [column(0, valueType)], literals: [undefined], name: "$values" },
  ]);
  const moved = conditions.map((c) => remapInner(c, (i) => tied.indexOf(i)));
  const on = matchCondition({ ...pending, operands: [] }, { plan: counts, conditions: moved }, place);
  const joined = join(plan, counts, "left", on);
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(binding, name, args, span);
  const [rows, values] = [0, 1].map((i) => column(width + tied.length + i, T.bigint(true))) as [Expr, Expr];
  const left = place.rewrite(operand);
  const few = apply("<", values, rows);
  const unknown = left.type.nullable ? apply("OR", apply("IS NULL", left), few) : few;
  const value = apply(
    "CASE",
    matched,
    literal(true, T.boolean(false), span),
    apply("AND", apply(">", rows, literal(0n, T.bigint(false), span)), unknown),
    literal(null, T.boolean(true), span),
    literal(false, T.boolean(false), span),
  );
  return { plan: joined, value: pending.not ? apply("NOT", value) : value };
}

/** The subquery's column in `column = something of the enclosing query`. */
function equalColumn(condition: Expr): number | undefined {
  if (condition.kind !== "call") return undefined;
  if (condition.function !== "=" && condition.function !== "IS NOT DISTINCT FROM") return undefined;
  const [a, b] = condition.args as readonly [Expr, Expr];
  const [inner, outer] = isOuter(a) ? [b, a] : [a, b];
  if (inner.kind !== "column" || inner.index >= OUTER_BASE) return undefined;
  return onlyOuter(outer) ? inner.index : undefined;
}

function onlyOuter(expr: Expr): boolean {
  switch (expr.kind) {
    case "column":
      return expr.index >= OUTER_BASE;
    case "literal":
      return true;
    case "call":
      return expr.args.every(onlyOuter);
  }
}

/** A LATERAL query tied to the rows before it; its own columns come first. */
export function decorrelatedRows(
  plan: LogicalPlan,
  left: LogicalPlan,
  binding: Binding,
  span: PendingSubquery["span"],
): Decorrelated {
  if (!dependsOnOuter(plan)) return { plan, conditions: [] };
  return liftConditions(plan, false) ?? overDomain(plan, left, binding, (e) => e, span);
}
