import type { NewTopic } from "../api.ts";
import type { Api, Throttled } from "./request.ts";
import type { WireReader } from "./wire.ts";

export interface TopicAnswers extends Throttled {
  readonly topics: readonly { readonly topic: string; readonly error: number; readonly message: string | undefined }[];
}

interface Timed {
  readonly timeoutMillis: number;
}

function readTopicAnswers(reader: WireReader): TopicAnswers {
  return {
    throttleMillis: reader.int32(),
    topics: reader.array(() => ({ topic: reader.string(), error: reader.int16(), message: reader.nullableString() })),
  };
}

export const createTopics: Api<Timed & { readonly topics: readonly NewTopic[] }, TopicAnswers> = {
  key: 19,
  name: "CreateTopics",
  minVersion: 4,
  maxVersion: 4,
  flexibleFrom: 5,
  lane: "control",
  encode(writer, { topics, timeoutMillis }) {
    writer.array(topics, ({ topic, partitions, replicationFactor, config }) => {
      writer
        .string(topic)
        .int32(partitions)
        .int16(replicationFactor ?? -1)
        .int32(0);
      writer.array(Object.entries(config ?? {}), ([name, value]) => {
        writer.string(name).nullableString(value);
      });
    });
    writer.int32(timeoutMillis).boolean(false);
  },
  decode: readTopicAnswers,
};

export const deleteTopics: Api<Timed & { readonly topics: readonly string[] }, TopicAnswers> = {
  key: 20,
  name: "DeleteTopics",
  minVersion: 1,
  maxVersion: 3,
  flexibleFrom: 4,
  lane: "control",
  encode(writer, { topics, timeoutMillis }) {
    writer.array(topics, (topic) => writer.string(topic)).int32(timeoutMillis);
  },
  decode: (reader) => ({
    throttleMillis: reader.int32(),
    topics: reader.array(() => ({ topic: reader.string(), error: reader.int16(), message: undefined })),
  }),
};

export const createPartitions: Api<Timed & { readonly topic: string; readonly count: number }, TopicAnswers> = {
  key: 37,
  name: "CreatePartitions",
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 2,
  lane: "control",
  encode(writer, { topic, count, timeoutMillis }) {
    writer.array([topic], (name) => writer.string(name).int32(count).int32(-1));
    writer.int32(timeoutMillis).boolean(false);
  },
  decode: readTopicAnswers,
};

export const deleteRecords: Api<
  Timed & { readonly topic: string; readonly partition: number; readonly beforeOffset: number },
  Throttled & { readonly error: number }
> = {
  key: 21,
  name: "DeleteRecords",
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 2,
  lane: "control",
  encode(writer, { topic, partition, beforeOffset, timeoutMillis }) {
    writer.array([topic], (name) => {
      writer.string(name).array([partition], (index) => writer.int32(index).int64(beforeOffset));
    });
    writer.int32(timeoutMillis);
  },
  decode(reader) {
    const throttleMillis = reader.int32();
    const errors = reader.array(() => {
      reader.string();
      return reader.array(() => {
        reader.int32();
        reader.int64();
        return reader.int16();
      });
    });
    return { throttleMillis, error: errors.flat()[0] ?? 0 };
  },
};
