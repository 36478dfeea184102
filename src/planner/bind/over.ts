import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import { commonType } from "../../types/coerce.ts";
import { isInteger, T, withNullable, withoutTimeAttribute, type DataType, type Value } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan, Over } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import { argumentsOf, coerceArguments, doesNotApply, functionName, illegalNull } from "./call.ts";
import { coerce } from "./coercion.ts";
import type { Environment } from "./context.ts";
import { bindCondition, bindExpression } from "./expression.ts";
import { extend, over } from "./nodes.ts";
import { sortKey } from "./order.ts";
import { WINDOW_FUNCTIONS } from "./window-functions.ts";

/** A window function and its window; expressions over the columns of the query. */
export interface PendingOver {
  readonly partition: readonly Expr[];
  readonly order: readonly {
    readonly expression: Expr;
    readonly item: Pick<ast.OrderItem, "descending" | "nullsFirst">;
  }[];
  readonly frame: Over["frame"];
  readonly call: AggregateCall;
  readonly span: Span;
}

/** Binds `f(…) OVER (…)`. Throws for windows that Flink refuses. */
export function bindOver(node: ast.FunctionCall, env: Environment, windows: readonly ast.NamedWindow[]): PendingOver {
  const inner: Environment = { ...env, over: undefined, clause: "OVER" };
  const spec = windowSpecOf(node, windows);
  const partition = spec.partitionBy.map((e) => bindExpression(e, inner));
  const order = spec.orderBy.map((item) => ({
    expression: bindExpression(item.expression, inner),
    item: { descending: item.descending, nullsFirst: item.nullsFirst },
  }));
  const call = bindWindowCall(node, inner);
  if (order.length === 0 && WINDOW_FUNCTIONS.has(call.function)) {
    throw new SqlError(
      "INVALID_QUERY",
      "Over Agg: The window rank function requires order by clause with non-constant fields.",
      { span: node.span },
    );
  }
  return {
    partition,
    order,
    frame: spec.frame === undefined ? undefined : bindFrame(spec.frame, inner),
    call,
    span: node.span,
  };
}

function windowSpecOf(node: ast.FunctionCall, windows: readonly ast.NamedWindow[]): ast.WindowSpecNode {
  const spec = node.over!;
  if (spec.kind === "WindowSpec") return spec;
  const found = windows.find((w) => w.name.name === spec.name);
  if (found !== undefined) return found.spec;
  throw new SqlError("INVALID_QUERY", `Window '${spec.name}' not found`, { span: spec.span });
}

function bindFrame(frame: ast.WindowFrame, env: Environment): Over["frame"] {
  const { start, end, units } = frame;
  if (end.bound !== "CURRENT ROW") {
    throw new SqlError(
      "UNSUPPORTED",
      "OVER RANGE FOLLOWING windows are not supported: a window must end at CURRENT ROW",
      { span: end.span },
    );
  }
  switch (start.bound) {
    case "UNBOUNDED PRECEDING":
      return { units, preceding: "unbounded", following: 0 };
    case "CURRENT ROW":
      return { units, preceding: 0, following: 0 };
    case "PRECEDING": {
      const bound = bindExpression(start.offset!, env);
      const wanted = units === "ROWS" ? "a constant number of rows" : "a constant interval";
      const fits = units === "ROWS" ? isInteger(bound.type) : bound.type.kind === "INTERVAL_DAY_TIME";
      if (bound.kind !== "literal" || !fits || bound.value === null) {
        throw new SqlError("INVALID_QUERY", `The bound of a ${units} window must be ${wanted}`, { span: start.span });
      }
      return { units, preceding: Number(bound.value), following: 0 };
    }
    default:
      throw new SqlError("INVALID_QUERY", `A window cannot start at ${start.bound}`, { span: start.span });
  }
}

function bindWindowCall(node: ast.FunctionCall, env: Environment): AggregateCall {
  const name = functionName(node);
  const star = node.args.length === 1 && node.args[0]!.kind === "Star";
  const args = star ? [] : node.args.map((a) => bindExpression(a, { ...env, aggregate: env.aggregate }));
  if (node.nulls === "IGNORE") throw new SqlError("UNSUPPORTED", "IGNORE NULLS is not supported", { span: node.span });
  const base = { distinct: node.distinct, filter: undefined, name: name.toLowerCase() };
  if (WINDOW_FUNCTIONS.has(name)) {
    const resolved = resolveWindowFunction(name, args, node.span);
    return { ...base, function: name, args: resolved.args, literals: literalsOf(resolved.args), type: resolved.type };
  }
  const fn = env.binding.functions.aggregate(name);
  if (fn === undefined) {
    throw new SqlError("INVALID_QUERY", `'${name}' is no aggregate: OVER must be applied to an aggregate function`, {
      span: node.name.span,
    });
  }
  const resolution = fn.resolve(argumentsOf(args));
  if (resolution === undefined) throw doesNotApply(fn.name, fn.signature, args, node.span);
  const coerced = coerceArguments(args, resolution);
  const filter = node.filter === undefined ? undefined : bindCondition(node.filter, { ...env, clause: "FILTER" });
  return {
    ...base,
    function: fn.name,
    args: coerced,
    literals: literalsOf(coerced),
    filter,
    type: withoutTimeAttribute(resolution.type),
  };
}

function literalsOf(args: readonly Expr[]): readonly (Value | undefined)[] {
  return args.map((a) => (a.kind === "literal" ? a.value : undefined));
}

function resolveWindowFunction(
  name: string,
  args: readonly Expr[],
  span: Span,
): { readonly args: readonly Expr[]; readonly type: DataType } {
  switch (name) {
    case "LAG":
    case "LEAD": {
      const [value, offset, fallback] = args;
      if (value === undefined || args.length > 3)
        throw doesNotApply(name, `${name}(<ANY>[, <INTEGER>[, <ANY>]])`, args, span);
      if (value.type.kind === "NULL") throw illegalNull(value.span);
      if (offset !== undefined && !isInteger(offset.type))
        throw doesNotApply(name, `${name}(<ANY>[, <INTEGER>[, <ANY>]])`, args, span);
      const common = fallback === undefined ? value.type : commonType([value.type, fallback.type]);
      if (common === undefined) throw doesNotApply(name, `${name}(<ANY>[, <INTEGER>[, <ANY>]])`, args, span);
      const type = withNullable(withoutTimeAttribute(common), fallback?.type.nullable ?? true);
      const rest = [
        ...(offset === undefined ? [] : [offset]),
        ...(fallback === undefined ? [] : [coerce(fallback, common)]),
      ];
      return { args: [coerce(value, common), ...rest], type };
    }
    case "NTILE":
      if (args.length !== 1 || !isInteger(args[0]!.type)) throw doesNotApply(name, "NTILE(<INTEGER>)", args, span);
      return { args, type: T.bigint(false) };
    default:
      if (args.length > 0) throw doesNotApply(name, `${name}()`, args, span);
      return { args, type: name === "CUME_DIST" || name === "PERCENT_RANK" ? T.double(false) : T.bigint(false) };
  }
}

/**
 * Adds the window functions to a plan, in the order given. All must share one window. `rewrite` maps the expressions of
 * the query to columns of the plan.
 */
export function applyOvers(
  plan: LogicalPlan,
  pending: readonly PendingOver[],
  rewrite: (expr: Expr) => Expr,
): LogicalPlan {
  const [first] = pending;
  if (first === undefined) return plan;
  const windowKey = (p: PendingOver): string => digest([p.partition, p.order, p.frame ?? null]);
  const other = pending.find((p) => windowKey(p) !== windowKey(first));
  if (other !== undefined) {
    throw new SqlError(
      "PLANNING",
      "Over Agg: Unsupported use of OVER windows. All aggregates must be computed on the same window.",
      {
        span: other.span,
        hint: "compute the functions of each window in a subquery of its own",
      },
    );
  }
  const width = plan.schema.fields.length;
  const computed: Expr[] = [];
  const columnOf = (expr: Expr): number => {
    const mapped = rewrite(expr);
    if (mapped.kind === "column") return mapped.index;
    const key = digest(mapped);
    let at = computed.findIndex((e) => digest(e) === key);
    if (at < 0) at = computed.push(mapped) - 1;
    return width + at;
  };
  const partition = first.partition.filter((e) => e.kind !== "literal").map(columnOf);
  const order = first.order
    .filter((o) => o.expression.kind !== "literal")
    .map((o) => sortKey(columnOf(o.expression), o.item));
  const functions = pending.map((p) => ({
    ...p.call,
    args: p.call.args.map(rewrite),
    filter: p.call.filter === undefined ? undefined : rewrite(p.call.filter),
  }));
  const input = extend(
    plan,
    computed,
    computed.map((_, i) => `$o${i}`),
  );
  return over(input, { partition, order, functions, frame: first.frame, span: first.span });
}
