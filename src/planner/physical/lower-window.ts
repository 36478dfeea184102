import { SqlError } from "../../base/errors.ts";
import type { OperatorSpec } from "../../runtime/spec.ts";
import type { LogicalPlan, Rank, WindowAggregate, WindowTvf } from "../logical/algebra.ts";
import { timeAttributeOf } from "../traits/time-attributes.ts";
import { windowColumns } from "../traits/window-columns.ts";
import { aggregateList, columnList, windowText } from "./describe.ts";
import { typesOf } from "./draft.ts";
import type { Draft } from "./draft.ts";
import type { Lowering } from "./lower.ts";
import { emitText, windowEmit } from "./window-emit.ts";

/** A window TVF whose rows are not aggregated by their windows. */
export function lowerWindowTvf(lowering: Lowering, plan: WindowTvf): Draft {
  const input = lowering.lower(plan.inputs[0]);
  const base = {
    input: typesOf(input),
    time: plan.time,
    ltzZone: lowering.ltzZone(input, plan.time),
    ...inProcessingTime(isProcessingTime(plan.inputs[0], plan.time)),
  };
  const { window, partition } = plan;
  if (window.type === "session" && !input.appendOnly)
    throw new SqlError("UNSUPPORTED", "SESSION windows over an updating input are not supported yet");
  const spec: OperatorSpec =
    window.type === "session"
      ? { kind: "session-tvf", gapMillis: window.gapMillis, partition, ...base }
      : { kind: "window-tvf", window, ...base };
  const text = windowText(window, input.fields[plan.time]?.name ?? "");
  return lowering.node(spec, [input], `WindowTableFunction(window=[${text}])`, plan.schema.fields);
}

/** GROUP BY window_start, window_end, and the group windows TUMBLE(ts, …) and the like. */
export function lowerWindowAggregate(lowering: Lowering, plan: WindowAggregate): Draft {
  const extra = plan.attached === undefined ? [plan.time] : [plan.attached.start, plan.attached.end];
  const prepared = lowering.aggregateInput(plan.inputs[0], plan.keys, plan.aggregates, extra);
  const retracting = !prepared.draft.appendOnly;
  lowering.checkRetractable(prepared.calls, retracting);
  const { fields } = prepared.draft;
  const time = prepared.extra[0] as number;
  const attachedTo = plan.attached === undefined ? undefined : windowColumns(plan.inputs[0]);
  const ltz = attachedTo?.ltz ?? lowering.ltzZone(prepared.draft, time) !== undefined;
  const processing = attachedTo?.processingTime ?? isProcessingTime(plan.inputs[0], plan.time);
  const emit = windowEmit(lowering.context, plan, processing);
  const base = {
    input: typesOf(prepared.draft),
    time,
    keys: prepared.keys,
    aggregates: prepared.calls,
    properties: plan.properties,
    ltzZone: ltz ? lowering.context.session.timeZone : undefined,
    ...inProcessingTime(processing),
  };
  const groupBy = plan.keys.length === 0 ? "" : `groupBy=[${columnList(prepared.keys, fields)}], `;
  const window =
    plan.attached === undefined
      ? windowText(plan.window, fields[time]?.name ?? "")
      : `win_start=[${columnList([time], fields)}], win_end=[${columnList([prepared.extra[1] as number], fields)}]`;
  const text = `WindowAggregate(${groupBy}window=[${window}], select=[${aggregateList(prepared.keys, prepared.calls, fields)}]${emit === undefined ? "" : emitText(emit)})`;
  const made = (spec: OperatorSpec): Draft => {
    const draft = lowering.node(spec, [prepared.draft], text, plan.schema.fields);
    if (plan.group === true) draft.everyWatermark = true;
    return draft;
  };
  if (plan.window.type === "session") {
    const { gapMillis } = plan.window;
    const spec: OperatorSpec = {
      kind: "session-aggregate",
      gapMillis,
      partition: plan.partition,
      ...(retracting ? { retracting } : {}),
      ...base,
    };
    return made(spec);
  }
  const attached = plan.attached && { start: prepared.extra[0] as number, end: prepared.extra[1] as number };
  if (emit !== undefined) {
    const { window } = plan;
    return made({ kind: "updating-window-aggregate", window, retracting, emit, updateBefore: true, ...base });
  }
  return made({ kind: "window-aggregate", window: plan.window, attached, retracting, ...base });
}

/** Flink has no Top-N over windows of processing time. */
export function refuseProcessingTimeRank(plan: Rank, orderTime: "rowtime" | "proctime" | undefined): never {
  const deduplicates = plan.from === 1 && plan.to === 1 && plan.order.length === 1 && orderTime !== undefined;
  throw new SqlError(
    "PLANNING",
    `Processing time Window ${deduplicates ? "Deduplication" : "TopN"} is not supported.`,
    { hint: "use windows over event time: WATERMARK FOR a column of the table" },
  );
}

function isProcessingTime(input: LogicalPlan, time: number): boolean {
  return timeAttributeOf(input.schema.fields[time]?.type) === "proctime";
}

function inProcessingTime(processing: boolean): { readonly processingTime?: true } {
  return processing ? { processingTime: true } : {};
}
