import { ByteWriter } from "../base/byte-writer.ts";
import type { Column } from "../batch/column.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { storageOf, type DataType, type Storage, type Value } from "../types/data-type.ts";

const NO_U8 = new Uint8Array(0);
const NO_I32 = new Int32Array(0);
const NO_I64 = new BigInt64Array(0);
const NO_F64 = new Float64Array(0);

/**
 * One column while a decoder fills it, row by row and in any order. Of the arrays only those of the storage are real;
 * the class has all of them so that scanners see one shape.
 */
export class ColumnSlot {
  readonly type: DataType;
  readonly storage: Storage;
  /** Its place among the slots. */
  readonly index: number;
  nulls: Uint8Array = NO_U8;
  /** What `nulls` holds of rows that are not written yet: 1 where most rows are NULL. */
  unwritten: 0 | 1 = 0;
  u8: Uint8Array = NO_U8;
  /** `i32` values; for `i64` and `i128` the same memory as `i64` in 32-bit words, low word first. */
  i32 = NO_I32;
  i64 = NO_I64;
  f64 = NO_F64;
  /** A negative start -1 - s stands for byte s of the side buffer. */
  starts = NO_I32;
  lengths = NO_I32;
  any: Value[] = [];
  usesSide = false;

  constructor(type: DataType, index: number) {
    this.type = type;
    this.index = index;
    this.storage = storageOf(type);
  }

  /** Arrays for `capacity` rows: those of the last batch when they are large enough. */
  allocate(capacity: number): void {
    this.usesSide = false;
    if (this.storage === "any") this.any = [];
    if (this.nulls.length < capacity) this.fresh(capacity);
    this.nulls.fill(this.unwritten);
  }

  /** Leaves the arrays to whom they were given. */
  detach(): void {
    this.nulls = NO_U8;
  }

  private fresh(capacity: number): void {
    this.nulls = new Uint8Array(capacity);
    switch (this.storage) {
      case "bool":
        this.u8 = new Uint8Array(capacity);
        break;
      case "i32":
        this.i32 = new Int32Array(capacity);
        break;
      case "i64":
      case "i128":
        this.i64 = new BigInt64Array(this.storage === "i64" ? capacity : 2 * capacity);
        this.i32 = new Int32Array(this.i64.buffer);
        break;
      case "f64":
        this.f64 = new Float64Array(capacity);
        break;
      case "bytes":
        this.starts = new Int32Array(capacity);
        this.lengths = new Int32Array(capacity);
        break;
      case "any":
        break;
    }
  }

  /** Room for `capacity` rows, keeping what is there. */
  grow(capacity: number): void {
    if (capacity <= this.nulls.length) return;
    const { nulls, u8, i32, i64, f64, starts, lengths } = this;
    this.fresh(Math.max(capacity, nulls.length * 2));
    this.nulls.fill(this.unwritten);
    this.nulls.set(nulls);
    if (u8.length > 0) this.u8.set(u8);
    if (i64.length > 0) this.i64.set(i64);
    else if (i32.length > 0) this.i32.set(i32);
    if (f64.length > 0) this.f64.set(f64);
    if (starts.length > 0) this.starts.set(starts);
    if (lengths.length > 0) this.lengths.set(lengths);
  }

  setNull(row: number): void {
    this.nulls[row] = 1;
  }

  /** Text that stands in the input. */
  setText(row: number, start: number, length: number): void {
    this.starts[row] = start;
    this.lengths[row] = length;
  }
}

/** The columns of a batch while a decoder fills them. */
export class BatchColumns {
  readonly slots: readonly ColumnSlot[];
  /** Texts and bytes that do not stand in the input as they are. */
  readonly side = new ByteWriter(256);

  constructor(types: readonly DataType[]) {
    this.slots = types.map((type, i) => new ColumnSlot(type, i));
  }

  /** Arrays for `capacity` rows. They are those of the batch before, which must not be needed any more. */
  allocate(capacity: number): void {
    for (const slot of this.slots) slot.allocate(capacity);
    this.side.clear();
  }

  /** The next batch gets arrays of its own. */
  detach(): void {
    for (const slot of this.slots) slot.detach();
  }

  grow(capacity: number): void {
    for (const slot of this.slots) slot.grow(capacity);
  }

  /** Forgets the NULL marks of a row that was begun and given up. */
  clearRow(row: number): void {
    for (const slot of this.slots) slot.nulls[row] = slot.unwritten;
  }

  /** Sets a value of the column's type. */
  set(slot: ColumnSlot, row: number, value: Value): void {
    if (value === null) return slot.setNull(row);
    switch (slot.storage) {
      case "bool":
        slot.u8[row] = value === true ? 1 : 0;
        break;
      case "i32":
        slot.i32[row] = value as number;
        break;
      case "i64":
        slot.i64[row] = value as bigint;
        break;
      case "f64":
        slot.f64[row] = value as number;
        break;
      case "i128":
        slot.i64[2 * row] = value as bigint;
        slot.i64[2 * row + 1] = (value as bigint) >> 64n;
        break;
      case "bytes":
        this.setSide(slot, row, value);
        break;
      case "any":
        slot.any[row] = value;
        break;
    }
  }

  /** A text or bytes that do not stand in the input. */
  private setSide(slot: ColumnSlot, row: number, value: Value): void {
    const start = this.side.length;
    if (typeof value === "string") this.side.text(value);
    else this.side.copy(value as Uint8Array, 0, (value as Uint8Array).length);
    this.setSideRange(slot, row, start);
  }

  /** What was written to `side` since `start` is the row's text. */
  setSideRange(slot: ColumnSlot, row: number, start: number): void {
    slot.starts[row] = -1 - start;
    slot.lengths[row] = this.side.length - start;
    slot.usesSide = true;
  }

  /** The finished batch; `data` is the input. The slots need `allocate` before they are used again. */
  finish(rowCount: number, data: Uint8Array): RecordBatch {
    return {
      rowCount,
      columns: this.slots.map((slot) => this.column(slot, rowCount, data)),
      kinds: undefined,
      steps: undefined,
    };
  }

  private column(slot: ColumnSlot, rowCount: number, data: Uint8Array): Column {
    const firstNull = slot.nulls.indexOf(1);
    const nulls = firstNull >= 0 && firstNull < rowCount ? slot.nulls : undefined;
    switch (slot.storage) {
      case "bool":
        return { storage: "bool", values: slot.u8, nulls };
      case "i32":
        return { storage: "i32", values: slot.i32, nulls };
      case "i64":
        return { storage: "i64", values: slot.i64, nulls };
      case "i128":
        return { storage: "i128", values: slot.i64, nulls };
      case "f64":
        return { storage: "f64", values: slot.f64, nulls };
      case "bytes":
        if (slot.usesSide) this.gather(slot, rowCount, data);
        return {
          storage: "bytes",
          starts: slot.starts,
          lengths: slot.lengths,
          data: slot.usesSide ? slot.u8 : data,
          nulls,
        };
      case "any":
        if (nulls !== undefined) for (let row = 0; row < rowCount; row++) if (nulls[row] === 1) slot.any[row] = null;
        return { storage: "any", values: slot.any, nulls };
    }
  }

  /** Copies texts from the input and from `side` into one array, left in `u8`. */
  private gather(slot: ColumnSlot, rowCount: number, data: Uint8Array): void {
    const { starts, lengths, nulls } = slot;
    const out = new ByteWriter(4096);
    for (let row = 0; row < rowCount; row++) {
      const start = starts[row]!;
      const target = out.length;
      if (nulls[row] === 0) {
        if (start < 0) out.copy(this.side.bytes, -1 - start, lengths[row]!);
        else out.copy(data, start, lengths[row]!);
      }
      starts[row] = target;
    }
    slot.u8 = out.bytes;
  }
}
