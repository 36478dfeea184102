import { join } from "node:path";
import { SqlError } from "../../base/errors.ts";
import type { FileSystem } from "../../storage/file-system.ts";
import { FileStorage, removeTemporaries } from "../../storage/file-storage.ts";
import { within, type Place } from "../../storage/place.ts";
import { checkpointFolder, openCheckpoint, readerIn } from "../checkpoint-directory.ts";
import { openPlaceCheckpoint, readerOf } from "../place-checkpoint.ts";
import type { EncryptionKeys } from "../encryption-keys.ts";
import type { CheckpointReader } from "../storage.ts";
import type { LogView } from "./log-store.ts";
import { LOG_FOLDER, placeOfName } from "./segment.ts";

/** The log of a run whose folder is on a disk. `keys`: of its segments and of the checkpoints that it goes on from. */
export function diskLog(runFolder: string, files: FileSystem, keys?: EncryptionKeys): LogView {
  const location = join(runFolder, LOG_FOLDER);
  return {
    log: { storage: new FileStorage(runFolder, files), path: LOG_FOLDER, location },
    keys,
    checkpoint: async (id) => ifThere(async () => openCheckpoint(join(runFolder, checkpointFolder(id)), files, keys)),
    reader: (metadata) => readerIn(location, metadata, files, keys),
    tidy: async () => removeTemporaries(location, files),
  };
}

/** The log of a run in a storage. */
export function placeLog(run: Place, keys?: EncryptionKeys): LogView {
  const log = within(run, LOG_FOLDER);
  return {
    log,
    keys,
    checkpoint: async (id) => ifThere(async () => openPlaceCheckpoint(within(run, checkpointFolder(id)), keys)),
    reader: (metadata) => readerOf(log, metadata, keys),
    tidy: async () => undefined,
  };
}

/** What the location of a segment says, such as `…/<run>/log/000000000007`; undefined: it is no such location. */
export function segmentAt(location: string): { readonly run: string; readonly place: number } | undefined {
  const [, run, name] = /^(.+)[/\\]log[/\\](\d+)$/.exec(location) ?? [];
  const place = name === undefined ? undefined : placeOfName(name);
  return run === undefined || place === undefined ? undefined : { run, place };
}

async function ifThere(open: () => Promise<CheckpointReader>): Promise<CheckpointReader | undefined> {
  try {
    return await open();
  } catch (error) {
    if (error instanceof SqlError && error.code === "CHECKPOINT_NOT_FOUND") return undefined;
    throw error;
  }
}
