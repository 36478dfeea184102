import type { Span } from "../../base/span.ts";
import { column, literal, type Expr } from "../../expressions/expr.ts";
import { T, type Field } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { bindCall } from "./call.ts";
import type { Binding } from "./context.ts";
import { aggregate, columnsOfPlan, correlate, extend, filter, join, project, union } from "./nodes.ts";

/** INTERSECT or EXCEPT of two plans whose columns already have the types of `fields`. */
interface SetOperation {
  readonly operator: "INTERSECT" | "EXCEPT" | "UNION";
  readonly fields: readonly Field[];
  readonly binding: Binding;
  readonly span: Span;
}

/** INTERSECT, EXCEPT: the different rows of the left side with or without an equal row on the right; NULLs are equal. */
export function distinctOperation(left: LogicalPlan, right: LogicalPlan, operation: SetOperation): LogicalPlan {
  const { fields, binding, span } = operation;
  const width = fields.length;
  const equal = fields.map((_, i) => {
    const [l, r] = [column(i, left.schema.fields[i]!.type), column(width + i, right.schema.fields[i]!.type)];
    const operator = l.type.nullable || r.type.nullable ? "IS NOT DISTINCT FROM" : "=";
    return bindCall(binding, operator, [l, r], span);
  });
  const condition = equal.reduce((a, b) => bindCall(binding, "AND", [a, b], span));
  const rows = aggregate(
    join(left, right, operation.operator === "INTERSECT" ? "semi" : "anti", condition),
    fields.map((_, i) => i),
    [],
  );
  // A column may be NULL where that of either side may, and CHAR(2) beside CHAR(1) is VARCHAR(2), though no row of the left side is.
  const own = rows.schema.fields.map((f, i) => ({ ...f, type: fields[i]!.type }));
  return { ...rows, schema: { fields: own } };
}

/** INTERSECT ALL, EXCEPT ALL: equal rows of both sides are counted, and as many given back as the two counts leave. */
export function countedOperation(left: LogicalPlan, right: LogicalPlan, operation: SetOperation): LogicalPlan {
  const { fields, binding, span, operator } = operation;
  const width = fields.length;
  const apply = (name: string, ...args: readonly Expr[]): Expr => bindCall(binding, name, args, span);
  const marked = (plan: LogicalPlan, ofLeft: boolean): LogicalPlan =>
    extend(plan, [literal(ofLeft, T.boolean(false))], ["$left"]);
  const both = union(
    [marked(left, true), marked(right, false)],
    [...fields, { name: "$left", type: T.boolean(false) }],
  );
  const side = column(width, T.boolean(false));
  const count = (of: Expr, name: string): AggregateCall => ({
    function: "COUNT",
    args: [],
    literals: [],
    distinct: false,
    filter: of,
    type: T.bigint(false),
    name,
  });
  const counted = aggregate(
    both,
    fields.map((_, i) => i),
    [count(side, "$ofLeft"), count(apply("NOT", side), "$ofRight")],
  );
  const [l, r] = [column(width, T.bigint(false)), column(width + 1, T.bigint(false))];
  const times = operator === "EXCEPT" ? apply("-", l, r) : apply("CASE", apply("<", l, r), l, r);
  const present = filter(counted, apply(">", times, literal(0n, T.bigint(false))));
  const call = { function: "$REPLICATE_ROWS", args: [times], columns: [], withOrdinality: false };
  const rows = correlate(present, call, "inner", undefined);
  return project(
    rows,
    columnsOfPlan(rows).slice(0, width),
    fields.map((f) => f.name),
  );
}
