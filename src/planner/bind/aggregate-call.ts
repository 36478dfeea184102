import { SqlError } from "../../base/errors.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { FunctionCall } from "../../parser/index.ts";
import { withNullable, withoutTimeAttribute } from "../../types/data-type.ts";
import type { DataType } from "../../types/data-type.ts";
import type { AggregateCall } from "../logical/algebra.ts";
import { aggregateNamed } from "./approximate.ts";
import { argumentsOf, clauseArguments, coerceArguments, doesNotApply, functionName, withJsonValues } from "./call.ts";
import type { Environment } from "./context.ts";
import { bindCondition, bindExpression } from "./expression.ts";
import { computedFrom, timeAttributeOf } from "../traits/time-attributes.ts";
import { asRowtime } from "./nodes.ts";

/** Aggregates that are NULL only where their argument is, or where there may be no row. */
export const NULLABLE_IF_EMPTY: ReadonlySet<string> = new Set([
  "SUM",
  "AVG",
  "$AVG",
  "MIN",
  "MAX",
  "FIRST_VALUE",
  "LAST_VALUE",
  "VAR_POP",
  "STDDEV_POP",
]);

/**
 * Aggregates that give one of their values: that of an event time is one as well, though no watermark belongs to it. That
 * of the clock is a plain time, but shown as one.
 */
const KEEPS_TIME: ReadonlySet<string> = new Set([
  "MIN",
  "MAX",
  "FIRST_VALUE",
  "LAST_VALUE",
  "SINGLE_VALUE",
  "LAG",
  "LEAD",
]);

/** The type of the result of an aggregate. */
export function aggregatedType(name: string, args: readonly Expr[], type: DataType): DataType {
  const plain = withoutTimeAttribute(type);
  if (!KEEPS_TIME.has(name)) return plain;
  const source = args[0]?.type;
  return timeAttributeOf(source) === "rowtime" ? asRowtime(plain) : computedFrom(source, plain);
}

/**
 * Binds an aggregate call over the rows of the query. `mayBeEmpty`: a group may have no rows (no GROUP BY, or an empty
 * grouping set), so that the result may be NULL. `env` is that of the input: aggregates do not nest.
 */
export function bindAggregateCall(node: FunctionCall, env: Environment, mayBeEmpty: boolean): AggregateCall {
  const name = functionName(node);
  const { fn, distinct } = aggregateNamed(name, env.binding);
  if (fn === undefined) throw new SqlError("BUG", `${name} is no aggregate`, { span: node.span });
  const inner: Environment = { ...env, aggregate: nested, over: undefined, special: undefined, clause: `${name}(…)` };
  if (node.withinGroup !== undefined) {
    throw new SqlError("UNSUPPORTED", `ORDER BY in ${name} is not supported`, {
      span: node.span,
      hint: "rows are taken in the order of their arrival",
    });
  }
  if (node.nulls === "IGNORE") throw new SqlError("UNSUPPORTED", "IGNORE NULLS is not supported", { span: node.span });
  const star = node.args.length === 1 && node.args[0]!.kind === "Star";
  if (star && name !== "COUNT")
    throw new SqlError("INVALID_QUERY", `'*' is only allowed in COUNT(*)`, { span: node.args[0]!.span });
  const given = star ? [] : node.args.map((arg) => bindExpression(arg, inner));
  const values = name === "COUNT" && given.length > 1 ? [countedValue(given, node)] : given;
  const args = [
    ...withJsonValues(name, values, env.binding, node.span),
    ...clauseArguments(node, (value) => bindExpression(value, inner)),
  ];
  const resolution = fn.resolve(argumentsOf(args));
  if (resolution === undefined) throw doesNotApply(fn.name, fn.signature, args, node.span);
  const coerced = coerceArguments(args, resolution);
  const filter = node.filter === undefined ? undefined : bindCondition(node.filter, { ...inner, clause: "FILTER" });
  let type = aggregatedType(fn.name, args, resolution.type);
  if (NULLABLE_IF_EMPTY.has(fn.name)) {
    type = withNullable(type, mayBeEmpty || filter !== undefined || coerced.some((a) => a.type.nullable));
  }
  return {
    function: fn.name,
    args: coerced,
    literals: coerced.map((a) => (a.kind === "literal" ? a.value : undefined)),
    distinct: node.distinct || distinct,
    filter,
    type,
    name: "",
  };
}

/** The value whose NULLs are not counted. Throws UNSUPPORTED where there are several. */
function countedValue(values: readonly Expr[], node: FunctionCall): Expr {
  const nullable = values.filter((value) => value.type.nullable);
  if (node.distinct || nullable.length > 1)
    throw new SqlError("UNSUPPORTED", "We now only support the count of one field.", { span: node.span });
  return nullable[0] ?? values[0]!;
}

/** COUNT of what is never NULL counts rows: nothing below needs to compute it, or says that it has changed. */
export function countingRows(call: AggregateCall): AggregateCall {
  if (call.function !== "COUNT" || call.distinct || call.args[0]?.type.nullable !== false) return call;
  return { ...call, args: [], literals: [] };
}

function nested(node: FunctionCall): never {
  throw new SqlError("INVALID_QUERY", "Aggregate expressions cannot be nested", { span: node.span });
}
