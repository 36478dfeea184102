import { createRequire } from "node:module";
import * as zlib from "node:zlib";
import type * as Fzstd from "fzstd";
import type { ByteWriter } from "../../../base/byte-writer.ts";
import { SqlError } from "../../../base/errors.ts";
import { broken, checkSize } from "./codec-bytes.ts";
import { lz4, unlz4 } from "./lz4.ts";
import { MatchFinder } from "./match-finder.ts";
import { snappy, unsnappy } from "./snappy.ts";

/** The codecs of Kafka, at the place of their number in a batch's attributes; the values of `compression.type`. */
export const CODECS = ["none", "gzip", "snappy", "lz4", "zstd"] as const;
export type Codec = (typeof CODECS)[number];

/** Output of zlib comes in pieces of this size. */
const PIECE_BYTES = 1 << 17;

/** zstd came to node:zlib with 22.15; the types of the oldest supported version do not know it. */
interface ZstdZlib {
  readonly zstdCompressSync?: (
    this: void,
    bytes: Uint8Array,
    options: { readonly params: Readonly<Record<number, number>> },
  ) => Uint8Array;
  readonly zstdDecompressSync?: (this: void, bytes: Uint8Array, options: zlib.ZlibOptions) => Uint8Array;
}

const maybeZstd = zlib as ZstdZlib;
/** `ZSTD_c_compressionLevel` in the numbering of the zstd library. */
const ZSTD_LEVEL = 100;

/** Throws UNSUPPORTED when this Node cannot write the codec; all can be read. */
export function checkWritable(codec: Codec): void {
  if (codec !== "zstd" || maybeZstd.zstdCompressSync !== undefined) return;
  throw new SqlError("UNSUPPORTED", `writing zstd needs Node 22.15 or later, this is ${process.version}`, {
    hint: "use lz4, snappy or gzip",
  });
}

/**
 * Appends what `bytes[start .. end)` holds to `out`. Throws IO when the bytes are broken and OUT_OF_MEMORY when there
 * would be more than `limit` bytes; in both cases `out` is as before, and little more memory than `limit` was taken.
 */
export function decompress(
  codec: Codec,
  bytes: Uint8Array,
  start: number,
  end: number,
  out: ByteWriter,
  limit: number,
): void {
  const before = out.length;
  try {
    if (codec === "none") append(bytes.subarray(start, end), out, limit);
    else if (codec === "snappy") unsnappy(bytes, start, end, out, limit);
    else if (codec === "lz4") unlz4(bytes, start, end, out, limit);
    else if (codec === "gzip") append(withZlib(codec, zlib.gunzipSync, bytes.subarray(start, end), limit), out, limit);
    else if (maybeZstd.zstdDecompressSync !== undefined)
      append(withZlib(codec, maybeZstd.zstdDecompressSync, bytes.subarray(start, end), limit), out, limit);
    else withFzstd(bytes.subarray(start, end), out, limit);
  } catch (error) {
    out.length = before;
    throw error;
  }
}

function append(piece: Uint8Array, out: ByteWriter, limit: number): void {
  checkSize(piece.length, limit);
  out.copy(piece, 0, piece.length);
}

function withZlib(
  codec: Codec,
  decode: (bytes: Uint8Array, options: zlib.ZlibOptions) => Uint8Array,
  bytes: Uint8Array,
  limit: number,
): Uint8Array {
  try {
    return decode(bytes, { maxOutputLength: Math.max(1, limit), chunkSize: PIECE_BYTES });
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (code === "ERR_BUFFER_TOO_LARGE") checkSize(limit + 1, limit);
    throw broken(codec);
  }
}

let fzstd: typeof Fzstd | undefined;

/** The slow way, for Node before 22.15. */
function withFzstd(bytes: Uint8Array, out: ByteWriter, limit: number): void {
  fzstd ??= createRequire(import.meta.url)("fzstd") as typeof Fzstd;
  const before = out.length;
  // The package takes memory for the window that the frame names before it has seen a byte of it.
  checkSize(zstdWindowBytes(bytes), Math.max(limit, 1 << 27));
  try {
    const stream = new fzstd.Decompress((piece) => {
      append(piece, out, limit - (out.length - before));
    });
    stream.push(bytes, true);
  } catch (error) {
    throw error instanceof SqlError ? error : broken("zstd");
  }
}

/** What the first frame says about how far back it reaches: its window, or its size where it has one segment. */
function zstdWindowBytes(bytes: Uint8Array): number {
  const flags = bytes[4] ?? 0;
  const hasWindow = (flags & 0x20) === 0;
  if (hasWindow) {
    const descriptor = bytes[5] ?? 0;
    return 2 ** (10 + (descriptor >> 3)) * (1 + (descriptor & 7) / 8);
  }
  const dictionaryBytes = [0, 1, 2, 4][flags & 3] ?? 0;
  const sizeBytes = 1 << (flags >> 6);
  let size = 0;
  for (let i = sizeBytes - 1; i >= 0; i--) size = size * 256 + (bytes[5 + dictionaryBytes + i] ?? 0);
  return size;
}

/** The codecs that write, with the memory that they use again and again. */
export class Compressor {
  readonly codec: Codec;
  readonly #level: number | undefined;
  #matches: MatchFinder | undefined;

  /** `level`: of gzip or zstd, in their own numbering. Throws UNSUPPORTED when this Node cannot write the codec. */
  constructor(codec: Codec, level?: number) {
    checkWritable(codec);
    this.codec = codec;
    this.#level = level;
  }

  /** Appends `bytes[start .. end)` compressed. */
  compress(bytes: Uint8Array, start: number, end: number, out: ByteWriter): void {
    if (this.codec === "snappy") snappy(bytes, start, end, out, (this.#matches ??= new MatchFinder()));
    else if (this.codec === "lz4") lz4(bytes, start, end, out, (this.#matches ??= new MatchFinder()));
    else append(this.#other(bytes.subarray(start, end)), out, Infinity);
  }

  #other(bytes: Uint8Array): Uint8Array {
    if (this.codec === "gzip") return zlib.gzipSync(bytes, { level: this.#level ?? -1, chunkSize: PIECE_BYTES });
    if (this.codec === "zstd" && maybeZstd.zstdCompressSync !== undefined)
      return maybeZstd.zstdCompressSync(bytes, { params: { [ZSTD_LEVEL]: this.#level ?? 3 } });
    return bytes;
  }
}
