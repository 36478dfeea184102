import type { Fetcher, FetchedPartition, FetcherOptions, TopicPartition } from "./api.ts";
import { wholeBatches } from "./batch-ranges.ts";
import { partitionKey, type KafkaCluster } from "./cluster.ts";
import { kafkaErrorName, repetitionAfter, type KafkaErrorName } from "./error-codes.ts";
import { KafkaError, throwOnCode } from "./errors.ts";
import { fetch, type FetchAnswer, type FetchedRange } from "./protocol/fetch.ts";

interface Assigned extends TopicPartition {
  /** First offset that was not delivered. */
  offset: number;
  paused: boolean;
  /** Until `assign`: the caller was told of an error. */
  failed: boolean;
  endOffset: number | undefined;
  /** Since when only errors come that may pass. */
  failingSinceMillis: number | undefined;
}

/** How long the first request after an assignment waits at most: another assignment, or a short topic's end, may follow. */
const FIRST_WAIT_MILLIS = 50;

interface Delivery {
  readonly node: number;
  /** With the assignment that asked for it. */
  readonly partitions: readonly (readonly [Assigned, FetchedPartition])[];
}

/**
 * One request in flight per leader, and at most one answer of it waiting: the next one is asked for when the caller
 * takes that answer, so that the broker works while the caller does, and memory is bounded by two answers.
 */
export class PartitionFetcher implements Fetcher {
  private readonly cluster: KafkaCluster;
  private readonly options: FetcherOptions;
  private readonly lane: string;
  private readonly assigned = new Map<string, Assigned>();
  /** Leaders with a request in flight, or resting after a failure. */
  private readonly busy = new Set<number>();
  private readonly ready: Delivery[] = [];
  private readonly closing = new AbortController();
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Of answers that were handed out: those of their partitions that are still read. */
  private readonly readers = new WeakMap<Uint8Array, Set<FetchedPartition>>();
  private waiting: { resolve(answer: readonly FetchedPartition[]): void; reject(error: unknown): void } | undefined;
  private failure: unknown;
  private pumping = false;
  private refreshing = false;
  private failingSinceMillis: number | undefined;
  private backoffMillis: number;
  /** Doubles while nothing comes, so that an idle reader asks rarely. */
  private waitMillis = FIRST_WAIT_MILLIS;

  constructor(cluster: KafkaCluster, options: FetcherOptions, lane: string) {
    this.cluster = cluster;
    this.options = options;
    this.lane = lane;
    this.backoffMillis = cluster.settings.retry.backoffMillis;
  }

  assign({ topic, partition }: TopicPartition, offset: number): void {
    const fresh = { topic, partition, offset, paused: false, failed: false };
    this.assigned.set(partitionKey(fresh), { ...fresh, endOffset: undefined, failingSinceMillis: undefined });
    this.waitMillis = FIRST_WAIT_MILLIS;
    this.pumpSoon();
  }

  unassign(partition: TopicPartition): void {
    this.assigned.delete(partitionKey(partition));
  }

  pause(partition: TopicPartition): void {
    const assigned = this.assigned.get(partitionKey(partition));
    if (assigned !== undefined) assigned.paused = true;
  }

  resume(partition: TopicPartition): void {
    const assigned = this.assigned.get(partitionKey(partition));
    if (assigned === undefined || !assigned.paused) return;
    assigned.paused = false;
    this.waitMillis = FIRST_WAIT_MILLIS;
    this.pumpSoon();
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.assigned.get(partitionKey(partition))?.endOffset;
  }

  poll(): readonly FetchedPartition[] | undefined {
    if (this.failure !== undefined) throw this.failure;
    const delivery = this.ready.shift();
    if (delivery === undefined) return undefined;
    this.pumpSoon();
    // What was taken away, or assigned anew, while the answer waited.
    const current = delivery.partitions.filter(([asker]) => this.assigned.get(partitionKey(asker)) === asker);
    if (current.length < delivery.partitions.length) {
      for (const each of delivery.partitions) if (!current.includes(each)) this.release(each[1]);
    }
    return current.map(([, fetched]) => fetched);
  }

  release(fetched: FetchedPartition): void {
    const { data } = fetched.records;
    const readers = this.readers.get(data);
    if (readers?.delete(fetched) === true && readers.size === 0) this.cluster.buffers.give(data.buffer);
  }

  next(): Promise<readonly FetchedPartition[]> {
    try {
      const answer = this.poll();
      if (answer !== undefined) return Promise.resolve(answer);
    } catch (error) {
      return Promise.reject(error);
    }
    if (this.closing.signal.aborted) return Promise.reject(this.closing.signal.reason);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
    });
  }

  close(): void {
    if (this.closing.signal.aborted) return;
    const error = new KafkaError("CLOSED", "the Kafka fetcher was closed");
    this.closing.abort(error);
    for (const timer of this.timers) clearTimeout(timer);
    this.waiting?.reject(error);
    this.waiting = undefined;
    this.cluster.closeLane(this.lane, error);
  }

  /** After the caller's present turn, so that many assignments make one request. */
  private pumpSoon(): void {
    if (this.pumping) return;
    this.pumping = true;
    queueMicrotask(() => {
      this.pumping = false;
      if (!this.closing.signal.aborted && this.failure === undefined) this.pump();
    });
  }

  private pump(): void {
    const groups = new Map<number, Assigned[]>();
    const leaderless = new Set<string>();
    for (const each of this.assigned.values()) {
      if (each.paused || each.failed) continue;
      const leader = this.cluster.leaderIfKnown(each);
      if (leader === undefined) leaderless.add(each.topic);
      else if (!this.busy.has(leader)) groups.set(leader, [...(groups.get(leader) ?? []), each]);
    }
    if (leaderless.size > 0) void this.findLeaders([...leaderless]);
    for (const [leader, group] of groups) {
      if (!this.ready.some(({ node }) => node === leader)) void this.fetchFrom(leader, group);
    }
  }

  private async findLeaders(topics: readonly string[]): Promise<void> {
    if (this.refreshing) return;
    this.refreshing = true;
    try {
      await this.cluster.findLeaders(topics, this.attempt());
    } catch (error) {
      this.suffer(error);
    }
    if (this.leaderless().length === 0) {
      this.refreshing = false;
    } else {
      // A topic that is gone, or a partition without a leader at present: the others go on meanwhile.
      this.later(() => {
        this.refreshing = false;
        this.settleLeaderless();
      });
    }
    this.pumpSoon();
  }

  private leaderless(): Assigned[] {
    return [...this.assigned.values()].filter(
      (each) => !each.failed && !each.paused && this.cluster.leaderIfKnown(each) === undefined,
    );
  }

  /** Partitions that nobody leads for too long become the caller's problem. */
  private settleLeaderless(): void {
    const lost: [Assigned, FetchedPartition][] = [];
    for (const each of this.leaderless()) {
      const error = this.cluster.topicError(each.topic) ?? "LEADER_NOT_AVAILABLE";
      if (!this.mayPass(each, error)) lost.push([each, this.fail(each, error, NO_RANGE)]);
    }
    if (lost.length > 0) this.deliver(NOBODY, lost);
    this.pumpSoon();
  }

  private async fetchFrom(node: number, group: readonly Assigned[]): Promise<void> {
    this.busy.add(node);
    const { settings } = this.cluster;
    const maxBytes = this.options.maxPartitionBytes ?? settings.fetch.maxPartitionBytes;
    const longestMillis = this.options.maxWaitMillis ?? settings.fetch.maxWaitMillis;
    const maxWaitMillis = Math.min(this.waitMillis, longestMillis);
    this.waitMillis = Math.max(FIRST_WAIT_MILLIS, Math.min(2 * this.waitMillis, longestMillis));
    const call = {
      partitions: group.map(({ topic, partition, offset }) => ({ topic, partition, offset, maxBytes })),
      isolation: this.options.isolation,
      maxWaitMillis,
      minBytes: this.options.minBytes ?? settings.fetch.minBytes,
      maxBytes: this.options.maxBytes ?? settings.fetch.maxBytes,
    };
    const asked = new Map(group.map((each) => [partitionKey(each), { assigned: each, offset: each.offset }]));
    try {
      const timeoutMillis = settings.requestTimeoutMillis + maxWaitMillis;
      const options = { ...this.attempt(), timeoutMillis, lane: this.lane };
      const answer = await this.cluster.send(node, fetch, call, options);
      throwOnCode(answer.error, "a fetch");
      this.failingSinceMillis = undefined;
      const rest = this.accept(node, answer, asked);
      this.busy.delete(node);
      if (rest) this.rest(node);
      else this.pumpSoon();
    } catch (error) {
      this.rest(node);
      this.suffer(error);
    }
  }

  /** Takes an answer in; true: something in it failed that may pass, so a pause is due. */
  private accept(
    node: number,
    answer: FetchAnswer,
    asked: ReadonlyMap<string, { readonly assigned: Assigned; readonly offset: number }>,
  ): boolean {
    const partitions: [Assigned, FetchedPartition][] = [];
    let pause = false;
    for (const range of answer.partitions) {
      const key = partitionKey(range);
      const question = asked.get(key);
      // Assigned anew or taken away meanwhile: nobody waits for this.
      if (question === undefined || this.assigned.get(key) !== question.assigned) continue;
      const { assigned } = question;
      const error = kafkaErrorName(range.error);
      if (error !== undefined) {
        if (this.mayPass(assigned, error)) pause = true;
        else partitions.push([assigned, this.fail(assigned, error, range)]);
        continue;
      }
      assigned.failingSinceMillis = undefined;
      assigned.endOffset = this.options.isolation === "read_committed" ? range.lastStableOffset : range.highWatermark;
      const whole = wholeBatches(answer.data, range.start, range.end, question.offset);
      if (whole.end === range.start) continue;
      assigned.offset = whole.nextOffset;
      const records = { data: answer.data, start: range.start, end: whole.end };
      const { offset } = question;
      const { nextOffset } = whole;
      partitions.push([assigned, { ...factsOf(range), error: undefined, offset, nextOffset, records }]);
    }
    if (!pause) this.backoffMillis = this.cluster.settings.retry.backoffMillis;
    const readers = partitions.map(([, fetched]) => fetched).filter(({ records }) => records.data === answer.data);
    if (readers.length > 0) this.readers.set(answer.data, new Set(readers));
    else this.cluster.buffers.give(answer.data.buffer);
    this.deliver(node, partitions);
    return pause;
  }

  private deliver(node: number, partitions: Delivery["partitions"]): void {
    if (partitions.length > 0) this.ready.push({ node, partitions });
    const { waiting } = this;
    if (waiting === undefined) return;
    this.waiting = undefined;
    waiting.resolve(this.poll() ?? []);
  }

  private mayPass(assigned: Assigned, error: KafkaErrorName): boolean {
    const repetition = repetitionAfter(error);
    if (repetition === undefined) return false;
    this.cluster.forget(repetition);
    return !this.isLost(assigned);
  }

  private isLost(assigned: Assigned): boolean {
    assigned.failingSinceMillis ??= performance.now();
    return performance.now() - assigned.failingSinceMillis > this.cluster.settings.apiTimeoutMillis;
  }

  private fail(
    assigned: Assigned,
    error: KafkaErrorName,
    range: Omit<FetchedRange, "topic" | "partition">,
  ): FetchedPartition {
    assigned.failed = true;
    const { topic, partition, offset } = assigned;
    const nothing = { data: NO_BYTES, start: 0, end: 0 };
    return { ...factsOf({ ...range, topic, partition }), error, offset, nextOffset: offset, records: nothing };
  }

  /** A whole request failed: again later, unless that has been going on for too long, or cannot help. */
  private suffer(error: unknown): void {
    if (this.closing.signal.aborted) return;
    this.failingSinceMillis ??= performance.now();
    const tooLong = performance.now() - this.failingSinceMillis > this.cluster.settings.apiTimeoutMillis;
    if (error instanceof KafkaError && error.repetition !== undefined && !tooLong) {
      this.cluster.forget(error.repetition);
      return;
    }
    this.failure = error;
    this.waiting?.reject(error);
    this.waiting = undefined;
  }

  private rest(node: number): void {
    this.busy.add(node);
    this.later(() => {
      this.busy.delete(node);
      this.pumpSoon();
    });
  }

  private later(run: () => void): void {
    if (this.closing.signal.aborted) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      run();
    }, this.backoffMillis);
    this.timers.add(timer);
    this.backoffMillis = Math.min(this.backoffMillis * 2, this.cluster.settings.retry.maxBackoffMillis);
  }

  private attempt(): { signal: AbortSignal; timeoutMillis: number } {
    return { signal: this.closing.signal, timeoutMillis: this.cluster.settings.requestTimeoutMillis };
  }
}

/** Leader of partitions that have none. */
const NOBODY = -1;
const NO_BYTES = new Uint8Array(0);
const NO_RANGE = {
  error: 0,
  highWatermark: -1,
  lastStableOffset: -1,
  logStartOffset: -1,
  aborted: [],
  start: 0,
  end: 0,
};

function factsOf(range: FetchedRange): Omit<FetchedPartition, "error" | "offset" | "nextOffset" | "records"> {
  const { topic, partition, highWatermark, lastStableOffset, logStartOffset, aborted } = range;
  return { topic, partition, highWatermark, lastStableOffset, logStartOffset, aborted };
}
