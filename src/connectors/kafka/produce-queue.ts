import { faultPoint } from "../../base/fault-point.ts";
import type { KafkaClient, ProducerIdentity, TopicPartition } from "./client/api.ts";
import { answered } from "./client/errors.ts";
import type { Compressor } from "./records/compression.ts";
import { NO_PRODUCER, RecordBatchWriter, type BatchProducer } from "./records/encode.ts";
import type { HeaderWriter } from "./records/header-writer.ts";
import { asLostBeforeCheckpoint } from "./transaction-marks.ts";

/** A batch that is complete but not written. */
interface Finished {
  readonly queue: PartitionQueue;
  readonly records: Uint8Array;
}

/** The batch of one partition that is being filled, and what is to be written before it. */
class PartitionQueue {
  readonly partition: TopicPartition;
  readonly writer: RecordBatchWriter;
  sequence = 0;
  /** A batch was written since the producer began, so that its transaction has the partition. */
  isTouched = false;

  constructor(partition: TopicPartition, maxBytes: number) {
    this.partition = partition;
    this.writer = new RecordBatchWriter(describe(partition), { maxBytes });
  }
}

/** A key or a value: `bytes[start .. end)`, or NULL. */
export interface Piece {
  readonly isNull: boolean;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

export interface QueueOptions {
  readonly topic: string;
  readonly partitions: readonly number[];
  /** Largest batch, bytes. */
  readonly maxBytes: number;
  readonly compressor: Compressor | undefined;
  readonly acks: "all" | "leader" | "none";
  /** How long rows wait for more of them (`linger.ms`). */
  readonly lingerMillis: number;
}

/** Bytes that may wait for the brokers before writing has to. */
const FULL_BYTES = 16 << 20;
const MAX_SEQUENCE = 0x7fffffff;

/**
 * Batches on their way to the partitions of a topic: filled by rows, sent one after the other for each partition, all
 * partitions at once. While a request is under way the next batches fill, so that their size follows the pace.
 */
export class ProduceQueue {
  readonly #client: KafkaClient;
  readonly #options: QueueOptions;
  readonly #queues: readonly PartitionQueue[];
  #finished: Finished[] = [];
  #finishedBytes = 0;
  #identity: ProducerIdentity | undefined;
  #sending: Promise<void> | undefined;
  #isScheduled = false;
  #failure: unknown;
  #isClosed = false;

  constructor(client: KafkaClient, options: QueueOptions) {
    this.#client = client;
    this.#options = options;
    this.#queues = options.partitions.map(
      (partition) => new PartitionQueue({ topic: options.topic, partition }, options.maxBytes),
    );
  }

  /** Batches from now on are of this producer, and nothing may be waiting. Undefined: without idempotence. */
  begin(identity: ProducerIdentity | undefined): void {
    this.#identity = identity;
    for (const queue of this.#queues) {
      queue.sequence = 0;
      queue.isTouched = false;
    }
  }

  /** Partitions that batches were written to since `begin`. */
  get touched(): readonly TopicPartition[] {
    return this.#queues.filter((queue) => queue.isTouched).map((queue) => queue.partition);
  }

  /** Adds a record to partition number `index`. */
  add(
    index: number,
    timestampMillis: number,
    key: Piece | undefined,
    value: Piece,
    headers: HeaderWriter | null,
  ): void {
    const queue = this.#queues[index]!;
    for (;;) {
      const added = queue.writer.add(
        timestampMillis,
        key === undefined || key.isNull ? null : key.bytes,
        key?.start ?? 0,
        key?.end ?? 0,
        value.isNull ? null : value.bytes,
        value.start,
        value.end,
        headers,
      );
      if (added) break;
      this.#finish(queue);
    }
    this.#schedule();
  }

  /** Adds values without keys to partition number `index`; value i ends at `ends[i]`. */
  addMany(index: number, values: Uint8Array, ends: Int32Array, count: number, timestampMillis: number): void {
    const queue = this.#queues[index]!;
    for (let from = 0; from < count;) {
      from = queue.writer.addMany(values, ends, from, count, timestampMillis);
      if (from < count) this.#finish(queue);
    }
    this.#schedule();
  }

  /** Bytes in the batch of partition number `index` that is being filled. */
  filled(index: number): number {
    return this.#queues[index]!.writer.byteLength;
  }

  /** Throws what went wrong since; a promise is back-pressure. */
  pressure(): Promise<void> | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#finishedBytes < FULL_BYTES || this.#sending === undefined) return undefined;
    return this.#sending;
  }

  /** Resolves when all that was added is written and acknowledged. */
  async flush(): Promise<void> {
    while (this.#failure === undefined) {
      for (const queue of this.#queues) if (queue.writer.count > 0) this.#finish(queue);
      if (this.#finished.length === 0 && this.#sending === undefined) return;
      await (this.#sending ?? this.#send());
    }
    throw this.#failure;
  }

  /** What is not written is given up. */
  close(): void {
    this.#isClosed = true;
    this.#finished = [];
  }

  #finish(queue: PartitionQueue): void {
    const { count } = queue.writer;
    const records = queue.writer.finish(this.#batchProducer(queue), this.#options.compressor);
    queue.sequence = sequenceAfter(queue.sequence, count);
    this.#finished.push({ queue, records });
    this.#finishedBytes += records.length;
  }

  #batchProducer(queue: PartitionQueue): BatchProducer {
    const identity = this.#identity;
    if (identity === undefined) return NO_PRODUCER;
    return {
      producerId: identity.producerId,
      producerEpoch: identity.epoch,
      baseSequence: queue.sequence,
      transactional: identity.transactionalId !== undefined,
    };
  }

  #schedule(): void {
    if (this.#isScheduled || this.#sending !== undefined) return;
    this.#isScheduled = true;
    const start = (): void => {
      this.#isScheduled = false;
      if (!this.#isClosed && this.#sending === undefined && this.#failure === undefined) void this.#send();
    };
    if (this.#options.lingerMillis > 0) setTimeout(start, this.#options.lingerMillis);
    else setImmediate(start);
  }

  /** Sends until nothing is left: in turns, of which each has one batch of each partition at most. */
  #send(): Promise<void> {
    const sending = this.#sendAll().then(
      () => {
        this.#sending = undefined;
      },
      (error: unknown) => {
        this.#failure = error;
        this.#sending = undefined;
      },
    );
    this.#sending = sending;
    return sending;
  }

  async #sendAll(): Promise<void> {
    while (!this.#isClosed) {
      if (this.#finished.length === 0)
        for (const queue of this.#queues) if (queue.writer.count > 0) this.#finish(queue);
      const turn = this.#nextTurn();
      if (turn.length === 0) return;
      await this.#addToTransaction(turn);
      faultPoint("kafka.added");
      const answers = await this.#client.produce(
        turn.map(({ queue, records }) => ({ ...queue.partition, records })),
        { acks: this.#options.acks, transactionalId: this.#identity?.transactionalId },
      );
      faultPoint("kafka.produced");
      turn.forEach(({ queue, records }, i) => {
        const { error, message } = answers[i]!;
        if (error !== undefined)
          throw this.#refused(answered(error, `a batch for ${describe(queue.partition)}`, message));
        this.#finishedBytes -= records.length;
        queue.writer.recycle(records);
      });
    }
  }

  /** The oldest batch of each partition. */
  #nextTurn(): readonly Finished[] {
    const turn: Finished[] = [];
    const rest: Finished[] = [];
    const taken = new Set<PartitionQueue>();
    for (const one of this.#finished) {
      if (taken.has(one.queue)) rest.push(one);
      else {
        taken.add(one.queue);
        turn.push(one);
      }
    }
    this.#finished = rest;
    return turn;
  }

  async #addToTransaction(turn: readonly Finished[]): Promise<void> {
    const identity = this.#identity;
    const added = turn.filter(({ queue }) => !queue.isTouched);
    for (const { queue } of added) queue.isTouched = true;
    if (identity?.transactionalId === undefined || added.length === 0) return;
    try {
      await this.#client.transactions.add(
        identity,
        added.map(({ queue }) => queue.partition),
      );
    } catch (error) {
      throw this.#refused(error);
    }
  }

  /** In a transaction a refusal may say that the transaction is over. */
  #refused(error: unknown): unknown {
    return this.#identity === undefined ? error : asLostBeforeCheckpoint(error, this.#identity);
  }
}

/** Sequence numbers begin again behind the largest one. */
function sequenceAfter(sequence: number, count: number): number {
  const next = sequence + count;
  return next > MAX_SEQUENCE ? next - MAX_SEQUENCE - 1 : next;
}

function describe({ topic, partition }: TopicPartition): string {
  return `partition ${partition} of topic '${topic}'`;
}
