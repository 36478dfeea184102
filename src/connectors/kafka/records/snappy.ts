import type { ByteWriter } from "../../../base/byte-writer.ts";
import { appendLiteral, appendMatch, broken, checkSize } from "./codec-bytes.ts";
import { BLOCK_BYTES, type MatchFinder } from "./match-finder.ts";

/** How snappy-java begins a stream of blocks ("xerial" framing): a magic, a version, the oldest version that reads it. */
const FRAMING = Uint8Array.of(0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1);
const MAGIC_BYTES = 8;

/** Appends what `bytes[start .. end)` holds, in snappy-java's framing or as one plain block; at most `limit` bytes. */
export function unsnappy(bytes: Uint8Array, start: number, end: number, out: ByteWriter, limit: number): void {
  if (!isFraming(bytes, start, end)) {
    decodeBlock(bytes, start, end, out, limit);
    return;
  }
  const first = out.length;
  let at = start;
  while (at < end) {
    // Streams that were put together have the framing's start again.
    if (isFraming(bytes, at, end)) {
      at += FRAMING.length;
      continue;
    }
    if (at + 4 > end) throw broken("snappy");
    const length = uint32(bytes, at);
    at += 4;
    if (length > end - at) throw broken("snappy");
    decodeBlock(bytes, at, at + length, out, limit - (out.length - first));
    at += length;
  }
}

function isFraming(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + FRAMING.length > end) return false;
  for (let i = 0; i < MAGIC_BYTES; i++) if (bytes[at + i] !== FRAMING[i]) return false;
  return true;
}

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset + at, 4).getUint32(0);
}

function decodeBlock(bytes: Uint8Array, start: number, end: number, out: ByteWriter, limit: number): void {
  let at = start;
  let length = 0;
  for (let scale = 1; ; scale *= 128) {
    if (at >= end || at - start >= 5) throw broken("snappy");
    const byte = bytes[at++] as number;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) break;
  }
  checkSize(length, limit);
  // A byte says at most 64 bytes of output by a three-byte copy, so a length beyond that is a lie and not worth the memory.
  if (length > (end - at) * 64) throw broken("snappy");
  out.ensure(length);
  const first = out.length;
  const stop = first + length;
  while (at < end) {
    const tag = bytes[at++] as number;
    const kind = tag & 3;
    if (kind === 0) {
      let size = tag >> 2;
      if (size >= 60) {
        const extra = size - 59;
        if (at + extra > end) throw broken("snappy");
        size = 0;
        for (let i = extra - 1; i >= 0; i--) size = size * 256 + (bytes[at + i] as number);
        at += extra;
      }
      size += 1;
      if (size > end - at || size > stop - out.length) throw broken("snappy");
      appendLiteral(out, bytes, at, size);
      at += size;
      continue;
    }
    const extra = kind === 3 ? 4 : kind;
    if (at + extra > end) throw broken("snappy");
    let size = (tag >> 2) + 1;
    let distance = bytes[at] as number;
    if (kind === 1) {
      size = ((tag >> 2) & 7) + 4;
      distance |= (tag >> 5) << 8;
    } else {
      distance |= (bytes[at + 1] as number) << 8;
      if (kind === 3) distance += (bytes[at + 2] as number) * 65_536 + (bytes[at + 3] as number) * 16_777_216;
    }
    at += extra;
    if (distance === 0 || distance > out.length - first || size > stop - out.length) throw broken("snappy");
    appendMatch(out, distance, size);
  }
  if (out.length !== stop) throw broken("snappy");
}

/** Appends `bytes[start .. end)` compressed, in the framing that Java's client writes and every client reads. */
export function snappy(bytes: Uint8Array, start: number, end: number, out: ByteWriter, matches: MatchFinder): void {
  out.copy(FRAMING, 0, FRAMING.length);
  for (let from = start; from < end; from += BLOCK_BYTES) {
    const lengthAt = out.length;
    out.length += 4;
    encodeBlock(bytes, from, Math.min(end, from + BLOCK_BYTES), out, matches);
    new DataView(out.bytes.buffer, out.bytes.byteOffset).setUint32(lengthAt, out.length - lengthAt - 4);
  }
}

function encodeBlock(bytes: Uint8Array, start: number, end: number, out: ByteWriter, matches: MatchFinder): void {
  const length = end - start;
  // Incompressible bytes grow by one tag for each 64 kB, matches never do.
  out.ensure(length + (length >> 3) + 64);
  let rest = length;
  for (; rest >= 0x80; rest >>= 7) out.byte((rest & 0x7f) | 0x80);
  out.byte(rest);
  const count = matches.find(bytes, start, end);
  let literal = start;
  for (let i = 0; i < count; i++) {
    const position = matches.positions[i] as number;
    if (position > literal) encodeLiteral(bytes, literal, position, out);
    encodeCopies(matches.distances[i] as number, matches.lengths[i] as number, out);
    literal = position + (matches.lengths[i] as number);
  }
  if (end > literal) encodeLiteral(bytes, literal, end, out);
}

function encodeLiteral(bytes: Uint8Array, start: number, end: number, out: ByteWriter): void {
  const size = end - start - 1;
  if (size < 60) {
    out.byte(size << 2);
  } else if (size < 256) {
    out.byte(60 << 2);
    out.byte(size);
  } else {
    out.byte(61 << 2);
    out.byte(size & 255);
    out.byte(size >> 8);
  }
  out.copy(bytes, start, end - start);
}

function encodeCopies(distance: number, length: number, out: ByteWriter): void {
  let rest = length;
  while (rest > 0) {
    const size = Math.min(rest, 64);
    if (size >= 4 && size < 12 && distance < 2048) {
      out.byte(1 | ((size - 4) << 2) | ((distance >> 8) << 5));
      out.byte(distance & 255);
    } else {
      out.byte(2 | ((size - 1) << 2));
      out.byte(distance & 255);
      out.byte(distance >> 8);
    }
    rest -= size;
  }
}
