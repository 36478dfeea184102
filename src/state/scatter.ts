import type { Column } from "../batch/column.ts";
import type { Value } from "../types/data-type.ts";
import type { StateColumn } from "./api.ts";

/**
 * Writes rows of a batch column: row `rows[i]` (default: row i) goes to `slots[i]`. One loop for each storage, since
 * restores and joins write millions.
 */
export function scatter(
  target: StateColumn,
  slots: Int32Array,
  count: number,
  source: Column,
  rows = numbersTo(count),
): void {
  scatterNulls(target.nulls, source.nulls, slots, rows, count);
  switch (target.storage) {
    case "bool":
      return scatterBools(target.values, (source as { values: Uint8Array }).values, slots, rows, count);
    case "i32":
      return scatterInts(target.values, (source as { values: Int32Array }).values, slots, rows, count);
    case "f64":
      return scatterDoubles(target.values, (source as { values: Float64Array }).values, slots, rows, count);
    case "i64":
      return scatterLongs(target.values, (source as { values: BigInt64Array }).values, slots, rows, count);
    case "i128": {
      const { values } = source as { values: BigInt64Array };
      for (let i = 0; i < count; i++) {
        target.values[2 * slots[i]!] = values[2 * rows[i]!]!;
        target.values[2 * slots[i]! + 1] = values[2 * rows[i]! + 1]!;
      }
      return;
    }
    case "bytes": {
      if (source.storage !== "bytes") return;
      return target.setRows(slots, count, source, rows);
    }
    case "any": {
      const { values, nulls } = source as { readonly values: readonly Value[]; readonly nulls: Uint8Array | undefined };
      for (let i = 0; i < count; i++) {
        const row = rows[i]!;
        if (nulls === undefined || nulls[row] === 0) target.values[slots[i]!] = values[row]!;
      }
    }
  }
}

let numbers = new Int32Array(0);

/** The numbers 0, 1, … of which at least `count` are there. */
function numbersTo(count: number): Int32Array {
  if (numbers.length < count) numbers = Int32Array.from({ length: Math.max(4096, count) }, (_, i) => i);
  return numbers;
}

function scatterNulls(
  to: Uint8Array,
  from: Uint8Array | undefined,
  slots: Int32Array,
  rows: Int32Array,
  count: number,
): void {
  if (from === undefined) for (let i = 0; i < count; i++) to[slots[i]!] = 0;
  else for (let i = 0; i < count; i++) to[slots[i]!] = from[rows[i]!]!;
}

function scatterBools(to: Uint8Array, from: Uint8Array, slots: Int32Array, rows: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[slots[i]!] = from[rows[i]!]!;
}

function scatterInts(to: Int32Array, from: Int32Array, slots: Int32Array, rows: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) to[slots[i]!] = from[rows[i]!]!;
}

function scatterDoubles(
  to: Float64Array,
  from: Float64Array,
  slots: Int32Array,
  rows: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[slots[i]!] = from[rows[i]!]!;
}

function scatterLongs(
  to: BigInt64Array,
  from: BigInt64Array,
  slots: Int32Array,
  rows: Int32Array,
  count: number,
): void {
  for (let i = 0; i < count; i++) to[slots[i]!] = from[rows[i]!]!;
}
