import type { Column } from "../batch/column.ts";
import type { ChildMap, StateColumn } from "../state/api.ts";
import type { OutputColumn } from "./output-columns.ts";

/** What every loop over input rows gets: the rows, their slots, and the state behind them. */
export interface LoopInput {
  /** Row i of the loop is row `rows[i]` of the columns; undefined: row i. Only read by `AccumulateLoop`. */
  readonly rows: Int32Array | undefined;
  readonly slots: Int32Array;
  readonly kinds: Uint8Array | undefined;
  readonly columns: readonly Column[];
  /** Columns of the keyed table. */
  readonly table: readonly StateColumn[];
  /** One per distinct set. */
  readonly maps: readonly ChildMap[];
  /** Entries of the distinct sets by row (of the columns); −1: the row is not in the set. */
  readonly entries: readonly Int32Array[];
  /** Sequence number of row 0. */
  readonly sequence: number;
}

/** Adds the rows `from` … `to` − 1 to their accumulators. */
export type AccumulateLoop = (input: LoopInput, from: number, to: number) => void;

/** Where an updating aggregate writes its changes. */
export interface ChangeOutput {
  readonly columns: readonly OutputColumn[];
  readonly kinds: Uint8Array;
  /** The input row that made each change. */
  readonly rows: Int32Array;
}

/** As `AccumulateLoop`, and writes the change of each row; returns how many rows it wrote (up to two a row, one slot more is used). */
export type UpdateLoop = (input: LoopInput, from: number, to: number, output: ChangeOutput) => number;

/** Adds accumulators at `fromSlots` to those at `toSlots`, pair by pair. */
export type MergeLoop = (
  fromTable: readonly StateColumn[],
  fromSlots: Int32Array,
  toTable: readonly StateColumn[],
  toSlots: Int32Array,
  count: number,
) => void;

/** Writes the results of `slots[0 .. count)` as rows 0 … */
export type ResultLoop = (
  table: readonly StateColumn[],
  slots: Int32Array,
  count: number,
  columns: readonly OutputColumn[],
) => void;

/** What an operation of an OVER window does to the accumulators of its slot. */
export const OverAction = { Add: 0, Take: 1, Clear: 2 } as const;

/** Operations of an OVER window in order: number k is about row `rows[k]` (undefined: k) and slot `slots[k]`. */
export interface OverInput extends LoopInput {
  /** `OverAction`s; undefined: every operation adds its row. */
  readonly actions: Uint8Array | undefined;
  /** RANGE: ends of the runs of operations whose rows have one result, ascending. */
  readonly ends: Int32Array;
}

/** Does `count` operations and writes the result of each row that is added; returns how many. */
export type OverLoop = (input: OverInput, count: number, columns: readonly OutputColumn[]) => number;

/**
 * Sets the accumulators at slot `slot` to those at `before` (−1: none) with row `slot` of the columns added; true when
 * they are others than they were.
 */
export type AdvanceLoop = (
  columns: readonly (StateColumn | undefined)[],
  table: readonly StateColumn[],
  before: number,
  slot: number,
) => boolean;

/** Writes the results at the slot as row `row`. */
export type ResultAt = (
  table: readonly StateColumn[],
  slot: number,
  row: number,
  columns: readonly OutputColumn[],
) => void;

/** What merging the distinct values of one table into another works on. */
export interface MergeDistinctInput {
  /** The keys of the entries to add. */
  readonly columns: readonly Column[];
  /** Slots of the target, one an entry. */
  readonly slots: Int32Array;
  readonly table: readonly StateColumn[];
  readonly fromMap: ChildMap;
  readonly fromEntries: Int32Array;
  readonly intoMap: ChildMap;
  readonly entries: Int32Array;
  readonly sequence: number;
}
