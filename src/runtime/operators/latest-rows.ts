import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { StateField } from "../../state/api.ts";
import type { DataType } from "../../types/data-type.ts";
import type { OperatorContext, Output } from "../operator.ts";
import { ChangeBuffer } from "./change-buffer.ts";
import { roomFor } from "./emit.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";

/** What an operator that keeps one row of each key says of it. */
interface LatestRowsSpec {
  readonly input: readonly DataType[];
  readonly keys: readonly number[];
  readonly ttlMillis: number;
  readonly inputNames?: readonly string[] | undefined;
}

/** One row of each key, which later ones replace, and the changes that this makes. */
export class LatestRows {
  readonly rows: StoredRows;
  readonly changes: ChangeBuffer;
  readonly #identity: RowOrder;
  readonly #ttlMillis: number;
  #slots = new Int32Array(0);
  #dropped: number[] = [];
  /** The one live row slot of a key within the batch, by slot: the list also holds rows that are still to be freed. */
  #current: number[] = [];

  constructor(context: OperatorContext, spec: LatestRowsSpec, fields?: readonly StateField[]) {
    const { input, keys, ttlMillis, inputNames } = spec;
    this.rows = new StoredRows(context.state, input, keys, { ttlMillis, names: inputNames, fields });
    this.changes = new ChangeBuffer(this.rows, undefined);
    const all = this.rows.stored.map((column) => ({ column, descending: false, nullsFirst: true }));
    this.#identity = compileRowOrder(all, input, (column) => this.rows.positionOf(column)!);
    this.#ttlMillis = ttlMillis;
  }

  /** Goes through a batch: `change` takes its rows in turn, by `rowOf` and `replace`, with the slots of their keys and what is stored of them. */
  process(batch: RecordBatch, out: Output, change: (slots: Int32Array, stored: readonly Column[]) => void): void {
    const { rowCount } = batch;
    if (rowCount > 0) {
      const { table, lists } = this.rows;
      const slots = (this.#slots = roomFor(this.#slots, rowCount));
      void table.prepare(this.rows.keyColumns(batch.columns), undefined, rowCount, slots);
      table.touch(slots, rowCount);
      for (let row = 0; row < rowCount; row++) this.#current[slots[row]!] = lists.tail(slots[row]!);
      change(slots, this.rows.storedColumns(batch.columns));
      this.changes.flush(batch, rowCount - 1, out);
      for (const rowSlot of this.#dropped) lists.removeRow(rowSlot);
      this.#dropped = [];
      if (batch.kinds !== undefined) this.rows.removeEmpty(slots, rowCount);
    }
    this.changes.finish(batch, out);
  }

  /** The row slot of a key; -1: it has none. */
  rowOf(slot: number): number {
    return this.#current[slot]!;
  }

  /** With a time to live also a row that changes nothing renews what stands behind. */
  repeats(stored: readonly Column[], row: number, old: number): boolean {
    return this.#ttlMillis === 0 && this.#identity(stored, row, this.rows.lists.columns, old) === 0;
  }

  /** `fresh`, -1 for none, takes the place of a key's row. */
  replace(slot: number, old: number, fresh: number): void {
    if (old >= 0) this.#dropped.push(old);
    this.#current[slot] = fresh;
  }
}
