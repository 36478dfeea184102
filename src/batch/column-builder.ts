import { ByteWriter } from "../base/byte-writer.ts";
import { isBinary, storageOf, type DataType, type Storage, type Value } from "../types/data-type.ts";
import type { Column } from "./column.ts";
import { writeUtf8 } from "./utf8.ts";

/**
 * Builds a column row by row. Generic code uses `append`; kernels that know the storage write `values[length++]` of
 * the concrete builder themselves after `reserve`. `finish` hands the arrays over and leaves an empty builder.
 */
export type ColumnBuilder =
  | BoolBuilder
  | I32Builder
  | I64Builder
  | F64Builder
  | I128Builder
  | BytesBuilder
  | AnyBuilder;

/** A builder for columns of the type, with room for `capacity` rows (it grows). */
export function createColumnBuilder(type: DataType, capacity: number): ColumnBuilder {
  return createStorageBuilder(storageOf(type), capacity, isBinary(type));
}

/** The same by storage; `binary` only says which Value form `append` gets for `bytes` (it accepts both). */
export function createStorageBuilder(storage: Storage, capacity: number, binary = false): ColumnBuilder {
  switch (storage) {
    case "bool":
      return new BoolBuilder(capacity);
    case "i32":
      return new I32Builder(capacity);
    case "i64":
      return new I64Builder(capacity);
    case "f64":
      return new F64Builder(capacity);
    case "i128":
      return new I128Builder(capacity);
    case "bytes":
      return new BytesBuilder(capacity, binary);
    case "any":
      return new AnyBuilder(capacity);
  }
}

/** Length, capacity and NULL mask, which all builders share. */
abstract class BuilderBase {
  /** Rows so far. */
  length = 0;
  capacity: number;
  nulls: Uint8Array | undefined;

  constructor(capacity: number) {
    this.capacity = Math.max(4, capacity);
  }

  /** Makes room for that many more rows. Typed arrays may be other ones afterwards. */
  reserve(extra: number): void {
    const needed = this.length + extra;
    if (needed <= this.capacity) return;
    this.capacity = Math.max(needed, this.capacity * 2);
    if (this.nulls !== undefined) this.nulls = grow(this.nulls, new Uint8Array(this.capacity));
    this.resize();
  }

  /** Appends NULL. */
  appendNull(): void {
    this.reserve(1);
    this.setNull(this.length++);
  }

  /** Marks an already appended row NULL. */
  setNull(row: number): void {
    this.nulls ??= new Uint8Array(this.capacity);
    this.nulls[row] = 1;
  }

  protected takeNulls(): Uint8Array | undefined {
    const nulls = this.nulls;
    this.nulls = undefined;
    this.length = 0;
    return nulls;
  }

  protected abstract resize(): void;
}

function grow<A extends { set(source: A): void }>(from: A, to: A): A {
  to.set(from);
  return to;
}

export class BoolBuilder extends BuilderBase {
  readonly storage = "bool";
  values = new Uint8Array(this.capacity);

  append(value: Value): void {
    if (value === null) return this.appendNull();
    if (this.length === this.capacity) this.reserve(1);
    this.values[this.length++] = value === true ? 1 : 0;
  }

  finish(): Column {
    const values = this.values;
    this.values = new Uint8Array(this.capacity);
    return { storage: "bool", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.values = grow(this.values, new Uint8Array(this.capacity));
  }
}

export class I32Builder extends BuilderBase {
  readonly storage = "i32";
  values = new Int32Array(this.capacity);

  append(value: Value): void {
    if (value === null) return this.appendNull();
    if (this.length === this.capacity) this.reserve(1);
    this.values[this.length++] = value as number;
  }

  finish(): Column {
    const values = this.values;
    this.values = new Int32Array(this.capacity);
    return { storage: "i32", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.values = grow(this.values, new Int32Array(this.capacity));
  }
}

export class I64Builder extends BuilderBase {
  readonly storage = "i64";
  values = new BigInt64Array(this.capacity);

  append(value: Value): void {
    if (value === null) return this.appendNull();
    if (this.length === this.capacity) this.reserve(1);
    this.values[this.length++] = value as bigint;
  }

  finish(): Column {
    const values = this.values;
    this.values = new BigInt64Array(this.capacity);
    return { storage: "i64", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.values = grow(this.values, new BigInt64Array(this.capacity));
  }
}

export class F64Builder extends BuilderBase {
  readonly storage = "f64";
  values = new Float64Array(this.capacity);

  append(value: Value): void {
    if (value === null) return this.appendNull();
    if (this.length === this.capacity) this.reserve(1);
    this.values[this.length++] = value as number;
  }

  finish(): Column {
    const values = this.values;
    this.values = new Float64Array(this.capacity);
    return { storage: "f64", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.values = grow(this.values, new Float64Array(this.capacity));
  }
}

export class I128Builder extends BuilderBase {
  readonly storage = "i128";
  values = new BigInt64Array(2 * this.capacity);

  append(value: Value): void {
    if (value === null) return this.appendNull();
    if (this.length === this.capacity) this.reserve(1);
    const row = 2 * this.length++;
    this.values[row] = value as bigint;
    this.values[row + 1] = (value as bigint) >> 64n;
  }

  finish(): Column {
    const values = this.values;
    this.values = new BigInt64Array(2 * this.capacity);
    return { storage: "i128", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.values = grow(this.values, new BigInt64Array(2 * this.capacity));
  }
}

export class BytesBuilder extends BuilderBase {
  readonly storage = "bytes";
  readonly binary: boolean;
  starts = new Int32Array(this.capacity);
  lengths = new Int32Array(this.capacity);
  /** Where `appendText` and `appendBytes` write. */
  bytes = new ByteWriter(this.capacity * 8);

  constructor(capacity: number, binary = false) {
    super(capacity);
    this.binary = binary;
  }

  append(value: Value): void {
    if (value === null) this.appendNull();
    else if (typeof value === "string") this.appendText(value);
    else this.appendBytes(value as Uint8Array, 0, (value as Uint8Array).length);
  }

  appendText(text: string): void {
    if (this.length === this.capacity) this.reserve(1);
    this.starts[this.length] = this.bytes.length;
    this.lengths[this.length++] = writeUtf8(text, this.bytes);
  }

  /** Copies `source[start .. start + length)`. */
  appendBytes(source: Uint8Array, start: number, length: number): void {
    if (this.length === this.capacity) this.reserve(1);
    this.starts[this.length] = this.bytes.length;
    this.lengths[this.length++] = length;
    this.bytes.copy(source, start, length);
  }

  finish(): Column {
    const { starts, lengths, bytes } = this;
    this.starts = new Int32Array(this.capacity);
    this.lengths = new Int32Array(this.capacity);
    this.bytes = new ByteWriter(bytes.length + 64);
    return { storage: "bytes", starts, lengths, data: bytes.bytes.subarray(0, bytes.length), nulls: this.takeNulls() };
  }

  protected resize(): void {
    this.starts = grow(this.starts, new Int32Array(this.capacity));
    this.lengths = grow(this.lengths, new Int32Array(this.capacity));
  }
}

export class AnyBuilder extends BuilderBase {
  readonly storage = "any";
  values: Value[] = [];

  append(value: Value): void {
    if (value === null) return this.appendNull();
    this.reserve(1);
    this.values[this.length++] = value;
  }

  override setNull(row: number): void {
    super.setNull(row);
    this.values[row] = null;
  }

  finish(): Column {
    const values = this.values;
    this.values = [];
    return { storage: "any", values, nulls: this.takeNulls() };
  }

  protected resize(): void {
    // A JavaScript array grows by itself.
  }
}

/** A column of the given values. */
export function columnOf(type: DataType, values: readonly Value[]): Column {
  const builder = createColumnBuilder(type, values.length);
  for (const value of values) builder.append(value);
  return builder.finish();
}
