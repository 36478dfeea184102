import { faultPoint } from "../../base/fault-point.ts";
import type { Json } from "../../base/json.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Prepared, SinkWriter } from "../api.ts";
import type { KafkaClient, ProducerIdentity } from "./client/api.ts";
import type { Partitioner } from "./partitioner.ts";
import type { ProduceQueue } from "./produce-queue.ts";
import type { RecordWriter } from "./record-writer.ts";
import { prepareTransaction, type TransactionMarks } from "./transaction-marks.ts";
import type { TransactionPool } from "./transaction-pool.ts";
import { UpsertBuffer, type BufferOptions } from "./upsert-buffer.ts";

export interface WriterParts {
  readonly client: KafkaClient;
  readonly records: RecordWriter;
  readonly queue: ProduceQueue;
  readonly partitioner: Partitioner;
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

/** Writes rows into the partitions of a topic: in the transaction of the checkpoint to come, or as they come. */
export class KafkaWriter implements SinkWriter {
  readonly #parts: WriterParts;
  #identity: ProducerIdentity | undefined;
  readonly #buffer: UpsertBuffer | undefined;
  #ends = new Int32Array(4096);

  /** `identity`: of the first transaction, or of an idempotent producer. */
  constructor(parts: WriterParts, identity: ProducerIdentity | undefined) {
    this.#parts = parts;
    this.#identity = identity;
    parts.queue.begin(identity);
    const { buffer, partitioner, queue } = parts;
    if (buffer !== undefined) {
      this.#buffer = new UpsertBuffer(buffer, (timestamp, key, value) => {
        queue.add(
          partitioner.partition(key, (index) => queue.filled(index)),
          timestamp,
          key,
          value,
          null,
        );
      });
    }
  }

  write(batch: RecordBatch): void | Promise<void> {
    const { records, queue } = this.#parts;
    records.begin(batch);
    if (records.isPlain && this.#writePlain(batch.rowCount)) return queue.pressure();
    records.begin(batch);
    this.#writeRows(batch.rowCount);
    return queue.pressure();
  }

  async prepareCommit(checkpointId: number): Promise<Prepared> {
    const { queue, transactions, waits } = this.#parts;
    this.#buffer?.flush();
    if (transactions === undefined) {
      if (waits) await queue.flush();
      return { committables: [], state: null };
    }
    this.#parts.check();
    await queue.flush();
    faultPoint("kafka.flushed");
    const identity = this.#identity;
    const touched = queue.touched;
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
    queue.begin(this.#identity);
    faultPoint("kafka.prepared");
    return { committables: [committable as unknown as Json], state: null };
  }

  committed(checkpointId: number): void {
    this.#parts.transactions?.pool.committed(checkpointId);
  }

  async close(aborted: boolean): Promise<void> {
    const { queue, client, transactions, waits } = this.#parts;
    try {
      if (!aborted && transactions === undefined) this.#buffer?.flush();
      this.#buffer?.close();
      if (!aborted && waits && transactions === undefined) await queue.flush();
      queue.close();
      if (transactions !== undefined && this.#identity !== undefined && queue.touched.length > 0) {
        // Nobody will commit what came after the last checkpoint; readers need not wait for its timeout.
        await client.transactions
          .end(this.#identity, "abort", await client.transactions.endVersion())
          .catch(() => undefined);
      }
    } finally {
      await client.close();
    }
  }

  /** False: a value is NULL, so that the records have to be written one by one. */
  #writePlain(rowCount: number): boolean {
    const { records, queue, partitioner } = this.#parts;
    if (this.#ends.length < rowCount) this.#ends = new Int32Array(rowCount);
    if (!records.value.rows(rowCount, this.#ends)) return false;
    const partition = partitioner.sticky((index) => queue.filled(index));
    queue.addMany(partition, records.value.bytes, this.#ends, rowCount, this.#parts.nowMillis());
    return true;
  }

  #writeRows(rowCount: number): void {
    const { records, queue, partitioner } = this.#parts;
    const filled = (index: number): number => queue.filled(index);
    const now = this.#parts.nowMillis();
    for (let row = 0; row < rowCount; row++) {
      records.row(row);
      if (this.#buffer !== undefined) {
        this.#buffer.put(records.timestamp(row, now), records.key!, records.value);
        continue;
      }
      const partition = partitioner.partition(records.key, filled);
      const headers = records.hasHeaders ? records.headers : null;
      queue.add(partition, records.timestamp(row, now), records.key, records.value, headers);
    }
  }
}
