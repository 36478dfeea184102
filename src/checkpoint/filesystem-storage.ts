import { randomBytes } from "node:crypto";
import { copyFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import {
  addDataFile,
  checkpointFolder,
  checkpointIds,
  METADATA_FILE,
  neededFolders,
  readMetadata,
  removeCheckpoint,
  writeDataFile,
} from "./checkpoint-directory.ts";
import { replaceFile, syncDirectory } from "./durable-file.ts";
import { acquireLock, type RunLock } from "./lock.ts";
import {
  encodeMetadata,
  type CheckpointKind,
  type CheckpointMetadata,
  type Compression,
  type StateFile,
} from "./metadata.ts";
import { newestCheckpoint } from "./newest-checkpoint.ts";
import { pathName } from "./path-name.ts";
import { newRunState, readRunState, writeRunState, type RunState, type RunStatus } from "./run-state.ts";
import type { CheckpointReader, CheckpointStorage, CheckpointWriter, FoundRun, RunStorage } from "./storage.ts";

export interface FilesystemStorageOptions {
  /** `execution.checkpointing.dir`. */
  readonly directory: string;
  readonly compression: Compression;
  nowMillis(): number;
}

/** Checkpoints as files: `<directory>/<job>/<run>/chk-N/` with data files and `_metadata`. */
export class FilesystemStorage implements CheckpointStorage {
  readonly #options: FilesystemStorageOptions;

  constructor(options: FilesystemStorageOptions) {
    this.#options = options;
  }

  async createRun(job: string): Promise<RunStorage> {
    return wrapped(`cannot start a run in ${this.#jobDirectory(job)}`, async () => {
      const parent = this.#jobDirectory(job);
      await mkdir(parent, { recursive: true });
      const startedMillis = this.#options.nowMillis();
      const run = `${new Date(startedMillis).toISOString().replace(/[-:]|\.\d+Z$/g, "")}-${randomBytes(3).toString("hex")}`;
      // The folder appears together with its state.
      const temporary = join(parent, `.new-${run}`);
      await mkdir(temporary);
      const state = newRunState(job, run, startedMillis);
      await writeRunState(temporary, state);
      await rename(temporary, join(parent, run));
      await syncDirectory(parent);
      return this.#own(join(parent, run), state);
    });
  }

  async newestRun(job: string): Promise<FoundRun | undefined> {
    const parent = this.#jobDirectory(job);
    let names: string[];
    try {
      names = await readdir(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw ioError(`cannot read ${parent}`, error);
    }
    let newest: RunState | undefined;
    for (const name of names.filter((each) => !each.startsWith("."))) {
      const state = await readRunState(join(parent, name));
      if (state === undefined || state.run !== name) continue;
      const later =
        newest === undefined ||
        state.startedMillis > newest.startedMillis ||
        (state.startedMillis === newest.startedMillis && name > newest.run);
      if (later) newest = state;
    }
    return newest === undefined ? undefined : { run: newest.run, state: newest };
  }

  async openRun(job: string, run: string): Promise<RunStorage> {
    const directory = join(this.#jobDirectory(job), run);
    return wrapped(`cannot go on in the run ${directory}`, async () => {
      const state = await readRunState(directory);
      if (state === undefined) throw new SqlError("CHECKPOINT_NOT_FOUND", `there is no run ${directory}`);
      return this.#own(directory, state);
    });
  }

  async #own(directory: string, found: RunState): Promise<RunStorage> {
    const lock = await acquireLock(directory, found.attempt);
    const state = { ...found, attempt: lock.attempt, status: "running" as const };
    await writeRunState(directory, state);
    return new FilesystemRun(directory, lock, state, this.#options.compression);
  }

  #jobDirectory(job: string): string {
    return join(resolve(this.#options.directory), pathName(job));
  }
}

class FilesystemRun implements RunStorage {
  readonly location: string;
  readonly #lock: RunLock;
  readonly #compression: Compression;
  #state: RunState;

  constructor(location: string, lock: RunLock, state: RunState, compression: Compression) {
    this.location = location;
    this.#lock = lock;
    this.#state = state;
    this.#compression = compression;
  }

  get job(): string {
    return this.#state.job;
  }

  get run(): string {
    return this.#state.run;
  }

  get attempt(): number {
    return this.#state.attempt;
  }

  async nextAttempt(): Promise<number> {
    await this.#lock.assertOwned();
    await this.#update({ ...this.#state, attempt: this.#lock.raise() });
    return this.#state.attempt;
  }

  async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    return wrapped(`cannot begin checkpoint ${checkpointId}`, async () => {
      await this.#lock.assertOwned();
      const directory = join(this.location, checkpointFolder(checkpointId));
      if ((await readMetadata(directory)) !== undefined) {
        throw new SqlError("CHECKPOINT_FAILED", `there is a completed checkpoint ${directory} already`);
      }
      await rm(directory, { recursive: true, force: true });
      await mkdir(directory);
      return new FilesystemCheckpoint(checkpointId, kind, directory, this.location, this.#lock, this.#compression);
    });
  }

  async newest(onInvalid: (reason: string) => void): Promise<CheckpointReader | undefined> {
    return newestCheckpoint(this.location, onInvalid);
  }

  async highestId(): Promise<number> {
    return (await checkpointIds(this.location)).at(-1) ?? 0;
  }

  async retain(count: number): Promise<void> {
    await wrapped(`cannot remove old checkpoints of ${this.location}`, async () => {
      const kept = new Set<number>();
      const ids = await checkpointIds(this.location);
      for (const id of [...ids].reverse()) {
        if (kept.size >= count) break;
        // A damaged one is not counted, so that a valid one before it stays.
        const metadata = await readMetadata(join(this.location, checkpointFolder(id))).catch(() => undefined);
        if (metadata !== undefined) kept.add(id);
      }
      const newest = Math.max(0, ...kept);
      // What is added on the way is looked at too.
      for (const id of kept) {
        const metadata = await readMetadata(join(this.location, checkpointFolder(id))).catch(() => undefined);
        for (const needed of metadata === undefined ? [] : neededFolders(metadata)) kept.add(needed);
      }
      for (const id of ids) {
        if (id < newest && !kept.has(id)) await removeCheckpoint(join(this.location, checkpointFolder(id)));
      }
    });
  }

  async setStatus(status: RunStatus): Promise<void> {
    await this.#lock.assertOwned();
    await this.#update({ ...this.#state, status });
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }

  async #update(state: RunState): Promise<void> {
    await wrapped(`cannot write the state of the run ${this.location}`, async () =>
      writeRunState(this.location, state),
    );
    this.#state = state;
  }
}

class FilesystemCheckpoint implements CheckpointWriter {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly #directory: string;
  readonly #runDirectory: string;
  readonly #lock: RunLock;
  readonly #compression: Compression;

  constructor(
    id: number,
    kind: CheckpointKind,
    directory: string,
    runDirectory: string,
    lock: RunLock,
    compression: Compression,
  ) {
    this.id = id;
    this.kind = kind;
    this.#directory = directory;
    this.#runDirectory = runDirectory;
    this.#lock = lock;
    this.#compression = compression;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return wrapped(`cannot write the state of checkpoint ${this.id}`, async () =>
      writeDataFile(this.#directory, name, pieces, this.#compression),
    );
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return wrapped(`cannot write the state of checkpoint ${this.id}`, async () =>
      addDataFile(this.#directory, name, localPath),
    );
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    await wrapped(`cannot complete checkpoint ${this.id}`, async () => {
      await syncDirectory(this.#directory);
      await syncDirectory(this.#runDirectory);
      const path = join(this.#directory, METADATA_FILE);
      await replaceFile(
        path,
        encodeMetadata(metadata),
        async () => this.#lock.assertOwned(),
        "checkpoint.durable-not-complete",
      );
    });
  }

  /** Leaves everything alone when another process has taken the run over. */
  async abort(): Promise<void> {
    try {
      await this.#lock.assertOwned();
    } catch {
      return;
    }
    await wrapped(`cannot remove what checkpoint ${this.id} has written`, async () =>
      removeCheckpoint(this.#directory),
    );
  }
}

/** Copies a completed checkpoint to a folder of its own, as a savepoint. The folder must not hold one yet. Returns its path. */
export async function copyCheckpoint(from: CheckpointReader, directory: string): Promise<string> {
  return wrapped(`cannot write the savepoint ${directory}`, async () => {
    const target = resolve(directory);
    await mkdir(target, { recursive: true });
    if ((await readMetadata(target)) !== undefined)
      throw new SqlError("CHECKPOINT_FAILED", `there is a savepoint in ${target} already`);
    const copied: StateFile[] = [];
    const snapshots = [];
    for (const snapshot of from.metadata.snapshots) {
      const stateFiles = [];
      for (const file of snapshot.stateFiles) {
        const path = `${copied.length}-${basename(file.path)}`;
        await copyFile(join(from.location, file.path), join(target, path));
        await syncFile(join(target, path));
        const moved = { ...file, path };
        copied.push(moved);
        stateFiles.push(moved);
      }
      snapshots.push({ ...snapshot, stateFiles });
    }
    await syncDirectory(target);
    await replaceFile(join(target, METADATA_FILE), encodeMetadata({ ...from.metadata, kind: "savepoint", snapshots }));
    return target;
  });
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function wrapped<T>(what: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw ioError(what, error);
  }
}

function ioError(what: string, error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  return new SqlError("CHECKPOINT_FAILED", `${what}: ${(error as Error).message}`, { cause: error, retryable: true });
}
