import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import { reader } from "../../batch/get.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import { compareOf } from "../../types/value-compare.ts";
import type { FinalOverCall } from "../spec.ts";
import type { Frames, OrderedRows } from "./final-over-frames.ts";

/** The results of a function that asks where a row stands and not what stands in a frame; one for each row. */
type Positional = (call: FinalOverCall, rows: OrderedRows, types: readonly DataType[]) => Column;

/** The functions that need no accumulators. */
export const POSITIONAL: ReadonlyMap<string, Positional> = new Map<string, Positional>([
  ["ROW_NUMBER", numbered((row, first) => row - first + 1)],
  ["RANK", numbered((row, first, _behind, { peerStarts }) => peerStarts[row]! - first + 1)],
  ["DENSE_RANK", denseRank()],
  ["NTILE", ntile],
  [
    "PERCENT_RANK",
    shares((row, first, behind, { peerStarts }) => (peerStarts[row]! - first) / Math.max(1, behind - first - 1)),
  ],
  ["CUME_DIST", shares((row, first, behind, { peerEnds }) => (peerEnds[row]! - first) / (behind - first))],
  ["LAG", (call, rows, types) => shifted(call, rows, types, -1)],
  ["LEAD", (call, rows, types) => shifted(call, rows, types, 1)],
]);

type Place = (row: number, first: number, behind: number, rows: OrderedRows) => number;

function numbered(place: Place): Positional {
  return (_call, rows) => {
    const values = new BigInt64Array(rows.count);
    forEachRow(rows, (row, first, behind) => (values[row] = BigInt(place(row, first, behind, rows))));
    return { storage: "i64", values, nulls: undefined };
  };
}

function shares(share: Place): Positional {
  return (_call, rows) => {
    const values = new Float64Array(rows.count);
    forEachRow(rows, (row, first, behind) => (values[row] = share(row, first, behind, rows)));
    return { storage: "f64", values, nulls: undefined };
  };
}

function forEachRow({ partitions }: OrderedRows, visit: (row: number, first: number, behind: number) => void): void {
  for (let p = 0; p + 1 < partitions.length; p++)
    for (let row = partitions[p]!; row < partitions[p + 1]!; row++) visit(row, partitions[p]!, partitions[p + 1]!);
}

function denseRank(): Positional {
  let rank = 0;
  return numbered((row, first, _behind, { peerStarts }) => {
    if (row === first) rank = 1;
    else if (peerStarts[row] === row) rank += 1;
    return rank;
  });
}

/** The first buckets have one row more where the rows do not divide. */
function ntile(call: FinalOverCall, rows: OrderedRows, types: readonly DataType[]): Column {
  const buckets = Number(call.literals[0]);
  if (buckets === 0) throw new SqlError("DIVISION_BY_ZERO", "/ by zero");
  const bucketOf: Place = (row, first, behind) => {
    const place = row - first;
    const size = Math.floor((behind - first) / buckets);
    const larger = (behind - first) % buckets;
    const inLarger = larger * (size + 1);
    return 1 + Math.floor(place < inLarger ? place / (size + 1) : larger + (place - inLarger) / size);
  };
  return numbered(bucketOf)(call, rows, types);
}

/** The value so many rows on, or the default. */
function shifted(call: FinalOverCall, rows: OrderedRows, types: readonly DataType[], direction: 1 | -1): Column {
  const argument = (index: number): ((row: number) => Value) | undefined => {
    if (index >= call.args.length) return undefined;
    const constant = index === 0 ? undefined : call.literals[index];
    if (constant !== undefined) return () => constant;
    const column = call.args[index]!;
    return reader(rows.columns[column]!, types[column]!);
  };
  const value = argument(0)!;
  const offset = argument(1) ?? (() => 1);
  const fallback = argument(2) ?? (() => null);
  const builder = createColumnBuilder(call.result, rows.count);
  forEachRow(rows, (row, first, behind) => {
    const distance = offset(row);
    const at = distance === null ? -1 : row + direction * Number(distance);
    builder.append(at >= first && at < behind ? value(at) : fallback(row));
  });
  return builder.finish();
}

/** COUNT(DISTINCT value) of each frame; the frames of a partition move on. */
export function distinctCounts(column: Column, type: DataType, { starts, ends }: Frames, count: number): Column {
  const read = reader(column, type);
  const numbers = numbersOf(count, read, type);
  const held = new Int32Array(count + 1);
  const values = new BigInt64Array(count);
  let distinct = 0;
  let low = 0;
  let high = 0;
  const change = (row: number, by: 1 | -1): void => {
    const number = numbers[row]!;
    if (number < 0) return;
    held[number]! += by;
    if (by > 0 ? held[number] === 1 : held[number] === 0) distinct += by;
  };
  for (let row = 0; row < count; row++) {
    while (high < ends[row]!) change(high++, 1);
    while (high > ends[row]!) change(--high, -1);
    while (low < starts[row]!) change(low++, -1);
    while (low > starts[row]!) change(--low, 1);
    values[row] = BigInt(distinct);
  }
  return { storage: "i64", values, nulls: undefined };
}

/** A number for each value, the same for equal ones; −1 for NULL. */
function numbersOf(count: number, read: (row: number) => Value, type: DataType): Int32Array {
  const compare = compareOf(type);
  const rows = Array.from({ length: count }, (_, row) => row).filter((row) => read(row) !== null);
  rows.sort((a, b) => compare(read(a)!, read(b)!));
  const numbers = new Int32Array(count).fill(-1);
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    const same = before !== undefined && compare(read(before)!, read(row)!) === 0;
    numbers[row] = before === undefined ? 0 : numbers[before]! + (same ? 0 : 1);
  });
  return numbers;
}
