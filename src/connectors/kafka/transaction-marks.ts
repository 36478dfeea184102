import { setTimeout as sleep } from "node:timers/promises";
import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import type { EndVersion, KafkaClient, ProducerIdentity, TopicPartition } from "./client/api.ts";
import { isGone, type KafkaErrorName } from "./client/error-codes.ts";
import { KafkaError } from "./client/errors.ts";

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
  try {
    await client.transactions.mark(identity, group, { ...partition, offset: checkpointId });
  } catch (error) {
    throw asLostBeforeCheckpoint(error, identity);
  }
  return { identity, endVersion, group, partition, checkpointId };
}

/** A prepared transaction that the broker does not know any more: it was committed before, or it is lost. */
export interface GoneTransaction {
  readonly transaction: PreparedTransaction;
  readonly error: KafkaErrorName;
}

/** Commits a prepared transaction, however often it is asked to; answers its id. */
export async function commitTransaction(client: KafkaClient, committable: Json): Promise<string | GoneTransaction> {
  const transaction = committable as unknown as PreparedTransaction;
  const { identity, endVersion } = transaction;
  const ended = await client.transactions.end(identity, "commit", endVersion);
  return ended.outcome === "done" ? (identity.transactionalId ?? "") : { transaction, error: ended.error };
}

/** Whether its mark, or that of a later one of its run, was committed. Waits for open transactions that have marks of the run. */
export async function isMarked(
  client: KafkaClient,
  { group, partition, checkpointId }: PreparedTransaction,
): Promise<boolean> {
  const [mark] = await client.committed(group, [partition]);
  return mark !== undefined && mark.offset >= checkpointId;
}

export function lossOf(table: string, { transaction, error }: GoneTransaction): SqlError {
  const { identity, checkpointId, partition } = transaction;
  return new SqlError(
    "CONNECTOR_UNAVAILABLE",
    `table '${table}': data loss: the transaction '${identity.transactionalId}' of checkpoint ${checkpointId} is gone without having been committed (${error}): it timed out while the job was away, or another job uses its id; its rows are not in topic '${partition.topic}'`,
    {
      retryable: false,
      hint: `start from an older checkpoint (--from), which writes these rows again, or go on without them with 'sink.restore.lost-transactions' = 'ignore'; 'properties.transaction.timeout.ms' says how long a job may be away`,
    },
  );
}

const VISIBLE_MILLIS = 5000;
const LOOK_MILLIS = 5;

/**
 * Waits until readers see what was committed: the broker writes the ends of a transaction into its partitions only after
 * it has answered. Gives up silently: the commit stands.
 */
export async function untilVisible(client: KafkaClient, transactionalIds: readonly string[]): Promise<void> {
  if (transactionalIds.length === 0) return;
  const deadline = performance.now() + VISIBLE_MILLIS;
  try {
    for (;;) {
      const deadlineMillis = Math.max(1, deadline - performance.now());
      const found = await client.transactions.describe(transactionalIds, { deadlineMillis });
      if (found.every(({ state }) => state !== "PrepareCommit") || performance.now() > deadline) return;
      await sleep(LOOK_MILLIS);
    }
  } catch {
    // A broker that is away, or that does not tell.
  }
}

/** The broker has ended a transaction before it was prepared: nothing is lost when the job goes on from its checkpoint. */
export function asLostBeforeCheckpoint(error: unknown, { transactionalId = "" }: ProducerIdentity): unknown {
  if (!(error instanceof KafkaError) || !isGone(error.fault)) return error;
  return new SqlError(
    "CONNECTOR_UNAVAILABLE",
    `the transaction '${transactionalId}' was ended by the broker before its checkpoint (${error.fault}): its rows are written again from the last one`,
    {
      retryable: true,
      cause: error,
      hint: "'properties.transaction.timeout.ms' has to be longer than the interval between checkpoints and what a checkpoint takes; or another job uses the same 'sink.transactional-id-prefix'",
    },
  );
}
