import { ByteWriter } from "../base/byte-writer.ts";
import type { Column } from "../batch/column.ts";
import type { StateColumn } from "../state/api.ts";
import type { Storage, Value } from "../types/data-type.ts";

/**
 * Columns that generated loops write by row index. The arrays live on from batch to batch: a batch is valid during the
 * call of `Output.batch` and no longer.
 */
export interface OutputColumn {
  readonly storage: Storage;
  /** Makes room for `rows` rows; `values`, `nulls`, `starts`, `lengths` may be other arrays afterwards. */
  reserve(rows: number): void;
  /** The first `rows` rows. */
  finish(rows: number): Column;
}

const FIRST_ROWS = 64;

/** Fixed-width values; `nulls[row]` is written for each row. */
export class FixedOutput implements OutputColumn {
  readonly storage: Storage;
  values: Uint8Array | Int32Array | Float64Array | BigInt64Array;
  nulls = new Uint8Array(FIRST_ROWS);
  readonly #nullable: boolean;

  constructor(storage: Exclude<Storage, "bytes" | "any">, nullable: boolean) {
    this.storage = storage;
    this.#nullable = nullable;
    this.values = arrayOf(storage, FIRST_ROWS);
  }

  reserve(rows: number): void {
    if (rows <= this.nulls.length) return;
    this.nulls = new Uint8Array(rows);
    this.values = arrayOf(this.storage, rows);
  }

  finish(rows: number): Column {
    return {
      storage: this.storage,
      values: this.values,
      nulls: this.#nullable ? nullsOf(this.nulls, rows) : undefined,
    } as Column;
  }
}

/** Nested values. */
export class AnyOutput implements OutputColumn {
  readonly storage = "any";
  values: Value[] = [];
  nulls = new Uint8Array(FIRST_ROWS);

  reserve(rows: number): void {
    this.values = Array.from({ length: rows }, () => null);
    if (rows > this.nulls.length) this.nulls = new Uint8Array(rows);
  }

  finish(rows: number): Column {
    return { storage: "any", values: this.values, nulls: nullsOf(this.nulls, rows) };
  }
}

/** Text and bytes. Either written here, or (after `viewOf`) a view of a state column's arena. */
export class BytesOutput implements OutputColumn {
  readonly storage = "bytes";
  starts = new Int32Array(FIRST_ROWS);
  lengths = new Int32Array(FIRST_ROWS);
  nulls = new Uint8Array(FIRST_ROWS);
  readonly bytes = new ByteWriter(1024);
  #source: Extract<StateColumn, { storage: "bytes" }> | undefined;

  reserve(rows: number): void {
    this.bytes.clear();
    if (rows <= this.starts.length) return;
    this.starts = new Int32Array(rows);
    this.lengths = new Int32Array(rows);
    this.nulls = new Uint8Array(rows);
  }

  /** Rows are ranges of this column's arena, which is only appended to while the loop runs. */
  viewOf(source: StateColumn): void {
    if (source.storage === "bytes") this.#source = source;
  }

  /** Writes a text or bytes as row `row`. */
  write(row: number, value: string | Uint8Array): void {
    const start = this.bytes.length;
    if (typeof value === "string") this.bytes.text(value);
    else this.bytes.copy(value, 0, value.length);
    this.starts[row] = start;
    this.lengths[row] = this.bytes.length - start;
    this.nulls[row] = 0;
  }

  finish(rows: number): Column {
    const { starts, lengths } = this;
    return { storage: "bytes", starts, lengths, data: this.data, nulls: nullsOf(this.nulls, rows) };
  }

  /** The bytes that rows point into now. */
  get data(): Uint8Array {
    return this.#source === undefined ? this.bytes.bytes : this.#source.data;
  }
}

function arrayOf(storage: Storage, rows: number): Uint8Array | Int32Array | Float64Array | BigInt64Array {
  switch (storage) {
    case "bool":
      return new Uint8Array(rows);
    case "i32":
      return new Int32Array(rows);
    case "i64":
      return new BigInt64Array(rows);
    case "i128":
      return new BigInt64Array(2 * rows);
    default:
      return new Float64Array(rows);
  }
}

function nullsOf(nulls: Uint8Array, rows: number): Uint8Array | undefined {
  for (let row = 0; row < rows; row++) if (nulls[row] !== 0) return nulls;
  return undefined;
}

/** A column to write results of the storage into. */
export function createOutputColumn(storage: Storage, nullable: boolean): OutputColumn {
  if (storage === "bytes") return new BytesOutput();
  return storage === "any" ? new AnyOutput() : new FixedOutput(storage, nullable);
}
