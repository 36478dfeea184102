import { piecesOf } from "../storage/byte-storage.ts";
import { within, type Place } from "../storage/place.ts";
import { SqlError } from "../base/errors.ts";
import { checkpointFolder, insidePath } from "./checkpoint-directory.ts";
import { checkedPieces } from "./checkpoint-reader.ts";
import type { CheckpointMetadata, StateFile } from "./metadata.ts";

/** All state files that a checkpoint needs, its own and earlier ones, each once. */
export function filesOf({ snapshots }: CheckpointMetadata): readonly StateFile[] {
  return [...new Map(snapshots.flatMap((s) => s.stateFiles).map((file) => [file.path, file])).values()];
}

/** Where a state file of checkpoint `id` lies, from the run's folder: `chk-3/name`. Throws CHECKPOINT_INVALID. */
export function pathInRun(id: number, file: StateFile): string {
  const inside = insidePath(checkpointFolder(id), file);
  return inside.startsWith("../") ? inside.slice(3) : `${checkpointFolder(id)}/${inside}`;
}

/**
 * Copies a state file between two places of a run as it is stored: its increments find it under the same path. Throws
 * CHECKPOINT_INVALID when it is not there as the metadata says.
 */
export async function copyFile(from: Place, to: Place, id: number, file: StateFile): Promise<void> {
  const path = pathInRun(id, file);
  const source = within(from, path);
  const target = within(to, path);
  const pieces = await piecesOf(source.storage, source.path);
  if (pieces === undefined) throw new SqlError("CHECKPOINT_INVALID", `the file ${source.location} is missing`);
  const create = async (contents: AsyncIterable<Uint8Array>): Promise<boolean> =>
    (await target.storage.create(target.path, checkedPieces(from.location, file, contents))) !== undefined;
  if (await create(pieces)) return;
  // What stands there is of an attempt that was given up, or is damaged.
  await target.storage.remove(target.path);
  const again = await piecesOf(source.storage, source.path);
  if (again === undefined || !(await create(again)))
    throw new SqlError("CHECKPOINT_FAILED", `somebody else writes ${target.location}`);
}

/** Is the file there, whole? Reads all of it. */
export async function isWhole(run: Place, id: number, file: StateFile): Promise<boolean> {
  const { storage, path } = within(run, pathInRun(id, file));
  const pieces = await piecesOf(storage, path);
  if (pieces === undefined) return false;
  try {
    for await (const piece of checkedPieces(run.location, file, pieces)) void piece;
    return true;
  } catch (error) {
    if (error instanceof SqlError && error.code === "CHECKPOINT_INVALID") return false;
    throw error;
  }
}
