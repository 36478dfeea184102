import type { AbortedTransaction, Isolation, TopicPartition } from "../api.ts";
import { isolationByte } from "./list-offsets.ts";
import { byTopic, type Api, type Throttled } from "./request.ts";

export interface FetchCall {
  readonly partitions: readonly (TopicPartition & {
    /** First offset wanted. */
    readonly offset: number;
    /** A first batch that is larger comes whole all the same. */
    readonly maxBytes: number;
  })[];
  readonly isolation: Isolation;
  readonly maxWaitMillis: number;
  readonly minBytes: number;
  readonly maxBytes: number;
}

export interface FetchedRange extends TopicPartition {
  readonly error: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  /** Of `data`; the last batch may be cut off. */
  readonly start: number;
  readonly end: number;
}

export interface FetchAnswer extends Throttled {
  readonly error: number;
  readonly data: Uint8Array;
  readonly partitions: readonly FetchedRange[];
}

/** Without fetch sessions: each request names all its partitions, so that brokers keep nothing that could be lost. */
export const fetch: Api<FetchCall, FetchAnswer> = {
  key: 1,
  name: "Fetch",
  minVersion: 4,
  maxVersion: 11,
  flexibleFrom: 12,
  lane: "fetch",
  encode(writer, call, version) {
    writer.int32(-1).int32(call.maxWaitMillis).int32(call.minBytes).int32(call.maxBytes);
    writer.int8(isolationByte(call.isolation));
    if (version >= 7) writer.int32(0).int32(-1);
    writer.array(byTopic(call.partitions), ([topic, partitions]) => {
      writer.string(topic).array(partitions, ({ partition, offset, maxBytes }) => {
        writer.int32(partition);
        if (version >= 9) writer.int32(-1);
        writer.int64(offset);
        if (version >= 5) writer.int64(-1);
        writer.int32(maxBytes);
      });
    });
    if (version >= 7) writer.int32(0);
    if (version >= 11) writer.string("");
  },
  decode(reader, version) {
    const throttleMillis = reader.int32();
    const error = version >= 7 ? reader.int16() : 0;
    if (version >= 7) reader.int32();
    const partitions = reader.array(() => {
      const topic = reader.string();
      return reader.array((): FetchedRange => {
        const partition = reader.int32();
        const partitionError = reader.int16();
        const highWatermark = reader.int64();
        const lastStableOffset = reader.int64();
        const logStartOffset = version >= 5 ? reader.int64() : -1;
        const aborted = reader.array(() => ({ producerId: reader.int64(), firstOffset: reader.int64() }));
        if (version >= 11) reader.int32();
        const length = Math.max(0, reader.int32());
        const start = reader.take(length);
        return {
          topic,
          partition,
          error: partitionError,
          highWatermark,
          lastStableOffset,
          logStartOffset,
          aborted,
          start,
          end: start + length,
        };
      });
    });
    return { throttleMillis, error, data: reader.bytes, partitions: partitions.flat() };
  },
};
