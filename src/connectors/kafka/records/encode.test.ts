import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkWritable, CODECS, Compressor, type Codec } from "./compression.ts";
import { NO_PRODUCER, RecordBatchWriter } from "./encode.ts";
import { HeaderWriter } from "./header-writer.ts";
import { decodeAll, type PlainRecord } from "./records.test-helper.ts";

const WRITABLE = CODECS.filter((codec) => {
  try {
    checkWritable(codec);
    return true;
  } catch {
    return false;
  }
});

/** Adds a record, by ranges inside larger buffers. */
function addPlain(writer: RecordBatchWriter, [, timestamp, key, value, headers]: PlainRecord): boolean {
  const headerWriter = new HeaderWriter();
  for (const [headerKey, headerValue] of headers) {
    const [bytes, start, end] = range(headerKey ?? "");
    headerWriter.add(bytes ?? new Uint8Array(0), start, end, ...range(headerValue));
  }
  return writer.add(timestamp, ...range(key), ...range(value), headers.length === 0 ? null : headerWriter);
}

function range(text: string | null): [Uint8Array | null, number, number] {
  if (text === null) return [null, 0, 0];
  const bytes = Buffer.from(`<<${text}>>`);
  return [bytes, 2, bytes.length - 2];
}

const text = fc.option(fc.string({ unit: "grapheme", maxLength: 12 }), { nil: null });
const headers = fc.array(fc.tuple(fc.string({ maxLength: 5 }), text), { maxLength: 3 });
const timestamp = fc.oneof(
  fc.integer({ min: 1_699_999_999_000, max: 1_700_000_001_000 }),
  fc.constantFrom(-1, 0, -62_135_596_800_000, 253_402_300_799_999),
);

describe("what was written is read again", () => {
  test.each(WRITABLE)("%s", (codec) => {
    const compressor = new Compressor(codec);
    fc.assert(
      fc.property(fc.array(fc.tuple(timestamp, text, text, headers), { minLength: 1, maxLength: 200 }), (rows) => {
        const records = rows.map(([time, key, value, list], i): PlainRecord => [i, time, key, value, list]);
        const writer = new RecordBatchWriter("t-0");
        for (const record of records) expect(addPlain(writer, record)).toBe(true);
        const { byteLength } = writer;
        const batch = writer.finish(NO_PRODUCER, compressor);
        if (codec === "none") expect(batch.length).toBe(byteLength);
        expect(decodeAll(batch)).toMatchObject({ records, nextOffset: records.length });
        expect(writer.count).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  test("many values at once are as if they were added one by one", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 80 }), { maxLength: 300 }),
        fc.nat(5),
        fc.integer({ min: 300, max: 3000 }),
        (values, from, targetBytes) => {
          const bytes = Buffer.concat(values);
          let end = 0;
          const ends = Int32Array.from(values, (value) => (end += value.length));
          const many = new RecordBatchWriter("t-0", { targetBytes });
          const single = new RecordBatchWriter("t-0", { targetBytes });
          const batches: [Uint8Array, Uint8Array][] = [];
          const cut = (): number => batches.push([many.finish(NO_PRODUCER), single.finish(NO_PRODUCER)]);
          let time = 1000;
          for (let at = Math.min(from, values.length); at < values.length;) {
            // Pieces, so that batches also go on with what they had.
            const to = Math.min(values.length, at + 7);
            const stop = many.addMany(bytes, ends, at, to, time);
            for (; at < stop; at++)
              expect(single.add(time, null, 0, 0, bytes, ends[at - 1] ?? 0, ends[at] ?? 0, null)).toBe(true);
            if (stop < to) {
              expect(single.add(time, null, 0, 0, bytes, ends[at - 1] ?? 0, ends[at] ?? 0, null)).toBe(false);
              cut();
            }
            time += 40;
          }
          if (many.count > 0) cut();
          for (const [one, other] of batches) expect(Buffer.compare(one, other)).toBe(0);
        },
      ),
    );
  });
});

describe("the header of a batch", () => {
  test("names the producer, its sequence and its transaction", () => {
    const writer = new RecordBatchWriter("t-0");
    const value = Buffer.from("v");
    for (const time of [5000, 4000, 7000]) writer.add(time, null, 0, 0, value, 0, 1, null);
    const producer = { producerId: 2 ** 40 + 7, producerEpoch: 3, baseSequence: 2_147_483_647, transactional: true };
    const batch = writer.finish(producer);
    const view = new DataView(batch.buffer);
    expect(view.getInt32(8)).toBe(batch.length - 12);
    expect(view.getInt32(12)).toBe(-1);
    expect(view.getInt16(21)).toBe(0x10);
    expect(view.getInt32(23)).toBe(2);
    expect([view.getBigInt64(27), view.getBigInt64(35), view.getBigInt64(43)]).toEqual([5000n, 7000n, 2n ** 40n + 7n]);
    expect([view.getInt16(51), view.getInt32(53), view.getInt32(57)]).toEqual([3, 2_147_483_647, 3]);
  });

  test("without a producer all of it is -1", () => {
    const writer = new RecordBatchWriter("t-0");
    writer.add(-1, null, 0, 0, null, 0, 0, null);
    const batch = writer.finish(NO_PRODUCER);
    expect([...batch.subarray(27, 57)]).toEqual(Array(30).fill(255));
    expect(batch[22]).toBe(0);
  });
});

describe("sizes", () => {
  const value = new Uint8Array(2000);

  test("a batch is closed before it gets larger than it should", () => {
    const writer = new RecordBatchWriter("t-0", { targetBytes: 10_000 });
    let added = 0;
    while (writer.add(0, null, 0, 0, value, 0, 2000, null)) added += 1;
    expect(added).toBe(4);
    expect(writer.byteLength).toBeLessThanOrEqual(10_000);
    expect(writer.finish(NO_PRODUCER).length).toBeLessThanOrEqual(10_000);
    expect(writer.add(0, null, 0, 0, value, 0, 2000, null)).toBe(true);
  });

  test("a larger record gets a batch of its own, up to what may be sent", () => {
    const writer = new RecordBatchWriter("orders-3", { targetBytes: 1000, maxBytes: 2100 });
    expect(writer.addMany(value, Int32Array.of(2000), 0, 1, 0)).toBe(1);
    expect(writer.add(0, null, 0, 0, value, 0, 1, null)).toBe(false);
    writer.finish(NO_PRODUCER);
    const long = new Uint8Array(2100);
    expect(() => writer.add(0, null, 0, 0, long, 0, 2100, null)).toThrowError(
      "a record for orders-3 has 2170 bytes with its batch, more than the 2100 that may be sent",
    );
    expect(() => writer.addMany(long, Int32Array.of(2100), 0, 1, 0)).toThrowError("2170 bytes");
  });
});

test.each(["none", "lz4"] satisfies Codec[])("memory that was given back is used again (%s)", (codec) => {
  const compressor = new Compressor(codec);
  const writer = new RecordBatchWriter("t-0");
  const write = (word: string): Uint8Array => {
    writer.add(0, null, 0, 0, Buffer.from(word), 0, word.length, null);
    return writer.finish(NO_PRODUCER, compressor);
  };
  const first = write("first");
  const second = write("second");
  expect(decodeAll(first).records[0]?.[3]).toBe("first");
  writer.recycle(first);
  // The memory is that of the batch after the next: the next one is already being filled where nothing is compressed.
  const third = write("third");
  const fourth = write("fourth");
  expect([third.buffer, fourth.buffer]).toContain(first.buffer);
  expect([second, third, fourth].map((batch) => decodeAll(batch).records[0]?.[3])).toEqual([
    "second",
    "third",
    "fourth",
  ]);
});
