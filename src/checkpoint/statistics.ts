import type { CheckpointKind } from "./metadata.ts";

/** State of one operator in a checkpoint, over its subtasks. Bytes as stored. */
export interface OperatorRecord {
  readonly operatorId: string;
  readonly subtasks: number;
  /** All files that make up the state. */
  readonly bytes: number;
  /** Files written for this checkpoint: less than `bytes` when it is an increment. */
  readonly newBytes: number;
  /** `bytes` before compression. */
  readonly rawBytes: number;
  /** Keys, list rows and map entries; undefined: the backend does not count them. */
  readonly elements?: number | undefined;
  /** Number of elements × size of their type, an estimate of `rawBytes`. */
  readonly estimatedBytes?: number | undefined;
}

/** One checkpoint: for the progress line, the history of the run, metrics. Millis. */
export interface CheckpointRecord {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly status: "in progress" | "completed" | "failed";
  readonly attempt: number;
  readonly triggeredMillis: number;
  /** From trigger to completion or failure; so far while it is in progress. */
  readonly durationMillis: number;
  /** From trigger to the last answer; undefined: not all have answered. */
  readonly answeredMillis?: number | undefined;
  /** The longest that a subtask stood still at its barrier; undefined: not measured. */
  readonly pauseMillis?: number | undefined;
  /** Time in which state was written; with `newBytes` it gives the bandwidth. */
  readonly writeMillis: number;
  /** Stored bytes of all state. */
  readonly bytes: number;
  /** Stored bytes written for this checkpoint. */
  readonly newBytes: number;
  readonly acknowledged: number;
  readonly participants: number;
  /** Operators with state. */
  readonly operators: readonly OperatorRecord[];
  /** Where it lies. */
  readonly location?: string | undefined;
  readonly failure?: string | undefined;
}

/** A start from a checkpoint, at the beginning of the process or after a failure. Millis. */
export interface RecoveryRecord {
  readonly attempt: number;
  /** When the job failed, or the process began to restore; epoch. */
  readonly startedMillis: number;
  /** What the job failed of; undefined: a new process (`--from`). */
  readonly cause?: string | undefined;
  /** The checkpoint that it went on from; undefined: at the beginning. */
  readonly checkpoint?: number | undefined;
  /** The restart strategy's delay, which is part of `restoredMillis`. */
  readonly delayMillis: number;
  /** From the start until state was back and sources stood at their positions. */
  readonly restoredMillis: number;
  /** From the start until the first rows had passed; undefined: none came. */
  readonly firstRowMillis?: number | undefined;
}

/** Whether a further place (`execution.checkpointing.replicas`) has got a checkpoint. */
export interface PlaceRecord {
  readonly location: string;
  readonly checkpoint: number;
  readonly held: boolean;
  /** Why it has not. */
  readonly problem?: string | undefined;
}

/** How the checkpoints of a run have reached a further place. */
export interface PlaceCounts {
  readonly location: string;
  readonly held: number;
  readonly missed: number;
  /** The newest that it got. */
  readonly newest?: number | undefined;
  /** Why it missed the last one that it missed. */
  readonly problem?: string | undefined;
}

export interface CheckpointStatistics {
  /** Counts over all attempts of the run, also of earlier processes. */
  readonly completed: number;
  readonly failed: number;
  readonly recoveries: number;
  readonly running: CheckpointRecord | undefined;
  readonly lastCompleted: CheckpointRecord | undefined;
  readonly lastFailed: CheckpointRecord | undefined;
  readonly lastRecovery: RecoveryRecord | undefined;
  /** The newest ones, newest first. */
  readonly history: readonly CheckpointRecord[];
}

/** What a run's history holds, oldest first; `completed`, `failed` and `recoveries` also count what was dropped from the lists. */
export interface RunHistory {
  readonly completed: number;
  readonly failed: number;
  readonly recoveries: number;
  readonly checkpoints: readonly CheckpointRecord[];
  readonly recovered: readonly RecoveryRecord[];
  /** Further places. */
  readonly places: readonly PlaceCounts[];
}

export const EMPTY_HISTORY: RunHistory = {
  completed: 0,
  failed: 0,
  recoveries: 0,
  checkpoints: [],
  recovered: [],
  places: [],
};

/** How many checkpoints are remembered in memory. */
const HISTORY = 10;

/** Counts and remembers what became of the checkpoints of a run; goes on from what earlier processes wrote down. */
export class StatisticsKeeper {
  #completed: number;
  #failed: number;
  #recoveries: number;
  #lastCompleted: CheckpointRecord | undefined;
  #lastFailed: CheckpointRecord | undefined;
  #lastRecovery: RecoveryRecord | undefined;
  #history: readonly CheckpointRecord[];

  constructor(before: RunHistory = EMPTY_HISTORY) {
    this.#completed = before.completed;
    this.#failed = before.failed;
    this.#recoveries = before.recoveries;
    this.#history = [...before.checkpoints].reverse().slice(0, HISTORY);
    this.#lastCompleted = before.checkpoints.findLast((record) => record.status === "completed");
    this.#lastFailed = before.checkpoints.findLast((record) => record.status === "failed");
    this.#lastRecovery = before.recovered.at(-1);
  }

  add(record: CheckpointRecord): void {
    this.#history = [record, ...this.#history].slice(0, HISTORY);
    if (record.status === "completed") {
      this.#completed += 1;
      this.#lastCompleted = record;
    } else {
      this.#failed += 1;
      this.#lastFailed = record;
    }
  }

  addRecovery(record: RecoveryRecord): void {
    this.#recoveries += 1;
    this.#lastRecovery = record;
  }

  summary(running: CheckpointRecord | undefined): CheckpointStatistics {
    return {
      completed: this.#completed,
      failed: this.#failed,
      recoveries: this.#recoveries,
      running,
      lastCompleted: this.#lastCompleted,
      lastFailed: this.#lastFailed,
      lastRecovery: this.#lastRecovery,
      history: this.#history,
    };
  }
}

/** N_ok / N; undefined before the first checkpoint has ended. */
export function successRatio({
  completed,
  failed,
}: {
  readonly completed: number;
  readonly failed: number;
}): number | undefined {
  const all = completed + failed;
  return all === 0 ? undefined : completed / all;
}

/** B of "duration = S / B": stored bytes per second while state was written; undefined: too little to say. */
export function bytesPerSecond({ newBytes, writeMillis }: CheckpointRecord): number | undefined {
  return newBytes === 0 || writeMillis <= 0 ? undefined : (newBytes * 1000) / writeMillis;
}
