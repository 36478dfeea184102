import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";

/** Property of a checkpoint whose barriers overtook nothing, although its job asks for that. */
export const ALIGNED = "aligned";

/**
 * The number of threads whose barriers overtook rows in this checkpoint; undefined: none did. Such barriers overtook
 * watermarks too, so that the threads stand at different event times, and which windows have fired and which rows are
 * late follows from the thread that owns the key: only as many threads can take up what was on its way.
 */
export function overtakingThreads({ kind, properties, snapshots }: CheckpointMetadata): number | undefined {
  const { options } = properties;
  // Savepoints and final checkpoints overtake nothing.
  if (kind !== "checkpoint" || properties[ALIGNED] === true) return undefined;
  if (typeof options !== "object" || options === null) return undefined;
  const value = (options as { readonly [name: string]: Json })["execution.checkpointing.unaligned.enabled"];
  if (typeof value !== "string" || value.toLowerCase() !== "true") return undefined;
  const threads = new Set(snapshots.map((s) => s.subtask)).size;
  return threads > 1 ? threads : undefined;
}

/** Another number of threads goes on from this checkpoint: throws STATE_INCOMPATIBLE where it cannot. */
export function refuseUnalignedRescale(metadata: CheckpointMetadata): void {
  const threads = overtakingThreads(metadata);
  if (threads === undefined) return;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    `checkpoint ${metadata.id} is unaligned, and was made by ${threads} threads: another number of threads cannot go on from it`,
    {
      hint: `go on with --parallelism ${threads}; any number of threads can go on from a savepoint, or from an aligned checkpoint`,
    },
  );
}
