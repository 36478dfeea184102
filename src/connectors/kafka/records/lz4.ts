import type { ByteWriter } from "../../../base/byte-writer.ts";
import { appendLiteral, appendMatch, broken, checkSize } from "./codec-bytes.ts";
import { BLOCK_BYTES, type MatchFinder } from "./match-finder.ts";

const FRAME = 0x184d2204;
/** Magic numbers of frames that a reader passes over: 0x184d2a50 to 0x184d2a5f. */
const SKIPPED_FRAME = 0x184d2a5;
/** What Java's client writes: version 1, independent blocks of 64 kB, no checksums; the last byte is the header's own. */
const HEADER = Uint8Array.of(0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82);
const STORED = 0x80000000;

/** Appends what the frames in `bytes[start .. end)` hold, at most `limit` bytes. */
export function unlz4(bytes: Uint8Array, start: number, end: number, out: ByteWriter, limit: number): void {
  const first = out.length;
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  let at = start;
  while (at < end) {
    if (at + 8 > end) throw broken("lz4");
    const magic = view.getUint32(at, true);
    if (magic >>> 4 === SKIPPED_FRAME) at += 8 + view.getUint32(at + 4, true);
    else if (magic === FRAME) at = decodeFrame(view, bytes, at, out, limit - (out.length - first));
    else throw broken("lz4");
  }
}

/** Appends one frame and says where it ends. Checksums are passed over: the record batch has its own over all of it. */
function decodeFrame(view: DataView, bytes: Uint8Array, start: number, out: ByteWriter, limit: number): number {
  const end = view.byteLength;
  const flags = bytes[start + 4] as number;
  const hasContentSize = (flags & 0x08) !== 0;
  const hasDictionary = (flags & 0x01) !== 0;
  const maxBlock = 1 << (8 + 2 * (((bytes[start + 5] as number) >> 4) & 7));
  if (flags >> 6 !== 1 || hasDictionary || maxBlock < 1 << 16) throw broken("lz4");
  const blockTail = (flags & 0x10) !== 0 ? 4 : 0;
  const frameTail = (flags & 0x04) !== 0 ? 4 : 0;
  const first = out.length;
  let at = start + (hasContentSize ? 15 : 7);
  for (;;) {
    if (at + 4 > end) throw broken("lz4");
    const word = view.getUint32(at, true);
    at += 4;
    if (word === 0) return at + frameTail;
    const size = word >= STORED ? word - STORED : word;
    if (size > end - at) throw broken("lz4");
    const room = limit - (out.length - first);
    if (word >= STORED) {
      checkSize(size, room);
      out.ensure(size);
      appendLiteral(out, bytes, at, size);
    } else {
      decodeBlock(bytes, at, at + size, out, { first, room, maxBlock });
    }
    at += size + blockTail;
  }
}

interface BlockBounds {
  /** Where the frame begins in the output: how far back a match may reach. */
  readonly first: number;
  readonly room: number;
  readonly maxBlock: number;
}

function decodeBlock(bytes: Uint8Array, start: number, end: number, out: ByteWriter, bounds: BlockBounds): void {
  // A byte says at most 255 bytes of output.
  const most = Math.min(bounds.maxBlock, (end - start) * 255);
  out.ensure(most);
  const stop = out.length + most;
  let at = start;
  for (;;) {
    if (at >= end) throw broken("lz4");
    const token = bytes[at++] as number;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw broken("lz4");
        more = bytes[at++] as number;
        literals += more;
      }
    }
    if (literals > end - at || literals > stop - out.length) throw broken("lz4");
    appendLiteral(out, bytes, at, literals);
    at += literals;
    if (at === end) break;
    if (at + 2 > end) throw broken("lz4");
    const distance = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
    at += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more = 255;
      while (more === 255) {
        if (at >= end) throw broken("lz4");
        more = bytes[at++] as number;
        length += more;
      }
    }
    if (distance === 0 || distance > out.length - bounds.first || length > stop - out.length) throw broken("lz4");
    appendMatch(out, distance, length);
  }
  checkSize(out.length - (stop - most), bounds.room);
}

/** Appends `bytes[start .. end)` as one frame of independent blocks, the only kind that Java's client reads. */
export function lz4(bytes: Uint8Array, start: number, end: number, out: ByteWriter, matches: MatchFinder): void {
  out.copy(HEADER, 0, HEADER.length);
  for (let from = start; from < end; from += BLOCK_BYTES) {
    const to = Math.min(end, from + BLOCK_BYTES);
    out.ensure(4 + (to - from) + ((to - from) >> 7) + 32);
    const sizeAt = out.length;
    out.length += 4;
    encodeBlock(bytes, from, to, out, matches);
    let size = out.length - sizeAt - 4;
    if (size >= to - from) {
      out.length = sizeAt + 4;
      out.copy(bytes, from, to - from);
      size = to - from + STORED;
    }
    setUint32(out, sizeAt, size);
  }
  out.ensure(4);
  setUint32(out, out.length, 0);
  out.length += 4;
}

function setUint32(out: ByteWriter, at: number, value: number): void {
  new DataView(out.bytes.buffer, out.bytes.byteOffset).setUint32(at, value, true);
}

function encodeBlock(bytes: Uint8Array, start: number, end: number, out: ByteWriter, matches: MatchFinder): void {
  const count = matches.find(bytes, start, end);
  let literal = start;
  for (let i = 0; i < count; i++) {
    const position = matches.positions[i] as number;
    const length = matches.lengths[i] as number;
    const distance = matches.distances[i] as number;
    const literals = position - literal;
    out.byte((Math.min(literals, 15) << 4) | Math.min(length - 4, 15));
    encodeMore(literals - 15, out);
    out.copy(bytes, literal, literals);
    out.byte(distance & 255);
    out.byte(distance >> 8);
    encodeMore(length - 19, out);
    literal = position + length;
  }
  const literals = end - literal;
  out.byte(Math.min(literals, 15) << 4);
  encodeMore(literals - 15, out);
  out.copy(bytes, literal, literals);
}

/** The part of a length that the token has no room for. */
function encodeMore(length: number, out: ByteWriter): void {
  if (length < 0) return;
  let rest = length;
  for (; rest >= 255; rest -= 255) out.byte(255);
  out.byte(rest);
}
