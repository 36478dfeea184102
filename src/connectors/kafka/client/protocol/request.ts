import type { TopicPartition } from "../api.ts";
import type { WireReader, WireWriter } from "./wire.ts";

/**
 * Connections to a broker are kept apart by what may block them: a broker answers the requests of one connection in
 * order, so that a waiting fetch or a joining group member would hold up everything behind it.
 */
export type Lane = "control" | "fetch" | "produce" | "group";

/** One kind of request of Kafka's protocol: how its body is written and its answer read, for the versions known here. */
export interface Api<Request, Answer> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** First version with compact strings and tagged fields (and the longer headers). */
  readonly flexibleFrom: number;
  readonly lane: Lane;
  /** Versions between the two that are not implemented. */
  readonly versions?: readonly number[] | undefined;
  encode(writer: WireWriter, request: Request, version: number): void;
  decode(reader: WireReader, version: number, request: Request): Answer;
  /** The answer to assume for a request to which the broker sends nothing back; undefined: it does answer. */
  unanswered?(request: Request): Answer | undefined;
}

/** Answers whose `throttleMillis` the connection obeys (quotas). */
export interface Throttled {
  readonly throttleMillis: number;
}

export interface PartitionAnswers extends Throttled {
  readonly partitions: readonly (TopicPartition & { readonly error: number })[];
}

/** Reads an answer that has an error code for each partition, nested by topic, and nothing else. */
export function readPartitionAnswers(reader: WireReader): PartitionAnswers {
  const throttleMillis = reader.int32();
  const partitions = reader.array(() => {
    const topic = reader.string();
    return reader.array(() => ({ topic, partition: reader.int32(), error: reader.int16() }));
  });
  return { throttleMillis, partitions: partitions.flat() };
}

/** For APIs whose topics and partitions are nested: groups a flat list, keeping order. */
export function byTopic<T extends { readonly topic: string }>(items: readonly T[]): [string, T[]][] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(item.topic);
    if (group === undefined) groups.set(item.topic, [item]);
    else group.push(item);
  }
  return [...groups];
}
