import { CODECS, checkWritable, Compressor, type Codec } from "../src/connectors/kafka/records/compression.ts";
import { crc32c } from "../src/connectors/kafka/records/crc32c.ts";
import { RecordDecoder } from "../src/connectors/kafka/records/decode.ts";
import { NO_PRODUCER, RecordBatchWriter } from "../src/connectors/kafka/records/encode.ts";

const RECORDS = 20_000;
const VALUE_BYTES = 200;
const MAX_RECORDS = 4096;

interface Rows {
  readonly values: Uint8Array;
  readonly ends: Int32Array;
}

/** JSON values of about 200 bytes, of which some repeat as in real messages. */
function rows(): Rows {
  let seed = 1;
  const random = (): number => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0);
  const ends = new Int32Array(RECORDS);
  const texts: Buffer[] = [];
  let end = 0;
  for (let i = 0; i < RECORDS; i++) {
    const text = `{"id":${i},"user":"user-${random() % 5000}","amount":${random() % 100_000},"time":"2026-01-01 10:${i % 60}:00","note":"${random().toString(36)}${random().toString(36)} `;
    texts.push(Buffer.from(`${text.padEnd(VALUE_BYTES - 2, "lorem ipsum ")}"}`));
    end += texts[i]?.length ?? 0;
    ends[i] = end;
  }
  return { values: Buffer.concat(texts), ends };
}

function encodeMany({ values, ends }: Rows, compressor: Compressor | undefined): Uint8Array[] {
  const writer = new RecordBatchWriter("bench-0");
  const batches: Uint8Array[] = [];
  for (let at = 0; at < RECORDS;) {
    at = writer.addMany(values, ends, at, RECORDS, 1_700_000_000_000);
    batches.push(writer.finish(NO_PRODUCER, compressor));
  }
  return batches;
}

function encodeEach({ values, ends }: Rows): void {
  const writer = new RecordBatchWriter("bench-0");
  for (let i = 0, start = 0; i < RECORDS; i++) {
    const end = ends[i] as number;
    // A key of eight bytes out of the value.
    while (!writer.add(1_700_000_000_000 + i, values, start, start + 8, values, start, end, null))
      writer.recycle(writer.finish(NO_PRODUCER));
    start = end;
  }
  writer.finish(NO_PRODUCER);
}

function decode(bytes: Uint8Array, checkCrcs: boolean): void {
  const decoder = new RecordDecoder({ checkCrcs });
  let found = 0;
  decoder.open({ bytes, start: 0, end: bytes.length, fromOffset: 0, name: "bench-0" });
  for (let ranges = decoder.next(MAX_RECORDS); ranges !== undefined; ranges = decoder.next(MAX_RECORDS))
    found += ranges.count;
  if (found !== RECORDS) throw new Error(`${found} records instead of ${RECORDS}`);
}

/** CPU seconds for a million records; the least of several runs. */
function perMillion(runs: number, action: () => void): number {
  let least = Infinity;
  for (let run = 0; run < runs + 1; run++) {
    const before = process.cpuUsage();
    for (let i = 0; i < 10; i++) action();
    const { user, system } = process.cpuUsage(before);
    if (run > 0) least = Math.min(least, (user + system) / (10 * RECORDS));
  }
  return least;
}

function isWritable(codec: Codec): boolean {
  try {
    checkWritable(codec);
    return true;
  } catch {
    return false;
  }
}

/** Decoding and encoding of Kafka's record batches, without a broker: 200-byte values, CPU seconds per million. */
export function kafkaRecords(runs: number): Record<string, number> {
  const input = rows();
  const results: Record<string, number> = {};
  const measured = (name: string, action: () => void): void => {
    const seconds = perMillion(runs, action);
    results[name] = seconds;
    console.log(`${name.padEnd(28)} ${seconds.toFixed(3)} CPU s per million`);
  };
  measured("checksum alone", () => crc32c(input.values, 0, input.values.length));
  for (const codec of CODECS.filter(isWritable)) {
    const compressor = new Compressor(codec);
    const bytes = Buffer.concat(encodeMany(input, compressor));
    console.log(`${codec}: ${(bytes.length / RECORDS).toFixed(0)} bytes a record`);
    measured(`decode, ${codec}`, () => decode(bytes, true));
    if (codec === "none") measured("decode, no checksum", () => decode(bytes, false));
    measured(`encode many, ${codec}`, () => encodeMany(input, compressor));
  }
  measured("encode each, with a key", () => encodeEach(input));
  return results;
}
