import type { Column } from "../../batch/column.ts";
import { reader } from "../../batch/get.ts";
import type { DataType } from "../../types/data-type.ts";
import type { FrameBound, FrameSpec, SortColumn } from "../spec.ts";

/** Rows of whole partitions, one partition behind another, each in the order of the window. */
export interface OrderedRows {
  readonly columns: readonly Column[];
  readonly count: number;
  /** Where partitions start, and the number of rows at the end. */
  readonly partitions: readonly number[];
  /** Of each row: its first peer, and the row behind its last one. */
  readonly peerStarts: Int32Array;
  readonly peerEnds: Int32Array;
}

/** Row i sees the rows `starts[i]` … `ends[i]` − 1. */
export interface Frames {
  readonly starts: Int32Array;
  readonly ends: Int32Array;
}

/** The frames of rows. `order`: the column in which RANGE tells distances, and its type. */
export function framesOf(
  frame: FrameSpec,
  rows: OrderedRows,
  order: { readonly column: SortColumn; readonly type: DataType } | undefined,
): Frames {
  const starts = new Int32Array(rows.count);
  const ends = new Int32Array(rows.count);
  const byDistance = frame.units === "RANGE" && (isDistance(frame.start) || isDistance(frame.end));
  const distances = byDistance ? new Distances(rows, order!) : undefined;
  for (let p = 0; p + 1 < rows.partitions.length; p++) {
    const first = rows.partitions[p]!;
    const behind = rows.partitions[p + 1]!;
    if (distances !== undefined) distances.frames(frame, first, behind, starts, ends);
    else if (frame.units === "RANGE") peerFrames(frame, rows, first, behind, starts, ends);
    else rowFrames(frame, first, behind, starts, ends);
  }
  return { starts, ends };
}

/** The frame starts where the partition does. */
export function isGrowing({ start }: FrameSpec): boolean {
  return start === "unbounded";
}

function isDistance(bound: FrameBound): bound is number | bigint {
  return bound !== "unbounded" && Number(bound) !== 0;
}

function rowFrames({ start, end }: FrameSpec, first: number, behind: number, starts: Int32Array, ends: Int32Array) {
  for (let row = first; row < behind; row++) {
    const from = start === "unbounded" ? first : Math.min(behind, Math.max(first, row + Number(start)));
    const to = end === "unbounded" ? behind : Math.min(behind, row + Number(end) + 1);
    starts[row] = from;
    ends[row] = Math.max(from, to);
  }
}

function peerFrames(
  { start, end }: FrameSpec,
  { peerStarts, peerEnds }: OrderedRows,
  first: number,
  behind: number,
  starts: Int32Array,
  ends: Int32Array,
): void {
  for (let row = first; row < behind; row++) {
    starts[row] = start === "unbounded" ? first : peerStarts[row]!;
    ends[row] = end === "unbounded" ? behind : peerEnds[row]!;
  }
}

/** RANGE between distances in the order column. A row with NULL or NaN there has no distance but to its peers. */
class Distances {
  readonly #rows: OrderedRows;
  readonly #descending: boolean;
  /** Numbers or bigints, as the column stores them; NULL: no distance. */
  readonly #values: readonly (number | bigint | null)[];

  constructor(rows: OrderedRows, { column, type }: { readonly column: SortColumn; readonly type: DataType }) {
    this.#rows = rows;
    this.#descending = column.descending;
    const read = reader(rows.columns[column.column]!, type);
    this.#values = Array.from({ length: rows.count }, (_, row) => {
      const value = read(row) as number | bigint | null;
      return value !== value ? null : value;
    });
  }

  frames({ start, end }: FrameSpec, first: number, behind: number, starts: Int32Array, ends: Int32Array): void {
    const { peerStarts, peerEnds } = this.#rows;
    let low = first;
    let high = first;
    while (low < behind && this.#values[low] === null) low += 1;
    high = low;
    let last = behind;
    while (last > low && this.#values[last - 1] === null) last -= 1;
    for (let row = first; row < behind; row++) {
      if (this.#values[row] === null) {
        const none = (isDistance(start) && start > 0) || (isDistance(end) && end < 0);
        starts[row] = start === "unbounded" && !none ? first : peerStarts[row]!;
        ends[row] = none ? peerStarts[row]! : end === "unbounded" ? behind : peerEnds[row]!;
        continue;
      }
      if (isDistance(start)) while (low < last && this.#distance(row, low) < start) low += 1;
      if (isDistance(end)) while (high < last && this.#distance(row, high) <= end) high += 1;
      const from = start === "unbounded" ? first : isDistance(start) ? low : peerStarts[row]!;
      const to = end === "unbounded" ? behind : isDistance(end) ? high : peerEnds[row]!;
      starts[row] = from;
      ends[row] = Math.max(from, to);
    }
  }

  /** How far behind `row` the other one is. */
  #distance(row: number, other: number): number | bigint {
    const a = this.#values[row]!;
    const b = this.#values[other]!;
    if (a === b) return typeof a === "bigint" ? 0n : 0;
    const [from, to] = this.#descending ? [b, a] : [a, b];
    return typeof from === "bigint" ? (to as bigint) - from : (to as number) - from;
  }
}
