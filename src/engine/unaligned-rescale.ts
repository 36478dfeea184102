import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";

/**
 * From an unaligned checkpoint only as many threads go on as made it: a barrier that overtook rows overtook watermarks
 * too, so that the threads stand at different event times, and which windows have fired and which rows are late follows
 * from the thread that owns the key. Barriers of savepoints never overtake. Throws STATE_INCOMPATIBLE.
 */
export function refuseUnalignedRescale({ id, kind, properties, snapshots }: CheckpointMetadata): void {
  const { options } = properties;
  if (kind === "savepoint" || typeof options !== "object" || options === null) return;
  const value = (options as { readonly [name: string]: Json })["execution.checkpointing.unaligned.enabled"];
  if (typeof value !== "string" || value.toLowerCase() !== "true") return;
  const threads = new Set(snapshots.map((s) => s.subtask)).size;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    `checkpoint ${id} is unaligned, and was made by ${threads} thread${threads === 1 ? "" : "s"}: another number of threads cannot go on from it`,
    {
      hint: `go on with --parallelism ${threads}; any number of threads can go on from a savepoint, or from an aligned checkpoint`,
    },
  );
}
