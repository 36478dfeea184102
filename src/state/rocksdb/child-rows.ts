import type { Column } from "../../batch/column.ts";
import type { StateField } from "../api.ts";
import type { MemoryChildMap } from "../child-map.ts";
import type { ChildStore } from "../child-store.ts";
import { createStoredColumn, type StoredColumn } from "../columns.ts";
import { scatter } from "../scatter.ts";
import { grownInts } from "../slot-store.ts";
import type { RecordBuffer, RecordReader } from "./record-buffer.ts";
import { rowCodec, type RowCodec } from "./row-codec.ts";

/** Entries of a map that were read and are not in its index yet. */
interface Scratch {
  readonly keys: StoredColumn[];
  readonly fields: StoredColumn[];
  parents: Int32Array;
  parts: Int32Array;
  count: number;
}

/** Rows of one list or map as they stand in records. */
export class ChildRows {
  readonly children: ChildStore;
  /** Part of its key's record that each child stands in, by child slot; 0: none yet. Only of keys in parts. */
  partOf: Int32Array = new Int32Array(0);
  readonly #map: MemoryChildMap | undefined;
  readonly #columns: readonly StoredColumn[];
  readonly #codec: RowCodec;
  #scratch: Scratch | undefined;

  constructor(children: ChildStore, map: MemoryChildMap | undefined) {
    this.children = children;
    this.#map = map;
    this.#columns = [...(map?.keyColumns ?? []), ...children.store.changing];
    this.#codec = rowCodec(this.#columns.map((column) => column.storage));
  }

  count(parent: number): number {
    return this.children.links.count(parent);
  }

  /** All rows of the parent, in their order, behind their number. */
  writeAll(parent: number, out: RecordBuffer): void {
    const { links } = this.children;
    out.varint(links.count(parent));
    for (let child = links.head(parent); child >= 0; child = links.next[child]! - 1) this.writeRow(child, out);
  }

  writeRow(child: number, out: RecordBuffer): void {
    this.#codec.encode(this.#columns, child, out);
  }

  setPart(child: number, part: number): void {
    if (child >= this.partOf.length) {
      if (part === 0) return;
      this.partOf = grownInts(this.partOf, Math.max(child + 1, 2 * this.partOf.length, 64));
    }
    this.partOf[child] = part;
  }

  partOfChild(child: number): number {
    return child < this.partOf.length ? this.partOf[child]! : 0;
  }

  /** Puts rows under the parent; those of a map are there after `finishReading`. `part`: where they stand, 0: in the key's own record. */
  read(parent: number, from: RecordReader, part: number): number {
    const count = from.varint();
    if (this.#map !== undefined) {
      this.#readEntries(this.#map, parent, count, from, part);
      return count;
    }
    this.children.restoring = true;
    for (let i = 0; i < count; i++) {
      const child = this.children.append(parent);
      this.#codec.decode(this.#columns, child, from);
      this.setPart(child, part);
    }
    this.children.restoring = false;
    return count;
  }

  /** Puts the entries that were read into the map, whose index needs all keys of a batch at once. */
  finishReading(): void {
    const scratch = this.#scratch;
    if (scratch === undefined || this.#map === undefined) return;
    this.#scratch = undefined;
    const { count, parents, parts } = scratch;
    const entries = new Int32Array(count);
    this.children.restoring = true;
    this.#map.prepare(
      parents,
      scratch.keys.map((column) => columnOf(column, count)),
      undefined,
      count,
      entries,
    );
    this.children.restoring = false;
    scratch.fields.forEach((field, i) => scatter(this.children.store.changing[i]!, entries, count, field as Column));
    for (let i = 0; i < count; i++) this.setPart(entries[i]!, parts[i]!);
  }

  #readEntries(map: MemoryChildMap, parent: number, count: number, from: RecordReader, part: number): void {
    const scratch = (this.#scratch ??= {
      keys: map.keyColumns.map((column) => emptyLike(column)),
      fields: this.children.store.changing.map((column) => emptyLike(column)),
      parents: new Int32Array(64),
      parts: new Int32Array(64),
      count: 0,
    });
    const needed = scratch.count + count;
    if (needed > scratch.parents.length) {
      const capacity = Math.max(needed, 2 * scratch.parents.length);
      for (const column of [...scratch.keys, ...scratch.fields]) column.resize(capacity);
      scratch.parents = grownInts(scratch.parents, capacity);
      scratch.parts = grownInts(scratch.parts, capacity);
    }
    const columns = [...scratch.keys, ...scratch.fields];
    for (let i = 0; i < count; i++) {
      this.#codec.decode(columns, scratch.count, from);
      scratch.parents[scratch.count] = parent;
      scratch.parts[scratch.count++] = part;
    }
  }
}

/** A column of the same kind with room for 64 slots. */
export function emptyLike({ type, storage }: StoredColumn): StoredColumn {
  const field: StateField = { name: "", type, initial: null, storage: storage === "any" ? "any" : undefined };
  return createStoredColumn(field, 64);
}

/** The first `count` slots as a batch column, which has no mask when nothing is NULL. */
export function columnOf(column: StoredColumn, count: number): Column {
  const nulls = column.nulls.subarray(0, count).includes(1) ? column.nulls : undefined;
  if (column.storage !== "bytes") return { storage: column.storage, values: column.values, nulls } as Column;
  return { storage: "bytes", starts: column.starts, lengths: column.lengths, data: column.data, nulls };
}
