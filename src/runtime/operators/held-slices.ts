import type { RecordBatch } from "../../batch/record-batch.ts";
import type { LocalAggregateSpec } from "../spec.ts";
import { sliceTimes } from "./slice-times.ts";
import { slicesOf, windowClock, type WindowClock, type WindowSlices } from "./windows.ts";

/**
 * The slices of rows that a local aggregate holds. A row may travel behind watermarks that it came in front of, as long
 * as none of them fires a window that the row belongs to: so which rows are late is the same as without.
 */
export class HeldSlices {
  readonly #spec: NonNullable<LocalAggregateSpec["window"]>;
  readonly #windows: WindowSlices;
  readonly #clock: WindowClock;
  #watermark = -Infinity;
  /** The lowest watermark that fires a window of what is held. */
  #fireTime = Infinity;
  #low = Infinity;
  #high = -Infinity;
  /** The slice of the row before; NaN: there is none. */
  #last = Number.NaN;

  constructor(spec: NonNullable<LocalAggregateSpec["window"]>) {
    this.#spec = spec;
    this.#windows = slicesOf(spec.window, spec.attached !== undefined);
    this.#clock = windowClock(spec.ltzZone);
  }

  /** The last moment of the slice of each row. */
  lastMoments(batch: RecordBatch): Float64Array {
    const times = sliceTimes(this.#spec, this.#clock, batch);
    const moments = new Float64Array(batch.rowCount);
    let [low, high] = [this.#low, this.#high];
    for (let i = 0; i < moments.length; i++) {
      const time = times[i]!;
      if (!(time >= low && time < high)) {
        high = this.#windows.sliceEnd(time);
        low = high - this.#windows.sliceMillis;
      }
      moments[i] = high - 1;
    }
    [this.#low, this.#high] = [low, high];
    return moments;
  }

  /** Rows `from` … `to` − 1 are held from now on. */
  hold(moments: Float64Array, from: number, to: number): void {
    for (let i = from; i < to; i++) {
      const moment = moments[i]!;
      if (moment === this.#last) continue;
      this.#last = moment;
      this.#fireTime = Math.min(this.#fireTime, this.#fireTimeOf(moment + 1));
    }
  }

  /** The watermark that fires the next window with this slice; +Infinity: all have fired, and what is held is late anyway. */
  #fireTimeOf(end: number): number {
    const last = this.#windows.lastWindow(end);
    let window = this.#windows.windowAfter(this.#clock.firedUpTo(this.#watermark), end);
    while (window <= last && this.#clock.fireTime(window) <= this.#watermark)
      window = this.#windows.windowAfter(window, end);
    return window <= last ? this.#clock.fireTime(window) : Infinity;
  }

  /** What is held has to go on in front of this watermark. */
  mustGo(watermark: number): boolean {
    return watermark >= this.#fireTime;
  }

  advance(watermark: number): void {
    this.#watermark = watermark;
  }

  /** Nothing is held any more. */
  clear(): void {
    this.#fireTime = Infinity;
    this.#last = Number.NaN;
  }
}
