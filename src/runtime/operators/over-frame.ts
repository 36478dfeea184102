import type { Column } from "../../batch/column.ts";
import type { KeyedTable, OperatorState, RowLists, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import { OverAction } from "../aggregate-loops.ts";
import type { AggregateLayout } from "../aggregate-layout.ts";
import type { OverSpec } from "../spec.ts";
import { rowFields } from "../state-names.ts";
import { roomFor } from "./emit.ts";
import { viewOf } from "./join-output.ts";

/** Time of a row; for RANGE it says when the row leaves the frame. */
const TIME: StateField = { name: "$time", type: T.double(false), initial: 0 };

/** The column of keys for `capacities`. */
export const CAPACITY: StateField = { name: "$capacity", type: T.double(false), initial: 16 };

/** Not looked up yet. */
const UNKNOWN = -2;
const NONE = -1;

/**
 * The rows that are in the frames of an OVER window with a lower bound, by key in the order of the window, with the
 * columns that aggregates read. Turns rows that enter into operations on the accumulators: what leaves the frame first,
 * then the row. The lists change when the operations have been done (`finish`).
 */
export class OverFrame {
  readonly #units: "ROWS" | "RANGE";
  readonly #preceding: number;
  readonly #lists: RowLists;
  /** Input columns in the lists, in order; the time is behind them. */
  readonly #stored: readonly number[];
  readonly #width: number;
  /** By key slot, since the last `finish`: the first row in the frame, and how many. */
  #first = new Int32Array(0);
  #inFrame = new Int32Array(0);
  #keys: number[] = [];
  #left: number[] = [];
  count = 0;
  /** Operations: row slots of the lists, key slots, `OverAction`s. */
  rows = new Int32Array(64);
  slots = new Int32Array(64);
  actions = new Uint8Array(64);

  /** Capacity of the hash map that Flink keeps the rows of a key in, by slot; see `#inFlinkOrder`. */
  readonly #capacities: (() => Float64Array) | undefined;

  constructor(
    state: OperatorState,
    table: KeyedTable,
    spec: OverSpec,
    layout: AggregateLayout,
    preceding: number,
    capacities?: () => Float64Array,
  ) {
    this.#capacities = capacities;
    this.#units = spec.frame.units;
    this.#preceding = preceding;
    this.#width = spec.input.length;
    this.#stored = [...new Set(layout.units.flatMap((unit) => unit.args))].sort((a, b) => a - b);
    this.#lists = state.lists(table, "frame", [
      ...rowFields(
        this.#stored,
        spec.input,
        spec.inputNames,
        "rows leave the frame with it, and it is missing in those stored before",
      ),
      TIME,
    ]);
  }

  /** Input columns as the rows of the lists hold them now; the others are not read. */
  columns(): Column[] {
    const columns: Column[] = [];
    columns.length = this.#width;
    this.#stored.forEach((column, at) => (columns[column] = viewOf(this.#lists.columns[at]!)));
    return columns;
  }

  /** Row `row` of the input columns comes into the frame of its key; rows of one key in the order of the window. */
  enter(slot: number, columns: readonly Column[], row: number, time: number): void {
    this.#lookUp(slot);
    if (this.#units === "ROWS") {
      if (this.#inFrame[slot]! > this.#preceding) this.#leave(slot);
    } else {
      const times = this.#times();
      const from = this.count;
      this.#grow(slot);
      while (this.#inFrame[slot]! > 0 && times[this.#first[slot]!]! < time - this.#preceding) this.#leave(slot);
      if (this.count - from > 1 && this.#capacities !== undefined)
        this.#inFlinkOrder(from, this.#capacities()[slot]!, times);
    }
    const rowSlot = this.#lists.append(slot, this.#storedOf(columns), row);
    this.#times()[rowSlot] = time;
    if (this.#inFrame[slot] === 0) this.#first[slot] = rowSlot;
    this.#inFrame[slot]! += 1;
    this.#push(rowSlot, slot, OverAction.Add);
  }

  /** All rows leave, and the accumulators are as new. */
  clear(slot: number): void {
    this.#lookUp(slot);
    for (let n = this.#inFrame[slot]!, row = this.#first[slot]!; n > 0; n--, row = this.#lists.next(row))
      this.#left.push(row);
    this.#first[slot] = NONE;
    this.#inFrame[slot] = 0;
    this.#push(0, slot, OverAction.Clear);
  }

  /** The operations are done: rows that left are forgotten. */
  finish(): void {
    for (const row of this.#left) this.#lists.removeRow(row);
    for (const slot of this.#keys) this.#first[slot] = UNKNOWN;
    this.#left = [];
    this.#keys = [];
    this.#storedFrom = undefined;
    this.count = 0;
  }

  #grow(slot: number): void {
    const capacities = this.#capacities?.();
    if (capacities === undefined) return;
    while (0.75 * capacities[slot]! < this.#inFrame[slot]! + 1) capacities[slot]! *= 2;
  }

  /**
   * Rows that leave together do so in the order in which a Java hash map walks their times: with sums of floating-point
   * numbers it shows.
   */
  #inFlinkOrder(from: number, capacity: number, times: Float64Array): void {
    const bucket = (row: number): number => bucketOf(times[row]!, capacity);
    const leaving = this.rows.subarray(from, this.count);
    leaving.set([...leaving].sort((a, b) => bucket(a) - bucket(b)));
  }

  #leave(slot: number): void {
    const row = this.#first[slot]!;
    this.#left.push(row);
    this.#first[slot] = this.#lists.next(row);
    this.#inFrame[slot]! -= 1;
    this.#push(row, slot, OverAction.Take);
  }

  #lookUp(slot: number): void {
    const known = this.#first.length;
    if (slot >= known) {
      this.#first = roomFor(this.#first, slot + 1, true);
      this.#inFrame = roomFor(this.#inFrame, slot + 1, true);
      this.#first.fill(UNKNOWN, known);
    }
    if (this.#first[slot] !== UNKNOWN) return;
    this.#first[slot] = this.#lists.head(slot);
    this.#inFrame[slot] = this.#lists.count(slot);
    this.#keys.push(slot);
  }

  #times(): Float64Array {
    return (this.#lists.columns[this.#stored.length] as { values: Float64Array }).values;
  }

  #storedColumns: Column[] = [];
  #storedFrom: readonly Column[] | undefined;

  #storedOf(columns: readonly Column[]): Column[] {
    if (this.#storedFrom !== columns) {
      this.#storedFrom = columns;
      this.#storedColumns = this.#stored.map((column) => columns[column]!);
    }
    return this.#storedColumns;
  }

  #push(row: number, slot: number, action: number): void {
    const at = this.count;
    if (at === this.actions.length) {
      this.rows = roomFor(this.rows, 2 * at, true);
      this.slots = roomFor(this.slots, 2 * at, true);
      const actions = new Uint8Array(2 * at);
      actions.set(this.actions);
      this.actions = actions;
    }
    this.rows[at] = row;
    this.slots[at] = slot;
    this.actions[at] = action;
    this.count = at + 1;
  }
}

/** Where `java.util.HashMap` puts a long. */
function bucketOf(millis: number, capacity: number): number {
  const hash = (millis | 0) ^ Math.floor(millis / 4_294_967_296);
  return (hash ^ (hash >>> 16)) & (capacity - 1);
}
