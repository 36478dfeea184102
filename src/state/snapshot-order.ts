import { hashRows, keyGroupOf } from "../batch/hash.ts";
import type { Column } from "../batch/column.ts";
import { PAGE_SLOTS, type FrozenPages, type Page } from "./pages.ts";
import type { Pace } from "./pace.ts";
import { positionsInOrder } from "./sequence-order.ts";

/** Slots that are not live. */
const NO_GROUP = 0xffff;
/** Slots that do not go into the file. */
const NO_PLACE = -1;

/** Where each frozen slot of a store goes in the file. */
export interface SlotOrder {
  readonly frozen: FrozenPages;
  /** Key group of each live slot. */
  readonly groups: Uint16Array;
  /** Number of the slot among those of its key group that go into the file. */
  readonly ordinals: Int32Array;
}

/** How the key group of a table's slot is found. */
export interface GroupKeys {
  /** Number of keys; the hash of all follows them among the identity columns. */
  readonly keys: number;
  /** So many of them decide. */
  readonly groupKeys: number;
}

/**
 * Orders a table: slots ascend. Adds its rows to `counts` per key group, from where its ordinals go on. `selected`: only
 * those with 1 go into the file; undefined: all that are live.
 */
export async function orderTable(
  frozen: FrozenPages,
  selected: Uint8Array | undefined,
  grouping: GroupKeys,
  counts: Int32Array,
  pace: Pace,
): Promise<SlotOrder> {
  const order = emptyOrder(frozen);
  const scratch = new Int32Array(PAGE_SLOTS);
  for (let number = 0; number < frozen.pageCount; number++) {
    const page = frozen.page(number);
    const hashes = groupHashes(page, grouping, scratch);
    for (let i = 0, slot = page.from; slot < page.to; i++, slot++) {
      if (page.live[i] !== 1) continue;
      const group = keyGroupOf(hashes[i]!, counts.length);
      order.groups[slot] = group;
      if (selected !== undefined && selected[slot] !== 1) continue;
      order.ordinals[slot] = counts[group]!;
      counts[group] = counts[group]! + 1;
    }
    await pace.step(frozen);
  }
  return order;
}

function groupHashes(page: Page, { keys, groupKeys }: GroupKeys, scratch: Int32Array): Int32Array {
  if (groupKeys === keys) return intsOf(page.identity[keys]!);
  hashRows(page.identity.slice(0, groupKeys), page.to - page.from, scratch);
  return scratch;
}

/** Orders what hangs under a table, or the selected of it: by key group of the parent, then by sequence. */
export async function orderChildren(
  frozen: FrozenPages,
  selected: Uint8Array | undefined,
  parent: SlotOrder,
  parentAt: number,
  counts: Int32Array,
  pace: Pace,
): Promise<SlotOrder> {
  const order = emptyOrder(frozen);
  const starts = new Int32Array(counts.length + 1);
  for (let number = 0; number < frozen.pageCount; number++) {
    const page = frozen.page(number);
    const parents = intsOf(page.identity[parentAt]!);
    for (let i = 0, slot = page.from; slot < page.to; i++, slot++) {
      if (page.live[i] !== 1) continue;
      if (selected !== undefined && selected[slot] !== 1) continue;
      const group = parent.groups[parents[i]!]!;
      order.groups[slot] = group;
      starts[group + 1] = starts[group + 1]! + 1;
    }
    await pace.step(frozen);
  }
  for (let group = 0; group < counts.length; group++) starts[group + 1] = starts[group + 1]! + starts[group]!;

  const slots = new Int32Array(starts[counts.length]!);
  const sequences = new Float64Array(slots.length);
  const next = starts.slice();
  for (let number = 0; number < frozen.pageCount; number++) {
    const page = frozen.page(number);
    const values = (page.identity[parentAt + 1] as { values: Float64Array }).values;
    for (let i = 0, slot = page.from; slot < page.to; i++, slot++) {
      const group = order.groups[slot]!;
      if (group === NO_GROUP) continue;
      const at = next[group]!;
      next[group] = at + 1;
      slots[at] = slot;
      sequences[at] = values[i]!;
    }
    await pace.step(frozen);
  }
  for (let group = 0; group < counts.length; group++) {
    const [from, to] = [starts[group]!, starts[group + 1]!];
    const sorted = slotsBySequence(slots.subarray(from, to), sequences.subarray(from, to));
    const first = counts[group]!;
    for (let i = 0; i < sorted.length; i++) order.ordinals[sorted[i]!] = first + i;
    counts[group] = first + sorted.length;
    await pace.step(frozen);
  }
  return order;
}

/** Calls `take` for each page with its rows of the key groups `from` … `to` − 1: index in the page and place in the file order. */
export async function eachPage(
  order: SlotOrder,
  groupStarts: Int32Array,
  [from, to]: readonly [number, number],
  pace: Pace,
  take: (page: Page, rows: Int32Array, places: Int32Array, count: number) => void,
): Promise<void> {
  const rows = new Int32Array(PAGE_SLOTS);
  const places = new Int32Array(PAGE_SLOTS);
  const base = groupStarts[from]!;
  for (let number = 0; number < order.frozen.pageCount; number++) {
    const page = order.frozen.page(number);
    let count = 0;
    for (let slot = page.from; slot < page.to; slot++) {
      const group = order.groups[slot]!;
      if (group < from || group >= to || order.ordinals[slot] === NO_PLACE) continue;
      rows[count] = slot - page.from;
      places[count++] = groupStarts[group]! - base + order.ordinals[slot]!;
    }
    if (count > 0) take(page, rows, places, count);
    await pace.step(order.frozen);
  }
}

function emptyOrder(frozen: FrozenPages): SlotOrder {
  return {
    frozen,
    groups: new Uint16Array(frozen.limit).fill(NO_GROUP),
    ordinals: new Int32Array(frozen.limit).fill(NO_PLACE),
  };
}

function intsOf(column: Column): Int32Array {
  return (column as { values: Int32Array }).values;
}

function slotsBySequence(slots: Int32Array, sequences: Float64Array): Int32Array {
  let ascending = true;
  for (let i = 1; i < sequences.length && ascending; i++) ascending = sequences[i - 1]! < sequences[i]!;
  return ascending ? slots : positionsInOrder(sequences).map((i) => slots[i]!);
}
