import { concatBatches } from "../batch/concat.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { OperatorNode, Receiver } from "./node.ts";

const NO_ROWS: RecordBatch = { rowCount: 0, columns: [], kinds: undefined, steps: undefined };

type Step = () => Promise<void> | void;

/** Work that has to wait for state: steps are taken in the order in which they came, each after the one before has ended. */
export class LocalQueue {
  #steps: Step[] = [];

  get empty(): boolean {
    return this.#steps.length === 0;
  }

  push(step: Step): void {
    this.#steps.push(step);
  }

  /** Takes all steps, those that come meanwhile too. */
  async drain(): Promise<void> {
    for (let i = 0; i < this.#steps.length; i++) {
      const waits = this.#steps[i]!();
      if (waits instanceof Promise) await waits;
    }
    this.#steps = [];
  }
}

/**
 * Stands in front of a node whose state may lie elsewhere (RocksDB, a database): batches are kept, in memory of their
 * own, until their state is near. While nothing has to be waited for, it is not in the way. What a batch leaves
 * unfinished takes its turn behind what the step has sent on, and in front of all that comes to the node.
 */
export class QueuedReceiver implements Receiver {
  readonly #node: OperatorNode;
  readonly #queue: LocalQueue;
  readonly #mayWait: () => boolean;
  /** What is to come to the node, in order; each has a turn in the queue. */
  readonly #steps: Step[] = [];

  constructor(node: OperatorNode, queue: LocalQueue, mayWait: () => boolean) {
    this.#node = node;
    this.#queue = queue;
    this.#mayWait = mayWait;
  }

  batch(input: number, batch: RecordBatch): void {
    if (this.#queue.empty && !this.#mayWait()) return this.#node.batch(input, batch);
    const kept = batch.rowCount === 0 ? batch : concatBatches([batch], true);
    this.#prepared(input, kept, () => this.#node.batch(input, kept));
  }

  barrier(input: number, checkpointId: number): void {
    this.#inOrder(() => this.#node.barrier(input, checkpointId));
  }

  /** An input that falls idle may set a watermark free, which fires what is to be near. */
  idle(input: number, idle: boolean): void {
    if (this.#queue.empty && !this.#mayWait()) return this.#node.idle(input, idle);
    this.#prepared(input, NO_ROWS, () => this.#node.idle(input, idle));
  }

  end(input: number): void {
    this.#inOrder(() => this.#node.end(input));
  }

  /** What the node keeps in memory comes there, before it is asked for timers. */
  bringNear(): void {
    this.#prepared(0, NO_ROWS, () => undefined);
  }

  /** A timer of the node: what it fires is to be near, as for a batch. */
  onTimer(): void {
    if (this.#queue.empty && !this.#mayWait()) return this.#node.onTimer();
    this.#prepared(0, NO_ROWS, () => this.#node.onTimer());
  }

  #prepared(input: number, batch: RecordBatch, act: () => void): void {
    this.#steps.push(() => this.#after(this.#node.prepare(input, batch), act));
    this.#takeTurn();
  }

  #after(waits: Promise<void> | undefined, act: () => void): Promise<void> | void {
    const step = (): void => {
      act();
      if (this.#node.isUnfinished)
        this.#queue.push(() => this.#after(this.#node.prepareRest(), () => this.#node.resume()));
    };
    return waits === undefined ? step() : waits.then(step);
  }

  #inOrder(act: () => void): void {
    if (this.#queue.empty) return act();
    this.#steps.push(act);
    this.#takeTurn();
  }

  #takeTurn(): void {
    this.#queue.push(() => {
      // The turn of a step that has to wait comes again, behind the rest of the one before it.
      if (this.#node.isUnfinished) return this.#takeTurn();
      return this.#steps.shift()!();
    });
  }
}
