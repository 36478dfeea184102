import { SqlError } from "../base/errors.ts";
import { asSqlError } from "./failures.ts";
import type { JobHandle, JobOutcome, JobProgressNow, JobSchedule } from "./job-request.ts";
import { nextRefreshMillis } from "./refresh-times.ts";

interface RefreshScheduleOptions {
  readonly name: string;
  readonly freshnessMillis: number;
  readonly zone: string;
  /** Starts a job that computes the table anew. */
  readonly refresh: () => Promise<JobHandle>;
  /** Told of a refresh that failed; the next one comes all the same. */
  readonly note: (text: string) => void;
}

/**
 * Keeps a materialized table of REFRESH_MODE = FULL fresh, for as long as the process lives: a batch job at each time of
 * its freshness. One at a time: a time that comes while the table is being refreshed is left out.
 */
export class RefreshSchedule implements JobSchedule {
  readonly #options: RefreshScheduleOptions;
  readonly #startedMillis = Date.now();
  readonly #done: Promise<JobOutcome>;
  #end!: (outcome: JobOutcome) => void;
  #timer: NodeJS.Timeout | undefined;
  #current: JobHandle | undefined;
  /** The refresh that is going on, or being started. */
  #busy: Promise<void> | undefined;
  #isEnded = false;
  #rows = 0;
  #sinkRows = 0;

  constructor(options: RefreshScheduleOptions) {
    this.#options = options;
    this.#done = new Promise((resolve) => (this.#end = resolve));
    this.#wait();
  }

  /** See `JobSchedule.alone`. Throws what keeps the job from being started. */
  async alone(start: () => Promise<JobHandle>): Promise<JobHandle> {
    while (this.#busy !== undefined) await this.#busy;
    return await this.#start(start);
  }

  #wait(): void {
    const { freshnessMillis, zone } = this.#options;
    const now = Date.now();
    this.#timer = setTimeout(() => void this.#tick(), nextRefreshMillis(freshnessMillis, zone, now) - now);
  }

  async #tick(): Promise<void> {
    this.#wait();
    if (this.#busy !== undefined) return;
    try {
      await this.#start(this.#options.refresh);
    } catch (error) {
      this.#failed(asSqlError(error));
    }
  }

  /** Starts a refresh; it is over when its job has ended. */
  async #start(start: () => Promise<JobHandle>): Promise<JobHandle> {
    let over = (): void => undefined;
    this.#busy = new Promise((resolve) => (over = resolve));
    try {
      const job = await start();
      this.#current = job;
      if (this.#isEnded) job.stop();
      void job.done.then((outcome) => {
        const { rows, sinkRows } = job.progress();
        this.#rows += rows;
        this.#sinkRows += sinkRows;
        this.#current = undefined;
        this.#busy = undefined;
        if (outcome.status === "failed") this.#failed(outcome.error);
        over();
      });
      return job;
    } catch (error) {
      this.#busy = undefined;
      over();
      throw error;
    }
  }

  #failed(error: SqlError): void {
    this.#options.note(`the refresh of '${this.#options.name}' failed: ${error.code}: ${error.message}`);
  }

  #stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#current?.stop();
    void (this.#busy ?? Promise.resolve()).then(() => this.#end({ status: "stopped" }));
  }

  #progress(): JobProgressNow {
    const now = this.#current?.progress();
    return {
      rows: this.#rows + (now?.rows ?? 0),
      sinkRows: this.#sinkRows + (now?.sinkRows ?? 0),
      watermarkMillis: -Infinity,
      counters: {},
      lastCheckpoint: undefined,
    };
  }

  /** The schedule as a job that has no end and no state. */
  handle(): JobHandle {
    const { name } = this.#options;
    const refuse = async (): Promise<never> => {
      throw new SqlError("CHECKPOINT_FAILED", `'${name}' is refreshed as a whole at each time, and has no state`);
    };
    return {
      id: `${name}-schedule`,
      name: `${name}-schedule`,
      startedMillis: this.#startedMillis,
      bounded: false,
      schedule: this,
      done: this.#done,
      status: () => (this.#isEnded ? "CANCELED" : "RUNNING"),
      ended: () => this.#isEnded && this.#busy === undefined,
      stop: () => this.#stop(),
      checkpoint: refuse,
      savepoint: refuse,
      progress: () => this.#progress(),
      inspect: async () => undefined,
      statistics: () => undefined,
      sinkSummaries: () => ({}),
    };
  }
}
