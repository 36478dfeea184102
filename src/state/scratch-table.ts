import type { Column } from "../batch/column.ts";
import type { StateColumn, StateField, TableSpec } from "./api.ts";
import { createStoredColumn, type StoredColumn } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";
import { keyFields, KeyNullability, LookupCache } from "./keyed-table.ts";
import type { LookupTarget } from "./lookup-kernel.ts";

const FIRST_CAPACITY = 1024;

/** What is known by key for a moment, and in no checkpoint: slots 0, 1, 2, … in the order of arrival, forgotten all at once. */
export class ScratchTable implements LookupTarget {
  readonly index = new HashIndex();
  readonly keyColumns: readonly StoredColumn[];
  readonly parents = new Int32Array(0);
  readonly #fields: readonly StoredColumn[];
  readonly #nullability: KeyNullability;
  readonly #cache = new LookupCache();
  #capacity = FIRST_CAPACITY;
  #count = 0;

  constructor(keys: TableSpec["keys"], fields: readonly StateField[]) {
    this.keyColumns = keyFields(keys).map((field) => createStoredColumn(field, FIRST_CAPACITY));
    this.#fields = fields.map((field) => createStoredColumn(field, FIRST_CAPACITY));
    this.#nullability = new KeyNullability(keys.length);
  }

  /** Slots in use. */
  get count(): number {
    return this.#count;
  }

  get columns(): readonly StateColumn[] {
    return this.#fields;
  }

  /** As `KeyedTable.prepare`. */
  prepare(keys: readonly Column[], rows: Int32Array | undefined, count: number, slots: Int32Array): void {
    if (this.keyColumns.length === 0) {
      this.#count = 1;
      slots.fill(0, 0, count);
      return;
    }
    const lookup = this.#nullability.kernel(keys, this.keyColumns, this.#cache, false);
    lookup(this, keys, rows, count, slots, true, undefined);
  }

  insertAt(entry: number, hash: number): number {
    const slot = this.#count;
    if (slot === this.#capacity) this.#grow();
    this.#count = slot + 1;
    this.index.insert(entry, hash, slot);
    return slot;
  }

  /** Keys, and the other columns, of slots `from` … `to` − 1: views, valid until the table changes. */
  page(from: number, to: number): { readonly keys: readonly Column[]; readonly columns: readonly Column[] } {
    const view = (column: StoredColumn): Column => column.page(from, to, false);
    return { keys: this.keyColumns.map(view), columns: this.#fields.map(view) };
  }

  clear(): void {
    for (const column of this.keyColumns) column.clearAll(this.#count);
    for (const column of this.#fields) column.clearAll(this.#count);
    this.index.clear();
    this.#count = 0;
  }

  #grow(): void {
    this.#capacity *= 2;
    for (const column of this.keyColumns) column.resize(this.#capacity);
    for (const column of this.#fields) column.resize(this.#capacity);
  }
}
