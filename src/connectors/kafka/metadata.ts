import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import { createColumnBuilder } from "../../batch/column-builder.ts";
import type { Column } from "../../batch/column.ts";
import { constantColumn } from "../../batch/constant-column.ts";
import { decodeUtf8 } from "../../batch/utf8.ts";
import { T, type DataType, type SqlMap, type Value } from "../../types/data-type.ts";
import type { Format } from "../../formats/api.ts";
import type { MetadataColumnInfo } from "../api.ts";
import type { TopicPartition } from "./client/api.ts";
import { HeaderReader, type RecordRanges } from "./records/ranges.ts";

const HEADERS = T.map(T.string(), T.bytes(), false);
const HEADER_LIST = T.array(
  T.row([
    { name: "key", type: T.string(false) },
    { name: "value", type: T.bytes() },
  ]),
  false,
);

/** Metadata columns of a Kafka table, with Flink's names and types. */
export const KAFKA_METADATA: readonly MetadataColumnInfo[] = [
  { key: "topic", type: T.string(false) },
  { key: "partition", type: T.int(false) },
  { key: "headers", type: HEADERS },
  { key: "header-list", type: HEADER_LIST },
  { key: "leader-epoch", type: T.int() },
  { key: "offset", type: T.bigint(false) },
  { key: "timestamp", type: T.timestampLtz(3, false) },
  { key: "timestamp-type", type: T.string(false) },
];

/** What a sink may write of it. */
export const WRITABLE_METADATA: readonly string[] = ["topic", "headers", "header-list", "timestamp"];

/** Names of Java's `TimestampType`, by its number in a record batch. */
const TIMESTAMP_TYPES = ["CreateTime", "LogAppendTime"];

/** Makes one metadata column for records of a partition. */
export type MetadataReader = (ranges: RecordRanges, partition: TopicPartition) => Column;

/** Undefined: the key is none of Kafka's own. */
export function metadataReader(key: string): MetadataReader | undefined {
  switch (key) {
    case "topic":
      return ({ count }, { topic }) => constantColumn(T.string(false), topic, count);
    case "partition":
      return ({ count }, { partition }) => constantColumn(T.int(false), partition, count);
    case "offset":
      return ({ count, offsets }) => {
        const values = new BigInt64Array(count);
        for (let i = 0; i < count; i++) values[i] = BigInt(offsets[i]!);
        return { storage: "i64", values, nulls: undefined };
      };
    case "timestamp":
      return ({ count, timestamps }) => ({ storage: "f64", values: timestamps.slice(0, count), nulls: undefined });
    case "timestamp-type":
      return each(T.string(false), ({ timestampTypes }, i) => TIMESTAMP_TYPES[timestampTypes[i]!] ?? "NoTimestampType");
    case "leader-epoch":
      return each(T.int(), ({ leaderEpochs }, i) => (leaderEpochs[i]! < 0 ? null : leaderEpochs[i]!));
    case "headers":
      return each(HEADERS, headerMap);
    case "header-list":
      return each(HEADER_LIST, headerList);
    default:
      return undefined;
  }
}

function each(type: DataType, valueOf: (ranges: RecordRanges, record: number) => Value): MetadataReader {
  return (ranges) => {
    const builder = createColumnBuilder(type, ranges.count);
    for (let i = 0; i < ranges.count; i++) builder.append(valueOf(ranges, i));
    return builder.finish();
  };
}

function headerList(ranges: RecordRanges, record: number): readonly [string, Uint8Array | null][] {
  const reader = new HeaderReader();
  const list: [string, Uint8Array | null][] = [];
  reader.open(ranges, record);
  while (reader.next()) {
    const { keyStart, keyLength, valueStart, valueLength } = reader;
    const value = valueLength < 0 ? null : ranges.data.slice(valueStart, valueStart + valueLength);
    list.push([decodeUtf8(ranges.data, keyStart, keyLength), value]);
  }
  return list;
}

/** Of headers with the same name the last one counts, as in Flink. */
function headerMap(ranges: RecordRanges, record: number): SqlMap {
  return [...new Map(headerList(ranges, record))];
}

/** Throws COLUMN_NOT_FOUND for a key that neither Kafka nor the format of the values has. */
export function checkMetadata(key: string, format: Format): void {
  const own = (format.metadata ?? []).map((metadata) => `value.${metadata.key}`);
  if (KAFKA_METADATA.some((metadata) => metadata.key === key) || own.includes(key)) return;
  const keys = [...KAFKA_METADATA.map((metadata) => metadata.key), ...own];
  throw new SqlError("COLUMN_NOT_FOUND", `a Kafka table has no metadata key '${key}'`, {
    hint: didYouMean(key, keys) ?? `it has ${keys.join(", ")}`,
  });
}
