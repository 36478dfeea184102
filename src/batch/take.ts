import type { Value } from "../types/data-type.ts";
import type { Column } from "./column.ts";
import type { RecordBatch } from "./record-batch.ts";
import { remapSteps, sliceSteps } from "./steps.ts";

type FixedArray = Uint8Array | Int32Array | BigInt64Array | Float64Array;

/** One array, as long as it had to be so far. */
class ArrayRoom {
  #array: FixedArray | undefined;

  of<A extends FixedArray>(kind: new (length: number) => A, length: number): A {
    const array = this.#array;
    if (array instanceof kind && array.length >= length) return array;
    const larger = new kind(Math.max(64, 2 ** Math.ceil(Math.log2(length))));
    this.#array = larger;
    return larger;
  }
}

/**
 * Arrays that the columns taken last leave for the next ones: for operators whose batches are valid only during a call
 * of `Output.batch`. New arrays for each batch are slow: the system clears their memory, and V8 begins a collection of
 * the whole heap with each 64 MB of them.
 */
export class TakenArrays {
  readonly values = new ArrayRoom();
  readonly lengths = new ArrayRoom();
  readonly nulls = new ArrayRoom();
}

/** One for each of `count` columns. */
export function takenArrays(count: number): readonly TakenArrays[] {
  return Array.from({ length: count }, () => new TakenArrays());
}

/**
 * The rows `selected[0 .. count)` of a column, in that order. Text is not copied, only where it stands. `into`: the
 * column is valid until the next one is taken into the same arrays.
 */
export function takeColumn(column: Column, selected: Int32Array, count: number, into?: TakenArrays): Column {
  const nulls =
    column.nulls === undefined
      ? undefined
      : takeNulls(column.nulls, selected, count, into?.nulls.of(Uint8Array, count));
  switch (column.storage) {
    case "bool":
      return {
        storage: "bool",
        values: takeU8(column.values, selected, count, into?.values.of(Uint8Array, count)),
        nulls,
      };
    case "i32":
      return {
        storage: "i32",
        values: takeI32(column.values, selected, count, into?.values.of(Int32Array, count)),
        nulls,
      };
    case "i64":
      return {
        storage: "i64",
        values: takeI64(column.values, selected, count, into?.values.of(BigInt64Array, count)),
        nulls,
      };
    case "f64":
      return {
        storage: "f64",
        values: takeF64(column.values, selected, count, into?.values.of(Float64Array, count)),
        nulls,
      };
    case "i128":
      return {
        storage: "i128",
        values: takeI128(column.values, selected, count, into?.values.of(BigInt64Array, 2 * count)),
        nulls,
      };
    case "bytes": {
      const starts = takeI32(column.starts, selected, count, into?.values.of(Int32Array, count));
      const lengths = takeI32(column.lengths, selected, count, into?.lengths.of(Int32Array, count));
      return { storage: "bytes", starts, lengths, data: column.data, nulls };
    }
    case "any":
      return { storage: "any", values: takeAny(column.values, selected, count), nulls };
  }
}

/** The same rows of a NULL mask, or undefined when none of them is NULL. */
export function takeNulls(
  nulls: Uint8Array,
  selected: Int32Array,
  count: number,
  out: Uint8Array = new Uint8Array(count),
): Uint8Array | undefined {
  let some = 0;
  for (let i = 0; i < count; i++) some |= out[i] = nulls[selected[i]!]!;
  return some === 0 ? undefined : out;
}

function takeU8(
  values: Uint8Array,
  selected: Int32Array,
  count: number,
  out: Uint8Array = new Uint8Array(count),
): Uint8Array {
  for (let i = 0; i < count; i++) out[i] = values[selected[i]!]!;
  return out;
}

function takeI32(
  values: Int32Array,
  selected: Int32Array,
  count: number,
  out: Int32Array = new Int32Array(count),
): Int32Array {
  for (let i = 0; i < count; i++) out[i] = values[selected[i]!]!;
  return out;
}

function takeI64(
  values: BigInt64Array,
  selected: Int32Array,
  count: number,
  out: BigInt64Array = new BigInt64Array(count),
): BigInt64Array {
  for (let i = 0; i < count; i++) out[i] = values[selected[i]!]!;
  return out;
}

function takeF64(
  values: Float64Array,
  selected: Int32Array,
  count: number,
  out: Float64Array = new Float64Array(count),
): Float64Array {
  for (let i = 0; i < count; i++) out[i] = values[selected[i]!]!;
  return out;
}

function takeI128(
  values: BigInt64Array,
  selected: Int32Array,
  count: number,
  out: BigInt64Array = new BigInt64Array(2 * count),
): BigInt64Array {
  for (let i = 0; i < count; i++) {
    const row = 2 * selected[i]!;
    out[2 * i] = values[row]!;
    out[2 * i + 1] = values[row + 1]!;
  }
  return out;
}

function takeAny(values: readonly Value[], selected: Int32Array, count: number): Value[] {
  const out: Value[] = [];
  for (let i = 0; i < count; i++) out.push(values[selected[i]!]!);
  return out;
}

/**
 * The batch with only the rows `selected[0 .. count)`, which must ascend for the watermark steps to keep their place.
 * The batch itself when all rows are selected.
 */
export function takeBatch(batch: RecordBatch, selected: Int32Array, count: number): RecordBatch {
  if (count === batch.rowCount && isIdentity(selected, count)) return batch;
  return {
    rowCount: count,
    columns: batch.columns.map((column) => takeColumn(column, selected, count)),
    kinds: batch.kinds === undefined ? undefined : takeU8(batch.kinds, selected, count),
    steps: batch.steps === undefined ? undefined : remapSteps(batch.steps, selected, count),
  };
}

/** Row kinds of the selected rows; undefined when all of them are inserts. */
export function takeKinds(kinds: Uint8Array, selected: Int32Array, count: number): Uint8Array | undefined {
  return takeNulls(kinds, selected, count);
}

function isIdentity(selected: Int32Array, count: number): boolean {
  for (let i = 0; i < count; i++) if (selected[i] !== i) return false;
  return true;
}

/** Rows `start` (inclusive) to `end` (exclusive) of a column, without copying (but for `any`). */
export function sliceColumn(column: Column, start: number, end: number): Column {
  const nulls = column.nulls?.subarray(start, end);
  switch (column.storage) {
    case "bool":
      return { storage: "bool", values: column.values.subarray(start, end), nulls };
    case "i32":
      return { storage: "i32", values: column.values.subarray(start, end), nulls };
    case "i64":
      return { storage: "i64", values: column.values.subarray(start, end), nulls };
    case "f64":
      return { storage: "f64", values: column.values.subarray(start, end), nulls };
    case "i128":
      return { storage: "i128", values: column.values.subarray(2 * start, 2 * end), nulls };
    case "bytes": {
      const starts = column.starts.subarray(start, end);
      return { storage: "bytes", starts, lengths: column.lengths.subarray(start, end), data: column.data, nulls };
    }
    case "any":
      return { storage: "any", values: column.values.slice(start, end), nulls };
  }
}

/** Rows `start` to `end` of a batch, without copying. A step at `end` stays behind for the next slice, but at the batch's end. */
export function sliceBatch(batch: RecordBatch, start: number, end: number): RecordBatch {
  if (start === 0 && end === batch.rowCount) return batch;
  return {
    rowCount: end - start,
    columns: batch.columns.map((column) => sliceColumn(column, start, end)),
    kinds: batch.kinds?.subarray(start, end),
    steps: batch.steps === undefined ? undefined : sliceSteps(batch.steps, start, end, batch.rowCount),
  };
}
