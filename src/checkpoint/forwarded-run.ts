import type { SqlError } from "../base/errors.ts";
import type { CheckpointKind, CheckpointMetadata } from "./metadata.ts";
import type { HistoryEntry } from "./run-history.ts";
import type { RunStatus } from "./run-state.ts";
import type { SavepointTarget } from "./savepoint-writer.ts";
import type { RunHistory } from "./statistics.ts";
import type { CheckpointReader, CheckpointWriter, Mender, RunStorage } from "./storage.ts";

/** A run around another one, which does all that a subclass does not do itself. */
export abstract class ForwardedRun implements RunStorage {
  protected readonly inner: RunStorage;

  constructor(inner: RunStorage) {
    this.inner = inner;
  }

  get job(): string {
    return this.inner.job;
  }

  get run(): string {
    return this.inner.run;
  }

  get attempt(): number {
    return this.inner.attempt;
  }

  get location(): string {
    return this.inner.location;
  }

  get workDirectory(): string {
    return this.inner.workDirectory;
  }

  get ownerMayLive(): boolean {
    return this.inner.ownerMayLive;
  }

  async assertOwned(): Promise<void> {
    await this.inner.assertOwned();
  }

  async nextAttempt(): Promise<number> {
    return this.inner.nextAttempt();
  }

  async begin(checkpointId: number, kind: CheckpointKind): Promise<CheckpointWriter> {
    return this.inner.begin(checkpointId, kind);
  }

  async beginSavepoint(checkpointId: number, target: SavepointTarget): Promise<CheckpointWriter> {
    return this.inner.beginSavepoint(checkpointId, target);
  }

  async adopt(reader: CheckpointReader): Promise<void> {
    await this.inner.adopt(reader);
  }

  async newest(onInvalid: (reason: string) => void, mender?: Mender): Promise<CheckpointReader | undefined> {
    return this.inner.newest(onInvalid, mender);
  }

  async highestId(): Promise<number> {
    return this.inner.highestId();
  }

  async retain(count: number): Promise<void> {
    await this.inner.retain(count);
  }

  async setStatus(status: RunStatus): Promise<void> {
    await this.inner.setStatus(status);
  }

  async history(): Promise<RunHistory> {
    return this.inner.history();
  }

  async remember(entry: HistoryEntry): Promise<void> {
    await this.inner.remember(entry);
  }

  onLost(listener: (error: SqlError) => void): void {
    this.inner.onLost(listener);
  }

  async release(): Promise<void> {
    await this.inner.release();
  }
}

/** The writer, with something that is done once its checkpoint is complete, before anyone hears of that. */
export function completing(
  writer: CheckpointWriter,
  completed: (metadata: CheckpointMetadata) => void | Promise<void>,
): CheckpointWriter {
  return {
    id: writer.id,
    kind: writer.kind,
    location: writer.location,
    writeFile: async (name, pieces) => writer.writeFile(name, pieces),
    addFile: async (name, localPath) => writer.addFile(name, localPath),
    complete: async (metadata) => {
      await writer.complete(metadata);
      await completed(metadata);
    },
    abort: async () => writer.abort(),
  };
}
