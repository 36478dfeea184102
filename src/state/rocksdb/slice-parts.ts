import type { SlicePart } from "../api.ts";
import type { KeyGroupRange } from "../restored-state.ts";
import type { RocksTable } from "./rocks-table.ts";

/** Rows that one part brings into memory, about. */
const PART_ROWS = 1 << 14;

/**
 * Ranges of key groups that together are all rows of these slices (by their ends); undefined: all rows are in memory.
 * Records lie by key group within their slice, so that a part is one scan for each slice.
 */
export function partsOf(
  slices: ReadonlyMap<number, RocksTable>,
  { from, to }: KeyGroupRange,
  maxParallelism: number,
): readonly SlicePart[] | undefined {
  const tables = [...slices.values()];
  if (!tables.some((table) => table.mayMiss)) return undefined;
  const absent = tables.reduce((sum, table) => sum + table.absentCount, 0);
  const groups = to - from;
  const count = Math.max(1, Math.min(groups, Math.ceil(absent / PART_ROWS)));
  return Array.from({ length: count }, (_, part) => {
    // Whatever lies beside the thread's groups must not be left out.
    const first = part === 0 ? 0 : from + Math.floor((part * groups) / count);
    const end = part === count - 1 ? maxParallelism : from + Math.floor(((part + 1) * groups) / count);
    return {
      load: async () => {
        for (const table of tables) if (table.mayMiss) await table.loadGroups(first, end);
      },
      slots: (endMillis: number) => slotsOf(slices.get(endMillis)!, first, end),
      free: (endMillis: number) => {
        const table = slices.get(endMillis)!;
        table.free(slotsOf(table, first, end));
      },
    };
  });
}

/** The rows of the key groups `from` … `to` − 1 that are in memory. */
function slotsOf({ table, records }: RocksTable, from: number, to: number): Int32Array {
  return table.liveSlots().filter((slot) => {
    const group = records.layout.groupOf(table, slot);
    return group >= from && group < to;
  });
}
