import { resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import { openCheckpoint } from "../checkpoint/checkpoint-directory.ts";
import { FilesystemStorage } from "../checkpoint/filesystem-storage.ts";
import { encryptionKeys, KEY_OPTION } from "../checkpoint/encryption-keys.ts";
import type { Compression } from "../checkpoint/metadata.ts";
import { openPlaceCheckpoint } from "../checkpoint/place-checkpoint.ts";
import { PlaceStorage } from "../checkpoint/place-storage.ts";
import { ReplicatedStorage } from "../checkpoint/replicated-storage.ts";
import type { SavepointTarget } from "../checkpoint/savepoint-writer.ts";
import type { CheckpointReader, CheckpointStorage } from "../checkpoint/storage.ts";
import { diskTree, placeTree, type CheckpointTree } from "../checkpoint/tree.ts";
import type { LogView } from "../checkpoint/log/log-store.ts";
import { diskLog, placeLog, segmentAt } from "../checkpoint/log/log-views.ts";
import { LoggedStorage } from "../checkpoint/log/logged-storage.ts";
import { openSegment } from "../checkpoint/log/replay.ts";
import { FileStorage } from "../storage/file-storage.ts";
import { nodeFiles, type FileSystem } from "../storage/file-system.ts";
import type { Machine } from "../storage/machine.ts";
import { within, type Place } from "../storage/place.ts";
import { remotePlace, schemeOf } from "../storage/remote-place.ts";
import { replicaOptions } from "./replica-options.ts";

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
  const keys = await encryptionKeys(values.get(KEY_OPTION));
  const remote = await remotePlace(directory, values);
  const files = options.machine?.files ?? nodeFiles;
  const main =
    remote === undefined
      ? new FilesystemStorage({ ...options, keys, directory: directoryOf(directory), open })
      : new PlaceStorage({ ...options, keys, place: remote, open });
  const viewOf = (run: string): LogView =>
    // A run lies below the place, and so does its location.
    remote === undefined
      ? diskLog(run, files, keys)
      : placeLog(within(remote, run.slice(remote.location.length + 1)), keys);
  const logged = (storage: CheckpointStorage): CheckpointStorage =>
    new LoggedStorage(storage, { ...options, viewOf, writes: isContinuous(values) });
  const further = replicaOptions(values, directory);
  if (further === undefined) return logged(main);
  const { locations, minPlaces, timeoutMillis } = further;
  const replicas = await Promise.all(
    locations.map(async (location) => {
      const place = (await remotePlace(location, values)) ?? diskPlace(location, files);
      return { place, storage: new PlaceStorage({ ...options, keys, place, open }) };
    }),
  );
  const place = remote ?? diskPlace(directory, files);
  return logged(new ReplicatedStorage({ main, place, replicas, keys, minPlaces, timeoutMillis, open }));
}

/** `state.synchronization` */
export function isContinuous(values: ReadonlyMap<string, string>): boolean {
  return values.get("state.synchronization")?.trim().toLowerCase() === "continuous";
}

/** A folder on a disk as a place of bytes. */
function diskPlace(location: string, files: FileSystem): Place {
  const directory = directoryOf(location);
  return { storage: new FileStorage(directory, files), path: "", location: directory };
}

/**
 * Opens a completed checkpoint or savepoint, or a segment of a log, wherever it lies. Throws CHECKPOINT_NOT_FOUND,
 * CHECKPOINT_INVALID, ENCRYPTION_KEY, UNSUPPORTED.
 */
export async function openCheckpointAt(
  location: string,
  values: ReadonlyMap<string, string>,
  files?: FileSystem,
): Promise<CheckpointReader> {
  const segment = segmentAt(location);
  const place = await remotePlace(segment?.run ?? location, values);
  const keys = await encryptionKeys(values.get(KEY_OPTION));
  if (segment !== undefined) {
    const view =
      place === undefined ? diskLog(directoryOf(segment.run), files ?? nodeFiles, keys) : placeLog(place, keys);
    return openSegment(view, segment.place);
  }
  return place === undefined ? openCheckpoint(directoryOf(location), files, keys) : openPlaceCheckpoint(place, keys);
}

/** A folder of checkpoints to look at, wherever it lies; with the credentials and keys of the options and the environment. */
export async function checkpointTree(location: string, values: ReadonlyMap<string, string>): Promise<CheckpointTree> {
  const place = await remotePlace(location, values);
  const keys = await encryptionKeys(values.get(KEY_OPTION));
  return place === undefined ? diskTree(directoryOf(location), keys) : placeTree(place, keys);
}

/** The folder for savepoints: the one that is named, else `execution.checkpointing.savepoint-dir`. Throws OPTION_MISSING. */
export async function savepointFolder(
  named: string | undefined,
  values: ReadonlyMap<string, string>,
  job: string,
): Promise<Pick<SavepointTarget, "directory" | "place" | "keys">> {
  const text = named ?? values.get("execution.checkpointing.savepoint-dir");
  if (text === undefined)
    throw new SqlError("OPTION_MISSING", `there is no folder for a savepoint of '${job}'`, {
      hint: "SET 'execution.checkpointing.savepoint-dir' = 'file:///…' before the job starts",
    });
  const place = await remotePlace(text, values);
  const keys = await encryptionKeys(values.get(KEY_OPTION));
  return { directory: place?.location ?? directoryOf(text), place, keys };
}
