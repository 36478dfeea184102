import type { ByteWriter } from "../base/byte-writer.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType, Field } from "../types/data-type.ts";

/** A record that could not be read. */
export interface BadRecord {
  /** The raw text of the record (UTF-8, invalid bytes replaced); of binary formats its bytes in hex, `0x…`. */
  readonly raw: string;
  readonly reason: string;
  /** Byte offset of the record from the start of what the decoder was fed (the reader adds file and base offset). */
  readonly offset: number;
}

/** What to read: a path into the record (`["bid", "price"]`; one element: a top-level column), and its type. */
export interface ProjectedField {
  readonly path: readonly string[];
  readonly type: DataType;
  /** A metadata key of the format instead (`path` is empty). */
  readonly metadata?: string | undefined;
}

export interface DecodeRequest {
  /** All physical columns of the table, in order (CSV needs positions and the column count). */
  readonly physical: readonly Field[];
  /** The columns of the batches that `decode` makes; what is not here is skipped, not decoded. */
  readonly projection: readonly ProjectedField[];
  readonly options: Readonly<Record<string, string>>;
  /** Session time zone, for formats whose LTZ texts are local. */
  readonly timeZone: string;
  /**
   * What happens to a bad record when the format's `ignore-parse-errors` is off: absent, `decode` throws
   * SqlError BAD_RECORD; present, the record is given away and decoding goes on.
   */
  readonly onBadRecord?: ((record: BadRecord) => void) | undefined;
}

export interface Decoded {
  /** Up to `maxRows` rows; `columns` follow the projection. */
  readonly batch: RecordBatch;
  /** Bytes consumed from `start`: always whole records. 0 with an empty batch: feed more bytes. */
  readonly consumed: number;
}

/** Messages that are one record each (of a queue), as ranges of bytes. */
export interface Messages {
  readonly data: Uint8Array;
  readonly starts: Int32Array;
  /** In bytes; -1: the message is NULL. */
  readonly lengths: Int32Array;
}

/** Rows decoded from messages. */
export interface MessageRows {
  /** Valid until the next call of the decoder. */
  readonly batch: RecordBatch;
  /** For each row the index of its message, ascending. */
  readonly messageOf: Int32Array;
}

/**
 * Bytes of a stream of records (lines) → batches. Keeps no bytes between calls; reads one input after the other (the
 * next one starts when a call with `last` has consumed everything).
 */
export interface Decoder {
  /**
   * Decodes whole records of `data[start .. end)`. `last`: the input ends at `end`, a record without line end counts.
   * Text columns of the batch may point into `data`, so the caller must not overwrite it before the batch is consumed;
   * the decoder may change bytes inside consumed records (unescaping in place).
   */
  decode(data: Uint8Array, start: number, end: number, maxRows: number, last: boolean): Decoded;
  /**
   * Decodes the messages `[from .. to)` (Kafka); a message may give no row (NULL in most formats) or several. Bytes that
   * the batches need are copied. The `offset` of a BadRecord is the index of its message.
   */
  decodeMessages?(messages: Messages, from: number, to: number): readonly MessageRows[];
  /**
   * Brings near what decoding these messages needs from elsewhere (a schema of a registry); undefined: all is there.
   * Called before `decodeMessages`.
   */
  prepareMessages?(messages: Messages, from: number, to: number): Promise<void> | undefined;
  /** Records dropped by `ignore-parse-errors`, and fields set to NULL by it, since the decoder was made. */
  readonly skippedRecords: number;
  readonly skippedFields: number;
}

export interface EncodeRequest {
  readonly fields: readonly Field[];
  readonly options: Readonly<Record<string, string>>;
  readonly timeZone: string;
  /** Each row becomes a message of a queue; otherwise a line of a file. */
  readonly messages?: boolean | undefined;
}

/** Appends one row, without a line end. False: the row stands for a NULL message, and nothing was appended. */
export type RowWriter = (row: number) => boolean;

/** Batches → bytes. */
export interface Encoder {
  /** Writes rows of this batch behind what `out` holds; good as long as the batch is. */
  rowWriter(batch: RecordBatch, out: ByteWriter): RowWriter;
  /** Fetches what writing needs from elsewhere (the id of a schema); called once, before the first row. */
  prepare?(): Promise<void>;
}

export interface FormatOption {
  readonly name: string;
  readonly summary: string;
  readonly type: "string" | "boolean" | "char" | readonly string[];
  readonly default?: string | undefined;
}

/** Metadata that a format reads beside the physical columns. */
export interface FormatMetadata {
  readonly key: string;
  readonly type: DataType;
}

export interface Format {
  readonly name: string;
  /** Option names without the format prefix (`ignore-parse-errors`); validation and docs come from here. */
  readonly options: readonly FormatOption[];
  /** Records have no ends of their own, so that only messages can be read and written, no files. */
  readonly messagesOnly?: boolean | undefined;
  /** Which row kinds the format carries. */
  readonly changelog: "insert-only" | "full";
  readonly metadata?: readonly FormatMetadata[] | undefined;
  /** Throws SqlError OPTION_INVALID / UNSUPPORTED for a schema the format cannot carry. */
  decoder?(request: DecodeRequest): Decoder;
  encoder?(request: EncodeRequest): Encoder;
}
