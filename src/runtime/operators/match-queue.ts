import type { StoredColumn } from "../../state/columns.ts";

/** What an aggregate has come to over the first rows of its variable. */
export interface Running {
  rows: number;
  readonly columns: readonly StoredColumn[];
}

/** A match that is under way, or that is done and waits for earlier ones to end. */
export interface PartialMatch {
  /** Where it is in the pattern. */
  state: number;
  /** Number of its first row in the partition; +Infinity: it has none yet. */
  start: number;
  /** Time of its first row. */
  startTime: number;
  /** How many rows each variable has. */
  counts: number[];
  /**
   * Runs of rows that were taken alike: a label (twice the variable, plus one where the row does not come out), then how
   * many rows. Undefined: the variables have come one after another, as `counts` says.
   */
  readonly runs?: number[] | undefined;
  /** By aggregate; nothing but a memory of what the rows say. */
  readonly running: (Running | undefined)[];
}

/**
 * Matches by their first row, in a binary heap that puts equal ones in the same order as the heap that Flink keeps them
 * in: of two ways to a match from one row the order decides which one comes out.
 */
export class MatchQueue {
  /** In the order of the heap, which is also the order in which matches are looked at. */
  readonly items: PartialMatch[] = [];

  get first(): PartialMatch | undefined {
    return this.items[0];
  }

  add(match: PartialMatch): void {
    const { items } = this;
    let at = items.length;
    items.push(match);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (match.start >= items[parent]!.start) break;
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = match;
  }

  /** Takes the earliest out. */
  poll(): PartialMatch {
    const { items } = this;
    const first = items[0]!;
    const last = items.pop()!;
    if (items.length > 0) this.#sink(0, last);
    return first;
  }

  /** Takes out what passes the test. */
  removeIf(test: (match: PartialMatch) => boolean): void {
    const { items } = this;
    let kept = 0;
    for (let i = 0; i < items.length; i++) if (!test(items[i]!)) items[kept++] = items[i]!;
    if (kept === items.length) return;
    items.length = kept;
    for (let i = (kept >>> 1) - 1; i >= 0; i--) this.#sink(i, items[i]!);
  }

  #sink(from: number, match: PartialMatch): void {
    const { items } = this;
    const half = items.length >>> 1;
    let at = from;
    while (at < half) {
      let child = 2 * at + 1;
      if (child + 1 < items.length && items[child]!.start > items[child + 1]!.start) child += 1;
      if (match.start <= items[child]!.start) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = match;
  }
}
