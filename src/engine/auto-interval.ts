import { typeBytes } from "../types/type-size.ts";
import type { JobGraph } from "../runtime/spec.ts";

/** `'execution.checkpointing.interval' = 'auto'`: bounds of the interval, millis. */
export interface AutoIntervalBounds {
  /** `execution.checkpointing.auto.min-interval`; also the first interval. */
  readonly minMillis: number;
  /** `execution.checkpointing.auto.max-interval`. */
  readonly maxMillis: number;
}

/** A change of less than a tenth is not worth a word. */
const NOTABLE_CHANGE = 0.1;

/**
 * The interval that follows from the load: `snapshot size / data rate`, the time in which as many bytes come in as a
 * checkpoint holds, so that writing checkpoints never costs more bandwidth than reading the input. Snapshot size: stored bytes
 * of all state in the last completed checkpoint. Data rate: input rows a second since the checkpoint before × bytes of an
 * input row by the types of its columns.
 */
export class AutoInterval {
  readonly #bounds: AutoIntervalBounds;
  readonly #rowBytes: number;
  #lastRows: number;
  #lastMillis: number;
  #current: number;
  #told: number;

  /** `rows`, `nowMillis`: where the count of the data rate begins. */
  constructor(bounds: AutoIntervalBounds, rowBytes: number, rows: number, nowMillis: number) {
    this.#bounds = bounds;
    this.#rowBytes = rowBytes;
    this.#lastRows = rows;
    this.#lastMillis = nowMillis;
    this.#current = bounds.minMillis;
    this.#told = bounds.minMillis;
  }

  get currentMillis(): number {
    return this.#current;
  }

  /** After a completed checkpoint of so many bytes, taken when `rows` input rows were read. Answers the next interval. */
  next(snapshotBytes: number, rows: number, nowMillis: number): number {
    const seconds = Math.max(1, nowMillis - this.#lastMillis) / 1000;
    const bytesPerSecond = (Math.max(0, rows - this.#lastRows) * this.#rowBytes) / seconds;
    this.#lastRows = rows;
    this.#lastMillis = nowMillis;
    const { minMillis, maxMillis } = this.#bounds;
    // Nothing came in: nothing new would be saved, however small the state.
    const millis = bytesPerSecond === 0 ? maxMillis : (snapshotBytes / bytesPerSecond) * 1000;
    this.#current = Math.round(Math.min(maxMillis, Math.max(minMillis, millis)));
    return this.#current;
  }

  /** Has the interval changed by enough since this last answered true? */
  changedNotably(): boolean {
    if (Math.abs(this.#current - this.#told) < this.#told * NOTABLE_CHANGE) return false;
    this.#told = this.#current;
    return true;
  }
}

/** Bytes of an input row by the types of its columns; of several sources the mean. */
export function inputRowBytes(graph: JobGraph): number {
  const sources = graph.nodes.filter((n) => n.spec.kind === "scan" || n.spec.kind === "values");
  const widths = sources.map((n) => n.fields.reduce((sum, field) => sum + typeBytes(field.type), 0));
  return Math.max(1, widths.reduce((sum, width) => sum + width, 0) / Math.max(1, widths.length));
}
