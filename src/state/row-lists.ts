import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import type { RowLists, StateField } from "./api.ts";
import { ChildStore } from "./child-store.ts";
import type { StoredColumn } from "./columns.ts";
import type { MemoryKeyedTable } from "./keyed-table.ts";
import { compileCopyRow, compileFindRow, type CopyRowKernel, type FindRowKernel } from "./row-kernel.ts";
import { scatter } from "./scatter.ts";

/** How often text arenas are looked at: rows that come and go leave their bytes behind. */
const APPENDS_BETWEEN_COMPACTIONS = 1024;

/**
 * Row lists in memory; see `RowLists`. Where the parent has a TTL each row has its own last-write time, as the entries
 * of Flink's map and list states have: expired rows go when their key is next looked up.
 */
export class MemoryRowLists implements RowLists {
  readonly name: string;
  readonly fields: readonly StateField[];
  readonly columns: readonly StoredColumn[];
  readonly children: ChildStore;
  /** Since arenas were looked at last. */
  #appends = 0;
  #slots = new Int32Array(0);
  #rows = new Int32Array(0);
  readonly #copy: CopyRowKernel[] = [];
  readonly #find = new Map<string, FindRowKernel>();

  constructor(parent: MemoryKeyedTable, name: string, fields: readonly StateField[]) {
    this.name = name;
    this.fields = fields;
    this.children = new ChildStore(parent, [], fields);
    this.columns = this.children.store.changing.slice(0, fields.length);
  }

  get liveCount(): number {
    return this.children.store.liveCount;
  }

  /** Columns that the source does not have keep their initial values. */
  append(parent: number, source: readonly Column[], row: number): number {
    if (++this.#appends >= APPENDS_BETWEEN_COMPACTIONS) this.#compact();
    const slot = this.children.append(parent);
    const copy = (this.#copy[source.length] ??= compileCopyRow(this.#storages().slice(0, source.length)));
    return copy(this.columns, source, row, slot);
  }

  appendRows(parents: Int32Array, source: readonly Column[], from: number, to: number): void {
    const { children } = this;
    this.#appends += to - from;
    if (this.#appends >= APPENDS_BETWEEN_COMPACTIONS) this.#compact();
    if (this.#rows.length < to - from) {
      this.#rows = new Int32Array(to - from);
      this.#slots = new Int32Array(to - from);
    }
    let count = 0;
    for (let row = from; row < to; row++) {
      if (parents[row]! < 0) continue;
      this.#slots[count] = children.append(parents[row]!);
      this.#rows[count++] = row;
    }
    source.forEach((column, i) => scatter(this.columns[i]!, this.#slots, count, column, this.#rows));
  }

  head(parent: number): number {
    return this.children.links.head(parent);
  }

  tail(parent: number): number {
    return this.children.links.tail(parent);
  }

  next(rowSlot: number): number {
    return this.children.links.next[rowSlot]! - 1;
  }

  previous(rowSlot: number): number {
    return this.children.links.previous[rowSlot]! - 1;
  }

  parentOf(rowSlot: number): number {
    return this.children.parents[rowSlot]!;
  }

  count(parent: number): number {
    return this.children.links.count(parent);
  }

  removeRow(rowSlot: number): void {
    this.children.remove(rowSlot);
  }

  touchRow(rowSlot: number): void {
    this.children.touchOne(rowSlot);
  }

  findRow(parent: number, source: readonly Column[], row: number, columnsToCompare?: readonly number[]): number {
    const first = this.head(parent);
    if (first < 0) return -1;
    const signature = columnsToCompare === undefined ? `all ${source.length}` : columnsToCompare.join(",");
    let find = this.#find.get(signature);
    if (find === undefined) {
      find = compileFindRow(this.#storages(), columnsToCompare ?? source.map((_, i) => i));
      this.#find.set(signature, find);
    }
    return find(this.columns, source, row, first, this.children.links.next);
  }

  gather(rowSlots: Int32Array, count: number): Column[] {
    return this.columns.map((column) => takeColumn(column, rowSlots, count));
  }

  #compact(): void {
    this.#appends = 0;
    this.children.store.compact();
  }

  #storages(): StoredColumn["storage"][] {
    return this.columns.map((column) => column.storage);
  }
}
