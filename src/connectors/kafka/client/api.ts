/**
 * What the source and the sink know of a Kafka cluster: bytes in, bytes out, no call per record. Answers are in the order
 * of the question, so that nobody builds maps on a hot path. Offsets, producer ids and timestamps are safe integers.
 *
 * Every call takes an `AbortSignal`, has a deadline, and repeats what may be repeated (leader and coordinator moves,
 * lost connections, brokers that start). What it throws is a `KafkaError`, whose message names broker, topic and request.
 */
import type { KafkaErrorName } from "./error-codes.ts";

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long the call may take with all its retries; default: `default.api.timeout.ms`, for `produce` `delivery.timeout.ms`. */
  readonly deadlineMillis?: number | undefined;
}

export interface TopicDescription {
  readonly topic: string;
  readonly internal: boolean;
  /** Numbers of the partitions, rising. */
  readonly partitions: readonly number[];
}

export type OffsetSpec = "earliest" | "latest" | { readonly timestampMillis: number };

export type Isolation = "read_committed" | "read_uncommitted";

/** A committed group offset. */
export interface CommittedOffset {
  readonly offset: number;
  readonly metadata: string;
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/**
 * What a fetch gave for one partition. `records` is a range of the answer's buffer, whole record batches only; nothing
 * was decoded or copied. The buffer is not written again before all its partitions were given to `release`.
 */
export interface FetchedPartition extends TopicPartition {
  /** `OFFSET_OUT_OF_RANGE` and the like; undefined: fine. Errors that only mean "look up the leader again" do not come out here. */
  readonly error: KafkaErrorName | undefined;
  /** The offset that was asked for. */
  readonly offset: number;
  /** Behind the last whole batch, control batches included; `offset` when there was none. The next fetch starts here. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** -1 where the broker did not say. */
  readonly logStartOffset: number;
  /** With read_committed: transactions whose records in this range are to be skipped; by producer id and first offset. */
  readonly aborted: readonly AbortedTransaction[];
  readonly records: { readonly data: Uint8Array; readonly start: number; readonly end: number };
}

/**
 * Reads assigned partitions, one fetch in flight per leader while the caller works on the last answer. Leader moves and
 * lost connections are handled inside: the positions are kept here.
 */
export interface Fetcher {
  /** Starts (or goes on) at this offset; takes effect with the next request. */
  assign(partition: TopicPartition, offset: number): void;
  /** Answers for it that are under way are dropped. */
  unassign(partition: TopicPartition): void;
  /** Not fetched until `resume`; its position stays. For alignment of watermarks and full queues. */
  pause(partition: TopicPartition): void;
  resume(partition: TopicPartition): void;
  /**
   * What the next answer holds: partitions with records, or with an error that the caller has to settle (such a partition
   * is not asked for again before `assign`). Empty after `maxWaitMillis` without records. One call at a time.
   */
  next(): Promise<readonly FetchedPartition[]>;
  /** What has arrived already, without waiting; undefined: nothing yet. */
  poll(): readonly FetchedPartition[] | undefined;
  /**
   * Nobody looks at these records any more (nor at what points into them): with the last partition of its answer the
   * memory is used again. May be left out, but then every few answers cost a collection of the whole heap.
   */
  release(fetched: FetchedPartition): void;
  /** End of the partition as of its last answer: last stable offset or high watermark, by isolation. */
  endOffset(partition: TopicPartition): number | undefined;
  close(): void;
}

export interface FetcherOptions {
  readonly isolation: Isolation;
  readonly maxWaitMillis?: number | undefined;
  readonly minBytes?: number | undefined;
  readonly maxBytes?: number | undefined;
  readonly maxPartitionBytes?: number | undefined;
}

/** One finished record batch; at most one for each partition in a call, as brokers refuse more. */
export interface ProduceBatch extends TopicPartition {
  /** Not copied: unchanged until the promise settles. */
  readonly records: Uint8Array;
}

export interface Produced {
  /** -1 when a repeated batch had been written before (DUPLICATE_SEQUENCE_NUMBER) or the broker did not say. */
  readonly baseOffset: number;
  readonly error: KafkaErrorName | undefined;
  /** The broker's own words, where it has some. */
  readonly message: string | undefined;
}

export interface ProduceOptions extends CallOptions {
  readonly acks?: "all" | "leader" | "none" | undefined;
  readonly transactionalId?: string | undefined;
}

/** What a checkpoint keeps of an open or prepared transaction: plain data. */
export interface ProducerIdentity {
  /** Undefined: an idempotent producer without transactions. */
  readonly transactionalId?: string | undefined;
  readonly producerId: number;
  readonly epoch: number;
}

/**
 * - `done`: committed (or aborted) now or by an earlier, same request; readers see it as soon as the broker has written
 *   its markers, within milliseconds. `next` is the identity of the id's next
 *   transaction, sequences from 0; undefined (EndTxn before version 5): `init` before the id is used again.
 * - `gone`: the broker no longer knows this transaction: timed out and aborted, fenced by a later `init`, or ended
 *   before. Whether it had been committed is not known from this.
 */
export type EndedTransaction =
  | { readonly outcome: "done"; readonly next: ProducerIdentity | undefined }
  | { readonly outcome: "gone"; readonly error: KafkaErrorName };

export type TransactionState =
  | "Empty"
  | "Ongoing"
  | "PrepareCommit"
  | "PrepareAbort"
  | "CompleteCommit"
  | "CompleteAbort"
  | "PrepareEpochFence"
  | "Dead"
  | "Unknown";

export interface TransactionDescription {
  readonly transactionalId: string;
  /** Undefined: the broker does not know the id. */
  readonly state: TransactionState | undefined;
  readonly producerId: number;
  readonly epoch: number;
  readonly timeoutMillis: number;
  /** -1: none open. */
  readonly startedAtMillis: number;
  readonly partitions: readonly TopicPartition[];
}

export interface ListedTransaction {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly state: TransactionState;
}

export interface Transactions {
  /** Aborts what is open under the id, fences who holds it, and gives the identity to go on with. `undefined`: idempotent only. */
  init(transactionalId: string | undefined, timeoutMillis: number, options?: CallOptions): Promise<ProducerIdentity>;
  /** Before the first batch of a partition in this transaction. Waits for the markers of the id's last transaction. */
  add(identity: ProducerIdentity, partitions: readonly TopicPartition[], options?: CallOptions): Promise<void>;
  /**
   * Commits a group's offset with the transaction: when it can be read by `committed`, the transaction was committed.
   * `group` must have no members.
   */
  mark(
    identity: ProducerIdentity,
    group: string,
    at: TopicPartition & { readonly offset: number },
    options?: CallOptions,
  ): Promise<void>;
  /**
   * Version of EndTxn that this cluster takes: 5 moves the epoch on with each end, so that a late repetition cannot hit
   * the next transaction. Belongs into the checkpoint beside the identity: `end` must be repeated with the same.
   */
  endVersion(options?: CallOptions): Promise<EndVersion>;
  /** Repeatable, also by another process after a crash; needs no `init`. */
  end(
    identity: ProducerIdentity,
    how: "commit" | "abort",
    version: EndVersion,
    options?: CallOptions,
  ): Promise<EndedTransaction>;
  describe(transactionalIds: readonly string[], options?: CallOptions): Promise<readonly TransactionDescription[]>;
  /** Of all brokers; with `states` only those. */
  list(states?: readonly TransactionState[], options?: CallOptions): Promise<readonly ListedTransaction[]>;
}

export type EndVersion = 1 | 5;

export interface LeaseOptions extends CallOptions {
  /** Who asks, stable over restarts of the same run: the same owner takes over at once, another one is refused. */
  readonly owner: string;
  /** For the message of whoever is refused: job, host, process. */
  readonly holderText: string;
  /** A holder that is silent for so long has lost the lease; default 10 s (brokers take 6 s to 30 min). */
  readonly sessionTimeoutMillis?: number | undefined;
  /** Called once when the lease is lost: taken over, or the broker has not heard of us in time. */
  onLost(error: Error): void;
}

/** Exclusive use of a name among all clients of the cluster, held by heartbeats. */
export interface Lease {
  readonly name: string;
  readonly held: boolean;
  release(): Promise<void>;
}

export interface NewTopic {
  readonly topic: string;
  readonly partitions: number;
  /** Default: the broker's. */
  readonly replicationFactor?: number | undefined;
  readonly config?: Readonly<Record<string, string>> | undefined;
}

/** For tests and demos; pipelines create no topics. */
export interface Admin {
  createTopics(topics: readonly NewTopic[], options?: CallOptions): Promise<void>;
  deleteTopics(topics: readonly string[], options?: CallOptions): Promise<void>;
  /** Raises the number of partitions to `count`. */
  createPartitions(topic: string, count: number, options?: CallOptions): Promise<void>;
  /** Removes what lies before the offset, as retention does. */
  deleteRecords(partition: TopicPartition, beforeOffset: number, options?: CallOptions): Promise<void>;
}

export interface KafkaClient {
  /** `bootstrap.servers`, for messages. */
  readonly bootstrap: string;

  /** All topics that this user may see; for patterns and suggestions. */
  topics(options?: CallOptions): Promise<readonly TopicDescription[]>;
  /** Those of the topics that exist. */
  describeTopics(topics: readonly string[], options?: CallOptions): Promise<readonly TopicDescription[]>;
  /** A topic to write to, which brokers with `auto.create.topics.enable` make now; undefined: they do not. */
  topicToWrite(topic: string, options?: CallOptions): Promise<TopicDescription | undefined>;

  /**
   * `latest` with read_committed is the last stable offset. A timestamp gives the first offset at or after it, and
   * the end where there is none.
   */
  offsets(
    partitions: readonly TopicPartition[],
    at: OffsetSpec,
    isolation: Isolation,
    options?: CallOptions,
  ): Promise<readonly number[]>;
  /** Stable ones: waits for open transactions that carry offsets of the group. Undefined: none. */
  committed(
    group: string,
    partitions: readonly TopicPartition[],
    options?: CallOptions,
  ): Promise<readonly (CommittedOffset | undefined)[]>;
  /** Without membership. Throws ILLEGAL_GENERATION or UNKNOWN_MEMBER_ID when real consumers are in the group. */
  commit(
    group: string,
    offsets: readonly (TopicPartition & { readonly offset: number; readonly metadata?: string | undefined })[],
    options?: CallOptions,
  ): Promise<void>;

  fetcher(options: FetcherOptions): Fetcher;

  /**
   * Writes finished batches, one request per leader. At most one call at a time per partition, as the order of batches
   * with sequence numbers must be kept. Retriable errors are repeated inside; others come back per batch.
   */
  produce(batches: readonly ProduceBatch[], options?: ProduceOptions): Promise<readonly Produced[]>;
  readonly transactions: Transactions;

  /** Values by name; absent ones were not known to the broker. */
  brokerConfig(names: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, string>>;
  topicConfig(topic: string, names: readonly string[], options?: CallOptions): Promise<ReadonlyMap<string, string>>;

  lease(name: string, options: LeaseOptions): Promise<Lease>;

  readonly admin: Admin;
  /** Calls under way fail. */
  close(): Promise<void>;
}

export interface ConnectOptions extends CallOptions {
  /** Base of relative paths of certificates. */
  readonly baseDirectory?: string | undefined;
  /** What the connections tell, for debugging. Nothing secret is in it. */
  log?(level: "error" | "warn" | "info" | "debug", message: string): void;
}
