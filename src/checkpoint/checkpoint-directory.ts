import { basename, dirname, join, posix } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import { nodeFiles } from "../storage/file-system.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { checkpointReader } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { syncDirectory } from "../storage/durable-file.ts";
import { decodeMetadata, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import { compressedForm, measure, plainForm, type StoredAs, type StoredForm } from "./stored-form.ts";
import { pathName } from "./path-name.ts";
import type { CheckpointReader } from "./storage.ts";

export const METADATA_FILE = "_metadata";
/** In a checkpoint's folder: where the savepoint lies that stands in its place. */
export const SAVEPOINT_POINTER = "_savepoint";
/** Behind the name of what made a checkpoint one, until it was found damaged and passed over for an older one. */
const INVALID = ".invalid";
export const INVALID_METADATA_FILE = METADATA_FILE + INVALID;
const FOLDER = /^chk-(\d+)$/;

export function checkpointFolder(id: number): string {
  return `chk-${id}`;
}

/** Numbers of the checkpoint folders in a run's folder, ascending, completed or not. */
export async function checkpointIds(runDirectory: string, files: FileSystem = nodeFiles): Promise<number[]> {
  return idsIn(await files.readdir(runDirectory));
}

/** Numbers of checkpoints by the names of their folders, ascending. */
export function idsIn(names: readonly string[]): number[] {
  return names
    .flatMap((name) => FOLDER.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);
}

/** Writes a data file and makes it durable (its folder entry becomes so with the metadata). */
export async function writeDataFile(
  directory: string,
  name: string,
  pieces: AsyncIterable<Uint8Array>,
  storedAs: StoredAs,
  files: FileSystem,
): Promise<StateFile> {
  return writeForm(directory, compressedForm(name, pieces, storedAs), files);
}

/** Writes a data file in its form durably. */
export async function writeForm(directory: string, form: StoredForm, files: FileSystem): Promise<StateFile> {
  const file = await files.open(join(directory, form.path), "w");
  try {
    for await (const block of form.blocks) await file.writeFile(block);
    faultPoint("checkpoint.state-not-durable");
    await file.sync();
  } finally {
    await file.close();
  }
  return form.file();
}

/** Takes over a finished local file as it is; with keys a copy of it is encrypted. */
export async function addDataFile(
  directory: string,
  name: string,
  localPath: string,
  keys: EncryptionKeys | undefined,
  files: FileSystem,
): Promise<StateFile> {
  if (keys !== undefined) return writeForm(directory, plainForm(name, files.readPieces(localPath), keys), files);
  const path = pathName(name);
  const target = join(directory, path);
  await linkOrCopy(localPath, target, files);
  const file = await files.open(target, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
  const { bytes, checksum } = await measure(files.readPieces(target));
  return { path, compression: "none", bytes, rawBytes: bytes, crc32: checksum };
}

async function linkOrCopy(from: string, to: string, files: FileSystem): Promise<void> {
  try {
    await files.link(from, to);
  } catch (error) {
    // Another file system, or one without links.
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EXDEV" && code !== "EPERM" && code !== "ENOTSUP") throw error;
    await files.copyFile(from, to);
  }
}

/**
 * The metadata of a checkpoint folder; undefined when it was never completed. Throws CHECKPOINT_INVALID when it is
 * damaged, ENCRYPTION_KEY when its key is not given.
 */
export async function readMetadata(
  directory: string,
  files: FileSystem = nodeFiles,
  keys?: EncryptionKeys,
): Promise<CheckpointMetadata | undefined> {
  const path = join(directory, METADATA_FILE);
  let text: string;
  try {
    text = Buffer.from(await files.readFile(path)).toString();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw unreadable(METADATA_FILE, directory, error);
  }
  return decodeMetadata(text, path, keys);
}

/**
 * What a file that cannot be read means: one that is gone makes the checkpoint invalid; anything else (permissions, too
 * many open files, a device that does not answer) may be mended, and must not make a job fall back to an older one.
 */
function unreadable(name: string, directory: string, cause: unknown): SqlError {
  if (cause instanceof SqlError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  const text = `the file ${name} of the checkpoint ${directory} cannot be read: ${message}`;
  if (code === "ENOENT") return new SqlError("CHECKPOINT_INVALID", text, { cause });
  return new SqlError("IO", text, {
    cause,
    retryable: true,
    hint: "if it cannot be mended, remove the folder: the checkpoint before it is used then",
  });
}

/** Opens a completed checkpoint or savepoint by its folder. Throws CHECKPOINT_NOT_FOUND, CHECKPOINT_INVALID, ENCRYPTION_KEY. */
export async function openCheckpoint(
  directory: string,
  files: FileSystem = nodeFiles,
  keys?: EncryptionKeys,
): Promise<CheckpointReader> {
  const metadata = await readMetadata(directory, files, keys);
  if (metadata === undefined) {
    if (await exists(join(directory, INVALID_METADATA_FILE), files)) {
      throw new SqlError(
        "CHECKPOINT_INVALID",
        `the checkpoint ${directory} was found damaged, and an older one was used in its place`,
      );
    }
    throw new SqlError(
      "CHECKPOINT_NOT_FOUND",
      `${directory} holds no completed checkpoint (there is no ${METADATA_FILE})`,
      {
        hint: "name the folder of a checkpoint, such as .millrace/<job>/<run>/chk-7",
      },
    );
  }
  return readerIn(directory, metadata, files, keys);
}

/** Reads the state files of a checkpoint whose metadata is known. */
export function readerIn(
  directory: string,
  metadata: CheckpointMetadata,
  files: FileSystem,
  keys?: EncryptionKeys,
): CheckpointReader {
  return checkpointReader({
    metadata,
    location: directory,
    keys,
    stored: (file) => storedPieces(directory, file, files),
    whole: async (file) => wholeFile(directory, file, files),
    link: async (file, localPath) => linkOrCopy(dataPath(directory, file), localPath, files),
  });
}

async function wholeFile(directory: string, file: StateFile, files: FileSystem): Promise<Uint8Array> {
  try {
    if (file.offset === undefined) return await files.readFile(dataPath(directory, file));
    const pieces: Uint8Array[] = [];
    for await (const piece of partOf(dataPath(directory, file), file, files)) pieces.push(piece);
    return Buffer.concat(pieces);
  } catch (cause) {
    throw unreadable(file.path, directory, cause);
  }
}

/** A part of a segment of the log; less than that where the segment is cut off. */
async function* partOf(path: string, file: StateFile, files: FileSystem): AsyncGenerator<Uint8Array> {
  let left = file.bytes;
  if (left === 0) return;
  for await (const piece of files.readPieces(path, file.offset)) {
    yield piece.subarray(0, left);
    left -= Math.min(left, piece.length);
    if (left === 0) return;
  }
}

async function* storedPieces(directory: string, file: StateFile, files: FileSystem): AsyncGenerator<Uint8Array> {
  try {
    const path = dataPath(directory, file);
    yield* file.offset === undefined ? files.readPieces(path) : partOf(path, file, files);
  } catch (cause) {
    throw unreadable(file.path, directory, cause);
  }
}

function dataPath(directory: string, file: StateFile): string {
  return join(directory, insidePath(directory, file));
}

/** A data file lies in the checkpoint's folder, in that of an earlier checkpoint of the run or in its log. Throws CHECKPOINT_INVALID. */
export function insidePath(directory: string, file: StateFile): string {
  const path = posix.normalize(file.path);
  const folder = basename(dirname(path));
  const inside =
    basename(path) === path || ((FOLDER.test(folder) || folder === "log") && dirname(dirname(path)) === "..");
  if (!inside)
    throw new SqlError(
      "CHECKPOINT_INVALID",
      `the checkpoint ${directory} names the file ${file.path}, which is outside of it`,
    );
  return path;
}

/** Numbers of other checkpoints of the run whose files the checkpoint needs. */
export function neededFolders(metadata: CheckpointMetadata): number[] {
  const ids: number[] = [];
  for (const file of metadata.snapshots.flatMap((snapshot) => snapshot.stateFiles)) {
    const match = FOLDER.exec(basename(dirname(file.path)));
    if (match !== null) ids.push(Number(match[1]));
  }
  return ids;
}

async function exists(path: string, files: FileSystem): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch {
    return false;
  }
}

/** Gives a damaged checkpoint up for good, durably: it stays to be looked at, but nothing goes on from it. */
export async function invalidateCheckpoint(directory: string, files: FileSystem): Promise<void> {
  const path = join(
    directory,
    (await exists(join(directory, METADATA_FILE), files)) ? METADATA_FILE : SAVEPOINT_POINTER,
  );
  await files.rename(path, path + INVALID);
  await syncDirectory(directory, files);
}

/** Removes a checkpoint; the metadata first, so that half a checkpoint never looks like one. */
export async function removeCheckpoint(directory: string, files: FileSystem): Promise<void> {
  await files.rm(join(directory, METADATA_FILE));
  await syncDirectory(directory, files).catch(() => undefined);
  await files.rm(directory);
}
