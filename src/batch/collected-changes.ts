import { changesOf } from "./changes.ts";
import type { Change } from "./changes.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { DataType } from "../types/data-type.ts";

/**
 * The changes of a query, which count only once their checkpoint is complete: a restore in the middle changes nothing.
 */
export class CollectedChanges {
  readonly #types: readonly DataType[];
  readonly #onCommit: (change: Change) => void;
  #open: Change[] = [];
  #prepared: { readonly checkpointId: number; readonly changes: readonly Change[] }[] = [];

  /** `onCommit` gets each change that counts, in order. */
  constructor(types: readonly DataType[], onCommit: (change: Change) => void) {
    this.#types = types;
    this.#onCommit = onCommit;
  }

  batch(batch: RecordBatch): void {
    for (const change of changesOf(batch, this.#types)) this.#open.push(change);
  }

  /** What came since the last call belongs to the checkpoint. */
  prepare(checkpointId: number): void {
    this.#prepared.push({ checkpointId, changes: this.#open });
    this.#open = [];
  }

  /** The checkpoint is complete, and with it what belongs to earlier ones. May be called again. */
  commit(checkpointId: number): void {
    while (this.#prepared.length > 0 && this.#prepared[0]!.checkpointId <= checkpointId) {
      for (const change of this.#prepared.shift()!.changes) this.#onCommit(change);
    }
  }

  /** After a restore (what the restored checkpoint holds was committed before): all else is dropped. */
  discardAfter(): void {
    this.#open = [];
    this.#prepared = [];
  }
}
