import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it } from "vitest";
import { FileStorage } from "../../storage/file-storage.ts";
import { nodeFiles } from "../../storage/file-system.ts";
import { scratchDirectory } from "../context.test-helper.ts";
import { RemoteFiles } from "./remote-files.ts";
import type { FileSplit } from "./table-files.ts";

let root = "";
beforeEach(() => {
  root = scratchDirectory();
});

function put(path: string, contents: string | Uint8Array): void {
  mkdirSync(dirname(`${root}/${path}`), { recursive: true });
  writeFileSync(`${root}/${path}`, contents);
}

function files(path: string, more: Partial<ConstructorParameters<typeof RemoteFiles>[1]> = {}): RemoteFiles {
  const place = { storage: new FileStorage(root, nodeFiles), path, location: `s3://bucket/${path}` };
  return new RemoteFiles(Promise.resolve(place), {
    partitionKeys: [],
    defaultPartition: "__HIVE_DEFAULT_PARTITION__",
    ...more,
  });
}

async function listed(...of: Parameters<typeof files>): Promise<string[]> {
  return (await files(...of).list()).map(({ path }) => path.replace("s3://bucket/", ""));
}

describe("which objects are read", () => {
  beforeEach(() => {
    for (const path of [
      "t/b.csv",
      "t/a.csv",
      "t/sub/c.csv",
      "t/_SUCCESS",
      "t/.staged-d.csv",
      "t/_tmp/e.csv",
      "table/f.csv",
    ])
      put(path, "1\n");
  });

  it("a folder with what is below it, an object, a glob; nothing hidden, nothing beside it", async () => {
    expect(await listed("t")).toEqual(["t/a.csv", "t/b.csv", "t/sub/c.csv"]);
    expect(await listed("t/a.csv")).toEqual(["t/a.csv"]);
    expect(await listed("t/*.csv")).toEqual(["t/a.csv", "t/b.csv"]);
    expect(await listed("t/s*")).toEqual(["t/sub/c.csv"]);
    expect(await listed("")).toEqual(["t/a.csv", "t/b.csv", "t/sub/c.csv", "table/f.csv"]);
    expect(await listed("t", { pattern: /^\/t\/[^/]*$/u })).toEqual(["t/a.csv", "t/b.csv"]);
  });

  it("size and time", async () => {
    const [file] = await files("t/a.csv").list();
    expect(file).toMatchObject({ sizeBytes: 2, partition: {} });
    expect(Math.abs(Date.now() - file!.modifiedMillis)).toBeLessThan(60_000);
  });

  it("nothing there", async () => {
    await expect(files("none").list()).rejects.toMatchObject({ code: "IO" });
    await expect(files("t/a.cs.csv").list()).rejects.toMatchObject({ code: "FILE_NOT_FOUND" });
    expect(await files("none").list(true)).toEqual([]);
  });

  it("partitions, also NULL, and only those that are wanted", async () => {
    for (const day of ["1", "2", "__HIVE_DEFAULT_PARTITION__"]) put(`p/day=${day}/x`, "1\n");
    put("p/other=1/x", "1\n");
    put("p/x", "1\n");
    const all = await files("p", { partitionKeys: ["day"] }).list();
    expect(all.map(({ partition }) => partition["day"])).toEqual(["1", "2", null]);
    const wanted = {
      partitionKeys: ["day"],
      partitionFilter: (p: Readonly<Record<string, string | null>>) => p["day"] === "2",
    };
    expect(await listed("p", wanted)).toEqual(["p/day=2/x"]);
  });
});

describe("bytes", () => {
  const lines = Array.from({ length: 3000 }, (_, i) => `line ${i} ${"x".repeat(i % 70)}\n`);
  const text = lines.join("");

  async function read(path: string, start: number, end: number, restored?: number): Promise<string> {
    const [file] = await files(path).list();
    const split: FileSplit = { path: file!.path, start, end, size: file!.sizeBytes, modified: 0, partition: {} };
    const { input } = await files(path).open(split, restored);
    const pieces: Uint8Array[] = [];
    for (;;) {
      const target = new Uint8Array(1000);
      const count = await input.read(target, 10);
      if (count === 0) break;
      pieces.push(target.subarray(10, 10 + count));
    }
    input.close();
    return Buffer.concat(pieces).toString();
  }

  it("splits have whole lines, each once", async () => {
    put("lines", text);
    for (const step of [1000, 4097, 70_000, text.length]) {
      let all = "";
      for (let start = 0; start < text.length; start += step)
        all += await read("lines", start, Math.min(text.length, start + step));
      expect(all).toBe(text);
    }
    expect(await read("lines", 0, text.length, 10)).toBe(text.slice(10));
  });

  it("compressed ones, from a position too", async () => {
    const bytes = gzipSync(text);
    put("lines.gz", bytes);
    expect(await read("lines.gz", 0, bytes.length)).toBe(text);
    expect(await read("lines.gz", 0, bytes.length, 5000)).toBe(text.slice(5000));
  });

  it("an object that has become shorter", async () => {
    put("short", "1\n");
    const split = { path: "s3://bucket/short", start: 0, end: 100, size: 100, modified: 0, partition: {} };
    const { input } = await files("short").open(split, undefined);
    await expect(Promise.resolve(input.read(new Uint8Array(200), 0))).rejects.toMatchObject({ code: "IO" });
  });
});
