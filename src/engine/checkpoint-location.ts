import { resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import { openCheckpoint } from "../checkpoint/checkpoint-directory.ts";
import { FilesystemStorage } from "../checkpoint/filesystem-storage.ts";
import type { Compression } from "../checkpoint/metadata.ts";
import { openPlaceCheckpoint } from "../checkpoint/place-checkpoint.ts";
import { PlaceStorage } from "../checkpoint/place-storage.ts";
import type { SavepointTarget } from "../checkpoint/savepoint-writer.ts";
import type { CheckpointReader, CheckpointStorage } from "../checkpoint/storage.ts";
import { diskTree, placeTree, type CheckpointTree } from "../checkpoint/tree.ts";
import type { FileSystem } from "../storage/file-system.ts";
import type { Machine } from "../storage/machine.ts";
import { remotePlace, schemeOf } from "../storage/remote-place.ts";

/** `file:///dir`, `file:/dir` or a path, as a path. */
function directoryOf(text: string): string {
  return schemeOf(text) === "file" ? text.replace(/^file:(\/\/)?/i, "") : resolve(text);
}

interface StorageSetup {
  readonly directory: string;
  readonly compression: Compression;
  /** Options of the job; those of its storage (`s3.*`) are among them. */
  readonly values: ReadonlyMap<string, string>;
  readonly machine: Machine | undefined;
  nowMillis(): number;
}

/** Where the checkpoints of a job lie. Throws UNSUPPORTED, OPTION_MISSING, OPTION_INVALID. */
export async function openStorage({ directory, values, ...options }: StorageSetup): Promise<CheckpointStorage> {
  const open = async (location: string): Promise<CheckpointReader> =>
    openCheckpointAt(location, values, options.machine?.files);
  const place = await remotePlace(directory, values);
  return place === undefined
    ? new FilesystemStorage({ ...options, directory: directoryOf(directory), open })
    : new PlaceStorage({ ...options, place, open });
}

/** Opens a completed checkpoint or savepoint, wherever it lies. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID, UNSUPPORTED. */
export async function openCheckpointAt(
  location: string,
  values: ReadonlyMap<string, string>,
  files?: FileSystem,
): Promise<CheckpointReader> {
  const place = await remotePlace(location, values);
  return place === undefined ? openCheckpoint(directoryOf(location), files) : openPlaceCheckpoint(place);
}

/** A folder of checkpoints to look at, wherever it lies; credentials come from the environment. */
export async function checkpointTree(location: string): Promise<CheckpointTree> {
  const place = await remotePlace(location, new Map());
  return place === undefined ? diskTree(directoryOf(location)) : placeTree(place);
}

/** The folder for savepoints: the one that is named, else `execution.checkpointing.savepoint-dir`. Throws OPTION_MISSING. */
export async function savepointFolder(
  named: string | undefined,
  values: ReadonlyMap<string, string>,
  job: string,
): Promise<Pick<SavepointTarget, "directory" | "place">> {
  const text = named ?? values.get("execution.checkpointing.savepoint-dir");
  if (text === undefined)
    throw new SqlError("OPTION_MISSING", `there is no folder for a savepoint of '${job}'`, {
      hint: "SET 'execution.checkpointing.savepoint-dir' = 'file:///…' before the job starts",
    });
  const place = await remotePlace(text, values);
  return { directory: place?.location ?? directoryOf(text), place };
}
