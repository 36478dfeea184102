import type { SqlError } from "../../base/errors.ts";
import type { SegmentLog } from "../storage.ts";
import type { Timer } from "../timer.ts";

/** Rest after a segment by the state in it: writing a megabyte takes about a tenth of that from the thread of the stream. */
const REST_MILLIS_PER_MEGABYTE = 100;
/** After failures the next try comes later and later, up to this. */
const MAX_BACKOFF_MILLIS = 30_000;
/** Behind by so many intervals, and by at least so long, is told … */
const LAG_INTERVALS = 10;
const LAG_MILLIS = 5000;
/** … and not again for so long. */
const TOLD_MILLIS = 60_000;

/** What makes cuts: the coordinator. */
interface Cuts {
  /** No more of them come. */
  readonly ended: boolean;
  trigger(kind: "segment" | "checkpoint"): Promise<unknown>;
}

interface LogScheduleSetup {
  readonly log: SegmentLog;
  readonly coordinator: Cuts;
  readonly timer: Timer;
  /** `state.synchronization.interval`: from one segment to the next, where the storage can keep up. */
  readonly intervalMillis: number;
  /** The job fails when nothing has become durable for so long. */
  readonly timeoutMillis: number;
  onWarning(message: string): void;
  onFatal(error: SqlError): void;
}

/**
 * Asks for one segment after another. One at a time: a storage that cannot keep up gets fewer of them, each with all that
 * has changed since, so that nothing piles up; how far the log is behind is told. Where much changes, segments are fewer
 * too, so that they take a small part of the stream's time.
 */
export class LogSchedule {
  readonly #setup: LogScheduleSetup;
  #cancel: (() => void) | undefined;
  #stopped = false;
  #failures = 0;
  #durableMillis: number;
  #toldMillis = Number.NEGATIVE_INFINITY;

  constructor(setup: LogScheduleSetup) {
    this.#setup = setup;
    this.#durableMillis = setup.timer.nowMillis();
  }

  start(): void {
    // What an attempt cannot build on takes a full checkpoint first: at once.
    this.#after(this.#setup.log.due === "checkpoint" ? 0 : this.#setup.intervalMillis);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel?.();
  }

  #after(millis: number): void {
    if (this.#stopped) return;
    this.#cancel = this.#setup.timer.after(millis, () => {
      void this.#tick();
    });
  }

  async #tick(): Promise<void> {
    const { log, coordinator, timer, intervalMillis } = this.#setup;
    const begunMillis = timer.nowMillis();
    try {
      await coordinator.trigger(log.due);
      this.#failures = 0;
      this.#durableMillis = timer.nowMillis();
    } catch (error) {
      if (this.#stopped || coordinator.ended) return;
      this.#failed(error as SqlError);
    }
    if (this.#stopped || coordinator.ended) return;
    this.#tellLag();
    const tookMillis = timer.nowMillis() - begunMillis;
    const backoff = this.#failures === 0 ? 0 : Math.min(MAX_BACKOFF_MILLIS, intervalMillis * 2 ** this.#failures);
    const rest = this.#failures === 0 ? (log.status.lastRawBytes / 1e6) * REST_MILLIS_PER_MEGABYTE : 0;
    this.#after(Math.max(0, intervalMillis - tookMillis, rest, backoff));
  }

  #failed(error: SqlError): void {
    const { timer, timeoutMillis, onWarning, onFatal } = this.#setup;
    this.#failures += 1;
    if (timer.nowMillis() - this.#durableMillis > timeoutMillis) {
      this.stop();
      return onFatal(error);
    }
    // The first says what it is; the others how long it goes on.
    if (this.#failures === 1) onWarning(`a segment of the log failed and is tried again: ${error.message}`);
  }

  #tellLag(): void {
    const { log, timer, intervalMillis, onWarning } = this.#setup;
    const { ageMillis = 0 } = log.status;
    const now = timer.nowMillis();
    if (ageMillis < Math.max(LAG_MILLIS, LAG_INTERVALS * intervalMillis) || now - this.#toldMillis < TOLD_MILLIS)
      return;
    this.#toldMillis = now;
    onWarning(
      `the log is ${(ageMillis / 1000).toFixed(1)} s behind: the storage takes longer than 'state.synchronization.interval' = ${intervalMillis} ms`,
    );
  }
}
