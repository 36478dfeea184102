import type { ByteWriter } from "../base/byte-writer.ts";

interface NativeText {
  readonly utf8Slice: (this: Uint8Array, start: number, end: number) => string;
  readonly utf8Write: (this: Uint8Array, text: string, offset: number, length: number) => number;
}

// The native slice and write of Buffer work on any Uint8Array and cost half of TextDecoder/TextEncoder for short texts.
const native = Buffer.prototype as unknown as NativeText;
const nativeSlice = native.utf8Slice;
const nativeWrite = native.utf8Write;
const fromCharCode = String.fromCharCode;

/** Up to this length a loop in JavaScript beats the call into native code (measured on Node 20). */
const SHORT = 12;

/** The text at `data[start .. start + length)`. Invalid bytes become U+FFFD. */
export function decodeUtf8(data: Uint8Array, start: number, length: number): string {
  if (length <= SHORT) {
    const text = decodeShortAscii(data, start, length);
    if (text !== undefined) return text;
  }
  return nativeSlice.call(data, start, start + length);
}

function decodeShortAscii(data: Uint8Array, start: number, length: number): string | undefined {
  let text = "";
  let i = start;
  const end = start + length;
  for (; i + 4 <= end; i += 4) {
    const a = data[i]!;
    const b = data[i + 1]!;
    const c = data[i + 2]!;
    const d = data[i + 3]!;
    if ((a | b | c | d) > 127) return undefined;
    text += fromCharCode(a, b, c, d);
  }
  for (; i < end; i++) {
    const a = data[i]!;
    if (a > 127) return undefined;
    text += fromCharCode(a);
  }
  return text;
}

/** Writes the text at `offset`, where `3 * text.length` bytes must be free; returns the number of bytes written. */
export function encodeUtf8Into(text: string, data: Uint8Array, offset: number): number {
  const length = text.length;
  if (length <= SHORT + 4) {
    let i = 0;
    for (; i < length; i++) {
      const c = text.charCodeAt(i);
      if (c > 127) break;
      data[offset + i] = c;
    }
    if (i === length) return length;
  }
  return nativeWrite.call(data, text, offset, length * 3);
}

/** Appends the text as UTF-8; returns its length in bytes. */
export function writeUtf8(text: string, out: ByteWriter): number {
  out.ensure(text.length * 3);
  const written = encodeUtf8Into(text, out.bytes, out.length);
  out.length += written;
  return written;
}

const encoder = new TextEncoder();

/** The UTF-8 bytes of a text. */
export function encodeUtf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** Number of code points in UTF-8 text: bytes that do not continue a character. */
export function countCodePoints(data: Uint8Array, start: number, length: number): number {
  let count = 0;
  for (let i = start, end = start + length; i < end; i++) if ((data[i]! & 0xc0) !== 0x80) count += 1;
  return count;
}
