/** Event time of one split. */
interface SplitMark {
  /** Highest mark of its rows, epoch millis; −Infinity: it has had none. */
  mark: number;
  idle: boolean;
}

/**
 * Event time of a source whose splits are read side by side: the watermark is the lowest mark of the splits that are not
 * idle, so that a split which lags behind makes none of its rows late (Flink: per-partition watermarks).
 */
export class SplitMarks {
  readonly #splits = new Map<string, SplitMark>();
  #current: SplitMark | undefined;
  /** Lowest mark of the others that are not idle. */
  #others = Infinity;

  /** A split is read from now on; `mark`: what it had come to before a restore. */
  add(id: string, mark: number): void {
    this.#splits.set(id, { mark, idle: false });
    this.#current = undefined;
  }

  /** It has ended, and holds nobody back. */
  remove(id: string): void {
    this.#splits.delete(id);
    this.#current = undefined;
  }

  /** Rows from now on are of this split. */
  select(id: string): void {
    const split = this.#splits.get(id);
    if (split === undefined || (split === this.#current && !split.idle)) return;
    split.idle = false;
    this.#current = split;
    this.#others = Infinity;
    for (const other of this.#splits.values())
      if (other !== split && !other.idle && other.mark < this.#others) this.#others = other.mark;
  }

  setIdle(id: string): void {
    const split = this.#splits.get(id);
    if (split === undefined) return;
    split.idle = true;
    this.#current = undefined;
  }

  /** A row of the selected split has this mark. Answers the lowest of all. */
  raise(mark: number): number {
    const split = this.#current;
    if (split === undefined) return -Infinity;
    if (mark > split.mark) split.mark = mark;
    return split.mark < this.#others ? split.mark : this.#others;
  }

  /** −Infinity: no split, all are idle, or one of them has had no row yet. */
  get lowest(): number {
    let lowest = Infinity;
    for (const { mark, idle } of this.#splits.values()) if (!idle && mark < lowest) lowest = mark;
    return lowest === Infinity ? -Infinity : lowest;
  }

  markOf(id: string): number {
    return this.#splits.get(id)?.mark ?? -Infinity;
  }
}
