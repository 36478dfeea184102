import { SqlError } from "../../base/errors.ts";
import { column } from "../../expressions/expr.ts";
import type { Expr } from "../../expressions/expr.ts";
import type { WindowProperty } from "../../runtime/spec.ts";
import type { Field } from "../../types/data-type.ts";
import type { Aggregate, LogicalPlan, Project, WindowAggregate, WindowTvf } from "../logical/algebra.ts";
import { columnsOf, conjunction, conjuncts, replaceColumns } from "../logical/rewrite.ts";
import { holdsWindow, windowColumns } from "../traits/window-columns.ts";
import type { WindowColumns } from "../traits/window-columns.ts";
import type { ExprFacts } from "./facts.ts";

/**
 * Aggregate by window_start and window_end → WindowAggregate. Directly over a window TVF the rows are assigned to slices
 * (no row is copied into every window); where the windows come from further below (a cascaded aggregate, or conditions on
 * the window columns) rows are grouped by their attached window.
 */
export function toWindowAggregate(plan: LogicalPlan, { batch }: ExprFacts): LogicalPlan {
  if (plan.kind !== "Aggregate") return plan;
  const windows = windowColumns(plan.inputs[0]);
  if (!holdsWindow(plan.keys, windows)) return plan;
  const chain = overTvf(plan.inputs[0]);
  if (chain !== undefined && !batch) checkSlices(chain.tvf);
  if (chain?.tvf.window.type === "session" && !isBySession(plan, chain, windows)) return plan;
  if (chain !== undefined && isDirect(plan, chain, windows)) return direct(plan, chain, windows);
  return attached(plan, windows);
}

/** As in Flink, an aggregate takes no HOP that its slide does not divide; a group window does. */
function checkSlices({ window, group }: WindowTvf): void {
  if (group === true || window.type !== "hop" || window.sizeMillis % window.slideMillis === 0) return;
  throw new SqlError(
    "PLANNING",
    `HOP table function based aggregate requires size must be an integral multiple of slide, but got size ${window.sizeMillis} ms and slide ${window.slideMillis} ms`,
    { hint: "GROUP BY HOP(ts, slide, size) takes any" },
  );
}

/** The groups are the sessions. Any others update with each row that a closed session lets go, as in Flink. */
function isBySession(plan: Aggregate, chain: Chain, windows: WindowColumns): boolean {
  const { partition } = chain.tvf;
  const keys = plan.keys.filter((k) => !isWindowColumn(k, windows)).map((k) => chain.expressions[k] as Expr);
  const isKey = (p: number): boolean => keys.some((e) => e.kind === "column" && e.index === p);
  return partition.length === keys.length && partition.every(isKey);
}

/** Projections and conditions between an aggregate and its window TVF, both over the TVF's output. */
interface Chain {
  readonly tvf: WindowTvf;
  readonly expressions: readonly Expr[];
  readonly conditions: readonly Expr[];
}

function overTvf(plan: LogicalPlan): Chain | undefined {
  switch (plan.kind) {
    case "WindowTvf":
      return { tvf: plan, expressions: plan.schema.fields.map((f, i) => column(i, f.type)), conditions: [] };
    case "Project": {
      const below = overTvf(plan.inputs[0]);
      if (below === undefined) return undefined;
      const over = (e: Expr): Expr => replaceColumns(e, (c) => below.expressions[c.index] as Expr);
      return { ...below, expressions: plan.expressions.map(over) };
    }
    case "Filter": {
      const below = overTvf(plan.inputs[0]);
      if (below === undefined) return undefined;
      const over = (e: Expr): Expr => replaceColumns(e, (c) => below.expressions[c.index] as Expr);
      return { ...below, conditions: [...below.conditions, ...conjuncts(plan.predicate).map(over)] };
    }
    default:
      return undefined;
  }
}

function isDirect(plan: Aggregate, chain: Chain, windows: WindowColumns): boolean {
  const width = chain.tvf.inputs[0].schema.fields.length;
  const below = (e: Expr): boolean => [...columnsOf(e)].every((i) => i < width);
  const argument = (e: Expr): boolean => below(replaceColumns(e, (c) => chain.expressions[c.index] as Expr));
  // Sessions are made of all rows, those that a condition drops too.
  const filtered = chain.tvf.window.type === "session" && chain.conditions.length > 0;
  return (
    !filtered &&
    chain.conditions.every(below) &&
    plan.keys.every((k) => isWindowColumn(k, windows) || below(chain.expressions[k] as Expr)) &&
    plan.aggregates.every((a) => a.args.every(argument) && (a.filter === undefined || argument(a.filter)))
  );
}

function isWindowColumn(index: number, windows: WindowColumns): boolean {
  return windows.start.has(index) || windows.end.has(index) || windows.time.has(index);
}

function propertyOf(index: number, windows: WindowColumns): WindowProperty {
  if (windows.start.has(index)) return "start";
  return windows.end.has(index) ? "end" : "time";
}

function direct(plan: Aggregate, chain: Chain, windows: WindowColumns): LogicalPlan {
  const input = chain.tvf.inputs[0];
  const predicate = conjunction(chain.conditions);
  const filtered: LogicalPlan =
    predicate === undefined ? input : { kind: "Filter", schema: input.schema, inputs: [input], predicate };
  // Keys that are expressions become columns; the input's own columns stay where they are.
  const fields: Field[] = [...input.schema.fields];
  const expressions: Expr[] = fields.map((f, i) => column(i, f.type));
  const keyOf = (k: number): number => {
    const e = chain.expressions[k] as Expr;
    if (e.kind === "column") return e.index;
    fields.push(plan.inputs[0].schema.fields[k] as Field);
    return expressions.push(e) - 1;
  };
  const keys: number[] = [];
  for (const k of plan.keys) if (!isWindowColumn(k, windows)) keys.push(keyOf(k));
  const below: LogicalPlan =
    expressions.length === input.schema.fields.length
      ? filtered
      : ({ kind: "Project", schema: { fields }, inputs: [filtered], expressions } satisfies Project);
  const rewrite = (e: Expr): Expr => replaceColumns(e, (c) => chain.expressions[c.index] as Expr);
  const partition = chain.tvf.partition.map((p) => keys.indexOf(p));
  return finish(plan, windows, {
    window: chain.tvf.window,
    time: chain.tvf.time,
    attached: undefined,
    group: chain.tvf.group,
    keys,
    partition,
    input: below,
    aggregates: plan.aggregates.map((a) => ({
      ...a,
      args: a.args.map(rewrite),
      filter: a.filter === undefined ? undefined : rewrite(a.filter),
    })),
  });
}

function attached(plan: Aggregate, windows: WindowColumns): LogicalPlan {
  const start = plan.keys.find((k) => windows.start.has(k)) as number;
  const end = plan.keys.find((k) => windows.end.has(k)) as number;
  return finish(plan, windows, {
    // Only the attached columns count; the size is not known here and not needed.
    window: { type: "tumble", sizeMillis: 1, offsetMillis: 0 },
    time: end,
    attached: { start, end },
    // Rows are bucketed by the window's end; its start is one more key, since the end alone does not tell it (sessions).
    keys: [...plan.keys.filter((k) => !isWindowColumn(k, windows)), start],
    partition: [],
    input: plan.inputs[0],
    aggregates: plan.aggregates,
  });
}

type Parts = Pick<WindowAggregate, "window" | "time" | "attached" | "group" | "keys" | "partition" | "aggregates"> & {
  input: LogicalPlan;
};

/** The window aggregate, and above it a projection back to the aggregate's own column order. */
function finish(plan: Aggregate, windows: WindowColumns, parts: Parts): LogicalPlan {
  const properties: WindowProperty[] = [];
  const propertyFields: Field[] = [];
  const order: number[] = [];
  let key = 0;
  const base = parts.keys.length + parts.aggregates.length;
  plan.keys.forEach((k, i) => {
    if (!isWindowColumn(k, windows)) {
      order.push(key++);
      return;
    }
    if (parts.attached !== undefined && windows.start.has(k)) {
      order.push(parts.keys.length - 1);
      return;
    }
    const property = propertyOf(k, windows);
    let at = properties.indexOf(property);
    if (at < 0) {
      at = properties.push(property) - 1;
      propertyFields.push(plan.schema.fields[i] as Field);
    }
    order.push(base + at);
  });
  parts.aggregates.forEach((_, i) => order.push(parts.keys.length + i));
  const keyFields = plan.keys.flatMap((k, i) => (isWindowColumn(k, windows) ? [] : [plan.schema.fields[i] as Field]));
  if (parts.attached !== undefined) keyFields.push(plan.inputs[0].schema.fields[parts.attached.start] as Field);
  const fields = [...keyFields, ...plan.schema.fields.slice(plan.keys.length), ...propertyFields];
  const { input, ...rest } = parts;
  const aggregate: WindowAggregate = {
    kind: "WindowAggregate",
    schema: { fields },
    inputs: [input],
    ...rest,
    properties,
  };
  return {
    kind: "Project",
    schema: plan.schema,
    inputs: [aggregate],
    expressions: order.map((at, i) => column(at, (plan.schema.fields[i] as Field).type)),
  };
}
