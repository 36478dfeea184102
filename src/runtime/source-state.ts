import type { Json } from "../base/json.ts";
import type { Split } from "../connectors/api.ts";

/** A split and its place in the order in which one thread reads the splits of the source. */
export interface NumberedSplit extends Split {
  readonly number: number;
}

/** A split that is not finished, as a checkpoint holds it. */
interface SplitState {
  readonly id: string;
  readonly data: Json;
  /** Its place among all splits of the source; checkpoints of earlier versions have none. */
  readonly number?: number | undefined;
  readonly position: Json;
  readonly begun: boolean;
  /** Of splits read side by side: their event time by watermark operator, epoch millis. */
  readonly marks?: Readonly<Record<string, number>> | undefined;
}

/** What a source has to remember: JSON, in the checkpoint. */
export interface SourceState {
  /** Splits that are not finished, in order, each with its position (null: not begun). */
  readonly splits: readonly SplitState[];
  readonly finished: readonly string[];
  readonly rows: number;
  readonly ended: boolean;
}

/**
 * What one of `parallelism` new threads has of a source that several threads (or another number of them) have read: each
 * n-th of the unfinished splits. `states`: snapshots of the former threads, in their order.
 */
export function redistributedSource(states: readonly Json[], subtask: number, parallelism: number): Json {
  const former = states as unknown as readonly SourceState[];
  const splits: SplitState[] = [];
  for (let i = 0; former.some((s) => i < s.splits.length); i++)
    for (const { splits: own } of former) if (i < own.length) splits.push(own[i]!);
  // In the order in which one thread would read them, however many each of the former threads has finished.
  splits.sort((a, b) => (a.number ?? 0) - (b.number ?? 0));
  const first = subtask === 0;
  const state: SourceState = {
    splits: splits.filter((_, i) => i % parallelism === subtask),
    finished: first ? former.flatMap((s) => s.finished) : [],
    rows: first ? former.reduce((sum, s) => sum + s.rows, 0) : 0,
    ended: former.every((s) => s.ended),
  };
  return state as unknown as Json;
}

/** Those that are not known yet, which go behind all that were found before. */
export function numberedSplits(found: readonly Split[], known: ReadonlySet<string>): NumberedSplit[] {
  const added = new Map(found.filter(({ id }) => !known.has(id)).map((split) => [split.id, split]));
  return [...added.values()].map((split, i) => ({ ...split, number: known.size + i }));
}

/** Ids of all splits that the snapshot of a source speaks of. */
export function knownSplits(state: Json): string[] {
  const { splits, finished } = state as unknown as SourceState;
  return [...finished, ...splits.map((s) => s.id)];
}
