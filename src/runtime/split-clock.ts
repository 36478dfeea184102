import type { SplitMarks } from "./split-marks.ts";

/** A watermark operator behind a source, and the event times that it keeps of its splits. */
export interface SplitClock {
  readonly operatorId: string;
  readonly marks: SplitMarks;
}

interface SplitTime {
  /** When it last had rows, or was opened. */
  lastRowsMillis: number;
  /** The last read of it came back empty. */
  isSilent: boolean;
  isIdle: boolean;
  /** Number of its last turn. */
  turn: number;
}

/**
 * Splits that are read side by side, in time: which of them reads next (the one furthest behind in event time, or whose
 * turn is longest ago), and which are idle.
 */
export class TimedSplits {
  readonly #clocks: SplitClock[] = [];
  readonly #splits = new Map<string, SplitTime>();
  readonly #maxDriftMillis: number;
  readonly #now: () => number;
  #turns = 0;

  constructor(maxDriftMillis: number | undefined, now: () => number) {
    this.#maxDriftMillis = maxDriftMillis ?? Infinity;
    this.#now = now;
  }

  addClock(clock: SplitClock): void {
    this.#clocks.push(clock);
  }

  /** No event time is kept. */
  get isEmpty(): boolean {
    return this.#clocks.length === 0;
  }

  /** `marks`: event times of a checkpoint, by operator. */
  add(id: string, marks: Readonly<Record<string, number>>): void {
    this.#splits.set(id, { lastRowsMillis: this.#now(), isSilent: false, isIdle: false, turn: 0 });
    for (const clock of this.#clocks) clock.marks.add(id, marks[clock.operatorId] ?? -Infinity);
  }

  remove(id: string): void {
    this.#splits.delete(id);
    for (const clock of this.#clocks) clock.marks.remove(id);
  }

  /** Finite event times by operator, for a checkpoint. */
  marksOf(id: string): Record<string, number> {
    const marks: Record<string, number> = {};
    for (const { operatorId, marks: own } of this.#clocks) {
      const mark = own.markOf(id);
      if (Number.isFinite(mark)) marks[operatorId] = mark;
    }
    return marks;
  }

  /** Rows of this split come next. */
  reading(id: string): void {
    const split = this.#splits.get(id);
    if (split === undefined) return;
    split.lastRowsMillis = this.#now();
    split.isSilent = false;
    split.isIdle = false;
    split.turn = ++this.#turns;
    for (const clock of this.#clocks) clock.marks.select(id);
  }

  silent(id: string): void {
    const split = this.#splits.get(id);
    if (split !== undefined) split.isSilent = true;
  }

  /** True: all splits are idle. */
  markIdle(timeoutMillis: number): boolean {
    const now = this.#now();
    let allIdle = true;
    for (const [id, split] of this.#splits) {
      if (!split.isIdle && split.isSilent && now - split.lastRowsMillis >= timeoutMillis) {
        split.isIdle = true;
        for (const clock of this.#clocks) clock.marks.setIdle(id);
      }
      if (!split.isIdle) allIdle = false;
    }
    return allIdle;
  }

  /** The split that holds back the watermark; undefined: there is no event time. */
  get furthestBehind(): string | undefined {
    if (this.isEmpty) return undefined;
    let behind: string | undefined;
    let lowest = Infinity;
    for (const [id, { isIdle }] of this.#splits) {
      const mark = this.#markOf(id);
      if (isIdle || mark >= lowest) continue;
      behind = id;
      lowest = mark;
    }
    return behind;
  }

  /** The order in which splits may read; those too far ahead are not in it. */
  order<S extends { readonly split: { readonly id: string } }>(open: readonly S[]): readonly S[] {
    if (open.length < 2) return open;
    const ranked = open.map((one) => ({
      one,
      mark: this.#markOf(one.split.id),
      turn: this.#splits.get(one.split.id)?.turn ?? 0,
    }));
    ranked.sort((a, b) => (a.mark === b.mark ? a.turn - b.turn : a.mark < b.mark ? -1 : 1));
    const lowest = this.#lowest();
    const limit = lowest === -Infinity ? Infinity : lowest + this.#maxDriftMillis;
    // A split without an event time yet may always read.
    return ranked.filter(({ mark }) => mark === -Infinity || mark <= limit).map(({ one }) => one);
  }

  #markOf(id: string): number {
    let lowest = Infinity;
    for (const { marks } of this.#clocks) lowest = Math.min(lowest, marks.markOf(id));
    return lowest === Infinity ? -Infinity : lowest;
  }

  #lowest(): number {
    let lowest = Infinity;
    for (const [id, { isIdle }] of this.#splits) if (!isIdle) lowest = Math.min(lowest, this.#markOf(id));
    return lowest;
  }
}
