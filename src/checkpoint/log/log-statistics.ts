import type { CheckpointMetadata } from "../metadata.ts";
import type { SegmentLogStatus } from "../storage.ts";

/** So many of the newest cuts are looked at. */
const WINDOW = 20;

/** Follows how long work lies in memory alone. */
export class LogStatistics {
  readonly #now: () => number;
  /** When the newest durable cut was taken. */
  #cutMillis: number | undefined;
  #gaps: number[] = [];
  #lastRawBytes = 0;
  #last: { readonly id: number; readonly millis: number } | undefined;

  constructor(nowMillis: () => number) {
    this.#now = nowMillis;
  }

  /** An attempt begins: the time in which nothing ran is no gap. */
  begin(): void {
    this.#cutMillis = undefined;
  }

  /** A cut that was taken then is durable now. */
  durable(triggeredMillis: number): void {
    if (this.#cutMillis !== undefined)
      this.#gaps = [...this.#gaps, Math.max(0, this.#now() - this.#cutMillis)].slice(-WINDOW);
    this.#cutMillis = triggeredMillis;
  }

  /** A segment is durable, with so much state before compression. */
  written({ id, triggeredMillis }: CheckpointMetadata, rawBytes: number): void {
    this.durable(triggeredMillis);
    this.#lastRawBytes = rawBytes;
    this.#last = { id, millis: triggeredMillis };
  }

  get gapMillis(): number | undefined {
    return this.#gaps.length === 0 ? undefined : Math.max(...this.#gaps);
  }

  status(segments: number, bytes: number): SegmentLogStatus {
    return {
      segments,
      bytes,
      lastId: this.#last?.id,
      lastMillis: this.#last?.millis,
      ageMillis: this.#cutMillis === undefined ? undefined : Math.max(0, this.#now() - this.#cutMillis),
      gapMillis: this.gapMillis,
      lastRawBytes: this.#lastRawBytes,
    };
  }
}
