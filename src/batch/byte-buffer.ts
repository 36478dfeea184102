import { encodeUtf8Into } from "./utf8.ts";

/** A growing byte buffer that rows of text or bytes are written into, one after another. */
export class ByteBuffer {
  data: Uint8Array;
  size = 0;

  constructor(capacityBytes: number) {
    this.data = new Uint8Array(Math.max(16, capacityBytes));
  }

  /** Makes room for that many more bytes. `data` may be another array afterwards. */
  reserve(extraBytes: number): void {
    const needed = this.size + extraBytes;
    if (needed <= this.data.length) return;
    const grown = new Uint8Array(Math.max(needed, this.data.length * 2));
    grown.set(this.data.subarray(0, this.size));
    this.data = grown;
  }

  /** Appends the text as UTF-8; returns its length in bytes. */
  writeText(text: string): number {
    if (this.size + text.length * 3 > this.data.length) this.reserve(text.length * 3);
    const written = encodeUtf8Into(text, this.data, this.size);
    this.size += written;
    return written;
  }

  /** Appends `source[start .. start + length)`. */
  writeBytes(source: Uint8Array, start: number, length: number): void {
    if (this.size + length > this.data.length) this.reserve(length);
    copyBytes(source, start, length, this.data, this.size);
    this.size += length;
  }
}

/** Copies bytes; a plain loop for short runs, because `set(subarray)` allocates a view. */
export function copyBytes(source: Uint8Array, start: number, length: number, target: Uint8Array, offset: number): void {
  if (length > 48) {
    target.set(source.subarray(start, start + length), offset);
    return;
  }
  for (let i = 0; i < length; i++) target[offset + i] = source[start + i]!;
}

/** True when two byte ranges hold the same bytes. */
export function equalBytes(a: Uint8Array, aStart: number, aLength: number, b: Uint8Array, bStart: number, bLength: number): boolean {
  if (aLength !== bLength) return false;
  for (let i = 0; i < aLength; i++) if (a[aStart + i] !== b[bStart + i]) return false;
  return true;
}

/** Order of two byte ranges by unsigned bytes, shorter first (UTF-8: by code point): negative, 0 or positive. */
export function compareBytes(a: Uint8Array, aStart: number, aLength: number, b: Uint8Array, bStart: number, bLength: number): number {
  const common = aLength < bLength ? aLength : bLength;
  for (let i = 0; i < common; i++) {
    const difference = a[aStart + i]! - b[bStart + i]!;
    if (difference !== 0) return difference;
  }
  return aLength - bLength;
}
