import { SqlError } from "../base/errors.ts";
import { must } from "../base/assert.ts";
import type { ChildMapSpec, SlicedTable, SlicePart, TableSpec } from "./api.ts";
import { MemoryChildMap } from "./child-map.ts";
import { LookupCache, MemoryKeyedTable } from "./keyed-table.ts";
import type { Clock } from "./ttl.ts";

/** One bucket of a sliced table. */
export interface Slice {
  readonly endMillis: number;
  readonly table: MemoryKeyedTable;
  readonly children: readonly MemoryChildMap[];
}

/** Hears of slices that come and go. */
export interface SliceWatcher {
  opened(slice: Slice): void;
  dropped(slice: Slice): void;
  /** See `SlicedTable`. */
  mayMiss(slice: Slice): boolean;
  parts(slices: readonly Slice[]): readonly SlicePart[] | undefined;
}

/** A sliced table in memory; see `SlicedTable`. Dropping a slice frees its arrays whole; a running snapshot keeps its own hold on them. */
export class MemorySlicedTable implements SlicedTable {
  readonly name: string;
  readonly spec: TableSpec;
  readonly childSpecs: readonly ChildMapSpec[];
  /** Absent: nothing stands behind. */
  watcher: SliceWatcher | undefined;
  readonly #slices = new Map<number, Slice>();
  readonly #clock: Clock;
  readonly #lookups = new LookupCache();
  readonly #childLookups: readonly LookupCache[];
  #ends: readonly number[] | undefined;

  constructor(spec: TableSpec, childSpecs: readonly ChildMapSpec[], clock: Clock) {
    this.name = spec.name;
    this.spec = spec;
    this.childSpecs = childSpecs;
    this.#clock = clock;
    this.#childLookups = childSpecs.map(() => new LookupCache());
  }

  ends(): readonly number[] {
    this.#ends ??= [...this.#slices.keys()].sort((a, b) => a - b);
    return this.#ends;
  }

  slice(endMillis: number): MemoryKeyedTable {
    return (this.#slices.get(endMillis) ?? this.#open(endMillis)).table;
  }

  has(endMillis: number): boolean {
    return this.#slices.has(endMillis);
  }

  childMap(endMillis: number, name: string): MemoryChildMap {
    const slice = this.#slices.get(endMillis) ?? this.#open(endMillis);
    const child = slice.children.find((map) => map.name === name);
    if (child === undefined) throw new SqlError("BUG", `the sliced table ${this.name} has no child map '${name}'`);
    return child;
  }

  drop(endMillis: number): void {
    const slice = this.#slices.get(endMillis);
    if (slice === undefined) return;
    this.watcher?.dropped(slice);
    this.#slices.delete(endMillis);
    this.#ends = undefined;
  }

  mayMiss(endMillis: number): boolean {
    const slice = this.#slices.get(endMillis);
    return slice !== undefined && this.watcher?.mayMiss(slice) === true;
  }

  parts(ends: readonly number[]): readonly SlicePart[] | undefined {
    return this.watcher?.parts(ends.flatMap((end) => this.#slices.get(end) ?? []));
  }

  /** All slices by ascending end. */
  all(): Slice[] {
    return this.ends().map((end) => must(this.#slices.get(end), "slice"));
  }

  get memoryBytes(): number {
    let bytes = 0;
    for (const { table, children } of this.#slices.values()) {
      bytes += table.memoryBytes;
      for (const child of children) bytes += child.memoryBytes;
    }
    return bytes;
  }

  #open(endMillis: number): Slice {
    const table = new MemoryKeyedTable(this.spec, this.#clock, this.#lookups);
    const children = this.childSpecs.map((spec, i) => new MemoryChildMap(table, spec, this.#childLookups[i]!));
    const slice = { endMillis, table, children };
    this.#slices.set(endMillis, slice);
    this.#ends = undefined;
    this.watcher?.opened(slice);
    return slice;
  }
}
