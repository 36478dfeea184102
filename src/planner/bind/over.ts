import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { Expr } from "../../expressions/expr.ts";
import type * as ast from "../../parser/index.ts";
import type { FrameSpec } from "../../runtime/spec.ts";
import { isBatch } from "../batch-mode.ts";
import type { AggregateCall, LogicalPlan, OverCall, SortKey } from "../logical/algebra.ts";
import { digest } from "../logical/rewrite.ts";
import { withNullable, type DataType } from "../../types/data-type.ts";
import { NULLABLE_IF_EMPTY } from "./aggregate-call.ts";
import type { Environment } from "./context.ts";
import { reordered } from "./decorrelate.ts";
import { bindExpression } from "./expression.ts";
import { extend, over } from "./nodes.ts";
import { sortKey } from "./order.ts";
import { bindWindowCall } from "./over-call.ts";
import { bindFrame, UP_TO_HERE, WHOLE_PARTITION } from "./over-frame.ts";
import { WINDOW_FUNCTIONS } from "./window-functions.ts";

/** A window function and its window; expressions over the columns of the query. */
export interface PendingOver {
  readonly partition: readonly Expr[];
  readonly order: readonly {
    readonly expression: Expr;
    readonly item: Pick<ast.OrderItem, "descending" | "nullsFirst">;
  }[];
  readonly frame: FrameSpec;
  readonly call: AggregateCall;
  readonly span: Span;
}

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
  const batch = isBatch(env.binding.options);
  const positional = WINDOW_FUNCTIONS.has(call.function);
  const needsOrder = positional && !(batch && WITHOUT_ORDER.has(call.function));
  if (needsOrder && order.every(({ expression }) => expression.kind === "literal")) {
    throw new SqlError(
      "INVALID_QUERY",
      "Over Agg: The window rank function requires order by clause with non-constant fields.",
      { span: node.span },
    );
  }
  if (positional && spec.frame !== undefined && !(batch && call.function === "NTILE")) {
    throw new SqlError("INVALID_QUERY", "ROW/RANGE not allowed with RANK, DENSE_RANK or ROW_NUMBER functions", {
      span: spec.frame.span,
    });
  }
  if (batch && node.distinct)
    throw new SqlError("INVALID_QUERY", "Distinct not supported in Windowing function!", { span: node.span });
  const frame = bindFrame(spec, order, inner);
  const typed = { ...call, type: typeIn(spec, call) };
  return { partition, order, frame: usedFrame(frame, call, spec, batch), call: typed, span: node.span };
}

/** As in Flink, a frame with a distance may be empty, for all that its type says. */
function typeIn({ frame }: ast.WindowSpecNode, call: AggregateCall): DataType {
  const distances = frame !== undefined && [frame.start, frame.end].some(({ offset }) => offset !== undefined);
  return distances && NULLABLE_IF_EMPTY.has(call.function) ? withNullable(call.type, true) : call.type;
}

/** What batch mode computes over rows in any order. */
const WITHOUT_ORDER: ReadonlySet<string> = new Set(["LAG", "LEAD", "NTILE"]);

/** ROW_NUMBER has no peers; as in Flink, a batch window without ORDER BY is the whole partition, whatever its frame says. */
function usedFrame(frame: FrameSpec, call: AggregateCall, spec: ast.WindowSpecNode, batch: boolean): FrameSpec {
  if (call.function === "ROW_NUMBER") return { ...UP_TO_HERE, units: "ROWS" };
  return batch && spec.orderBy.length === 0 ? WHOLE_PARTITION : frame;
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

/**
 * Adds the window functions to a plan: its last columns are their results, in the order given. In streaming mode all must
 * share one window. `rewrite` maps the expressions of the query to columns of the plan.
 */
export function applyOvers(
  plan: LogicalPlan,
  pending: readonly PendingOver[],
  rewrite: (expr: Expr) => Expr,
  batch: boolean,
): LogicalPlan {
  if (pending.length === 0) return plan;
  if (!batch) checkOneWindow(pending);
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
  const windows = new Map<string, Window>();
  pending.forEach((p, i) => {
    const partition = [...new Set(p.partition.filter((e) => e.kind !== "literal").map(columnOf))];
    const order = p.order
      .filter((o) => o.expression.kind !== "literal")
      .map((o) => sortKey(columnOf(o.expression), o.item));
    const call: OverCall = {
      ...p.call,
      args: p.call.args.map(rewrite),
      filter: p.call.filter === undefined ? undefined : rewrite(p.call.filter),
      frame: p.frame,
    };
    const key = digest([[...partition].sort((a, b) => a - b), order]);
    const window = windows.get(key) ?? { partition, order, calls: [], span: p.span };
    window.calls.push({ call, place: i });
    windows.set(key, window);
  });
  let result = extend(
    plan,
    computed,
    computed.map((_, i) => `$o${i}`),
  );
  const first = result.schema.fields.length;
  for (const { partition, order, calls, span } of windows.values())
    result = over(result, { partition, order, functions: calls.map(({ call }) => call), span });
  if (windows.size === 1) return result;
  const places = [...windows.values()].flatMap(({ calls }) => calls.map(({ place }) => place));
  return reordered(result, [
    ...result.schema.fields.slice(0, first).map((_, i) => i),
    ...pending.map((_, i) => first + places.indexOf(i)),
  ]);
}

/** The functions of one partitioning and order, each with its place among all. */
interface Window {
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly calls: { readonly call: OverCall; readonly place: number }[];
  readonly span: Span;
}

function checkOneWindow(pending: readonly PendingOver[]): void {
  const windowKey = (p: PendingOver): string =>
    digest([
      [...new Set(p.partition.map((e) => digest(e)))].sort(),
      p.order.map(({ expression, item }) => [digest(expression), item]),
      p.frame,
    ]);
  const first = windowKey(pending[0]!);
  const other = pending.find((p) => windowKey(p) !== first);
  if (other === undefined) return;
  throw new SqlError(
    "PLANNING",
    "Over Agg: Unsupported use of OVER windows. All aggregates must be computed on the same window.",
    {
      span: other.span,
      hint: "compute the functions of each window in a subquery of its own",
    },
  );
}
