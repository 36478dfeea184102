import { setTimeout as sleep } from "node:timers/promises";
import { adminCalls } from "./admin.ts";
import type { CallOptions, KafkaClient, TopicDescription } from "./api.ts";
import { KafkaCluster, type Attempt } from "./cluster.ts";
import { answered, throwOnCode } from "./errors.ts";
import { kafkaErrorName } from "./error-codes.ts";
import { PartitionFetcher } from "./fetcher.ts";
import { acquireLease } from "./lease.ts";
import { offsetCalls } from "./offsets.ts";
import { produceBatches } from "./producing.ts";
import { describeConfigs } from "./protocol/describe-configs.ts";
import { metadata, type TopicMetadata } from "./protocol/metadata.ts";
import type { ClientSettings } from "./settings.ts";
import { transactionCalls } from "./transactions.ts";
import type { Log, Transport } from "./transport.ts";

/** The facade over one cluster, connected. */
export async function openClient(
  settings: ClientSettings,
  transport: Transport,
  log: Log,
  options: CallOptions,
): Promise<KafkaClient> {
  const cluster = new KafkaCluster(settings, transport, log);
  try {
    await cluster.connect(options);
  } catch (error) {
    cluster.close();
    throw error;
  }
  return clientOf(cluster);
}

function clientOf(cluster: KafkaCluster): KafkaClient {
  let fetchers = 0;
  return {
    bootstrap: cluster.bootstrap,
    topics: (options) => describeTopics(cluster, undefined, options),
    describeTopics: (names, options) => describeTopics(cluster, names, options),
    topicToWrite: (topic, options) => topicToWrite(cluster, topic, options),
    ...offsetCalls(cluster),
    fetcher: (options) => new PartitionFetcher(cluster, options, `fetcher ${fetchers++}`),
    produce: (batches, options) => produceBatches(cluster, batches, options ?? {}),
    transactions: transactionCalls(cluster),
    brokerConfig: (names, options) =>
      cluster.call("asking for settings of the broker", options, async (attempt) => {
        const node = await cluster.controller(attempt);
        return configOf(cluster, { kind: "broker", resource: String(node), names }, node, attempt);
      }),
    topicConfig: (topic, names, options) =>
      cluster.call(`asking for settings of topic '${topic}'`, options, (attempt) =>
        configOf(cluster, { kind: "topic", resource: topic, names }, cluster.anyNode(), attempt),
      ),
    lease: (name, options) => acquireLease(cluster, name, options),
    admin: adminCalls(cluster),
    async close() {
      cluster.close();
    },
  };
}

function describeTopics(
  cluster: KafkaCluster,
  names: readonly string[] | undefined,
  options: CallOptions | undefined,
): Promise<readonly TopicDescription[]> {
  return cluster.call("asking for topics", options, async (attempt) => {
    const topics = names?.length === 0 ? [] : await cluster.topics(names, attempt);
    return topics.filter((topic) => exists(topic)).map((topic) => descriptionOf(topic));
  });
}

/** How long a topic may be in the making. */
const CREATION_MILLIS = 10_000;
const CREATION_POLL_MILLIS = 100;

async function topicToWrite(
  cluster: KafkaCluster,
  topic: string,
  options: CallOptions | undefined,
): Promise<TopicDescription | undefined> {
  const [known] = await describeTopics(cluster, [topic], options);
  if (known !== undefined) return known;
  const name = "auto.create.topics.enable";
  const config = await cluster.call("asking for settings of the broker", options, async (attempt) => {
    const node = await cluster.controller(attempt);
    return configOf(cluster, { kind: "broker", resource: String(node), names: [name] }, node, attempt);
  });
  if (config.get(name) === "false") return undefined;
  const deadline = Date.now() + CREATION_MILLIS;
  for (;;) {
    // The answer to the request that makes the topic does not have it yet.
    await cluster.call(`making the topic '${topic}'`, options, (attempt) =>
      cluster.send(cluster.anyNode(), metadata, { topics: [topic], create: true }, attempt),
    );
    const [created] = await describeTopics(cluster, [topic], options);
    if (created !== undefined && created.partitions.length > 0) return created;
    if (Date.now() > deadline) return undefined;
    await sleep(CREATION_POLL_MILLIS, undefined, { signal: options?.signal });
  }
}

/** Throws for what is neither there nor missing. */
function exists({ topic, error }: TopicMetadata): boolean {
  const name = kafkaErrorName(error);
  if (name === undefined) return true;
  if (name === "UNKNOWN_TOPIC_OR_PARTITION" || name === "INVALID_TOPIC_EXCEPTION") return false;
  throw answered(name, `the question for topic '${topic}'`);
}

function descriptionOf({ topic, internal, partitions }: TopicMetadata): TopicDescription {
  const numbers = partitions.map(({ partition }) => partition);
  return { topic, internal, partitions: numbers.sort((a, b) => a - b) };
}

async function configOf(
  cluster: KafkaCluster,
  request: { readonly kind: "broker" | "topic"; readonly resource: string; readonly names: readonly string[] },
  node: number,
  attempt: Attempt,
): Promise<ReadonlyMap<string, string>> {
  const answer = await cluster.send(node, describeConfigs, request, attempt);
  throwOnCode(answer.error, `the question for settings of ${request.kind} '${request.resource}'`, answer.message);
  return answer.values;
}
