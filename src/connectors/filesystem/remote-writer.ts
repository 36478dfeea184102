import { ByteWriter } from "../../base/byte-writer.ts";
import type { Json } from "../../base/json.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { encodeLines } from "../../formats/lines.ts";
import type { StagedObject, StagedWrite, Staging } from "../../storage/byte-storage.ts";
import type { Prepared, SinkWriter } from "../api.ts";
import { partName } from "./part-names.ts";
import type { OpenPartition } from "./partition-commit.ts";
import { TablePartitions, type PartitionedRows } from "./table-partitions.ts";
import type { WriterSettings } from "./writer.ts";

/** What a writer leaves in a checkpoint. */
export interface RemoteWriterState {
  readonly checkpoint: number;
  /** Partitions with rows that are not committed yet. */
  readonly partitions: readonly OpenPartition[];
}

/** To be done once a checkpoint is complete: objects become visible first, then partitions get their marker. */
export type RemoteCommittable =
  | { readonly kind: "object"; readonly staged: StagedObject }
  | { readonly kind: "partition"; readonly directory: string };

/** Rows go to the storage in pieces of this size. */
const FLUSH_BYTES = 1 << 20;
/** Of the rows of all open files so many bytes may wait; then the largest go out. */
const WAITING_BYTES = 64 << 20;
/** Open files that a storage is to hold at once. */
const MAX_OPEN_FILES = 400;

/** A file that is being written. */
class RemotePart {
  readonly directory: string;
  readonly path: string;
  readonly buffer = new ByteWriter(1 << 14);
  #sent = 0;
  #write: StagedWrite | undefined;

  constructor(directory: string, path: string) {
    this.directory = directory;
    this.path = path;
  }

  get length(): number {
    return this.#sent + this.buffer.length;
  }

  async flush(staging: Staging): Promise<void> {
    if (this.buffer.length === 0) return;
    this.#write ??= await staging.begin(this.path);
    await this.#write.write(this.buffer.bytes.subarray(0, this.buffer.length));
    this.#sent += this.buffer.length;
    this.buffer.clear();
  }

  /** Durable; seen when it is published. */
  async finish(staging: Staging): Promise<StagedObject> {
    await this.flush(staging);
    return await this.#write!.finish();
  }

  async abort(): Promise<void> {
    await this.#write?.abort();
  }
}

export interface RemoteWriterSettings extends Omit<WriterSettings, "compactBytes" | "files"> {
  readonly staging: Staging;
}

/**
 * Encodes rows into objects, one open for each partition. All are finished at each checkpoint: what a storage has of an
 * object cannot be gone on with.
 */
export class RemoteFileWriter implements SinkWriter {
  readonly #settings: RemoteWriterSettings;
  readonly #rows: TablePartitions;
  /** By directory, the least recently written first. */
  readonly #open = new Map<string, RemotePart>();
  #pending: StagedObject[] = [];
  #checkpoint: number;
  #nextNumber = 0;
  #watermarkMillis = Number.NEGATIVE_INFINITY;

  constructor(settings: RemoteWriterSettings, { checkpoint, partitions }: RemoteWriterState) {
    this.#settings = settings;
    this.#rows = new TablePartitions(settings, partitions);
    this.#checkpoint = checkpoint;
  }

  write(batch: RecordBatch): void | Promise<void> {
    if (batch.rowCount === 0) return undefined;
    const full: RemotePart[] = [];
    for (const rows of this.#rows.divide(batch)) {
      const part = this.#append(rows);
      if (part.buffer.length >= FLUSH_BYTES || part.length >= this.#settings.rolling.fileBytes) full.push(part);
    }
    const excess = this.#excess();
    // The rows of the batch have been taken: the storage may be waited for.
    return full.length === 0 && excess.length === 0 ? undefined : this.#send(full, excess);
  }

  watermark(millis: number): void {
    this.#watermarkMillis = millis;
  }

  async prepareCommit(checkpointId: number, final: boolean): Promise<Prepared> {
    const now = this.#settings.nowMillis();
    const complete = this.#rows.complete(now, this.#watermarkMillis, final);
    for (const directory of this.#open.keys()) await this.#finish(directory);
    const committables: RemoteCommittable[] = this.#pending.map((staged) => ({ kind: "object", staged }));
    if (this.#settings.partitionCommit.successFile !== undefined)
      for (const directory of complete) committables.push({ kind: "partition", directory });
    const state: RemoteWriterState = { checkpoint: checkpointId, partitions: this.#rows.open };
    this.#pending = [];
    this.#checkpoint = checkpointId;
    return { committables: committables as unknown as readonly Json[], state: state as unknown as Json };
  }

  async close(aborted: boolean): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    for (const part of open) await part.abort();
    if (!aborted) return;
    // What was begun after the last checkpoint is in no state.
    for (const staged of this.#pending.splice(0)) await this.#settings.staging.discard(staged);
  }

  #append({ directory, batch, rows, count }: PartitionedRows): RemotePart {
    const part = this.#partOf(directory);
    encodeLines(this.#settings.encoder, batch, rows, 0, count, part.buffer);
    return part;
  }

  #partOf(directory: string): RemotePart {
    const found = this.#open.get(directory);
    this.#open.delete(directory);
    const { uid, attempt, subtask } = this.#settings;
    const identity = { uid, attempt, checkpoint: this.#checkpoint, subtask };
    const part =
      found ?? new RemotePart(directory, `${directory}/${partName({ ...identity, number: this.#nextNumber++ })}`);
    this.#open.set(directory, part);
    return part;
  }

  /** Files that have to be finished early, so that memory and the storage's open files stay bounded. */
  #excess(): RemotePart[] {
    const parts = [...this.#open.values()];
    const excess = parts.slice(0, Math.max(0, parts.length - MAX_OPEN_FILES));
    let waiting = 0;
    for (const part of parts) waiting += part.buffer.length;
    if (waiting <= WAITING_BYTES) return excess;
    return parts.toSorted((a, b) => b.buffer.length - a.buffer.length).slice(0, Math.ceil(parts.length / 2));
  }

  async #send(full: readonly RemotePart[], excess: readonly RemotePart[]): Promise<void> {
    for (const part of full) await part.flush(this.#settings.staging);
    for (const { directory } of excess) await this.#finish(directory);
    for (const part of full) if (part.length >= this.#settings.rolling.fileBytes) await this.#finish(part.directory);
  }

  async #finish(directory: string): Promise<void> {
    const part = this.#open.get(directory);
    if (part === undefined) return;
    this.#open.delete(directory);
    this.#pending.push(await part.finish(this.#settings.staging));
  }
}
