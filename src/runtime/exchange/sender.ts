import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { RecordBatch, WatermarkSteps } from "../../batch/record-batch.ts";
import type { DataType } from "../../types/data-type.ts";
import { remapSteps } from "../../batch/steps.ts";
import { subtaskOf } from "../../state/backend.ts";
import { watermarkBatch, type Receiver } from "../node.ts";
import { encodeBatch } from "./batch-codec.ts";
import { CHANNEL_CREDITS, type Element, type Network } from "./network.ts";

/**
 * The sending end of an exchange in one thread: each row goes to the thread that owns the key group of its key;
 * watermarks, idleness, barriers and the end go to all of them. With no key columns every row goes to the first thread.
 */
export class ExchangeSender implements Receiver {
  readonly exchange: number;
  readonly #keys: readonly number[];
  readonly #network: Network;
  /** What comes without rows may come without columns. */
  readonly #empty: RecordBatch;
  /** Thread of each key group. */
  readonly #targetOf: Uint16Array;
  /** Batches under way to each thread. */
  readonly #underWay: Int32Array;
  #full = 0;
  #hashes = new Int32Array(0);
  readonly #rows: Int32Array[];
  readonly #counts: Int32Array;

  constructor(exchange: number, keys: readonly number[], types: readonly DataType[], network: Network) {
    this.exchange = exchange;
    this.#empty = watermarkBatch(types, 0);
    this.#keys = keys;
    this.#network = network;
    const { parallelism, maxParallelism } = network;
    this.#targetOf = Uint16Array.from({ length: maxParallelism }, (_, group) =>
      subtaskOf(group, parallelism, maxParallelism),
    );
    this.#underWay = new Int32Array(parallelism);
    this.#rows = Array.from({ length: parallelism }, () => new Int32Array(0));
    this.#counts = new Int32Array(parallelism);
  }

  /** False: some target has as many batches as it may; whatever could add to them waits. */
  get open(): boolean {
    return this.#full === 0;
  }

  /** The target has processed so many batches. */
  credited(target: number, batches: number): void {
    const before = this.#underWay[target]!;
    this.#underWay[target] = before - batches;
    if (before >= CHANNEL_CREDITS && before - batches < CHANNEL_CREDITS) this.#full -= 1;
  }

  batch(_input: number, batch: RecordBatch): void {
    const { rowCount, steps } = batch;
    if (rowCount === 0) {
      if (steps !== undefined) this.#toAll(lastStep(steps));
      return;
    }
    if (this.#keys.length === 0) {
      this.#send(0, encodeBatch(batch, undefined, rowCount, steps));
      if (steps !== undefined) this.#toAll(lastStep(steps), 1);
      return;
    }
    this.#divide(batch);
    for (let target = 0; target < this.#counts.length; target++) {
      const count = this.#counts[target]!;
      const rows = this.#rows[target]!;
      if (count > 0) {
        const own = steps === undefined ? undefined : remapSteps(steps, rows, count);
        this.#send(target, encodeBatch(batch, rows, count, own));
      } else if (steps !== undefined) {
        this.#send(target, encodeBatch(this.#empty, undefined, 0, lastStep(steps)));
      }
    }
  }

  /** The rows of each target, ascending. */
  #divide({ columns, rowCount }: RecordBatch): void {
    if (this.#hashes.length < rowCount) {
      this.#hashes = new Int32Array(rowCount);
      for (let target = 0; target < this.#rows.length; target++) this.#rows[target] = new Int32Array(rowCount);
    }
    const hashes = this.#hashes;
    const counts = this.#counts.fill(0);
    hashRows(
      this.#keys.map((key) => columns[key]!),
      rowCount,
      hashes,
    );
    const groups = this.#targetOf.length;
    for (let row = 0; row < rowCount; row++) {
      const target = this.#targetOf[keyGroupOf(hashes[row]!, groups)]!;
      this.#rows[target]![counts[target]!] = row;
      counts[target] = counts[target]! + 1;
    }
  }

  #toAll(steps: WatermarkSteps, from = 0): void {
    for (let target = from; target < this.#underWay.length; target++)
      this.#send(target, encodeBatch(this.#empty, undefined, 0, steps));
  }

  #send(target: number, buffer: ArrayBuffer): void {
    const underWay = this.#underWay[target]! + 1;
    this.#underWay[target] = underWay;
    if (underWay === CHANNEL_CREDITS) this.#full += 1;
    this.#network.send(target, this.exchange, { kind: "batch", buffer });
  }

  #control(element: Element): void {
    for (let target = 0; target < this.#underWay.length; target++) this.#network.send(target, this.exchange, element);
  }

  barrier(_input: number, checkpointId: number): void {
    this.#control({ kind: "barrier", checkpointId });
  }

  idle(_input: number, idle: boolean): void {
    this.#control({ kind: "idle", idle });
  }

  end(): void {
    this.#control({ kind: "end" });
  }
}

/** Without rows only the last watermark counts. */
function lastStep({ watermarks, count }: WatermarkSteps): WatermarkSteps {
  return { rows: new Int32Array(1), watermarks: Float64Array.of(watermarks[count - 1]!), count: 1 };
}
