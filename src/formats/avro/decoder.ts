import { ByteWriter } from "../../base/byte-writer.ts";
import { SqlError } from "../../base/errors.ts";
import type { DataType } from "../../types/data-type.ts";
import type { Decoded, DecodeRequest, Decoder, MessageRows, Messages } from "../api.ts";
import type { ReviewedRows } from "../json/decoder.ts";
import type { PlannedField } from "../planned-fields.ts";
import { joinMessages } from "../messages.ts";
import { BadRecordPolicy, RecordProblem } from "../record-problem.ts";
import { compileReader, type RecordScan } from "./compile-reader.ts";
import { Cursor } from "./cursor.ts";
import { JsonEncoding } from "./json-encoding.ts";
import { resolve } from "./resolve.ts";
import type { AvroSchema } from "./schema.ts";
import { planWanted, type WantedColumns } from "./wanted.ts";

/** A reader of the records of one schema, or why they cannot be read. */
export type SchemaReader = RecordScan | { readonly problem: string };

/** How a message says by which schema it was written. */
export interface Framing {
  /** Bytes in front of the record. */
  readonly headerBytes: number;
  /** The reader for the message at `data[start .. start + length)`. */
  readerFor(data: Uint8Array, start: number, length: number): SchemaReader;
  prepareMessages?(messages: Messages, from: number, to: number): Promise<void> | undefined;
}

export interface AvroDecoderSettings {
  /** Name of the format, for messages. */
  readonly format: string;
  /** A record, or a union of null and one. */
  readonly readerSchema: AvroSchema;
  /** The ROW that the reader's schema stands for. */
  readonly type: DataType;
  readonly encoding: "binary" | "json";
  /** `compile`: makes the reader for a writer's schema. */
  readonly framing: (compile: (writer: AvroSchema) => SchemaReader) => Framing;
  /** For a format that carries its rows in envelopes: told of the rows of each batch. */
  readonly review?: ((rows: ReviewedRows) => void) | undefined;
  /** An empty message is none; without it, it is a record that ends too early. */
  readonly skipEmpty?: boolean | undefined;
}

/** Decodes messages that are one Avro record each: only fields of the projection, straight into columns. */
export class AvroDecoder implements Decoder {
  readonly skippedFields = 0;
  private readonly settings: AvroDecoderSettings;
  private readonly wanted: WantedColumns;
  private readonly cursor = new Cursor();
  private readonly framing: Framing;
  private readonly policy: BadRecordPolicy;
  private readonly copiesText: boolean;
  private readonly json: JsonEncoding | undefined;
  private readonly scratch = new ByteWriter(1024);
  private readonly compiled = new Map<AvroSchema, SchemaReader>();

  constructor(
    request: Omit<DecodeRequest, "projection"> & { readonly projection: readonly PlannedField[] },
    settings: AvroDecoderSettings,
  ) {
    this.settings = settings;
    this.wanted = planWanted(request.projection);
    this.copiesText = this.wanted.columns.slots.some((slot) => slot.storage === "bytes");
    this.policy = new BadRecordPolicy(settings.format, undefined, request.onBadRecord, settings.encoding === "binary");
    this.json = settings.encoding === "json" ? new JsonEncoding() : undefined;
    this.framing = settings.framing((writer) => this.compile(writer));
  }

  get skippedRecords(): number {
    return this.policy.skippedRecords;
  }

  decode(_data: Uint8Array, _start: number, _end: number, _maxRows: number, _last: boolean): Decoded {
    throw new SqlError("UNSUPPORTED", `the format '${this.settings.format}' reads messages, no files`);
  }

  prepareMessages(messages: Messages, from: number, to: number): Promise<void> | undefined {
    return this.framing.prepareMessages?.(messages, from, to);
  }

  decodeMessages(messages: Messages, from: number, to: number): readonly MessageRows[] {
    const { cursor, framing, wanted, settings } = this;
    const { columns } = wanted;
    const { data, starts, lengths, first } = this.records(messages, from, to);
    cursor.reset(data);
    columns.allocate(to - from);
    for (const reader of this.compiled.values()) if ("bind" in reader) reader.bind();
    const messageOf = new Int32Array(to - from);
    let rows = 0;
    for (let i = from; i < to; i++) {
      const length = lengths[i - first]!;
      if (length < 0 || (length === 0 && settings.skipEmpty === true)) continue;
      const start = starts[i - first]!;
      try {
        const reader = framing.readerFor(data, start, length);
        if ("problem" in reader) throw new RecordProblem(reader.problem);
        const p = start + framing.headerBytes;
        const end = start + length;
        const stop = reader.read(data, cursor.dv, p, end, rows);
        if (stop > end) cursor.tooShort();
        if (stop < end) cursor.fail(`${end - stop} bytes are left behind the record`);
        messageOf[rows++] = i;
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        cursor.depth = 0;
        columns.clearRow(rows);
        this.reject(messages, i, error.reason);
      }
    }
    if (rows === 0 && settings.review === undefined) return [];
    settings.review?.(this.reviewed(rows, data, messages, messageOf));
    const batch = columns.finish(rows, data);
    return [{ batch: { ...batch, columns: wanted.outputs.map((slot) => batch.columns[slot]!) }, messageOf }];
  }

  private compile(writer: AvroSchema): SchemaReader {
    const known = this.compiled.get(writer);
    if (known !== undefined) return known;
    const { readerSchema, type } = this.settings;
    const resolved = resolve(writer, readerSchema);
    const reader =
      resolved.kind === "error"
        ? { problem: resolved.reason }
        : compileReader(resolved, this.wanted.root, this.wanted.columns, this.cursor, type);
    if ("bind" in reader) reader.bind();
    this.compiled.set(writer, reader);
    return reader;
  }

  private reject({ data, starts, lengths }: Messages, i: number, reason: string): void {
    this.policy.reject(data, starts[i]!, starts[i]! + lengths[i]!, reason, i);
  }

  private reviewed(rowCount: number, data: Uint8Array, messages: Messages, messageOf: Int32Array): ReviewedRows {
    const { slots } = this.wanted.columns;
    return {
      rowCount,
      data,
      messageOf,
      slots: this.wanted.outputs.map((slot) => slots[slot]!),
      marks: undefined,
      reject: (row, reason) => this.reject(messages, messageOf[row]!, reason),
    };
  }

  /** The records in binary, in memory that stays while the batch is used; `first`: the message at index 0 of the arrays. */
  private records(messages: Messages, from: number, to: number): RecordBytes {
    const { data, starts, lengths } = messages;
    if (this.json !== undefined) return this.fromJson(this.json, messages, from, to);
    if (!this.copiesText) return { data, starts, lengths, first: 0 };
    let low = data.length;
    let high = 0;
    let total = 0;
    for (let i = from; i < to; i++) {
      const length = lengths[i]!;
      if (length <= 0) continue;
      low = Math.min(low, starts[i]!);
      high = Math.max(high, starts[i]! + length);
      total += length;
    }
    if (high - low > 2 * total + 1024) {
      const joined = joinMessages(messages, from, to);
      return { data: joined.data, starts: joined.starts, lengths: lengths.subarray(from, to), first: from };
    }
    const { scratch } = this;
    scratch.clear();
    if (high > low) scratch.copy(data, low, high - low);
    const moved = new Int32Array(to - from);
    for (let i = from; i < to; i++) moved[i - from] = starts[i]! - low;
    return { data: scratch.bytes, starts: moved, lengths: lengths.subarray(from, to), first: from };
  }

  private fromJson(json: JsonEncoding, messages: Messages, from: number, to: number): RecordBytes {
    const { scratch } = this;
    scratch.clear();
    const starts = new Int32Array(to - from);
    const lengths = new Int32Array(to - from);
    for (let i = from; i < to; i++) {
      const start = (starts[i - from] = scratch.length);
      const at = messages.starts[i]!;
      const length = messages.lengths[i]!;
      lengths[i - from] = -1;
      if (length < 0) continue;
      try {
        json.toBinary(messages.data, at, at + length, this.settings.readerSchema, scratch);
        lengths[i - from] = scratch.length - start;
      } catch (error) {
        if (!(error instanceof RecordProblem)) throw error;
        scratch.length = start;
        this.reject(messages, i, error.reason);
      }
    }
    return { data: scratch.bytes, starts, lengths, first: from };
  }
}

interface RecordBytes {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  readonly lengths: Int32Array;
  readonly first: number;
}
