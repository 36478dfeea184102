import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import type { KeyedTable } from "../../state/api.ts";
import { createOperatorState } from "../../state/operator-state.ts";
import type { DataType } from "../../types/data-type.ts";
import { stateKeys } from "../state-names.ts";
import { roomFor } from "./emit.ts";
import { RowBundle } from "./row-bundle.ts";

/** A bundle of rows that are grouped by key when it is taken. Nothing of it outlives the bundle. */
export class KeyBundles {
  readonly rows = new RowBundle();
  readonly #keys: readonly number[];
  /** Finds equal keys; empty between bundles. */
  readonly #table: KeyedTable;
  #slots = new Int32Array(0);

  constructor(keys: readonly number[], types: readonly DataType[]) {
    this.#keys = keys;
    const scratch = createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 1 });
    const names = stateKeys(keys, types, undefined);
    this.#table = scratch.table({ name: "keys", keys: names, fields: [], ttlMillis: 0 });
  }

  /** All rows, those of one key together in the order of arrival, and where the rows of each key end. */
  take(): { readonly batch: RecordBatch; readonly ends: readonly number[] } {
    const batch = this.rows.take();
    const { rowCount } = batch;
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    const keys = this.#keys.map((key) => batch.columns[key]!);
    void this.#table.prepare(keys, undefined, rowCount, slots);
    const rowsOf = new Map<number, number[]>();
    for (let row = 0; row < rowCount; row++) {
      const rows = rowsOf.get(slots[row]!);
      if (rows === undefined) rowsOf.set(slots[row]!, [row]);
      else rows.push(row);
    }
    const order = new Int32Array(rowCount);
    const ends: number[] = [];
    let at = 0;
    for (const [slot, rows] of rowsOf) {
      order.set(rows, at);
      at += rows.length;
      ends.push(at);
      this.#table.remove(slot);
    }
    return { batch: takeBatch(batch, order, rowCount), ends };
  }
}
