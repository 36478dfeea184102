import { completing, ForwardedRun } from "../forwarded-run.ts";
import type { CheckpointKind, Compression } from "../metadata.ts";
import type { SavepointTarget } from "../savepoint-writer.ts";
import type { CheckpointReader, CheckpointStorage, CheckpointWriter, FoundRun, RunStorage } from "../storage.ts";
import { LogStore, type LogView } from "./log-store.ts";
import { replay } from "./replay.ts";
import { RunLog } from "./run-log.ts";

export interface LoggedStorageOptions {
  /** The log of a run, by what `RunStorage.location` says of the run. */
  viewOf(runLocation: string): LogView;
  /** `state.synchronization` = `continuous`: segments are written too. A log that is there is read in any case. */
  readonly writes: boolean;
  readonly compression: Compression;
  nowMillis(): number;
}

/** Checkpoints, and between them the log of what has changed: whichever is newer is gone on from. */
export class LoggedStorage implements CheckpointStorage {
  readonly #inner: CheckpointStorage;
  readonly #options: LoggedStorageOptions;

  constructor(inner: CheckpointStorage, options: LoggedStorageOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  async createRun(job: string): Promise<RunStorage> {
    return new LoggedRun(await this.#inner.createRun(job), this.#options);
  }

  async openRun(job: string, run: string): Promise<RunStorage> {
    return new LoggedRun(await this.#inner.openRun(job, run), this.#options);
  }

  async newestRun(job: string): Promise<FoundRun | undefined> {
    return this.#inner.newestRun(job);
  }

  async newestOf(
    found: FoundRun,
    onInvalid: (reason: string) => void,
    verify: boolean,
  ): Promise<CheckpointReader | undefined> {
    const checkpoint = await this.#inner.newestOf(found, onInvalid, verify);
    const view = this.#options.viewOf(this.#inner.locationOf(found));
    const { reader, problems } = await replay(view, checkpoint, { verify });
    for (const problem of problems) onInvalid(problem);
    return reader ?? checkpoint;
  }

  locationOf(found: FoundRun): string {
    return this.#inner.locationOf(found);
  }
}

class LoggedRun extends ForwardedRun {
  readonly log: RunLog | undefined;
  readonly #view: LogView;
  readonly #log: RunLog;

  constructor(inner: RunStorage, { viewOf, writes, compression, nowMillis }: LoggedStorageOptions) {
    super(inner);
    this.#view = viewOf(inner.location);
    this.#log = new RunLog({
      view: this.#view,
      compression,
      nowMillis,
      assertOwned: async () => inner.assertOwned(),
    });
    this.log = writes ? this.#log : undefined;
  }

  override async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    const writer = await this.inner.begin(checkpointId, kind);
    return completing(writer, (metadata) => this.#log.checkpointCompleted(metadata));
  }

  override async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    const writer = await this.inner.beginSavepoint(checkpointId, target);
    return completing(writer, () => this.#log.savepointCompleted());
  }

  /**
   * The newest cut, in a checkpoint or in the log. The log notes which one it is before anyone goes on from it: whatever an
   * earlier owner still sends finds its place taken, and what was passed over stays so.
   */
  override async newest(onInvalid: (reason: string) => void): Promise<CheckpointReader | undefined> {
    await this.#view.tidy();
    const checkpoint = await this.inner.newest(onInvalid);
    const store = new LogStore(this.#view);
    for (;;) {
      const { reader, cut, lastPlace, highestId, problems } = await replay(this.#view, checkpoint, { verify: true });
      let last = lastPlace;
      const known = Math.max(highestId, await this.inner.highestId(), this.#log.highestId);
      if (lastPlace > 0 || this.log !== undefined) {
        await this.inner.assertOwned();
        const start = { type: "start", attempt: this.attempt, from: cut, firstId: known + 1 } as const;
        // One that was on its way has come: it is looked at too.
        if (!(await store.createStart(lastPlace + 1, start))) continue;
        await this.inner.assertOwned();
        last += 1;
      }
      this.#log.begin(last, known);
      for (const problem of problems) onInvalid(problem);
      return reader ?? checkpoint;
    }
  }

  override async highestId(): Promise<number> {
    return Math.max(await this.inner.highestId(), this.#log.highestId);
  }

  override async retain(count: number): Promise<void> {
    await this.inner.retain(count);
    await this.#log.retain(count);
  }
}
