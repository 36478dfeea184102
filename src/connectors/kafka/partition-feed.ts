import { SqlError } from "../../base/errors.ts";
import type { FetchedPartition, Fetcher, Isolation, KafkaClient } from "./client/api.ts";
import { partitionName } from "./partition-name.ts";
import type { PartitionFeed, PartitionReader } from "./partition-reader.ts";
import type { RowDecoder } from "./record-decoder.ts";
import { RecordDecoder, type DecoderOptions } from "./records/decode.ts";

/** What may wait for a reader before its partition is no longer fetched, bytes. */
const FULL_BYTES = 4 << 20;
/** The same over all partitions of a source. */
const ALL_FULL_BYTES = 64 << 20;

export interface FeedOptions {
  readonly rows: RowDecoder;
  readonly decoder: DecoderOptions;
  readonly isolation: Isolation;
  /** `scan.restore.out-of-range` */
  readonly outOfRange: "fail" | "earliest" | "latest";
  readonly table: string;
  /** Rows have arrived, or fetching has failed. */
  wake(): void;
  note(text: string): void;
}

/** Fetches for the readers of one source, ahead of them and no further than they can follow. */
export class KafkaFeed implements PartitionFeed {
  readonly #client: KafkaClient;
  readonly #fetcher: Fetcher;
  readonly #options: FeedOptions;
  readonly rows: RowDecoder;
  readonly isolation: Isolation;
  readonly #decoders: RecordDecoder[] = [];
  readonly #readers = new Map<string, PartitionReader>();
  readonly #paused = new Set<PartitionReader>();
  #isPumping = false;
  #isClosed = false;
  #failure: unknown;

  constructor(client: KafkaClient, options: FeedOptions) {
    this.#client = client;
    this.#options = options;
    this.rows = options.rows;
    this.isolation = options.isolation;
    this.#fetcher = client.fetcher({ isolation: options.isolation });
  }

  /** Starts fetching for a reader, where it stands. */
  add(reader: PartitionReader): void {
    this.#readers.set(partitionName(reader.split), reader);
    this.#fetcher.assign(reader.split, reader.offset);
    if (!this.#isPumping) void this.#pump();
  }

  takeDecoder(): RecordDecoder {
    return this.#decoders.pop() ?? new RecordDecoder(this.#options.decoder);
  }

  giveDecoder(decoder: RecordDecoder): void {
    this.#decoders.push(decoder);
  }

  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  consumed(reader: PartitionReader, fetched: FetchedPartition): void {
    this.#fetcher.release(fetched);
    if (!this.#paused.has(reader)) return;
    if (reader.queuedBytes >= FULL_BYTES / 2 || this.#waitingBytes() >= ALL_FULL_BYTES) return;
    this.#paused.delete(reader);
    this.#fetcher.resume(reader.split);
  }

  async recover(reader: PartitionReader, fetched: FetchedPartition): Promise<number> {
    const { topic, partition } = reader.split;
    const { outOfRange, isolation, table } = this.#options;
    const place = `table '${table}': partition ${partition} of topic '${topic}'`;
    if (fetched.error !== "OFFSET_OUT_OF_RANGE") {
      throw new SqlError(
        "CONNECTOR_UNAVAILABLE",
        `${place} cannot be read at offset ${fetched.offset}: ${fetched.error}`,
        {
          retryable: false,
        },
      );
    }
    const [earliest = 0] = await this.#client.offsets([reader.split], "earliest", "read_uncommitted");
    const [latest = 0] = await this.#client.offsets([reader.split], "latest", isolation);
    if (outOfRange === "fail") {
      throw new SqlError(
        "CONNECTOR_UNAVAILABLE",
        `${place} has no offset ${fetched.offset} any more: it holds ${earliest} to ${latest}, so that records were lost to retention (or the topic was made anew)`,
        {
          retryable: false,
          hint: "'scan.restore.out-of-range' = 'earliest' goes on with what is left, 'latest' with what comes from now on",
        },
      );
    }
    const offset = outOfRange === "earliest" ? earliest : latest;
    this.#options.note(
      `note: ${place} has no offset ${fetched.offset} any more (it holds ${earliest} to ${latest}); reading goes on at ${offset}\n`,
    );
    this.#fetcher.assign(reader.split, offset);
    return offset;
  }

  closed(reader: PartitionReader, rest: readonly FetchedPartition[]): void {
    for (const fetched of rest) this.#fetcher.release(fetched);
    this.#readers.delete(partitionName(reader.split));
    this.#paused.delete(reader);
    if (!this.#isClosed) this.#fetcher.unassign(reader.split);
  }

  close(): void {
    this.#isClosed = true;
    this.#fetcher.close();
  }

  async #pump(): Promise<void> {
    this.#isPumping = true;
    try {
      while (!this.#isClosed && this.#readers.size > 0) {
        const answer = await this.#fetcher.next();
        for (const fetched of answer) this.#deliver(fetched);
        if (answer.length > 0) this.#options.wake();
      }
    } catch (error) {
      if (this.#isClosed) return;
      this.#failure = error;
      this.#options.wake();
    } finally {
      this.#isPumping = false;
    }
  }

  #deliver(fetched: FetchedPartition): void {
    const reader = this.#readers.get(partitionName(fetched));
    if (reader === undefined) return this.#fetcher.release(fetched);
    reader.push(fetched);
    if (this.#paused.has(reader)) return;
    if (reader.queuedBytes < FULL_BYTES && this.#waitingBytes() < ALL_FULL_BYTES) return;
    this.#paused.add(reader);
    this.#fetcher.pause(reader.split);
  }

  #waitingBytes(): number {
    let bytes = 0;
    for (const reader of this.#readers.values()) bytes += reader.queuedBytes;
    return bytes;
  }
}
