import type { ErrorContext } from "../base/error-context.ts";
import type { Json } from "../base/json.ts";
import { concatBatches } from "../batch/concat.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Polled, Source, Split, SplitReader } from "../connectors/api.ts";
import type { DataType } from "../types/data-type.ts";
import type { NodeInspection } from "./inspection.ts";
import { FanOut, watermarkBatch } from "./node.ts";

/** What a source has to remember: JSON, in the checkpoint. */
interface SourceState {
  /** Splits that are not finished, in order, each with its position (null: not begun). */
  readonly splits: readonly {
    readonly id: string;
    readonly data: Json;
    readonly position: Json;
    readonly begun: boolean;
  }[];
  readonly finished: readonly string[];
  readonly rows: number;
  readonly ended: boolean;
}

export interface SourcePace {
  /** Rows that a poll asks for at most. */
  readonly batchRows: number;
  /** `scan.rows-per-second`; undefined: as fast as it goes. */
  readonly rowsPerSecond?: number | undefined;
  /** In one of several threads: its splits are given to it, it looks for none itself. */
  readonly assigned?: readonly Split[] | undefined;
  /** Batches are filled up, whatever pieces the connector reads in: where they end then follows from row counts alone. */
  readonly fullBatches: boolean;
}

/** What one step came to. */
export type StepAnswer = "batch" | "idle" | "end";

interface OpenSplit {
  readonly split: Split;
  position: Json | undefined;
}

/** How often an unbounded source looks for new splits, and how long it sleeps when all of them are silent. */
const DISCOVERY_MILLIS = 1000;

/**
 * Reads the splits of one source in order (path, then offset) and sends their batches down the graph. With one thread
 * there is one of these for each scan; the job decides who reads next.
 */
export class SourceTask {
  readonly id: string;
  readonly output = new FanOut();
  readonly bounded: boolean;
  /** Called after each read, before its batch (or the end) goes on: bad records go to their table. */
  beforeBatch: (() => void) | undefined;
  readonly source: Source;
  readonly #types: readonly DataType[];
  readonly #rowsPerSecond: number | undefined;
  readonly #batchRows: number;
  readonly #fullBatches: boolean;
  readonly #assigned: readonly Split[] | undefined;
  readonly #now: () => number;
  #pending: OpenSplit[] = [];
  readonly #finished = new Set<string>();
  /** Where splits ended that were finished since the last restore, for a source that wants to know. */
  readonly #lastPositions = new Map<string, Json>();
  #current: OpenSplit | undefined;
  #reader: SplitReader | undefined;
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
    this.#fullBatches = pace.fullBatches;
    this.#assigned = pace.assigned;
    this.#now = now;
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

  /** Takes up a restored position, or starts at the beginning. */
  async open(restored: Json | undefined): Promise<void> {
    if (restored !== undefined) {
      const state = restored as unknown as SourceState;
      for (const s of state.splits)
        this.#pending.push({ split: { id: s.id, data: s.data }, position: s.begun ? s.position : undefined });
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
  addSplits(splits: readonly Split[]): void {
    for (const split of splits) this.#pending.push({ split, position: undefined });
  }

  /** One of several threads: all splits are read by others, so that nobody should wait for this one. */
  get hasNoPart(): boolean {
    return this.#assigned !== undefined && this.#pending.length === 0 && this.#reader === undefined;
  }

  /** The rows so far are no whole number of turns. */
  get inTurn(): boolean {
    return this.#rows % this.#turnRows() !== 0;
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
    return this.#reader === undefined ? this.#openNext() : this.#fill(this.#reader, []);
  }

  #turnRows(): number {
    if (this.#rowsPerSecond === undefined) return this.#batchRows;
    // About twenty batches a second, so that a paced source flows and does not jerk.
    return Math.max(1, Math.min(this.#batchRows, Math.ceil(this.#rowsPerSecond / 20)));
  }

  /** Polls once, or until the batch is full; `pieces`: what it has so far, in memory of its own. */
  #fill(reader: SplitReader, pieces: RecordBatch[]): StepAnswer | Promise<StepAnswer> {
    for (;;) {
      const turn = this.#turnRows();
      const polled = reader.poll(turn - (this.#rows % turn));
      if (polled instanceof Promise) return polled.then((p) => this.#take(p, pieces) ?? this.#fill(reader, pieces));
      const answer = this.#take(polled, pieces);
      if (answer !== undefined) return answer;
    }
  }

  /** Undefined: the batch is not full yet. */
  #take(polled: Polled, pieces: RecordBatch[]): StepAnswer | Promise<StepAnswer> | undefined {
    this.beforeBatch?.();
    if (typeof polled === "string") {
      if (pieces.length > 0) this.output.batch(concatBatches(pieces));
      if (polled === "end") return this.#closeSplit();
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

  async #closeSplit(): Promise<StepAnswer> {
    const [current, reader] = [this.#current, this.#reader];
    if (current !== undefined && reader !== undefined) {
      this.#finished.add(current.split.id);
      if (this.#reportsPositions) this.#lastPositions.set(current.split.id, reader.position());
    }
    await reader?.close();
    this.#reader = undefined;
    this.#current = undefined;
    return await this.#openNext();
  }

  async #openNext(): Promise<StepAnswer> {
    if (
      this.#assigned === undefined &&
      this.#pending.length === 0 &&
      !this.bounded &&
      this.#now() - this.#lastDiscovery >= DISCOVERY_MILLIS
    )
      await this.#discover();
    const next = this.#pending.shift();
    if (next === undefined) {
      if (!this.bounded) return "idle";
      this.finish();
      return "end";
    }
    this.#current = next;
    this.#reader = await this.source.openSplit(next.split, next.position);
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
    const known = new Set([
      ...this.#finished,
      ...this.#pending.map((p) => p.split.id),
      ...(this.#current === undefined ? [] : [this.#current.split.id]),
    ]);
    for (const split of await this.source.discoverSplits(known)) {
      if (!known.has(split.id)) this.#pending.push({ split, position: undefined });
    }
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
      source: { split: this.#current?.split.id, ended: this.#ended, silentMillis },
    };
  }

  /** Where it reads, for the message of a failure. */
  place(): ErrorContext {
    const split = this.#current?.split.id;
    const position = this.#reader === undefined ? undefined : JSON.stringify(this.#reader.position());
    return {
      sourceId: this.id,
      sourceRows: this.#rows,
      ...(split === undefined ? {} : { position: position === undefined ? split : `${split} ${position}` }),
    };
  }

  /** Where the stream stands now: everything already passed on, nothing else. */
  snapshot(): Json {
    const open =
      this.#current === undefined || this.#reader === undefined
        ? []
        : [{ split: this.#current.split, position: this.#reader.position() as Json | undefined }];
    const state: SourceState = {
      splits: [...open, ...this.#pending].map((s) => ({
        id: s.split.id,
        data: s.split.data,
        position: s.position ?? null,
        begun: s.position !== undefined,
      })),
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
    if (this.#current !== undefined && this.#reader !== undefined)
      positions.set(this.#current.split.id, this.#reader.position());
    return Object.fromEntries(positions);
  }

  async close(): Promise<void> {
    await this.#reader?.close();
    this.#reader = undefined;
  }
}

/** Constant rows, once: `rowsFrom` makes the batch of so many rows from a row on. */
export function valuesSource(rowCount: number, rowsFrom: (from: number, count: number) => RecordBatch): Source {
  return {
    bounded: true,
    discoverSplits: async () => [{ id: "values", data: null }],
    openSplit: (_split, position) => {
      let next = typeof position === "number" ? position : 0;
      return {
        poll: (maxRows) => {
          if (next >= rowCount) return "end";
          const batch = rowsFrom(next, Math.min(maxRows, rowCount - next));
          next += batch.rowCount;
          return batch;
        },
        position: () => next,
        close: () => undefined,
      };
    },
  };
}

/**
 * What one of `parallelism` new threads has of a source that several threads (or another number of them) have read: each
 * n-th of the unfinished splits. `states`: snapshots of the former threads, in their order.
 */
export function redistributedSource(states: readonly Json[], subtask: number, parallelism: number): Json {
  const former = states as unknown as readonly SourceState[];
  const splits: SourceState["splits"][number][] = [];
  // The former threads had each n-th split: this is the order in which one thread would read them.
  for (let i = 0; former.some((s) => i < s.splits.length); i++)
    for (const { splits: own } of former) if (i < own.length) splits.push(own[i]!);
  const first = subtask === 0;
  const state: SourceState = {
    splits: splits.filter((_, i) => i % parallelism === subtask),
    finished: first ? former.flatMap((s) => s.finished) : [],
    rows: first ? former.reduce((sum, s) => sum + s.rows, 0) : 0,
    ended: former.every((s) => s.ended),
  };
  return state as unknown as Json;
}

/** Ids of all splits that the snapshot of a source speaks of. */
export function knownSplits(state: Json): string[] {
  const { splits, finished } = state as unknown as SourceState;
  return [...finished, ...splits.map((s) => s.id)];
}
