import { SqlError } from "../../base/errors.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import type { Column } from "../../batch/column.ts";
import { concatBatches } from "../../batch/concat.ts";
import { valueAt } from "../../batch/get.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { takeColumn } from "../../batch/take.ts";
import type { BadRecord, Decoder, MessageRows, Messages, ProjectedField } from "../../formats/api.ts";
import { badRecord } from "../../formats/record-problem.ts";
import type { DataType } from "../../types/data-type.ts";
import type { ScanColumn, ScanRequest } from "../api.ts";
import type { TopicPartition } from "./client/api.ts";
import type { RecordLayout, Side } from "./layout.ts";
import { partitionName } from "./partition-name.ts";
import { metadataReader, type MetadataReader } from "./metadata.ts";
import type { RecordRanges } from "./records/ranges.ts";

/** What a decoder of records needs to know. */
export interface RowDecoderRequest {
  readonly scan: ScanRequest;
  readonly layout: RecordLayout;
  /** A NULL value deletes the row of its key (upsert-kafka). */
  readonly upsert: boolean;
}

/** Where a column of the batches comes from. */
interface Origin {
  readonly type: DataType;
  /** Its place in the decoded values; -1: it is not in them. */
  readonly value: number;
  /** Its place in the decoded keys, for what is not in the values; -1: not there either. */
  readonly key: number;
  readonly record: MetadataReader | undefined;
}

/** Rows of the output: for each its value's row (-1: the value is NULL), its key's row and its record. */
class Joined {
  values = new Int32Array(256);
  keys = new Int32Array(256);
  records = new Int32Array(256);
  count = 0;
  tombstones = 0;

  add(value: number, key: number, record: number): void {
    if (this.count === this.values.length) {
      this.values = doubled(this.values);
      this.keys = doubled(this.keys);
      this.records = doubled(this.records);
    }
    if (value < 0) this.tombstones++;
    this.values[this.count] = value;
    this.keys[this.count] = key;
    this.records[this.count++] = record;
  }
}

/**
 * Decodes records into rows, for all partitions of a source in turn: value, key and metadata side by side. As in Flink a value may give several
 * rows, each row of a key goes with each of the value, and a record whose key gives no row gives none itself.
 */
export class RowDecoder {
  readonly #origins: readonly Origin[];
  readonly #value: Decoder;
  readonly #key: Decoder | undefined;
  readonly #upsert: boolean;
  readonly #onBadRecord: ScanRequest["onBadRecord"];
  /** The records in hand, and whose they are. */
  #ranges: RecordRanges | undefined;
  #partition: TopicPartition = { topic: "", partition: -1 };

  constructor({ scan, layout, upsert }: RowDecoderRequest) {
    this.#upsert = upsert;
    this.#onBadRecord = scan.onBadRecord;
    const values: ProjectedField[] = [];
    const keys: ProjectedField[] = [];
    this.#origins = scan.columns.map((column) => origin(column, { layout, upsert }, values, keys));
    this.#value = this.#decoder(layout.value, values, scan);
    this.#key = layout.key && this.#decoder(layout.key, keys, scan);
  }

  get skippedRecords(): number {
    return this.#value.skippedRecords + (this.#key?.skippedRecords ?? 0);
  }

  get skippedFields(): number {
    return this.#value.skippedFields + (this.#key?.skippedFields ?? 0);
  }

  /** Rows of these records; bytes in the batch are good until the next call. Throws BAD_RECORD. */
  decode(ranges: RecordRanges, partition: TopicPartition): RecordBatch | Promise<RecordBatch> {
    const values = { data: ranges.data, starts: ranges.valueStarts, lengths: ranges.valueLengths };
    const keys = { data: ranges.data, starts: ranges.keyStarts, lengths: ranges.keyLengths };
    this.#ranges = ranges;
    this.#partition = partition;
    const waits = [
      this.#value.prepareMessages?.(values, 0, ranges.count),
      this.#key?.prepareMessages?.(keys, 0, ranges.count),
    ].filter((wait) => wait !== undefined);
    if (waits.length > 0) return Promise.all(waits).then(() => this.#decode(ranges, values, keys));
    return this.#decode(ranges, values, keys);
  }

  #decode(ranges: RecordRanges, values: Messages, keys: Messages): RecordBatch {
    const { count } = ranges;
    const value = merged(this.#value.decodeMessages!(values, 0, count));
    if (this.#key !== undefined) {
      const key = merged(this.#key.decodeMessages!(keys, 0, count));
      return this.#gather(ranges, value, key, this.#join(ranges, value, key));
    }
    const { batch, messageOf } = value;
    const isEach = isOneRowEach(messageOf, batch.rowCount, count);
    const columns = this.#origins.map(({ value: index, record }) => {
      if (record === undefined) return batch.columns[index]!;
      const column = record(ranges, this.#partition);
      return isEach ? column : takeColumn(column, messageOf, batch.rowCount);
    });
    return { rowCount: batch.rowCount, columns, kinds: batch.kinds, steps: undefined };
  }

  #join({ count, valueLengths }: RecordRanges, value: MessageRows, key: MessageRows): Joined {
    const joined = new Joined();
    let nextValue = 0;
    let nextKey = 0;
    for (let record = 0; record < count; record++) {
      const firstValue = nextValue;
      const firstKey = nextKey;
      while (nextValue < value.batch.rowCount && value.messageOf[nextValue] === record) nextValue++;
      while (nextKey < key.batch.rowCount && key.messageOf[nextKey] === record) nextKey++;
      const deletes = this.#upsert && valueLengths[record]! < 0;
      for (let v = deletes ? -1 : firstValue; v < (deletes ? 0 : nextValue); v++)
        for (let k = firstKey; k < nextKey; k++) joined.add(v, k, record);
    }
    return joined;
  }

  #gather(
    ranges: RecordRanges,
    { batch: values }: MessageRows,
    { batch: keys }: MessageRows,
    rows: Joined,
  ): RecordBatch {
    const { count } = rows;
    const columns = this.#origins.map((from) => {
      if (from.record !== undefined) return takeColumn(from.record(ranges, this.#partition), rows.records, count);
      if (from.value < 0) return takeColumn(keys.columns[from.key]!, rows.keys, count);
      if (rows.tombstones > 0) return withTombstones(from, values, keys, rows);
      return takeColumn(values.columns[from.value]!, rows.values, count);
    });
    return { rowCount: count, columns, kinds: kindsOf(values.kinds, rows), steps: undefined };
  }

  #decoder(side: Side, projection: readonly ProjectedField[], scan: ScanRequest): Decoder {
    const { format } = side;
    const decoder = format.decoder?.({
      physical: side.fields,
      projection,
      options: side.options,
      timeZone: scan.timeZone,
      // Without a table for bad records the first one ends the job here, where its place is known.
      onBadRecord: (record) => this.#bad(side, record),
    });
    if (decoder?.decodeMessages === undefined) {
      throw new SqlError(
        "UNSUPPORTED",
        `format '${format.name}' of table '${scan.table}' cannot be read from messages of a queue`,
      );
    }
    return decoder;
  }

  #bad(side: Side, record: BadRecord): void {
    const { topic, partition } = this.#partition;
    const offset = this.#ranges?.offsets[record.offset] ?? -1;
    if (this.#onBadRecord !== undefined)
      return this.#onBadRecord({ ...record, offset, source: partitionName(this.#partition) });
    throw badRecord(side.format.name, record.raw, record.reason, {
      place: `topic '${topic}', partition ${partition}, offset ${offset}`,
      ignoreOption: side.format.options.some(({ name }) => name === "ignore-parse-errors")
        ? `${side.optionPrefix}ignore-parse-errors`
        : undefined,
    });
  }
}

function origin(
  column: ScanColumn,
  { layout, upsert }: Omit<RowDecoderRequest, "scan">,
  values: ProjectedField[],
  keys: ProjectedField[],
): Origin {
  const { type } = column;
  if (column.kind === "metadata") {
    const record = metadataReader(column.key);
    if (record !== undefined) return { type, value: -1, key: -1, record };
    const metadata = column.key.slice("value.".length);
    return { type, value: values.push({ path: [], type, metadata }) - 1, key: -1, record: undefined };
  }
  const [name = "", ...inner] = column.path;
  const project = (side: Side | undefined, into: ProjectedField[]): number => {
    const at = side?.columns.indexOf(name) ?? -1;
    return at < 0 ? -1 : into.push({ path: [side!.fields[at]!.name, ...inner], type }) - 1;
  };
  const value = project(layout.value, values);
  // What is in both is read from the value, but for deleted rows.
  return { type, value, key: value < 0 || upsert ? project(layout.key, keys) : -1, record: undefined };
}

/** A decoder makes several batches only where a message holds many rows. */
function merged(parts: readonly MessageRows[]): MessageRows {
  if (parts.length === 1) return parts[0]!;
  if (parts.length === 0)
    return { batch: { rowCount: 0, columns: [], kinds: undefined, steps: undefined }, messageOf: new Int32Array(0) };
  const batch = concatBatches(
    parts.map((part) => part.batch),
    true,
  );
  const messageOf = new Int32Array(batch.rowCount);
  let at = 0;
  for (const part of parts) {
    messageOf.set(part.messageOf.subarray(0, part.batch.rowCount), at);
    at += part.batch.rowCount;
  }
  return { batch, messageOf };
}

function isOneRowEach(messageOf: Int32Array, rowCount: number, count: number): boolean {
  return rowCount === count && (count === 0 || (messageOf[0] === 0 && messageOf[count - 1] === count - 1));
}

/** Of a deleted row only the key is known. */
function withTombstones({ type, value, key }: Origin, values: RecordBatch, keys: RecordBatch, rows: Joined): Column {
  const builder = createColumnBuilder(type, rows.count);
  for (let row = 0; row < rows.count; row++) {
    const valueRow = rows.values[row]!;
    if (valueRow >= 0) builder.append(valueAt(values.columns[value]!, valueRow, type));
    else builder.append(key < 0 ? null : valueAt(keys.columns[key]!, rows.keys[row]!, type));
  }
  return builder.finish();
}

function kindsOf(kinds: Uint8Array | undefined, { values, count, tombstones }: Joined): Uint8Array | undefined {
  if (kinds === undefined && tombstones === 0) return undefined;
  const result = new Uint8Array(count);
  for (let row = 0; row < count; row++)
    result[row] = values[row]! < 0 ? RowKind.Delete : (kinds?.[values[row]!] ?? RowKind.Insert);
  return result;
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * array.length);
  larger.set(array);
  return larger;
}
