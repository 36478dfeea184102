import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import { foldExpr } from "../../expressions/fold.ts";
import type * as ast from "../../parser/index.ts";
import { isInteger, isNumeric } from "../../types/data-type.ts";
import type { AggregateCall, LogicalPlan, Over } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import type { Environment } from "./context.ts";
import { bindExpression } from "./expression.ts";
import { extend, over } from "./nodes.ts";
import { sortKey } from "./order.ts";
import { bindWindowCall } from "./over-call.ts";
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

const UP_TO_HERE: Over["frame"] = { units: "RANGE", preceding: "unbounded" };

/** Binds `f(…) OVER (…)`. Throws for windows that Flink refuses. */
export function bindOver(node: ast.FunctionCall, env: Environment, windows: readonly ast.NamedWindow[]): PendingOver {
  const inner: Environment = { ...env, over: nested, clause: "OVER" };
  const spec = windowSpecOf(node, windows);
  const partition = spec.partitionBy.map((e) => bindExpression(e, inner));
  const order = spec.orderBy.map((item) => ({
    expression: bindExpression(item.expression, inner),
    item: { descending: item.descending, nullsFirst: item.nullsFirst },
  }));
  const call = bindWindowCall(node, inner);
  const ranks = WINDOW_FUNCTIONS.has(call.function);
  if (ranks && order.every(({ expression }) => expression.kind === "literal")) {
    throw new SqlError(
      "INVALID_QUERY",
      "Over Agg: The window rank function requires order by clause with non-constant fields.",
      { span: node.span },
    );
  }
  if (ranks && spec.frame !== undefined) {
    throw new SqlError("INVALID_QUERY", "ROW/RANGE not allowed with RANK, DENSE_RANK or ROW_NUMBER functions", {
      span: spec.frame.span,
    });
  }
  return { partition, order, frame: frameOf(spec, call, order, inner), call, span: node.span };
}

/** Without ROWS or RANGE it is RANGE up to the peers of the row; ROW_NUMBER has no peers. */
function frameOf(
  spec: ast.WindowSpecNode,
  call: AggregateCall,
  order: PendingOver["order"],
  env: Environment,
): Over["frame"] {
  if (call.function === "ROW_NUMBER") return { ...UP_TO_HERE, units: "ROWS" };
  return spec.frame === undefined ? UP_TO_HERE : bindFrame(spec.frame, order, env);
}

function nested(node: ast.FunctionCall): never {
  throw new SqlError("INVALID_QUERY", "Aggregate expressions cannot be nested", { span: node.span });
}

function windowSpecOf(node: ast.FunctionCall, windows: readonly ast.NamedWindow[]): ast.WindowSpecNode {
  checkNames(windows);
  const spec = node.over!;
  return spec.kind === "WindowSpec" ? extended(spec, windows) : named(spec, windows, windows.length);
}

/** A named window; one goes on from those before it in the clause. */
function named(name: ast.Identifier, windows: readonly ast.NamedWindow[], before: number): ast.WindowSpecNode {
  const at = windows.findIndex((w) => w.name.name === name.name);
  if (at < 0 || at >= before)
    throw new SqlError("INVALID_QUERY", `Window '${name.name}' not found`, { span: name.span });
  return extended(windows[at]!.spec, windows, at);
}

/** `(w ORDER BY …)` with what w says. */
function extended(
  spec: ast.WindowSpecNode,
  windows: readonly ast.NamedWindow[],
  before = windows.length,
): ast.WindowSpecNode {
  if (spec.base === undefined) return spec;
  const base = named(spec.base, windows, before);
  const refuse = (what: string): never => {
    throw new SqlError("INVALID_QUERY", what, { span: spec.span });
  };
  if (spec.partitionBy.length > 0) refuse("PARTITION BY not allowed with existing window reference");
  if (spec.orderBy.length > 0 && base.orderBy.length > 0)
    refuse("ORDER BY not allowed in both base and referenced windows");
  if (base.frame !== undefined) refuse("Referenced window cannot have framing declarations");
  return {
    ...spec,
    partitionBy: base.partitionBy,
    orderBy: spec.orderBy.length > 0 ? spec.orderBy : base.orderBy,
  };
}

function checkNames(windows: readonly ast.NamedWindow[]): void {
  windows.forEach(({ name, spec }, i) => {
    const before = windows.slice(0, i);
    if (before.some((w) => w.name.name === name.name))
      throw new SqlError("INVALID_QUERY", "Duplicate window names not allowed", { span: name.span });
    const words = withoutSpans(spec);
    if (before.some((w) => withoutSpans(w.spec) === words))
      throw new SqlError("INVALID_QUERY", "Duplicate window specification not allowed in the same window clause", {
        span: spec.span,
      });
  });
}

function withoutSpans(value: unknown): string {
  return JSON.stringify(value, (key, each: unknown) => (key === "span" ? undefined : each)) ?? "";
}

function bindFrame(frame: ast.WindowFrame, order: PendingOver["order"], env: Environment): Over["frame"] {
  const { start, end, units } = frame;
  if (start.bound === "UNBOUNDED FOLLOWING" || end.bound === "UNBOUNDED PRECEDING") {
    const [side, at] = end.bound === "UNBOUNDED PRECEDING" ? ["upper", end] : ["lower", start];
    throw new SqlError("INVALID_QUERY", `${at.bound} cannot be specified for the ${side} frame boundary`, {
      span: at.span,
    });
  }
  if (start.bound === "CURRENT ROW" && end.bound === "PRECEDING") {
    throw new SqlError("INVALID_QUERY", "Upper frame boundary cannot be PRECEDING when lower boundary is CURRENT ROW", {
      span: end.span,
    });
  }
  if (end.bound !== "CURRENT ROW" || start.bound === "CURRENT ROW" || start.bound === "FOLLOWING") {
    throw new SqlError("PLANNING", "OVER RANGE FOLLOWING windows are not supported yet.", {
      span: frame.span,
      hint: "a window starts at UNBOUNDED PRECEDING or n PRECEDING and ends at CURRENT ROW",
    });
  }
  if (start.bound === "UNBOUNDED PRECEDING") return { ...UP_TO_HERE, units };
  return { units, preceding: boundOf(start, units, order, env) };
}

/** `n PRECEDING`: a number of rows, an interval in millis, or what is added to numbers. */
function boundOf(
  start: ast.FrameBound,
  units: ast.WindowFrame["units"],
  order: PendingOver["order"],
  env: Environment,
): number {
  const bound = foldExpr(bindExpression(start.offset!, env), env.binding.functions, env.binding.session);
  if (units === "ROWS") {
    if (bound.kind === "literal" && isInteger(bound.type) && bound.value !== null && Number(bound.value) >= 0)
      return Number(bound.value);
    throw new SqlError("INVALID_QUERY", "ROWS value must be a non-negative integral constant", { span: start.span });
  }
  if (bound.kind !== "literal" || bound.value === null)
    throw new SqlError("INVALID_QUERY", "Expressions for window boundary are not allowed", { span: start.span });
  if (bound.type.kind === "INTERVAL_YEAR_MONTH")
    throw new SqlError("INVALID_QUERY", "INTERVAL_YEAR_MONTH type is not allowed for window boundary", {
      span: start.span,
    });
  const first = order[0]?.expression.type;
  const numbers = first !== undefined && isNumeric(first);
  if (numbers ? !isNumeric(bound.type) : bound.type.kind !== "INTERVAL_DAY_TIME")
    throw new SqlError("INVALID_QUERY", "Data Type mismatch between ORDER BY and RANGE clause", { span: start.span });
  return Number(bound.value);
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
  const windowKey = (p: PendingOver): string =>
    digest([
      [...new Set(p.partition.map((e) => digest(e)))].sort(),
      p.order.map(({ expression, item }) => [digest(expression), item]),
      p.frame,
    ]);
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
  const partition = [...new Set(first.partition.filter((e) => e.kind !== "literal").map(columnOf))];
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
