import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { reader, type ColumnReader } from "../../batch/get.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { Encoder, RowWriter } from "../../formats/api.ts";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import type { ScanColumn, TableRequest } from "../api.ts";
import type { RecordLayout, Side } from "./layout.ts";
import { HeaderWriter } from "./records/header-writer.ts";

/** Rows as the parts of records: ranges of bytes that are good until the next batch. */
export class RecordWriter {
  readonly key: Part | undefined;
  readonly value: Part;
  readonly headers = new HeaderWriter();
  readonly #upsert: boolean;
  readonly #timestamp: number;
  readonly #topic: number;
  readonly #headerColumn: { readonly index: number; readonly type: DataType } | undefined;
  #timestamps: ColumnReader | undefined;
  #topics: ColumnReader | undefined;
  #headerValues: ColumnReader | undefined;
  #kinds: Uint8Array | undefined;

  constructor(request: TableRequest, layout: RecordLayout, upsert: boolean) {
    const written =
      request.written ??
      request.physical.map(({ name, type }): ScanColumn => ({ kind: "physical", path: [name], type }));
    const metadata = (key: string): number => written.findIndex((c) => c.kind === "metadata" && c.key === key);
    this.key = layout.key && new Part(layout.key, written, request);
    this.value = new Part(layout.value, written, request);
    this.#upsert = upsert;
    this.#timestamp = metadata("timestamp");
    this.#topic = metadata("topic");
    const index = Math.max(metadata("headers"), metadata("header-list"));
    this.#headerColumn = index < 0 ? undefined : { index, type: written[index]!.type };
  }

  /** Each record is a value alone, and its time is that of writing. */
  get isPlain(): boolean {
    return this.key === undefined && this.#timestamp < 0 && this.#headerColumn === undefined && !this.#upsert;
  }

  /** Rows have a column that names their topic. */
  get namesTopics(): boolean {
    return this.#topic >= 0;
  }

  /** Fetches what the formats need. */
  async prepare(): Promise<void> {
    await this.key?.prepare();
    await this.value.prepare();
  }

  begin(batch: RecordBatch): void {
    this.key?.begin(batch);
    this.value.begin(batch);
    this.#kinds = batch.kinds;
    this.#timestamps = this.#timestamp < 0 ? undefined : reader(batch.columns[this.#timestamp]!, T.timestampLtz(3));
    this.#topics = this.#topic < 0 ? undefined : reader(batch.columns[this.#topic]!, T.string());
    this.#headerValues =
      this.#headerColumn && reader(batch.columns[this.#headerColumn.index]!, this.#headerColumn.type);
  }

  /** Encodes a row: its parts, and its headers. */
  row(row: number): void {
    this.key?.row(row);
    // upsert-kafka: a NULL value says that the row of the key is gone.
    if (this.#upsert && this.#kinds !== undefined && isRemoval(this.#kinds[row]!)) this.value.isNull = true;
    else this.value.row(row);
    if (this.#headerValues === undefined) return;
    this.headers.clear();
    for (const [key, value] of headersOf(this.#headerValues(row), this.#headerColumn?.type.kind === "MAP")) {
      const name = encodeUtf8(key);
      this.headers.add(name, 0, name.length, value, 0, value?.length ?? 0);
    }
  }

  get writesHeaders(): boolean {
    return this.#headerColumn !== undefined;
  }

  get hasHeaders(): boolean {
    return this.#headerValues !== undefined && this.headers.count > 0;
  }

  /** The topic that the row names. */
  topic(row: number): string | null {
    return (this.#topics?.(row) ?? null) as string | null;
  }

  /** The record's time, epoch millis. */
  timestamp(row: number, nowMillis: number): number {
    return (this.#timestamps?.(row) as number | null | undefined) ?? nowMillis;
  }
}

/** The key or the value: `bytes[start .. end)`, or NULL. */
export class Part {
  isNull = false;
  start = 0;
  readonly #encoder: Encoder;
  readonly #columns: readonly number[];
  readonly #out = new ByteWriter();
  #write: RowWriter = () => false;

  constructor(side: Side, written: readonly ScanColumn[], { table, timeZone }: TableRequest) {
    if (side.format.encoder === undefined)
      throw new SqlError("UNSUPPORTED", `format '${side.format.name}' of table '${table}' cannot be written`);
    this.#encoder = side.format.encoder({ fields: side.fields, options: side.options, timeZone, messages: true });
    this.#columns = side.columns.map((name) => written.findIndex((c) => c.kind === "physical" && c.path[0] === name));
  }

  get bytes(): Uint8Array {
    return this.#out.bytes;
  }

  get end(): number {
    return this.#out.length;
  }

  async prepare(): Promise<void> {
    await this.#encoder.prepare?.();
  }

  begin(batch: RecordBatch): void {
    const columns: Column[] = this.#columns.map((index) => batch.columns[index]!);
    this.#out.clear();
    this.#write = this.#encoder.rowWriter({ ...batch, columns, steps: undefined }, this.#out);
  }

  /** Overwrites the row before. */
  row(row: number): void {
    this.#out.clear();
    this.isNull = !this.#write(row);
  }

  /** Encodes all rows one behind the other; ends of each go to `ends`. False: one of them is NULL. */
  rows(rowCount: number, ends: Int32Array): boolean {
    for (let row = 0; row < rowCount; row++) {
      if (!this.#write(row)) return false;
      ends[row] = this.#out.length;
    }
    return true;
  }
}

function isRemoval(kind: number): boolean {
  return kind === RowKind.Delete || kind === RowKind.UpdateBefore;
}

/** Of a MAP its entries, without NULL values as in Flink; of an ARRAY of ROWs its rows. */
function headersOf(value: Value, isMap: boolean): readonly (readonly [string, Uint8Array | null])[] {
  if (value === null) return [];
  return (value as readonly (readonly [string | null, Uint8Array | null] | null)[]).flatMap((pair) =>
    pair === null || pair[0] === null || (isMap && pair[1] === null) ? [] : [[pair[0], pair[1]] as const],
  );
}
