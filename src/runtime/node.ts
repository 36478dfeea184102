import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch, WatermarkSteps } from "../batch/record-batch.ts";
import { StepsBuilder } from "../batch/steps.ts";
import type { DataType } from "../types/data-type.ts";
import type { Operator, Output } from "./operator.ts";

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

/**
 * Takes the minimum of the watermarks of several inputs, leaving idle ones out, and counts barriers and ends: what has
 * to wait for all inputs happens when the last one is in.
 */
export class InputGate {
  readonly #watermarks: Float64Array;
  readonly #idle: Uint8Array;
  readonly #ended: Uint8Array;
  #current = -Infinity;
  #barriers = 0;
  #ends = 0;
  #allIdle = false;

  constructor(inputCount: number) {
    this.#watermarks = new Float64Array(inputCount).fill(-Infinity);
    this.#idle = new Uint8Array(inputCount);
    this.#ended = new Uint8Array(inputCount);
  }

  get watermark(): number {
    return this.#current;
  }

  /** The steps of the operator as a whole that follow from one input's steps. */
  combine(input: number, steps: WatermarkSteps | undefined): WatermarkSteps | undefined {
    if (steps === undefined) return undefined;
    // After a restore what is above may begin anew, below the watermark that this node has reached.
    if (this.#watermarks.length === 1 && steps.watermarks[0]! >= this.#current) {
      this.#current = this.#watermarks[0] = steps.watermarks[steps.count - 1]!;
      return steps;
    }
    let builder: StepsBuilder | undefined;
    for (let k = 0; k < steps.count; k++) {
      this.#watermarks[input] = steps.watermarks[k]!;
      const minimum = this.#minimum();
      if (minimum <= this.#current) continue;
      this.#current = minimum;
      builder ??= new StepsBuilder();
      builder.add(steps.rows[k]!, minimum);
    }
    return builder?.finish();
  }

  /** True once every input has delivered the barrier (or has ended). */
  barrier(): boolean {
    this.#barriers += 1;
    if (this.#barriers + this.#ends < this.#watermarks.length) return false;
    this.#barriers = 0;
    return true;
  }

  /** True once every input has ended. */
  end(input: number): boolean {
    if (this.#ended[input] === 0) {
      this.#ended[input] = 1;
      this.#ends += 1;
    }
    return this.#ends === this.#watermarks.length;
  }

  /** The watermark that an input falling idle sets free, and whether the whole node became idle or active. */
  idle(
    input: number,
    idle: boolean,
  ): { readonly watermark: number | undefined; readonly changed: boolean | undefined } {
    this.#idle[input] = idle ? 1 : 0;
    const all = this.#idle.every((flag) => flag === 1);
    const changed = all === this.#allIdle ? undefined : all;
    this.#allIdle = all;
    const minimum = this.#minimum();
    if (all || minimum <= this.#current) return { watermark: undefined, changed };
    this.#current = minimum;
    return { watermark: minimum, changed };
  }

  /** For a restore: the watermarks per input. */
  restore(watermarks: readonly number[]): void {
    watermarks.forEach((w, i) => (this.#watermarks[i] = w));
    this.#current = this.#minimum();
  }

  watermarks(): readonly number[] {
    return [...this.#watermarks];
  }

  #minimum(): number {
    let minimum = Infinity;
    let active = false;
    for (let i = 0; i < this.#watermarks.length; i++) {
      if (this.#idle[i] === 1) continue;
      active = true;
      minimum = Math.min(minimum, this.#watermarks[i]!);
    }
    return active ? minimum : this.#current;
  }
}

/** An operator in the running job: its gate in front, its consumers behind. */
export class OperatorNode implements Receiver {
  readonly id: string;
  readonly output = new FanOut();
  readonly gate: InputGate;
  readonly #operator: Operator;
  readonly #inputTypes: readonly (readonly DataType[])[];
  readonly #onBarrier: BarrierListener;
  readonly #empty: RecordBatch[] = [];

  constructor(
    id: string,
    operator: Operator,
    inputTypes: readonly (readonly DataType[])[],
    onBarrier: BarrierListener,
  ) {
    this.id = id;
    this.#operator = operator;
    this.#inputTypes = inputTypes;
    this.#onBarrier = onBarrier;
    this.gate = new InputGate(inputTypes.length);
  }

  batch(input: number, batch: RecordBatch): void {
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

  barrier(_input: number, checkpointId: number): void {
    if (!this.gate.barrier()) return;
    this.#operator.beforeBarrier?.(this.output);
    this.#onBarrier(checkpointId);
    this.output.barrier(checkpointId);
  }

  idle(input: number, idle: boolean): void {
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

  /** The source behind has been silent for a moment. */
  advance(): void {
    this.#operator.advance?.(this.output);
  }

  end(input: number): void {
    if (!this.gate.end(input)) return;
    this.#operator.beforeBarrier?.(this.output);
    this.output.end();
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
