import type { RecoveryRecord } from "../checkpoint/statistics.ts";

/** Measures one start from a checkpoint: from the failure (or the start of the process) until rows flow again. */
export class RecoveryClock {
  readonly #startedMillis: number;
  readonly #cause: string | undefined;
  readonly #now: () => number;
  readonly #delayMillis: number;
  #attempt = 0;
  #checkpoint: number | undefined;
  #restoredMillis: number | undefined;

  /** `cause`: what the job failed of; undefined: a new process. `delayMillis`: how long the restart strategy waits. */
  constructor(cause: string | undefined, delayMillis: number, now: () => number) {
    this.#now = now;
    this.#startedMillis = now();
    this.#cause = cause;
    this.#delayMillis = delayMillis;
  }

  /** State is back and sources stand at their positions. */
  restored(attempt: number, checkpoint: number | undefined): void {
    this.#attempt = attempt;
    this.#checkpoint = checkpoint;
    this.#restoredMillis = this.#now() - this.#startedMillis;
  }

  get isRestored(): boolean {
    return this.#restoredMillis !== undefined;
  }

  /** The record; `rows`: the first rows have just passed, else none came. */
  record(rows: boolean): RecoveryRecord {
    return {
      attempt: this.#attempt,
      startedMillis: this.#startedMillis,
      cause: this.#cause,
      checkpoint: this.#checkpoint,
      delayMillis: this.#delayMillis,
      restoredMillis: this.#restoredMillis ?? 0,
      firstRowMillis: rows ? this.#now() - this.#startedMillis : undefined,
    };
  }
}

/** `recovered from checkpoint 7 in 1,250 ms: waited 1000 ms, restored in 200 ms, first rows after 50 ms`. */
export function recoveryText(job: string, record: RecoveryRecord): string {
  const { checkpoint, delayMillis, restoredMillis, firstRowMillis, cause } = record;
  const from = checkpoint === undefined ? "from the beginning" : `from checkpoint ${checkpoint}`;
  const parts = [
    ...(delayMillis > 0 ? [`waited ${delayMillis} ms`] : []),
    `restored in ${Math.max(0, restoredMillis - delayMillis)} ms`,
    ...(firstRowMillis === undefined ? ["no rows came"] : [`first rows after ${firstRowMillis - restoredMillis} ms`]),
  ];
  const verb = cause === undefined ? "started" : "recovered";
  return `${job} ${verb} ${from} in ${firstRowMillis ?? restoredMillis} ms (${parts.join(", ")})`;
}
