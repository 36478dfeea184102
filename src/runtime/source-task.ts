import type { ErrorContext } from "../base/error-context.ts";
import type { Json } from "../base/json.ts";
import { concatBatches } from "../batch/concat.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Polled, Source, SplitReader } from "../connectors/api.ts";
import type { DataType } from "../types/data-type.ts";
import type { NodeInspection } from "./inspection.ts";
import { FanOut, watermarkBatch } from "./node.ts";
import { numberedSplits, type NumberedSplit, type SourceState } from "./source-state.ts";
import { TimedSplits, type SplitClock } from "./split-clock.ts";

export interface SourcePace {
  /** Rows that a poll asks for at most. */
  readonly batchRows: number;
  /** `scan.rows-per-second`; undefined: as fast as it goes. */
  readonly rowsPerSecond?: number | undefined;
  /** In one of several threads: its splits are given to it, it looks for none itself. */
  readonly assigned?: readonly NumberedSplit[] | undefined;
  /** Batches are filled up, whatever pieces the connector reads in: where they end then follows from row counts alone. */
  readonly fullBatches: boolean;
  /** Of splits read side by side none is read that is so far ahead of another; undefined: all may be. */
  readonly maxDriftMillis?: number | undefined;
}

/** What one step came to. */
export type StepAnswer = "batch" | "idle" | "end";

interface PendingSplit {
  readonly split: NumberedSplit;
  readonly position: Json | undefined;
  /** Event time by watermark operator, from a checkpoint. */
  readonly marks: Readonly<Record<string, number>>;
}

interface OpenSplit {
  readonly split: NumberedSplit;
  readonly reader: SplitReader;
}

/** How often an unbounded source looks for new splits. */
const DISCOVERY_MILLIS = 1000;

/**
 * Reads the splits of one source and sends their batches down the graph: one after the other in their order (path, then
 * offset), or side by side where the source says so. With one thread there is one of these for each scan; the job decides
 * who reads next.
 */
export class SourceTask {
  readonly id: string;
  readonly output = new FanOut();
  readonly bounded: boolean;
  /** Each of its splits has an event time of its own. */
  readonly readsSideBySide: boolean;
  /** Called after each read, before its batch (or the end) goes on: bad records go to their table. */
  beforeBatch: (() => void) | undefined;
  readonly source: Source;
  readonly #types: readonly DataType[];
  readonly #rowsPerSecond: number | undefined;
  readonly #batchRows: number;
  readonly #fullBatches: boolean;
  readonly #assigned: readonly NumberedSplit[] | undefined;
  readonly #now: () => number;
  readonly #times: TimedSplits;
  #pending: PendingSplit[] = [];
  readonly #open = new Map<string, OpenSplit>();
  /** The open split that was read last. */
  #last: OpenSplit | undefined;
  readonly #finished = new Set<string>();
  /** Where splits ended that were finished since the last restore, for a source that wants to know. */
  readonly #lastPositions = new Map<string, Json>();
  #rows = 0;
  #ended = false;
  #lastDiscovery = -Infinity;
  #paceStart: number | undefined;
  #paceRows = 0;

  constructor(id: string, source: Source, types: readonly DataType[], pace: SourcePace, now: () => number) {
    this.id = id;
    this.source = source;
    this.#types = types;
    this.#rowsPerSecond = pace.rowsPerSecond;
    this.#batchRows = pace.batchRows;
    this.readsSideBySide = source.sideBySide === true;
    this.#fullBatches = pace.fullBatches && !this.readsSideBySide;
    this.#assigned = pace.assigned;
    this.#now = now;
    this.#times = new TimedSplits(pace.maxDriftMillis, now);
    this.bounded = source.bounded;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Rows read since the beginning of the run (restores included). */
  get rows(): number {
    return this.#rows;
  }

  counters(): Readonly<Record<string, number>> {
    return this.source.counters?.() ?? {};
  }

  /** A watermark operator behind this source, which then follows each split apart. Before `open`. */
  addClock(clock: SplitClock): void {
    this.#times.addClock(clock);
  }

  /** It says itself when rows have arrived, and need not be asked from time to time. */
  get wakes(): boolean {
    return this.source.onReady !== undefined;
  }

  /** Takes up a restored position, or starts at the beginning. */
  async open(restored: Json | undefined): Promise<void> {
    if (restored !== undefined) {
      const state = restored as unknown as SourceState;
      for (const [i, { id, data, number = i, ...s }] of state.splits.entries()) {
        const position = s.begun ? s.position : undefined;
        this.#pending.push({ split: { id, data, number }, position, marks: s.marks ?? {} });
      }
      for (const id of state.finished) this.#finished.add(id);
      this.#rows = state.rows;
      this.#ended = state.ended;
      // A finished source says so again: what consumed its end is not in any state.
      if (this.#ended) return;
      if (this.bounded) this.#lastDiscovery = this.#now();
      if (this.bounded || this.#assigned !== undefined) return;
    }
    if (this.#assigned === undefined) await this.#discover();
    else this.addSplits(this.#assigned);
  }

  /** Splits for this thread. */
  addSplits(splits: readonly NumberedSplit[]): void {
    for (const split of splits) this.#pending.push({ split, position: undefined, marks: {} });
  }

  /** One of several threads: all splits are read by others, so that nobody should wait for this one. */
  get hasNoPart(): boolean {
    return this.#assigned !== undefined && this.#pending.length === 0 && this.#open.size === 0;
  }

  /** The rows so far are no whole number of turns. */
  get inTurn(): boolean {
    return !this.readsSideBySide && this.#rows % this.#turnRows() !== 0;
  }

  /** How long the pace (`scan.rows-per-second`) wants this source to wait before it reads on; 0: now. */
  waitMillis(): number {
    if (this.#rowsPerSecond === undefined || this.#paceStart === undefined) return 0;
    return Math.max(0, this.#paceStart + (this.#paceRows / this.#rowsPerSecond) * 1000 - this.#now());
  }

  /**
   * Reads and passes on at most one batch. `"idle"`: nothing now. `"end"`: the source has ended and said so downstream.
   * Answers synchronously when the connector does.
   */
  step(): StepAnswer | Promise<StepAnswer> {
    if (this.#mayOpen()) return this.#openNext();
    if (this.readsSideBySide) return this.#readFirst(this.#times.order([...this.#open.values()]), 0);
    return this.#fill(this.#last!, []);
  }

  /** Splits that have been silent for so long hold back no watermark. True: all of them are. */
  markIdle(timeoutMillis: number): boolean {
    return this.#times.markIdle(timeoutMillis);
  }

  #turnRows(): number {
    if (this.#rowsPerSecond === undefined) return this.#batchRows;
    // About twenty batches a second, so that a paced source flows and does not jerk.
    return Math.max(1, Math.min(this.#batchRows, Math.ceil(this.#rowsPerSecond / 20)));
  }

  /** Reads of the first of these splits, from `index` on, that has rows. */
  #readFirst(splits: readonly OpenSplit[], index: number): StepAnswer | Promise<StepAnswer> {
    for (let i = index; i < splits.length; i++) {
      const split = splits[i]!;
      const polled = split.reader.poll(this.#turnRows());
      if (polled instanceof Promise)
        return polled.then((p) => this.#takeOf(split, p) ?? this.#readFirst(splits, i + 1));
      const answer = this.#takeOf(split, polled);
      if (answer !== undefined) return answer;
    }
    return "idle";
  }

  /** Undefined: this split has nothing now. */
  #takeOf(split: OpenSplit, polled: Polled): StepAnswer | Promise<StepAnswer> | undefined {
    if (polled === "idle") {
      this.beforeBatch?.();
      this.#times.silent(split.split.id);
      return undefined;
    }
    this.#last = split;
    if (polled !== "end") this.#times.reading(split.split.id);
    return this.#take(split, polled, []);
  }

  /** Polls once, or until the batch is full; `pieces`: what it has so far, in memory of its own. */
  #fill(split: OpenSplit, pieces: RecordBatch[]): StepAnswer | Promise<StepAnswer> {
    for (;;) {
      const turn = this.#turnRows();
      const polled = split.reader.poll(turn - (this.#rows % turn));
      if (polled instanceof Promise)
        return polled.then((p) => this.#take(split, p, pieces) ?? this.#fill(split, pieces));
      const answer = this.#take(split, polled, pieces);
      if (answer !== undefined) return answer;
    }
  }

  /** Undefined: the batch is not full yet. */
  #take(split: OpenSplit, polled: Polled, pieces: RecordBatch[]): StepAnswer | Promise<StepAnswer> | undefined {
    this.beforeBatch?.();
    if (typeof polled === "string") {
      if (pieces.length > 0) this.output.batch(concatBatches(pieces));
      if (polled === "end") return this.#closeSplit(split);
      return pieces.length > 0 ? "batch" : "idle";
    }
    this.#rows += polled.rowCount;
    if (this.#rowsPerSecond !== undefined) {
      this.#paceStart ??= this.#now();
      this.#paceRows += polled.rowCount;
    }
    if (this.#fullBatches && this.inTurn) {
      // The connector may reuse the memory of its batch in the next poll.
      pieces.push(concatBatches([polled], true));
      return undefined;
    }
    this.output.batch(pieces.length === 0 ? polled : concatBatches([...pieces, polled]));
    return "batch";
  }

  async #closeSplit({ split, reader }: OpenSplit): Promise<StepAnswer> {
    this.#finished.add(split.id);
    if (this.#reportsPositions) this.#lastPositions.set(split.id, reader.position());
    this.#open.delete(split.id);
    this.#last = undefined;
    this.#times.remove(split.id);
    await reader.close();
    return this.#mayOpen() ? await this.#openNext() : "batch";
  }

  #mayOpen(): boolean {
    if (this.#open.size === 0) return true;
    return this.readsSideBySide && (this.#pending.length > 0 || this.#isDiscoveryDue());
  }

  #isDiscoveryDue(): boolean {
    return this.#assigned === undefined && !this.bounded && this.#now() - this.#lastDiscovery >= DISCOVERY_MILLIS;
  }

  async #openNext(): Promise<StepAnswer> {
    if (this.#pending.length === 0 && this.#isDiscoveryDue()) await this.#discover();
    const next = this.#pending[0];
    if (next === undefined) {
      if (this.#open.size > 0) return await this.step();
      if (!this.bounded) return "idle";
      this.finish();
      return "end";
    }
    const { split, position, marks } = next;
    const reader = await this.source.openSplit(split, position);
    this.#pending.shift();
    this.#last = { split, reader };
    this.#open.set(split.id, this.#last);
    this.#times.add(split.id, marks);
    return "batch";
  }

  /** The end of the input: the last watermark is MAX, so that every event-time window closes. */
  finish(): void {
    this.#ended = true;
    this.output.batch(watermarkBatch(this.#types, Infinity));
    this.output.end();
  }

  async #discover(): Promise<void> {
    this.#lastDiscovery = this.#now();
    const known = new Set([...this.#finished, ...this.#pending.map((p) => p.split.id), ...this.#open.keys()]);
    this.addSplits(numberedSplits(await this.source.discoverSplits(known), known));
  }

  /** How it is doing. */
  inspect(silentMillis: number): NodeInspection {
    return {
      id: this.id,
      rowsIn: this.#rows,
      rowsOut: this.output.rows,
      inputs: [],
      watermarkMillis: this.output.watermark,
      counters: this.counters(),
      state: undefined,
      waiting: undefined,
      source: { split: this.#times.furthestBehind ?? this.#last?.split.id, ended: this.#ended, silentMillis },
    };
  }

  /** Where it reads, for the message of a failure. */
  place(): ErrorContext {
    const last = this.#last ?? this.#open.values().next().value;
    const split = last?.split.id ?? this.#pending[0]?.split.id;
    const position = last === undefined ? undefined : JSON.stringify(last.reader.position());
    return {
      sourceId: this.id,
      sourceRows: this.#rows,
      ...(split === undefined ? {} : { position: position === undefined ? split : `${split} ${position}` }),
    };
  }

  /** Where the stream stands now: everything already passed on, nothing else. */
  snapshot(): Json {
    const open = [...this.#open.values()].map(({ split, reader }) => ({
      ...split,
      position: reader.position(),
      begun: true,
      ...(this.#times.isEmpty ? {} : { marks: this.#times.marksOf(split.id) }),
    }));
    const pending = this.#pending.map(({ split, position, marks }) => ({
      ...split,
      position: position ?? null,
      begun: position !== undefined,
      ...(Object.keys(marks).length === 0 ? {} : { marks }),
    }));
    const state: SourceState = {
      splits: [...open, ...pending],
      finished: [...this.#finished],
      rows: this.#rows,
      ended: this.#ended,
    };
    return state as unknown as Json;
  }

  get #reportsPositions(): boolean {
    return this.source.checkpointComplete !== undefined;
  }

  /** By split, for a source that hears of complete checkpoints: where it stands in those that it has begun. */
  positions(): Readonly<Record<string, Json>> | undefined {
    if (!this.#reportsPositions) return undefined;
    const positions = new Map(this.#lastPositions);
    for (const { split, position } of this.#pending) if (position !== undefined) positions.set(split.id, position);
    for (const { split, reader } of this.#open.values()) positions.set(split.id, reader.position());
    return Object.fromEntries(positions);
  }

  async close(): Promise<void> {
    const open = [...this.#open.values()];
    this.#open.clear();
    this.#last = undefined;
    try {
      for (const { reader } of open) await reader.close();
    } finally {
      await this.source.close?.();
    }
  }
}
