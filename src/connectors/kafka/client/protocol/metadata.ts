import type { Api, Throttled } from "./request.ts";

export interface BrokerAddress {
  readonly id: number;
  readonly host: string;
  readonly port: number;
}

export interface PartitionMetadata {
  readonly error: number;
  readonly partition: number;
  /** -1: none at present. */
  readonly leader: number;
  readonly leaderEpoch: number;
}

export interface TopicMetadata {
  readonly error: number;
  readonly topic: string;
  readonly internal: boolean;
  readonly partitions: readonly PartitionMetadata[];
}

export interface ClusterMetadata extends Throttled {
  readonly brokers: readonly BrokerAddress[];
  readonly clusterId: string | undefined;
  readonly controller: number;
  readonly topics: readonly TopicMetadata[];
}

/** Brokers, and the leaders of some topics or of all (`undefined`). `create`: as the broker's `auto.create.topics.enable` says. */
export const metadata: Api<
  { readonly topics: readonly string[] | undefined; readonly create?: boolean | undefined },
  ClusterMetadata
> = {
  key: 3,
  name: "Metadata",
  minVersion: 4,
  maxVersion: 7,
  flexibleFrom: 9,
  lane: "control",
  encode(writer, { topics, create }) {
    if (topics === undefined) writer.int32(-1);
    else writer.array(topics, (topic) => writer.string(topic));
    writer.boolean(create === true);
  },
  decode(reader, version) {
    const throttleMillis = reader.int32();
    const brokers = reader.array(() => {
      const broker = { id: reader.int32(), host: reader.string(), port: reader.int32() };
      reader.nullableString();
      return broker;
    });
    const clusterId = reader.nullableString();
    const controller = reader.int32();
    const topics = reader.array(() => ({
      error: reader.int16(),
      topic: reader.string(),
      internal: reader.boolean(),
      partitions: reader.array(() => {
        const head = { error: reader.int16(), partition: reader.int32(), leader: reader.int32() };
        const leaderEpoch = version >= 7 ? reader.int32() : -1;
        reader.array(() => reader.int32());
        reader.array(() => reader.int32());
        if (version >= 5) reader.array(() => reader.int32());
        return { ...head, leaderEpoch };
      }),
    }));
    return { throttleMillis, brokers, clusterId, controller, topics };
  },
};
