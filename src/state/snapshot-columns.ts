import { ByteWriter } from "../base/byte-writer.ts";
import { copyBytes } from "../batch/bytes.ts";
import type { Column } from "../batch/column.ts";
import { encodeAny } from "../batch/encode-any.ts";
import type { Storage, Value } from "../types/data-type.ts";

/** Contents of an Arrow column: `values` in Arrow's layout, offsets for text, bytes and encoded values. */
export interface ArrowBuffers {
  readonly length: number;
  readonly nullCount: number;
  readonly nullBitmap: Uint8Array | undefined;
  readonly values: Uint8Array | Int32Array | BigInt64Array | Float64Array;
  readonly offsets: Int32Array | undefined;
}

/** Rows of one column brought into file order: each row of a page is put at its place, then ranges are read off. */
export class OrderedColumn {
  readonly storage: Storage;
  readonly #nulls: Uint8Array;
  readonly #values: Uint8Array | Int32Array | BigInt64Array | Float64Array;
  /** Bytes and encoded values, in order of arrival, with start and length of each place. */
  readonly #arena = new ByteWriter(1024);
  readonly #starts: Float64Array;
  readonly #lengths: Int32Array;

  constructor(storage: Storage, rows: number) {
    this.storage = storage;
    this.#nulls = new Uint8Array(rows);
    this.#values = newValues(storage, rows);
    const variable = storage === "bytes" || storage === "any";
    this.#starts = new Float64Array(variable ? rows : 0);
    this.#lengths = new Int32Array(variable ? rows : 0);
  }

  /** Puts row `rows[i]` of the column at `places[i]`. */
  put(source: Column, rows: Int32Array, places: Int32Array, count: number): void {
    if (source.nulls !== undefined) {
      for (let i = 0; i < count; i++) this.#nulls[places[i]!] = source.nulls[rows[i]!]!;
    }
    switch (source.storage) {
      case "bool":
        return putBytes(this.#values as Uint8Array, source.values, rows, places, count);
      case "i32":
        return putInts(this.#values as Int32Array, source.values, rows, places, count);
      case "i64":
        return putLongs(this.#values as BigInt64Array, source.values, rows, places, count);
      case "f64":
        return putDoubles(this.#values as Float64Array, source.values, rows, places, count);
      case "i128":
        return putPairs(this.#values as BigInt64Array, source.values, rows, places, count);
      case "bytes":
        for (let i = 0; i < count; i++) {
          const row = rows[i]!;
          if (source.nulls !== undefined && source.nulls[row] === 1) continue;
          this.#append(places[i]!, source.data, source.starts[row]!, source.lengths[row]!);
        }
        return;
      case "any":
        for (let i = 0; i < count; i++) this.#encode(places[i]!, source.values[rows[i]!] ?? null);
    }
  }

  /** Puts one number at every place. */
  putConstant(value: number, places: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#values[places[i]!] = value;
  }

  /** Puts `numbers[rows[i]]`-like numbers, computed by the caller, at `places[i]`. */
  putNumbers(numbers: Int32Array, places: Int32Array, count: number): void {
    for (let i = 0; i < count; i++) this.#values[places[i]!] = numbers[i]!;
  }

  /** The places `from` … `to` − 1 as Arrow has them. */
  range(from: number, to: number): ArrowBuffers {
    const length = to - from;
    const { bitmap, nullCount } = validity(this.#nulls, from, to);
    const common = { length, nullCount, nullBitmap: bitmap };
    switch (this.storage) {
      case "bool":
        return { ...common, values: bits(this.#values as Uint8Array, from, to), offsets: undefined };
      case "i32":
      case "i64":
      case "f64":
        return { ...common, values: this.#values.subarray(from, to), offsets: undefined };
      case "i128": {
        const words = this.#values as BigInt64Array;
        return { ...common, values: new Uint8Array(words.buffer, from * 16, length * 16), offsets: undefined };
      }
      case "bytes":
      case "any":
        return { ...common, ...this.#variable(from, to) };
    }
  }

  #append(place: number, data: Uint8Array, start: number, length: number): void {
    this.#starts[place] = this.#arena.length;
    this.#lengths[place] = length;
    this.#arena.ensure(length);
    copyBytes(data, start, length, this.#arena.bytes, this.#arena.length);
    this.#arena.length += length;
  }

  #encode(place: number, value: Value): void {
    const start = this.#arena.length;
    encodeAny(value, this.#arena);
    this.#starts[place] = start;
    this.#lengths[place] = this.#arena.length - start;
  }

  #variable(from: number, to: number): { values: Uint8Array; offsets: Int32Array } {
    const offsets = new Int32Array(to - from + 1);
    for (let i = from; i < to; i++) offsets[i - from + 1] = offsets[i - from]! + this.#lengths[i]!;
    const values = new Uint8Array(offsets[to - from]!);
    for (let i = from; i < to; i++)
      copyBytes(this.#arena.bytes, this.#starts[i]!, this.#lengths[i]!, values, offsets[i - from]!);
    return { values, offsets };
  }
}

function newValues(storage: Storage, rows: number): Uint8Array | Int32Array | BigInt64Array | Float64Array {
  switch (storage) {
    case "bool":
      return new Uint8Array(rows);
    case "i32":
      return new Int32Array(rows);
    case "i64":
      return new BigInt64Array(rows);
    case "f64":
      return new Float64Array(rows);
    case "i128":
      return new BigInt64Array(2 * rows);
    case "bytes":
    case "any":
      return new Uint8Array(0);
  }
}

function putBytes(to: Uint8Array, from: Uint8Array, rows: Int32Array, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[places[i]!] = from[rows[i]!]!;
}

function putInts(to: Int32Array, from: Int32Array, rows: Int32Array, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[places[i]!] = from[rows[i]!]!;
}

function putLongs(to: BigInt64Array, from: BigInt64Array, rows: Int32Array, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[places[i]!] = from[rows[i]!]!;
}

function putDoubles(to: Float64Array, from: Float64Array, rows: Int32Array, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[places[i]!] = from[rows[i]!]!;
}

function putPairs(to: BigInt64Array, from: BigInt64Array, rows: Int32Array, places: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    to[2 * places[i]!] = from[2 * rows[i]!]!;
    to[2 * places[i]! + 1] = from[2 * rows[i]! + 1]!;
  }
}

/** Arrow's validity bitmap (1: valid) of a NULL mask (1: NULL). */
function validity(nulls: Uint8Array, from: number, to: number): { bitmap: Uint8Array | undefined; nullCount: number } {
  let nullCount = 0;
  for (let i = from; i < to; i++) nullCount += nulls[i]!;
  if (nullCount === 0) return { bitmap: undefined, nullCount };
  const bitmap = new Uint8Array(((to - from + 63) >> 6) << 3);
  for (let i = from; i < to; i++) if (nulls[i] === 0) bitmap[(i - from) >> 3]! |= 1 << ((i - from) & 7);
  return { bitmap, nullCount };
}

function bits(values: Uint8Array, from: number, to: number): Uint8Array {
  const out = new Uint8Array(((to - from + 63) >> 6) << 3);
  for (let i = from; i < to; i++) if (values[i] !== 0) out[(i - from) >> 3]! |= 1 << ((i - from) & 7);
  return out;
}
