import type { RecordBatch, WatermarkSteps } from "../../batch/record-batch.ts";
import type { DataType } from "../../types/data-type.ts";
import { watermarkBatch } from "../node.ts";
import type { Operator, OperatorContext, Output, Unfinished } from "../operator.ts";
import { emitSteps } from "./emit.ts";

/** An operator that works in event time and says which watermark fires the next of what waits in it; it may have timers too. */
export interface FiringOperator extends Operator {
  /** +Infinity: nothing waits. Asked between batches. */
  nextFire(): number;
}

interface Options {
  /** The time attribute, of each input where there are several: its values are those of the clock. */
  readonly time: number | readonly number[];
  readonly input: readonly DataType[];
  /** Rows carry their windows, which have passed when they come: they are not to be late. */
  readonly attached?: boolean;
  /** What still waits when the input ends comes out. Flink drops it. */
  readonly firesAtEnd?: boolean;
}

/**
 * An operator of event time in processing time: the rows of a batch have the time at which the batch comes, and the clock
 * is the watermark (at `t` no row before `t` comes any more, so that it stands at `t` − 1). The watermark of event time
 * goes past it. Time never goes back, whatever the clock of the machine does, also over a restart.
 */
export class InProcessingTime implements Operator {
  readonly #inner: FiringOperator;
  readonly #context: OperatorContext;
  readonly #options: Options;
  readonly prepare: Operator["prepare"];
  #now: number;
  /** When the batch in hand was prepared. */
  #preparedAt: number | undefined;
  /** What follows when the batch in hand is finished. */
  #last: (() => void) | undefined;

  constructor(inner: FiringOperator, options: Options, context: OperatorContext) {
    this.#inner = inner;
    this.#context = context;
    this.#options = options;
    this.prepare = inner.prepare && ((input, batch) => this.#prepare(input, batch));
    this.#now = context.state.number("processingTime", "highest", -Infinity, () => this.#now);
  }

  /** What is brought near is for the time at which the batch is prepared, so it is processed at that time. */
  #prepare(input: number, batch: RecordBatch): Promise<void> | undefined {
    if (batch.rowCount === 0) return this.#inner.prepare!(input, batch);
    this.#preparedAt = this.#advance();
    return this.#inner.prepare!(input, this.#timed(input, batch, this.#preparedAt));
  }

  process(input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    if (rowCount > 0) {
      const now = this.#preparedAt ?? this.#advance();
      this.#preparedAt = undefined;
      const clock = this.#options.attached === true ? undefined : mark(now - 1);
      this.#inner.process(input, { ...this.#timed(input, batch, now), steps: clock }, withoutWatermarks(out));
    }
    if (steps === undefined) return;
    const last = steps.watermarks[steps.count - 1]!;
    const pass = (): void => {
      if (last === Infinity && this.#options.firesAtEnd === true) this.#fire(Infinity, out);
      emitSteps(out, mark(last));
    };
    if (this.#inner.unfinished === undefined) pass();
    else this.#last = pass;
  }

  get unfinished(): Unfinished | undefined {
    const rest = this.#inner.unfinished;
    return (
      rest && {
        prepare: () => rest.prepare(),
        resume: () => {
          rest.resume();
          if (this.#inner.unfinished !== undefined) return;
          this.#last?.();
          this.#last = undefined;
        },
      }
    );
  }

  nextTimer(): number {
    return Math.min(this.#inner.nextTimer?.() ?? Infinity, this.#inner.nextFire() + 1);
  }

  onTimer(out: Output): void {
    this.#inner.onTimer?.(withoutWatermarks(out));
    this.#fire(this.#advance() - 1, out);
  }

  beforeBarrier(out: Output): void {
    this.#inner.beforeBarrier?.(withoutWatermarks(out));
  }

  close(): void {
    this.#inner.close?.();
  }

  #timed(input: number, batch: RecordBatch, now: number): RecordBatch {
    const { time, attached } = this.#options;
    // Rows with windows of their own need no time.
    return attached === true ? batch : atTime(batch, typeof time === "number" ? time : time[input]!, now);
  }

  #fire(watermark: number, out: Output): void {
    this.#inner.process(0, watermarkBatch(this.#options.input, watermark), withoutWatermarks(out));
  }

  #advance(): number {
    this.#now = Math.max(this.#now, this.#context.nowMillis());
    return this.#now;
  }
}

function mark(watermarkMillis: number): WatermarkSteps {
  return { rows: new Int32Array(1), watermarks: Float64Array.of(watermarkMillis), count: 1 };
}

/** The watermarks inside are of processing time and nobody else's business. */
function withoutWatermarks(out: Output): Output {
  return {
    batch: (batch) => {
      if (batch.rowCount > 0) out.batch(batch.steps === undefined ? batch : { ...batch, steps: undefined });
    },
  };
}

/** The rows with this time in their time attribute. */
export function atTime(batch: RecordBatch, time: number, nowMillis: number): RecordBatch {
  const columns = [...batch.columns];
  const values = new Float64Array(batch.rowCount).fill(nowMillis);
  columns[time] = { storage: "f64", values, nulls: undefined };
  return { ...batch, columns };
}
