import type { Column } from "../batch/column.ts";
import { takeColumn } from "../batch/take.ts";
import { must } from "../base/assert.ts";
import type { EntryPlaces, MemoryChildMap } from "./child-map.ts";
import type { StoredColumn } from "./columns.ts";
import type { MemoryKeyedTable } from "./keyed-table.ts";
import type { RestoredBatch, RestoredPart } from "./restored-state.ts";
import type { MemoryRowLists } from "./row-lists.ts";
import { scatter } from "./scatter.ts";
import type { MemorySlicedTable } from "./sliced-table.ts";
import { grownInts } from "./slot-store.ts";
import { leadColumns, slotColumn } from "./snapshot-manifest.ts";

/** Where the rows of a table, or of its slices, went. Rows that hang under them find their parents with it. */
export class Placement {
  /** By former task and slice end: the present slot + 1 of each former one. Undefined: they are the same. */
  readonly #moved: ReadonlyMap<string, Int32Array> | undefined;

  constructor(moved: ReadonlyMap<string, Int32Array> | undefined) {
    this.#moved = moved;
  }

  /** The present slots of former ones of one task; `ends`: the slice end of each. */
  slots(task: number, former: Int32Array, count: number, ends: Float64Array | undefined): Int32Array {
    if (this.#moved === undefined) return former.subarray(0, count);
    const out = new Int32Array(count);
    let end = Number.NaN;
    let slots = ends === undefined ? this.#moved.get(`${task}`) : undefined;
    for (let i = 0; i < count; i++) {
      if (ends !== undefined && ends[i] !== end) {
        end = ends[i]!;
        slots = this.#moved.get(`${task}:${end}`);
      }
      out[i] = must(slots, "parents of the rows")[former[i]!]! - 1;
    }
    return out;
  }
}

/** Fills a table. */
export function restoreTable(table: MemoryKeyedTable, part: RestoredPart): Placement {
  const { slots, placement } = placesOf(part);
  const lead = leadColumns(part.manifest).length;
  table.store.reserve(limitOf(slots));
  table.index.reserve(rowsOf(part));
  part.batches.forEach(({ columns, rowCount }, i) => placeRows(table, slots[i]!, columns.slice(lead), rowCount));
  return placement;
}

/** Fills the slices of a table. */
export function restoreSlices(slices: MemorySlicedTable, part: RestoredPart): Placement {
  const { slots, placement } = placesOf(part);
  const lead = leadColumns(part.manifest).length;
  part.batches.forEach((batch, i) => {
    for (const [end, rows] of rowsByEnd(endsOf(batch))) {
      const taken = batch.columns.slice(lead).map((column) => takeColumn(column, rows, rows.length));
      placeRows(
        slices.slice(end),
        rows.map((row) => slots[i]![row]!),
        taken,
        rows.length,
      );
    }
  });
  return placement;
}

/**
 * The slot of each row of each batch. All rows of one former task keep their slots, holes included, so that slots to
 * come are the same too; other rows are numbered by slot, then by task.
 */
function placesOf({ manifest, batches, whole }: RestoredPart): { readonly slots: Int32Array[]; placement: Placement } {
  const stored = batches.map(({ columns, rowCount }) => intsOf(columns[slotColumn(manifest)]!).subarray(0, rowCount));
  if (whole) return { slots: stored, placement: new Placement(undefined) };
  // By slice end: first how many rows have the slot, then the number of the next of them. Batches are in order of tasks.
  const numbers = new SlotMaps();
  const ends = batches.map((batch) => (manifest.sliced === true ? endsOf(batch) : undefined));
  const eachRow = (visit: (batch: number, row: number, slot: number, end: number | undefined) => void): void =>
    stored.forEach((slots, i) => slots.forEach((slot, row) => visit(i, row, slot, ends[i]?.[row])));
  eachRow((_batch, _row, slot, end) => {
    const counts = numbers.of(`${end}`, slot);
    counts[slot] = counts[slot]! + 1;
  });
  for (const counts of numbers.maps.values()) {
    let sum = 0;
    counts.forEach((count, slot) => {
      counts[slot] = sum;
      sum += count;
    });
  }
  const slots = stored.map(({ length }) => new Int32Array(length));
  const moved = new SlotMaps();
  eachRow((batch, row, slot, end) => {
    const next = numbers.of(`${end}`, slot);
    const present = next[slot]!;
    slots[batch]![row] = present;
    next[slot] = present + 1;
    const { task } = batches[batch]!;
    moved.of(end === undefined ? `${task}` : `${task}:${end}`, slot)[slot] = present + 1;
  });
  return { slots, placement: new Placement(moved.maps) };
}

/** A number for each slot, by name. */
class SlotMaps {
  readonly maps = new Map<string, Int32Array>();

  /** The numbers under the name, with room for the slot. */
  of(name: string, slot: number): Int32Array {
    const known = this.maps.get(name);
    if (known !== undefined && slot < known.length) return known;
    const grown = grownInts(known ?? new Int32Array(0), Math.max(64, slot + 1, 2 * (known?.length ?? 0)));
    this.maps.set(name, grown);
    return grown;
  }
}

/** Fills row lists. */
export function restoreLists(lists: MemoryRowLists, part: RestoredPart, parents: Placement): void {
  const { slots } = placesOf(part);
  const lead = leadColumns(part.manifest).length;
  lists.children.store.reserve(limitOf(slots));
  part.batches.forEach((batch, i) => {
    const under = parents.slots(batch.task, parentsOf(batch, part), batch.rowCount, undefined);
    lists.children.placeAt(slots[i]!, under, sequencesOf(batch, part), batch.rowCount);
    scatterAll(lists.children.store.changing, slots[i]!, batch.rowCount, batch.columns.slice(lead));
  });
  lists.children.link(!part.whole);
}

/** Fills a child map of a table. */
export function restoreMap(map: MemoryChildMap, part: RestoredPart, parents: Placement): void {
  const { slots } = placesOf(part);
  const lead = leadColumns(part.manifest).length;
  map.children.store.reserve(limitOf(slots));
  map.index.reserve(rowsOf(part));
  part.batches.forEach((batch, i) => {
    const under = parents.slots(batch.task, parentsOf(batch, part), batch.rowCount, undefined);
    placeEntries(
      map,
      { entries: slots[i]!, parents: under, sequences: sequencesOf(batch, part) },
      batch.columns.slice(lead),
      batch.rowCount,
    );
  });
  map.children.link(!part.whole);
}

/** Fills the child maps of that name of all slices. */
export function restoreSliceMaps(
  slices: MemorySlicedTable,
  name: string,
  part: RestoredPart,
  parents: Placement,
): void {
  const { slots } = placesOf(part);
  const lead = leadColumns(part.manifest).length;
  const filled = new Set<MemoryChildMap>();
  part.batches.forEach((batch, i) => {
    const ends = endsOf(batch);
    const under = parents.slots(batch.task, parentsOf(batch, part), batch.rowCount, ends);
    const sequences = sequencesOf(batch, part);
    for (const [end, rows] of rowsByEnd(ends)) {
      const map = slices.childMap(end, name);
      filled.add(map);
      const at = {
        entries: rows.map((row) => slots[i]![row]!),
        parents: rows.map((row) => under[row]!),
        sequences: Float64Array.from(rows, (row) => sequences[row]!),
      };
      placeEntries(
        map,
        at,
        batch.columns.slice(lead).map((column) => takeColumn(column, rows, rows.length)),
        rows.length,
      );
    }
  });
  for (const map of filled) map.children.link(!part.whole);
}

/** One above the highest slot. */
function limitOf(slots: readonly Int32Array[]): number {
  let limit = 0;
  for (const some of slots) for (const slot of some) if (slot >= limit) limit = slot + 1;
  return limit;
}

function rowsOf({ batches }: RestoredPart): number {
  return batches.reduce((sum, { rowCount }) => sum + rowCount, 0);
}

function placeRows(table: MemoryKeyedTable, slots: Int32Array, columns: readonly Column[], rowCount: number): void {
  table.placeAt(columns.slice(0, table.keyColumns.length), rowCount, slots);
  scatterAll(table.store.changing, slots, rowCount, columns.slice(table.keyColumns.length));
}

function placeEntries(map: MemoryChildMap, at: EntryPlaces, columns: readonly Column[], rowCount: number): void {
  map.placeAt(at, columns.slice(0, map.keyColumns.length), rowCount);
  scatterAll(map.children.store.changing, at.entries, rowCount, columns.slice(map.keyColumns.length));
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

function parentsOf({ columns }: RestoredBatch, { manifest }: RestoredPart): Int32Array {
  return intsOf(columns[slotColumn(manifest) + 1]!);
}

function sequencesOf({ columns }: RestoredBatch, { manifest }: RestoredPart): Float64Array {
  return (columns[slotColumn(manifest) + 2] as { values: Float64Array }).values;
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
