import { locate } from "../base/error-context.ts";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Prepared, Sink, SinkWriter } from "../connectors/api.ts";
import { InputGate } from "./input-gate.ts";
import type { NodeInspection } from "./inspection.ts";
import type { BarrierListener, Receiver } from "./node.ts";
import { sinkConstraints } from "./sink-constraints.ts";
import type { SinkSpec } from "./spec.ts";

/** Where the rows of a SELECT go. With the optional parts it is transactional: what was not committed does not count. */
export interface Collector {
  /** Called synchronously, the batch is valid during the call. */
  batch(batch: RecordBatch): void | Promise<void>;
  /** At a barrier: what came since the last one belongs to the checkpoint. */
  prepare?(checkpointId: number): void | Promise<void>;
  /** The checkpoint is complete; may be called again. */
  commit?(checkpointId: number): void;
  /** After a restore: what is not committed is dropped. */
  discardAfter?(): void;
}

/** The end of a pipeline: constraints of the table, then the connector's writer. */
export class SinkTask implements Receiver {
  readonly id: string;
  readonly sink: Sink;
  /** Rows come along the graph, not only from a source's bad records. */
  readonly fed: boolean;
  readonly #gate: InputGate;
  readonly #onBarrier: BarrierListener;
  readonly #constraints: ((batch: RecordBatch) => RecordBatch) | undefined;
  #watermark = -Infinity;
  #writer: SinkWriter | undefined;
  /** What writers asked to wait for; the job awaits it before it reads on. */
  pending: Promise<void>[] = [];
  rows = 0;
  ended = false;

  constructor(id: string, spec: SinkSpec, sink: Sink, inputs: number, onBarrier: BarrierListener) {
    this.id = id;
    this.fed = inputs > 0;
    this.#gate = new InputGate(Math.max(1, inputs));
    this.sink = sink;
    this.#onBarrier = onBarrier;
    this.#constraints = sinkConstraints(spec);
  }

  async open(subtask: number, restored: readonly Json[]): Promise<void> {
    this.#writer = await this.sink.openWriter(subtask, restored);
  }

  get writer(): SinkWriter {
    if (this.#writer === undefined) throw new SqlError("BUG", `sink ${this.id} is not open`);
    return this.#writer;
  }

  batch(_input: number, batch: RecordBatch): void {
    try {
      this.#batch(batch);
    } catch (error) {
      throw locate(error, { operatorId: this.id });
    }
  }

  #batch(batch: RecordBatch): void {
    if (batch.rowCount > 0) {
      const checked = this.#constraints?.(batch) ?? batch;
      this.rows += checked.rowCount;
      if (checked.rowCount > 0) {
        const waits = this.writer.write(checked);
        if (waits !== undefined) {
          this.pending.push(waits);
          // It is awaited later, or not at all when something else fails before: its failure must not go unheard.
          waits.catch(() => undefined);
        }
      }
    }
    if (batch.steps === undefined) return;
    this.#watermark = batch.steps.watermarks[batch.steps.count - 1]!;
    this.writer.watermark?.(this.#watermark);
  }

  barrier(input: number, checkpointId: number): void {
    if (this.#gate.barrier(input, checkpointId)) this.#onBarrier(checkpointId);
  }

  idle(): void {}

  end(input: number): void {
    const { all, barrier } = this.#gate.end(input);
    if (barrier !== undefined) this.#onBarrier(barrier);
    if (all) this.ended = true;
  }

  /** How it is doing. */
  inspect(): NodeInspection {
    return {
      id: this.id,
      rowsIn: this.rows,
      rowsOut: this.rows,
      inputs: this.#gate.inspect(),
      watermarkMillis: this.#watermark,
      counters: {},
      state: undefined,
      waiting: undefined,
      source: undefined,
    };
  }

  prepare(checkpointId: number, final: boolean): Prepared | Promise<Prepared> {
    return this.writer.prepareCommit(checkpointId, final);
  }

  /** The sink has committed a checkpoint. Writers that are not open yet, or no longer, have no part in it. */
  async committed(checkpointId: number): Promise<void> {
    await this.#writer?.committed?.(checkpointId);
  }

  async close(aborted: boolean): Promise<void> {
    try {
      await this.#writer?.close(aborted);
    } finally {
      this.#writer = undefined;
      await this.sink.close?.();
    }
  }
}

/** The sink of a SELECT. */
export function collectSink(collector: Collector | undefined): Sink {
  return {
    guarantee: collector?.commit === undefined ? "at-least-once" : "exactly-once",
    openWriter: () => ({
      write: (batch) => collector?.batch(batch),
      prepareCommit: (checkpointId) => {
        const prepared = { committables: collector?.commit === undefined ? [] : [checkpointId], state: null };
        const waits = collector?.prepare?.(checkpointId);
        return waits === undefined ? prepared : waits.then(() => prepared);
      },
      close: () => undefined,
    }),
    commit: async (checkpointId) => collector?.commit?.(checkpointId),
    discardAfter: async () => collector?.discardAfter?.(),
  };
}
