import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import type { JobGraph } from "../runtime/spec.ts";

/**
 * Another number of threads may go on from a checkpoint only where the former ones stood at one event time: which windows
 * have fired, and which rows are late, follows from the watermark of the thread that owns the key. An aligned barrier comes
 * behind the same watermarks in every thread; one that overtook rows overtook watermarks too. Throws STATE_INCOMPATIBLE.
 */
export function checkMeetingWatermarks(metadata: CheckpointMetadata, graph: JobGraph): void {
  if (!mayOvertake(metadata)) return;
  for (const node of graph.nodes) {
    const exchanged = node.inputs.some(({ exchange }) => exchange.kind === "hash" && exchange.keys.length > 0);
    if (!exchanged || node.spec.kind === "sink") continue;
    const marks = metadata.snapshots
      .filter((s) => s.operatorId === node.id && s.stateFiles.some((file) => file.role !== "in-flight"))
      .flatMap(({ extra }) => inputWatermark(extra) ?? []);
    if (new Set(marks).size < 2) continue;
    const threads = new Set(metadata.snapshots.map((s) => s.subtask)).size;
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `checkpoint ${metadata.id} is unaligned, and its ${threads} threads stand at different watermarks in ${node.description}: another number of threads cannot go on from it`,
      {
        hint: `go on with --parallelism ${threads}; any number of threads can go on from its next savepoint or aligned checkpoint`,
      },
    );
  }
}

/** Barriers of savepoints never overtake. */
function mayOvertake({ kind, properties }: CheckpointMetadata): boolean {
  const { options } = properties;
  if (kind === "savepoint" || typeof options !== "object" || options === null) return false;
  const value = (options as { readonly [name: string]: Json })["execution.checkpointing.unaligned.enabled"];
  return typeof value === "string" && value.toLowerCase() === "true";
}

/** The lowest watermark of a node's inputs, as its gate wrote them: the output's first. */
function inputWatermark(extra: Json): number | undefined {
  if (typeof extra !== "object" || extra === null || !("gate" in extra)) return undefined;
  const [, ...inputs] = (extra as { readonly gate: readonly string[] }).gate;
  return Math.min(...inputs.map(Number));
}
