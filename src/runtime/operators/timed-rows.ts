import type { JoinSide } from "./join-side.ts";
import { TimeHeap } from "./time-heap.ts";

/** Without exact order rows are forgotten in groups of this many milliseconds of event time. */
const GROUP_MILLIS = 1000;

/** Times by row slot or, where `byKey`, by slot of the key. */
export interface RowTimes {
  readonly values: Float64Array;
  readonly byKey: boolean;
}

interface Known {
  readonly heap: TimeHeap;
  readonly groups: Map<number, number[]>;
}

/** Which stored rows of a side go when, by their time. Rebuilt from the state after a restore. */
export class TimedRows {
  readonly #side: JoinSide;
  readonly #time: number;
  readonly #exact: boolean;
  /** Undefined: before the first look the rows are in the state, from where all are read at once. */
  #known: Known | undefined;
  #oldest = Infinity;

  /** `exact`: rows are due as soon as the limit reaches their time; otherwise up to a second later, which costs less. */
  constructor(side: JoinSide, time: number, exact: boolean) {
    this.#side = side;
    this.#time = time;
    this.#exact = exact;
  }

  /** Times of the stored rows; another array after rows were added. */
  times(): RowTimes {
    const position = this.#side.positionOf(this.#time);
    const column =
      position === undefined
        ? this.#side.table.keyColumns[this.#side.keys.indexOf(this.#time)]!
        : this.#side.lists.columns[position]!;
    return {
      values: column.storage === "f64" ? column.values : new Float64Array(0),
      byKey: position === undefined,
    };
  }

  /** Remembers a row that was stored just now. */
  add(rowSlot: number, time: number): void {
    if (this.#known !== undefined) this.#put(rowSlot, time);
  }

  /** The time of the first row that is due, where rows go in exact order; +Infinity: there is none. */
  get first(): number {
    return (this.#known ??= this.#rebuild()).heap.first;
  }

  /** Takes out the rows whose time is at most `limit`, in order of time, then of their slots. */
  due(limit: number): readonly number[] {
    const { heap, groups } = (this.#known ??= this.#rebuild());
    if (!this.#exact) return this.#dueGroups(groups, limit);
    if (heap.size === 0 || heap.first > limit) return [];
    const rows: number[] = [];
    while (heap.size > 0 && heap.first <= limit) {
      const time = heap.first;
      const equal: number[] = [];
      while (heap.size > 0 && heap.first === time) equal.push(heap.pop());
      rows.push(...equal.sort((a, b) => a - b));
    }
    return rows;
  }

  #dueGroups(groups: Map<number, number[]>, limit: number): readonly number[] {
    const end = groupOf(limit);
    if (end <= this.#oldest) return [];
    const due = [...groups.keys()].filter((group) => group < end).sort((a, b) => a - b);
    const rows = due.flatMap((group) => groups.get(group)!);
    for (const group of due) groups.delete(group);
    this.#oldest = Infinity;
    for (const group of groups.keys()) this.#oldest = Math.min(this.#oldest, group);
    return rows;
  }

  #put(rowSlot: number, time: number): void {
    const { heap, groups } = this.#known!;
    if (this.#exact) {
      heap.push(time, rowSlot);
      return;
    }
    const group = groupOf(time);
    const known = groups.get(group);
    if (known === undefined) groups.set(group, [rowSlot]);
    else known.push(rowSlot);
    if (group < this.#oldest) this.#oldest = group;
  }

  #rebuild(): Known {
    const known: Known = { heap: new TimeHeap(), groups: new Map() };
    this.#known = known;
    const { table, lists } = this.#side;
    const { values, byKey } = this.times();
    for (const slot of table.liveSlots()) {
      for (let row = lists.head(slot); row >= 0; row = lists.next(row)) this.#put(row, values[byKey ? slot : row]!);
    }
    return known;
  }
}

function groupOf(time: number): number {
  return Math.floor(time / GROUP_MILLIS);
}
