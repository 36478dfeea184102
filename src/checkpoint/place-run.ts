import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import type { Machine } from "../storage/machine.ts";
import { checkpointFolder, idsIn, METADATA_FILE, SAVEPOINT_POINTER } from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { copiedSnapshots } from "./copied-snapshots.ts";
import type { RunLock } from "./lock.ts";
import { PlaceCheckpoints } from "./place-checkpoints.ts";
import { encodeMetadata, type CheckpointKind, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import { newestCheckpoint, ofNumber, type RunCheckpoints } from "./newest-checkpoint.ts";
import {
  findMetadata,
  FOUND_DAMAGED,
  givenUpMetadata,
  readerOf,
  WRITER_GONE,
  writeStored,
} from "./place-checkpoint.ts";
import { PlaceHistory } from "./place-history.ts";
import { withoutMessages, type HistoryEntry } from "./run-history.ts";
import { encodeRunState, RUN_FILE, type RunState, type RunStatus } from "./run-state.ts";
import { beginSavepoint, pointerText, pointerIn, type SavepointTarget } from "./savepoint-writer.ts";
import type { RunHistory } from "./statistics.ts";
import type { CheckpointReader, CheckpointWriter, Mender, RunStorage } from "./storage.ts";
import { compressedForm, plainForm, type StoredAs } from "./stored-form.ts";

/** In a checkpoint's folder from its beginning on: its number is taken. */
const BEGUN_FILE = "_begun";

interface PlaceRunSetup extends StoredAs {
  readonly place: Place;
  readonly lock: RunLock;
  readonly state: RunState;
  /** Version of the object with the state. */
  readonly version: string;
  readonly machine: Machine;
  /** Opens a savepoint by its location. */
  readonly open: (location: string) => Promise<CheckpointReader>;
}

/** The checkpoints of a run in a storage. */
export function checkpointsAt(run: Place, keys: EncryptionKeys | undefined): RunCheckpoints {
  return {
    ids: async () => idsOf(run),
    open: async (id) => {
      const place = within(run, checkpointFolder(id));
      const found = await findMetadata(place, keys);
      return found?.metadata === undefined ? undefined : ofNumber(id, readerOf(place, found.metadata, keys));
    },
  };
}

/** Numbers of the checkpoint folders in a run's folder, ascending, completed or not. */
export async function idsOf({ storage, path }: Place): Promise<number[]> {
  return idsIn((await storage.children(path)).map((name) => name.replace(/\/$/, "")));
}

/**
 * A run whose checkpoints are objects. Fencing: a checkpoint's metadata is made once, by its writer or by who takes the
 * run over (`giveUpUnfinished`), and the storage says who was first.
 */
export class PlaceRun implements RunStorage {
  readonly workDirectory: string;
  readonly #setup: PlaceRunSetup;
  readonly #history: PlaceHistory;
  readonly #checkpoints: PlaceCheckpoints;
  #state: RunState;
  #version: string;
  /** By this process; aborted ones may leave no folder behind. */
  #highestBegun = 0;

  constructor(setup: PlaceRunSetup) {
    this.#setup = setup;
    this.#state = setup.state;
    this.#version = setup.version;
    this.#history = new PlaceHistory(setup.place);
    this.#checkpoints = new PlaceCheckpoints(setup.place, setup.keys);
    this.workDirectory = join(tmpdir(), `millrace-${setup.state.run}-${process.pid}`);
  }

  get location(): string {
    return this.#setup.place.location;
  }

  get ownerMayLive(): boolean {
    return this.#setup.lock.ownerMayLive;
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

  onLost(listener: (error: SqlError) => void): void {
    this.#setup.lock.onLost(listener);
  }

  async assertOwned(): Promise<void> {
    await this.#setup.lock.assertOwned();
  }

  async nextAttempt(): Promise<number> {
    const { lock } = this.#setup;
    await lock.assertOwned();
    await this.#update({ ...this.#state, attempt: lock.raise() });
    return this.#state.attempt;
  }

  async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    const place = await this.#takeNumber(checkpointId);
    const completed = (metadata: CheckpointMetadata | undefined): void => {
      this.#checkpoints.know(checkpointId, metadata);
    };
    return new PlaceCheckpoint(checkpointId, kind, place, this.#setup, completed);
  }

  /** A number is used once. */
  async #takeNumber(checkpointId: number): Promise<Place> {
    const { lock, place } = this.#setup;
    await lock.assertOwned();
    this.#highestBegun = Math.max(this.#highestBegun, checkpointId);
    const folder = within(place, checkpointFolder(checkpointId));
    const { storage, path } = within(folder, BEGUN_FILE);
    const begun = JSON.stringify({ attempt: lock.attempt });
    if ((await storage.create(path, Buffer.from(begun))) !== undefined) return folder;
    await lock.assertOwned();
    throw new SqlError("CHECKPOINT_FAILED", `there is a checkpoint ${folder.location} already`);
  }

  async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    const { lock, machine } = this.#setup;
    const folder = await this.#takeNumber(checkpointId);
    const beforeVisible = async (): Promise<void> => {
      // `--from latest` goes on from the savepoint as from any other checkpoint of the run.
      const { storage, path } = within(folder, SAVEPOINT_POINTER);
      await storage.put(path, Buffer.from(pointerText(writer.location)));
      await lock.assertOwned();
    };
    const writer: CheckpointWriter = await beginSavepoint(checkpointId, this.job, target, beforeVisible, machine.files);
    return writer;
  }

  async adopt(reader: CheckpointReader): Promise<void> {
    await this.#copy(reader, within(this.#setup.place, checkpointFolder(reader.metadata.id)));
  }

  async #copy(reader: CheckpointReader, folder: Place): Promise<void> {
    const { keys } = this.#setup;
    const snapshots = await copiedSnapshots(reader, keys, async (form) => {
      const { storage, path } = within(folder, form.path);
      // One that died while it copied may have left it.
      await storage.remove(path);
      await storage.create(path, form.blocks);
    });
    const { storage, path } = within(folder, METADATA_FILE);
    const metadata = encodeMetadata({ ...reader.metadata, kind: "savepoint", snapshots }, keys);
    if ((await storage.create(path, Buffer.from(metadata))) === undefined)
      throw new SqlError("CHECKPOINT_FAILED", `there is a checkpoint ${folder.location} already`);
  }

  async newest(onInvalid: (reason: string) => void, mender?: Mender): Promise<CheckpointReader | undefined> {
    const { lock, place } = this.#setup;
    const passedOver: number[] = [];
    const heard = (reason: string, id: number): void => {
      onInvalid(reason);
      passedOver.push(id);
    };
    const before = async (id: number): Promise<void> => this.#adoptSavepoint(id);
    const newest = await newestCheckpoint(checkpointsAt(place, this.#setup.keys), heard, { before, mender });
    if (passedOver.length > 0) await lock.assertOwned();
    // Sinks will take back what came after the older one: nobody may find the newer one readable again and go on from it.
    for (const id of passedOver) await this.#invalidate(within(place, checkpointFolder(id)));
    return newest;
  }

  /** The savepoint that stands in the place of a checkpoint becomes the run's own: later increments may build on its files. */
  async #adoptSavepoint(id: number): Promise<void> {
    const { place, open } = this.#setup;
    const folder = within(place, checkpointFolder(id));
    if ((await findMetadata(folder, this.#setup.keys)) !== undefined) return;
    const pointer = within(folder, SAVEPOINT_POINTER);
    const found = await pointer.storage.read(pointer.path);
    const location = found === undefined ? undefined : pointerIn(Buffer.from(found.bytes).toString());
    if (location === undefined) return;
    let reader: CheckpointReader;
    try {
      reader = await open(location);
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_NOT_FOUND") throw error;
      // It never became complete, or was moved away. The run goes on from before it, so it must not come back.
      return await giveUp(folder, "its savepoint was not there");
    }
    const { metadata } = reader;
    if (metadata.job !== this.job || metadata.run !== this.run || metadata.id !== id) return;
    await verifyFiles(reader);
    await this.#copy(reader, folder);
  }

  async #invalidate(folder: Place): Promise<void> {
    const { storage, path } = within(folder, METADATA_FILE);
    const found = await storage.read(path);
    if (found !== undefined) await storage.put(`${path}.invalid`, found.bytes);
    await storage.put(path, givenUpMetadata(FOUND_DAMAGED));
  }

  async highestId(): Promise<number> {
    return Math.max(this.#highestBegun, ...(await idsOf(this.#setup.place)));
  }

  async retain(count: number): Promise<void> {
    await this.#checkpoints.retain(await idsOf(this.#setup.place), count);
  }

  async setStatus(status: RunStatus): Promise<void> {
    await this.#setup.lock.assertOwned();
    await this.#update({ ...this.#state, status });
  }

  async history(): Promise<RunHistory> {
    return this.#history.read();
  }

  async remember(entry: HistoryEntry): Promise<void> {
    await this.#setup.lock.assertOwned();
    await this.#history.append(this.#setup.keys === undefined ? entry : withoutMessages(entry));
  }

  async release(): Promise<void> {
    const { lock, place, machine } = this.#setup;
    await lock.release();
    await machine.files.rm(this.workDirectory).catch(() => undefined);
    await place.storage.close();
  }

  async #update(state: RunState): Promise<void> {
    const { place, lock } = this.#setup;
    const { storage, path } = within(place, RUN_FILE);
    const bytes = Buffer.from(encodeRunState(state));
    const version = await storage.replace(path, bytes, this.#version);
    if (version === undefined) {
      // An answer was lost earlier, or somebody else has written it.
      await lock.assertOwned();
      await storage.put(path, bytes);
    }
    this.#version = version ?? (await storage.read(path))?.version ?? "";
    this.#state = state;
  }
}

class PlaceCheckpoint implements CheckpointWriter {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly #place: Place;
  readonly #setup: PlaceRunSetup;
  /** Undefined: it was given up. */
  readonly #completed: (metadata: CheckpointMetadata | undefined) => void;

  constructor(
    id: number,
    kind: CheckpointKind,
    place: Place,
    setup: PlaceRunSetup,
    completed: (metadata: CheckpointMetadata | undefined) => void,
  ) {
    this.id = id;
    this.kind = kind;
    this.#place = place;
    this.#setup = setup;
    this.#completed = completed;
  }

  get location(): string {
    return this.#place.location;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return writeStored(this.#place, compressedForm(name, pieces, this.#setup));
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return writeStored(this.#place, plainForm(name, this.#setup.machine.files.readPieces(localPath), this.#setup.keys));
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    const { lock } = this.#setup;
    await lock.assertOwned();
    faultPoint("checkpoint.durable-not-complete");
    const { storage, path } = within(this.#place, METADATA_FILE);
    if ((await storage.create(path, Buffer.from(encodeMetadata(metadata, this.#setup.keys)))) === undefined) {
      await lock.assertOwned();
      throw new SqlError("CHECKPOINT_FAILED", `the checkpoint ${this.location} was given up before it was complete`);
    }
    this.#completed(metadata);
  }

  /** Leaves everything alone when another process has taken the run over. */
  async abort(): Promise<void> {
    try {
      await this.#setup.lock.assertOwned();
    } catch {
      return;
    }
    this.#completed(undefined);
    // A request to complete it may still be on its way: from now on it comes too late.
    const { storage, path } = within(this.#place, METADATA_FILE);
    await storage.put(path, givenUpMetadata("aborted"));
    for await (const object of storage.list(`${this.#place.path}/`))
      if (object.path !== path && !object.path.endsWith(`/${BEGUN_FILE}`)) await storage.remove(object.path);
  }
}

/**
 * Gives up what earlier owners left of checkpoints that they did not complete: an owner that was only presumed dead can
 * then not complete them when it wakes up. One that it completes before that is complete, and is gone on from.
 */
export async function giveUpUnfinished(run: Place): Promise<void> {
  for (const id of await idsOf(run)) {
    const folder = within(run, checkpointFolder(id));
    // Whose key is not here is there all the same.
    const found = await findMetadata(folder, undefined).catch((error: unknown) => {
      if (error instanceof SqlError && (error.code === "CHECKPOINT_INVALID" || error.code === "ENCRYPTION_KEY"))
        return "there";
      throw error;
    });
    if (found !== undefined) continue;
    const pointer = within(folder, SAVEPOINT_POINTER);
    if ((await pointer.storage.read(pointer.path)) === undefined) await giveUp(folder, WRITER_GONE);
  }
}

async function giveUp(folder: Place, reason: string): Promise<void> {
  const { storage, path } = within(folder, METADATA_FILE);
  await storage.create(path, givenUpMetadata(reason));
}
