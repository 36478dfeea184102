import type { WatermarkSteps } from "./record-batch.ts";

/** Collects watermark steps; steps at one row melt into the last of them. */
export class StepsBuilder {
  private rows: Int32Array;
  private watermarks: Float64Array;
  private count = 0;

  constructor(capacity = 8) {
    this.rows = new Int32Array(Math.max(1, capacity));
    this.watermarks = new Float64Array(Math.max(1, capacity));
  }

  /** Before row `row` the watermark becomes `watermark` (epoch millis). Both must not descend. */
  add(row: number, watermark: number): void {
    if (this.count > 0 && this.rows[this.count - 1] === row) {
      this.watermarks[this.count - 1] = watermark;
      return;
    }
    if (this.count === this.rows.length) this.grow();
    this.rows[this.count] = row;
    this.watermarks[this.count++] = watermark;
  }

  /** The steps, or undefined when there are none; the builder is empty afterwards. */
  finish(): WatermarkSteps | undefined {
    if (this.count === 0) return undefined;
    const steps = { rows: this.rows, watermarks: this.watermarks, count: this.count };
    this.rows = new Int32Array(8);
    this.watermarks = new Float64Array(8);
    this.count = 0;
    return steps;
  }

  private grow(): void {
    const rows = new Int32Array(this.count * 2);
    rows.set(this.rows);
    const watermarks = new Float64Array(this.count * 2);
    watermarks.set(this.watermarks);
    this.rows = rows;
    this.watermarks = watermarks;
  }
}

/** Steps of a literal list of `[row, watermarkMillis]`. */
export function stepsOf(list: readonly (readonly [row: number, watermark: number])[]): WatermarkSteps | undefined {
  const builder = new StepsBuilder(list.length);
  for (const [row, watermark] of list) builder.add(row, watermark);
  return builder.finish();
}

/**
 * The steps as they stand among the selected rows (ascending): a step before input row r stands before the first
 * selected row ≥ r, or after the last.
 */
export function remapSteps(steps: WatermarkSteps, selected: Int32Array, count: number): WatermarkSteps {
  const rows = new Int32Array(steps.count);
  const watermarks = new Float64Array(steps.count);
  let out = 0;
  let position = 0;
  for (let k = 0; k < steps.count; k++) {
    const row = steps.rows[k]!;
    while (position < count && selected[position]! < row) position += 1;
    if (out > 0 && rows[out - 1] === position) out -= 1;
    rows[out] = position;
    watermarks[out++] = steps.watermarks[k]!;
  }
  return { rows, watermarks, count: out };
}

/**
 * The steps of rows `start` to `end` of a batch with `rowCount` rows. A step at `end` belongs to the rows that follow,
 * but at the end of the batch, where nothing follows.
 */
export function sliceSteps(
  steps: WatermarkSteps,
  start: number,
  end: number,
  rowCount: number,
): WatermarkSteps | undefined {
  const builder = new StepsBuilder();
  for (let k = 0; k < steps.count; k++) {
    const row = steps.rows[k]!;
    if (row >= start && (row < end || (row === end && end === rowCount)))
      builder.add(row - start, steps.watermarks[k]!);
  }
  return builder.finish();
}

/** Appends steps to a builder, with their rows moved down by `offset`. */
export function appendSteps(into: StepsBuilder, steps: WatermarkSteps | undefined, offset: number): void {
  if (steps === undefined) return;
  for (let k = 0; k < steps.count; k++) into.add(steps.rows[k]! + offset, steps.watermarks[k]!);
}
