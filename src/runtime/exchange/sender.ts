import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { RecordBatch, WatermarkSteps } from "../../batch/record-batch.ts";
import type { DataType } from "../../types/data-type.ts";
import { remapSteps } from "../../batch/steps.ts";
import { takeBatch } from "../../batch/take.ts";
import { subtaskOf } from "../../state/backend.ts";
import { watermarkBatch, type Receiver } from "../node.ts";
import { encodeBatch } from "./batch-codec.ts";
import { CHANNEL_CREDITS, type Element, type Network } from "./network.ts";

/** Buffers that are kept to be used again. */
const FREE_BUFFERS = 16;
const MIN_BUFFER_BYTES = 4096;

/**
 * The sending end of an exchange in one thread: each row goes to the thread that owns the key group of its key;
 * watermarks, idleness, barriers and the end go to all of them. With no key columns every row goes to the first thread.
 */
export class ExchangeSender implements Receiver {
  readonly exchange: number;
  /** Barriers that are sent now are those of an unaligned checkpoint. */
  overtakes = false;
  readonly #keys: readonly number[];
  readonly #network: Network;
  /** What comes without rows may come without columns. */
  readonly #empty: RecordBatch;
  /** Thread of each key group. */
  readonly #targetOf: Uint16Array;
  /** Batches under way to each thread. */
  readonly #underWay: Int32Array;
  #full = 0;
  readonly #free: ArrayBuffer[] = [];
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

  /** The target has processed a batch, and gives its memory back. */
  credited(target: number, buffer: ArrayBuffer): void {
    const before = this.#underWay[target]!;
    this.#underWay[target] = before - 1;
    if (before === CHANNEL_CREDITS) this.#full -= 1;
    if (this.#free.length < FREE_BUFFERS) this.#free.push(buffer);
  }

  /** Memory that has come back and is large enough, or new memory with room to spare, so that it can be used again. */
  readonly #memory = (bytes: number): ArrayBuffer => {
    for (let i = this.#free.length - 1; i >= 0; i--) {
      const buffer = this.#free[i]!;
      if (buffer.byteLength < bytes) continue;
      this.#free[i] = this.#free.at(-1)!;
      this.#free.pop();
      return buffer;
    }
    // None is large enough: the smallest of them is not worth keeping.
    if (this.#free.length === FREE_BUFFERS) this.#free.shift();
    return new ArrayBuffer(Math.max(MIN_BUFFER_BYTES, 2 ** Math.ceil(Math.log2(bytes))));
  };

  batch(_input: number, batch: RecordBatch): void {
    const { rowCount, steps } = batch;
    if (rowCount === 0) {
      if (steps !== undefined) this.#toAll(lastStep(steps));
      return;
    }
    if (this.#keys.length === 0) {
      this.#send(0, encodeBatch(batch, undefined, rowCount, steps, this.#memory));
      if (steps !== undefined) this.#toAll(lastStep(steps), 1);
      return;
    }
    this.#divide(batch);
    for (let target = 0; target < this.#counts.length; target++) {
      const count = this.#counts[target]!;
      const rows = this.#rows[target]!;
      if (count > 0) {
        const own = steps === undefined ? undefined : remapSteps(steps, rows, count);
        this.#send(target, encodeBatch(batch, rows, count, own, this.#memory));
      } else if (steps !== undefined) {
        this.#send(target, encodeBatch(this.#empty, undefined, 0, lastStep(steps), this.#memory));
      }
    }
  }

  /** The rows of a restored batch that belong to this thread, without steps. */
  ownRows(batch: RecordBatch): RecordBatch {
    const { subtask } = this.#network;
    const bare = { ...batch, steps: undefined };
    if (this.#keys.length === 0) return subtask === 0 ? bare : this.#empty;
    this.#divide(batch);
    return takeBatch(bare, this.#rows[subtask]!, this.#counts[subtask]!);
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
      this.#send(target, encodeBatch(this.#empty, undefined, 0, steps, this.#memory));
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
    this.#control({ kind: "barrier", checkpointId, overtakes: this.overtakes });
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
