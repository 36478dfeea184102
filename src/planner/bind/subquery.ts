import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import { literal, type Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { commonType } from "../../types/coerce.ts";
import { T, withNullable, withoutTimeAttribute, type DataType } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { AggregateCall, LogicalPlan } from "../logical/algebra.ts";
import { replaceColumns } from "../logical/rewrite.ts";
import { coerce } from "./coercion.ts";
import type { Binding } from "./context.ts";
import { aggregate, columnsOfPlan, project } from "./nodes.ts";
import type { Scope } from "./scope.ts";

export type SubqueryNode = ast.SubQuery | ast.InQuery | ast.Exists | ast.Quantified;

/** A subquery in an expression, bound. */
export interface PendingSubquery {
  /** `quantified`: the plan gives COUNT(*), COUNT(x), MIN(x), MAX(x) of what the operand is compared with. */
  readonly kind: "scalar" | "in" | "exists" | "quantified";
  readonly not: boolean;
  /** May read columns of the enclosing query. */
  readonly plan: LogicalPlan;
  /** The left side of IN or of a quantified comparison, one value a column, over the columns of the enclosing query. */
  readonly operands: readonly Expr[];
  /** Of a quantified comparison: `operand <operator> ANY`. */
  readonly operator?: string | undefined;
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
  switch (node.kind) {
    case "Exists":
      return { ...base, kind: "exists", plan: withoutColumns(plan), type: T.boolean(false) };
    case "SubQuery": {
      checkWidth(fields.length, 1, node.query.span);
      const single = singleRow(plan, binding);
      const type = withNullable(fields[0]!.type, true);
      return { ...base, kind: "scalar", plan: single, ofNoRows: valueOfNoRows(single), type };
    }
    case "Quantified": {
      checkWidth(fields.length, 1, node.query.span);
      const comparison = inComparison([bindOperand(node.operand)], plan, span);
      // x > ALL (…) is NOT x <= ANY (…).
      const all = node.quantifier === "ALL";
      return {
        ...base,
        kind: "quantified",
        not: all,
        operator: all ? OPPOSITES[node.operator] : node.operator,
        plan: extremes(comparison.plan),
        operands: comparison.operands,
        type: T.boolean(true),
      };
    }
    case "InQuery": {
      const operands =
        node.operand.kind === "RowConstructor" ? node.operand.items.map(bindOperand) : [bindOperand(node.operand)];
      checkWidth(fields.length, operands.length, node.query.span);
      const comparison = inComparison(operands, plan, span);
      const nullable = operands.some((o, i) => o.type.nullable || fields[i]!.type.nullable);
      return {
        ...base,
        kind: "in",
        not: node.not,
        plan: comparison.plan,
        operands: comparison.operands,
        type: T.boolean(nullable),
      };
    }
  }
}

/** Of EXISTS neither columns nor order matter, nor a LIMIT of at least one row. */
function withoutColumns(plan: LogicalPlan): LogicalPlan {
  switch (plan.kind) {
    case "Project":
    case "Sort":
      return withoutColumns(plan.inputs[0]);
    case "Limit":
      return plan.offset === 0 && plan.fetch !== 0 ? withoutColumns(plan.inputs[0]) : plan;
    default:
      return plan;
  }
}

const OPPOSITES: Readonly<Record<string, string>> = {
  "=": "<>",
  "<>": "=",
  "<": ">=",
  "<=": ">",
  ">": "<=",
  ">=": "<",
};

/** What decides a comparison with all values of a query: how many there are, how many are not NULL, the least, the greatest. */
function extremes(plan: LogicalPlan): LogicalPlan {
  const [value] = columnsOfPlan(plan) as readonly [Expr];
  const call = (name: string, args: readonly Expr[], type: DataType): AggregateCall => ({
    function: name,
    args,
    literals: args.map(() => undefined),
    distinct: false,
    filter: undefined,
    type,
    name: `$${name.toLowerCase()}${args.length}`,
  });
  const nullable = withNullable(withoutTimeAttribute(value.type), true);
  return aggregate(
    plan,
    [],
    [
      call("COUNT", [], T.bigint(false)),
      call("COUNT", [value], T.bigint(false)),
      call("MIN", [value], nullable),
      call("MAX", [value], nullable),
    ],
  );
}

function checkWidth(width: number, wanted: number, span: Span): void {
  if (width === wanted) return;
  const needed = wanted === 1 ? "one is" : `${wanted} are`;
  throw new SqlError("INVALID_QUERY", `The subquery has ${width} columns, but ${needed} needed here`, { span });
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
