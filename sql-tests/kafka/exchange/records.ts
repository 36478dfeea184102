import { isUtf8 } from "node:buffer";
import type { KafkaClient } from "../../../src/connectors/kafka/client/api.ts";
import { RecordDecoder } from "../../../src/connectors/kafka/records/decode.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../../../src/connectors/kafka/records/encode.ts";
import { HeaderWriter } from "../../../src/connectors/kafka/records/header-writer.ts";
import { HeaderReader } from "../../../src/connectors/kafka/records/ranges.ts";

/** A record as text: UTF-8, or `base64:…` for other bytes; null is NULL. */
export interface TextRecord {
  readonly partition: number;
  readonly timestampMillis: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [string, string | null])[];
}

const BASE64 = "base64:";

/** All records of a topic, by partition and offset, once their transactions have ended. */
export async function recordsOf(client: KafkaClient, topic: string): Promise<TextRecord[]> {
  const records: TextRecord[] = [];
  const [description] = await client.describeTopics([topic]);
  for (const partition of description?.partitions ?? []) {
    const place = { topic, partition };
    // Not the last stable offset: the markers of a transaction come a little later than its commit is confirmed.
    const [end = 0] = await client.offsets([place], "latest", "read_uncommitted");
    const fetcher = client.fetcher({ isolation: "read_committed" });
    const decoder = new RecordDecoder({ headers: true });
    fetcher.assign(place, 0);
    for (let offset = 0; offset < end;) {
      for (const { records: range, aborted } of await fetcher.next()) {
        decoder.open({
          bytes: range.data,
          start: range.start,
          end: range.end,
          fromOffset: offset,
          abortedTransactions: aborted,
          name: topic,
        });
        for (let ranges = decoder.next(1000); ranges !== undefined; ranges = decoder.next(1000)) {
          const text = (starts: Int32Array, lengths: Int32Array, i: number): string | null =>
            textOf(ranges!.data, starts[i]!, lengths[i]!);
          for (let i = 0; i < ranges.count; i++) {
            const headers: [string, string | null][] = [];
            const reader = new HeaderReader();
            reader.open(ranges, i);
            while (reader.next()) {
              const name = textOf(ranges.data, reader.keyStart, reader.keyLength) ?? "";
              headers.push([name, textOf(ranges.data, reader.valueStart, reader.valueLength)]);
            }
            records.push({
              partition,
              timestampMillis: ranges.timestamps[i]!,
              key: text(ranges.keyStarts, ranges.keyLengths, i),
              value: text(ranges.valueStarts, ranges.valueLengths, i),
              headers,
            });
          }
        }
        offset = decoder.nextOffset;
      }
    }
    fetcher.close();
  }
  return records;
}

/** Writes such records. */
export async function writeRecords(client: KafkaClient, topic: string, records: readonly TextRecord[]): Promise<void> {
  for (const partition of new Set(records.map((record) => record.partition))) {
    const writer = new RecordBatchWriter(topic);
    for (const record of records) {
      if (record.partition !== partition) continue;
      const key = bytesOf(record.key);
      const value = bytesOf(record.value);
      const headers = new HeaderWriter();
      for (const [name, text] of record.headers) {
        const nameBytes = Buffer.from(name);
        const bytes = bytesOf(text);
        headers.add(nameBytes, 0, nameBytes.length, bytes, 0, bytes?.length ?? 0);
      }
      writer.add(record.timestampMillis, key, 0, key?.length ?? 0, value, 0, value?.length ?? 0, headers);
    }
    await client.produce([{ topic, partition, records: writer.finish(NO_PRODUCER) }]);
  }
}

function textOf(data: Uint8Array, start: number, length: number): string | null {
  if (length < 0) return null;
  const bytes = Buffer.from(data.subarray(start, start + length));
  return isUtf8(bytes) && !bytes.includes(0) ? bytes.toString() : `${BASE64}${bytes.toString("base64")}`;
}

function bytesOf(text: string | null): Buffer | null {
  if (text === null) return null;
  return text.startsWith(BASE64) ? Buffer.from(text.slice(BASE64.length), "base64") : Buffer.from(text);
}
