import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ByteWriter } from "../../../base/byte-writer.ts";
import { SqlError } from "../../../base/errors.ts";
import { CODECS, Compressor, decompress, type Codec } from "./compression.ts";
import { javaBatch } from "./records.test-helper.ts";

const LIMIT = 1 << 20;
const nodeWritesZstd = "zstdCompressSync" in (await import("node:zlib"));
const WRITABLE = CODECS.filter((codec) => codec !== "zstd" || nodeWritesZstd);
const PACKED = CODECS.filter((codec) => codec !== "none");

function pack(codec: Codec, bytes: Uint8Array): Uint8Array {
  const out = new ByteWriter(0);
  const framed = Buffer.concat([Buffer.from("ab"), bytes, Buffer.from("c")]);
  new Compressor(codec).compress(framed, 2, framed.length - 1, out);
  return out.bytes.slice(0, out.length);
}

function unpack(codec: Codec, bytes: Uint8Array, limit = LIMIT): Uint8Array {
  const out = new ByteWriter(0);
  out.byte(7);
  decompress(codec, bytes, 0, bytes.length, out, limit);
  expect(out.bytes[0]).toBe(7);
  return out.bytes.slice(1, out.length);
}

/** The compressed records of a batch of the Java client. */
function javaRecords(codec: Codec): Uint8Array {
  return javaBatch(codec).bytes.subarray(61);
}

describe.each(WRITABLE)("%s", (codec) => {
  test("gives back any bytes", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      // What repeats, near and far, over more than one block.
      fc
        .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 3000 })), {
          maxLength: 6,
        })
        .map((runs) => Buffer.concat(runs.flatMap(([run, times]) => Array<Uint8Array>(times).fill(run)))),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        expect(Buffer.compare(unpack(codec, pack(codec, given)), given)).toBe(0);
      }),
    );
  });

  test("gives back what does not compress, over several blocks", () => {
    let seed = 1;
    const noise = Uint8Array.from({ length: 200_000 }, () => (seed = Math.imul(seed, 1_103_515_245) + 12_345) >>> 24);
    expect(Buffer.compare(unpack(codec, pack(codec, noise)), noise)).toBe(0);
    expect(pack(codec, noise).length).toBeLessThan(201_000);
  });

  test("compresses text", () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `{"id":${i},"name":"user ${i % 97}","amount":${i * 7}}\n`);
    const given = Buffer.from(lines.join(""));
    const packed = pack(codec, given);
    if (codec !== "none") expect(packed.length).toBeLessThan(given.length / 3);
    expect(Buffer.compare(unpack(codec, packed), given)).toBe(0);
  });
});

describe.each(PACKED)("%s of the Java client", (codec) => {
  const packed = javaRecords(codec);
  const whole = unpack(codec, packed);

  test("stops at the limit", () => {
    expect(unpack(codec, packed, whole.length).length).toBe(whole.length);
    expect(() => unpack(codec, packed, whole.length - 1)).toThrowError(
      "the batch decompresses to more bytes than one batch may have",
    );
  });

  test("an end that is missing is an error", () => {
    for (const length of [1, 5, 20, packed.length >> 1, packed.length - 5]) {
      const cut = packed.subarray(0, length);
      expect(() => unpack(codec, cut), `${length}`).toThrowError(`the ${codec} data is broken`);
    }
  });

  test("other bytes are never more than an error", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(packed.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        (edits) => {
          const changed = Uint8Array.from(packed);
          for (const [at, value] of edits) changed[at] = value;
          const out = new ByteWriter(0);
          try {
            decompress(codec, changed, 0, changed.length, out, LIMIT);
          } catch (error) {
            expect(error).toBeInstanceOf(SqlError);
            expect(out.length).toBe(0);
          }
          expect(out.bytes.length).toBeLessThanOrEqual(2 * LIMIT);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("bombs", () => {
  const zeros = new Uint8Array(50 << 20);
  test.each(WRITABLE.filter((codec) => codec !== "none"))("%s", (codec) => {
    const bomb = pack(codec, zeros);
    expect(bomb.length).toBeLessThan(4 << 20);
    const out = new ByteWriter(0);
    expect(() => decompress(codec, bomb, 0, bomb.length, out, LIMIT)).toThrowError(
      "more bytes than one batch may have",
    );
    expect(out.bytes.length).toBeLessThanOrEqual(2 * LIMIT);
  });

  test("a window that zstd only claims takes no memory", () => {
    // A frame whose header names a window of 1 GB, or 2^50 bytes in one segment.
    const window = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3, 1, 0, 0);
    const segment = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0xe0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 0, 0);
    const before = process.memoryUsage().arrayBuffers;
    for (const frame of [window, segment]) {
      try {
        expect(unpack("zstd", frame)).toHaveLength(0);
      } catch (error) {
        expect(error).toBeInstanceOf(SqlError);
      }
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 << 20);
  });
});

describe("forms that other clients write", () => {
  const text = Buffer.from("abcdabcdabcdabcdabcdabcd-the end");

  test("snappy without framing", () => {
    // "abcd" as it stands, a copy of 20 bytes from 4 back, and the rest.
    const block = Buffer.concat([Buffer.from([32, 3 << 2]), Buffer.from("abcd"), Buffer.from([2 | (19 << 2), 4, 0])]);
    const rest = Buffer.from("-the end");
    const whole = Buffer.concat([block, Buffer.from([7 << 2]), rest]);
    expect(Buffer.from(unpack("snappy", whole)).toString()).toBe(text.toString());
  });

  test("streams and frames that were put together", () => {
    for (const codec of ["snappy", "lz4", "gzip"] satisfies Codec[]) {
      const twice = Buffer.concat([pack(codec, text), pack(codec, text)]);
      expect(Buffer.from(unpack(codec, twice)).toString()).toBe(text.toString().repeat(2));
    }
  });

  test("lz4 with blocks that reach back into the block before, sizes and checksums", () => {
    const magic = [0x04, 0x22, 0x4d, 0x18];
    // Linked blocks, block checksums, content size, content checksum.
    const header = [...magic, 0x40 | 0x10 | 0x08 | 0x04, 0x40, 8, 0, 0, 0, 0, 0, 0, 0, 0];
    const stored = [4, 0, 0, 0x80, ...Buffer.from("abcd"), 9, 9, 9, 9];
    const linked = [6, 0, 0, 0, 0x00, 4, 0, 0x20, ...Buffer.from("yz"), 9, 9, 9, 9];
    const frame = Uint8Array.from([...header, ...stored, ...linked, 0, 0, 0, 0, 8, 8, 8, 8]);
    const skipped = [0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    expect(Buffer.from(unpack("lz4", Uint8Array.from([...skipped, ...frame]))).toString()).toBe("abcdabcdyz");
  });
});

test.skipIf(nodeWritesZstd)("zstd is written by newer versions of Node only", () => {
  expect(() => new Compressor("zstd")).toThrowError("writing zstd needs Node 22.15 or later");
});
