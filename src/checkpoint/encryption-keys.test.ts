import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { encryptionKeys, keyFor, keyOf, parseKeyOption } from "./encryption-keys.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-keys-"));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllEnvs());

const BYTES = Buffer.from(Array.from({ length: 32 }, (_, i) => i + 200));
const ID = keyOf(BYTES).id;

function file(name: string, contents: string | Uint8Array): string {
  writeFileSync(join(folder, name), contents);
  return `file:${join(folder, name)}`;
}

test.each([
  ["base64", () => BYTES.toString("base64")],
  ["base64 of URLs without its end", () => BYTES.toString("base64url")],
  ["hexadecimal digits", () => BYTES.toString("hex").toUpperCase()],
])("a key as %s, in the environment and in a file", async (_, text) => {
  vi.stubEnv("KEY_OF_TEST", text());
  expect((await encryptionKeys("env:KEY_OF_TEST"))?.current.id).toBe(ID);
  expect((await encryptionKeys(file("text", `${text()}\n`)))?.ids).toEqual([ID]);
});

test("raw bytes in a file; a file: URI; several keys, of which the first writes", async () => {
  const raw = file("raw", BYTES);
  vi.stubEnv("OTHER_KEY", Buffer.alloc(32, 9).toString("hex"));
  const keys = await encryptionKeys(`env:OTHER_KEY, ${raw.replace("file:", "file://")}`);
  expect(keys?.current.id).toBe(keyOf(Buffer.alloc(32, 9)).id);
  expect(keyFor(keys, ID, "x").id).toBe(ID);
  expect(inspect(keys, { depth: 9 })).not.toMatch(/c8c9|200, 201|0909/i);
});

test("what holds no key says where, and nothing of what is there", async () => {
  vi.stubEnv("SHORT_KEY", "not-a-key-but-secret");
  for (const value of [
    "env:SHORT_KEY",
    "env:NOT_SET_AT_ALL",
    file("short", "not-a-key-but-secret"),
    `file:${folder}/none`,
  ])
    await expect(encryptionKeys(value)).rejects.toMatchObject({
      code: "OPTION_INVALID",
      message: expect.not.stringContaining("but-secret"),
    });
});

test("a key in the place of its name is refused, and not shown", () => {
  const key = BYTES.toString("hex");
  for (const value of [key, `env:${key}`, "", "env:", "env:A,", "vault:x"])
    expect(() => parseKeyOption(value)).toThrow(expect.objectContaining({ code: "OPTION_INVALID" }));
  expect(() => parseKeyOption(key)).not.toThrow(key);
});

test("a key that is not given is named by its id", () => {
  expect(() => keyFor(undefined, ID, "the checkpoint x")).toThrow(`the checkpoint x is encrypted with the key ${ID}`);
});
