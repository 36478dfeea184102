import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import {
  isInteger,
  isText,
  T,
  withNullable,
  withoutTimeAttribute,
  type DataType,
  type Value,
} from "../../types/data-type.ts";
import { canCast } from "../../types/coerce.ts";
import { typeText } from "../../types/type-text.ts";
import { isBatch } from "../batch-mode.ts";
import type { AggregateCall } from "../logical/algebra.ts";
import { NULLABLE_IF_EMPTY, aggregatedType } from "./aggregate-call.ts";
import { aggregateNamed } from "./approximate.ts";
import { overSum } from "./averages.ts";
import { argumentsOf, coerceArguments, doesNotApply, functionName, illegalNull, withJsonValues } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { WINDOW_FUNCTIONS } from "./window-functions.ts";

/** Binds the function of `f(…) OVER (…)`. */
export function bindWindowCall(node: ast.FunctionCall, env: Environment): AggregateCall {
  const name = functionName(node);
  const { fn, distinct } = aggregateNamed(name, env.binding);
  if ((fn === undefined && !WINDOW_FUNCTIONS.has(name)) || node.filter !== undefined) {
    throw new SqlError("INVALID_QUERY", "OVER must be applied to aggregate function", {
      span: node.filter === undefined ? node.name.span : node.span,
      hint: node.filter === undefined ? undefined : "FILTER cannot stand in front of OVER: use CASE in the argument",
    });
  }
  // Flink takes the words for LAG and LEAD, where they mean nothing.
  if (node.nulls !== undefined && name !== "LAG" && name !== "LEAD") {
    throw new SqlError("INVALID_QUERY", `Cannot specify IGNORE NULLS or RESPECT NULLS following '${name}'`, {
      span: node.span,
    });
  }
  const star = node.args.length === 1 && node.args[0]!.kind === "Star";
  const values = star ? [] : node.args.map((a) => bindExpression(a, { ...env, aggregate: env.aggregate }));
  const args = withJsonValues(name, values, env.binding, node.span);
  const base = { distinct: node.distinct || distinct, filter: undefined, name: name.toLowerCase() };
  if (fn === undefined) {
    const resolved = resolveWindowFunction(name, args, node.span, isBatch(env.binding.options));
    return {
      ...base,
      function: name,
      args: resolved.args,
      literals: literalsOf(resolved.args),
      type: aggregatedType(name, args, resolved.type),
    };
  }
  const resolution = fn.resolve(argumentsOf(args));
  if (resolution === undefined) throw doesNotApply(fn.name, fn.signature, args, node.span);
  const coerced = coerceArguments(args, resolution);
  // A frame has at least the row itself.
  const type = NULLABLE_IF_EMPTY.has(fn.name)
    ? withNullable(
        resolution.type,
        coerced.some((a) => a.type.nullable),
      )
    : resolution.type;
  return overSum({
    ...base,
    function: fn.name,
    args: coerced,
    literals: literalsOf(coerced),
    type: aggregatedType(fn.name, args, type),
  });
}

function literalsOf(args: readonly Expr[]): readonly (Value | undefined)[] {
  return args.map((a) => (a.kind === "literal" ? a.value : undefined));
}

function resolveWindowFunction(
  name: string,
  args: readonly Expr[],
  span: Span,
  batch: boolean,
): { readonly args: readonly Expr[]; readonly type: DataType } {
  switch (name) {
    case "LAG":
    case "LEAD":
      return resolveLag(name, args, span, batch);
    case "NTILE":
      checkBuckets(args, span);
      return { args, type: T.bigint(false) };
    default:
      if (args.length > 0) throw doesNotApply(name, `${name}()`, args, span);
      return { args, type: name === "CUME_DIST" || name === "PERCENT_RANK" ? T.double(false) : T.bigint(false) };
  }
}

function checkBuckets(args: readonly Expr[], span: Span): void {
  const [buckets] = args;
  if (args.length !== 1 || buckets === undefined || !isInteger(buckets.type))
    throw doesNotApply("NTILE", "NTILE(<INTEGER>)", args, span);
  const refuse = (what: string): never => {
    throw new SqlError("INVALID_QUERY", `Argument to function 'NTILE' must ${what}`, { span: buckets.span ?? span });
  };
  if (buckets.kind !== "literal") refuse("be a literal");
  else if (buckets.value === null) refuse("not be NULL");
  else if (Number(buckets.value) < 0) refuse("be a positive integer literal");
}

/** The default has the type of the value; only with a default that is NOT NULL the result is NOT NULL, as in Flink. */
function resolveLag(
  name: string,
  args: readonly Expr[],
  span: Span,
  batch: boolean,
): { readonly args: readonly Expr[]; readonly type: DataType } {
  const [value, offset, fallback] = args;
  if (value === undefined || args.length > 3 || (offset !== undefined && !isInteger(offset.type)))
    throw doesNotApply(name, `${name}(<ANY>[, <INTEGER>[, <ANY>]])`, args, span);
  if (value.type.kind === "NULL") throw illegalNull(value.span);
  if (!batch && offset !== undefined && (offset.kind !== "literal" || offset.value === null)) {
    throw new SqlError("UNSUPPORTED", `the offset of ${name} must be a constant`, { span: offset.span });
  }
  const type = withoutTimeAttribute(value.type);
  if (offset === undefined) return { args: [value], type: withNullable(type, true) };
  if (fallback === undefined) return { args: [value, offset], type: withNullable(type, true) };
  const nothing = fallback.type.kind === "NULL";
  // Batch mode casts the default.
  if (batch && !nothing && !canCast(fallback.type, type)) {
    throw new SqlError("TYPE_MISMATCH", `Cannot cast ${typeText(fallback.type)} to ${typeText(type)}`, {
      span: fallback.span,
    });
  }
  if (!batch && !nothing && fallback.type.kind !== type.kind && !(isText(type) && isText(fallback.type))) {
    throw new SqlError(
      "PLANNING",
      `Please explicitly cast default value ${typeText(fallback.type)} to ${typeText(type)}.`,
      { span: fallback.span },
    );
  }
  const common = withNullable(type, nothing || fallback.type.nullable);
  return { args: [value, offset, coerce(fallback, common)], type: common };
}
