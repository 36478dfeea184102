import { locate } from "../base/error-context.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType } from "../types/data-type.ts";
import { InputGate } from "./input-gate.ts";
import type { NodeInspection } from "./inspection.ts";
import type { Operator, Output } from "./operator.ts";
import type { SplitMarks } from "./split-marks.ts";

/** What flows along an edge; control travels between batches. With one thread an edge is a direct call. */
export interface Receiver {
  batch(input: number, batch: RecordBatch): void;
  /** Cuts the stream for a checkpoint: everything before it is in the checkpoint, nothing after it. */
  barrier(input: number, checkpointId: number): void;
  /** The input stays silent (true) and must not hold back the watermark, or is active again (false). */
  idle(input: number, idle: boolean): void;
  /** No more batches on this input; a step to +Infinity has come before. */
  end(input: number): void;
}

/** One edge to the next node. */
export interface Edge {
  readonly to: Receiver;
  readonly input: number;
}

/** Told by a node when a barrier has passed it, before the barrier goes on. */
export type BarrierListener = (checkpointId: number) => void;

/** Passes messages to every consumer of a node's output. */
export class FanOut implements Output {
  readonly edges: Edge[] = [];
  /** Rows passed on, for metrics. */
  rows = 0;
  /** The last watermark passed on, epoch millis. */
  watermark = -Infinity;

  batch(batch: RecordBatch): void {
    this.rows += batch.rowCount;
    if (batch.steps !== undefined) this.watermark = batch.steps.watermarks[batch.steps.count - 1]!;
    const { edges } = this;
    for (let i = 0; i < edges.length; i++) edges[i]!.to.batch(edges[i]!.input, batch);
  }

  barrier(checkpointId: number): void {
    for (const edge of this.edges) edge.to.barrier(edge.input, checkpointId);
  }

  idle(idle: boolean): void {
    for (const edge of this.edges) edge.to.idle(edge.input, idle);
  }

  end(): void {
    for (const edge of this.edges) edge.to.end(edge.input);
  }
}

/** An operator in the running job: its gate in front, its consumers behind. */
export class OperatorNode implements Receiver {
  readonly id: string;
  readonly output = new FanOut();
  /** What the operator counts (`lateRows`, …). */
  readonly counters: Readonly<Record<string, number>>;
  readonly gate: InputGate;
  readonly #operator: Operator;
  readonly #inputTypes: readonly (readonly DataType[])[];
  readonly #onBarrier: BarrierListener;
  readonly #empty: RecordBatch[] = [];
  #rowsIn = 0;
  /** Of all inputs, in front of the batch in hand. */
  #watermarkBefore = -Infinity;

  constructor(
    id: string,
    operator: Operator,
    counters: Readonly<Record<string, number>>,
    inputTypes: readonly (readonly DataType[])[],
    onBarrier: BarrierListener,
  ) {
    this.id = id;
    this.#operator = operator;
    this.counters = counters;
    this.#inputTypes = inputTypes;
    this.#onBarrier = onBarrier;
    this.gate = new InputGate(inputTypes.length);
  }

  batch(input: number, batch: RecordBatch): void {
    try {
      this.#batch(input, batch);
    } catch (error) {
      throw locate(error, { operatorId: this.id });
    }
  }

  #batch(input: number, batch: RecordBatch): void {
    this.#rowsIn += batch.rowCount;
    this.#watermarkBefore = this.gate.watermark;
    const steps = this.gate.combine(input, batch.steps);
    if (batch.rowCount === 0) {
      if (steps !== undefined) this.#operator.process(input, { ...this.#emptyBatch(input), steps }, this.output);
      return;
    }
    this.#operator.process(input, steps === batch.steps ? batch : { ...batch, steps }, this.output);
  }

  /** No rows, but the columns that the operator's loops expect: what comes without rows may come without columns. */
  #emptyBatch(input: number): RecordBatch {
    return (this.#empty[input] ??= watermarkBatch(this.#inputTypes[input]!, 0));
  }

  barrier(input: number, checkpointId: number): void {
    if (this.gate.barrier(input, checkpointId)) this.#passBarrier(checkpointId);
  }

  #passBarrier(checkpointId: number): void {
    this.#operator.beforeBarrier?.(this.output);
    this.#onBarrier(checkpointId);
    this.output.barrier(checkpointId);
  }

  idle(input: number, idle: boolean): void {
    // Behind an idle input the watermark goes on without it, and would make late what waits here.
    this.flush();
    const { watermark, changed } = this.gate.idle(input, idle);
    if (watermark !== undefined)
      this.#operator.process(input, watermarkBatch(this.#inputTypes[input]!, watermark), this.output);
    if (changed !== undefined) this.output.idle(changed);
  }

  /** The job goes on from a checkpoint with these watermarks of the inputs. */
  restore(watermarks: readonly number[]): void {
    this.gate.restore(watermarks);
    this.#operator.restore?.(Math.min(...watermarks));
  }

  /** See `Operator.bySplit`. */
  bySplit(): SplitMarks | undefined {
    return this.#operator.bySplit?.();
  }

  /** The source behind has been silent for a moment. */
  advance(): void {
    this.#operator.advance?.(this.output);
  }

  /** What waits only to travel with more rows goes on. */
  flush(): void {
    this.#operator.flush?.(this.output);
  }

  get flushes(): boolean {
    return this.#operator.flush !== undefined;
  }

  /** It may ask to be woken. */
  get isTimed(): boolean {
    return this.#operator.nextTimer !== undefined;
  }

  /** When it is to be woken; +Infinity: not at all, or its inputs have ended. */
  nextTimer(): number {
    return this.gate.ended ? Infinity : (this.#operator.nextTimer?.() ?? Infinity);
  }

  /** Its time has come. */
  onTimer(): void {
    try {
      this.#operator.onTimer?.(this.output);
    } catch (error) {
      throw locate(error, { operatorId: this.id });
    }
  }

  end(input: number): void {
    const { all, barrier } = this.gate.end(input);
    if (barrier !== undefined) this.#passBarrier(barrier);
    if (!all) return;
    this.#operator.beforeBarrier?.(this.output);
    this.output.end();
  }

  /** State for the batch that lies elsewhere is brought near first; undefined: it may be processed at once. */
  prepare(input: number, batch: RecordBatch): Promise<void> | undefined {
    return this.#operator.prepare?.(input, batch);
  }

  /** See `Operator.unfinished`: `prepareRest` and `resume` take the next step. */
  get isUnfinished(): boolean {
    return this.#operator.unfinished !== undefined;
  }

  prepareRest(): Promise<void> | undefined {
    return this.#operator.unfinished?.prepare();
  }

  resume(): void {
    try {
      this.#operator.unfinished?.resume();
    } catch (error) {
      throw locate(error, { operatorId: this.id });
    }
  }

  /** The watermark in front of a row of the batch in hand, whatever the cut of the batch. */
  watermarkAt({ steps }: RecordBatch, row: number): number {
    let watermark = this.#watermarkBefore;
    for (let k = 0; steps !== undefined && k < steps.count && steps.rows[k]! <= row; k++)
      watermark = steps.watermarks[k]!;
    return watermark;
  }

  /** How it is doing; its state is the backend's affair. Only where that is near the operator says what waits in it. */
  inspect(isNear: boolean): Omit<NodeInspection, "state"> {
    return {
      id: this.id,
      rowsIn: this.#rowsIn,
      rowsOut: this.output.rows,
      inputs: this.gate.inspect(),
      watermarkMillis: this.output.watermark,
      counters: { ...this.counters },
      waiting: isNear ? this.#operator.waiting?.() : undefined,
      source: undefined,
    };
  }

  /** Whether batches may have to wait for more than state; undefined: never. */
  get mayWait(): (() => boolean) | undefined {
    return this.#operator.mayWait;
  }

  close(): void {
    this.#operator.close?.();
  }
}

/** No rows, only the watermark. */
export function watermarkBatch(types: readonly DataType[], watermarkMillis: number): RecordBatch {
  return {
    rowCount: 0,
    columns: types.map((type) => columnOf(type, [])),
    kinds: undefined,
    steps: { rows: new Int32Array(1), watermarks: Float64Array.of(watermarkMillis), count: 1 },
  };
}
