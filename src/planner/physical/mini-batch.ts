import { SqlError } from "../../base/errors.ts";
import type { AggregateCallSpec, GroupMiniBatch, OperatorSpec } from "../../runtime/spec.ts";
import type { PlanContext } from "./context.ts";
import { FORWARD, typesOf, type Draft, type DraftGraph } from "./draft.ts";
import { choiceOption, durationOption } from "./options.ts";

const LATENCY = "table.exec.mini-batch.allow-latency";
const SIZE = "table.exec.mini-batch.size";

/** `table.optimizer.agg-phase-strategy` */
export type PhaseStrategy = "auto" | "two-phase" | "one-phase";

export function aggregatePhases(options: ReadonlyMap<string, string>): PhaseStrategy {
  return choiceOption(options, "table.optimizer.agg-phase-strategy", ["auto", "two-phase", "one-phase"], "auto");
}

/** `table.exec.mini-batch.*`; undefined: it is not enabled. */
export interface MiniBatchOptions {
  readonly intervalMillis: number;
  /** Undefined: not set, which only those do without who need none. */
  readonly size: number | undefined;
  readonly aggregates: PhaseStrategy;
  /** Deduplication by event time keeps only the last change of a bundle. */
  readonly compactsDeduplicates: boolean;
}

export function miniBatchOptions({ options }: PlanContext): MiniBatchOptions | undefined {
  if (options.get("table.exec.mini-batch.enabled")?.trim().toLowerCase() !== "true") return undefined;
  const intervalMillis = durationOption(options, LATENCY, 0);
  if (intervalMillis <= 0)
    throw new SqlError("OPTION_INVALID", `'${LATENCY}' must be greater than 0 where mini-batches are enabled`, {
      hint: `SET '${LATENCY}' = '5 s'`,
    });
  const size = options.get(SIZE);
  return {
    intervalMillis,
    size: size === undefined ? undefined : Number(size),
    aggregates: aggregatePhases(options),
    compactsDeduplicates:
      options.get("table.exec.deduplicate.mini-batch.compact-changes-enabled")?.trim().toLowerCase() === "true",
  };
}

/** Rows of a bundle. Throws OPTION_INVALID when it is not set. */
export function bundleSize({ size }: MiniBatchOptions): number {
  if (size !== undefined && size > 0) return size;
  throw new SqlError("OPTION_INVALID", `'${SIZE}' must be greater than 0 where mini-batches are enabled`, {
    hint: `SET '${SIZE}' = '5000'`,
  });
}

/** The first and the last value of a bundle are not those of its parts: Flink does not merge them. */
export const ONE_PHASE = new Set(["FIRST_VALUE", "LAST_VALUE"]);

export function groupMiniBatch(
  context: PlanContext,
  calls: readonly AggregateCallSpec[],
): { readonly miniBatch?: GroupMiniBatch } {
  const options = miniBatchOptions(context);
  if (options === undefined) return {};
  const merges = calls.every(
    (call) => !ONE_PHASE.has(call.function) && context.functions.overFunction(call.function)?.merge !== undefined,
  );
  return { miniBatch: { size: bundleSize(options), twoPhase: merges && options.aggregates !== "one-phase" } };
}

/**
 * The latest row of each key changes once a bundle. By event time only where changes are to be compacted; the first row
 * of a key is the same either way.
 */
export function deduplicateMiniBatch(
  context: PlanContext,
  time: "rowtime" | "proctime",
  keepsLast: boolean,
): { readonly bundleRows?: number } {
  const options = miniBatchOptions(context);
  if (options === undefined) return {};
  const bundleRows = bundleSize(options);
  return keepsLast && (time === "proctime" || options.compactsDeduplicates) ? { bundleRows } : {};
}

/** What a node asks of the mini-batches that its rows come in; none: that there are none. The last of several counts. */
const MODES = ["clock", "events", "none"] as const;
type Mode = (typeof MODES)[number];

/**
 * Puts an assigner of mini-batches behind each source, or its watermark: by events where a node that the rows reach works
 * in event time, by the clock elsewhere; none where they reach a group window, whose late rows follow from each watermark.
 */
export function assignMiniBatches(graph: DraftGraph, context: PlanContext): void {
  const options = miniBatchOptions(context);
  if (options === undefined) return;
  const { intervalMillis } = options;
  const modes = new Map<Draft, Mode>();
  for (const draft of [...graph.drafts].reverse()) {
    // What is below makes the watermark, and the assigner stands above it.
    if (draft.spec.kind === "watermark") continue;
    const asked = last(modes.get(draft) ?? "clock", needsWatermark(draft.spec) ? "events" : "clock");
    const mode: Mode = draft.everyWatermark === true ? "none" : asked;
    for (const { from } of draft.inputs) modes.set(from, last(modes.get(from) ?? "clock", mode));
  }
  for (const [draft, by] of modes) {
    if (by === "none" || (draft.spec.kind !== "watermark" && draft.spec.kind !== "scan")) continue;
    graph.insertBehind(draft, {
      spec: { kind: "mini-batch", input: typesOf(draft), intervalMillis, by },
      inputs: [{ from: draft, exchange: FORWARD }],
      description: `MiniBatchAssigner(interval=[${intervalMillis}ms], mode=[${by === "clock" ? "ProcTime" : "RowTime"}])`,
      fields: draft.fields,
      shareable: draft.shareable,
    });
  }
}

function last(a: Mode, b: Mode): Mode {
  return MODES.indexOf(a) > MODES.indexOf(b) ? a : b;
}

/** Without watermarks of event time the node would wait for ever, or not know what is late. */
function needsWatermark(spec: OperatorSpec): boolean {
  switch (spec.kind) {
    case "scan":
    case "values":
    case "calc":
    case "watermark":
    case "mini-batch":
    case "union":
    case "local-aggregate":
    case "expand":
    case "correlate":
    case "limit":
    case "group-aggregate":
    case "join":
    case "drop-update-before":
    case "sink-materialize":
    case "changelog-normalize":
    case "to-changelog":
    case "from-changelog":
    case "lookup-join":
    case "final-rows":
    case "final-over":
    case "sink":
      return false;
    case "window-join":
    case "temporal-join":
      return true;
    case "window-aggregate":
    case "updating-window-aggregate":
    case "session-aggregate":
    case "window-tvf":
    case "session-tvf":
    case "interval-join":
      return spec.processingTime !== true;
    case "sort":
      return spec.time !== undefined && spec.processingTime !== true;
    case "deduplicate":
    case "match":
      return spec.time !== undefined;
    case "over":
      return spec.order.by === "rowtime";
    case "rank":
      return spec.windowEnd !== undefined;
  }
}
