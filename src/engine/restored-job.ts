import type { Json } from "../base/json.ts";
import type { CheckpointMetadata, SubtaskSnapshot } from "../checkpoint/metadata.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { refuseUnalignedRescale } from "./unaligned-rescale.ts";
import { decodeInFlight, type InFlight } from "../runtime/exchange/in-flight.ts";
import type { RestoredJob } from "../runtime/job.ts";
import { redistributedSource } from "../runtime/source-state.ts";

/**
 * What a checkpoint holds for one of the threads that go on from it. With as many threads as before each has its own
 * again; else unfinished splits and the files of sink writers are dealt out anew, and watermarks meet in the lowest.
 * Throws STATE_INCOMPATIBLE.
 */
export async function restoredJob(
  reader: CheckpointReader,
  subtask: number,
  parallelism: number,
): Promise<RestoredJob> {
  const { metadata } = reader;
  const inFlight: Record<string, InFlight[]> = {};
  const sameThreads = metadata.snapshots.every((s) => s.subtask < parallelism) && hasSubtask(metadata, parallelism - 1);
  if (!sameThreads) refuseUnalignedRescale(metadata);
  const sources: Record<string, Json> = {};
  const gates: Record<string, readonly string[]> = {};
  const sinks: Record<string, readonly Json[]> = {};
  for (const [id, snapshots] of byOperator(metadata)) {
    const own = snapshots.length === parallelism ? snapshots.find((s) => s.subtask === subtask) : undefined;
    const taken = own === undefined ? snapshots : [own];
    const parts = (name: string): Json[] => taken.flatMap(({ extra }) => partOf(extra, name) ?? []);
    const positions = parts("source");
    if (positions.length > 0)
      sources[id] = own === undefined ? redistributedSource(positions, subtask, parallelism) : positions[0]!;
    const marks = taken.flatMap(({ extra }) => {
      const gate = partOf(extra, "gate");
      return gate === undefined ? [] : [gate as readonly string[]];
    });
    if (marks.length > 0) gates[id] = lowest(marks);
    const writers = taken.filter(
      (s) => s.sinkState !== null && (own !== undefined || s.subtask % parallelism === subtask),
    );
    for (const file of taken.flatMap((s) => s.stateFiles.filter((f) => f.role === "in-flight")))
      inFlight[id] = [...(inFlight[id] ?? []), ...decodeInFlight(await reader.readFile(file))];
    if (writers.length > 0) sinks[id] = writers.map((s) => s.sinkState);
  }
  return { checkpointId: metadata.id, sources, gates, sinks, inFlight };
}

function hasSubtask(metadata: CheckpointMetadata, subtask: number): boolean {
  return metadata.snapshots.some((s) => s.subtask === subtask);
}

function byOperator(metadata: CheckpointMetadata): Map<string, SubtaskSnapshot[]> {
  const all = new Map<string, SubtaskSnapshot[]>();
  for (const snapshot of metadata.snapshots)
    all.set(snapshot.operatorId, [...(all.get(snapshot.operatorId) ?? []), snapshot]);
  return all;
}

function partOf(extra: Json, name: string): Json | undefined {
  return typeof extra === "object" && extra !== null && name in extra
    ? (extra as { readonly [key: string]: Json })[name]
    : undefined;
}

function lowest(marks: readonly (readonly string[])[]): readonly string[] {
  return marks[0]!.map((_, i) => String(Math.min(...marks.map((m) => Number(m[i])))));
}
