import type { Isolation, TopicPartition } from "../api.ts";
import { byTopic, type Api, type Throttled } from "./request.ts";

export interface ListOffsetsRequest {
  readonly isolation: Isolation;
  readonly partitions: readonly (TopicPartition & { readonly timestamp: number })[];
}

export interface ListedOffset extends TopicPartition {
  readonly error: number;
  /** -1: no record at or after the time. */
  readonly offset: number;
}

/** Instead of a time. */
export const LATEST = -1;
export const EARLIEST = -2;

export const listOffsets: Api<ListOffsetsRequest, Throttled & { readonly partitions: readonly ListedOffset[] }> = {
  key: 2,
  name: "ListOffsets",
  minVersion: 2,
  maxVersion: 5,
  flexibleFrom: 6,
  lane: "control",
  encode(writer, request, version) {
    writer.int32(-1).int8(isolationByte(request.isolation));
    writer.array(byTopic(request.partitions), ([topic, partitions]) => {
      writer.string(topic).array(partitions, ({ partition, timestamp }) => {
        writer.int32(partition);
        if (version >= 4) writer.int32(-1);
        writer.int64(timestamp);
      });
    });
  },
  decode(reader, version) {
    const throttleMillis = reader.int32();
    const partitions = reader.array(() => {
      const topic = reader.string();
      return reader.array(() => {
        const partition = reader.int32();
        const error = reader.int16();
        reader.int64();
        const offset = reader.int64();
        if (version >= 4) reader.int32();
        return { topic, partition, error, offset };
      });
    });
    return { throttleMillis, partitions: partitions.flat() };
  },
};

export function isolationByte(isolation: Isolation): number {
  return isolation === "read_committed" ? 1 : 0;
}
