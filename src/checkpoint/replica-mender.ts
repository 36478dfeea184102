import { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import {
  checkpointFolder,
  idsIn,
  INVALID_METADATA_FILE,
  METADATA_FILE,
  SAVEPOINT_POINTER,
} from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { findMetadata, readerOf, WRITER_GONE } from "./place-checkpoint.ts";
import { ofNumber } from "./newest-checkpoint.ts";
import { copyFile, filesOf, isWhole } from "./replica-copy.ts";
import { isVoid, type Restore } from "./restore-record.ts";
import { pointerIn } from "./savepoint-writer.ts";
import type { CheckpointReader, Mender } from "./storage.ts";

interface MenderSetup {
  /** The run's folder in the place that rules. */
  readonly source: Place;
  /** And in the others. */
  readonly places: readonly Place[];
  readonly keys: EncryptionKeys | undefined;
  readonly restores: readonly Restore[];
  readonly open: (location: string) => Promise<CheckpointReader>;
  note(text: string): void;
}

/** Copies back into the ruling place what it has lost of a checkpoint that another place has. */
export class ReplicaMender implements Mender {
  readonly #setup: MenderSetup;
  /** Places that do not answer are asked once. */
  readonly #silent = new Set<Place>();

  constructor(setup: MenderSetup) {
    this.#setup = setup;
  }

  async ids(): Promise<readonly number[]> {
    const found: number[] = [];
    for (const place of this.#setup.places)
      found.push(...((await this.#ask(place, async () => place.storage.children(place.path))) ?? []).flatMap(idsOf));
    return found;
  }

  async mend(id: number): Promise<boolean> {
    if (await this.#isGivenUp(id)) return false;
    for (const place of this.#setup.places) {
      const mended = await this.#ask(
        place,
        async () => (await this.#mendFrom(place, id)) || this.#pointFrom(place, id),
      );
      if (mended === true) return true;
    }
    return false;
  }

  /** The ruling place says that nothing is to go on from it. */
  async #isGivenUp(id: number): Promise<boolean> {
    const folder = within(this.#setup.source, checkpointFolder(id));
    const { storage, path } = within(folder, INVALID_METADATA_FILE);
    if ((await storage.read(path)) !== undefined) return true;
    const found = await findMetadata(folder, this.#setup.keys).catch((error: unknown) => {
      if (error instanceof SqlError && error.code === "CHECKPOINT_INVALID") return undefined;
      throw error;
    });
    // Where nobody had completed it no other place has it: that it does shows that its metadata was lost here.
    return found?.givenUp !== undefined && found.givenUp !== WRITER_GONE;
  }

  async #mendFrom(place: Place, id: number): Promise<boolean> {
    const { source, keys, restores, note } = this.#setup;
    const folder = within(place, checkpointFolder(id));
    try {
      const found = await findMetadata(folder, keys);
      if (found?.metadata === undefined || isVoid(found.metadata, restores)) return false;
      const reader = ofNumber(id, readerOf(folder, found.metadata, keys));
      await verifyFiles(reader);
      for (const file of filesOf(reader.metadata))
        if (!(await isWhole(source, id, file))) await copyFile(place, source, id, file);
      await copySmall(folder, within(source, checkpointFolder(id)), METADATA_FILE);
      note(`checkpoint ${id} is taken from ${folder.location}`);
      return true;
    } catch (error) {
      if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
      note(`the copy of checkpoint ${id} is not used: ${error.message}`);
      return false;
    }
  }

  /** A savepoint that stands in the checkpoint's place. */
  async #pointFrom(place: Place, id: number): Promise<boolean> {
    const { source, restores, open } = this.#setup;
    const folder = within(place, checkpointFolder(id));
    const target = within(source, checkpointFolder(id));
    if ((await readSmall(target, SAVEPOINT_POINTER)) !== undefined) return false;
    const pointer = await readSmall(folder, SAVEPOINT_POINTER);
    const location = pointer === undefined ? undefined : pointerIn(Buffer.from(pointer).toString());
    if (location === undefined) return false;
    const reader = await open(location).catch((error: unknown) => {
      if (error instanceof SqlError && (error.code === "CHECKPOINT_NOT_FOUND" || error.code === "CHECKPOINT_INVALID"))
        return undefined;
      throw error;
    });
    if (reader === undefined || isVoid(reader.metadata, restores)) return false;
    await copySmall(folder, target, SAVEPOINT_POINTER);
    return true;
  }

  /** Undefined: the place does not answer, which is said once. */
  async #ask<T>(place: Place, question: () => Promise<T>): Promise<T | undefined> {
    if (this.#silent.has(place)) return undefined;
    try {
      return await question();
    } catch (error) {
      // The key is not the place's fault, and another copy needs it, too.
      if (error instanceof SqlError && error.code === "ENCRYPTION_KEY") throw error;
      this.#silent.add(place);
      this.#setup.note(`${place.location} is left out: ${(error as Error).message}`);
      return undefined;
    }
  }
}

function idsOf(name: string): readonly number[] {
  return idsIn([name.replace(/\/$/, "")]);
}

async function readSmall(folder: Place, name: string): Promise<Uint8Array | undefined> {
  const { storage, path } = within(folder, name);
  return (await storage.read(path))?.bytes;
}

async function copySmall(from: Place, to: Place, name: string): Promise<void> {
  const bytes = await readSmall(from, name);
  if (bytes === undefined) throw new SqlError("CHECKPOINT_INVALID", `${from.location}/${name} is missing`);
  await to.storage.put(within(to, name).path, bytes);
}
