import { existsSync, mkdtempSync, readdirSync, rmSync, utimesSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { storageConformance, text } from "./byte-storage.test-helper.ts";
import { FileStorage } from "./file-storage.ts";
import { nodeFiles } from "./file-system.ts";

const root = mkdtempSync(join(tmpdir(), "millrace-storage-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let count = 0;
const folder = (): string => join(root, String(count++));

storageConformance(() => new FileStorage(folder(), nodeFiles));

test("nothing of its own stays", async () => {
  const place = folder();
  const storage = new FileStorage(place, nodeFiles);
  const version = await storage.create("a", text("1"));
  await storage.replace("a", text("2"), version!);
  await storage.put("a", text("3"));
  expect(readdirSync(place)).toEqual(["a"]);
});

test("a guard that a dead process left is broken", async () => {
  const place = folder();
  const left = new Set<string>();
  const dying = new FileStorage(place, {
    ...nodeFiles,
    rm: async (path) => (path.includes("guard") ? void left.add(path) : nodeFiles.rm(path)),
  });
  const first = await dying.create("a", text("1"));
  const second = await dying.replace("a", text("2"), first!);
  expect([...left].map((path) => existsSync(path))).toEqual([true]);
  for (const path of left) utimesSync(path, 0, 0);
  expect(await new FileStorage(place, nodeFiles).replace("a", text("3"), second!)).toBeDefined();
});
