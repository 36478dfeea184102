import type * as ArrowPackage from "apache-arrow";
import type { Data, DataType as ArrowType, RecordBatch, Schema } from "apache-arrow";
import { SqlError } from "../base/errors.ts";
import { importModule } from "../base/import-module.ts";
import type { Column } from "../batch/column.ts";
import { decodeAny } from "../batch/encode-any.ts";
import type { Storage, Value } from "../types/data-type.ts";
import type { ArrowBuffers } from "./snapshot-columns.ts";
import type { ColumnSchema } from "./snapshot-manifest.ts";

/** The package, loaded on first use. */
export type Arrow = typeof ArrowPackage;

let loaded: Promise<Arrow> | undefined;

/** Asks the module loader once: with loaders in threads of their own even a module that is there takes a while. */
export async function loadArrow(): Promise<Arrow> {
  loaded ??= importModule<Arrow>("apache-arrow");
  return loaded;
}

/** An Arrow IPC stream that is handed over message by message. */
export interface ArrowStreamWriter {
  /** Bytes of the schema message. */
  schema(): Uint8Array[];
  /** Bytes of one record batch. */
  batch(columns: readonly ArrowBuffers[], rowCount: number): Uint8Array[];
  /** Bytes of the end-of-stream mark. */
  end(): Uint8Array[];
}

/** A writer of batches with the given columns. Text is Utf8, bytes and generically encoded values Binary, i128 sixteen bytes. */
export function createArrowWriter(arrow: Arrow, columns: readonly ColumnSchema[]): ArrowStreamWriter {
  const types = columns.map((column) => arrowType(arrow, column));
  const schema: Schema = new arrow.Schema(columns.map((column, i) => new arrow.Field(column.name, types[i]!, true)));
  let pieces: Uint8Array[] = [];
  class PieceWriter extends arrow.RecordBatchStreamWriter {
    protected override _write(chunk: ArrayBufferView): this {
      const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      if (bytes.length > 0) pieces.push(bytes);
      return this;
    }
  }
  const writer = new PieceWriter({ autoDestroy: false });
  const take = (): Uint8Array[] => {
    const taken = pieces;
    pieces = [];
    return taken;
  };
  return {
    schema: () => {
      writer.reset(undefined, schema);
      return take();
    },
    batch: (buffers, rowCount) => {
      const children = buffers.map((buffer, i) => arrowData(arrow, types[i]!, buffer));
      const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: rowCount, nullCount: 0, children });
      writer.write(new arrow.RecordBatch(schema, data));
      return take();
    },
    end: () => {
      writer.close();
      return take();
    },
  };
}

function arrowType(arrow: Arrow, { storage, type }: ColumnSchema): ArrowType {
  switch (storage) {
    case "bool":
      return new arrow.Bool();
    case "i32":
      return new arrow.Int32();
    case "i64":
      return new arrow.Int64();
    case "f64":
      return new arrow.Float64();
    case "i128":
      return new arrow.FixedSizeBinary(16);
    case "bytes":
      return isTextType(type) ? new arrow.Utf8() : new arrow.Binary();
    case "any":
      return new arrow.Binary();
  }
}

function isTextType(type: ColumnSchema["type"]): boolean {
  const kind = (type as { readonly kind: string }).kind;
  return kind === "CHAR" || kind === "VARCHAR";
}

function arrowData(
  arrow: Arrow,
  type: ArrowType,
  { length, nullCount, nullBitmap, values, offsets }: ArrowBuffers,
): Data {
  const common = { type, length, nullCount, nullBitmap, data: values };
  return arrow.makeData(
    (offsets === undefined ? common : { ...common, valueOffsets: offsets }) as Parameters<Arrow["makeData"]>[0],
  ) as Data;
}

/** The record batches of a stream as columns of the given storages. */
export function* readArrowStream(
  arrow: Arrow,
  bytes: Uint8Array,
  columns: readonly ColumnSchema[],
): Generator<{ columns: Column[]; rowCount: number }> {
  for (const batch of arrow.RecordBatchReader.from(bytes) as Iterable<RecordBatch>) {
    const children = batch.data.children as readonly Data[];
    if (children.length !== columns.length) {
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `a state file has ${children.length} columns where its manifest names ${columns.length}`,
      );
    }
    yield { columns: children.map((child, i) => columnOfArrow(columns[i]!.storage, child)), rowCount: batch.numRows };
  }
}

function columnOfArrow(storage: Storage, data: Data): Column {
  const { length } = data;
  const nulls = nullMask(data);
  const values = (data.values ?? new Uint8Array(0)) as ArrayBufferView;
  switch (storage) {
    case "bool": {
      const bitmap = values as Uint8Array;
      const out = new Uint8Array(length);
      for (let i = 0; i < length; i++) out[i] = (bitmap[i >> 3]! >> (i & 7)) & 1;
      return { storage, values: out, nulls };
    }
    case "i32":
      return { storage, values: values as Int32Array, nulls };
    case "i64":
      return { storage, values: values as BigInt64Array, nulls };
    case "f64":
      return { storage, values: values as Float64Array, nulls };
    case "i128": {
      const words = (values as Uint8Array).slice(0, length * 16);
      return { storage, values: new BigInt64Array(words.buffer, 0, length * 2), nulls };
    }
    case "bytes":
    case "any": {
      const offsets = data.valueOffsets as Int32Array;
      const bytes = values as Uint8Array;
      if (storage === "any") {
        const decoded = Array.from({ length }, (_, i): Value =>
          nulls?.[i] === 1 ? null : decodeAny(bytes, offsets[i]!).value,
        );
        return { storage, values: decoded, nulls };
      }
      const lengths = new Int32Array(length);
      for (let i = 0; i < length; i++) lengths[i] = offsets[i + 1]! - offsets[i]!;
      return { storage, starts: offsets.subarray(0, length), lengths, data: bytes, nulls };
    }
  }
}

function nullMask(data: Data): Uint8Array | undefined {
  if (data.nullCount === 0) return undefined;
  const bitmap = data.nullBitmap;
  const out = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) out[i] = 1 - ((bitmap[i >> 3]! >> (i & 7)) & 1);
  return out;
}
