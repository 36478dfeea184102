import { ByteWriter } from "../base/byte-writer.ts";
import type { Value } from "../types/data-type.ts";
import type { Column } from "./column.ts";
import { encodeAny } from "./encode-any.ts";

/**
 * Version of the row hash. Key groups, and so snapshots, depend on it: a change of anything below is a new version.
 *
 * Version 1: MurmurHash3 x86-32 over 32-bit words, seed 0, finished with `fmix32` (length taken as 0). Columns add
 * their words one after another: bool and i32 one word; i64 low, high; f64 low, high word of the double (every NaN as
 * 0x7ff8000000000000; -0 differs from 0, as Flink groups them); i128 four words from the lowest; bytes: the bytes in
 * little-endian words, the rest padded with zero, then the length; `any`: the canonical bytes of `encode-any.ts`, as
 * bytes; a NULL of any storage one word 0x4e554c4c.
 */
export const HASH_VERSION = 1;

const NULL_WORD = 0x4e554c4c;
const C1 = 0xcc9e2d51 | 0;
const C2 = 0x1b873593;
const C3 = 0xe6546b64 | 0;

function mix(hash: number, word: number): number {
  const k = Math.imul(word, C1);
  const h = hash ^ Math.imul((k << 15) | (k >>> 17), C2);
  return (Math.imul((h << 13) | (h >>> 19), 5) + C3) | 0;
}

function finish(hash: number): number {
  let h = hash;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) | 0;
}

/** Hashes of the first `rowCount` rows over the given key columns. With no columns every row has the same hash. */
export function hashRows(columns: readonly Column[], rowCount: number, out: Int32Array): void {
  out.fill(0, 0, rowCount);
  for (const column of columns) addColumn(column, rowCount, out);
  for (let i = 0; i < rowCount; i++) out[i] = finish(out[i]!);
}

/** As `hashRows` of one column of 64-bit integers without NULLs. */
export function hashLongs(values: BigInt64Array, rowCount: number, out: Int32Array): void {
  const words = wordsOf(values);
  for (let i = 0; i < rowCount; i++) out[i] = finish(mix(mix(0, words[2 * i]!), words[2 * i + 1]!));
}

function addColumn(column: Column, rowCount: number, out: Int32Array): void {
  switch (column.storage) {
    case "bool":
    case "i32":
      return addWords(column.values, column.nulls, rowCount, out);
    case "i64":
      return addWordPairs(wordsOf(column.values), column.nulls, rowCount, out);
    case "f64":
      return addDoubles(column.values, column.nulls, rowCount, out);
    case "i128":
      return addWordQuads(wordsOf(column.values), column.nulls, rowCount, out);
    case "bytes":
      for (let i = 0; i < rowCount; i++) {
        const isNull = column.nulls !== undefined && column.nulls[i] === 1;
        out[i] = isNull
          ? mix(out[i]!, NULL_WORD)
          : mixBytes(out[i]!, column.data, column.starts[i]!, column.lengths[i]!);
      }
      return;
    case "any":
      return addAny(column.values, column.nulls, rowCount, out);
  }
}

/** The same memory as 32-bit words (little-endian machines, which are all that Node runs on). */
function wordsOf(values: BigInt64Array | Float64Array): Int32Array {
  return new Int32Array(values.buffer, values.byteOffset, values.length * 2);
}

function addWords(
  values: Uint8Array | Int32Array,
  nulls: Uint8Array | undefined,
  rowCount: number,
  out: Int32Array,
): void {
  for (let i = 0; i < rowCount; i++) {
    out[i] = mix(out[i]!, nulls !== undefined && nulls[i] === 1 ? NULL_WORD : values[i]!);
  }
}

function addWordPairs(words: Int32Array, nulls: Uint8Array | undefined, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) {
    if (nulls !== undefined && nulls[i] === 1) out[i] = mix(out[i]!, NULL_WORD);
    else out[i] = mix(mix(out[i]!, words[2 * i]!), words[2 * i + 1]!);
  }
}

function addDoubles(values: Float64Array, nulls: Uint8Array | undefined, rowCount: number, out: Int32Array): void {
  const words = wordsOf(values);
  for (let i = 0; i < rowCount; i++) {
    const value = values[i]!;
    if (nulls !== undefined && nulls[i] === 1) out[i] = mix(out[i]!, NULL_WORD);
    else if (value !== value) out[i] = mix(mix(out[i]!, 0), 0x7ff80000);
    else out[i] = mix(mix(out[i]!, words[2 * i]!), words[2 * i + 1]!);
  }
}

function addWordQuads(words: Int32Array, nulls: Uint8Array | undefined, rowCount: number, out: Int32Array): void {
  for (let i = 0; i < rowCount; i++) {
    if (nulls !== undefined && nulls[i] === 1) out[i] = mix(out[i]!, NULL_WORD);
    else out[i] = mix(mix(mix(mix(out[i]!, words[4 * i]!), words[4 * i + 1]!), words[4 * i + 2]!), words[4 * i + 3]!);
  }
}

function mixBytes(hash: number, data: Uint8Array, start: number, length: number): number {
  let h = hash;
  let i = start;
  const wordsEnd = start + (length & ~3);
  for (; i < wordsEnd; i += 4) h = mix(h, data[i]! | (data[i + 1]! << 8) | (data[i + 2]! << 16) | (data[i + 3]! << 24));
  let rest = 0;
  for (let shift = 0, end = start + length; i < end; i++, shift += 8) rest |= data[i]! << shift;
  if ((length & 3) !== 0) h = mix(h, rest);
  return mix(h, length);
}

function addAny(values: readonly Value[], nulls: Uint8Array | undefined, rowCount: number, out: Int32Array): void {
  const buffer = new ByteWriter(256);
  for (let i = 0; i < rowCount; i++) {
    const value = values[i] ?? null;
    if (value === null || (nulls !== undefined && nulls[i] === 1)) {
      out[i] = mix(out[i]!, NULL_WORD);
      continue;
    }
    buffer.clear();
    encodeAny(value, buffer);
    out[i] = mixBytes(out[i]!, buffer.bytes, 0, buffer.length);
  }
}

/** Version-1 hash of a byte string alone, as a one-column bytes row has it. */
export function hashBytes(data: Uint8Array, start: number, length: number): number {
  return finish(mixBytes(0, data, start, length));
}

/** The key group (0 … maxParallelism - 1) of a row hash: by its high bits, so that tables may use the low ones. */
export function keyGroupOf(hash: number, maxParallelism: number): number {
  return Math.floor(((hash >>> 0) * maxParallelism) / 4294967296);
}
