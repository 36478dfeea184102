import { writeFile } from "node:fs/promises";
import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import { crc32 } from "./checksum.ts";
import { decompress } from "./compression.ts";
import { keyFor, type EncryptionKeys } from "./encryption-keys.ts";
import type { CheckpointMetadata, StateFile } from "./metadata.ts";
import { unsealed } from "./sealing.ts";
import type { CheckpointReader } from "./storage.ts";

/** Where the files of a completed checkpoint come from. */
export interface StoredFiles {
  readonly metadata: CheckpointMetadata;
  /** Where it lies, for messages. */
  readonly location: string;
  readonly keys: EncryptionKeys | undefined;
  /** A data file as it is stored. Throws CHECKPOINT_INVALID when it is missing. */
  readonly stored: (file: StateFile) => AsyncIterable<Uint8Array>;
  /** All of it at once, where that is faster. */
  readonly whole?: ((file: StateFile) => Promise<Uint8Array>) | undefined;
  /** Gives a data file another name on the local disk. */
  readonly link?: ((file: StateFile, localPath: string) => Promise<void>) | undefined;
}

/** Reads a completed checkpoint, wherever its files lie: checked, decrypted, decompressed. */
export function checkpointReader(files: StoredFiles): CheckpointReader {
  const { metadata, location, keys, stored, whole, link } = files;
  const contents = (file: StateFile): AsyncIterable<Uint8Array> => plain(files, file);
  const readFile = async (file: StateFile): Promise<Uint8Array> => {
    faultPoint("restore");
    if (whole === undefined || file.encryption !== undefined)
      return decompress(await joined(contents(file)), file.compression, file.rawBytes);
    const bytes = await whole(file);
    if (bytes.length !== file.bytes || crc32(bytes) !== file.crc32) throw damaged(location, file);
    return decompress(bytes, file.compression, file.rawBytes);
  };
  return {
    metadata,
    location,
    stored,
    contents,
    readFile,
    isCurrent: (file) => file.encryption?.keyId === keys?.current.id,
    fetchFile: async (file, localPath) => {
      if (file.compression !== "none") await writeFile(localPath, await readFile(file));
      else if (file.encryption === undefined && file.offset === undefined && link !== undefined)
        await link(file, localPath);
      else await writeFile(localPath, contents(file));
    },
  };
}

/** The file as it was before it was encrypted. Fails at the end at the latest when the pieces were not those of the file. */
function plain({ location, keys, stored }: StoredFiles, file: StateFile): AsyncIterable<Uint8Array> {
  const checked = checkedPieces(location, file, stored(file));
  const { encryption } = file;
  if (encryption === undefined) return checked;
  const key = keyFor(keys, encryption.keyId, `the file ${file.path} of the checkpoint ${location}`);
  return unsealed(checked, key, encryption, "state file", () => damaged(location, file));
}

/** The pieces of a stored file; fails at the end when they are not what the metadata says. Throws CHECKPOINT_INVALID. */
export async function* checkedPieces(
  location: string,
  file: StateFile,
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  let checksum = 0;
  for await (const piece of pieces) {
    bytes += piece.length;
    checksum = crc32(piece, checksum);
    yield piece;
  }
  if (bytes !== file.bytes || checksum !== file.crc32) throw damaged(location, file);
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const piece of pieces) parts.push(piece);
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** Reads every file once, compares size and checksum, and decrypts what is encrypted. Throws CHECKPOINT_INVALID, ENCRYPTION_KEY. */
export async function verifyFiles({ metadata, contents }: CheckpointReader): Promise<void> {
  for (const file of metadata.snapshots.flatMap((snapshot) => snapshot.stateFiles))
    for await (const piece of contents(file)) void piece;
}

/** The error of a file that is not what the metadata says. */
function damaged(location: string, file: StateFile): SqlError {
  return new SqlError(
    "CHECKPOINT_INVALID",
    `the file ${file.path} of the checkpoint ${location} is damaged: its size or checksum is not what the metadata says`,
  );
}
