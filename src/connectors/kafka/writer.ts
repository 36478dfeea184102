import { faultPoint } from "../../base/fault-point.ts";
import type { Json } from "../../base/json.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Prepared, SinkWriter } from "../api.ts";
import type { KafkaClient, ProducerIdentity } from "./client/api.ts";
import type { Piece } from "./produce-queue.ts";
import type { RecordWriter } from "./record-writer.ts";
import type { HeaderWriter } from "./records/header-writer.ts";
import type { Target, TopicRule, TopicTargets } from "./topic-targets.ts";
import { prepareTransaction, type TransactionMarks } from "./transaction-marks.ts";
import type { TransactionPool } from "./transaction-pool.ts";
import { UpsertBuffer, type BufferOptions } from "./upsert-buffer.ts";

export interface WriterParts {
  readonly client: KafkaClient;
  readonly records: RecordWriter;
  readonly targets: TopicTargets;
  /** The topic of all rows; undefined: each row names its own, which `topics` allows. */
  readonly only: Target | undefined;
  readonly topics: TopicRule;
  /** Undefined: no transactions. */
  readonly transactions: { readonly pool: TransactionPool; readonly marks: TransactionMarks } | undefined;
  /** Undefined: records go out as they come. */
  readonly buffer: BufferOptions | undefined;
  /** False: nothing is waited for (`none`). */
  readonly waits: boolean;
  nowMillis(): number;
  /** Throws when the lease of the transactions' prefix was lost. */
  check(): void;
}

/** Writes rows into the partitions of their topic: in the transaction of the checkpoint to come, or as they come. */
export class KafkaWriter implements SinkWriter {
  readonly #parts: WriterParts;
  #identity: ProducerIdentity | undefined;
  readonly #buffer: UpsertBuffer | undefined;
  #ends = new Int32Array(4096);

  /** `identity`: of the first transaction, or of an idempotent producer. */
  constructor(parts: WriterParts, identity: ProducerIdentity | undefined) {
    this.#parts = parts;
    this.#identity = identity;
    parts.targets.begin(identity);
    const { buffer, only } = parts;
    if (buffer !== undefined && only !== undefined) {
      this.#buffer = new UpsertBuffer(buffer, (timestamp, key, value) => {
        add(only, timestamp, key, value, null);
      });
    }
  }

  write(batch: RecordBatch): void | Promise<void> {
    const { records, targets, only } = this.#parts;
    records.begin(batch);
    if (only === undefined) return this.#writeToTopics(batch);
    if (records.isPlain && this.#writePlain(only, batch.rowCount)) return targets.pressure();
    records.begin(batch);
    this.#writeRows(batch.rowCount, () => only);
    return targets.pressure();
  }

  async prepareCommit(checkpointId: number): Promise<Prepared> {
    const { targets, transactions, waits } = this.#parts;
    this.#buffer?.flush();
    if (transactions === undefined) {
      if (waits) await targets.flush();
      return { committables: [], state: null };
    }
    this.#parts.check();
    await targets.flush();
    faultPoint("kafka.flushed");
    const identity = this.#identity;
    const { touched } = targets;
    if (identity === undefined || touched.length === 0) return { committables: [], state: null };
    const committable = await prepareTransaction(
      this.#parts.client,
      identity,
      touched,
      checkpointId,
      transactions.marks,
    );
    faultPoint("kafka.marked");
    transactions.pool.prepared(checkpointId);
    this.#identity = await transactions.pool.take();
    targets.begin(this.#identity);
    faultPoint("kafka.prepared");
    return { committables: [committable as unknown as Json], state: null };
  }

  committed(checkpointId: number): void {
    this.#parts.transactions?.pool.committed(checkpointId);
  }

  async close(aborted: boolean): Promise<void> {
    const { targets, client, transactions, waits } = this.#parts;
    try {
      if (!aborted && transactions === undefined) this.#buffer?.flush();
      this.#buffer?.close();
      if (!aborted && waits && transactions === undefined) await targets.flush();
      targets.close();
      if (transactions !== undefined && this.#identity !== undefined && targets.touched.length > 0) {
        // Nobody will commit what came after the last checkpoint; readers need not wait for its timeout.
        await client.transactions
          .end(this.#identity, "abort", await client.transactions.endVersion())
          .catch(() => undefined);
      }
    } finally {
      await client.close();
    }
  }

  /** Rows that name their topics; those that are new are opened first. */
  async #writeToTopics({ rowCount }: RecordBatch): Promise<void> {
    const { records, targets, topics } = this.#parts;
    const chosen: Target[] = [];
    for (let row = 0; row < rowCount; row++) {
      const topic = records.topic(row);
      // What is open was checked.
      chosen.push(targets.get(topic) ?? (await targets.add(topics.check(topic))));
    }
    this.#writeRows(rowCount, (row) => chosen[row]!);
    await targets.pressure();
  }

  /** False: a value is NULL, so that the records have to be written one by one. */
  #writePlain({ queue, partitioner }: Target, rowCount: number): boolean {
    const { records } = this.#parts;
    if (this.#ends.length < rowCount) this.#ends = new Int32Array(rowCount);
    if (!records.value.rows(rowCount, this.#ends)) return false;
    const partition = partitioner.sticky((index) => queue.filled(index));
    queue.addMany(partition, records.value.bytes, this.#ends, rowCount, this.#parts.nowMillis());
    return true;
  }

  #writeRows(rowCount: number, targetOf: (row: number) => Target): void {
    const { records } = this.#parts;
    const now = this.#parts.nowMillis();
    for (let row = 0; row < rowCount; row++) {
      records.row(row);
      if (this.#buffer !== undefined) {
        this.#buffer.put(records.timestamp(row, now), records.key!, records.value);
        continue;
      }
      const headers = records.hasHeaders ? records.headers : null;
      add(targetOf(row), records.timestamp(row, now), records.key, records.value, headers);
    }
  }
}

function add(
  { queue, partitioner }: Target,
  timestampMillis: number,
  key: Piece | undefined,
  value: Piece,
  headers: HeaderWriter | null,
): void {
  const partition = partitioner.partition(key, (index) => queue.filled(index));
  queue.add(partition, timestampMillis, key, value, headers);
}
