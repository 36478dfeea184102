import type { Column } from "../../batch/column.ts";
import type { RecordBatch, WatermarkSteps } from "../../batch/record-batch.ts";
import { StepsBuilder } from "../../batch/steps.ts";
import type { Output } from "../operator.ts";

const NO_COLUMNS: readonly Column[] = [];

/** Passes on the watermark alone. */
export function emitSteps(out: Output, steps: WatermarkSteps | undefined): void {
  if (steps !== undefined && steps.count > 0) out.batch({ rowCount: 0, columns: NO_COLUMNS, kinds: undefined, steps });
}

/**
 * The output of an operator whose rows come out when the watermark moves: each watermark stands behind the rows that it
 * fires and in front of what later ones fire, and those that nothing divides become one.
 */
export class FiringOutput implements Output {
  readonly #out: Output;
  #watermark: number | undefined;

  constructor(out: Output) {
    this.#out = out;
  }

  /** Rows that a watermark fires; `advance` with it comes after them. */
  batch(batch: RecordBatch): void {
    const steps = this.#watermark === undefined ? undefined : oneStep(this.#watermark);
    this.#watermark = undefined;
    this.#out.batch({ ...batch, steps });
  }

  /** The watermark has moved and everything that it fires is out. */
  advance(watermarkMillis: number): void {
    this.#watermark = watermarkMillis;
  }

  /** To be called when the input batch is done. */
  finish(): void {
    if (this.#watermark !== undefined) emitWatermark(this.#out, this.#watermark);
    this.#watermark = undefined;
  }
}

function oneStep(watermarkMillis: number): WatermarkSteps {
  return { rows: new Int32Array(1), watermarks: Float64Array.of(watermarkMillis), count: 1 };
}

/** Passes on one watermark without rows. */
export function emitWatermark(out: Output, watermarkMillis: number): void {
  out.batch({ rowCount: 0, columns: NO_COLUMNS, kinds: undefined, steps: oneStep(watermarkMillis) });
}

/** Emits the batch unless it holds neither rows nor steps. */
export function emitBatch(out: Output, batch: RecordBatch): void {
  if (batch.rowCount > 0 || batch.steps !== undefined) out.batch(batch);
}

/** Row kinds of a batch, or undefined when all are inserts. */
export function kindsOf(kinds: Uint8Array, count: number): Uint8Array | undefined {
  for (let i = 0; i < count; i++) if (kinds[i] !== 0) return kinds;
  return undefined;
}

/**
 * The steps of input rows `from` … `to` − 1 (to the end of the input: with those after the last row) among output rows
 * that came from input rows `sources[0 .. count)`, ascending: a step before row r stands before the first output row
 * whose source is ≥ r.
 */
export function stepsAmong(
  steps: WatermarkSteps | undefined,
  from: number,
  to: number,
  rowCount: number,
  sources: Int32Array,
  count: number,
): WatermarkSteps | undefined {
  if (steps === undefined) return undefined;
  const builder = new StepsBuilder();
  let position = 0;
  for (let k = 0; k < steps.count; k++) {
    const row = steps.rows[k]!;
    if (row < from || row > to || (row === to && to !== rowCount)) continue;
    while (position < count && sources[position]! < row) position += 1;
    builder.add(position, steps.watermarks[k]!);
  }
  return builder.finish();
}

/** Hands out the steps of one input batch among the rows that come of it, each once. */
export class StepCursor {
  readonly #steps: WatermarkSteps | undefined;
  #next = 0;

  constructor(steps: WatermarkSteps | undefined) {
    this.#steps = steps;
  }

  /**
   * The steps not handed out yet that stand before or at input row `lastRow`, among output rows that came from input rows
   * `sources[0 .. count)`, ascending.
   */
  among(sources: Int32Array, count: number, lastRow: number): WatermarkSteps | undefined {
    const steps = this.#steps;
    if (steps === undefined) return undefined;
    const builder = new StepsBuilder();
    let position = 0;
    for (; this.#next < steps.count && steps.rows[this.#next]! <= lastRow; this.#next++) {
      while (position < count && sources[position]! < steps.rows[this.#next]!) position += 1;
      builder.add(position, steps.watermarks[this.#next]!);
    }
    return builder.finish();
  }

  /** Emits the watermark of the steps that no row followed. */
  finish(out: Output): void {
    const steps = this.#steps;
    if (steps !== undefined && this.#next < steps.count) emitWatermark(out, steps.watermarks[steps.count - 1]!);
    this.#next = steps?.count ?? 0;
  }
}

/** An array with room for `count`, the given one when it is large enough; a larger one holds the old contents if `keep`. */
export function roomFor(array: Int32Array, count: number, keep = false): Int32Array<ArrayBuffer> {
  if (array.length >= count) return array as Int32Array<ArrayBuffer>;
  const larger = new Int32Array(Math.max(count, 2 * array.length));
  if (keep) larger.set(array);
  return larger;
}
