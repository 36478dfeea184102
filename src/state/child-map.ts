import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import { T } from "../types/data-type.ts";
import type { ChildMap, ChildMapSpec, StateField } from "./api.ts";
import { ChildStore } from "./child-store.ts";
import type { FixedColumn, StoredColumn } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";
import { keyFields, KeyNullability, type LookupCache, type MemoryKeyedTable } from "./keyed-table.ts";
import type { LookupTarget } from "./lookup-kernel.ts";

const HASH: StateField = { name: "$hash", type: T.int(false), initial: 0 };

/** Where entries of a checkpoint go: their slots, the slots of their parents, their order of arrival. */
export interface EntryPlaces {
  readonly entries: Int32Array;
  readonly parents: Int32Array;
  readonly sequences: Float64Array;
}

/** A child map in memory; see `ChildMap`. One index over (parent slot, sub-key) serves all parents. */
export class MemoryChildMap implements ChildMap, LookupTarget {
  readonly name: string;
  readonly spec: ChildMapSpec;
  readonly keyColumns: readonly StoredColumn[];
  readonly columns: readonly StoredColumn[];
  readonly children: ChildStore;
  readonly index = new HashIndex();
  readonly #cache: LookupCache;
  readonly #nullability: KeyNullability;
  readonly #hashes: FixedColumn<"i32", Int32Array>;
  #parentOfInsert: Int32Array = new Int32Array(0);
  /** During a restore: where each row that is placed goes. */
  #places: EntryPlaces | undefined;

  constructor(parent: MemoryKeyedTable, spec: ChildMapSpec, cache: LookupCache) {
    this.name = spec.name;
    this.spec = spec;
    this.#cache = cache;
    this.#nullability = new KeyNullability(spec.keys.length);
    this.children = new ChildStore(parent, [...keyFields(spec.keys), HASH], spec.fields, (entry) => {
      this.index.remove(this.#hashes.values[entry]!, entry);
    });
    this.keyColumns = this.children.store.identity.slice(0, spec.keys.length);
    this.columns = this.children.store.changing.slice(0, spec.fields.length);
    this.#hashes = this.children.store.identity[spec.keys.length] as FixedColumn<"i32", Int32Array>;
  }

  get liveCount(): number {
    return this.children.store.liveCount;
  }

  get parents(): Int32Array {
    return this.children.parents;
  }

  prepare(
    parents: Int32Array,
    keys: readonly Column[],
    rows: Int32Array | undefined,
    count: number,
    entries: Int32Array,
  ): undefined {
    this.children.store.compact();
    this.#parentOfInsert = parents;
    this.#nullability.kernel(keys, this.keyColumns, this.#cache, true)(this, keys, rows, count, entries, true, parents);
  }

  /** For a restore: the entries get the given slots; `children.link` then puts them into their lists. */
  placeAt(places: EntryPlaces, keys: readonly Column[], count: number): void {
    this.#places = places;
    const kernel = this.#nullability.kernel(keys, this.keyColumns, this.#cache, true);
    kernel(this, keys, undefined, count, new Int32Array(count), true, places.parents);
    this.#places = undefined;
  }

  /** For the lookup loop, which says with the row whose parent the entry gets. */
  insertAt(cell: number, hash: number, i: number): number {
    const entry =
      this.#places === undefined ? this.children.append(this.#parentOfInsert[i]!) : this.#placed(this.#places, i);
    this.#hashes.values[entry] = hash;
    this.index.insert(cell, hash, entry);
    return entry;
  }

  #placed({ entries, parents, sequences }: EntryPlaces, i: number): number {
    const entry = entries[i]!;
    this.children.placeOneAt(entry, parents[i]!, sequences[i]!);
    return entry;
  }

  touchOne(entry: number): void {
    this.children.touchOne(entry);
  }

  remove(entry: number): void {
    this.children.remove(entry);
  }

  firstOf(parent: number): number {
    return this.children.links.head(parent);
  }

  nextOf(entry: number): number {
    return this.children.links.next[entry]! - 1;
  }

  gatherKeys(entries: Int32Array, count: number): Column[] {
    return this.keyColumns.map((column) => takeColumn(column, entries, count));
  }

  get memoryBytes(): number {
    return this.children.memoryBytes + this.index.memoryBytes;
  }
}
