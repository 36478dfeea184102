import type { Admin, CallOptions } from "./api.ts";
import type { Attempt, KafkaCluster } from "./cluster.ts";
import { answered, KafkaError, throwOnCode } from "./errors.ts";
import { kafkaErrorName } from "./error-codes.ts";
import { createPartitions, createTopics, deleteRecords, deleteTopics, type TopicAnswers } from "./protocol/topics.ts";

/** Topics made and removed: for tests and demos. */
export function adminCalls(cluster: KafkaCluster): Admin {
  const onController = async (
    what: string,
    options: CallOptions | undefined,
    send: (node: number, attempt: Attempt, timeoutMillis: number) => Promise<TopicAnswers>,
  ): Promise<void> => {
    await cluster.call(what, options, async (attempt) => {
      const node = await cluster.controller(attempt);
      const { topics } = await send(node, attempt, Math.ceil(attempt.timeoutMillis));
      for (const { topic, error, message } of topics) {
        const name = kafkaErrorName(error);
        if (name !== undefined) throw answered(name, `${what} '${topic}'`, message);
      }
    });
  };
  return {
    createTopics: async (topics, options) => {
      await onController("creating topic", options, (node, attempt, timeoutMillis) =>
        cluster.send(node, createTopics, { topics, timeoutMillis }, attempt),
      );
      const names = topics.map(({ topic }) => topic);
      await untilLed(cluster, names, options);
    },
    deleteTopics: (topics, options) =>
      onController("deleting topic", options, (node, attempt, timeoutMillis) =>
        cluster.send(node, deleteTopics, { topics, timeoutMillis }, attempt),
      ),
    createPartitions: async (topic, count, options) => {
      await onController("adding partitions to topic", options, (node, attempt, timeoutMillis) =>
        cluster.send(node, createPartitions, { topic, count, timeoutMillis }, attempt),
      );
      await untilLed(cluster, [topic], options);
    },
    deleteRecords: (partition, beforeOffset, options) =>
      cluster.call("deleting records", options, async (attempt) => {
        const [node = -1] = await cluster.leadersOf([partition], attempt);
        const request = { ...partition, beforeOffset, timeoutMillis: Math.ceil(attempt.timeoutMillis) };
        const answer = await cluster.send(node, deleteRecords, request, attempt);
        throwOnCode(answer.error, "the deletion of records");
      }),
  };
}

/** The controller has said yes: now until the brokers know it too. */
function untilLed(cluster: KafkaCluster, names: readonly string[], options: CallOptions | undefined): Promise<void> {
  return cluster.call("waiting for the new topics", options, async (attempt) => {
    const topics = await cluster.topics(names, attempt);
    for (const { topic, error, partitions } of topics) {
      throwOnCode(error, `the question for the new topic '${topic}'`);
      if (partitions.some(({ leader }) => leader < 0)) {
        throw new KafkaError("LEADER_NOT_AVAILABLE", `a partition of the new topic '${topic}' has no leader yet`);
      }
    }
  });
}
