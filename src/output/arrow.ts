import { createRequire } from "node:module";
import type * as ArrowPackage from "apache-arrow";
import type { Data, DataType as ArrowType, Schema } from "apache-arrow";
import type { Column } from "../batch/column.ts";
import { reader } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { ROW_KIND_TEXT } from "../batch/row-kind.ts";
import { T, type DataType, type Field, type Value } from "../types/data-type.ts";
import { textOf } from "../types/value-text.ts";
import { jsonValue } from "./json-value.ts";

type Arrow = typeof ArrowPackage;

/** Rows as an Arrow IPC stream; `op` in front says what each change is, unless all of them are plain rows. */
export class ArrowResult {
  readonly #arrow: Arrow;
  readonly #fields: readonly Field[];
  readonly #types: readonly ArrowType[];
  readonly #schema: Schema;
  readonly #zone: string;
  readonly #plain: boolean;
  readonly #take: () => Uint8Array[];
  readonly #writer: ArrowPackage.RecordBatchStreamWriter;

  constructor(fields: readonly Field[], zone: string, plain: boolean) {
    // Only who asks for it pays for loading the package.
    this.#arrow = createRequire(import.meta.url)("apache-arrow") as Arrow;
    this.#zone = zone;
    this.#plain = plain;
    this.#fields = plain ? fields : [{ name: "op", type: T.string(false) }, ...fields];
    const arrow = this.#arrow;
    this.#types = this.#fields.map(({ type }) => arrowType(arrow, type));
    this.#schema = new arrow.Schema(
      this.#fields.map(({ name, type }, i) => new arrow.Field(name, this.#types[i]!, type.nullable)),
    );
    let pieces: Uint8Array[] = [];
    class PieceWriter extends arrow.RecordBatchStreamWriter {
      protected override _write(chunk: ArrayBufferView): this {
        const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
        if (bytes.length > 0) pieces.push(bytes);
        return this;
      }
    }
    this.#writer = new PieceWriter({ autoDestroy: false });
    this.#writer.reset(undefined, this.#schema);
    this.#take = () => {
      const taken = pieces;
      pieces = [];
      return taken;
    };
  }

  /** Bytes of the schema (once) and of one record batch. The rows are copied. */
  batch({ rowCount, columns, kinds }: RecordBatch): Uint8Array {
    const arrow = this.#arrow;
    const ops = (): Column => ({
      storage: "any",
      values: Array.from({ length: rowCount }, (_, i) => ROW_KIND_TEXT[kinds?.[i] ?? 0]!),
      nulls: undefined,
    });
    const all = this.#plain ? columns : [ops(), ...columns];
    const children = all.map((column, i) => this.#data(column, i, rowCount));
    const struct = new arrow.Struct(this.#schema.fields);
    const data = arrow.makeData({ type: struct, length: rowCount, nullCount: 0, children });
    this.#writer.write(new arrow.RecordBatch(this.#schema, data));
    return Buffer.concat(this.#take());
  }

  /** Bytes of the schema, where no batch came, and of the end. */
  end(): Uint8Array {
    this.#writer.close();
    return Buffer.concat(this.#take());
  }

  #data(column: Column, i: number, length: number): Data {
    const { type } = this.#fields[i]!;
    const { bitmap, nullCount } = validity(column.nulls, length);
    const common = { type: this.#types[i]!, length, nullCount, nullBitmap: bitmap };
    const fixed = fixedValues(column, type, length);
    if (fixed !== undefined) return this.#make({ ...common, data: fixed });
    const read = reader(column, type);
    const texts = Array.from({ length }, (_, row): Uint8Array => {
      const value = read(row);
      if (value === null) return NOTHING;
      return value instanceof Uint8Array ? value : Buffer.from(this.#text(value, type));
    });
    const offsets = new Int32Array(length + 1);
    texts.forEach((text, row) => (offsets[row + 1] = offsets[row]! + text.length));
    return this.#make({ ...common, valueOffsets: offsets, data: Buffer.concat(texts) });
  }

  #text(value: Value, type: DataType): string {
    if (typeof value === "string") return value;
    return isNested(type) ? jsonValue(value, type, this.#zone) : textOf(type, this.#zone)(value);
  }

  #make(props: object): Data {
    return this.#arrow.makeData(props as Parameters<Arrow["makeData"]>[0]) as Data;
  }
}

const NOTHING = new Uint8Array(0);

function isNested({ kind }: DataType): boolean {
  return kind === "ARRAY" || kind === "MAP" || kind === "MULTISET" || kind === "ROW";
}

/** Intervals are text, nested values JSON. */
function arrowType(arrow: Arrow, type: DataType): ArrowType {
  switch (type.kind) {
    case "BOOLEAN":
    case "NULL":
      return new arrow.Bool();
    case "TINYINT":
      return new arrow.Int8();
    case "SMALLINT":
      return new arrow.Int16();
    case "INT":
      return new arrow.Int32();
    case "BIGINT":
      return new arrow.Int64();
    case "FLOAT":
      return new arrow.Float32();
    case "DOUBLE":
      return new arrow.Float64();
    case "DECIMAL":
      return new arrow.Decimal(type.scale, type.precision, 128);
    case "DATE":
      return new arrow.DateDay();
    case "TIME":
      return new arrow.TimeMillisecond();
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      const zone = type.kind === "TIMESTAMP_LTZ" ? "UTC" : null;
      return type.precision <= 3 ? new arrow.TimestampMillisecond(zone) : new arrow.TimestampNanosecond(zone);
    }
    case "BINARY":
    case "VARBINARY":
      return new arrow.Binary();
    default:
      return new arrow.Utf8();
  }
}

/** Values of fixed width in Arrow's layout; undefined: the type has none. */
function fixedValues(column: Column, type: DataType, length: number): ArrayBufferView | undefined {
  switch (type.kind) {
    case "BOOLEAN":
    case "NULL":
      return bits((column as { values: Uint8Array }).values, length);
    case "TINYINT":
      return Int8Array.from(intsOf(column, length));
    case "SMALLINT":
      return Int16Array.from(intsOf(column, length));
    case "INT":
    case "DATE":
    case "TIME":
      return intsOf(column, length).slice();
    case "BIGINT":
      return (column as { values: BigInt64Array }).values.slice(0, length);
    case "FLOAT":
      return Float32Array.from(doublesOf(column, length));
    case "DOUBLE":
      return doublesOf(column, length).slice();
    case "DECIMAL":
      return wordPairs(column, length);
    case "TIMESTAMP":
    case "TIMESTAMP_LTZ": {
      if (column.storage === "f64")
        return BigInt64Array.from(doublesOf(column, length), (millis) => BigInt(Math.trunc(millis)));
      const { values } = column as { values: BigInt64Array };
      return BigInt64Array.from({ length }, (_, row) => values[2 * row]!);
    }
    default:
      return undefined;
  }
}

function intsOf(column: Column, length: number): Int32Array {
  return (column as { values: Int32Array }).values.subarray(0, length);
}

function doublesOf(column: Column, length: number): Float64Array {
  return (column as { values: Float64Array }).values.subarray(0, length);
}

/** Unscaled values of 16 bytes, as 32-bit words. */
function wordPairs(column: Column, length: number): Uint32Array {
  const { values } = column as { values: BigInt64Array };
  const words = new BigInt64Array(2 * length);
  if (column.storage === "i128") words.set(values.subarray(0, 2 * length));
  else {
    for (let row = 0; row < length; row++) {
      words[2 * row] = values[row]!;
      words[2 * row + 1] = values[row]! < 0n ? -1n : 0n;
    }
  }
  return new Uint32Array(words.buffer);
}

function validity(
  nulls: Uint8Array | undefined,
  length: number,
): { readonly bitmap: Uint8Array | undefined; readonly nullCount: number } {
  if (nulls === undefined) return { bitmap: undefined, nullCount: 0 };
  const valid = Uint8Array.from({ length }, (_, i) => 1 - nulls[i]!);
  const nullCount = length - valid.reduce((sum, bit) => sum + bit, 0);
  return nullCount === 0 ? { bitmap: undefined, nullCount } : { bitmap: bits(valid, length), nullCount };
}

function bits(values: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(((length + 63) >> 6) << 3);
  for (let i = 0; i < length; i++) if (values[i] !== 0) out[i >> 3]! |= 1 << (i & 7);
  return out;
}
