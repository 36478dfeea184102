import type {
  CallOptions,
  EndedTransaction,
  EndVersion,
  ListedTransaction,
  ProducerIdentity,
  TransactionDescription,
  Transactions,
  TransactionState,
} from "./api.ts";
import { throwOnPartition, type KafkaCluster } from "./cluster.ts";
import { isGone, kafkaErrorName } from "./error-codes.ts";
import { answered, KafkaError, throwOnCode } from "./errors.ts";
import {
  addOffsetsToTxn,
  addPartitionsToTxn,
  describeTransactions,
  endTxn,
  initProducerId,
  listTransactions,
  txnOffsetCommit,
  type TransactionalIdentity,
} from "./protocol/transactions.ts";

/** Transactions by their requests: who calls keeps the identities, nothing is remembered here. */
export function transactionCalls(cluster: KafkaCluster): Transactions {
  return {
    init: (transactionalId, timeoutMillis, options) => init(cluster, transactionalId, timeoutMillis, options),
    add(identity, partitions, options) {
      const known = transactional(identity);
      const what = `adding partitions to the transaction of '${known.transactionalId}'`;
      return cluster.call(what, options, async (attempt) => {
        const node = await cluster.coordinator("transaction", known.transactionalId, attempt);
        const answer = await cluster.send(node, addPartitionsToTxn, { identity: known, partitions }, attempt);
        // One refusal makes the others OPERATION_NOT_ATTEMPTED: it is the refusal that says why.
        const ownErrors = answer.partitions.filter(({ error }) => kafkaErrorName(error) !== "OPERATION_NOT_ATTEMPTED");
        throwOnPartition(ownErrors, what);
        throwOnPartition(answer.partitions, what);
      });
    },
    async mark(identity, group, at, options) {
      const known = transactional(identity);
      const what = `marking the transaction of '${known.transactionalId}'`;
      await cluster.call(what, options, async (attempt) => {
        const node = await cluster.coordinator("transaction", known.transactionalId, attempt);
        throwOnCode((await cluster.send(node, addOffsetsToTxn, { identity: known, group }, attempt)).error, what);
      });
      await cluster.call(what, options, async (attempt) => {
        const node = await cluster.coordinator("group", group, attempt);
        throwOnPartition(
          (await cluster.send(node, txnOffsetCommit, { identity: known, group, at }, attempt)).partitions,
          what,
        );
      });
    },
    endVersion: (options) =>
      cluster.call("the question for the cluster's transaction version", options, async (attempt) => {
        const [node = -1] = await cluster.brokers(attempt);
        const level = await cluster.feature(node, "transaction.version", attempt.signal);
        const version = await cluster.version(node, endTxn, attempt.signal);
        return level >= 2 && version === 5 ? 5 : 1;
      }),
    end: (identity, how, version, options) => end(cluster, transactional(identity), how, version, options),
    describe: (ids, options) => describe(cluster, ids, options),
    list: (states, options) => list(cluster, states ?? [], options),
  };
}

function init(
  cluster: KafkaCluster,
  transactionalId: string | undefined,
  timeoutMillis: number,
  options: CallOptions | undefined,
): Promise<ProducerIdentity> {
  const what =
    transactionalId === undefined
      ? "asking for a producer id"
      : `initialising the transactional id '${transactionalId}'`;
  return cluster.call(what, options, async (attempt) => {
    const node =
      transactionalId === undefined
        ? cluster.anyNode()
        : await cluster.coordinator("transaction", transactionalId, attempt);
    const answer = await cluster.send(node, initProducerId, { transactionalId, timeoutMillis }, attempt);
    throwOnCode(answer.error, what);
    return { transactionalId, producerId: answer.producerId, epoch: answer.epoch };
  });
}

function end(
  cluster: KafkaCluster,
  identity: TransactionalIdentity,
  how: "commit" | "abort",
  version: EndVersion,
  options: CallOptions | undefined,
): Promise<EndedTransaction> {
  const what = `the ${how} of the transaction of '${identity.transactionalId}'`;
  return cluster.call(what, options, async (attempt): Promise<EndedTransaction> => {
    const node = await cluster.coordinator("transaction", identity.transactionalId, attempt);
    const answer = await cluster.send(node, endTxn, { identity, commit: how === "commit" }, { ...attempt, version });
    const error = kafkaErrorName(answer.error);
    if (error !== undefined && isGone(error)) return { outcome: "gone", error };
    if (error !== undefined) throw answered(error, what);
    if (version < 5) return { outcome: "done", next: undefined };
    return { outcome: "done", next: { ...identity, producerId: answer.producerId, epoch: answer.epoch } };
  });
}

function describe(
  cluster: KafkaCluster,
  ids: readonly string[],
  options: CallOptions | undefined,
): Promise<readonly TransactionDescription[]> {
  return cluster.call("asking for the state of transactions", options, (attempt) =>
    Promise.all(
      ids.map(async (transactionalId): Promise<TransactionDescription> => {
        const node = await cluster.coordinator("transaction", transactionalId, attempt);
        const answer = await cluster.send(node, describeTransactions, { transactionalIds: [transactionalId] }, attempt);
        const [found] = answer.transactions;
        const what = `the question for the state of transactional id '${transactionalId}'`;
        if (found === undefined) throw answered("UNKNOWN_SERVER_ERROR", what, "the answer does not mention it");
        const { error, state, ...facts } = found;
        const unknown = kafkaErrorName(error) === "TRANSACTIONAL_ID_NOT_FOUND";
        if (!unknown) throwOnCode(error, what);
        return { ...facts, transactionalId, state: unknown ? undefined : stateOf(state) };
      }),
    ),
  );
}

function list(
  cluster: KafkaCluster,
  states: readonly TransactionState[],
  options: CallOptions | undefined,
): Promise<readonly ListedTransaction[]> {
  return cluster.call("asking for the list of transactions", options, async (attempt) => {
    const nodes = await cluster.brokers(attempt);
    const lists = await Promise.all(
      nodes.map(async (node) => {
        const answer = await cluster.send(node, listTransactions, { states }, attempt);
        throwOnCode(answer.error, "the question for the list of transactions");
        return answer.transactions.map((each) => ({ ...each, state: stateOf(each.state) }));
      }),
    );
    return lists.flat();
  });
}

const STATES: readonly TransactionState[] = [
  "Empty",
  "Ongoing",
  "PrepareCommit",
  "PrepareAbort",
  "CompleteCommit",
  "CompleteAbort",
  "PrepareEpochFence",
  "Dead",
];

function stateOf(text: string): TransactionState {
  return STATES.find((state) => state === text) ?? "Unknown";
}

function transactional(identity: ProducerIdentity): TransactionalIdentity {
  const { transactionalId } = identity;
  if (transactionalId === undefined) {
    throw new KafkaError("INVALID_REQUEST", "a producer without a transactional id has no transactions");
  }
  return { ...identity, transactionalId };
}
