import { describe, expect, test } from "vitest";
import { crc32c } from "./crc32c.ts";
import { RecordDecoder } from "./decode.ts";
import { decodeAll, JAVA, javaBatch, plainRecord } from "./records.test-helper.ts";

describe("batches of the Java client", () => {
  test.each(Object.keys(JAVA.batches).filter((name) => name !== "transactions"))("%s", (name) => {
    const { bytes, records } = javaBatch(name);
    for (const maxRecords of [1, 3, 1000]) expect(decodeAll(bytes, { maxRecords }).records).toEqual(records);
  });

  test("leader epoch and kind of timestamp", () => {
    const decoder = new RecordDecoder();
    const open = (bytes: Uint8Array): void =>
      decoder.open({ bytes, start: 0, end: bytes.length, fromOffset: 0, name: "t-0" });
    open(javaBatch("none").bytes);
    const created = decoder.next(10);
    expect([...(created?.leaderEpochs.subarray(0, 7) ?? [])]).toEqual([7, 7, 7, 7, 7, 7, 7]);
    expect([...(created?.timestampTypes.subarray(0, 7) ?? [])]).toEqual([0, 0, 0, 0, 0, 0, 0]);
    open(javaBatch("log append time").bytes);
    expect(decoder.next(10)?.timestampTypes[6]).toBe(1);
  });

  test("ranges of plain batches point into the answer", () => {
    const { bytes } = javaBatch("none");
    const decoder = new RecordDecoder();
    decoder.open({ bytes, start: 0, end: bytes.length, fromOffset: 0, name: "t-0" });
    expect(decoder.next(10)?.data).toBe(bytes);
  });

  test("headers are counted only where they are asked for", () => {
    const { bytes } = javaBatch("none");
    expect(decodeAll(bytes, { headers: false }).records.map((record) => record[4])).toEqual(Array(7).fill([]));
  });
});

describe("offsets", () => {
  test("records before the one that was asked for are passed over", () => {
    const { bytes, records } = javaBatch("lz4");
    expect(decodeAll(bytes, { fromOffset: 1003 })).toMatchObject({ records: records.slice(3), nextOffset: 1007 });
    expect(decodeAll(bytes, { fromOffset: 1007 })).toMatchObject({ records: [], nextOffset: 1007 });
  });

  test("the offset goes behind what compaction removed", () => {
    const { bytes } = javaBatch("compacted");
    expect(decodeAll(bytes)).toMatchObject({ nextOffset: 71 });
    expect(decodeAll(bytes, { fromOffset: 60 })).toMatchObject({ records: [], nextOffset: 71 });
  });

  test("it follows each call, also inside a batch", () => {
    const { bytes } = javaBatch("gzip");
    const decoder = new RecordDecoder();
    decoder.open({ bytes, start: 0, end: bytes.length, fromOffset: 1000, name: "t-0" });
    decoder.next(2);
    expect(decoder.nextOffset).toBe(1002);
    decoder.next(3);
    expect(decoder.nextOffset).toBe(1005);
  });
});

describe("transactions", () => {
  const { bytes, records } = javaBatch("transactions");
  const data = records.filter((record) => record[2] !== "control");

  test("read_uncommitted sees all but the markers", () => {
    expect(decodeAll(bytes)).toMatchObject({ records: data, nextOffset: 8 });
  });

  test("read_committed drops a producer's records from the first offset to its abort marker", () => {
    const aborted = [{ producerId: 11, firstOffset: 0 }];
    expect(decodeAll(bytes, { aborted }).records.map((record) => record[3])).toEqual([
      "plain 2",
      "committed 3",
      "committed 6",
    ]);
    // Asked from the middle of the aborted batch, the same list comes.
    expect(decodeAll(bytes, { aborted, fromOffset: 1 }).records.map((record) => record[0])).toEqual([2, 3, 6]);
    expect(decodeAll(bytes, { aborted: [] }).records).toEqual(data);
  });

  test("an answer of nothing but aborted records and markers moves on", () => {
    const first = javaBatch("transactions").bytes.subarray(0, batchEnd(bytes, 0));
    const aborted = [{ producerId: 11, firstOffset: 0 }];
    expect(decodeAll(first, { aborted })).toMatchObject({ records: [], nextOffset: 2 });
    const marker = bytes.subarray(bytes.length - 78);
    expect(marker[16]).toBe(2);
    expect(decodeAll(marker, { aborted, fromOffset: 7 })).toMatchObject({ records: [], nextOffset: 8 });
  });
});

describe("answers of several batches", () => {
  test("a batch that is cut off is left for the next fetch", () => {
    const { bytes, records } = javaBatch("none");
    for (const cut of [1, 8, 11, 12, 17, 60, 61, bytes.length - 1]) {
      const two = Buffer.concat([bytes, moved(bytes, 1007).subarray(0, cut)]);
      expect(decodeAll(two)).toMatchObject({ records, nextOffset: 1007, missingBytes: 0 });
    }
  });

  test("a first batch that is cut off says how many bytes it needs", () => {
    const { bytes } = javaBatch("none");
    expect(decodeAll(bytes.subarray(0, 100))).toMatchObject({ records: [], missingBytes: bytes.length });
    expect(decodeAll(bytes.subarray(0, 5)).missingBytes).toBe(61);
    expect(decodeAll(new Uint8Array(0)).missingBytes).toBe(0);
  });

  test("all codecs mixed, any number of records at once", () => {
    const names = ["none", "gzip", "none", "snappy", "lz4", "none", "none", "zstd"];
    const all = Buffer.concat(names.map((name, i) => moved(javaBatch(name).bytes, 1000 + 7 * i)));
    const expected = names.flatMap((name, i) =>
      javaBatch(name).records.map(([offset, ...rest]) => [offset + 7 * i, ...rest]),
    );
    for (const maxRecords of [1, 2, 5, 8, 13, 1000]) expect(decodeAll(all, { maxRecords }).records).toEqual(expected);
    // Only the first plain batch cannot share its ranges with what comes after it.
    expect(decodeAll(all).calls).toBe(2);
  });

  test("a decoder goes on with another answer, whatever it had left", () => {
    const decoder = new RecordDecoder({ headers: true });
    for (const name of ["gzip", "none", "zstd", "none"]) {
      const { bytes, records } = javaBatch(name);
      decoder.open({ bytes, start: 0, end: bytes.length, fromOffset: 0, name: "t-0" });
      const ranges = decoder.next(2);
      expect(ranges === undefined ? undefined : plainRecord(ranges, 1)).toEqual(records[1]);
    }
  });
});

describe("what is no record batch", () => {
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = Uint8Array.from(javaBatch("none").bytes);
    bytes[at] = value;
    return bytes;
  };

  test("a wrong checksum, unless it is not looked at", () => {
    const bytes = changed(70, 0x58);
    expect(() => decodeAll(bytes)).toThrowError(
      /of t-0 at or after offset 0: the batch is broken, its checksum is wrong/,
    );
    expect(decodeAll(bytes, { checkCrcs: false }).records).toHaveLength(7);
  });

  test("records before it are given first, and the error stays", () => {
    const { bytes, records } = javaBatch("none");
    const broken = Buffer.concat([bytes, moved(changed(70, 0x58), 1007)]);
    const decoder = new RecordDecoder();
    decoder.open({ bytes: broken, start: 0, end: broken.length, fromOffset: 1000, name: "t-0" });
    expect(decoder.next(100)?.count).toBe(records.length);
    expect(decoder.nextOffset).toBe(1007);
    for (let i = 0; i < 2; i++) expect(() => decoder.next(100)).toThrowError(/after offset 1007/);
  });

  test.each([
    [16, 1, "message format of Kafka before 0.11"],
    [16, 3, "unknown format 3"],
    [8, 0xff, "its length is wrong"],
  ])("byte %i = %i: %s", (at, value, message) => {
    expect(() => decodeAll(changed(at, value))).toThrowError(message);
  });

  test.each([
    [22, 7, "unknown codec 7"],
    [23, 0x80, "its last offset is before its first"],
    [57, 0x80, "its number of records is negative"],
    [60, 8, "a record is broken"],
    [61, 0x7f, "a record is broken"],
    [61, 0x0c, "a record is broken"],
    [65, 0x7f, "a record is broken"],
  ])("with a right checksum, byte %i = %i: %s", (at, value, message) => {
    expect(() => decodeAll(sealed(changed(at, value)))).toThrowError(message);
  });

  test("a batch that decompresses to more than is allowed", () => {
    for (const codec of ["gzip", "snappy", "lz4", "zstd"])
      expect(() => decodeAll(javaBatch(codec).bytes, { maxBatchBytes: 80_000 })).toThrowError(
        "the batch decompresses to more bytes than one batch may have",
      );
  });
});

function batchEnd(bytes: Uint8Array, at: number): number {
  return at + 12 + new DataView(bytes.buffer, bytes.byteOffset).getInt32(at + 8);
}

/** The batch with another first offset, which the checksum does not cover. */
function moved(bytes: Uint8Array, offset: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  new DataView(copy.buffer).setInt32(4, offset);
  return copy;
}

/** The batch with the checksum that its bytes have. */
function sealed(bytes: Uint8Array): Uint8Array {
  new DataView(bytes.buffer).setUint32(17, crc32c(bytes, 21, bytes.length));
  return bytes;
}
