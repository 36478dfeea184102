import type { RecordBatch } from "../batch/record-batch.ts";
import { sliceBatch } from "../batch/take.ts";
import { changelogText } from "../batch/text.ts";
import { AGGREGATES } from "../functions/aggregate/index.ts";
import type { SessionFacts } from "../functions/define.ts";
import { createRegistry, type FunctionRegistry } from "../functions/registry.ts";
import type { OperatorState } from "../state/api.ts";
import { createOperatorState, type MemoryOperatorState } from "../state/operator-state.ts";
import { readSnapshots, type RestoredState } from "../state/restored-state.ts";
import type { DataType } from "../types/data-type.ts";
import type { LookupTables, Operator, Output } from "./operator.ts";
import { createOperator } from "./operators/index.ts";
import type { OperatorSpec } from "./spec.ts";

export interface HarnessOptions {
  /** Types of the output columns, for the text of rows. */
  readonly output: readonly DataType[];
  readonly restore?: RestoredState | undefined;
  readonly functions?: FunctionRegistry | undefined;
  /** Processing time; default: 0 for ever. */
  readonly nowMillis?: (() => number) | undefined;
  readonly compileExpressions?: boolean | undefined;
  /** State of another backend; then `restarted` is not for it. Default: in memory. */
  readonly state?: OperatorState | undefined;
  readonly tables?: LookupTables | undefined;
}

const SESSION: SessionFacts = { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 };

/** Test driver for one operator: feeds batches, collects rows and watermarks as text in order. */
export class Harness {
  readonly operator: Operator;
  readonly counters = new Map<string, number>();
  /** `+I[…]` for a row, `W 5` for a watermark, in order. */
  readonly lines: string[] = [];
  readonly #spec: OperatorSpec;
  readonly #options: HarnessOptions;
  readonly #state: MemoryOperatorState;
  readonly #files: Uint8Array[] = [];
  #lastFreeze = 0;

  constructor(spec: OperatorSpec, options: HarnessOptions) {
    this.#spec = spec;
    this.#options = options;
    const nowMillis = options.nowMillis ?? (() => 0);
    this.#state = createOperatorState({ clock: { nowMillis }, maxParallelism: 128, restore: options.restore });
    this.operator = createOperator(spec, {
      operatorId: "op",
      functions: options.functions ?? createRegistry([], AGGREGATES),
      session: SESSION,
      compileExpressions: options.compileExpressions ?? true,
      state: options.state ?? this.#state,
      tables: options.tables,
      nowMillis,
      late: () => this.counters.set("lateRows", (this.counters.get("lateRows") ?? 0) + 1),
      count: (counter, amount) => this.counters.set(counter, (this.counters.get(counter) ?? 0) + amount),
    });
  }

  /** Where the operator emits to. */
  readonly out: Output = { batch: (batch) => this.#collect(batch) };

  /** Feeds one batch. */
  push(batch: RecordBatch, input = 0): this {
    this.operator.process(input, batch, this.out);
    return this;
  }

  /** Fires the operator's timer if the clock has reached it. */
  fireTimer(): this {
    const now = this.#options.nowMillis?.() ?? 0;
    if ((this.operator.nextTimer?.() ?? Infinity) <= now) this.operator.onTimer?.(this.out);
    return this;
  }

  /** Feeds one batch as a job does whose state may be behind a store. */
  async pushAwaited(batch: RecordBatch, input = 0): Promise<this> {
    await this.operator.prepare?.(input, batch);
    return this.push(batch, input).finished();
  }

  /** Takes the steps that a batch or timer has left. */
  async finished(): Promise<this> {
    for (let rest = this.operator.unfinished; rest !== undefined; rest = this.operator.unfinished) {
      await rest.prepare();
      rest.resume();
    }
    return this;
  }

  /** Feeds one batch cut before the given rows (ascending). */
  pushCut(batch: RecordBatch, cuts: readonly number[], input = 0): this {
    let from = 0;
    for (const cut of [...cuts, batch.rowCount]) {
      if (cut <= from && batch.rowCount > 0) continue;
      this.push(sliceBatch(batch, from, cut), input);
      from = cut;
    }
    return this;
  }

  /** A checkpoint of now: at first a base, then increments. Returns the files so far. */
  async checkpoint(): Promise<readonly Uint8Array[]> {
    const frozen = this.#state.freeze(this.#lastFreeze);
    const { bytes } = await frozen.toBytes({ chain: "harness", position: this.#files.length });
    this.#lastFreeze = frozen.freeze;
    this.#files.push(bytes);
    return this.#files;
  }

  /** The operator made again from a checkpoint of now. */
  async restarted(): Promise<Harness> {
    return new Harness(this.#spec, { ...this.#options, restore: await readSnapshots(await this.checkpoint()) });
  }

  /** What stood out so far, and forgets it. Watermarks after one another without rows between count once. */
  take(): string[] {
    const lines = this.lines.splice(0);
    return lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
  }

  /** Rows only. */
  rows(): string[] {
    return this.take().filter((line) => !line.startsWith("W "));
  }

  #collect(batch: RecordBatch): void {
    const rows = batch.rowCount === 0 ? [] : changelogText(batch, this.#options.output);
    let step = 0;
    const flush = (row: number): void => {
      const { steps } = batch;
      while (steps !== undefined && step < steps.count && steps.rows[step]! <= row)
        this.lines.push(`W ${steps.watermarks[step++]}`);
    };
    rows.forEach((line, row) => {
      flush(row);
      this.lines.push(line);
    });
    flush(batch.rowCount);
  }
}
