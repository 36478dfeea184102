import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { TABLE_CHARSETS, tableCharset } from "./charsets.ts";

/** Of what each character up to U+2FFFF is written as, in the order of the characters; the same as Java's (17). */
function digestOf(name: string): string {
  const { encode } = tableCharset(name)!;
  const hash = createHash("sha1");
  for (let character = 0; character < 0x30000; character++)
    if (character < 0xd800 || character > 0xdfff) hash.update(encode(String.fromCodePoint(character)));
  return hash.digest("hex").slice(0, 8);
}

const JAVA = {
  GBK: "59a45564",
  GB2312: "bf629ce6",
  "EUC-KR": "0956c46d",
  SHIFT_JIS: "dd2f312f",
  "WINDOWS-31J": "340054c1",
  "WINDOWS-1252": "911beb48",
  "WINDOWS-1253": "2cbddee7",
  "ISO-8859-9": "a543e489",
  IBM866: "702f02cd",
};

test("whole tables are Java's, whatever the platform's decoders say", () => {
  expect(Object.fromEntries(Object.keys(JAVA).map((name) => [name, digestOf(name)]))).toEqual(JAVA);
});

test("what is written is read as the same", () => {
  for (const name of TABLE_CHARSETS) {
    const { encode, decode } = tableCharset(name)!;
    const text = Array.from({ length: 0xd7ff }, (_, i) => String.fromCodePoint(i + 1))
      .filter((character) => decode(encode(character)) === character)
      .join("");
    expect(text.length).toBeGreaterThan(200);
    expect(decode(encode(text))).toBe(text);
  }
});

test("a byte that means nothing is one U+FFFD, and does not swallow what begins a character", () => {
  expect(tableCharset("GBK")!.decode(Uint8Array.of(0xff, 0x61, 0x81))).toBe("\ufffda\ufffd");
  expect(tableCharset("EUC-KR")!.decode(Uint8Array.of(0xb0, 0x61))).toBe("\ufffda");
});
