import fc from "fast-check";
import { expect, test } from "vitest";
import { ByteWriter } from "../../base/byte-writer.ts";
import { decodeUtf8, encodeUtf8 } from "../../batch/utf8.ts";
import { writeJsonString } from "../json/string.ts";
import { wordsOf, writeDecimal, writeDecimalLong } from "./write.ts";

function text(write: (out: ByteWriter) => void): string {
  const out = new ByteWriter(1);
  write(out);
  return decodeUtf8(out.bytes, 0, out.length);
}

test("small decimals are written as all others", () => {
  const limit = 10n ** 18n - 1n;
  const value = fc.oneof(
    fc.bigInt({ min: -limit, max: limit }),
    fc.bigInt({ min: -100_000n, max: 100_000n }).map((small) => small * 1000n),
    fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }),
  );
  fc.assert(
    fc.property(value, fc.integer({ min: 0, max: 18 }), fc.boolean(), (unscaled, scale, plain) => {
      const words = wordsOf(BigInt64Array.of(unscaled));
      expect(text((out) => writeDecimalLong(out, words, 0, scale, plain))).toBe(
        text((out) => writeDecimal(out, unscaled, scale, plain)),
      );
    }),
    { numRuns: 500 },
  );
});

test("decimals as Flink writes them", () => {
  const written = (unscaled: bigint, scale: number, plain: boolean): string =>
    text((out) => writeDecimal(out, unscaled, scale, plain));
  expect([
    written(1000n, 10, false),
    written(100_000n, 2, false),
    written(0n, 2, false),
    written(150n, 2, false),
  ]).toEqual(["1E-7", "1E+3", "0", "1.5"]);
  expect([written(1000n, 10, true), written(100_000n, 2, true), written(0n, 2, true), written(-5n, 2, true)]).toEqual([
    "0.0000001000",
    "1000.00",
    "0.00",
    "-0.05",
  ]);
});

test("any text comes back from JSON", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.boolean(), (value, escapePairs) => {
      const bytes = encodeUtf8(value);
      const json = text((out) => writeJsonString(out, bytes, 0, bytes.length, escapePairs));
      expect(JSON.parse(json)).toBe(value);
    }),
    { numRuns: 500 },
  );
});
