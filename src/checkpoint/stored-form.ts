import { crc32 } from "./checksum.ts";
import { compress } from "./compression.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { Compression, StateFile } from "./metadata.ts";
import { pathName } from "./path-name.ts";
import { newSeal, sealed } from "./sealing.ts";

const EXTENSIONS: Record<Compression, string> = { none: ".state", gzip: ".state.gz", zstd: ".state.zst" };
/** Behind the name of an encrypted file. */
const SEALED = ".enc";

/** How state is to be stored: compressed, then encrypted. */
export interface StoredAs {
  readonly compression: Compression;
  /** Undefined: nothing is encrypted. */
  readonly keys?: EncryptionKeys | undefined;
}

/** State on its way into storage. */
export interface StoredForm {
  /** Relative to the checkpoint. */
  readonly path: string;
  /** What is stored, for one reader. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** What was stored, when all blocks have been read. */
  file(): StateFile;
}

/** State compressed, and encrypted with keys; `name` is any text. */
export function compressedForm(name: string, pieces: AsyncIterable<Uint8Array>, storedAs: StoredAs): StoredForm {
  const { compression, keys } = storedAs;
  let rawBytes = 0;
  const counted = counting(
    () => pieces,
    (piece) => (rawBytes += piece.length),
  );
  return measured(
    pathName(name) + EXTENSIONS[compression],
    () => compress(counted, compression),
    () => ({ compression, rawBytes }),
    keys,
  );
}

/** A finished file as it is, encrypted with keys. */
export function plainForm(
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  keys: EncryptionKeys | undefined,
): StoredForm {
  return measured(
    pathName(name),
    () => pieces,
    (rawBytes) => ({ compression: "none", rawBytes }),
    keys,
  );
}

/** A file of another checkpoint, decrypted, under a name of its own: encrypted with the keys of now. */
export function copiedForm(
  path: string,
  { compression, rawBytes, role }: StateFile,
  pieces: AsyncIterable<Uint8Array>,
  keys: EncryptionKeys | undefined,
): StoredForm {
  const form = measured(
    path,
    () => pieces,
    () => ({ compression, rawBytes }),
    keys,
  );
  return { ...form, file: () => ({ ...form.file(), ...(role === undefined ? {} : { role }) }) };
}

function measured(
  name: string,
  contents: () => AsyncIterable<Uint8Array>,
  facts: (contentBytes: number) => Pick<StateFile, "compression" | "rawBytes">,
  keys: EncryptionKeys | undefined,
): StoredForm {
  const encryption = keys === undefined ? undefined : newSeal(keys.current);
  const path = encryption === undefined || name.endsWith(SEALED) ? name : name + SEALED;
  let contentBytes = 0;
  let bytes = 0;
  let checksum = 0;
  const plain = counting(contents, (piece) => (contentBytes += piece.length));
  const blocks = encryption === undefined ? contents : () => sealed(plain, keys!.current, encryption, "state file");
  const seen = counting(blocks, (block) => {
    bytes += block.length;
    checksum = crc32(block, checksum);
  });
  return {
    path,
    blocks: seen,
    file: () => ({
      path,
      ...facts(encryption === undefined ? bytes : contentBytes),
      bytes,
      crc32: checksum,
      ...(encryption === undefined ? {} : { encryption }),
    }),
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
