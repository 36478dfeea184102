import { expect, test } from "vitest";
import { parseBase64 } from "./base64.ts";

const read = (text: string): string | undefined => {
  const bytes = parseBase64(Buffer.from(text), 0, text.length);
  return bytes && Buffer.from(bytes).toString("latin1");
};

test("any bytes come back", () => {
  for (let n = 0; n < 10; n++) {
    const bytes = Buffer.from(Array.from({ length: n }, (_, i) => (i * 71) & 255));
    expect(read(bytes.toString("base64"))).toBe(bytes.toString("latin1"));
  }
});

test.each([
  ["  YQ== ", "a"],
  ["YWJj YWJj", "abcabc"],
  ["YQ==YQ==", "aa"],
  ["YR==", "a"],
  ["   ", ""],
  ["YQ", undefined],
  ["YQ=", undefined],
  ["YWI", undefined],
  ["Y Q==", undefined],
  ["YQ==x", undefined],
  ["=", undefined],
  ["-_-_", undefined],
])("%j", (text, expected) => {
  expect(read(text)).toBe(expected);
});
