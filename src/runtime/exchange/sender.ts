import { hashLongs, hashRows, keyGroupOf } from "../../batch/hash.ts";
import { BATCH_ROWS, type RecordBatch, type WatermarkSteps } from "../../batch/record-batch.ts";
import { storageOf, type DataType } from "../../types/data-type.ts";
import { sliceBatch, takeBatch } from "../../batch/take.ts";
import { subtaskOf } from "../../state/backend.ts";
import type { Receiver } from "../node.ts";
import { encodeBatch } from "./batch-codec.ts";
import { RowStage } from "./row-stage.ts";
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
  readonly #stages: readonly RowStage[];
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
    const storages = types.map(storageOf);
    this.#stages = Array.from({ length: network.parallelism }, () => new RowStage(storages, BATCH_ROWS));
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
      if (steps !== undefined) for (const stage of this.#stages) stage.mark(lastMark(steps));
      return;
    }
    if (this.#keys.length === 0) {
      this.#stage(0, batch, undefined, rowCount);
      if (steps !== undefined)
        for (let target = 1; target < this.#stages.length; target++) this.#stages[target]!.mark(lastMark(steps));
      return;
    }
    const dense = withoutEmptyMasks(batch);
    this.#divide(dense);
    for (let target = 0; target < this.#counts.length; target++) {
      const count = this.#counts[target]!;
      if (count > 0) this.#stage(target, dense, this.#rows[target]!, count);
      else if (steps !== undefined) this.#stages[target]!.mark(lastMark(steps));
    }
  }

  #stage(target: number, batch: RecordBatch, rows: Int32Array | undefined, count: number): void {
    if (count > BATCH_ROWS) {
      const chosen = rows === undefined ? batch : takeBatch(batch, rows, count);
      for (let from = 0; from < count; from += BATCH_ROWS) {
        const piece = sliceBatch(chosen, from, Math.min(count, from + BATCH_ROWS));
        this.#stage(target, piece, undefined, piece.rowCount);
      }
      return;
    }
    const stage = this.#stages[target]!;
    // What does not fit starts the next batch.
    if (stage.room < count) this.#send(target);
    if (batch.steps !== undefined) stage.markAmong(batch.steps, rows, count);
    stage.append(batch, rows, count);
    if (stage.room === 0) this.#send(target);
  }

  /** Sends what was gathered, however little it is. */
  flush(): void {
    for (let target = 0; target < this.#stages.length; target++) if (!this.#stages[target]!.isEmpty) this.#send(target);
  }

  #send(target: number): void {
    const stage = this.#stages[target]!;
    if (stage.isEmpty) return;
    const batch = stage.finish();
    const buffer = encodeBatch(batch, undefined, batch.rowCount, batch.steps, this.#memory, true);
    const underWay = this.#underWay[target]! + 1;
    this.#underWay[target] = underWay;
    if (underWay === CHANNEL_CREDITS) this.#full += 1;
    this.#network.send(target, this.exchange, { kind: "batch", buffer });
  }

  /** The rows of each target, ascending. */
  #divide({ columns, rowCount }: RecordBatch): void {
    if (this.#hashes.length < rowCount) {
      this.#hashes = new Int32Array(rowCount);
      for (let target = 0; target < this.#rows.length; target++) this.#rows[target] = new Int32Array(rowCount);
    }
    const hashes = this.#hashes;
    const counts = this.#counts.fill(0);
    const key = this.#keys.length === 1 ? columns[this.#keys[0]!] : undefined;
    if (key?.storage === "i64" && key.nulls === undefined) hashLongs(key.values, rowCount, hashes);
    else
      hashRows(
        this.#keys.map((key) => columns[key]!),
        rowCount,
        hashes,
      );
    const targetOf = this.#targetOf;
    const groups = targetOf.length;
    const rows = this.#rows;
    for (let row = 0; row < rowCount; row++) {
      const target = targetOf[keyGroupOf(hashes[row]!, groups)]!;
      rows[target]![counts[target]!++] = row;
    }
  }

  #control(element: Element): void {
    this.flush();
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

/** Masks that mark no row as NULL need not travel. */
function withoutEmptyMasks(batch: RecordBatch): RecordBatch {
  const { columns, rowCount } = batch;
  const isEmpty = (nulls: Uint8Array | undefined): boolean =>
    nulls !== undefined && !nulls.subarray(0, rowCount).includes(1);
  if (!columns.some(({ nulls }) => isEmpty(nulls))) return batch;
  return {
    ...batch,
    columns: columns.map((column) => (isEmpty(column.nulls) ? { ...column, nulls: undefined } : column)),
  };
}

/** Without rows only the last watermark counts. */
function lastMark({ watermarks, count }: WatermarkSteps): number {
  return watermarks[count - 1]!;
}
