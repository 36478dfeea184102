import type { ByteWriter } from "../../base/byte-writer.ts";
import { encodeUtf8Into } from "../../batch/utf8.ts";

/** Writes numbers at `at`, where ten bytes are free; gives the position behind. */
export function putInt(bytes: Uint8Array, at: number, value: number): number {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0;
  let to = at;
  while (rest > 127) {
    bytes[to++] = (rest & 127) | 128;
    rest >>>= 7;
  }
  bytes[to++] = rest;
  return to;
}

/** The same for 64 bits, given as words. */
export function putLong(bytes: Uint8Array, at: number, low: number, high: number): number {
  if (high === low >> 31) return putInt(bytes, at, low);
  const sign = high >> 31;
  let first = ((low << 1) ^ sign) >>> 0;
  let second = (((high << 1) | (low >>> 31)) ^ sign) >>> 0;
  let to = at;
  while (second > 0 || first > 127) {
    bytes[to++] = (first & 127) | 128;
    first = ((first >>> 7) | (second << 25)) >>> 0;
    second >>>= 7;
  }
  bytes[to++] = first;
  return to;
}

const words = new Int32Array(2);
const wide = new BigInt64Array(words.buffer);
const view = new DataView(new ArrayBuffer(8));
const viewed = new Uint8Array(view.buffer);

/** Appends an int (or the number of a branch, a length). */
export function writeInt(out: ByteWriter, value: number): void {
  out.ensure(10);
  out.length = putInt(out.bytes, out.length, value);
}

/** Appends a long. */
export function writeLong(out: ByteWriter, value: bigint): void {
  wide[0] = value;
  out.ensure(10);
  out.length = putLong(out.bytes, out.length, words[0]!, words[1]!);
}

export function writeFloat(out: ByteWriter, value: number): void {
  view.setFloat32(0, value, true);
  out.copy(viewed, 0, 4);
}

export function writeDouble(out: ByteWriter, value: number): void {
  view.setFloat64(0, value, true);
  out.copy(viewed, 0, 8);
}

export function writeBytes(out: ByteWriter, value: Uint8Array): void {
  writeInt(out, value.length);
  out.copy(value, 0, value.length);
}

/** Appends a text with its length in front. */
export function writeText(out: ByteWriter, value: string): void {
  // The length comes first, so the text is written behind room for the longest length, then moved.
  const most = value.length * 3;
  out.ensure(most + 16);
  const from = out.length + 8;
  const length = encodeUtf8Into(value, out.bytes, from);
  const start = putInt(out.bytes, out.length, length);
  out.bytes.copyWithin(start, from, from + length);
  out.length = start + length;
}

/** The shortest big-endian two's complement of the number. */
export function decimalBytes(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(8 * length, value) !== value) length++;
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n);
    rest >>= 8n;
  }
  return bytes;
}
