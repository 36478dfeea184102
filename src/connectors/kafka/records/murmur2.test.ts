import { expect, test } from "vitest";
import { murmur2, partitionOfKey } from "./murmur2.ts";
import { JAVA } from "./records.test-helper.ts";

test.each(JAVA.murmur2)("the hash of %s is Java's", (base64, hash) => {
  const bytes = Buffer.concat([Buffer.from("xy"), Buffer.from(base64, "base64"), Buffer.from("z")]);
  expect(murmur2(bytes, 2, bytes.length - 1)).toBe(hash);
});

test("the sign bit is dropped before the partition is taken", () => {
  const key = Buffer.from("21");
  expect(murmur2(key, 0, 2)).toBe(-973_932_308);
  expect(partitionOfKey(key, 0, 2, 7)).toBe((-973_932_308 & 0x7fffffff) % 7);
});
