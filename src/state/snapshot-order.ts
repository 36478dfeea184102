import { keyGroupOf } from "../batch/hash.ts";
import type { Column } from "../batch/column.ts";
import { PAGE_SLOTS, type FrozenPages, type Page } from "./pages.ts";
import type { Pace } from "./pace.ts";

/** Slots that are not live. */
const NO_GROUP = 0xffff;

/**
 * Where each frozen slot of a store goes in the file: its key group and its ordinal among the rows of the key group.
 * Children refer to their parent by this ordinal.
 */
export interface SlotOrder {
  readonly frozen: FrozenPages;
  readonly groups: Uint16Array;
  readonly ordinals: Int32Array;
}

/** Orders a table: slots ascend. Adds its rows to `counts` per key group, from where its ordinals go on. */
export async function orderTable(
  frozen: FrozenPages,
  hashAt: number,
  counts: Int32Array,
  pace: Pace,
): Promise<SlotOrder> {
  const order = emptyOrder(frozen);
  for (let number = 0; number < frozen.pageCount; number++) {
    const page = frozen.page(number);
    const hashes = intsOf(page.identity[hashAt]!);
    for (let i = 0, slot = page.from; slot < page.to; i++, slot++) {
      if (page.live[i] !== 1) continue;
      const group = keyGroupOf(hashes[i]!, counts.length);
      order.groups[slot] = group;
      order.ordinals[slot] = counts[group]!;
      counts[group] = counts[group]! + 1;
    }
    await pace.step(frozen);
  }
  return order;
}

/** Orders what hangs under a table: by key group of the parent, then by sequence, so that lists keep their order. */
export async function orderChildren(
  frozen: FrozenPages,
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
      if (group < from || group >= to) continue;
      rows[count] = slot - page.from;
      places[count++] = groupStarts[group]! - base + order.ordinals[slot]!;
    }
    if (count > 0) take(page, rows, places, count);
    await pace.step(order.frozen);
  }
}

function emptyOrder(frozen: FrozenPages): SlotOrder {
  return { frozen, groups: new Uint16Array(frozen.limit).fill(NO_GROUP), ordinals: new Int32Array(frozen.limit) };
}

function intsOf(column: Column): Int32Array {
  return (column as { values: Int32Array }).values;
}

function slotsBySequence(slots: Int32Array, sequences: Float64Array): Int32Array {
  let ascending = true;
  for (let i = 1; i < sequences.length && ascending; i++) ascending = sequences[i - 1]! < sequences[i]!;
  if (ascending) return slots;
  const order = Int32Array.from(slots, (_, i) => i).sort((a, b) => sequences[a]! - sequences[b]!);
  return order.map((i) => slots[i]!);
}
