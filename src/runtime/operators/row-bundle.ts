import { concatBatches } from "../../batch/concat.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { sliceBatch } from "../../batch/take.ts";

/** Rows that wait to be worked on together, in memory of their own; watermarks are not kept. */
export class RowBundle {
  #parts: RecordBatch[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The parts so far, to bring their keys near. */
  get parts(): readonly RecordBatch[] {
    return this.#parts;
  }

  /** Takes in rows `from` … `to` − 1. */
  add(batch: RecordBatch, from: number, to: number): void {
    if (to <= from) return;
    this.#parts.push(concatBatches([{ ...sliceBatch(batch, from, to), steps: undefined }], true));
    this.#count += to - from;
  }

  /** All rows, in order; the bundle is empty then. */
  take(): RecordBatch {
    const parts = this.#parts;
    this.#parts = [];
    this.#count = 0;
    return parts.length === 1 ? parts[0]! : concatBatches(parts);
  }
}
