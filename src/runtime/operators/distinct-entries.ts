import type { Column } from "../../batch/column.ts";
import type { ChildMap } from "../../state/api.ts";
import type { AggregateLayout, DistinctSet } from "../aggregate-layout.ts";
import { roomFor } from "./emit.ts";

/** Finds the entries of the distinct sets for the rows of a batch. */
export class DistinctEntries {
  /** By set, then by row of the columns. −1: the row is not in the set. */
  readonly entries: Int32Array[];
  readonly #layout: AggregateLayout;
  #rows = new Int32Array(0);
  #parents = new Int32Array(0);
  #found = new Int32Array(0);

  constructor(layout: AggregateLayout) {
    this.#layout = layout;
    this.entries = layout.sets.map(() => new Int32Array(0));
  }

  /** `slots[i]` is the slot of row `rows[i]` (undefined: row i); entries are made as needed. */
  prepare(
    maps: readonly ChildMap[],
    columns: readonly Column[],
    rowCount: number,
    rows: Int32Array | undefined,
    slots: Int32Array,
    count: number,
  ): void {
    this.#layout.sets.forEach((set, s) => {
      const entries = roomFor(this.entries[s]!, rowCount);
      this.entries[s] = entries;
      const args = set.args.map((arg) => columns[arg]!);
      if (rows === undefined && takesAll(set, args)) {
        void maps[s]!.prepare(slots, args, undefined, count, entries);
        return;
      }
      this.#rows = roomFor(this.#rows, count);
      this.#parents = roomFor(this.#parents, count);
      this.#found = roomFor(this.#found, count);
      const chosen = choose(set, columns, args, rows, slots, count, this.#rows, this.#parents);
      void maps[s]!.prepare(this.#parents, args, this.#rows, chosen, this.#found);
      for (let i = 0; i < count; i++) entries[rows === undefined ? i : rows[i]!] = -1;
      for (let i = 0; i < chosen; i++) entries[this.#rows[i]!] = this.#found[i]!;
    });
  }

  /** Entries, by set, whose counts have all gone to 0 (of a retracting layout), each once. */
  emptied(maps: readonly ChildMap[], count: number): Set<number>[] {
    return this.#layout.sets.map((set, s) => {
      const empty = new Set<number>();
      const counts = set.filters.map((_, bit) => (maps[s]!.columns[bit] as { values: Float64Array }).values);
      for (let i = 0; i < count; i++) {
        const entry = this.entries[s]![i]!;
        if (entry >= 0 && counts.every((values) => values[entry] === 0)) empty.add(entry);
      }
      return empty;
    });
  }
}

function takesAll(set: DistinctSet, args: readonly Column[]): boolean {
  return set.filters.includes(undefined) && (set.keepsNulls || args.every((column) => column.nulls === undefined));
}

function choose(
  set: DistinctSet,
  columns: readonly Column[],
  args: readonly Column[],
  rows: Int32Array | undefined,
  slots: Int32Array,
  count: number,
  outRows: Int32Array,
  outParents: Int32Array,
): number {
  const filters = set.filters.includes(undefined) ? undefined : set.filters.map((filter) => columns[filter!]!);
  const nulls = set.keepsNulls ? [] : args.flatMap((column) => (column.nulls === undefined ? [] : [column.nulls]));
  let chosen = 0;
  for (let i = 0; i < count; i++) {
    const row = rows === undefined ? i : rows[i]!;
    if (nulls.some((mask) => mask[row] === 1)) continue;
    if (
      filters !== undefined &&
      !filters.some((filter) => filter.storage === "bool" && filter.values[row] === 1 && filter.nulls?.[row] !== 1)
    )
      continue;
    outRows[chosen] = row;
    outParents[chosen++] = slots[i]!;
  }
  return chosen;
}
