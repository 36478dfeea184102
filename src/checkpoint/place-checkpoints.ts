import { SqlError } from "../base/errors.ts";
import { removeFolder } from "../storage/byte-storage.ts";
import { within, type Place } from "../storage/place.ts";
import { checkpointFolder, METADATA_FILE } from "./checkpoint-directory.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import type { CheckpointMetadata } from "./metadata.ts";
import { findMetadata } from "./place-checkpoint.ts";
import { removable } from "./retention.ts";

/** The checkpoints of a run's folder in a storage, whose metadata is read once. */
export class PlaceCheckpoints {
  readonly #run: Place;
  readonly #keys: EncryptionKeys | undefined;
  readonly #known = new Map<number, CheckpointMetadata>();

  constructor(run: Place, keys: EncryptionKeys | undefined) {
    this.#run = run;
    this.#keys = keys;
  }

  /** What is known without a look. Undefined: nothing any more. */
  know(id: number, metadata: CheckpointMetadata | undefined): void {
    if (metadata === undefined) this.#known.delete(id);
    else this.#known.set(id, metadata);
  }

  /** Of these the newest `count` complete ones stay, with all that they need. */
  async retain(ids: readonly number[], count: number): Promise<void> {
    for (const id of await removable(ids, count, async (each) => this.#metadata(each))) await this.remove(id);
  }

  async remove(id: number): Promise<void> {
    const { storage, path } = within(this.#run, checkpointFolder(id));
    // The metadata first, so that half a checkpoint never looks like one.
    await storage.remove(`${path}/${METADATA_FILE}`);
    await removeFolder(storage, path);
    this.#known.delete(id);
  }

  /** Undefined: there is none, or it is damaged. Throws when it cannot be read now: what it needs is not known then. */
  async #metadata(id: number): Promise<CheckpointMetadata | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    try {
      const found = await findMetadata(within(this.#run, checkpointFolder(id)), this.#keys);
      this.know(id, found?.metadata);
      return found?.metadata;
    } catch (error) {
      if (error instanceof SqlError && error.code === "CHECKPOINT_INVALID") return undefined;
      throw error;
    }
  }
}
