import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { T } from "../../types/data-type.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { DeduplicateSpec } from "../spec.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { StoredRows } from "./stored-rows.ts";
import { TimeHeap } from "./time-heap.ts";
import { millisOf } from "./watermark.ts";

/**
 * The earliest row of each key by event time: it waits until the watermark reaches its time, so that no earlier one can
 * come, and is then final. Output is append-only; rows behind the watermark are late.
 */
export class FirstByRowtime implements Operator {
  readonly #context: OperatorContext;
  readonly #time: number;
  readonly #rows: StoredRows;
  readonly prepare: Operator["prepare"];
  #waiting: TimeHeap | undefined;
  #watermark: number;
  #slots = new Int32Array(0);

  constructor(spec: DeduplicateSpec, time: number, context: OperatorContext) {
    this.#context = context;
    this.#time = time;
    this.#rows = new StoredRows(context.state, spec.input, spec.keys, {
      ttlMillis: spec.ttlMillis,
      names: spec.inputNames,
      fields: [{ name: "emitted", type: T.boolean(false), initial: false }],
      // Keys whose row waits are in the heap by their slots; those that are done are many and may go.
      resident: (slot) => this.#rows.lists.count(slot) > 0,
    });
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const { table } = this.#rows;
    this.#slots = roomFor(this.#slots, rowCount);
    const waiting = (this.#waiting ??= this.#readWaiting());
    if (rowCount > 0) void table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, this.#slots);
    const times = rowCount === 0 ? undefined : millisOf(batch.columns[this.#time]!, rowCount);
    const firing = new FiringOutput(out);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) from = this.#add(batch, times, from, steps.rows[k]!, waiting);
      this.#watermark = steps.watermarks[k]!;
      if (waiting.first <= this.#watermark) this.#fire(waiting, firing);
      firing.advance(this.#watermark);
    }
    if (times !== undefined) this.#add(batch, times, from, rowCount, waiting);
    this.#dropUnused(rowCount);
    firing.finish();
  }

  #add(batch: RecordBatch, times: Float64Array, from: number, to: number, waiting: TimeHeap): number {
    const { table, lists } = this.#rows;
    const stored = this.#rows.storedColumns(batch.columns);
    const emitted = (table.columns[0] as { values: Uint8Array }).values;
    for (let row = from; row < to; row++) {
      const slot = this.#slots[row]!;
      const time = times[row]!;
      if (time < this.#watermark) {
        this.#context.late(batch, row);
        continue;
      }
      const old = lists.head(slot);
      if (emitted[slot] === 1 || (old >= 0 && this.#timeOf(old) <= time)) continue;
      if (old >= 0) lists.removeRow(old);
      table.touchOne(slot);
      this.#rows.append(slot, stored, row);
      waiting.push(time, slot);
    }
    return Math.max(from, to);
  }

  #fire(waiting: TimeHeap, out: Output): void {
    const { table, lists } = this.#rows;
    const emitted = (table.columns[0] as { values: Uint8Array }).values;
    const rowSlots: number[] = [];
    const keySlots: number[] = [];
    while (waiting.size > 0 && waiting.first <= this.#watermark) {
      const time = waiting.first;
      const slot = waiting.pop();
      const row = lists.head(slot);
      // An earlier row may have taken the place of the one that was put in.
      if (row < 0 || emitted[slot] === 1 || this.#timeOf(row) !== time) continue;
      table.touchOne(slot);
      emitted[slot] = 1;
      rowSlots.push(row);
      keySlots.push(slot);
    }
    for (let at = 0; at < rowSlots.length; at += BATCH_ROWS) {
      const rows = Int32Array.from(rowSlots.slice(at, at + BATCH_ROWS));
      const columns = this.#rows.gatherWithKeys(
        rows,
        Int32Array.from(keySlots.slice(at, at + BATCH_ROWS)),
        rows.length,
      );
      out.batch({ rowCount: rows.length, columns, kinds: undefined, steps: undefined });
    }
    for (const row of rowSlots) lists.removeRow(row);
  }

  /** Keys that only late rows have named hold nothing. */
  #dropUnused(rowCount: number): void {
    const { table, lists } = this.#rows;
    const emitted = (table.columns[0] as { values: Uint8Array }).values;
    for (let row = 0; row < rowCount; row++) {
      const slot = this.#slots[row]!;
      if (emitted[slot] === 0 && table.isLive(slot) && lists.count(slot) === 0) table.remove(slot);
    }
  }

  #timeOf(rowSlot: number): number {
    const column = this.#rows.lists.columns[this.#rows.positionOf(this.#time)!]!;
    return column.storage === "f64" ? column.values[rowSlot]! : 0;
  }

  #readWaiting(): TimeHeap {
    const heap = new TimeHeap();
    const { table, lists } = this.#rows;
    const rows: [row: number, slot: number][] = [];
    for (const slot of table.liveSlots()) if (lists.head(slot) >= 0) rows.push([lists.head(slot), slot]);
    const sequences = this.#rows.sequences();
    rows.sort((a, b) => sequences[a[0]]! - sequences[b[0]]!);
    for (const [row, slot] of rows) heap.push(this.#timeOf(row), slot);
    return heap;
  }
}
