import type { CallOptions, CommittedOffset, Isolation, KafkaClient, OffsetSpec, TopicPartition } from "./api.ts";
import { partitionKey, perLeader, throwOnPartition, type Attempt, type KafkaCluster } from "./cluster.ts";
import { throwOnCode } from "./errors.ts";
import { offsetCommit, offsetFetch } from "./protocol/group-offsets.ts";
import { EARLIEST, LATEST, listOffsets, type ListedOffset } from "./protocol/list-offsets.ts";

/** First, last, timed and committed offsets. */
export function offsetCalls(cluster: KafkaCluster): Pick<KafkaClient, "offsets" | "committed" | "commit"> {
  return {
    offsets: (partitions, at, isolation, options) =>
      cluster.call(`asking for the offsets of ${topicsText(partitions)}`, options, (attempt) =>
        listed(cluster, partitions, at, isolation, attempt),
      ),
    committed: (group, partitions, options) => committed(cluster, group, partitions, options),
    commit: (group, offsets, options) =>
      cluster.call(`committing offsets of group '${group}'`, options, async (attempt) => {
        if (offsets.length === 0) return;
        const node = await cluster.coordinator("group", group, attempt);
        const answer = await cluster.send(node, offsetCommit, { group, offsets }, attempt);
        throwOnPartition(answer.partitions, `the commit of group '${group}'`);
      }),
  };
}

async function listed(
  cluster: KafkaCluster,
  partitions: readonly TopicPartition[],
  at: OffsetSpec,
  isolation: Isolation,
  attempt: Attempt,
): Promise<readonly number[]> {
  const found = await listedAt(cluster, partitions, timestampOf(at), isolation, attempt);
  const late = found.filter((each) => each.offset < 0);
  if (late.length === 0) return found.map((each) => each.offset);
  // No record at or after the time: reading starts with the next one that is written.
  const ends = await listedAt(cluster, late, LATEST, isolation, attempt);
  const endOf = new Map(ends.map((each) => [partitionKey(each), each.offset]));
  return found.map((each) => endOf.get(partitionKey(each)) ?? each.offset);
}

async function listedAt(
  cluster: KafkaCluster,
  partitions: readonly TopicPartition[],
  timestamp: number,
  isolation: Isolation,
  attempt: Attempt,
): Promise<readonly ListedOffset[]> {
  const asked = partitions.map(({ topic, partition }) => ({ topic, partition, timestamp }));
  const found = await perLeader(cluster, asked, attempt, async (node, group) => {
    const answer = await cluster.send(node, listOffsets, { isolation, partitions: group }, attempt);
    return answer.partitions;
  });
  throwOnPartition(found, "the question for offsets");
  return found;
}

function timestampOf(at: OffsetSpec): number {
  if (at === "earliest") return EARLIEST;
  return at === "latest" ? LATEST : at.timestampMillis;
}

function committed(
  cluster: KafkaCluster,
  group: string,
  partitions: readonly TopicPartition[],
  options: CallOptions | undefined,
): Promise<readonly (CommittedOffset | undefined)[]> {
  const what = `the question for the offsets of group '${group}'`;
  return cluster.call(what, options, async (attempt) => {
    const node = await cluster.coordinator("group", group, attempt);
    const answer = await cluster.send(node, offsetFetch, { group, partitions }, attempt);
    throwOnCode(answer.error, what);
    throwOnPartition(answer.partitions, what);
    const found = new Map(answer.partitions.map((each) => [partitionKey(each), each]));
    return partitions.map((partition) => {
      const offset = found.get(partitionKey(partition));
      return offset === undefined || offset.offset < 0
        ? undefined
        : { offset: offset.offset, metadata: offset.metadata };
    });
  });
}

function topicsText(partitions: readonly TopicPartition[]): string {
  const names = [...new Set(partitions.map(({ topic }) => `'${topic}'`))];
  return names.length > 3 ? `${names.length} topics` : `topic ${names.join(", ")}`;
}
