import { isBinary, type DataType, type Value } from "../types/data-type.ts";
import type { Column } from "./column.ts";
import { decodeUtf8 } from "./utf8.ts";

/** Row `row` of the column as a Value of the type. */
export function valueAt(column: Column, row: number, type: DataType): Value {
  if (column.nulls !== undefined && column.nulls[row] === 1) return null;
  switch (column.storage) {
    case "bool":
      return column.values[row] !== 0;
    case "i32":
    case "i64":
    case "f64":
      return column.values[row]!;
    case "i128":
      return readInt128(column.values, row);
    case "bytes": {
      const start = column.starts[row]!;
      const length = column.lengths[row]!;
      return isBinary(type) ? column.data.slice(start, start + length) : decodeUtf8(column.data, start, length);
    }
    case "any":
      return column.values[row] ?? null;
  }
}

/** The 128-bit integer at row `row` of two-word storage. */
export function readInt128(values: BigInt64Array, row: number): bigint {
  const low = values[2 * row]!;
  const high = values[2 * row + 1]!;
  // Nearly all values fit the low word: then no wide arithmetic is needed.
  if (high === BigInt.asIntN(64, low >> 63n)) return low;
  return (high << 64n) | BigInt.asUintN(64, low);
}

/** Reads single rows of one column: resolved once for the column, so that a row costs one call. */
export type ColumnReader = (row: number) => Value;

/** A reader of the column's rows as Values of the type. */
export function reader(column: Column, type: DataType): ColumnReader {
  const read = nonNullReader(column, type);
  const nulls = column.nulls;
  return nulls === undefined ? read : (row) => (nulls[row] === 1 ? null : read(row));
}

function nonNullReader(column: Column, type: DataType): ColumnReader {
  switch (column.storage) {
    case "bool": {
      const values = column.values;
      return (row) => values[row] !== 0;
    }
    case "i32": {
      const values = column.values;
      return (row) => values[row]!;
    }
    case "i64": {
      const values = column.values;
      return (row) => values[row]!;
    }
    case "f64": {
      const values = column.values;
      return (row) => values[row]!;
    }
    case "i128": {
      const values = column.values;
      return (row) => readInt128(values, row);
    }
    case "bytes": {
      const { starts, lengths, data } = column;
      if (isBinary(type)) return (row) => data.slice(starts[row]!, starts[row]! + lengths[row]!);
      return (row) => decodeUtf8(data, starts[row]!, lengths[row]!);
    }
    case "any": {
      const values = column.values;
      return (row) => values[row] ?? null;
    }
  }
}

/** Readers of several columns. */
export function readers(columns: readonly Column[], types: readonly DataType[]): ColumnReader[] {
  return columns.map((column, i) => reader(column, types[i]!));
}
