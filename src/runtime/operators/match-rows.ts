import type { Column } from "../../batch/column.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import { T } from "../../types/data-type.ts";
import type { MatchReference, MatchRowReference, MatchVariable } from "../spec.ts";
import type { PartialMatch } from "./match-queue.ts";

/** The rows that matches of one partition are made of, one after another, by their numbers. */
export interface PartitionRows {
  /** Number of the first one. */
  readonly base: number;
  /** Row slots in state. */
  readonly slots: readonly number[];
}

/** What an expression is asked about: a match, and the row at which it stands if that is no part of it yet. */
export interface MatchView {
  readonly rows: PartitionRows;
  readonly match: PartialMatch;
  /** The whole match, where `match` is the part of it up to the row that comes out. */
  readonly whole?: PartialMatch | undefined;
  /** The variable that the row would be taken for; −1: there is no such row. */
  readonly current: number;
  /** The row, or that which comes out. */
  readonly currentSlot: number;
  readonly timeMillis: number;
  /** Number of the match in its partition. */
  readonly number: number;
  /** Variables of each subset. */
  readonly subsets: Subsets;
}

/** The view of a search, which goes from row to row and from match to match. */
export type MutableView = { -readonly [K in keyof MatchView]: MatchView[K] };

/** A view of no match yet. */
export function createView(subsets: Subsets): MutableView {
  const match: PartialMatch = { state: -1, start: Infinity, startTime: 0, counts: [], running: [] };
  const rows: PartitionRows = { base: 0, slots: [] };
  return { rows, match, current: -1, currentSlot: -1, timeMillis: 0, number: 0, subsets };
}

/** The variables of subsets, which are numbered on behind the variables. */
export type Subsets = readonly (readonly number[])[];

/** Position among the rows of the match where those of a variable begin, when the variables come one after another. */
function firstOf(match: PartialMatch, variable: number): number {
  let first = 0;
  for (let v = 0; v < variable; v++) first += match.counts[v]!;
  return first;
}

/** How many rows of the variable or subset (−1: of all) the match has. */
export function countOf(match: PartialMatch, variable: number, subsets: Subsets = []): number {
  const { counts } = match;
  if (variable >= counts.length) return sumOf(subsets[variable - counts.length]!, counts);
  if (variable >= 0) return counts[variable]!;
  let count = 0;
  for (const each of counts) count += each;
  return count;
}

function sumOf(variables: readonly number[], counts: readonly number[]): number {
  let sum = 0;
  for (const variable of variables) sum += counts[variable]!;
  return sum;
}

/** Whether rows of variable `of` belong to the variable or subset. */
export function includes(match: PartialMatch, variable: number, of: number, subsets: Subsets): boolean {
  if (variable < 0 || variable === of) return true;
  return variable >= match.counts.length && subsets[variable - match.counts.length]!.includes(of);
}

/** The runs of rows of a match, also of one whose variables come one after another. */
export function runsOf({ runs, counts }: PartialMatch): readonly number[] {
  return runs ?? counts.flatMap((count, variable) => (count === 0 ? [] : [2 * variable, count]));
}

/** Position among all rows of the match of row `at` of the variable or subset, which has `count` rows. */
export function positionOf(
  match: PartialMatch,
  variable: number,
  at: number,
  count: number,
  subsets: Subsets = [],
): number {
  if (variable < 0) return at;
  if (match.runs === undefined && variable < match.counts.length) return firstOf(match, variable) + at;
  const runs = runsOf(match);
  if (2 * at < count) {
    let position = 0;
    let left = at;
    for (let i = 0; i < runs.length; i += 2) {
      const rows = runs[i + 1]!;
      if (includes(match, variable, runs[i]! >> 1, subsets)) {
        if (left < rows) return position + left;
        left -= rows;
      }
      position += rows;
    }
    return -1;
  }
  let position = countOf(match, -1);
  let left = count - at;
  for (let i = runs.length - 2; i >= 0; i -= 2) {
    const rows = runs[i + 1]!;
    position -= rows;
    if (!includes(match, variable, runs[i]! >> 1, subsets)) continue;
    if (left <= rows) return position + rows - left;
    left -= rows;
  }
  return -1;
}

/** Position of the row that a reference means, without its shift; the row that is asked about is behind the match. */
function placeOf(reference: MatchRowReference, view: MatchView): number {
  const { variable, from, offset } = reference;
  const { current, subsets } = view;
  const match = reference.final === true && view.whole !== undefined ? view.whole : view.match;
  const withCurrent = current >= 0 && includes(match, variable, current, subsets);
  const count = countOf(match, variable, subsets);
  const at = from === "first" ? offset : count + (withCurrent ? 1 : 0) - 1 - offset;
  if (at < 0 || at > count || (at === count && !withCurrent)) return -1;
  return at === count ? countOf(match, -1) : positionOf(match, variable, at, count, subsets);
}

/** The row slot that a reference means, −1 when there is no such row. */
export function rowOf(reference: Extract<MatchReference, { kind: "row" }>, view: MatchView): number {
  const { match, rows, current, currentSlot } = view;
  const place = placeOf(reference, view);
  if (place < 0) return -1;
  if (reference.shift === undefined && current >= 0 && place === countOf(match, -1)) return currentSlot;
  const at = match.start - rows.base + place + (reference.shift ?? 0);
  return at < 0 || at >= rows.slots.length ? -1 : rows.slots[at]!;
}

/** The variable that the row of a reference was taken for, −1 when there is no such row, or it is not of the match. */
export function variableOf(reference: Extract<MatchReference, { kind: "classifier" }>, view: MatchView): number {
  const place = placeOf(reference, view);
  if (place < 0) return -1;
  const match = view.whole ?? view.match;
  const at = place + (reference.shift ?? 0);
  const count = countOf(match, -1);
  if (at === count) return view.current;
  if (at < 0 || at > count) return -1;
  const runs = runsOf(match);
  let position = count;
  for (let i = runs.length - 2; i >= 0; i -= 2) {
    position -= runs[i + 1]!;
    if (at >= position) return runs[i]! >> 1;
  }
  return -1;
}

/** Calls `row` with the slot and variable of rows `from` … `to` − 1 of the variable or subset. */
export function eachRow(
  { rows, subsets }: MatchView,
  match: PartialMatch,
  variable: number,
  from: number,
  to: number,
  row: (slot: number, variable: number) => void,
): void {
  const start = match.start - rows.base;
  if (match.runs === undefined && variable >= 0 && variable < match.counts.length) {
    const first = start + firstOf(match, variable);
    for (let i = from; i < to; i++) row(rows.slots[first + i]!, variable);
    return;
  }
  const runs = runsOf(match);
  let position = start;
  let seen = 0;
  for (let i = 0; i < runs.length && seen < to; i += 2) {
    const of = runs[i]! >> 1;
    const count = runs[i + 1]!;
    if (includes(match, variable, of, subsets)) {
      for (let r = Math.max(0, from - seen); r < Math.min(count, to - seen); r++) row(rows.slots[position + r]!, of);
      seen += count;
    }
    position += count;
  }
}

/** The names of the variables as a column, by variable. */
export function namesColumn(variables: readonly MatchVariable[]): Column {
  const builder = createColumnBuilder(T.string(), variables.length);
  for (const { name } of variables) builder.append(name);
  return builder.finish();
}
