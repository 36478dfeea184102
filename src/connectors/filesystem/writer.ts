import { dirname } from "node:path";
import type { Json } from "../../base/json.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { SyncFileSystem } from "../../storage/file-system.ts";
import { syncDirectory } from "../../storage/files.ts";
import type { Encoder } from "../../formats/api.ts";
import { encodeLines } from "../../formats/lines.ts";
import type { Field } from "../../types/data-type.ts";
import type { Prepared, SinkWriter } from "../api.ts";
import { deleteFile, PartFile, type PartState, type PendingPart } from "./part-file.ts";
import { inProgressName, parsePartName, partName } from "./part-names.ts";
import type { OpenPartition, PartitionCommitPolicy } from "./partition-commit.ts";
import { isStale, type RollingPolicy } from "./rolling.ts";
import { TablePartitions } from "./table-partitions.ts";

/** What a writer leaves in a checkpoint. */
export interface WriterState {
  readonly checkpoint: number;
  /** See `WriterSettings`; checkpoints of earlier versions have none. */
  readonly form?: string | undefined;
  readonly open: readonly PartState[];
  /** Partitions with rows that are not committed yet. */
  readonly partitions: readonly OpenPartition[];
}

/** To be done once a checkpoint is complete: files become visible first, then partitions get their marker. */
export type Committable =
  /** `compactBytes`: it becomes a part of a larger file, of at most so many bytes. */
  | ({ readonly kind: "file"; readonly compactBytes?: number } & PendingPart)
  | { readonly kind: "partition"; readonly directory: string };

export interface WriterSettings {
  /** Absolute directory of the table. */
  readonly directory: string;
  readonly uid: string;
  readonly attempt: number;
  readonly subtask: number;
  readonly fields: readonly Field[];
  /** Indices of the partition columns, in order of the keys. */
  readonly partitionColumns: readonly number[];
  readonly defaultPartition: string;
  readonly rolling: RollingPolicy;
  /** `auto-compaction`: the files of a checkpoint become files of this size; undefined: they stay as they are. */
  readonly compactBytes: number | undefined;
  readonly partitionCommit: PartitionCommitPolicy;
  readonly encoder: Encoder;
  /** Stands for the format, its options and the columns: a file has rows of one form. */
  readonly form: string;
  readonly files: SyncFileSystem;
  nowMillis(): number;
}

/** Where a writer starts: fresh, or what `openWriter` has brought back. */
export interface WriterStart {
  readonly checkpoint: number;
  /** Of the first file that the writer begins. */
  readonly firstNumber: number;
  /** Files to be committed with the next checkpoint. */
  readonly pending: PendingPart[];
  readonly open: readonly PartFile[];
  readonly partitions: readonly OpenPartition[];
}

const FLUSH_BYTES = 256 * 1024;
const BUFFER_LIMIT_BYTES = 64 * 1024 * 1024;
const MAX_OPEN_FILES = 400;

/** Encodes rows into part files, one open file for each partition (the only one of a table without partitions is ""). */
export class FileWriter implements SinkWriter {
  private readonly settings: WriterSettings;
  private readonly rows: TablePartitions;
  /** By directory, the least recently written first. */
  private readonly open = new Map<string, PartFile>();
  private pending: PendingPart[];
  private checkpoint: number;
  private nextNumber: number;
  private watermarkMillis = Number.NEGATIVE_INFINITY;
  private checkedAtMillis: number;

  constructor(settings: WriterSettings, start: WriterStart) {
    this.settings = settings;
    this.rows = new TablePartitions(settings, start.partitions);
    this.pending = start.pending;
    this.checkpoint = start.checkpoint;
    this.nextNumber = start.firstNumber;
    this.checkedAtMillis = settings.nowMillis();
    for (const file of start.open) this.open.set(file.directory, file);
  }

  write(batch: RecordBatch): void {
    if (batch.rowCount === 0) return;
    for (const { directory, batch: data, rows, count } of this.rows.divide(batch))
      this.append(directory, data, rows, count);
  }

  watermark(millis: number): void {
    this.watermarkMillis = millis;
  }

  prepareCommit(checkpointId: number, final: boolean): Prepared {
    const now = this.settings.nowMillis();
    this.rollStale(now);
    const complete = this.rows.complete(now, this.watermarkMillis, final);
    for (const directory of complete) this.finish(directory);
    const { compactBytes } = this.settings;
    if (final || compactBytes !== undefined) for (const directory of this.open.keys()) this.finish(directory);
    for (const file of this.open.values()) file.sync();
    const directories = new Set(
      [...this.pending, ...this.open.values()].flatMap((file) => this.upwards(file.directory)),
    );
    for (const directory of directories) syncDirectory(directory, this.settings.files);
    const committables: Committable[] = this.pending.map((part) => ({
      kind: "file",
      ...part,
      ...(compactBytes === undefined ? {} : { compactBytes }),
    }));
    if (this.settings.partitionCommit.successFile !== undefined) {
      for (const directory of complete) committables.push({ kind: "partition", directory });
    }
    const state: WriterState = {
      checkpoint: checkpointId,
      form: this.settings.form,
      open: [...this.open.values()].map((file) => file.state()),
      partitions: this.rows.open,
    };
    this.pending = [];
    this.checkpoint = checkpointId;
    return { committables: committables as unknown as readonly Json[], state: state as unknown as Json };
  }

  close(aborted: boolean): void {
    const unprepared: PendingPart[] = [...this.pending];
    for (const file of this.open.values()) {
      if (aborted) file.abandon();
      else file.release();
      unprepared.push(file.state());
    }
    this.open.clear();
    this.pending = [];
    if (!aborted) return;
    // What was begun after the last checkpoint is in no state; older files are cut to their length by a restore.
    for (const { directory, part } of unprepared) {
      const identity = parsePartName(part)?.identity;
      const begunHere = identity?.attempt === this.settings.attempt && identity.checkpoint === this.checkpoint;
      if (begunHere) deleteFile(`${directory}/${inProgressName(part)}`, this.settings.files);
    }
  }

  private append(directory: string, batch: RecordBatch, rows: Int32Array | undefined, count: number): void {
    const file = this.fileOf(directory);
    encodeLines(this.settings.encoder, batch, rows, 0, count, file.buffer);
    file.lastWriteMillis = this.settings.nowMillis();
    if (file.length >= this.settings.rolling.fileBytes) this.finish(directory);
    else if (file.buffer.length >= Math.min(FLUSH_BYTES, BUFFER_LIMIT_BYTES / this.open.size)) file.flush();
  }

  private fileOf(directory: string): PartFile {
    const found = this.open.get(directory);
    if (found !== undefined) {
      if (this.open.size > 1) {
        this.open.delete(directory);
        this.open.set(directory, found);
      }
      return found;
    }
    const { uid, attempt, subtask, files } = this.settings;
    const part = partName({ uid, attempt, checkpoint: this.checkpoint, subtask, number: this.nextNumber++ });
    const file = PartFile.create(directory, part, this.settings.nowMillis(), files);
    this.open.set(directory, file);
    this.releaseHandles();
    return file;
  }

  /** Keeps file handles few when there are many partitions. */
  private releaseHandles(): void {
    let excess = this.open.size - MAX_OPEN_FILES;
    for (const file of this.open.values()) {
      if (excess-- <= 0) return;
      file.release();
    }
  }

  private finish(directory: string): void {
    const file = this.open.get(directory);
    if (file === undefined) return;
    this.open.delete(directory);
    this.pending.push(file.finish());
  }

  /** The directory of a partition and those above it up to the table's: their names too have to be durable. */
  private upwards(directory: string): string[] {
    const levels = [directory];
    while (levels.length <= this.settings.partitionColumns.length) levels.push(dirname(levels.at(-1)!));
    return levels;
  }

  private rollStale(nowMillis: number): void {
    if (nowMillis - this.checkedAtMillis < this.settings.rolling.checkMillis) return;
    this.checkedAtMillis = nowMillis;
    for (const file of this.open.values())
      if (isStale(this.settings.rolling, file, nowMillis)) this.finish(file.directory);
  }
}
