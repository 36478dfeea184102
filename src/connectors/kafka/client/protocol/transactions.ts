import type { ProducerIdentity, TopicPartition } from "../api.ts";
import { byTopic, type Api, type Throttled, readPartitionAnswers, type PartitionAnswers } from "./request.ts";

export interface GivenIdentity extends Throttled {
  readonly error: number;
  readonly producerId: number;
  readonly epoch: number;
}

export const initProducerId: Api<
  { readonly transactionalId: string | undefined; readonly timeoutMillis: number },
  GivenIdentity
> = {
  key: 22,
  name: "InitProducerId",
  minVersion: 0,
  maxVersion: 1,
  flexibleFrom: 2,
  lane: "control",
  encode(writer, { transactionalId, timeoutMillis }) {
    writer.nullableString(transactionalId).int32(timeoutMillis);
  },
  decode: (reader) => ({
    throttleMillis: reader.int32(),
    error: reader.int16(),
    producerId: reader.int64(),
    epoch: reader.int16(),
  }),
};

/** An identity that has a transactional id. */
export type TransactionalIdentity = ProducerIdentity & { readonly transactionalId: string };

export const addPartitionsToTxn: Api<
  { readonly identity: TransactionalIdentity; readonly partitions: readonly TopicPartition[] },
  PartitionAnswers
> = {
  key: 24,
  name: "AddPartitionsToTxn",
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { identity, partitions }) {
    writer.string(identity.transactionalId).int64(identity.producerId).int16(identity.epoch);
    writer.array(byTopic(partitions), ([topic, group]) => {
      writer.string(topic).array(group, ({ partition }) => {
        writer.int32(partition);
      });
    });
  },
  decode: readPartitionAnswers,
};

/** Before offsets of a group are committed in the transaction. */
export const addOffsetsToTxn: Api<
  { readonly identity: TransactionalIdentity; readonly group: string },
  Throttled & { readonly error: number }
> = {
  key: 25,
  name: "AddOffsetsToTxn",
  minVersion: 0,
  maxVersion: 2,
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { identity, group }) {
    writer.string(identity.transactionalId).int64(identity.producerId).int16(identity.epoch).string(group);
  },
  decode: (reader) => ({ throttleMillis: reader.int32(), error: reader.int16() }),
};

export const txnOffsetCommit: Api<
  {
    readonly identity: TransactionalIdentity;
    readonly group: string;
    readonly at: TopicPartition & { readonly offset: number };
  },
  PartitionAnswers
> = {
  key: 28,
  name: "TxnOffsetCommit",
  minVersion: 2,
  maxVersion: 2,
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { identity, group, at }) {
    writer.string(identity.transactionalId).string(group).int64(identity.producerId).int16(identity.epoch);
    writer.array([at], ({ topic, partition, offset }) => {
      writer.string(topic).array([partition], (number) => {
        writer.int32(number).int64(offset).int32(-1).nullableString(undefined);
      });
    });
  },
  decode: readPartitionAnswers,
};

/** Version 5 (KIP-890) answers with the identity of the next transaction; before it, `producerId` and `epoch` are -1. */
export const endTxn: Api<{ readonly identity: TransactionalIdentity; readonly commit: boolean }, GivenIdentity> = {
  key: 26,
  name: "EndTxn",
  minVersion: 1,
  maxVersion: 5,
  versions: [1, 5],
  flexibleFrom: 3,
  lane: "control",
  encode(writer, { identity, commit }, version) {
    if (version >= 3) writer.compactString(identity.transactionalId);
    else writer.string(identity.transactionalId);
    writer.int64(identity.producerId).int16(identity.epoch).boolean(commit);
    if (version >= 3) writer.noTags();
  },
  decode(reader, version) {
    const head = { throttleMillis: reader.int32(), error: reader.int16() };
    if (version < 5) return { ...head, producerId: -1, epoch: -1 };
    return { ...head, producerId: reader.int64(), epoch: reader.int16() };
  },
};

export interface DescribedTransaction {
  readonly error: number;
  readonly transactionalId: string;
  readonly state: string;
  readonly timeoutMillis: number;
  readonly startedAtMillis: number;
  readonly producerId: number;
  readonly epoch: number;
  readonly partitions: readonly TopicPartition[];
}

export const describeTransactions: Api<
  { readonly transactionalIds: readonly string[] },
  Throttled & { readonly transactions: readonly DescribedTransaction[] }
> = {
  key: 65,
  name: "DescribeTransactions",
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  lane: "control",
  encode(writer, { transactionalIds }) {
    writer.compactArray(transactionalIds, (id) => writer.compactString(id)).noTags();
  },
  decode(reader) {
    const throttleMillis = reader.int32();
    const transactions = reader.compactArray(() => {
      const head = {
        error: reader.int16(),
        transactionalId: reader.compactString(),
        state: reader.compactString(),
        timeoutMillis: reader.int32(),
        startedAtMillis: reader.int64(),
        producerId: reader.int64(),
        epoch: reader.int16(),
      };
      const partitions = reader.compactArray(() => {
        const topic = reader.compactString();
        const found = reader.compactArray(() => ({ topic, partition: reader.int32() }));
        reader.tags();
        return found;
      });
      reader.tags();
      return { ...head, partitions: partitions.flat() };
    });
    return { throttleMillis, transactions };
  },
};

export interface TransactionListing extends Throttled {
  readonly error: number;
  readonly transactions: readonly {
    readonly transactionalId: string;
    readonly producerId: number;
    readonly state: string;
  }[];
}

export const listTransactions: Api<{ readonly states: readonly string[] }, TransactionListing> = {
  key: 66,
  name: "ListTransactions",
  minVersion: 0,
  maxVersion: 0,
  flexibleFrom: 0,
  lane: "control",
  encode(writer, { states }) {
    writer.compactArray(states, (state) => writer.compactString(state));
    writer.compactArray([], () => {}).noTags();
  },
  decode(reader) {
    const head = { throttleMillis: reader.int32(), error: reader.int16() };
    reader.compactArray(() => reader.compactString());
    const transactions = reader.compactArray(() => {
      const transaction = {
        transactionalId: reader.compactString(),
        producerId: reader.int64(),
        state: reader.compactString(),
      };
      reader.tags();
      return transaction;
    });
    return { ...head, transactions };
  },
};
