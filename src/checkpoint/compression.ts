import { Readable, type Transform } from "node:stream";
import * as zlib from "node:zlib";
import { didYouMean } from "../base/suggest.ts";
import { SqlError } from "../base/errors.ts";
import type { Compression } from "./metadata.ts";

/** Pieces go through the compressor in blocks of at least this size. */
const BLOCK_BYTES = 1 << 16;
/** Pieces come out of the compressor in this size: with the usual 16 kB half of the time goes into handing them over. */
const PIECE_BYTES = 1 << 18;

/** zstd came to node:zlib with 22.15; the types of the oldest supported version do not know it. */
interface ZstdZlib {
  readonly createZstdCompress?: (this: void, options: zlib.ZlibOptions) => Transform;
  readonly createZstdDecompress?: (this: void, options: zlib.ZlibOptions) => Transform;
}

const maybeZstd = zlib as ZstdZlib;

/** The value of `execution.checkpointing.compression`. Throws OPTION_INVALID, or UNSUPPORTED where this Node has no zstd. */
export function parseCompression(text: string): Compression {
  const name = text.toLowerCase();
  if (name === "zstd" && maybeZstd.createZstdCompress === undefined) throw noZstd();
  if (name === "none" || name === "gzip" || name === "zstd") return name;
  throw new SqlError(
    "OPTION_INVALID",
    `'execution.checkpointing.compression' = '${text}' is not one of none, gzip, zstd`,
    {
      hint: didYouMean(name, ["none", "gzip", "zstd"]),
    },
  );
}

function noZstd(): SqlError {
  return new SqlError("UNSUPPORTED", `zstd needs Node 22.15 or later, this is ${process.version}`, {
    hint: "use gzip",
  });
}

/** The pieces, compressed. */
export function compress(pieces: AsyncIterable<Uint8Array>, compression: Compression): AsyncIterable<Uint8Array> {
  const blocks = gathered(pieces);
  if (compression === "none") return blocks;
  const options = { chunkSize: PIECE_BYTES };
  return through(
    blocks,
    compression === "gzip" ? zlib.createGzip({ ...options, level: 1 }) : must(maybeZstd.createZstdCompress, options),
  );
}

/** The bytes of a file, decompressed; `rawBytes`: how many they are to be. Throws CHECKPOINT_INVALID when they are not. */
export async function decompress(bytes: Uint8Array, compression: Compression, rawBytes: number): Promise<Uint8Array> {
  if (compression === "none") return bytes;
  const options = { chunkSize: PIECE_BYTES };
  const stream = compression === "gzip" ? zlib.createGunzip(options) : must(maybeZstd.createZstdDecompress, options);
  const raw = new Uint8Array(rawBytes);
  let length = 0;
  for await (const piece of through(Readable.from([bytes]), stream)) {
    if (length + piece.length > rawBytes) throw wrongSize(rawBytes);
    raw.set(piece, length);
    length += piece.length;
  }
  if (length !== rawBytes) throw wrongSize(rawBytes);
  return raw;
}

function wrongSize(rawBytes: number): SqlError {
  return new SqlError(
    "CHECKPOINT_INVALID",
    `a state file does not decompress to the ${rawBytes} bytes that the metadata says`,
  );
}

function must(create: ((options: zlib.ZlibOptions) => Transform) | undefined, options: zlib.ZlibOptions): Transform {
  if (create === undefined) throw noZstd();
  return create(options);
}

function through(pieces: AsyncIterable<Uint8Array>, stream: Transform): AsyncIterable<Uint8Array> {
  const source = Readable.from(pieces);
  // A source that fails takes the stream down with it, so that the reader sees its error.
  source.on("error", (error) => stream.destroy(error));
  return source.pipe(stream) as AsyncIterable<Uint8Array>;
}

/** The same bytes in fewer pieces, none below 64 kB but the last: each is one call or write. */
export async function* gathered(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    waiting.push(piece);
    size += piece.length;
    if (size < BLOCK_BYTES) continue;
    yield Buffer.concat(waiting, size);
    waiting = [];
    size = 0;
  }
  if (size > 0) yield Buffer.concat(waiting, size);
}
