import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { Polled, SplitReader } from "../api.ts";
import type { FetchedPartition, Isolation, TopicPartition } from "./client/api.ts";
import type { RowDecoder } from "./record-decoder.ts";
import type { RecordDecoder } from "./records/decode.ts";
import type { RecordRanges } from "./records/ranges.ts";

/** A partition as a split of its table: plain data, in the checkpoint. */
export interface PartitionSplit extends TopicPartition {
  /** Where reading begins when there is no position yet. */
  readonly start: number;
  /** Reading ends before this offset; null: never. */
  readonly stop: number | null;
}

/** What a reader needs of who fetches for it. */
export interface PartitionFeed {
  readonly rows: RowDecoder;
  readonly isolation: Isolation;
  /** A decoder of record batches, until it is given back. */
  takeDecoder(): RecordDecoder;
  giveDecoder(decoder: RecordDecoder): void;
  /** Throws what made fetching stop. */
  check(): void;
  /** The reader has no use for this any more, and has room again. */
  consumed(reader: PartitionReader, fetched: FetchedPartition): void;
  /** The partition cannot be read at `offset`: goes on elsewhere, and answers where, or throws. */
  recover(reader: PartitionReader, fetched: FetchedPartition): Promise<number>;
  /** `rest`: what it has not read. */
  closed(reader: PartitionReader, rest: readonly FetchedPartition[]): void;
}

/** Reads one partition from what was fetched of it. */
export class PartitionReader implements SplitReader {
  readonly split: PartitionSplit;
  readonly #feed: PartitionFeed;
  readonly #queue: FetchedPartition[] = [];
  /** Bytes that wait in the queue or are being read. */
  queuedBytes = 0;
  /** The answer that is being read. */
  #open: { readonly fetched: FetchedPartition; readonly records: RecordDecoder } | undefined;
  #offset: number;

  constructor(split: PartitionSplit, offset: number, feed: PartitionFeed) {
    this.split = split;
    this.#offset = offset;
    this.#feed = feed;
  }

  /** The next record to be read. */
  get offset(): number {
    return this.#offset;
  }

  /** What was fetched, in order. */
  push(fetched: FetchedPartition): void {
    this.#queue.push(fetched);
    this.queuedBytes += fetched.records.end - fetched.records.start;
  }

  poll(maxRows: number): Polled | Promise<Polled> {
    for (;;) {
      if (this.#hasEnded) return "end";
      if (this.#open === undefined) {
        const opened = this.#openNext();
        if (opened === true) continue;
        return opened === false ? "idle" : opened.then(() => this.poll(maxRows));
      }
      const { records } = this.#open;
      const ranges = records.next(maxRows);
      if (ranges === undefined) {
        // Of control records and aborted transactions there are no rows, but they have been read.
        this.#offset = records.nextOffset;
        this.#closeFetched();
        continue;
      }
      const batch = this.#feed.rows.decode(this.#beforeStop(ranges), this.split);
      if (batch instanceof Promise) {
        return batch.then((rows) => {
          this.#offset = records.nextOffset;
          return rows.rowCount > 0 ? rows : this.poll(maxRows);
        });
      }
      this.#offset = records.nextOffset;
      if (batch.rowCount > 0) return batch;
    }
  }

  position(): Json {
    return { offset: this.#offset };
  }

  close(): void {
    if (this.#open !== undefined) this.#closeFetched();
    const rest = this.#queue.splice(0);
    this.#feed.closed(this, rest);
  }

  get #hasEnded(): boolean {
    return this.split.stop !== null && this.#offset >= this.split.stop;
  }

  /** False: nothing has been fetched. */
  #openNext(): boolean | Promise<void> {
    const fetched = this.#queue.shift();
    if (fetched === undefined) {
      this.#feed.check();
      return false;
    }
    if (fetched.error !== undefined) {
      this.#feed.consumed(this, fetched);
      return this.#feed.recover(this, fetched).then((offset) => {
        this.#offset = offset;
      });
    }
    const { data, start, end } = fetched.records;
    const records = this.#feed.takeDecoder();
    this.#open = { fetched, records };
    records.open({
      bytes: data,
      start,
      end,
      fromOffset: this.#offset,
      abortedTransactions: this.#feed.isolation === "read_committed" ? fetched.aborted : undefined,
      name: `topic '${this.split.topic}', partition ${this.split.partition}`,
    });
    return true;
  }

  /** Batches made of it have copies of what they need. */
  #closeFetched(): void {
    const { fetched, records } = this.#open!;
    this.#open = undefined;
    this.#feed.giveDecoder(records);
    this.queuedBytes -= fetched.records.end - fetched.records.start;
    this.#feed.consumed(this, fetched);
  }

  /** The records in front of the end of a bounded table. */
  #beforeStop(ranges: RecordRanges): RecordRanges {
    const { stop } = this.split;
    if (stop === null || ranges.offsets[ranges.count - 1]! < stop) return ranges;
    let count = 0;
    while (ranges.offsets[count]! < stop) count++;
    return { ...ranges, count };
  }
}

/** The offset in a checkpointed position; undefined: none. Throws CHECKPOINT_INVALID. */
export function offsetOf(position: Json | undefined): number | undefined {
  if (position === undefined || position === null) return undefined;
  if (typeof position === "object" && "offset" in position && typeof position["offset"] === "number")
    return position["offset"];
  throw new SqlError("CHECKPOINT_INVALID", `not a position in a partition: ${JSON.stringify(position)}`);
}
