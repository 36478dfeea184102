import type { Column } from "../batch/column.ts";
import type { DataType, Value } from "../types/data-type.ts";

/**
 * A column of state, indexed by slot, read and written by generated loops. The arrays are replaced when the table
 * grows: read `values` again after every call that can make slots (`prepare`, `append`, `put`).
 */
export type StateColumn =
  | { readonly storage: "bool"; readonly type: DataType; values: Uint8Array; nulls: Uint8Array }
  | { readonly storage: "i32"; readonly type: DataType; values: Int32Array; nulls: Uint8Array }
  | { readonly storage: "i64"; readonly type: DataType; values: BigInt64Array; nulls: Uint8Array }
  | { readonly storage: "f64"; readonly type: DataType; values: Float64Array; nulls: Uint8Array }
  /** Two words a slot, as in `Column`. */
  | { readonly storage: "i128"; readonly type: DataType; values: BigInt64Array; nulls: Uint8Array }
  /** Text and bytes in an arena: `data[starts[slot] .. + lengths[slot])`; write with `setBytes`. */
  | {
      readonly storage: "bytes";
      readonly type: DataType;
      starts: Int32Array;
      lengths: Int32Array;
      data: Uint8Array;
      nulls: Uint8Array;
      /** Copies the bytes into the arena (never overwrites old bytes in place, so emitted views stay valid). */
      setBytes(slot: number, source: Uint8Array, start: number, length: number): void;
      /** The same for row `rows[i]` of a column and slot `slots[i]`, all that are not NULL. */
      setRows(slots: Int32Array, count: number, source: Extract<Column, { storage: "bytes" }>, rows: Int32Array): void;
    }
  | { readonly storage: "any"; readonly type: DataType; values: Value[]; nulls: Uint8Array };

/** One column to declare: fresh slots hold `initial` (`null`: NULL). */
export interface StateField {
  readonly name: string;
  readonly type: DataType;
  readonly initial: Value;
  /**
   * Overrides the storage of the type (accumulators that hold JS values declare `any`; then `type` may be any type and
   * the snapshot encodes the values generically: null, boolean, number, bigint, string, Uint8Array, nested arrays).
   */
  readonly storage?: "any" | undefined;
  /** What each bit of a mask means, from the lowest; a restore moves them by these names. */
  readonly bits?: readonly string[] | undefined;
  /** Why the column cannot start as `initial` beside restored rows that lack it; undefined: it can. */
  readonly missing?: string | undefined;
}

/** See `TableSpec.resident`. */
export type Resident = "always" | ((slot: number) => boolean);

export interface TableSpec {
  /** Unique in the operator, stable: checkpoints address state by it. */
  readonly name: string;
  readonly keys: readonly { readonly name: string; readonly type: DataType }[];
  /**
   * So many leading key columns decide the key group; default: all. They are the columns that the operator's input is
   * partitioned by, in the same order: after a change of parallelism a row and its state meet in the same task.
   */
  readonly groupKeys?: number | undefined;
  readonly fields: readonly StateField[];
  /** 0: never expires. OnCreateAndWrite, as Flink's `table.exec.state.ttl`. */
  readonly ttlMillis: number;
  /**
   * The operator keeps slots from one batch to the next, or goes through all of them: `always` all rows stay in memory,
   * with a function those of the slots that it answers true for, once their row and its children are there. Default:
   * whatever is not at hand may be dropped and comes back by `load`. Only looked at where something stands behind the
   * tables.
   */
  readonly resident?: Resident | undefined;
}

/** Rows of state addressed by key: key → slot → columns. No keys at all: one slot, 0 (a global aggregate). */
export interface KeyedTable {
  readonly name: string;
  readonly keyColumns: readonly StateColumn[];
  readonly columns: readonly StateColumn[];
  /** Slots are 0 … slotLimit − 1; some may be free. */
  readonly slotLimit: number;
  readonly liveCount: number;
  /** Told of each slot whose row was dropped from memory (not from the state): what is kept by slot is void. */
  dropped: ((slot: number) => void) | undefined;
  /**
   * Brings the rows of these keys into memory, for `Operator.prepare`: afterwards, until the operator's next
   * `makeRoom`, `prepare` and `find` answer for them without waiting. Undefined: there is nothing to wait for.
   */
  load(keys: readonly Column[], rows: Int32Array | undefined, count: number): Promise<void> | undefined;
  /**
   * Finds or makes the slot of each row's key and writes it to `slots[0 .. count)`. `rows`: which rows of the columns
   * (undefined: 0 … count − 1). NULL is a key value like others. Expired slots are reset to their initial values.
   * With a memory backend it never awaits and returns `undefined`.
   */
  prepare(
    keys: readonly Column[],
    rows: Int32Array | undefined,
    count: number,
    slots: Int32Array,
  ): Promise<void> | undefined;
  /** As `prepare`, but −1 where the key is not there; makes no slots. */
  find(
    keys: readonly Column[],
    rows: Int32Array | undefined,
    count: number,
    slots: Int32Array,
  ): Promise<void> | undefined;
  /**
   * Call before writing to the columns at these slots: marks them dirty (increments), renews their TTL, and saves the
   * old contents of pages that a running snapshot shares.
   */
  touch(slots: Int32Array, count: number): void;
  touchOne(slot: number): void;
  isLive(slot: number): boolean;
  /** Frees the slot and all child rows of it. */
  remove(slot: number): void;
  /** Live slots in ascending order. */
  liveSlots(): Int32Array;
  /** Key columns of slots as batch columns (views; valid until the table changes for fixed types, always for bytes). */
  gatherKeys(slots: Int32Array, count: number): Column[];
  gather(slots: Int32Array, count: number): Column[];
}

/**
 * Rows per parent slot, in order of arrival (join sides, Top-N candidates): row slots with columns, doubly linked.
 * Freed with the parent.
 */
export interface RowLists {
  readonly name: string;
  readonly columns: readonly StateColumn[];
  readonly liveCount: number;
  /** Appends row `row` of the columns to the parent's list; returns the row slot. */
  append(parent: number, source: readonly Column[], row: number): number;
  /** Appends rows `from` … `to` − 1 in order, row i to the list of `parents[i]`; where that is below 0 the row is left out. */
  appendRows(parents: Int32Array, source: readonly Column[], from: number, to: number): void;
  /** First and last row slot of the parent's list, −1 when empty. */
  head(parent: number): number;
  tail(parent: number): number;
  next(rowSlot: number): number;
  previous(rowSlot: number): number;
  parentOf(rowSlot: number): number;
  /** Number of rows of the parent. */
  count(parent: number): number;
  removeRow(rowSlot: number): void;
  /** Call before writing into `columns` of an existing row. */
  touchRow(rowSlot: number): void;
  /** First row slot of the parent whose columns equal row `row` of the source (on `columnsToCompare`, default all), or −1. */
  findRow(parent: number, source: readonly Column[], row: number, columnsToCompare?: readonly number[]): number;
  /** Stored rows as batch columns. */
  gather(rowSlots: Int32Array, count: number): Column[];
}

/** Entries per parent slot and sub-key (distinct values, multisets): hashed on (parent, sub-key). */
export interface ChildMap {
  readonly name: string;
  readonly keyColumns: readonly StateColumn[];
  readonly columns: readonly StateColumn[];
  readonly liveCount: number;
  /** Finds or makes the entry of (parents[i], keys row) for each row; new entries have initial values. */
  prepare(
    parents: Int32Array,
    keys: readonly Column[],
    rows: Int32Array | undefined,
    count: number,
    entries: Int32Array,
  ): Promise<void> | undefined;
  touchOne(entry: number): void;
  remove(entry: number): void;
  /** Entries of one parent, in order of arrival: −1 ends. */
  firstOf(parent: number): number;
  nextOf(entry: number): number;
  gatherKeys(entries: Int32Array, count: number): Column[];
}

/**
 * One keyed table per slice of time (window slices): `slice(end)` finds or makes the bucket, `drop` frees it whole.
 * In a snapshot the slice end is one more key column.
 */
export interface SlicedTable {
  readonly name: string;
  /** Slice ends with data, ascending. */
  ends(): readonly number[];
  slice(endMillis: number): KeyedTable;
  has(endMillis: number): boolean;
  /** Child maps of a slice's table (distinct values per window). */
  childMap(endMillis: number, name: string): ChildMap;
  drop(endMillis: number): void;
  /** Rows of the slice may lie elsewhere: `load` of its table comes before a batch. */
  mayMiss(endMillis: number): boolean;
  /**
   * To go through all rows of these slices: undefined, they are in memory; or the parts, a key in the same one in every
   * slice, in which they come there one after the other.
   */
  parts(ends: readonly number[]): readonly SlicePart[] | undefined;
}

/** Some of the keys of some slices. */
export interface SlicePart {
  /** Brings its rows into memory; they stay there until the operator's next `makeRoom`. */
  load(): Promise<void>;
  /** Where they are then. */
  slots(endMillis: number): Int32Array;
  /** Nobody asks for them any more, and their slice is dropped behind the last part. */
  free(endMillis: number): void;
}

export interface ChildMapSpec {
  readonly name: string;
  readonly keys: readonly { readonly name: string; readonly type: DataType }[];
  readonly fields: readonly StateField[];
}

/** What becomes of the numbers of several tasks when one goes on for them. */
export type NumberMeeting = "lowest" | "highest";

/** All state of one operator. States are declared once, when the operator is made; a restore fills them then. */
export interface OperatorState {
  /**
   * Something stands behind the tables, and rows may be dropped from memory: the operator must implement `prepare`, call
   * `makeRoom` there and then `load` for all keys that `process` will ask for.
   */
  readonly behind: boolean;
  /**
   * First of all in `Operator.prepare`: the batch before is done, rows that are not at hand may go. Undefined: there is
   * nothing to wait for.
   */
  makeRoom(): Promise<void> | undefined;
  table(spec: TableSpec): KeyedTable;
  /** Rows per slot of `parent`. */
  lists(parent: KeyedTable, name: string, fields: readonly StateField[]): RowLists;
  childMap(parent: KeyedTable, spec: ChildMapSpec): ChildMap;
  slices(spec: TableSpec, children: readonly ChildMapSpec[]): SlicedTable;
  /**
   * A number that belongs to no key: `current` is called at each snapshot; the answer is what the restored snapshot held
   * under this name, else `initial`. Where the parallelism has changed, the numbers of the former tasks meet in the
   * lowest (watermarks) or the highest (counters) of them.
   */
  number(name: string, meet: NumberMeeting, initial: number, current: () => number): number;
  /** Bytes held off and on the heap, estimated. */
  memoryBytes(): number;
}
