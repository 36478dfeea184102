import type { Column } from "../../batch/column.ts";
import { takeColumn, type TakenArrays } from "../../batch/take.ts";
import type { StateColumn } from "../../state/api.ts";
import type { Value } from "../../types/data-type.ts";
import type { JoinSide } from "./join-side.ts";

/** A stored column as a column of batches: a view of its arrays as they are now. */
export function viewOf(column: StateColumn): Column {
  if (column.storage !== "bytes")
    return { storage: column.storage, values: column.values, nulls: column.nulls } as Column;
  return { storage: "bytes", starts: column.starts, lengths: column.lengths, data: column.data, nulls: column.nulls };
}

/** The column with NULL where the mask says so. */
export function padded(column: Column, mask: Uint8Array, count: number): Column {
  const nulls = new Uint8Array(count);
  for (let i = 0; i < count; i++) nulls[i] = column.nulls === undefined ? mask[i]! : mask[i]! | column.nulls[i]!;
  if (column.storage !== "any") return { ...column, nulls };
  return {
    storage: "any",
    values: column.values.slice(0, count).map((value, i): Value => (nulls[i] === 1 ? null : value)),
    nulls,
  };
}

/**
 * Column `column` of the input side for rows `rows[0 .. count)` of its batch. `mask`: where the side is padded with
 * NULL. `into`: as at `takeColumn`.
 */
export function inputColumn(
  columns: readonly Column[],
  column: number,
  rows: Int32Array,
  count: number,
  mask: Uint8Array | undefined,
  into?: TakenArrays,
): Column {
  const taken = takeColumn(columns[column]!, rows, count, into);
  return mask === undefined ? taken : padded(taken, mask, count);
}

/**
 * Column `column` of the other side: stored rows `stored[0 .. count)`. Its key columns equal those of the input rows
 * that found them, and are taken from there.
 */
export function storedColumn(
  { own, other }: { readonly own: JoinSide; readonly other: JoinSide },
  column: number,
  stored: Int32Array,
  columns: readonly Column[],
  rows: Int32Array,
  count: number,
  mask: Uint8Array | undefined,
  into?: TakenArrays,
): Column {
  const position = other.positionOf(column);
  const taken =
    position === undefined
      ? takeColumn(columns[own.keys[other.keys.indexOf(column)]!]!, rows, count, into)
      : takeColumn(viewOf(other.lists.columns[position]!), stored, count, into);
  return mask === undefined ? taken : padded(taken, mask, count);
}

/**
 * Column `column` of a side for stored rows `stored[0 .. count)` (below 0: none) with keys in the slots `keySlots`. `mask`:
 * where the side is padded with NULL.
 */
export function storedSideColumn(
  side: JoinSide,
  column: number,
  stored: Int32Array,
  keySlots: Int32Array,
  count: number,
  mask?: Uint8Array,
): Column {
  const position = side.positionOf(column);
  const taken =
    position === undefined
      ? takeColumn(viewOf(side.table.keyColumns[side.keys.indexOf(column)]!), keySlots, count)
      : takeColumn(viewOf(side.lists.columns[position]!), stored, count);
  return mask === undefined ? taken : padded(taken, mask, count);
}
