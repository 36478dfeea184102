import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { nodeFiles } from "../storage/file-system.ts";
import { within, type Place } from "../storage/place.ts";
import { checkpointIds, idsIn, METADATA_FILE, openCheckpoint, SAVEPOINT_POINTER } from "./checkpoint-directory.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { LogView } from "./log/log-store.ts";
import { diskLog, placeLog } from "./log/log-views.ts";
import { openPlaceCheckpoint } from "./place-checkpoint.ts";
import { PlaceHistory } from "./place-history.ts";
import { readHistory } from "./run-history.ts";
import { decodeRunState, readRunState, RUN_FILE, type RunState } from "./run-state.ts";
import { pointerIn, readSavepointPointer } from "./savepoint-writer.ts";
import type { RunHistory } from "./statistics.ts";
import type { CheckpointReader } from "./storage.ts";

/** A folder of checkpoints to look at, on a disk or in a storage: of jobs, of runs, of checkpoints, or one checkpoint. */
export interface CheckpointTree {
  readonly location: string;
  /** Is there such a folder? */
  exists(): Promise<boolean>;
  /** What it is by the files in it. */
  kind(): Promise<"run" | "checkpoint" | "other">;
  /** Folders in it, by name. */
  children(): Promise<readonly CheckpointTree[]>;
  child(name: string): CheckpointTree;
  /** Of a run. */
  state(): Promise<RunState | undefined>;
  checkpointIds(): Promise<readonly number[]>;
  history(): Promise<RunHistory>;
  /** Of a run: its log (`state.synchronization`), which may be empty. */
  log(): LogView;
  /** Of a checkpoint. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID, ENCRYPTION_KEY. */
  open(): Promise<CheckpointReader>;
  /** Where the savepoint lies that stands in its place. */
  savepoint(): Promise<string | undefined>;
}

/** A folder on a disk. */
export function diskTree(folder: string, keys: EncryptionKeys | undefined): CheckpointTree {
  return {
    location: folder,
    exists: async () => existsSync(folder) && statSync(folder).isDirectory(),
    kind: async () => kindOf(readdirSync(folder)),
    children: async () =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
        .map((entry) => diskTree(join(folder, entry.name), keys))
        .sort((a, b) => (a.location < b.location ? -1 : 1)),
    child: (name) => diskTree(join(folder, name), keys),
    state: async () => readRunState(folder),
    checkpointIds: async () => checkpointIds(folder),
    history: async () => readHistory(folder),
    log: () => diskLog(folder, nodeFiles, keys),
    open: async () => openCheckpoint(folder, undefined, keys),
    savepoint: async () => readSavepointPointer(folder),
  };
}

/** A folder in a storage. */
export function placeTree(place: Place, keys: EncryptionKeys | undefined): CheckpointTree {
  const { storage, path, location } = place;
  const names = async (): Promise<readonly string[]> => storage.children(path);
  const text = async (name: string): Promise<string | undefined> => {
    const found = await storage.read(within(place, name).path);
    return found === undefined ? undefined : Buffer.from(found.bytes).toString();
  };
  return {
    location,
    exists: async () => (await names()).length > 0,
    kind: async () => kindOf(await names()),
    children: async () =>
      (await names())
        .filter((name) => name.endsWith("/"))
        .map((name) => placeTree(within(place, name.slice(0, -1)), keys)),
    child: (name) => placeTree(within(place, name), keys),
    state: async () => {
      const found = await text(RUN_FILE);
      return found === undefined ? undefined : decodeRunState(found, within(place, RUN_FILE).location);
    },
    checkpointIds: async () => idsIn((await names()).map((name) => name.replace(/\/$/, ""))),
    history: async () => new PlaceHistory(place).read(),
    log: () => placeLog(place, keys),
    open: async () => openPlaceCheckpoint(place, keys),
    savepoint: async () => pointerIn((await text(SAVEPOINT_POINTER)) ?? ""),
  };
}

function kindOf(names: readonly string[]): "run" | "checkpoint" | "other" {
  if (names.includes(RUN_FILE)) return "run";
  return names.includes(METADATA_FILE) ? "checkpoint" : "other";
}
