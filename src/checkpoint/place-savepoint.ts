import { faultPoint } from "../base/fault-point.ts";
import { SqlError } from "../base/errors.ts";
import { removeFolder } from "../storage/byte-storage.ts";
import type { FileSystem } from "../storage/file-system.ts";
import { within, type Place } from "../storage/place.ts";
import { METADATA_FILE } from "./checkpoint-directory.ts";
import { encodeMetadata, type CheckpointMetadata, type StateFile } from "./metadata.ts";
import { writeStored } from "./place-checkpoint.ts";
import type { CheckpointWriter } from "./storage.ts";
import { compressedForm, plainForm, type StoredAs } from "./stored-form.ts";

/** A savepoint being written into a storage: complete in itself, so it may be copied. */
export class PlaceSavepoint implements CheckpointWriter {
  readonly id: number;
  readonly kind = "savepoint";
  readonly location: string;
  readonly #place: Place;
  readonly #storedAs: StoredAs;
  readonly #beforeVisible: () => Promise<void>;
  readonly #files: FileSystem;

  constructor(id: number, place: Place, storedAs: StoredAs, beforeVisible: () => Promise<void>, files: FileSystem) {
    this.id = id;
    this.location = place.location;
    this.#place = place;
    this.#storedAs = storedAs;
    this.#beforeVisible = beforeVisible;
    this.#files = files;
  }

  async writeFile(name: string, pieces: AsyncIterable<Uint8Array>): Promise<StateFile> {
    return writeStored(this.#place, compressedForm(name, pieces, this.#storedAs));
  }

  async addFile(name: string, localPath: string): Promise<StateFile> {
    return writeStored(this.#place, plainForm(name, this.#files.readPieces(localPath), this.#storedAs.keys));
  }

  async complete(metadata: CheckpointMetadata): Promise<void> {
    assertComplete(metadata, this.location);
    await this.#beforeVisible();
    faultPoint("savepoint.durable-not-complete");
    const { storage, path } = within(this.#place, METADATA_FILE);
    if ((await storage.create(path, Buffer.from(encodeMetadata(metadata, this.#storedAs.keys)))) === undefined)
      throw new SqlError("CHECKPOINT_FAILED", `there is a savepoint ${this.location} already`);
  }

  async abort(): Promise<void> {
    const { storage, path } = this.#place;
    // The metadata first, so that half a savepoint never looks like one.
    await storage.remove(`${path}/${METADATA_FILE}`);
    await removeFolder(storage, path);
  }
}

/** A savepoint needs nothing outside of its folder. */
export function assertComplete(metadata: CheckpointMetadata, location: string): void {
  const foreign = metadata.snapshots.flatMap((s) => s.stateFiles).find((file) => file.path.includes("/"));
  if (foreign !== undefined)
    throw new SqlError("BUG", `the savepoint ${location} needs a file outside of it: ${foreign.path}`);
}
