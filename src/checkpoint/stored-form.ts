import { crc32 } from "./checksum.ts";
import { compress } from "./compression.ts";
import type { Compression, StateFile } from "./metadata.ts";
import { pathName } from "./path-name.ts";

const EXTENSIONS: Record<Compression, string> = { none: ".state", gzip: ".state.gz", zstd: ".state.zst" };

/** State on its way into storage. */
export interface StoredForm {
  /** Relative to the checkpoint. */
  readonly path: string;
  /** What is stored, for one reader. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** What was stored, when all blocks have been read. */
  file(): StateFile;
}

/** State compressed; `name` is any text. */
export function compressedForm(name: string, pieces: AsyncIterable<Uint8Array>, compression: Compression): StoredForm {
  let rawBytes = 0;
  const counted = counting(
    () => pieces,
    (piece) => (rawBytes += piece.length),
  );
  return measured(
    pathName(name) + EXTENSIONS[compression],
    compression,
    () => compress(counted, compression),
    () => rawBytes,
  );
}

/** A finished file as it is. */
export function plainForm(name: string, pieces: AsyncIterable<Uint8Array>): StoredForm {
  return measured(pathName(name), "none", () => pieces, undefined);
}

function measured(
  path: string,
  compression: Compression,
  blocks: () => AsyncIterable<Uint8Array>,
  rawBytes: (() => number) | undefined,
): StoredForm {
  let bytes = 0;
  let checksum = 0;
  const seen = counting(blocks, (block) => {
    bytes += block.length;
    checksum = crc32(block, checksum);
  });
  return {
    path,
    blocks: seen,
    file: () => ({ path, compression, bytes, rawBytes: rawBytes?.() ?? bytes, crc32: checksum }),
  };
}

/** `pieces` begins when the first is asked for, so that nothing fails while nobody listens. */
async function* counting(
  pieces: () => AsyncIterable<Uint8Array>,
  count: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces()) {
    count(piece);
    yield piece;
  }
}

/** Size and checksum of what is stored. */
export async function measure(
  pieces: AsyncIterable<Uint8Array>,
): Promise<{ readonly bytes: number; readonly checksum: number }> {
  let bytes = 0;
  let checksum = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    checksum = crc32(piece, checksum);
  }
  return { bytes, checksum };
}
