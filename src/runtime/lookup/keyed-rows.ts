import type { Column } from "../../batch/column.ts";
import { isRetraction, type RowKind } from "../../batch/row-kind.ts";
import type { KeyedTable, RowLists } from "../../state/api.ts";
import { createOperatorState } from "../../state/operator-state.ts";
import type { DataType } from "../../types/data-type.ts";

/** Rows in memory by key. It is no state: it can be asked for again, and is in no checkpoint. */
export class KeyedRows {
  readonly table: KeyedTable;
  readonly lists: RowLists;
  #slots = new Int32Array(0);

  constructor(keys: readonly DataType[], columns: readonly DataType[]) {
    const state = createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 1 });
    this.table = state.table({
      name: "keys",
      keys: keys.map((type, i) => ({ name: `${i}`, type })),
      fields: [],
      ttlMillis: 0,
    });
    this.lists = state.lists(
      this.table,
      "rows",
      columns.map((type, i) => ({ name: `${i}`, type, initial: null })),
    );
  }

  /** Adds rows with their keys, or takes them back; rows whose key has a NULL are left out, since nothing equals it. */
  add(keys: readonly Column[], columns: readonly Column[], count: number, kinds?: Uint8Array): void {
    const chosen = Int32Array.from({ length: count }, (_, row) => row).filter((row) =>
      keys.every((key) => key.nulls?.[row] !== 1),
    );
    if (this.#slots.length < chosen.length) this.#slots = new Int32Array(2 * chosen.length);
    void this.table.prepare(keys, chosen, chosen.length, this.#slots);
    for (let i = 0; i < chosen.length; i++) {
      const row = chosen[i]!;
      if (kinds === undefined || !isRetraction(kinds[row]! as RowKind)) {
        this.lists.append(this.#slots[i]!, columns, row);
        continue;
      }
      const found = this.lists.findRow(this.#slots[i]!, columns, row);
      if (found >= 0) this.lists.removeRow(found);
    }
  }
}
