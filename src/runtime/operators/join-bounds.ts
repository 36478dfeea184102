import type { Column } from "../../batch/column.ts";
import type { JoinSide } from "./join-side.ts";
import { viewOf } from "./join-output.ts";
import { millisOf } from "./watermark.ts";

/** Rows are dropped in groups of this many milliseconds of event time. */
const GROUP_MILLIS = 1000;

/** Which stored rows of a side go when: rows by the second of their expiry. Rebuilt from the state after a restore. */
export class JoinBounds {
  readonly #side: JoinSide;
  readonly #time: number;
  readonly #keepMillis: number;
  /** Row slots by group; groups in ascending order of expiry in `#order` up to the newest. */
  #groups: Map<number, number[]> | undefined;
  #oldest = Infinity;

  constructor(side: JoinSide, time: number, keepMillis: number) {
    this.#side = side;
    this.#time = time;
    this.#keepMillis = keepMillis;
  }

  /** Times of the rows of an input batch. */
  times(columns: readonly Column[], rowCount: number): Float64Array {
    return millisOf(columns[this.#time]!, rowCount);
  }

  /** True when the row can never match any more and need not be stored. */
  isOut(columns: readonly Column[], times: Float64Array, row: number, watermark: number): boolean {
    return columns[this.#time]!.nulls?.[row] === 1 || watermark > times[row]! + this.#keepMillis;
  }

  /** Remembers a row that was stored just now. */
  add(rowSlot: number, time: number): void {
    // Before the first prune the rows are in the state, from where all are read at once.
    if (this.#groups !== undefined) this.#put(rowSlot, time);
  }

  /** Removes rows that the watermark has put out of reach. `removed(parent)` is called after each. */
  prune(watermark: number, removed: (parent: number) => void): void {
    const groups = (this.#groups ??= this.#rebuild());
    if (this.#groupOf(watermark - this.#keepMillis) <= this.#oldest) return;
    const limit = this.#groupOf(watermark - this.#keepMillis);
    const due = [...groups.keys()].filter((group) => group < limit);
    for (const group of due) {
      for (const rowSlot of groups.get(group)!) {
        const parent = this.#side.lists.parentOf(rowSlot);
        this.#side.lists.removeRow(rowSlot);
        removed(parent);
      }
      groups.delete(group);
    }
    this.#oldest = Infinity;
    for (const group of groups.keys()) this.#oldest = Math.min(this.#oldest, group);
  }

  #groupOf(time: number): number {
    return Math.floor(time / GROUP_MILLIS);
  }

  #put(rowSlot: number, time: number): void {
    const group = this.#groupOf(time);
    const known = this.#groups!.get(group);
    if (known === undefined) this.#groups!.set(group, [rowSlot]);
    else known.push(rowSlot);
    if (group < this.#oldest) this.#oldest = group;
  }

  #rebuild(): Map<number, number[]> {
    this.#groups = new Map();
    const { table, lists } = this.#side;
    const position = this.#side.positionOf(this.#time);
    const column = viewOf(
      position === undefined ? table.keyColumns[this.#side.keys.indexOf(this.#time)]! : lists.columns[position]!,
    );
    const times = millisOf(
      column,
      column.storage === "bytes" || column.storage === "any" ? 0 : (column.nulls?.length ?? 0),
    );
    for (const slot of table.liveSlots()) {
      for (let row = lists.head(slot); row >= 0; row = lists.next(row))
        this.#put(row, times[position === undefined ? slot : row]!);
    }
    return this.#groups;
  }
}
