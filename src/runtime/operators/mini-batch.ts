import { StepsBuilder } from "../../batch/steps.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { MiniBatchSpec } from "../spec.ts";
import { emitBatch, emitWatermark } from "./emit.ts";

/**
 * Ends mini-batches by the clock, at multiples of the interval, where nothing behind works in event time: the watermarks
 * from below stop here, but for the end of the input.
 */
class ByClock implements Operator {
  readonly #context: OperatorContext;
  readonly #interval: number;
  #current: number;
  #next: number;

  constructor(spec: MiniBatchSpec, context: OperatorContext) {
    this.#context = context;
    this.#interval = spec.intervalMillis;
    this.#current = context.state.number("current", "lowest", 0, () => this.#current);
    this.#next = this.#start() + this.#interval;
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const steps = new StepsBuilder();
    if (batch.rowCount > 0 && this.#advance()) steps.add(0, this.#current);
    if (batch.steps !== undefined && batch.steps.watermarks[batch.steps.count - 1] === Infinity)
      steps.add(batch.rowCount, Infinity);
    emitBatch(out, { ...batch, steps: steps.finish() });
  }

  nextTimer(): number {
    return this.#next;
  }

  onTimer(out: Output): void {
    if (this.#advance()) emitWatermark(out, this.#current);
  }

  /** True when a mini-batch has ended. */
  #advance(): boolean {
    const start = this.#start();
    this.#next = start + this.#interval;
    if (start <= this.#current) return false;
    this.#current = start;
    return true;
  }

  #start(): number {
    const now = this.#context.nowMillis();
    return now - (now % this.#interval);
  }
}

/** Ends mini-batches by event time: of the watermarks only the first in each interval goes on. */
class ByEvents implements Operator {
  readonly #interval: number;
  #emitted: number;

  constructor(spec: MiniBatchSpec, context: OperatorContext) {
    this.#interval = spec.intervalMillis;
    this.#emitted = context.state.number("emitted", "lowest", 0, () => this.#emitted);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { steps } = batch;
    if (steps === undefined) {
      out.batch(batch);
      return;
    }
    const kept = new StepsBuilder();
    let next = this.#nextEnd();
    for (let k = 0; k < steps.count; k++) {
      const watermark = steps.watermarks[k]!;
      if (watermark < next) continue;
      kept.add(steps.rows[k]!, watermark);
      this.#emitted = watermark;
      next = this.#nextEnd();
    }
    emitBatch(out, { ...batch, steps: kept.finish() });
  }

  /** The last moment of the interval in which the next watermark is due. */
  #nextEnd(): number {
    if (this.#emitted === Infinity) return Infinity;
    const end = Math.floor(this.#emitted / this.#interval) * this.#interval + this.#interval - 1;
    return end > this.#emitted ? end : end + this.#interval;
  }
}

/** The assigner of mini-batches, behind a source. */
export const MINI_BATCH: OperatorDefinition<MiniBatchSpec> = {
  kind: "mini-batch",
  create: (spec, context) => (spec.by === "clock" ? new ByClock(spec, context) : new ByEvents(spec, context)),
};
