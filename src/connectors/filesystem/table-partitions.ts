import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Field } from "../../types/data-type.ts";
import type { OpenPartition, PartitionCommitPolicy } from "./partition-commit.ts";
import { partitionRows } from "./partition-rows.ts";

/** Rows of a batch that go into one directory. */
export interface PartitionedRows {
  readonly directory: string;
  /** Without the partition's columns. */
  readonly batch: RecordBatch;
  /** Undefined: all. */
  readonly rows: Int32Array | undefined;
  readonly count: number;
}

interface PartitionSettings {
  /** Of the table. */
  readonly directory: string;
  readonly fields: readonly Field[];
  /** Indices of the partition columns, in order of the keys. */
  readonly partitionColumns: readonly number[];
  readonly defaultPartition: string;
  readonly partitionCommit: PartitionCommitPolicy;
  nowMillis(): number;
}

/** The partitions of a table that have got rows since they were last committed (none of a table without partitions). */
export class TablePartitions {
  readonly #settings: PartitionSettings;
  readonly #dataColumns: readonly number[];
  readonly #partitionFields: readonly Field[];
  readonly #open = new Map<string, OpenPartition>();

  constructor(settings: PartitionSettings, open: readonly OpenPartition[]) {
    this.#settings = settings;
    this.#partitionFields = settings.partitionColumns.map((column) => settings.fields[column]!);
    this.#dataColumns = settings.fields.map((_, i) => i).filter((i) => !settings.partitionColumns.includes(i));
    for (const partition of open) this.#open.set(partition.directory, partition);
  }

  get open(): readonly OpenPartition[] {
    return [...this.#open.values()];
  }

  /** The batch by directories. */
  *divide(batch: RecordBatch): Generator<PartitionedRows> {
    const { directory, partitionColumns, defaultPartition } = this.#settings;
    if (partitionColumns.length === 0) {
      yield { directory, batch, rows: undefined, count: batch.rowCount };
      return;
    }
    const keys = partitionColumns.map((column) => batch.columns[column]!);
    const data = { ...batch, columns: this.#dataColumns.map((column) => batch.columns[column]!) };
    for (const part of partitionRows(keys, this.#partitionFields, batch.rowCount, defaultPartition)) {
      const path = `${directory}/${part.directory}`;
      if (!this.#open.has(path)) {
        const createdMillis = this.#settings.nowMillis();
        this.#open.set(path, { directory: path, partition: part.partition, createdMillis });
      }
      yield { directory: path, batch: data, rows: part.rows, count: part.count };
    }
  }

  /** Directories of those that are complete, which are open no longer. `final`: all are. */
  complete(nowMillis: number, watermarkMillis: number, final: boolean): string[] {
    const complete = this.open.filter(
      (partition) => final || this.#settings.partitionCommit.isComplete(partition, nowMillis, watermarkMillis),
    );
    for (const { directory } of complete) this.#open.delete(directory);
    return complete.map(({ directory }) => directory);
  }
}

/** The partitions that several writers had open, each once, by its first row. */
export function mergedPartitions(partitions: readonly OpenPartition[]): OpenPartition[] {
  const merged = new Map<string, OpenPartition>();
  for (const partition of partitions) {
    const other = merged.get(partition.directory);
    if (other === undefined || other.createdMillis > partition.createdMillis)
      merged.set(partition.directory, partition);
  }
  return [...merged.values()];
}
