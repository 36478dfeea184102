import type { CheckpointKind } from "./metadata.ts";

/** One checkpoint, for the progress line, metrics and REST. */
export interface CheckpointRecord {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly status: "running" | "completed" | "failed";
  readonly triggeredMillis: number;
  /** From trigger to completion or failure; so far while running. */
  readonly durationMillis: number;
  /** Bytes of state as stored. */
  readonly bytes: number;
  readonly acknowledged: number;
  readonly participants: number;
  readonly failure?: string | undefined;
}

export interface CheckpointStatistics {
  readonly completed: number;
  readonly failed: number;
  readonly running: CheckpointRecord | undefined;
  readonly lastCompleted: CheckpointRecord | undefined;
  readonly lastFailed: CheckpointRecord | undefined;
  /** The newest ones, newest first. */
  readonly history: readonly CheckpointRecord[];
}

const HISTORY = 10;

/** Counts and remembers what became of checkpoints. */
export class StatisticsKeeper {
  #completed = 0;
  #failed = 0;
  #lastCompleted: CheckpointRecord | undefined;
  #lastFailed: CheckpointRecord | undefined;
  #history: readonly CheckpointRecord[] = [];

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

  summary(running: CheckpointRecord | undefined): CheckpointStatistics {
    return {
      completed: this.#completed,
      failed: this.#failed,
      running,
      lastCompleted: this.#lastCompleted,
      lastFailed: this.#lastFailed,
      history: this.#history,
    };
  }
}
