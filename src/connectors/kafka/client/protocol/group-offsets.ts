import type { TopicPartition } from "../api.ts";
import { byTopic, type Api, type Throttled, readPartitionAnswers, type PartitionAnswers } from "./request.ts";

export interface FetchedGroupOffset extends TopicPartition {
  readonly error: number;
  /** -1: none. */
  readonly offset: number;
  readonly metadata: string;
}

export interface GroupOffsets extends Throttled {
  readonly error: number;
  readonly partitions: readonly FetchedGroupOffset[];
}

/** Version 7 asks for stable offsets: UNSTABLE_OFFSET_COMMIT while a transaction that carries offsets is open. */
export const offsetFetch: Api<
  { readonly group: string; readonly partitions: readonly TopicPartition[] },
  GroupOffsets
> = {
  key: 9,
  name: "OffsetFetch",
  minVersion: 5,
  maxVersion: 7,
  versions: [5, 7],
  flexibleFrom: 6,
  lane: "control",
  encode(writer, { group, partitions }, version) {
    const topics = byTopic(partitions);
    if (version < 6) {
      writer.string(group).array(topics, ([topic, members]) => {
        writer.string(topic).array(members, ({ partition }) => {
          writer.int32(partition);
        });
      });
      return;
    }
    writer.compactString(group).compactArray(topics, ([topic, members]) => {
      writer.compactString(topic).compactArray(members, ({ partition }) => {
        writer.int32(partition);
      });
      writer.noTags();
    });
    writer.boolean(true).noTags();
  },
  decode(reader, version) {
    const flexible = version >= 6;
    const list = <T>(read: () => T): T[] => (flexible ? reader.compactArray(read) : reader.array(read));
    const throttleMillis = reader.int32();
    const partitions = list(() => {
      const topic = flexible ? reader.compactString() : reader.string();
      const found = list((): FetchedGroupOffset => {
        const partition = reader.int32();
        const offset = reader.int64();
        reader.int32();
        const metadata = (flexible ? reader.compactNullableString() : reader.nullableString()) ?? "";
        const error = reader.int16();
        if (flexible) reader.tags();
        return { topic, partition, error, offset, metadata };
      });
      if (flexible) reader.tags();
      return found;
    });
    return { throttleMillis, partitions: partitions.flat(), error: reader.int16() };
  },
};

export interface GroupCommit {
  readonly group: string;
  readonly offsets: readonly (TopicPartition & { readonly offset: number; readonly metadata?: string | undefined })[];
}

/** As a client that is no member of the group. */
export const offsetCommit: Api<GroupCommit, PartitionAnswers> = {
  key: 8,
  name: "OffsetCommit",
  minVersion: 7,
  maxVersion: 7,
  flexibleFrom: 8,
  lane: "control",
  encode(writer, { group, offsets }) {
    writer.string(group).int32(-1).string("").nullableString(undefined);
    writer.array(byTopic(offsets), ([topic, members]) => {
      writer.string(topic).array(members, ({ partition, offset, metadata }) => {
        writer
          .int32(partition)
          .int64(offset)
          .int32(-1)
          .string(metadata ?? "");
      });
    });
  },
  decode: readPartitionAnswers,
};
