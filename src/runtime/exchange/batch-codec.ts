import { ByteWriter } from "../../base/byte-writer.ts";
import { copyBytes } from "../../batch/bytes.ts";
import type { Column } from "../../batch/column.ts";
import { decodeAny, encodeAny } from "../../batch/encode-any.ts";
import type { RecordBatch, WatermarkSteps } from "../../batch/record-batch.ts";
import type { Storage, Value } from "../../types/data-type.ts";

/**
 * A batch in one piece of memory, to be handed to another thread whole or written into a checkpoint: a head of words
 * (rows, flags, steps, byte size of each variable column), then every array at a multiple of eight bytes. Which storages
 * the columns have is known on both sides.
 */

const FLAG_KINDS = 1;
const WORDS: Readonly<Record<Storage, number>> = { bool: 1, i32: 4, i64: 8, f64: 8, i128: 16, bytes: 8, any: 0 };

function padded(bytes: number): number {
  return (bytes + 7) & ~7;
}

/**
 * The chosen rows of a batch, copied; `rows`: their numbers (undefined: the first `count` ones). `steps`: of the rows
 * that are chosen. `memory` gives a buffer of at least so many bytes, which may have been used before.
 * `dense`: all rows are chosen, and the texts of a column fill its bytes in order (NULLs have none): they go as one piece.
 */
export function encodeBatch(
  batch: RecordBatch,
  rows: Int32Array | undefined,
  count: number,
  steps: WatermarkSteps | undefined,
  memory: (bytes: number) => ArrayBuffer = (bytes) => new ArrayBuffer(bytes),
  dense = false,
): ArrayBuffer {
  const { columns, kinds } = batch;
  const encoded = columns.map((column) =>
    column.storage === "any" ? encodeValues(column.values, rows, count) : undefined,
  );
  const variable = columns.map((column, c) =>
    column.storage === "bytes"
      ? dense
        ? column.data.length
        : lengthOf(column, rows, count)
      : (encoded[c]?.length ?? 0),
  );
  const stepCount = steps?.count ?? 0;
  const head = padded(4 * (3 + 2 * columns.length));
  let size = head + padded(4 * stepCount) + 8 * stepCount + (kinds === undefined ? 0 : padded(count));
  columns.forEach((column, c) => {
    size += padded(WORDS[column.storage] * count) + padded(variable[c]!);
    if (column.nulls !== undefined) size += padded(count);
  });
  const buffer = memory(size);
  const words = new Int32Array(buffer, 0, head / 4);
  words[0] = count;
  words[1] = kinds === undefined ? 0 : FLAG_KINDS;
  words[2] = stepCount;
  let at = head;
  if (steps !== undefined) {
    new Int32Array(buffer, at, stepCount).set(steps.rows.subarray(0, stepCount));
    at += padded(4 * stepCount);
    new Float64Array(buffer, at, stepCount).set(steps.watermarks.subarray(0, stepCount));
    at += 8 * stepCount;
  }
  if (kinds !== undefined) {
    takeBytes(new Uint8Array(buffer, at, count), kinds, rows, count);
    at += padded(count);
  }
  columns.forEach((column, c) => {
    words[3 + 2 * c] = variable[c]!;
    words[4 + 2 * c] = column.nulls === undefined ? 0 : 1;
    if (column.nulls !== undefined) {
      takeBytes(new Uint8Array(buffer, at, count), column.nulls, rows, count);
      at += padded(count);
    }
    at = encodeColumn(buffer, at, column, rows, count, encoded[c], dense);
  });
  return buffer;
}

function encodeColumn(
  buffer: ArrayBuffer,
  at: number,
  column: Column,
  rows: Int32Array | undefined,
  count: number,
  encoded: Uint8Array | undefined,
  dense: boolean,
): number {
  switch (column.storage) {
    case "bool":
      takeBytes(new Uint8Array(buffer, at, count), column.values, rows, count);
      break;
    case "i32":
      takeInts(new Int32Array(buffer, at, count), column.values, rows, count);
      break;
    case "i64":
      takeLongs(new BigInt64Array(buffer, at, count), column.values, rows, count);
      break;
    case "f64":
      takeDoubles(new Float64Array(buffer, at, count), column.values, rows, count);
      break;
    case "i128":
      takePairs(new BigInt64Array(buffer, at, 2 * count), column.values, rows, count);
      break;
    case "bytes":
      return encodeBytes(buffer, at, column, rows, count, dense);
    case "any":
      new Uint8Array(buffer, at, encoded!.length).set(encoded!);
      return at + padded(encoded!.length);
  }
  return at + padded(WORDS[column.storage] * count);
}

type BytesColumn = Extract<Column, { storage: "bytes" }>;

function lengthOf(column: BytesColumn, rows: Int32Array | undefined, count: number): number {
  const { lengths, nulls } = column;
  let total = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (nulls === undefined || nulls[row] === 0) total += lengths[row]!;
  }
  return total;
}

/** Starts, lengths, then the bytes. */
function encodeBytes(
  buffer: ArrayBuffer,
  at: number,
  column: BytesColumn,
  rows: Int32Array | undefined,
  count: number,
  dense: boolean,
): number {
  const { starts, lengths, data, nulls } = column;
  const places = new Int32Array(buffer, at, 2 * count);
  at += padded(8 * count);
  if (dense) {
    places.set(starts.subarray(0, count));
    places.set(lengths.subarray(0, count), count);
    new Uint8Array(buffer, at, data.length).set(data);
    return at + padded(data.length);
  }
  const out = new Uint8Array(buffer, at);
  let end = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (nulls !== undefined && nulls[row] === 1) {
      places[i] = 0;
      places[count + i] = 0;
      continue;
    }
    const length = lengths[row]!;
    places[i] = end;
    places[count + i] = length;
    copyBytes(data, starts[row]!, length, out, end);
    end += length;
  }
  return at + padded(end);
}

function encodeValues(values: readonly Value[], rows: Int32Array | undefined, count: number): Uint8Array {
  const out = new ByteWriter(256);
  for (let i = 0; i < count; i++) encodeAny(values[rows === undefined ? i : rows[i]!] ?? null, out);
  return out.bytes.subarray(0, out.length);
}

/** The batch that `encodeBatch` wrote: views of the buffer. */
export function decodeBatch(buffer: ArrayBuffer, storages: readonly Storage[]): RecordBatch {
  const head = padded(4 * (3 + 2 * storages.length));
  const words = new Int32Array(buffer, 0, head / 4);
  const count = words[0]!;
  const stepCount = words[2]!;
  let at = head;
  let steps: WatermarkSteps | undefined;
  if (stepCount > 0) {
    const rows = new Int32Array(buffer, at, stepCount);
    at += padded(4 * stepCount);
    steps = { rows, watermarks: new Float64Array(buffer, at, stepCount), count: stepCount };
    at += 8 * stepCount;
  }
  let kinds: Uint8Array | undefined;
  if ((words[1]! & FLAG_KINDS) !== 0) {
    kinds = new Uint8Array(buffer, at, count);
    at += padded(count);
  }
  const columns = storages.map((storage, c): Column => {
    let nulls: Uint8Array | undefined;
    if (words[4 + 2 * c] === 1) {
      nulls = new Uint8Array(buffer, at, count);
      at += padded(count);
    }
    const start = at;
    const variable = words[3 + 2 * c]!;
    at += padded(WORDS[storage] * count) + padded(variable);
    switch (storage) {
      case "bool":
        return { storage, values: new Uint8Array(buffer, start, count), nulls };
      case "i32":
        return { storage, values: new Int32Array(buffer, start, count), nulls };
      case "i64":
        return { storage, values: new BigInt64Array(buffer, start, count), nulls };
      case "f64":
        return { storage, values: new Float64Array(buffer, start, count), nulls };
      case "i128":
        return { storage, values: new BigInt64Array(buffer, start, 2 * count), nulls };
      case "bytes":
        return {
          storage,
          starts: new Int32Array(buffer, start, count),
          lengths: new Int32Array(buffer, start + 4 * count, count),
          data: new Uint8Array(buffer, start + padded(8 * count), variable),
          nulls,
        };
      case "any":
        return { storage, values: decodeValues(buffer, start, count), nulls };
    }
  });
  return { rowCount: count, columns, kinds, steps };
}

function decodeValues(buffer: ArrayBuffer, at: number, count: number): readonly Value[] {
  const data = new Uint8Array(buffer, at);
  const values: Value[] = [];
  let next = 0;
  for (let i = 0; i < count; i++) {
    const decoded = decodeAny(data, next);
    values.push(decoded.value);
    next = decoded.next;
  }
  return values;
}

function takeBytes(to: Uint8Array, from: Uint8Array, rows: Int32Array | undefined, count: number): void {
  if (rows === undefined) to.set(from.subarray(0, count));
  else for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
}

function takeInts(to: Int32Array, from: Int32Array, rows: Int32Array | undefined, count: number): void {
  if (rows === undefined) to.set(from.subarray(0, count));
  else for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
}

function takeLongs(to: BigInt64Array, from: BigInt64Array, rows: Int32Array | undefined, count: number): void {
  if (rows === undefined) to.set(from.subarray(0, count));
  else for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
}

function takeDoubles(to: Float64Array, from: Float64Array, rows: Int32Array | undefined, count: number): void {
  if (rows === undefined) to.set(from.subarray(0, count));
  else for (let i = 0; i < count; i++) to[i] = from[rows[i]!]!;
}

function takePairs(to: BigInt64Array, from: BigInt64Array, rows: Int32Array | undefined, count: number): void {
  if (rows === undefined) {
    to.set(from.subarray(0, 2 * count));
    return;
  }
  for (let i = 0; i < count; i++) {
    const row = rows[i]!;
    to[2 * i] = from[2 * row]!;
    to[2 * i + 1] = from[2 * row + 1]!;
  }
}
