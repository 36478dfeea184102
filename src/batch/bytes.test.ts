import { expect, test } from "vitest";
import { copyWords, recentView } from "./bytes.ts";

test("words are copied bit by bit, of every length and at every place, also where they look like NaN", () => {
  const source = Uint8Array.from({ length: 1024 }, (_, i) => (i % 3 === 0 ? 0xff : (i * 37) & 0xff));
  // Often enough for optimised code.
  for (let round = 0; round < 40; round++) {
    for (let length = 0; length < 300; length += round === 0 ? 1 : 7) {
      const target = new Uint8Array(400);
      const start = (round * 13 + length) % 512;
      const offset = round % 9;
      copyWords(recentView(source), start, length, new DataView(target.buffer), offset);
      const expected = new Uint8Array(400);
      expected.set(source.subarray(start, start + length), offset);
      expect(Buffer.compare(target, expected)).toBe(0);
    }
  }
});

test("a view follows its bytes, also those in the middle of a buffer", () => {
  const bytes = Uint8Array.of(1, 2, 3, 4).subarray(1);
  expect(recentView(bytes).getUint8(0)).toBe(2);
  expect(recentView(Uint8Array.of(9)).getUint8(0)).toBe(9);
  expect(recentView(bytes)).toHaveProperty("byteLength", 3);
});
