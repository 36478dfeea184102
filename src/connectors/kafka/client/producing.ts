import type { Produced, ProduceBatch, ProduceOptions } from "./api.ts";
import { partitionKey, partitionText, type Attempt, type KafkaCluster } from "./cluster.ts";
import { kafkaErrorName, repetitionAfter, type KafkaErrorName } from "./error-codes.ts";
import { answered, type KafkaError } from "./errors.ts";
import { produce, type ProducedPartition } from "./protocol/produce.ts";

/**
 * Writes batches to their leaders. What a broker took is not sent again; what it could not take yet is, until the
 * deadline. A batch that was written though its answer was lost is recognised by its sequence number.
 */
export async function produceBatches(
  cluster: KafkaCluster,
  batches: readonly ProduceBatch[],
  options: ProduceOptions,
): Promise<readonly Produced[]> {
  const done = new Map<string, Produced>();
  const deadlineMillis = options.deadlineMillis ?? cluster.settings.deliveryTimeoutMillis;
  const call = { ...options, deadlineMillis };
  await cluster.call(
    `writing to ${batches.length === 1 ? textOf(batches) : `${batches.length} partitions`}`,
    call,
    (attempt) =>
      produceOnce(
        cluster,
        batches.filter((batch) => !done.has(partitionKey(batch))),
        options,
        done,
        attempt,
      ),
  );
  return batches.map((batch) => done.get(partitionKey(batch)) ?? NOT_SAID);
}

const NOT_SAID: Produced = { baseOffset: -1, error: undefined, message: undefined };

async function produceOnce(
  cluster: KafkaCluster,
  batches: readonly ProduceBatch[],
  options: ProduceOptions,
  done: Map<string, Produced>,
  attempt: Attempt,
): Promise<void> {
  const leaders = await cluster.leadersOf(batches, attempt);
  const byLeader = new Map<number, ProduceBatch[]>();
  batches.forEach((batch, i) => {
    const leader = leaders[i] ?? -1;
    byLeader.set(leader, [...(byLeader.get(leader) ?? []), batch]);
  });
  // Every answer counts, also when one of the brokers is gone: hence settled, and the first failure afterwards.
  const settled = await Promise.allSettled(
    [...byLeader].map(([leader, group]) => produceTo(cluster, leader, group, options, done, attempt)),
  );
  for (const each of settled) if (each.status === "rejected") throw each.reason;
}

async function produceTo(
  cluster: KafkaCluster,
  leader: number,
  batches: readonly ProduceBatch[],
  options: ProduceOptions,
  done: Map<string, Produced>,
  attempt: Attempt,
): Promise<void> {
  const request = {
    transactionalId: options.transactionalId,
    acks: ACKS[options.acks ?? "all"],
    timeoutMillis: Math.ceil(attempt.timeoutMillis),
    batches,
  };
  const answer = await cluster.send(leader, produce, request, attempt);
  let retriable: KafkaError | undefined;
  for (const each of answer.partitions) {
    const error = kafkaErrorName(each.error);
    if (error !== undefined && repetitionAfter(error) !== undefined) {
      retriable ??= answered(error, `a write to ${partitionText(each)}`, each.message);
    } else {
      done.set(partitionKey(each), producedOf(each, error));
    }
  }
  if (retriable !== undefined) throw retriable;
}

const ACKS = { all: -1, leader: 1, none: 0 } as const;

function producedOf({ baseOffset, message }: ProducedPartition, error: KafkaErrorName | undefined): Produced {
  // The broker has it from an attempt whose answer was lost.
  if (error === "DUPLICATE_SEQUENCE_NUMBER") return { baseOffset: -1, error: undefined, message: undefined };
  return { baseOffset, error, message };
}

function textOf([batch]: readonly ProduceBatch[]): string {
  return batch === undefined ? "no partition" : partitionText(batch);
}
