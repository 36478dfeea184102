import type { StateField, TableSpec } from "../state/api.ts";
import type { DataType } from "../types/data-type.ts";

/** What an input column is called in state: by what it is, where the planner has said so. */
export function columnName(names: readonly string[] | undefined, column: number): string {
  return names?.[column] ?? `column.${column}`;
}

/** The key columns of a table of state. */
export function stateKeys(
  columns: readonly number[],
  types: readonly DataType[],
  names: readonly string[] | undefined,
): TableSpec["keys"] {
  return columns.map((column) => ({ name: columnName(names, column), type: types[column]! }));
}

/** Columns of stored rows. `missing`: why rows that lack one of them are no use; undefined: it is NULL in them. */
export function rowFields(
  columns: readonly number[],
  types: readonly DataType[],
  names: readonly string[] | undefined,
  missing: string | undefined,
): StateField[] {
  return columns.map((column) => {
    const type = types[column]!;
    const reason =
      missing ?? (type.nullable ? undefined : "it is NOT NULL, and rows stored before have no value for it");
    return { name: columnName(names, column), type, initial: null, missing: reason };
  });
}

/** Why stored rows need all their columns where the input takes rows back. */
export const FOUND_BY_ALL_COLUMNS =
  "rows that are taken back are found by all their columns, and it is missing in those stored before";
