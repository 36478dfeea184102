import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { noise } from "../byte-storage.test-helper.ts";
import { replayable, type Replayable } from "./replayable.ts";

const before = process.env["TMPDIR"];
let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-replayable-"));
  process.env["TMPDIR"] = folder;
});
afterAll(() => {
  if (before === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = before;
  rmSync(folder, { recursive: true, force: true });
});
async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function contentsOf({ body }: Replayable): Promise<Buffer> {
  if (body instanceof Uint8Array) return Buffer.from(body);
  const found: Uint8Array[] = [];
  for await (const piece of body.pieces()) found.push(piece);
  return Buffer.concat(found);
}

test.each([0, 1, 8 << 20, (8 << 20) + 1, 20_000_003])("%i bytes, twice", async (length) => {
  const bytes = noise(length);
  const kept = await replayable(inPieces(bytes, 700_001));
  expect(kept.body.length).toBe(length);
  expect(kept.body instanceof Uint8Array).toBe(length <= 8 << 20);
  if (process.platform !== "win32") expect(readdirSync(folder)).toEqual([]);
  for (let again = 0; again < 2; again++) expect(Buffer.compare(await contentsOf(kept), bytes)).toBe(0);
  await kept.close();
  expect(readdirSync(folder)).toEqual([]);
});

test("what fails while it arrives leaves nothing", async () => {
  const failing = async function* (): AsyncGenerator<Uint8Array> {
    yield* inPieces(noise(20 << 20), 1 << 20);
    throw new Error("no more");
  };
  await expect(replayable(failing())).rejects.toThrow("no more");
  expect(readdirSync(folder)).toEqual([]);
});
