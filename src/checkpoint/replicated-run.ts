import { SqlError } from "../base/errors.ts";
import { faultPoint } from "../base/fault-point.ts";
import type { Place } from "../storage/place.ts";
import type { CheckpointKind, CheckpointMetadata, StateFile } from "./metadata.ts";
import { completing, ForwardedRun } from "./forwarded-run.ts";
import { Replica } from "./replica.ts";
import { filesOf } from "./replica-copy.ts";
import { ReplicaMender } from "./replica-mender.ts";
import { joinedRestores, readRestores, writeRestores } from "./restore-record.ts";
import type { HistoryEntry } from "./run-history.ts";
import type { RunStatus } from "./run-state.ts";
import type { SavepointTarget } from "./savepoint-writer.ts";
import type { CheckpointReader, CheckpointWriter, Mender, RunStorage } from "./storage.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";

/** So long a place that lags is waited for when the run is given up. */
const LAST_MILLIS = 10_000;
/** And when it begins at least so long. */
const START_MILLIS = 60_000;

export interface ReplicatedRunSetup {
  /** The run in the place that rules: its lock, its numbers, its metadata decide. */
  readonly main: RunStorage;
  /** Its folder there. */
  readonly source: Place;
  /** Its folders elsewhere. */
  readonly places: readonly Place[];
  readonly keys: EncryptionKeys | undefined;
  /** So many places have a checkpoint when it is complete, the ruling one among them. */
  readonly minPlaces: number;
  /** So long they are waited for. */
  readonly timeoutMillis: number;
  /** Opens a savepoint by its location. */
  readonly open: (location: string) => Promise<CheckpointReader>;
}

/**
 * A run whose checkpoints are kept in several places. One place rules, and does all that it does without the others; a
 * checkpoint's files go to the others while it is written, its metadata only when the ruling place has it. So what is
 * complete anywhere was complete there, and two engines cannot both complete: that is decided in one place.
 */
export class ReplicatedRun extends ForwardedRun {
  readonly #setup: ReplicatedRunSetup;
  readonly #replicas: readonly Replica[];
  #newest: CheckpointMetadata | undefined;
  /** What became of checkpoints in the further places, not written down yet. */
  #outcomes: HistoryEntry[] = [];
  /** Entries go into the history one after another. */
  #remembering: Promise<void> = Promise.resolve();

  constructor(setup: ReplicatedRunSetup) {
    const { main, source, places, keys } = setup;
    super(main);
    this.#setup = setup;
    this.#replicas = places.map((run) => new Replica({ source, run, keys, newest: () => this.#newest }));
    for (const replica of this.#replicas) replica.refresh();
  }

  /** Waits until enough places know of the run: what is begun in its name can be cleaned up from there. Throws CHECKPOINT_FAILED. */
  async known(): Promise<void> {
    const outcomes = this.#replicas.map(async (replica) => replica.known());
    await this.enough(`the run ${this.location}`, outcomes, Math.max(this.#setup.timeoutMillis, START_MILLIS));
  }

  override async nextAttempt(): Promise<number> {
    const attempt = await this.inner.nextAttempt();
    this.#refresh();
    return attempt;
  }

  override async setStatus(status: RunStatus): Promise<void> {
    await this.inner.setStatus(status);
    this.#refresh();
  }

  override async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    const writer = await this.inner.begin(checkpointId, kind);
    return new ReplicatedCheckpoint(writer, this);
  }

  /** A savepoint is where its owner wants it, once; the note that it stands in a checkpoint's place is everywhere. */
  override async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    const writer = await this.inner.beginSavepoint(checkpointId, target);
    return completing(writer, async () => {
      const noted = this.#replicas.map(async (replica) => replica.point(checkpointId));
      await this.enough(`savepoint ${checkpointId}`, noted);
    });
  }

  /** The newest valid one of all places; what the ruling place lacks of it is copied there. */
  override async newest(onInvalid: (reason: string) => void): Promise<CheckpointReader | undefined> {
    const { source, keys, open } = this.#setup;
    await this.inner.assertOwned();
    const places = this.#replicas.map((replica) => replica.run);
    const known = await Promise.all([source, ...places].map(async (place, i) => this.#restoresAt(place, i > 0)));
    const restores = joinedRestores(known);
    const mender: Mender = new ReplicaMender({ source, places, keys, restores, open, note: onInvalid });
    const reader = await this.inner.newest(onInvalid, mender);
    // Before anything is taken back: what a place that does not answer now has of later ones must never be gone on from.
    const { attempt } = this.inner;
    await writeRestores(source, joinedRestores([restores, [{ attempt, from: reader?.metadata.id ?? 0 }]]));
    this.#newest = reader?.metadata;
    for (const replica of this.#replicas) {
      replica.refresh();
      replica.repair(0);
    }
    return reader;
  }

  async #restoresAt(place: Place, further: boolean): ReturnType<typeof readRestores> {
    try {
      return await readRestores(place);
    } catch (error) {
      if (further) return [];
      throw error;
    }
  }

  override async highestId(): Promise<number> {
    const ids = this.#replicas.map(async (replica) => replica.ids().catch(() => []));
    return Math.max(await this.inner.highestId(), ...(await Promise.all(ids)).flat());
  }

  override async retain(count: number): Promise<void> {
    await this.inner.retain(count);
    for (const replica of this.#replicas) replica.retain(count);
  }

  override async remember(entry: HistoryEntry): Promise<void> {
    const entries = [...this.#outcomes.splice(0), entry];
    const remembered = this.#remembering.then(async () => {
      for (const each of entries) await this.inner.remember(each);
    });
    this.#remembering = remembered.catch(() => undefined);
    await remembered;
  }

  override async release(): Promise<void> {
    const owned = await this.inner.assertOwned().then(
      () => true,
      () => false,
    );
    await Promise.all(this.#replicas.map(async (replica) => replica.close(owned ? LAST_MILLIS : 0)));
    await this.#remembering;
    // It informs; nothing depends on it.
    for (const entry of this.#outcomes.splice(0)) await this.inner.remember(entry).catch(() => undefined);
    await this.inner.release();
    for (const { run } of this.#replicas) await run.storage.close().catch(() => undefined);
  }

  #refresh(): void {
    for (const replica of this.#replicas) replica.refresh();
  }

  /** A state file that the ruling place has. */
  written(id: number, file: StateFile): StateFile {
    for (const replica of this.#replicas) replica.prefetch(id, file);
    return file;
  }

  /** Completes a checkpoint in the ruling place and in as many others as must have it; the rest follow. */
  async complete(writer: CheckpointWriter, metadata: CheckpointMetadata): Promise<void> {
    const files = filesOf(metadata);
    const prepared = this.#replicas.map(async (replica) => replica.prepare(metadata.id, files));
    await this.enough(`checkpoint ${metadata.id}`, prepared);
    await writer.complete(metadata);
    faultPoint("checkpoint.complete-not-replicated");
    const completed = this.#replicas.map(async (replica, i) => {
      await prepared[i];
      await replica.complete(metadata);
    });
    await this.enough(`checkpoint ${metadata.id}`, completed);
    this.#newest = metadata;
    for (const [i, replica] of this.#replicas.entries()) {
      const record = { location: replica.location, checkpoint: metadata.id };
      completed[i]!.then(
        () => this.#outcomes.push({ type: "place", record: { ...record, held: true } }),
        (error: unknown) => {
          const problem = (error as Error).message;
          this.#outcomes.push({ type: "place", record: { ...record, held: false, problem } });
          replica.repair();
        },
      );
    }
  }

  /** Only who owns the run may take away from the others what is given up. */
  async abort(writer: CheckpointWriter): Promise<void> {
    await writer.abort();
    await this.inner.assertOwned();
    for (const replica of this.#replicas) replica.abort(writer.id);
  }

  /** Waits until as many further places have done it as are needed. Throws CHECKPOINT_FAILED when they cannot, or take too long. */
  async enough(
    what: string,
    outcomes: readonly Promise<void>[],
    timeoutMillis = this.#setup.timeoutMillis,
  ): Promise<void> {
    const { minPlaces } = this.#setup;
    const needed = minPlaces - 1;
    const problems: string[] = [];
    let done = 0;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve, reject) => {
      const fail = (why: string): void => reject(tooFew(what, done + 1, minPlaces, why));
      const look = (): void => {
        if (done >= needed) resolve();
        else if (outcomes.length - problems.length < needed) fail(problems.join("; "));
      };
      for (const outcome of outcomes) {
        outcome.then(
          () => {
            done += 1;
            look();
          },
          (error: unknown) => {
            problems.push((error as Error).message);
            look();
          },
        );
      }
      timer = setTimeout(() => fail([...problems, `no answer for ${timeoutMillis} ms`].join("; ")), timeoutMillis);
      look();
    }).finally(() => clearTimeout(timer));
  }
}

function tooFew(what: string, done: number, minPlaces: number, why: string): SqlError {
  return new SqlError("CHECKPOINT_FAILED", `${what} is in ${done} of ${minPlaces} places: ${why}`, {
    retryable: true,
    hint: "'execution.checkpointing.min-replicas' says how many places must have a checkpoint",
  });
}

/** Checkpoints of several places begin in the one that rules. */
class ReplicatedCheckpoint implements CheckpointWriter {
  readonly #writer: CheckpointWriter;
  readonly #run: ReplicatedRun;

  constructor(writer: CheckpointWriter, run: ReplicatedRun) {
    this.#writer = writer;
    this.#run = run;
  }

  get id(): number {
    return this.#writer.id;
  }

  get kind(): CheckpointKind {
    return this.#writer.kind;
  }

  get location(): string {
    return this.#writer.location;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return this.#run.written(this.id, await this.#writer.writeFile(name, pieces));
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return this.#run.written(this.id, await this.#writer.addFile(name, localPath));
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    await this.#run.complete(this.#writer, metadata);
  }

  async abort(): Promise<void> {
    await this.#run.abort(this.#writer);
  }
}
