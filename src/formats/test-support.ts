import { ByteWriter } from "../base/byte-writer.ts";
import { columnOf } from "../batch/column-builder.ts";
import { valueAt } from "../batch/get.ts";
import { decodeUtf8, encodeUtf8 } from "../batch/utf8.ts";
import { must } from "../base/assert.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";
import type { BadRecord, Format, Messages, ProjectedField } from "./api.ts";
import { encodeLines } from "./lines.ts";

/** Columns as name → type. */
export type Columns = Readonly<Record<string, DataType>>;

export interface DecodeOptions {
  readonly columns: Columns;
  readonly options?: Readonly<Record<string, string>> | undefined;
  /** Paths to read, with their types; all columns by default. */
  readonly projection?: readonly ProjectedField[] | undefined;
  readonly maxRows?: number | undefined;
  readonly onBadRecord?: ((record: BadRecord) => void) | undefined;
  /** Lengths of the pieces in which the input arrives; in one piece by default. */
  readonly cuts?: readonly number[] | undefined;
}

export interface DecodedRows {
  readonly rows: Value[][];
  /** Row kinds. */
  readonly kinds: number[];
  readonly skippedRecords: number;
  readonly skippedFields: number;
}

function fieldsOf(columns: Columns): Field[] {
  return Object.entries(columns).map(([name, type]) => ({ name, type }));
}

/** Decodes a whole input, fed as a reader would: unconsumed bytes are kept and fed again with more behind them. */
export function decodeAll(format: Format, input: string | Uint8Array, request: DecodeOptions): DecodedRows {
  const physical = fieldsOf(request.columns);
  const projection = request.projection ?? physical.map((field) => ({ path: [field.name], type: field.type }));
  const { onBadRecord } = request;
  const decoder = must(
    format.decoder,
    "decoder",
  )({ physical, projection, options: request.options ?? {}, timeZone: "UTC", onBadRecord });
  const bytes = typeof input === "string" ? encodeUtf8(input) : input;
  const cuts = [...(request.cuts ?? []), bytes.length];
  const rows: Value[][] = [];
  const kinds: number[] = [];
  const take = (data: Uint8Array, last: boolean): number => {
    let position = 0;
    for (;;) {
      const { batch, consumed } = decoder.decode(data, position, data.length, request.maxRows ?? 4096, last);
      for (let row = 0; row < batch.rowCount; row++) {
        kinds.push(batch.kinds?.[row] ?? 0);
        rows.push(projection.map((field, i) => valueAt(batch.columns[i]!, row, field.type)));
      }
      position += consumed;
      if (consumed === 0 || position === data.length) return position;
    }
  };
  let pending = new Uint8Array(0);
  let fed = 0;
  for (const length of cuts) {
    if (fed === bytes.length && fed > 0) break;
    const end = Math.min(bytes.length, fed + Math.max(1, length));
    // Scanners look ahead.
    const data = new Uint8Array(pending.length + end - fed + 256).subarray(0, pending.length + end - fed);
    data.set(pending);
    data.set(bytes.subarray(fed, end), pending.length);
    fed = end;
    pending = data.slice(take(data, fed === bytes.length));
  }
  return { rows, kinds, skippedRecords: decoder.skippedRecords, skippedFields: decoder.skippedFields };
}

/** Encodes rows to text. */
export function encodeAll(
  format: Format,
  columns: Columns,
  rows: readonly (readonly Value[])[],
  options: Readonly<Record<string, string>> = {},
  kinds?: readonly number[],
): string {
  const fields = fieldsOf(columns);
  const encoder = must(format.encoder, "encoder")({ fields, options, timeZone: "UTC" });
  const out = new ByteWriter(16);
  const batch = {
    rowCount: rows.length,
    columns: fields.map((field, i) =>
      columnOf(
        field.type,
        rows.map((row) => row[i]!),
      ),
    ),
    kinds: kinds === undefined ? undefined : Uint8Array.from(kinds),
    steps: undefined,
  };
  encodeLines(encoder, batch, undefined, 0, rows.length, out);
  return decodeUtf8(out.bytes, 0, out.length);
}

/** Messages in one array; `undefined`: NULL. */
export function messagesOf(texts: readonly (string | Uint8Array | undefined)[]): Messages {
  const pieces = texts.map((text) => (typeof text === "string" ? encodeUtf8(text) : text));
  const starts: number[] = [];
  let start = 0;
  for (const piece of pieces) {
    starts.push(start);
    start += piece?.length ?? 0;
  }
  return {
    data: Buffer.concat(pieces.filter((piece) => piece !== undefined)),
    starts: Int32Array.from(starts),
    lengths: Int32Array.from(pieces, (piece) => piece?.length ?? -1),
  };
}
