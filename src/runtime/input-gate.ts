import type { WatermarkSteps } from "../batch/record-batch.ts";
import { StepsBuilder } from "../batch/steps.ts";
import type { InputInspection } from "./inspection.ts";

/** What the end of an input leads to. */
interface GateEnd {
  /** Every input has ended. */
  readonly all: boolean;
  /** The barrier that only this input was still missing for. */
  readonly barrier: number | undefined;
}

/**
 * Takes the minimum of the watermarks of several inputs, leaving idle ones out, and gathers barriers and ends: what has
 * to wait for all inputs happens when the last one is in.
 */
export class InputGate {
  readonly #watermarks: Float64Array;
  readonly #idle: Uint8Array;
  readonly #ended: Uint8Array;
  /** 1: the input has delivered the barrier of `#checkpoint`. */
  readonly #arrived: Uint8Array;
  #current = -Infinity;
  #checkpoint: number | undefined;
  #allIdle = false;

  constructor(inputCount: number) {
    this.#watermarks = new Float64Array(inputCount).fill(-Infinity);
    this.#idle = new Uint8Array(inputCount);
    this.#ended = new Uint8Array(inputCount);
    this.#arrived = new Uint8Array(inputCount);
  }

  get watermark(): number {
    return this.#current;
  }

  /** Each input, for whoever wants to know which holds the others back. */
  inspect(): InputInspection[] {
    return Array.from(this.#watermarks, (watermarkMillis, i) => ({
      watermarkMillis,
      idle: this.#idle[i] === 1,
      ended: this.#ended[i] === 1,
    }));
  }

  isIdle(input: number): boolean {
    return this.#idle[input] === 1;
  }

  /** Every input has ended. */
  get ended(): boolean {
    return this.#ended.every((flag) => flag === 1);
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

  /** True once every input has delivered the barrier (or has ended). A new barrier takes the place of one that never became complete. */
  barrier(input: number, checkpointId: number): boolean {
    if (this.#checkpoint !== checkpointId) {
      this.#checkpoint = checkpointId;
      this.#arrived.fill(0);
    }
    this.#arrived[input] = 1;
    return this.#completeBarrier() !== undefined;
  }

  end(input: number): GateEnd {
    this.#ended[input] = 1;
    return { all: this.ended, barrier: this.#completeBarrier() };
  }

  /** The barrier that is complete now; it is then forgotten. */
  #completeBarrier(): number | undefined {
    const checkpoint = this.#checkpoint;
    if (checkpoint === undefined) return undefined;
    for (let i = 0; i < this.#arrived.length; i++) if (this.#arrived[i] === 0 && this.#ended[i] === 0) return undefined;
    this.#checkpoint = undefined;
    return checkpoint;
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
