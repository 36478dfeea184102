import type { OperatorNode } from "./node.ts";
import type { SourceTask, StepAnswer } from "./source-task.ts";

/** A watermark assigner behind a source. */
interface MarkNode {
  readonly node: OperatorNode;
  readonly idleTimeoutMillis: number;
}

/** How long a silent source is left alone; one that wakes the job only for its timeouts' sake. */
const SILENT_SOURCE_MILLIS = 20;
const WAKING_SOURCE_MILLIS = 200;

/** Decides which source of a thread reads next, and what becomes of those that are silent. */
export class SourceSchedule {
  readonly #sources: readonly SourceTask[];
  readonly #marks: ReadonlyMap<SourceTask, readonly MarkNode[]>;
  readonly #now: () => number;
  readonly #silent = new Set<SourceTask>();
  /** When each source last had rows, millis; and which are marked idle downstream. */
  readonly #lastRows = new Map<SourceTask, number>();
  readonly #idleSources = new Set<SourceTask>();

  constructor(sources: readonly SourceTask[], marks: ReadonlyMap<SourceTask, readonly MarkNode[]>, now: () => number) {
    this.#sources = sources;
    this.#marks = marks;
    this.#now = now;
  }

  /** How long the source has been silent, millis. */
  silentMillis(source: SourceTask, nowMillis: number): number {
    return Math.max(0, nowMillis - (this.#lastRows.get(source) ?? nowMillis));
  }

  /** Lowest watermark over the assigners; −Infinity: none yet, or no event time. */
  get watermark(): number {
    const marks = [...this.#marks.values()].flat().map(({ node }) => node.output.watermark);
    return marks.length === 0 ? -Infinity : Math.min(...marks);
  }

  /** A silent source passes on the watermark that it held back, and after its timeout no longer holds others back. */
  heard(source: SourceTask, answer: StepAnswer): void {
    const now = this.#now();
    for (const { idleTimeoutMillis } of this.#marks.get(source) ?? [])
      if (idleTimeoutMillis > 0) source.markIdle(idleTimeoutMillis);
    if (answer !== "idle") {
      this.#silent.clear();
      this.#lastRows.set(source, now);
      if (this.#idleSources.delete(source)) for (const { node } of this.#marks.get(source) ?? []) node.idle(0, false);
      return;
    }
    this.#silent.add(source);
    const since = this.#lastRows.get(source) ?? now;
    this.#lastRows.set(source, since);
    for (const { node, idleTimeoutMillis } of this.#marks.get(source) ?? []) {
      node.advance();
      if (idleTimeoutMillis > 0 && now - since >= idleTimeoutMillis && !this.#idleSources.has(source))
        node.idle(0, true);
    }
    if (this.#isOverdue(source, now - since)) this.#idleSources.add(source);
  }

  #isOverdue(source: SourceTask, silentMillis: number): boolean {
    return (this.#marks.get(source) ?? []).some(
      ({ idleTimeoutMillis }) => idleTimeoutMillis > 0 && silentMillis >= idleTimeoutMillis,
    );
  }

  /**
   * Of several sources the one furthest behind in event time reads next (bounded drift), so that joins and late rows are
   * the same in every run; without watermarks the one with the fewest rows. A source first completes its turn: where
   * turns end follows from row counts alone, not from where files are read in pieces or where a restored run begins.
   */
  next(): SourceTask | undefined {
    let behind: SourceTask | undefined;
    let lowestMark = Infinity;
    /** Endless sources without event time would be behind for ever: they take turns with the rest by rows. */
    let timeless: SourceTask | undefined;
    for (const source of this.#sources) {
      if (source.ended || this.#silent.has(source) || source.waitMillis() > 0) continue;
      if (source.inTurn) return source;
      const nodes = this.#marks.get(source) ?? [];
      if (nodes.length === 0 && !source.bounded) {
        if (timeless === undefined || source.rows < timeless.rows) timeless = source;
        continue;
      }
      const mark = nodes.length === 0 ? -Infinity : Math.min(...nodes.map(({ node }) => node.output.watermark));
      if (behind === undefined || mark < lowestMark || (mark === lowestMark && source.rows < behind.rows)) {
        behind = source;
        lowestMark = mark;
      }
    }
    if (behind === undefined || timeless === undefined) return behind ?? timeless;
    return timeless.rows < behind.rows ? timeless : behind;
  }

  /** How long there is nothing to read, millis; silent sources are asked again after it. */
  idleMillis(): number {
    let wait = 1000;
    for (const source of this.#sources) {
      if (this.#silent.has(source)) wait = Math.min(wait, source.wakes ? WAKING_SOURCE_MILLIS : SILENT_SOURCE_MILLIS);
      else if (!source.ended) wait = Math.min(wait, source.waitMillis());
    }
    this.#silent.clear();
    return wait;
  }
}
