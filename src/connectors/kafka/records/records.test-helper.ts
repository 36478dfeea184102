import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AbortedTransaction } from "./aborted-transactions.ts";
import { RecordDecoder, type DecoderOptions } from "./decode.ts";
import { murmur2 } from "./murmur2.ts";
import { HeaderReader, type RecordRanges } from "./ranges.ts";

/** Offset, timestamp, key, value, headers; of long values the length and hash. The form of java-batches.json. */
export type PlainRecord = [number, number, string | null, string | null, (readonly [string | null, string | null])[]];

interface JavaFixtures {
  readonly murmur2: readonly [string, number][];
  readonly batches: Readonly<Record<string, { readonly bytes: string; readonly records: PlainRecord[] }>>;
}

/** What RecordFixtures.java wrote. */
export const JAVA = JSON.parse(
  readFileSync(join(import.meta.dirname, "fixtures", "java-batches.json"), "utf8"),
) as JavaFixtures;

export function javaBatch(name: string): { bytes: Uint8Array; records: PlainRecord[] } {
  const found = JAVA.batches[name];
  if (found === undefined) throw new Error(`no fixture ${name}`);
  return { bytes: Buffer.from(found.bytes, "base64"), records: found.records };
}

export interface DecodeRequest extends DecoderOptions {
  readonly fromOffset?: number | undefined;
  readonly aborted?: readonly AbortedTransaction[] | undefined;
  readonly maxRecords?: number | undefined;
}

export interface Decoded {
  readonly records: PlainRecord[];
  readonly nextOffset: number;
  readonly missingBytes: number;
  readonly calls: number;
}

/** All records of an answer. */
export function decodeAll(bytes: Uint8Array, request: DecodeRequest = {}): Decoded {
  const decoder = new RecordDecoder({ headers: true, ...request });
  decoder.open({
    bytes,
    start: 0,
    end: bytes.length,
    fromOffset: request.fromOffset ?? 0,
    abortedTransactions: request.aborted,
    name: "t-0",
  });
  const records: PlainRecord[] = [];
  let calls = 0;
  for (;;) {
    const ranges = decoder.next(request.maxRecords ?? 1000);
    if (ranges === undefined) break;
    calls += 1;
    for (let i = 0; i < ranges.count; i++) records.push(plainRecord(ranges, i));
  }
  return { records, nextOffset: decoder.nextOffset, missingBytes: decoder.missingBytes, calls };
}

export function plainRecord(ranges: RecordRanges, i: number): PlainRecord {
  const text = (starts: Int32Array, lengths: Int32Array): string | null =>
    textOf(ranges.data, starts[i] ?? 0, lengths[i] ?? 0);
  const headers = new HeaderReader();
  const found: [string | null, string | null][] = [];
  headers.open(ranges, i);
  while (headers.next())
    found.push([
      textOf(ranges.data, headers.keyStart, headers.keyLength),
      textOf(ranges.data, headers.valueStart, headers.valueLength),
    ]);
  return [
    ranges.offsets[i] ?? 0,
    ranges.timestamps[i] ?? 0,
    text(ranges.keyStarts, ranges.keyLengths),
    text(ranges.valueStarts, ranges.valueLengths),
    found,
  ];
}

function textOf(data: Uint8Array, start: number, length: number): string | null {
  if (length < 0) return null;
  if (length > 100) return `${length} bytes, murmur2 ${murmur2(data, start, start + length)}`;
  return Buffer.from(data.subarray(start, start + length)).toString("utf8");
}
