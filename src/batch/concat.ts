import { SqlError } from "../base/errors.ts";
import type { Storage, Value } from "../types/data-type.ts";
import { copyBytes } from "./bytes.ts";
import type { Column, ColumnOf } from "./column.ts";
import type { RecordBatch } from "./record-batch.ts";
import { appendSteps, StepsBuilder } from "./steps.ts";

/** A run of rows of one column: the first `count` rows. */
export interface ColumnPart {
  readonly column: Column;
  readonly count: number;
}

/**
 * One column with the rows of all parts (of one storage), copied one after another. Text and bytes that all parts have in
 * one array stay there unless `own` is set.
 */
export function concatColumns(parts: readonly ColumnPart[], storage: Storage, own = false): Column {
  const rowCount = parts.reduce((sum, part) => sum + part.count, 0);
  const nulls = concatNulls(parts, rowCount);
  switch (storage) {
    case "bool":
      return { storage, values: concatValues(parts, storage, new Uint8Array(rowCount), 1), nulls };
    case "i32":
      return { storage, values: concatValues(parts, storage, new Int32Array(rowCount), 1), nulls };
    case "i64":
      return { storage, values: concatValues(parts, storage, new BigInt64Array(rowCount), 1), nulls };
    case "f64":
      return { storage, values: concatValues(parts, storage, new Float64Array(rowCount), 1), nulls };
    case "i128":
      return { storage, values: concatValues(parts, storage, new BigInt64Array(2 * rowCount), 2), nulls };
    case "bytes":
      return concatBytes(parts, rowCount, nulls, own);
    case "any": {
      const values: Value[] = [];
      for (const part of parts) {
        const from = columnAs(part.column, "any").values;
        for (let i = 0; i < part.count; i++) values.push(from[i] ?? null);
      }
      return { storage, values, nulls };
    }
  }
}

type Words = Uint8Array | Int32Array | BigInt64Array | Float64Array;

function concatValues<A extends Words>(
  parts: readonly ColumnPart[],
  storage: "bool" | "i32" | "i64" | "f64" | "i128",
  out: A,
  wordsPerRow: number,
): A {
  let offset = 0;
  for (const part of parts) {
    const words = columnAs(part.column, storage).values.subarray(0, part.count * wordsPerRow);
    // The storage decides the array class on both sides; the union of `set` signatures does not know.
    (out as { set(source: Words, offset: number): void }).set(words, offset);
    offset += words.length;
  }
  return out;
}

function columnAs<S extends Storage>(column: Column, storage: S): ColumnOf<S> {
  if (column.storage !== storage)
    throw new SqlError("BUG", `column of storage ${column.storage} where ${storage} is expected`);
  return column as ColumnOf<S>;
}

function concatNulls(parts: readonly ColumnPart[], rowCount: number): Uint8Array | undefined {
  if (parts.every((part) => part.column.nulls === undefined)) return undefined;
  const nulls = new Uint8Array(rowCount);
  let offset = 0;
  for (const part of parts) {
    if (part.column.nulls !== undefined) nulls.set(part.column.nulls.subarray(0, part.count), offset);
    offset += part.count;
  }
  return nulls;
}

function concatBytes(
  parts: readonly ColumnPart[],
  rowCount: number,
  nulls: Uint8Array | undefined,
  own: boolean,
): Column {
  const columns = parts.map((part) => columnAs(part.column, "bytes"));
  const starts = new Int32Array(rowCount);
  const lengths = new Int32Array(rowCount);
  const shared = columns[0]?.data;
  const copies = own || !columns.every((column) => column.data === shared);
  const data = copies ? new Uint8Array(byteLength(parts, columns)) : (shared ?? new Uint8Array(0));
  let row = 0;
  let size = 0;
  parts.forEach((part, k) => {
    const column = columns[k]!;
    for (let i = 0; i < part.count; i++, row++) {
      if (column.nulls !== undefined && column.nulls[i] === 1) continue;
      const length = column.lengths[i]!;
      lengths[row] = length;
      starts[row] = copies ? size : column.starts[i]!;
      if (!copies) continue;
      copyBytes(column.data, column.starts[i]!, length, data, size);
      size += length;
    }
  });
  return { storage: "bytes", starts, lengths, data, nulls };
}

function byteLength(parts: readonly ColumnPart[], columns: readonly ColumnOf<"bytes">[]): number {
  let total = 0;
  parts.forEach((part, k) => {
    const { lengths, nulls } = columns[k]!;
    for (let i = 0; i < part.count; i++) if (nulls === undefined || nulls[i] === 0) total += lengths[i]!;
  });
  return total;
}

/**
 * The rows and watermark steps of several batches with the same columns as one batch. At least one batch. `own`: nothing
 * of it lies in memory of the others.
 */
export function concatBatches(batches: readonly RecordBatch[], own = false): RecordBatch {
  const first = batches[0];
  if (first === undefined) throw new SqlError("BUG", "nothing to concatenate");
  if (batches.length === 1 && !own) return first;
  const rowCount = batches.reduce((sum, batch) => sum + batch.rowCount, 0);
  const columns = first.columns.map((column, c) =>
    concatColumns(
      batches.map((batch) => ({ column: batch.columns[c]!, count: batch.rowCount })),
      column.storage,
      own,
    ),
  );
  const steps = new StepsBuilder();
  let kinds: Uint8Array | undefined;
  let offset = 0;
  for (const batch of batches) {
    if (batch.kinds !== undefined) {
      kinds ??= new Uint8Array(rowCount);
      kinds.set(batch.kinds.subarray(0, batch.rowCount), offset);
    }
    appendSteps(steps, batch.steps, offset);
    offset += batch.rowCount;
  }
  return { rowCount, columns, kinds, steps: steps.finish() };
}
