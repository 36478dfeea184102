import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import type { MemoryChildMap } from "./child-map.ts";
import { scatter, type StoredColumn } from "./columns.ts";
import type { MemoryKeyedTable } from "./keyed-table.ts";
import type { RestoredBatch, RestoredPart } from "./restored-state.ts";
import type { MemoryRowLists } from "./row-lists.ts";
import type { MemorySlicedTable } from "./sliced-table.ts";
import { grownInts } from "./slot-store.ts";
import { leadColumns } from "./snapshot-manifest.ts";

/** Where the rows of a part went: by source, in file order. Children find their parents with it. */
export class Placement {
  readonly #slots = new Map<string, Int32Array>();
  readonly #ends = new Map<string, Float64Array>();

  /** The next rows of a source; `ends`: their slice ends. */
  add(source: string, slots: Int32Array, ends?: Float64Array): void {
    this.#slots.set(source, appended(this.#slots.get(source), slots));
    if (ends !== undefined) this.#ends.set(source, appended(this.#ends.get(source), ends));
  }

  /** Slots of the parents with the given ordinals. */
  slots(source: string, ordinals: Int32Array, count: number): Int32Array {
    const slots = this.#slots.get(source)!;
    return Int32Array.from({ length: count }, (_, i) => slots[ordinals[i]!]!);
  }

  /** Slice ends of the parents with the given ordinals. */
  ends(source: string, ordinals: Int32Array, count: number): Float64Array {
    const ends = this.#ends.get(source)!;
    return Float64Array.from({ length: count }, (_, i) => ends[ordinals[i]!]!);
  }
}

function appended<A extends Int32Array | Float64Array>(before: A | undefined, more: A): A {
  if (before === undefined) return more;
  const all = new (more.constructor as new (length: number) => A)(before.length + more.length);
  all.set(before);
  all.set(more, before.length);
  return all;
}

/** Fills a table. */
export function restoreTable(table: MemoryKeyedTable, part: RestoredPart): Placement {
  const placement = new Placement();
  const slots = slotsOf(part);
  part.batches.forEach((batch, i) => {
    placeRows(table, slots[i]!, batch.columns.slice(1), batch.rowCount);
    placement.add(batch.source, slots[i]!);
  });
  return placement;
}

/** Fills the slices of a table. */
export function restoreSlices(slices: MemorySlicedTable, part: RestoredPart): Placement {
  const placement = new Placement();
  const slots = slotsOf(part);
  part.batches.forEach((batch, i) => {
    const ends = endsOf(batch);
    for (const [end, rows] of rowsByEnd(ends)) {
      const taken = batch.columns.slice(2).map((column) => takeColumn(column, rows, rows.length));
      const places = rows.map((row) => slots[i]![row]!);
      placeRows(slices.slice(end), places, taken, rows.length);
    }
    placement.add(batch.source, slots[i]!, ends);
  });
  return placement;
}

/**
 * The slot of each row of each batch. All rows of one former task keep their slots, holes included, so that slots to
 * come are the same too; other rows are numbered by slot, then by file.
 */
function slotsOf({ manifest, batches, whole }: RestoredPart): Int32Array[] {
  const lead = leadColumns(manifest.kind).length;
  const stored = batches.map(({ columns, rowCount }) => intsOf(columns[lead - 1]!).subarray(0, rowCount));
  if (whole) return stored;
  // By slice end: first how many rows have the slot, then the number of the next of them. Batches are in order of files.
  const numbers = new Map<number, Int32Array>();
  const eachRow = (visit: (ofEnd: Int32Array, slot: number, batch: number, row: number) => void): void => {
    batches.forEach((batch, i) => {
      const ends = manifest.kind === "slices" ? endsOf(batch) : undefined;
      stored[i]!.forEach((slot, row) => {
        const end = ends === undefined ? 0 : ends[row]!;
        let ofEnd = numbers.get(end) ?? new Int32Array(64);
        if (slot >= ofEnd.length) ofEnd = grownInts(ofEnd, Math.max(slot + 1, ofEnd.length * 2));
        numbers.set(end, ofEnd);
        visit(ofEnd, slot, i, row);
      });
    });
  };
  eachRow((counts, slot) => (counts[slot] = counts[slot]! + 1));
  for (const counts of numbers.values()) {
    let sum = 0;
    counts.forEach((count, slot) => {
      counts[slot] = sum;
      sum += count;
    });
  }
  const slots = stored.map(({ length }) => new Int32Array(length));
  eachRow((next, slot, batch, row) => {
    slots[batch]![row] = next[slot]!;
    next[slot] = next[slot]! + 1;
  });
  return slots;
}

/** Fills row lists; the order of the file is the order of arrival. */
export function restoreLists(lists: MemoryRowLists, part: RestoredPart, parents: Placement): void {
  lists.children.restoring = true;
  for (const { source, columns, rowCount } of part.batches) {
    const slots = parents.slots(source, ordinalsOf(columns), rowCount).map((parent) => lists.children.append(parent));
    scatterAll(lists.children.store.changing, slots, rowCount, columns.slice(1));
  }
  lists.children.restoring = false;
}

/** Fills a child map of a table. */
export function restoreMap(map: MemoryChildMap, part: RestoredPart, parents: Placement): void {
  for (const { source, columns, rowCount } of part.batches) {
    placeEntries(map, parents.slots(source, ordinalsOf(columns), rowCount), columns.slice(1), rowCount);
  }
}

/** Fills the child maps of that name of all slices. */
export function restoreSliceMaps(
  slices: MemorySlicedTable,
  name: string,
  part: RestoredPart,
  parents: Placement,
): void {
  for (const { source, columns, rowCount } of part.batches) {
    const slots = parents.slots(source, ordinalsOf(columns), rowCount);
    for (const [end, rows] of rowsByEnd(parents.ends(source, ordinalsOf(columns), rowCount))) {
      const taken = columns.slice(1).map((column) => takeColumn(column, rows, rows.length));
      placeEntries(
        slices.childMap(end, name),
        rows.map((row) => slots[row]!),
        taken,
        rows.length,
      );
    }
  }
}

function placeRows(table: MemoryKeyedTable, slots: Int32Array, columns: readonly Column[], rowCount: number): void {
  table.placeAt(columns.slice(0, table.keyColumns.length), rowCount, slots);
  scatterAll(table.store.changing, slots, rowCount, columns.slice(table.keyColumns.length));
}

function placeEntries(map: MemoryChildMap, parents: Int32Array, columns: readonly Column[], rowCount: number): void {
  const entries = new Int32Array(rowCount);
  map.children.restoring = true;
  map.prepare(parents, columns.slice(0, map.keyColumns.length), undefined, rowCount, entries);
  scatterAll(map.children.store.changing, entries, rowCount, columns.slice(map.keyColumns.length));
  map.children.restoring = false;
}

function scatterAll(
  targets: readonly StoredColumn[],
  slots: Int32Array,
  count: number,
  sources: readonly Column[],
): void {
  // A last-write time that the query does not want any more (its TTL was switched off) has no target.
  targets.slice(0, sources.length).forEach((target, i) => scatter(target, slots, count, sources[i]!));
}

function ordinalsOf(columns: readonly Column[]): Int32Array {
  return intsOf(columns[0]!);
}

function intsOf(column: Column): Int32Array {
  return (column as { values: Int32Array }).values;
}

function endsOf({ columns, rowCount }: RestoredBatch): Float64Array {
  return (columns[0] as { values: Float64Array }).values.subarray(0, rowCount);
}

function rowsByEnd(ends: Float64Array): Map<number, Int32Array> {
  const rows = new Map<number, number[]>();
  ends.forEach((end, row) => {
    const known = rows.get(end);
    if (known === undefined) rows.set(end, [row]);
    else known.push(row);
  });
  return new Map([...rows].map(([end, list]) => [end, Int32Array.from(list)]));
}
