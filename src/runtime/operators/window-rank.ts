import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { RankSpec } from "../spec.ts";
import { rankColumn } from "./change-buffer.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { viewOf } from "./join-output.ts";
import { nearby } from "./nearby.ts";
import { OpenWindows } from "./open-windows.ts";
import type { RankedRows } from "./ranked-rows.ts";
import { orderOf, rankStored } from "./ranking.ts";
import type { RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";
import { millisOf } from "./watermark.ts";
import { windowClock, type WindowClock } from "./windows.ts";

/** Top-N of each window: the best rows wait until the watermark passes the window's end, and then come out once. */
export class WindowRank implements Operator {
  readonly #spec: RankSpec;
  readonly #context: OperatorContext;
  readonly #windowEnd: number;
  readonly #rows: StoredRows;
  readonly #order: RowOrder;
  readonly #clock: WindowClock;
  readonly prepare: Operator["prepare"];
  #rankings: (RankedRows | undefined)[] = [];
  /** Slots of the partitions of each window end; undefined: not read from the state yet. */
  #windows: OpenWindows | undefined;
  #watermark: number;
  #slots = new Int32Array(0);

  constructor(spec: RankSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#windowEnd = spec.windowEnd!;
    this.#rows = new StoredRows(context.state, spec.input, spec.partition, {
      ttlMillis: 0,
      names: spec.inputNames,
      resident: "always",
    });
    this.prepare = nearby(context.state);
    this.#order = orderOf(spec, this.#rows);
    this.#clock = windowClock(spec.ltzZone);
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const windows = this.#openWindows();
    const ends = rowCount === 0 ? undefined : millisOf(batch.columns[this.#windowEnd]!, rowCount);
    this.#slots = roomFor(this.#slots, rowCount);
    const firing = new FiringOutput(out);
    let from = 0;
    const takeRows = (to: number): void => {
      if (ends === undefined || to <= from) return;
      this.#add(batch, ends, from, to, windows);
      from = to;
    };
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      // Rows in front of the step may open a window that it fires, and are late by the watermark before it.
      takeRows(steps.rows[k]!);
      const watermark = steps.watermarks[k]!;
      windows.close(watermark, (slots) => this.#fire(slots, firing));
      this.#watermark = watermark;
      firing.advance(watermark);
    }
    takeRows(rowCount);
    firing.finish();
  }

  waiting(): Waiting {
    const { count, nextFire } = this.#openWindows();
    return { what: "windows", count, nextMillis: nextFire };
  }

  #add(batch: RecordBatch, ends: Float64Array, from: number, to: number, windows: OpenWindows): void {
    const chosen = new Int32Array(to - from);
    let count = 0;
    for (let row = from; row < to; row++) {
      if (this.#clock.fireTime(ends[row]!) > this.#watermark) chosen[count++] = row;
      else this.#context.late(batch, row);
    }
    const { table } = this.#rows;
    void table.prepare(this.#rows.keyColumns(batch.columns), chosen, count, this.#slots);
    table.touch(this.#slots, count);
    const stored = this.#rows.storedColumns(batch.columns);
    for (let i = 0; i < count; i++) {
      const slot = this.#slots[i]!;
      const row = chosen[i]!;
      windows.add(ends[row]!, slot);
      const ranking = (this.#rankings[slot] ??= rankStored(this.#rows, this.#order, slot));
      const { lists } = this.#rows;
      if (
        ranking.length >= this.#spec.to &&
        this.#order(stored, row, lists.columns, ranking.at(this.#spec.to - 1)) >= 0
      )
        continue;
      const place = ranking.placeAfterEqual(this.#order, stored, row, lists.columns);
      ranking.insert(place, this.#rows.append(slot, stored, row));
      if (ranking.length > this.#spec.to) lists.removeRow(ranking.remove(this.#spec.to));
    }
  }

  #fire(slots: readonly number[], out: Output): void {
    this.#emit(slots, out);
    for (const slot of slots) {
      this.#rankings[slot] = undefined;
      this.#rows.table.remove(slot);
    }
  }

  #emit(slots: readonly number[], out: Output): void {
    const rowSlots: number[] = [];
    const keySlots: number[] = [];
    const ranks: number[] = [];
    for (const slot of slots) {
      const ranking = (this.#rankings[slot] ??= rankStored(this.#rows, this.#order, slot));
      for (let place = this.#spec.from - 1; place < Math.min(this.#spec.to, ranking.length); place++) {
        rowSlots.push(ranking.at(place));
        keySlots.push(slot);
        ranks.push(place + 1);
      }
    }
    for (let from = 0; from < rowSlots.length; from += BATCH_ROWS) {
      const part = (list: readonly number[]): Int32Array => Int32Array.from(list.slice(from, from + BATCH_ROWS));
      const rows = part(rowSlots);
      const columns = this.#rows.gatherWithKeys(rows, part(keySlots), rows.length);
      if (this.#spec.outputRank) columns.push(rankColumn(part(ranks), rows.length));
      out.batch({ rowCount: rows.length, columns, kinds: undefined, steps: undefined });
    }
  }

  #openWindows(): OpenWindows {
    if (this.#windows !== undefined) return this.#windows;
    const windows = (this.#windows = new OpenWindows(this.#clock));
    const { table, lists } = this.#rows;
    const key = this.#spec.partition.indexOf(this.#windowEnd);
    for (const slot of table.liveSlots()) {
      const position = this.#rows.positionOf(this.#windowEnd);
      const column = viewOf(position === undefined ? table.keyColumns[key]! : lists.columns[position]!);
      const at = position === undefined ? slot : lists.head(slot);
      if (column.storage === "f64") windows.add(column.values[at]!, slot);
    }
    return windows;
  }
}
