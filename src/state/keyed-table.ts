import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import { T } from "../types/data-type.ts";
import type { KeyedTable, StateField, TableSpec } from "./api.ts";
import { createStoredColumn, type FixedColumn, type StoredColumn } from "./columns.ts";
import { HashIndex } from "./hash-index.ts";
import { compileLookup, type LookupKernel, type LookupTarget } from "./lookup-kernel.ts";
import { SlotStore } from "./slot-store.ts";
import { SWEEP_GRACE_MILLIS, SWEEP_STEPS, type Clock } from "./ttl.ts";

/** State that lives under the slots of a table. */
export interface Children {
  /** Frees everything under the slot. */
  freeAll(parent: number): void;
  /** Frees what has expired under the slot. */
  expire(parent: number, nowMillis: number): void;
  /** A small step of the background sweep. */
  sweep(): void;
}

/** What stands behind a table whose rows may be dropped from memory. */
export interface TableBacking {
  /** See `KeyedTable.load`. */
  load(keys: readonly Column[], rows: Int32Array | undefined, count: number): Promise<void> | undefined;
  /** A live slot is about to be removed with all that hangs under it. */
  removing(slot: number): void;
  /** It is free now. */
  removed(slot: number): void;
}

/** Lookup loops by key signature; a signature is compiled once for all tables (e.g. of slices) that share the cache. */
export class LookupCache {
  readonly #kernels = new Map<string, LookupKernel>();

  get(keyColumns: readonly StoredColumn[], nullable: readonly boolean[], child: boolean): LookupKernel {
    const signature = keyColumns.map((column, i) => column.storage + (nullable[i] === true ? "?" : "")).join(",");
    let kernel = this.#kernels.get(signature);
    if (kernel === undefined) {
      kernel = compileLookup(
        keyColumns.map((column, i) => ({ storage: column.storage, nullable: nullable[i] === true })),
        child,
      );
      this.#kernels.set(signature, kernel);
    }
    return kernel;
  }
}

/** Which key columns may meet a NULL: grows with what batches bring, and picks the lookup loop accordingly. */
export class KeyNullability {
  readonly flags: boolean[];
  #kernel: LookupKernel | undefined;

  constructor(keyCount: number) {
    this.flags = Array.from({ length: keyCount }, () => false);
  }

  kernel(
    keys: readonly Column[],
    keyColumns: readonly StoredColumn[],
    cache: LookupCache,
    child: boolean,
  ): LookupKernel {
    for (let i = 0; i < this.flags.length; i++) {
      if (this.flags[i] === false && keys[i]!.nulls !== undefined) {
        this.flags[i] = true;
        this.#kernel = undefined;
      }
    }
    this.#kernel ??= cache.get(keyColumns, this.flags, child);
    return this.#kernel;
  }
}

/** The hash of each slot's key: for removal from the index, and for the key group in snapshots. */
const HASH: StateField = { name: "$hash", type: T.int(false), initial: 0 };

/** A table in memory: slots found by an open-addressing index; see `KeyedTable`. */
export class MemoryKeyedTable implements KeyedTable, LookupTarget {
  readonly name: string;
  readonly spec: TableSpec;
  readonly keyColumns: readonly StoredColumn[];
  readonly columns: readonly StoredColumn[];
  readonly store: SlotStore;
  readonly index = new HashIndex();
  readonly parents = new Int32Array(0);
  readonly children: Children[] = [];
  dropped: ((slot: number) => void) | undefined;
  /** Absent: everything is in memory. */
  backing: TableBacking | undefined;
  readonly #cache: LookupCache;
  readonly #nullability: KeyNullability;
  readonly #hashes: FixedColumn<"i32", Int32Array>;
  /** During a restore: the slot of each row that is placed. */
  #wanted: Int32Array | undefined;

  constructor(spec: TableSpec, clock: Clock, cache: LookupCache) {
    this.name = spec.name;
    this.spec = spec;
    this.#cache = cache;
    this.#nullability = new KeyNullability(spec.keys.length);
    this.store = new SlotStore([...keyFields(spec.keys), HASH], spec.fields, spec.ttlMillis, clock);
    this.keyColumns = this.store.identity.slice(0, spec.keys.length);
    this.columns = this.store.changing.slice(0, spec.fields.length);
    this.#hashes = this.store.identity[spec.keys.length] as FixedColumn<"i32", Int32Array>;
  }

  get slotLimit(): number {
    return this.store.limit;
  }

  get liveCount(): number {
    return this.store.liveCount;
  }

  load(keys: readonly Column[], rows: Int32Array | undefined, count: number): Promise<void> | undefined {
    return this.backing?.load(keys, rows, count);
  }

  /** As `find`, but nothing expires by it. With `insert` new slots are made for keys that are not there, which nobody hears of. */
  locate(
    keys: readonly Column[],
    rows: Int32Array | undefined,
    count: number,
    slots: Int32Array,
    insert: boolean,
  ): void {
    const lookup = this.#nullability.kernel(keys, this.keyColumns, this.#cache, false);
    lookup(this, keys, rows, count, slots, insert, undefined);
  }

  /** The hash of a slot's key. */
  hashOf(slot: number): number {
    return this.#hashes.values[slot]!;
  }

  prepare(keys: readonly Column[], rows: Int32Array | undefined, count: number, slots: Int32Array): undefined {
    this.store.compact();
    if (this.store.expiry !== undefined) this.#sweep();
    this.#place(keys, rows, count, slots);
    if (this.store.expiry !== undefined) this.#resetExpired(slots, count, false);
  }

  /** For a restore: new keys take the given slots. Nothing expires: last-write times are written afterwards. */
  placeAt(keys: readonly Column[], count: number, slots: Int32Array): void {
    this.#wanted = slots;
    this.#place(keys, undefined, count, new Int32Array(count));
    this.#wanted = undefined;
  }

  find(keys: readonly Column[], rows: Int32Array | undefined, count: number, slots: Int32Array): undefined {
    if (this.keyColumns.length === 0) {
      slots.fill(this.store.live[0] === 1 ? 0 : -1, 0, count);
    } else {
      this.#nullability.kernel(keys, this.keyColumns, this.#cache, false)(
        this,
        keys,
        rows,
        count,
        slots,
        false,
        undefined,
      );
    }
    if (this.store.expiry !== undefined) this.#resetExpired(slots, count, true);
  }

  insertAt(entry: number, hash: number, i: number): number {
    const slot = this.#wanted === undefined ? this.store.allocate() : this.store.allocateAt(this.#wanted[i]!);
    this.index.insert(entry, hash, slot);
    this.#hashes.values[slot] = hash;
    return slot;
  }

  touch(slots: Int32Array, count: number): void {
    this.store.touch(slots, count);
  }

  touchOne(slot: number): void {
    this.store.touchOne(slot);
  }

  isLive(slot: number): boolean {
    return this.store.live[slot] === 1;
  }

  remove(slot: number): void {
    if (this.store.live[slot] !== 1) return;
    this.backing?.removing(slot);
    this.free(slot);
    this.backing?.removed(slot);
  }

  /** Takes the slot and all under it out of memory, whatever stands behind. */
  free(slot: number): void {
    for (const child of this.children) child.freeAll(slot);
    if (this.keyColumns.length > 0) this.index.remove(this.#hashes.values[slot]!, slot);
    this.store.release(slot);
  }

  liveSlots(): Int32Array {
    const slots = this.store.liveSlots();
    const expiry = this.store.expiry;
    if (expiry === undefined) return slots;
    const now = expiry.clock.nowMillis();
    return slots.filter((slot) => !this.store.isExpired(slot, now));
  }

  gatherKeys(slots: Int32Array, count: number): Column[] {
    return this.keyColumns.map((column) => takeColumn(column, slots, count));
  }

  gather(slots: Int32Array, count: number): Column[] {
    return this.columns.map((column) => takeColumn(column, slots, count));
  }

  get memoryBytes(): number {
    return this.store.memoryBytes + this.index.memoryBytes;
  }

  /** Expired slots read as new ones (`forget` false) or as absent (true); rows under the others lose what has expired. */
  #resetExpired(slots: Int32Array, count: number, forget: boolean): void {
    const { store, children } = this;
    const now = store.expiry!.clock.nowMillis();
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (slot < 0) continue;
      if (!store.isExpired(slot, now)) {
        for (const child of children) child.expire(slot, now);
      } else if (forget) {
        slots[i] = -1;
      } else {
        for (const child of children) child.freeAll(slot);
        store.touchOne(slot);
        for (const column of this.columns) column.clear(slot);
      }
    }
  }

  #place(keys: readonly Column[], rows: Int32Array | undefined, count: number, slots: Int32Array): void {
    if (this.keyColumns.length > 0) {
      this.#nullability.kernel(keys, this.keyColumns, this.#cache, false)(
        this,
        keys,
        rows,
        count,
        slots,
        true,
        undefined,
      );
      return;
    }
    if (this.store.live[0] !== 1) this.store.allocate();
    slots.fill(0, 0, count);
  }

  #sweep(): void {
    for (const child of this.children) child.sweep();
    this.store.sweep(SWEEP_STEPS, SWEEP_GRACE_MILLIS, (slot) => this.remove(slot));
  }
}

/** Key columns as fields; free slots hold zero, so that a key column has no NULLs before the first NULL key. */
export function keyFields(keys: TableSpec["keys"]): StateField[] {
  return keys.map(({ name, type }) => ({
    name,
    type,
    initial: zeroOf(createStoredColumn({ name, type, initial: null }, 0)),
  }));
}

function zeroOf(column: StoredColumn): StateField["initial"] {
  switch (column.storage) {
    case "bool":
      return false;
    case "i32":
    case "f64":
      return 0;
    case "i64":
    case "i128":
      return 0n;
    case "bytes":
      return "";
    case "any":
      return [];
  }
}
