import type { Column } from "../batch/column.ts";
import type { FunctionRegistry } from "../functions/registry.ts";
import type { StateColumn } from "../state/api.ts";
import { T, type Field } from "../types/data-type.ts";
import { layoutAggregates } from "./aggregate-layout.ts";
import type { LocalAggregateSpec } from "./spec.ts";
import { stateKeys } from "./state-names.ts";

/** Columns of windows between the keys and the accumulators: the last moment of the slice, and the number of rows. */
const WINDOW_COLUMNS = 2;

/** What comes out of a local aggregate: columns of each row by number. */
export interface PartialColumns {
  /** Where its slice is (wall clock, in the slice), and how many rows it stands for; undefined: there are no windows. */
  readonly time: number | undefined;
  readonly rows: number | undefined;
  /** The first of the accumulators. */
  readonly accumulators: number;
}

/** Keys come first, in their order. */
export function partialColumns(keyCount: number, windowed: boolean): PartialColumns {
  if (!windowed) return { time: undefined, rows: undefined, accumulators: keyCount };
  return { time: keyCount, rows: keyCount + 1, accumulators: keyCount + WINDOW_COLUMNS };
}

/** Names and types of the output of a local aggregate. */
export function partialFields(spec: LocalAggregateSpec, functions: FunctionRegistry): readonly Field[] {
  const layout = layoutAggregates(spec.aggregates, functions, false, spec.inputNames);
  const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
  const window: readonly Field[] =
    spec.window === undefined
      ? []
      : [
          { name: "$slice", type: T.double(false) },
          { name: "$rows", type: T.double(false) },
        ];
  return [...keys, ...window, ...layout.fields.map(({ name, type }) => ({ name, type }))];
}

const NO_NULLS = new Uint8Array(1 << 14);

/** The accumulators of partial results as loops read those of state: with a mask of NULLs each. */
export function accumulatorColumns(
  columns: readonly Column[],
  first: number,
  rowCount: number,
): readonly StateColumn[] {
  const none = rowCount <= NO_NULLS.length ? NO_NULLS : new Uint8Array(rowCount);
  return columns
    .slice(first)
    .map((column) => (column.nulls === undefined ? { ...column, nulls: none } : column)) as unknown as StateColumn[];
}
