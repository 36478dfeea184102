import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { EndVersion, KafkaClient, ProducerIdentity, TopicPartition } from "./client/api.ts";

/** Where the marks of a writer's transactions are. */
export interface TransactionMarks {
  /** Consumer group that holds them; no consumer is in it. */
  readonly group: string;
  readonly endVersion: EndVersion;
}

/**
 * A transaction that waits for its checkpoint, as the checkpoint holds it. The mark is a group offset that is committed
 * with the transaction: it says afterwards whether the transaction was, where the broker's answer no longer does.
 */
export interface PreparedTransaction {
  readonly identity: ProducerIdentity;
  readonly endVersion: EndVersion;
  readonly group: string;
  readonly partition: TopicPartition;
  readonly checkpointId: number;
}

/** Puts the mark into the transaction, which is then complete. */
export async function prepareTransaction(
  client: KafkaClient,
  identity: ProducerIdentity,
  partitions: readonly TopicPartition[],
  checkpointId: number,
  { group, endVersion }: TransactionMarks,
): Promise<PreparedTransaction> {
  const partition = partitions[0]!;
  await client.transactions.mark(identity, group, { ...partition, offset: checkpointId });
  return { identity, endVersion, group, partition, checkpointId };
}

/**
 * Commits a prepared transaction, however often it is asked to. Throws when the transaction is gone without having been
 * committed: its rows are lost.
 */
export async function commitTransaction(client: KafkaClient, table: string, committable: Json): Promise<void> {
  const { identity, endVersion, group, partition, checkpointId } = committable as unknown as PreparedTransaction;
  const ended = await client.transactions.end(identity, "commit", endVersion);
  if (ended.outcome === "done") return;
  const [mark] = await client.committed(group, [partition]);
  if (mark !== undefined && mark.offset >= checkpointId) return;
  throw new SqlError(
    "CONNECTOR_UNAVAILABLE",
    `table '${table}': data loss: the transaction '${identity.transactionalId}' of checkpoint ${checkpointId} is gone without having been committed (${ended.error}): it timed out while the job was away, or another job uses its id; its rows are not in topic '${partition.topic}'`,
    {
      retryable: false,
      hint: `start from the checkpoint before (--from), which writes these rows again; 'properties.transaction.timeout.ms' says how long a job may be away`,
    },
  );
}
