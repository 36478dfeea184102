import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import {
  addDataFile,
  METADATA_FILE,
  removeCheckpoint,
  writeDataFile,
  SAVEPOINT_POINTER,
} from "./checkpoint-directory.ts";
import { makeDirectories, replaceFile, syncDirectory } from "../storage/durable-file.ts";
import { encodeMetadata, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import { nodeFiles, type FileSystem } from "../storage/file-system.ts";
import { within, type Place } from "../storage/place.ts";
import { pathName } from "./path-name.ts";
import { assertComplete, PlaceSavepoint } from "./place-savepoint.ts";
import type { CheckpointWriter } from "./storage.ts";
import type { StoredAs } from "./stored-form.ts";

/** Where a savepoint goes. */
export interface SavepointTarget extends StoredAs {
  /** The user's folder for savepoints; each gets a folder of its own in it. */
  readonly directory: string;
  /** That folder in a storage; undefined: it is on a disk. */
  readonly place?: Place | undefined;
}

/**
 * Begins a savepoint: makes its folder `savepoint-<job>-<random>`, so that most that can go wrong does so now. `beforeVisible`
 * runs when everything is durable, before the savepoint exists; what it throws fails the savepoint. Throws CHECKPOINT_FAILED.
 */
export async function beginSavepoint(
  id: number,
  job: string,
  target: SavepointTarget,
  beforeVisible: () => Promise<void>,
  files: FileSystem = nodeFiles,
): Promise<CheckpointWriter> {
  const name = `savepoint-${pathName(job)}-${randomBytes(3).toString("hex")}`;
  if (target.place !== undefined)
    return new PlaceSavepoint(id, within(target.place, name), target, beforeVisible, files);
  const parent = resolve(target.directory);
  const directory = join(parent, name);
  await wrapped(directory, async () => {
    await makeDirectories(parent, files);
    await files.mkdir(directory);
  });
  return new SavepointWriter(id, directory, parent, target, beforeVisible, files);
}

/** A savepoint being written: complete in itself, so its folder may be moved and copied. */
class SavepointWriter implements CheckpointWriter {
  readonly id: number;
  readonly kind = "savepoint";
  readonly location: string;
  readonly #parent: string;
  readonly #storedAs: StoredAs;
  readonly #beforeVisible: () => Promise<void>;
  readonly #files: FileSystem;

  constructor(
    id: number,
    location: string,
    parent: string,
    storedAs: StoredAs,
    beforeVisible: () => Promise<void>,
    files: FileSystem,
  ) {
    this.id = id;
    this.#files = files;
    this.location = location;
    this.#parent = parent;
    this.#storedAs = storedAs;
    this.#beforeVisible = beforeVisible;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return wrapped(this.location, async () => writeDataFile(this.location, name, pieces, this.#storedAs, this.#files));
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return wrapped(this.location, async () =>
      addDataFile(this.location, name, localPath, this.#storedAs.keys, this.#files),
    );
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    assertComplete(metadata, this.location);
    await wrapped(this.location, async () => {
      await syncDirectory(this.location, this.#files);
      await syncDirectory(this.#parent, this.#files);
      await replaceFile(
        join(this.location, METADATA_FILE),
        encodeMetadata(metadata, this.#storedAs.keys),
        this.#files,
        this.#beforeVisible,
        "savepoint.durable-not-complete",
      );
    });
  }

  async abort(): Promise<void> {
    await wrapped(this.location, async () => removeCheckpoint(this.location, this.#files));
  }
}

async function wrapped<T>(directory: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof SqlError) throw error;
    throw new SqlError("CHECKPOINT_FAILED", `cannot write the savepoint ${directory}: ${(error as Error).message}`, {
      cause: error,
      retryable: true,
      hint: "look at the folder's rights and at the space left on its disk",
    });
  }
}

/**
 * Notes in the run, durably, that the checkpoint of this folder's number is a savepoint elsewhere. Written before the
 * savepoint becomes visible: whether it exists is only ever said by its own metadata.
 */
export async function writeSavepointPointer(
  checkpointDirectory: string,
  location: string,
  files: FileSystem,
): Promise<void> {
  await replaceFile(join(checkpointDirectory, SAVEPOINT_POINTER), pointerText(location), files);
}

/** Where the savepoint of a checkpoint's number lies; undefined: there is no such note. */
export async function readSavepointPointer(
  checkpointDirectory: string,
  files: FileSystem = nodeFiles,
): Promise<string | undefined> {
  try {
    return pointerIn(new TextDecoder().decode(await files.readFile(join(checkpointDirectory, SAVEPOINT_POINTER))));
  } catch {
    return undefined;
  }
}

/** A note that says where a savepoint lies. */
export function pointerText(location: string): string {
  return `${JSON.stringify({ location })}\n`;
}

/** The location in such a note; undefined: it is none. */
export function pointerIn(text: string): string | undefined {
  try {
    const { location } = JSON.parse(text) as { readonly location?: unknown };
    return typeof location === "string" ? location : undefined;
  } catch {
    return undefined;
  }
}

/** Removes what a folder holds that never became a checkpoint; the empty folder keeps its number taken. */
export async function emptyFolder(directory: string, files: FileSystem): Promise<void> {
  await files.rm(directory);
  await makeDirectories(directory, files);
}
