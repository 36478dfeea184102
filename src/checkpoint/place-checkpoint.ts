import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import { piecesOf } from "../storage/byte-storage.ts";
import { within, type Place } from "../storage/place.ts";
import { insidePath, METADATA_FILE } from "./checkpoint-directory.ts";
import { checkpointReader } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { decodeMetadata, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import type { CheckpointReader } from "./storage.ts";
import type { StoredForm } from "./stored-form.ts";

/** What stands in the place of a checkpoint's metadata when there will never be any. */
interface GivenUp {
  readonly givenUp: string;
}

/** Why a checkpoint was given up that had been complete. */
export const FOUND_DAMAGED = "found damaged";

/** Why one was given up that nobody had completed. */
export const WRITER_GONE = "its writer was gone";

/** The metadata object of a checkpoint, as it is now. */
export interface FoundMetadata {
  readonly version: string;
  /** Undefined: the checkpoint was given up. */
  readonly metadata: CheckpointMetadata | undefined;
  readonly givenUp: string | undefined;
}

/** Undefined: there is none yet. Throws CHECKPOINT_INVALID when it is damaged, ENCRYPTION_KEY when its key is not given. */
export async function findMetadata(
  checkpoint: Place,
  keys: EncryptionKeys | undefined,
): Promise<FoundMetadata | undefined> {
  const { storage, path, location } = within(checkpoint, METADATA_FILE);
  const found = await storage.read(path);
  if (found === undefined) return undefined;
  const text = Buffer.from(found.bytes).toString();
  const givenUp = givenUpIn(text);
  const metadata = givenUp === undefined ? decodeMetadata(text, location, keys) : undefined;
  return { version: found.version, metadata, givenUp };
}

function givenUpIn(text: string): string | undefined {
  if (!text.startsWith('{"givenUp":')) return undefined;
  try {
    return String((JSON.parse(text) as GivenUp).givenUp);
  } catch {
    return undefined;
  }
}

/** The metadata of a checkpoint that there will never be. */
export function givenUpMetadata(reason: string): Uint8Array {
  return Buffer.from(JSON.stringify({ givenUp: reason } satisfies GivenUp));
}

/** Opens a completed checkpoint or savepoint by its folder. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID, ENCRYPTION_KEY. */
export async function openPlaceCheckpoint(checkpoint: Place, keys?: EncryptionKeys): Promise<CheckpointReader> {
  const { location } = checkpoint;
  const found = await findMetadata(checkpoint, keys);
  if (found?.metadata !== undefined) return readerOf(checkpoint, found.metadata, keys);
  if (found?.givenUp === FOUND_DAMAGED) {
    throw new SqlError(
      "CHECKPOINT_INVALID",
      `the checkpoint ${location} was found damaged, and an older one was used in its place`,
    );
  }
  throw new SqlError(
    "CHECKPOINT_NOT_FOUND",
    `${location} holds no completed checkpoint (there is no ${METADATA_FILE})`,
    { hint: "name the folder of a checkpoint, such as …/<job>/<run>/chk-7" },
  );
}

/** A completed checkpoint whose metadata is known. */
export function readerOf(
  checkpoint: Place,
  metadata: CheckpointMetadata,
  keys: EncryptionKeys | undefined,
): CheckpointReader {
  const { location } = checkpoint;
  return checkpointReader({ metadata, location, keys, stored: (file) => storedPieces(checkpoint, file) });
}

async function* storedPieces(checkpoint: Place, file: StateFile): AsyncGenerator<Uint8Array> {
  const { storage, path } = checkpoint;
  const inside = insidePath(checkpoint.location, file);
  const key = inside.startsWith("../") ? path.slice(0, path.lastIndexOf("/")) + inside.slice(2) : `${path}/${inside}`;
  const pieces = await (file.offset === undefined
    ? piecesOf(storage, key)
    : storage.readRange(key, file.offset, file.bytes).then((bytes) => bytes && [bytes]));
  if (pieces === undefined)
    throw new SqlError(
      "CHECKPOINT_INVALID",
      `the file ${file.path} of the checkpoint ${checkpoint.location} is missing`,
    );
  yield* pieces;
}

/** Writes a data file of a checkpoint that nobody else writes. */
export async function writeStored(checkpoint: Place, { path: name, blocks, file }: StoredForm): Promise<StateFile> {
  const { storage, path, location } = within(checkpoint, name);
  if ((await storage.create(path, dyingBefore(blocks))) === undefined)
    throw new SqlError("CHECKPOINT_FAILED", `there is a file ${location} already`);
  return file();
}

/** Kill tests die when all was handed over and nothing is there yet. */
async function* dyingBefore(blocks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* blocks;
  faultPoint("checkpoint.state-not-durable");
}
