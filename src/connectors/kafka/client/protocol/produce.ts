import type { ProduceBatch, TopicPartition } from "../api.ts";
import { byTopic, type Api, type Throttled } from "./request.ts";

export interface ProduceCall {
  readonly transactionalId: string | undefined;
  readonly acks: -1 | 0 | 1;
  /** How long the broker may wait for its replicas. */
  readonly timeoutMillis: number;
  readonly batches: readonly ProduceBatch[];
}

export interface ProducedPartition extends TopicPartition {
  readonly error: number;
  readonly baseOffset: number;
  readonly message: string | undefined;
}

/** One batch for each partition: brokers refuse more in one request. */
export const produce: Api<ProduceCall, Throttled & { readonly partitions: readonly ProducedPartition[] }> = {
  key: 0,
  name: "Produce",
  minVersion: 3,
  maxVersion: 8,
  flexibleFrom: 9,
  lane: "produce",
  unanswered(call) {
    if (call.acks !== 0) return undefined;
    const partitions = call.batches.map(({ topic, partition }) => {
      return { topic, partition, error: 0, baseOffset: -1, message: undefined };
    });
    return { throttleMillis: 0, partitions };
  },
  encode(writer, call) {
    writer.nullableString(call.transactionalId).int16(call.acks).int32(call.timeoutMillis);
    writer.array(byTopic(call.batches), ([topic, batches]) => {
      writer.string(topic).array(batches, ({ partition, records }) => {
        writer.int32(partition).byteString(records);
      });
    });
  },
  decode(reader, version) {
    const partitions = reader.array(() => {
      const topic = reader.string();
      return reader.array((): ProducedPartition => {
        const partition = reader.int32();
        const error = reader.int16();
        const baseOffset = reader.int64();
        reader.int64();
        if (version >= 5) reader.int64();
        let message: string | undefined;
        if (version >= 8) {
          const records = reader.array(() => ({ index: reader.int32(), message: reader.nullableString() }));
          message = reader.nullableString() ?? records.find((record) => record.message !== undefined)?.message;
        }
        return { topic, partition, error, baseOffset, message };
      });
    });
    return { partitions: partitions.flat(), throttleMillis: reader.int32() };
  },
};
