import { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import { checkpointFolder, idsIn, METADATA_FILE, SAVEPOINT_POINTER } from "./checkpoint-directory.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { PlaceCheckpoints } from "./place-checkpoints.ts";
import type { CheckpointMetadata, StateFile } from "./metadata.ts";
import { copyFile, filesOf, pathInRun } from "./replica-copy.ts";
import { RESTORES_FILE } from "./restore-record.ts";
import { RUN_FILE } from "./run-state.ts";

/** Tries while somebody waits; a place that failed the last time gets one. */
const TRIES = 3;
const FIRST_TRY_MILLIS = 200;
/** Between two tries to repair, doubled each time. */
const FIRST_REPAIR_MILLIS = 1000;
const LAST_REPAIR_MILLIS = 60_000;
/** A place that does not answer is asked for nothing more while so much waits … */
const MOST_WAITING = 16;
/** … and what could be done later makes no queue of its own. */
const MOST_PREFETCHED = 6;

export interface ReplicaSetup {
  /** The run's folder in the place that rules, and in this one. */
  readonly source: Place;
  readonly run: Place;
  readonly keys: EncryptionKeys | undefined;
  /** The newest complete checkpoint, for repairs. */
  newest(): CheckpointMetadata | undefined;
}

/**
 * A further place of a run's checkpoints. It is brought up to a checkpoint by copying what it lacks of it, so that one
 * that was away, or has lost everything, needs nothing else. Its metadata comes last, and only when the place that rules
 * has it. Calls go one after another.
 */
export class Replica {
  readonly #setup: ReplicaSetup;
  readonly #checkpoints: PlaceCheckpoints;
  /** Numbers whose folder holds nothing of before this process. */
  readonly #begun = new Set<number>();
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #failing = false;
  #closed = false;
  /** The run's small files are to be copied. */
  #stale = true;
  /** The newest that it holds. */
  #held = 0;
  #repairing = false;
  /** Ends the wait of a repair. */
  #wake: (() => void) | undefined;

  constructor(setup: ReplicaSetup) {
    this.#setup = setup;
    this.#checkpoints = new PlaceCheckpoints(setup.run, setup.keys);
  }

  get location(): string {
    return this.#setup.run.location;
  }

  get run(): Place {
    return this.#setup.run;
  }

  /** The files that say what a run is have changed. */
  refresh(): void {
    this.#stale = true;
    this.#inTurn(async () => this.#copyRunFiles()).catch(() => this.repair());
  }

  /** When the files that say what the run is are here. */
  async known(): Promise<void> {
    await this.#tried(async () => {
      if (this.#stale) await this.#copyRunFiles();
    });
  }

  /** Files of a checkpoint that is still being written; that this fails is noticed later. */
  prefetch(id: number, file: StateFile): void {
    if (this.#failing || this.#waiting >= MOST_PREFETCHED) return;
    this.#inTurn(async () => {
      await this.#clear(id);
      await copyFile(this.#setup.source, this.run, id, file);
    }).catch(() => undefined);
  }

  /** All that a checkpoint needs is here, durably; its metadata is not. Throws what the place says. */
  async prepare(id: number, files: readonly StateFile[]): Promise<void> {
    await this.#tried(async () => this.#copyMissing(id, files));
  }

  /** Makes a checkpoint one that was prepared. */
  async complete(metadata: CheckpointMetadata): Promise<void> {
    await this.#tried(async () => this.#copyMetadata(metadata));
  }

  /** Notes that the checkpoint of that number is a savepoint elsewhere. */
  async point(id: number): Promise<void> {
    await this.#tried(async () => this.#copySmall(`${checkpointFolder(id)}/${SAVEPOINT_POINTER}`));
  }

  /** Takes a checkpoint away that was given up. */
  abort(id: number): void {
    this.#checkpoints.know(id, undefined);
    this.#inTurn(async () => this.#checkpoints.remove(id)).catch(() => undefined);
  }

  /** Keeps the newest checkpoints that it holds, and all that they need. */
  retain(count: number): void {
    if (this.#waiting >= MOST_WAITING) return;
    this.#inTurn(async () => {
      await this.#checkpoints.retain(await this.ids(), count);
    }).catch(() => undefined);
  }

  /** Numbers of its checkpoints, complete or not, ascending. */
  async ids(): Promise<readonly number[]> {
    const { storage, path } = this.run;
    return idsIn((await storage.children(path)).map((name) => name.replace(/\/$/, "")));
  }

  /** Copies the newest checkpoint here in the background, if it is not; tries again until that went well. */
  repair(firstDelayMillis = FIRST_REPAIR_MILLIS): void {
    if (this.#repairing || this.#closed) return;
    this.#repairing = true;
    void this.#repairFrom(firstDelayMillis).finally(() => (this.#repairing = false));
  }

  async #repairFrom(firstDelayMillis: number): Promise<void> {
    for (let delayMillis = firstDelayMillis; this.#lags();) {
      await this.#wait(delayMillis);
      if (this.#closed) return;
      delayMillis = Math.min(Math.max(FIRST_REPAIR_MILLIS, delayMillis * 2), LAST_REPAIR_MILLIS);
      await this.#bring().catch(() => undefined);
    }
  }

  #lags(): boolean {
    return this.#stale || this.#held < (this.#setup.newest()?.id ?? 0);
  }

  /** Until then, or until the end. */
  async #wait(millis: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, millis);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends: what was begun is waited for, and what is missing is tried once more, but not for longer than that. */
  async close(millis: number): Promise<void> {
    this.#closed = true;
    this.#wake?.();
    const last = this.#bring().catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => (timer = setTimeout(resolve, millis)));
    await Promise.race([last, patience]);
    clearTimeout(timer);
  }

  async #bring(): Promise<void> {
    await this.#inTurn(async () => {
      if (this.#stale) await this.#copyRunFiles();
      const metadata = this.#setup.newest();
      if (metadata === undefined || this.#held >= metadata.id) return;
      await this.#copyMissing(metadata.id, filesOf(metadata));
      await this.#copyMetadata(metadata);
    });
    this.#failing = false;
  }

  async #copyMissing(id: number, files: readonly StateFile[]): Promise<void> {
    await this.#clear(id);
    const { source, run } = this.#setup;
    const sizes = new Map<string, number>();
    for await (const { path, size } of run.storage.list(`${run.path}/`)) sizes.set(path, size);
    if (this.#stale || !sizes.has(within(run, RUN_FILE).path)) await this.#copyRunFiles();
    for (const file of files)
      if (sizes.get(within(run, pathInRun(id, file)).path) !== file.bytes) await copyFile(source, run, id, file);
  }

  /** Files of another attempt to make a checkpoint of this number must not be taken for its own. */
  async #clear(id: number): Promise<void> {
    if (this.#begun.has(id)) return;
    if (!(await this.#isSame(id))) await this.#checkpoints.remove(id);
    this.#begun.add(id);
  }

  /** It has been completed here before, by an earlier process: what it has is kept, should the other place be lost now. */
  async #isSame(id: number): Promise<boolean> {
    const name = `${checkpointFolder(id)}/${METADATA_FILE}`;
    const [here, there] = await Promise.all(
      [this.run, this.#setup.source].map(async (place) => place.storage.read(within(place, name).path)),
    );
    return here !== undefined && there !== undefined && Buffer.from(here.bytes).equals(there.bytes);
  }

  async #copyMetadata(metadata: CheckpointMetadata): Promise<void> {
    const { id } = metadata;
    await this.#copySmall(`${checkpointFolder(id)}/${METADATA_FILE}`);
    this.#checkpoints.know(id, metadata);
    this.#held = Math.max(this.#held, id);
  }

  async #copyRunFiles(): Promise<void> {
    this.#stale = false;
    try {
      for (const name of [RUN_FILE, RESTORES_FILE]) await this.#copySmall(name);
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  async #copySmall(name: string): Promise<void> {
    const { source, run } = this.#setup;
    const from = within(source, name);
    const found = await from.storage.read(from.path);
    if (found !== undefined) return await run.storage.put(within(run, name).path, found.bytes);
    if (name === RESTORES_FILE) return;
    throw new SqlError("CHECKPOINT_INVALID", `the file ${from.location} is missing`);
  }

  /** Some tries; afterwards the place is repaired in the background. */
  async #tried(action: () => Promise<void>): Promise<void> {
    try {
      for (let attempt = 1; ; attempt++) {
        try {
          await this.#inTurn(action);
          this.#failing = false;
          return;
        } catch (error) {
          if (attempt >= TRIES || this.#failing || this.#closed) throw error;
          await new Promise((resolve) => setTimeout(resolve, FIRST_TRY_MILLIS * 4 ** (attempt - 1)));
        }
      }
    } catch (error) {
      this.#failing = true;
      this.repair();
      throw error;
    }
  }

  async #inTurn(action: () => Promise<void>): Promise<void> {
    if (this.#waiting >= MOST_WAITING)
      throw new SqlError("CHECKPOINT_FAILED", `${this.location} has not answered yet`, { retryable: true });
    this.#waiting += 1;
    const turn = this.#tail.then(action);
    this.#tail = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      this.#waiting -= 1;
    }
  }
}
