import { dirname, join, resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import { nodeFiles } from "../storage/file-system.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { thisMachine } from "../storage/machine.ts";
import type { Machine } from "../storage/machine.ts";
import {
  addDataFile,
  checkpointFolder,
  checkpointIds,
  invalidateCheckpoint,
  METADATA_FILE,
  neededFolders,
  openCheckpoint,
  readMetadata,
  removeCheckpoint,
  writeDataFile,
  writeForm,
} from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import { copiedSnapshots } from "./copied-snapshots.ts";
import { makeDirectories, replaceFile, syncAncestors, syncDirectory } from "../storage/durable-file.ts";
import { acquireLock, type RunLock } from "./lock.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { encodeMetadata, type CheckpointKind, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import { checkpointsIn, newestCheckpoint } from "./newest-checkpoint.ts";
import { pathName } from "./path-name.ts";
import { removable } from "./retention.ts";
import { HistoryWriter, readHistory, withoutMessages, type HistoryEntry } from "./run-history.ts";
import {
  newRunName,
  newRunState,
  readRunState,
  withoutState,
  writeRunState,
  type RunState,
  type RunStatus,
} from "./run-state.ts";
import {
  beginSavepoint,
  emptyFolder,
  readSavepointPointer,
  writeSavepointPointer,
  type SavepointTarget,
} from "./savepoint-writer.ts";
import type { RunHistory } from "./statistics.ts";
import type { StoredAs } from "./stored-form.ts";
import type { CheckpointReader, CheckpointStorage, CheckpointWriter, FoundRun, Mender, RunStorage } from "./storage.ts";

export interface FilesystemStorageOptions extends StoredAs {
  /** `execution.checkpointing.dir`. */
  readonly directory: string;
  nowMillis(): number;
  /** Default: this one. */
  readonly machine?: Machine | undefined;
  /** Opens a savepoint by its location; default: on the machine's disk. */
  readonly open?: ((location: string) => Promise<CheckpointReader>) | undefined;
}

/** Checkpoints as files: `<directory>/<job>/<run>/chk-N/` with data files and `_metadata`. */
export class FilesystemStorage implements CheckpointStorage {
  readonly #options: FilesystemStorageOptions;
  readonly #machine: Machine;

  constructor(options: FilesystemStorageOptions) {
    this.#options = options;
    this.#machine = options.machine ?? thisMachine;
  }

  async createRun(job: string): Promise<RunStorage> {
    return wrapped(`cannot start a run in ${this.#jobDirectory(job)}`, async () => {
      const parent = this.#jobDirectory(job);
      const { files } = this.#machine;
      await makeDirectories(parent, files);
      const startedMillis = this.#options.nowMillis();
      const run = newRunName(startedMillis);
      // The folder appears together with its state.
      const temporary = join(parent, `.new-${run}`);
      await files.mkdir(temporary);
      const state = newRunState(job, run, startedMillis);
      await writeRunState(temporary, state, files);
      await files.rename(temporary, join(parent, run));
      await syncDirectory(parent, files);
      return this.#own(join(parent, run), state);
    });
  }

  async newestRun(job: string): Promise<FoundRun | undefined> {
    const parent = this.#jobDirectory(job);
    let names: string[];
    try {
      names = await this.#machine.files.readdir(parent);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw ioError(`cannot read ${parent}`, error);
    }
    let newest: RunState | undefined;
    for (const name of names.filter((each) => !each.startsWith("."))) {
      const state = await readRunState(join(parent, name), this.#machine.files);
      if (state === undefined && (await this.#hasCheckpoints(join(parent, name))))
        throw withoutState(join(parent, name));
      if (state === undefined || state.run !== name) continue;
      const later =
        newest === undefined ||
        state.startedMillis > newest.startedMillis ||
        (state.startedMillis === newest.startedMillis && name > newest.run);
      if (later) newest = state;
    }
    return newest === undefined ? undefined : { run: newest.run, state: newest };
  }

  async #hasCheckpoints(directory: string): Promise<boolean> {
    try {
      return (await checkpointIds(directory, this.#machine.files)).length > 0;
    } catch {
      return false;
    }
  }

  async openRun(job: string, run: string): Promise<RunStorage> {
    const directory = join(this.#jobDirectory(job), run);
    return wrapped(`cannot go on in the run ${directory}`, async () => {
      const state = await readRunState(directory, this.#machine.files);
      if (state === undefined) throw new SqlError("CHECKPOINT_NOT_FOUND", `there is no run ${directory}`);
      const owned = await this.#own(directory, state);
      await emptyUnfinished(directory, this.#machine.files, this.#options.keys);
      return owned;
    });
  }

  async #own(directory: string, found: RunState): Promise<RunStorage> {
    // Who made the folder may have died before its name was durable.
    await syncAncestors(directory, this.#machine.files);
    const lock = await acquireLock(directory, found.attempt, this.#machine);
    const state = { ...found, attempt: lock.attempt, status: "running" as const };
    await writeRunState(directory, state, this.#machine.files);
    const { open, keys } = this.#options;
    const { files } = this.#machine;
    const openAt =
      open ?? (async (location: string): Promise<CheckpointReader> => openCheckpoint(location, files, keys));
    return new FilesystemRun(directory, lock, state, this.#options, files, openAt);
  }

  async newestOf(
    found: FoundRun,
    onInvalid: (reason: string) => void,
    verify: boolean,
  ): Promise<CheckpointReader | undefined> {
    return newestCheckpoint(checkpointsIn(this.locationOf(found), this.#machine.files, this.#options.keys), onInvalid, {
      verify,
    });
  }

  locationOf({ state, run }: FoundRun): string {
    return join(this.#jobDirectory(state.job), run);
  }

  #jobDirectory(job: string): string {
    return join(resolve(this.#options.directory), pathName(job));
  }
}

class FilesystemRun implements RunStorage {
  readonly location: string;
  readonly workDirectory: string;
  readonly #lock: RunLock;
  readonly #storedAs: StoredAs;
  readonly #files: FileSystem;
  readonly #open: (location: string) => Promise<CheckpointReader>;
  readonly #history: HistoryWriter;
  #state: RunState;
  /** By this process; aborted ones leave no folder behind. */
  #highestBegun = 0;

  constructor(
    location: string,
    lock: RunLock,
    state: RunState,
    storedAs: StoredAs,
    files: FileSystem,
    open: (location: string) => Promise<CheckpointReader>,
  ) {
    this.location = location;
    this.workDirectory = join(location, "work");
    this.#open = open;
    this.#files = files;
    this.#lock = lock;
    this.#state = state;
    this.#storedAs = storedAs;
    this.#history = new HistoryWriter(location, files);
  }

  get ownerMayLive(): boolean {
    return this.#lock.ownerMayLive;
  }

  onLost(listener: (error: SqlError) => void): void {
    this.#lock.onLost(listener);
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

  async assertOwned(): Promise<void> {
    await this.#lock.assertOwned();
  }

  async nextAttempt(): Promise<number> {
    await this.#lock.assertOwned();
    await this.#update({ ...this.#state, attempt: this.#lock.raise() });
    return this.#state.attempt;
  }

  async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    return wrapped(`cannot begin checkpoint ${checkpointId}`, async () => {
      await this.#lock.assertOwned();
      const directory = await this.#takeNumber(checkpointId);
      return new FilesystemCheckpoint(checkpointId, kind, directory, this.#lock, this.#storedAs, this.#files);
    });
  }

  /** A number is used once. Its folder is never replaced: it could be another process's, should this one have slept meanwhile. */
  async #takeNumber(checkpointId: number): Promise<string> {
    const directory = join(this.location, checkpointFolder(checkpointId));
    this.#highestBegun = Math.max(this.#highestBegun, checkpointId);
    try {
      await this.#files.mkdir(directory);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      await this.#lock.assertOwned();
      throw new SqlError("CHECKPOINT_FAILED", `there is a checkpoint ${directory} already`);
    }
    return directory;
  }

  async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    return wrapped(`cannot begin savepoint ${checkpointId}`, async () => {
      await this.#lock.assertOwned();
      const folder = await this.#takeNumber(checkpointId);
      const beforeVisible = async (): Promise<void> => {
        // `--from latest` goes on from the savepoint as from any other checkpoint of the run.
        await writeSavepointPointer(folder, writer.location, this.#files);
        await syncDirectory(this.location, this.#files);
        await this.#lock.assertOwned();
      };
      const writer: CheckpointWriter = await beginSavepoint(checkpointId, this.job, target, beforeVisible, this.#files);
      return writer;
    });
  }

  /** The savepoint that stands in the place of a checkpoint becomes the run's own: later increments may build on its files. */
  async #adoptSavepoint(id: number): Promise<void> {
    const directory = join(this.location, checkpointFolder(id));
    const location = await readSavepointPointer(directory, this.#files);
    if (location === undefined) return;
    let reader: CheckpointReader;
    try {
      reader = await this.#open(location);
    } catch (error) {
      // It never became complete, or was moved away: then the run does not have it.
      if (error instanceof SqlError && error.code === "CHECKPOINT_NOT_FOUND") return;
      throw error;
    }
    const { metadata } = reader;
    if (metadata.job !== this.job || metadata.run !== this.run || metadata.id !== id) return;
    await verifyFiles(reader);
    await copyCheckpoint(reader, directory, this.#files, this.#storedAs.keys);
  }

  async adopt(reader: CheckpointReader): Promise<void> {
    const directory = join(this.location, checkpointFolder(reader.metadata.id));
    await copyCheckpoint(reader, directory, this.#files, this.#storedAs.keys);
  }

  async newest(onInvalid: (reason: string) => void, mender?: Mender): Promise<CheckpointReader | undefined> {
    const passedOver: number[] = [];
    const heard = (reason: string, id: number): void => {
      onInvalid(reason);
      passedOver.push(id);
    };
    const before = async (id: number): Promise<void> => this.#adoptSavepoint(id);
    const newest = await newestCheckpoint(checkpointsIn(this.location, this.#files, this.#storedAs.keys), heard, {
      before,
      mender,
    });
    await wrapped(`cannot go on from a checkpoint of ${this.location}`, async () => {
      if (passedOver.length > 0) await this.#lock.assertOwned();
      // Sinks will take back what came after the older one: nobody may find the newer one readable again and go on from it.
      for (const id of passedOver) await invalidateCheckpoint(join(this.location, checkpointFolder(id)), this.#files);
      if (newest === undefined) return;
      // Who wrote it may have died before its name was durable; what is done from here on relies on it.
      await syncDirectory(newest.location, this.#files);
      await syncDirectory(this.location, this.#files);
    });
    return newest;
  }

  async highestId(): Promise<number> {
    return Math.max(this.#highestBegun, ...(await checkpointIds(this.location, this.#files)));
  }

  async retain(count: number): Promise<void> {
    await wrapped(`cannot remove old checkpoints of ${this.location}`, async () => {
      const ids = await checkpointIds(this.location, this.#files);
      for (const id of await removable(ids, count, async (each) => this.#metadata(each)))
        await removeCheckpoint(join(this.location, checkpointFolder(id)), this.#files);
    });
  }

  /** Undefined: there is none, or it is damaged. Throws when it cannot be read now: what it needs is not known then. */
  async #metadata(id: number): Promise<CheckpointMetadata | undefined> {
    try {
      return await readMetadata(join(this.location, checkpointFolder(id)), this.#files, this.#storedAs.keys);
    } catch (error) {
      if (error instanceof SqlError && error.code === "CHECKPOINT_INVALID") return undefined;
      throw error;
    }
  }

  async setStatus(status: RunStatus): Promise<void> {
    await this.#lock.assertOwned();
    await this.#update({ ...this.#state, status });
  }

  async history(): Promise<RunHistory> {
    return readHistory(this.location, this.#files);
  }

  async remember(entry: HistoryEntry): Promise<void> {
    await this.#lock.assertOwned();
    await this.#history.append(this.#storedAs.keys === undefined ? entry : withoutMessages(entry));
  }

  async release(): Promise<void> {
    await this.#lock.release();
  }

  async #update(state: RunState): Promise<void> {
    await wrapped(`cannot write the state of the run ${this.location}`, async () =>
      writeRunState(this.location, state, this.#files),
    );
    this.#state = state;
  }
}

/**
 * Takes away what earlier owners left of checkpoints that they did not complete: an owner that was only presumed dead can
 * then not complete them when it wakes up, because what it would rename is gone.
 */
async function emptyUnfinished(
  runDirectory: string,
  files: FileSystem,
  keys: EncryptionKeys | undefined,
): Promise<void> {
  const unfinished: number[] = [];
  const needed = new Set<number>();
  for (const id of await checkpointIds(runDirectory, files)) {
    const directory = join(runDirectory, checkpointFolder(id));
    const metadata = await readMetadata(directory, files, keys).catch(() => "unreadable" as const);
    if (metadata === undefined) unfinished.push(id);
    else if (metadata !== "unreadable") for (const other of neededFolders(metadata)) needed.add(other);
  }
  for (const id of unfinished) {
    const directory = join(runDirectory, checkpointFolder(id));
    // One that others build on was complete, and has lost its metadata.
    if (needed.has(id) || (await readSavepointPointer(directory, files)) !== undefined) continue;
    await emptyFolder(directory, files);
  }
}

class FilesystemCheckpoint implements CheckpointWriter {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly location: string;
  readonly #lock: RunLock;
  readonly #storedAs: StoredAs;
  readonly #files: FileSystem;

  constructor(
    id: number,
    kind: CheckpointKind,
    location: string,
    lock: RunLock,
    storedAs: StoredAs,
    files: FileSystem,
  ) {
    this.id = id;
    this.kind = kind;
    this.location = location;
    this.#lock = lock;
    this.#storedAs = storedAs;
    this.#files = files;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return wrapped(`cannot write the state of checkpoint ${this.id}`, async () =>
      writeDataFile(this.location, name, pieces, this.#storedAs, this.#files),
    );
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return wrapped(`cannot write the state of checkpoint ${this.id}`, async () =>
      addDataFile(this.location, name, localPath, this.#storedAs.keys, this.#files),
    );
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    await wrapped(`cannot complete checkpoint ${this.id}`, async () => {
      await syncDirectory(this.location, this.#files);
      await syncDirectory(dirname(this.location), this.#files);
      const path = join(this.location, METADATA_FILE);
      await replaceFile(
        path,
        encodeMetadata(metadata, this.#storedAs.keys),
        this.#files,
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
      removeCheckpoint(this.location, this.#files),
    );
  }
}

/** Copies a completed checkpoint to a folder of its own, as a savepoint. The folder must not hold one yet. Returns its path. */
export async function copyCheckpoint(
  from: CheckpointReader,
  directory: string,
  files: FileSystem = nodeFiles,
  keys?: EncryptionKeys,
): Promise<string> {
  return wrapped(`cannot write the savepoint ${directory}`, async () => {
    const target = resolve(directory);
    await makeDirectories(target, files);
    if ((await readMetadata(target, files, keys)) !== undefined)
      throw new SqlError("CHECKPOINT_FAILED", `there is a savepoint in ${target} already`);
    const snapshots = await copiedSnapshots(from, keys, async (form) => void (await writeForm(target, form, files)));
    await syncDirectory(target, files);
    await syncAncestors(target, files);
    const metadata = encodeMetadata({ ...from.metadata, kind: "savepoint", snapshots }, keys);
    await replaceFile(join(target, METADATA_FILE), metadata, files);
    return target;
  });
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
