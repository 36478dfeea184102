import type { TopicPartition } from "./client/api.ts";

/** The name of a partition, as in `errors.table`: the id of its split. */
export function partitionName({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`;
}

/** The partition of such a name. */
export function partitionNamed(name: string): TopicPartition {
  const at = name.lastIndexOf("-");
  return { topic: name.slice(0, at), partition: Number(name.slice(at + 1)) };
}
