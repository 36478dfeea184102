import type { MatchReference } from "../spec.ts";
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
  /** The variable that the row would be taken for; −1: there is no such row. */
  readonly current: number;
  readonly currentSlot: number;
  readonly timeMillis: number;
}

/** Position among the rows of the match where those of a variable begin (−1: all). */
export function firstOf(match: PartialMatch, variable: number): number {
  let first = 0;
  for (let v = 0; v < variable; v++) first += match.counts[v]!;
  return first;
}

/** How many rows of the variable (−1: of all) the match has. */
export function countOf(match: PartialMatch, variable: number): number {
  if (variable >= 0) return match.counts[variable]!;
  let count = 0;
  for (const each of match.counts) count += each;
  return count;
}

/** The row slot that a reference means, −1 when there is no such row. */
export function rowOf(reference: Extract<MatchReference, { kind: "row" }>, view: MatchView): number {
  const { variable, from, offset } = reference;
  const { match, rows, current, currentSlot } = view;
  const withCurrent = current >= 0 && (variable < 0 || variable === current);
  const count = countOf(match, variable);
  const at = from === "first" ? offset : count + (withCurrent ? 1 : 0) - 1 - offset;
  if (at < 0 || at > count || (at === count && !withCurrent)) return -1;
  if (at === count) return currentSlot;
  return rows.slots[match.start - rows.base + firstOf(match, variable) + at]!;
}
