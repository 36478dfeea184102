import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as zlib from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCheckpoint } from "./checkpoint-directory.ts";
import { parseCompression } from "./compression.ts";
import { copyCheckpoint, FilesystemStorage } from "./filesystem-storage.ts";
import { decodeMetadata, encodeMetadata, type CheckpointMetadata, type Compression } from "./metadata.ts";
import { pathName } from "./path-name.ts";
import type { RunStorage } from "./storage.ts";

let directory = "";
let now = 1_700_000_000_000;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "millrace-checkpoints-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function storage(compression: Compression = "gzip"): FilesystemStorage {
  return new FilesystemStorage({ directory, compression, nowMillis: () => (now += 1000) });
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (const char of text) yield Buffer.from(char);
}

async function write(run: RunStorage, id: number, text: string, complete = true): Promise<void> {
  const writer = await run.begin(id, "checkpoint");
  const file = await writer.writeFile("GroupAggregate/1#0", pieces(text));
  if (!complete) return;
  const metadata: CheckpointMetadata = {
    format: 1,
    job: run.job,
    run: run.run,
    attempt: run.attempt,
    id,
    kind: "checkpoint",
    triggeredMillis: 1,
    completedMillis: 2,
    maxParallelism: 128,
    properties: { version: "x" },
    snapshots: [
      {
        operatorId: "GroupAggregate/1",
        subtask: 0,
        stateFiles: [file],
        positions: { a: [1, 2] },
        committables: ["f"],
        sinkState: null,
        extra: { watermark: "-Infinity" },
      },
    ],
  };
  await writer.complete(metadata);
}

async function newestText(run: RunStorage, invalid: string[] = []): Promise<string | undefined> {
  const reader = await run.newest((reason) => invalid.push(reason));
  if (reader === undefined) return undefined;
  return Buffer.from(await reader.readFile(reader.metadata.snapshots[0]!.stateFiles[0]!)).toString();
}

const compressions: Compression[] = "createZstdCompress" in zlib ? ["none", "gzip", "zstd"] : ["none", "gzip"];

test.each(compressions)("a checkpoint written with %s is read back", async (compression) => {
  const run = await storage(compression).createRun("my job");
  const text = "state ".repeat(50_000);
  await write(run, 1, text);
  expect(await newestText(run)).toBe(text);
  const reader = await run.newest(() => undefined);
  expect(reader!.metadata.snapshots[0]).toMatchObject({
    positions: { a: [1, 2] },
    committables: ["f"],
    extra: { watermark: "-Infinity" },
    stateFiles: [{ compression, rawBytes: text.length }],
  });
  expect(readdirSync(join(run.location, "chk-1")).sort()).toEqual([
    `GroupAggregate%2F1%230.state${{ none: "", gzip: ".gz", zstd: ".zst" }[compression]}`,
    "_metadata",
  ]);
  await run.release();
});

test.runIf("createZstdCompress" in zlib)("zstd is taken where zlib has it", () => {
  expect(parseCompression("ZSTD")).toBe("zstd");
});

test.skipIf("createZstdCompress" in zlib)("zstd is refused where zlib has none", () => {
  expect(() => parseCompression("zstd")).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }));
});

test("an unknown compression is an invalid option", () => {
  expect(() => parseCompression("gzp")).toThrow(
    expect.objectContaining({ code: "OPTION_INVALID", hint: "did you mean 'gzip'?" }),
  );
});

test("the newest run and its newest valid checkpoint are found; invalid ones are named and passed over", async () => {
  const store = storage();
  await (await store.createRun("j")).release();
  const run = await store.createRun("j");
  expect((await store.newestRun("j"))?.run).toBe(run.run);
  expect(await store.newestRun("other")).toBeUndefined();
  expect(await newestText(run)).toBeUndefined();
  for (const id of [1, 2, 3, 4, 5]) await write(run, id, `state ${id}`);
  await write(run, 6, "not completed", false);
  expect(await newestText(run)).toBe("state 5");
  expect(await run.highestId()).toBe(6);
  const file = (id: number): string => join(run.location, `chk-${id}`, "GroupAggregate%2F1%230.state.gz");
  const damaged = readFileSync(file(5));
  damaged[damaged.length - 12]! ^= 1;
  writeFileSync(file(5), damaged);
  rmSync(file(4));
  writeFileSync(join(run.location, "chk-3", "_metadata"), "{");
  const invalid: string[] = [];
  expect(await newestText(run, invalid)).toBe("state 2");
  expect(invalid.map((reason) => reason.replaceAll(run.location, "RUN"))).toEqual([
    "checkpoint 5 is not used: the file GroupAggregate%2F1%230.state.gz of the checkpoint RUN/chk-5 is damaged: its size or checksum is not what the metadata says",
    expect.stringContaining(
      "checkpoint 4 is not used: the file GroupAggregate%2F1%230.state.gz of the checkpoint RUN/chk-4 cannot be read",
    ),
    "checkpoint 3 is not used: RUN/chk-3/_metadata is not JSON",
  ]);
  // For good: a file that is put back does not bring a checkpoint back after sinks have gone on from an older one.
  expect(readdirSync(join(run.location, "chk-5"))).toContain("_metadata.invalid");
  await expect(openCheckpoint(join(run.location, "chk-5"))).rejects.toMatchObject({
    code: "CHECKPOINT_INVALID",
    message: expect.stringContaining("was found damaged, and an older one was used") as string,
  });
  const other = readFileSync(join(run.location, "chk-2", "_metadata"), "utf8");
  writeFileSync(join(run.location, "chk-2", "_metadata"), other.replace('"format": 1', '"format": 99'));
  await expect(newestText(run)).rejects.toMatchObject({
    code: "STATE_INCOMPATIBLE",
    message: expect.stringContaining("has format 99; this version reads 1") as string,
  });
  await run.release();
});

test("retention keeps the newest completed ones, what they need, and what is still being written", async () => {
  const run = await storage("none").createRun("j");
  for (const id of [1, 2, 4, 5]) await write(run, id, `state ${id}`);
  await write(run, 3, "aborted", false);
  await write(run, 6, "running", false);
  await run.retain(2);
  expect(
    readdirSync(run.location)
      .filter((name) => name.startsWith("chk"))
      .sort(),
  ).toEqual(["chk-4", "chk-5", "chk-6"]);
  const path = join(run.location, "chk-5", "_metadata");
  const original = readFileSync(path, "utf8");
  const movePath = (from: string, to: string): void => {
    const metadata = decodeMetadata(original, path);
    const text = JSON.stringify(metadata).replace(from, to);
    writeFileSync(path, encodeMetadata(JSON.parse(text) as CheckpointMetadata));
  };
  movePath('"path":"', '"path":"../chk-4/');
  await run.retain(1);
  expect(
    readdirSync(run.location)
      .filter((name) => name.startsWith("chk"))
      .sort(),
  ).toEqual(["chk-4", "chk-5", "chk-6"]);
  expect(await newestText(run)).toBe("state 4");
  movePath('"path":"', '"path":"../../chk-4/');
  const invalid: string[] = [];
  await newestText(run, invalid);
  expect(invalid[0]).toContain("which is outside of it");
  await run.release();
});

test("a damaged newest checkpoint does not count for retention", async () => {
  const run = await storage().createRun("j");
  await write(run, 1, "one");
  await write(run, 2, "two");
  writeFileSync(join(run.location, "chk-2", "_metadata"), "{");
  await run.retain(1);
  expect(await newestText(run)).toBe("one");
  await run.release();
});

test("an aborted checkpoint leaves nothing; a completed one is not written over", async () => {
  const run = await storage().createRun("j");
  const writer = await run.begin(1, "checkpoint");
  await writer.writeFile("x", pieces("x"));
  await writer.abort();
  expect(existsSync(join(run.location, "chk-1"))).toBe(false);
  await write(run, 1, "one");
  await expect(run.begin(1, "checkpoint")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await run.release();
});

test("a state that fails while it is written fails the file", async () => {
  const run = await storage().createRun("j");
  const writer = await run.begin(1, "checkpoint");
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(100_000);
    throw new Error("given up");
  }
  await expect(writer.writeFile("x", failing())).rejects.toThrow("given up");
  await run.release();
});

test("status and attempt of a run outlive its process", async () => {
  const store = storage();
  const run = await store.createRun("j");
  expect(run.attempt).toBe(1);
  expect(await run.nextAttempt()).toBe(2);
  await run.setStatus("finished");
  await run.release();
  expect((await store.newestRun("j"))?.state).toMatchObject({ job: "j", attempt: 2, status: "finished" });
  const again = await store.openRun("j", run.run);
  expect([again.attempt, again.run]).toEqual([3, run.run]);
  await again.release();
  await expect(store.openRun("j", "nothing")).rejects.toMatchObject({ code: "CHECKPOINT_NOT_FOUND" });
});

test("a second live process is refused; one that is gone is replaced, and is fenced off", async () => {
  const store = storage();
  const run = await store.createRun("j");
  await expect(store.openRun("j", run.run)).rejects.toMatchObject({ code: "RUN_LOCKED" });
  const lock = join(run.location, "_lock");
  const mine = JSON.parse(readFileSync(lock, "utf8")) as Record<string, unknown>;
  const pretend = (change: Record<string, unknown>): void =>
    writeFileSync(lock, JSON.stringify({ ...mine, ...change }));

  const writer = await run.begin(1, "checkpoint");
  const gone = spawnSync(process.execPath, ["-e", ""]).pid;
  for (const change of [{ pid: gone }, { processStart: "1" }, { bootId: "before" }]) {
    pretend({ ...change, token: "dead", attempt: 7 });
    const taken = await store.openRun("j", run.run);
    expect(taken.attempt).toBeGreaterThanOrEqual(8);
    await expect(writer.complete((await sample(run)) as CheckpointMetadata)).rejects.toMatchObject({
      code: "RUN_TAKEN_OVER",
    });
    expect(existsSync(join(run.location, "chk-1", "_metadata"))).toBe(false);
    await writer.abort();
    expect(existsSync(join(run.location, "chk-1"))).toBe(true);
    await expect(run.begin(2, "checkpoint")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    await expect(run.nextAttempt()).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    await taken.release();
  }
  pretend({ host: "elsewhere", token: "x", pid: 1 });
  await expect(store.openRun("j", run.run)).rejects.toThrow(/process 1 on elsewhere/);
  expect(hostname()).not.toBe("elsewhere");
  await run.release();
});

async function sample(run: RunStorage): Promise<unknown> {
  return {
    format: 1,
    job: run.job,
    run: run.run,
    attempt: 1,
    id: 1,
    kind: "checkpoint",
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 1,
    properties: {},
    snapshots: [],
  };
}

test("of several processes that find a dead owner, one gets the run", async () => {
  const store = storage();
  const run = await store.createRun("j");
  await run.release();
  writeFileSync(
    join(run.location, "_lock"),
    JSON.stringify({
      pid: spawnSync(process.execPath, ["-e", ""]).pid,
      processStart: "1",
      bootId: "x",
      host: hostname(),
      token: "dead",
      attempt: 1,
    }),
  );
  const module = fileURLToPath(new URL("./lock.ts", import.meta.url));
  const code = `import { acquireLock } from ${JSON.stringify(module)};
acquireLock(${JSON.stringify(run.location)}, 1).then(() => { console.log("owner"); setTimeout(() => {}, 3000); }, (error) => console.log(error.code));`;
  const children = [1, 2, 3, 4].map(() =>
    spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", code]),
  );
  const said = await Promise.all(
    children.map(
      async (child) =>
        new Promise<string>((resolve) => child.stdout.once("data", (data: Buffer) => resolve(data.toString().trim()))),
    ),
  );
  for (const child of children) child.kill("SIGKILL");
  expect(said.sort()).toEqual(["RUN_LOCKED", "RUN_LOCKED", "RUN_LOCKED", "owner"]);
});

test("a savepoint is a copy that stands alone", async () => {
  const run = await storage("none").createRun("j");
  await write(run, 1, "one");
  const reader = await run.newest(() => undefined);
  const target = await copyCheckpoint(reader!, join(directory, "savepoint"));
  rmSync(run.location, { recursive: true });
  const copy = await openCheckpoint(target);
  expect(copy.metadata.kind).toBe("savepoint");
  expect(Buffer.from(await copy.readFile(copy.metadata.snapshots[0]!.stateFiles[0]!)).toString()).toBe("one");
  await expect(copyCheckpoint(copy, target)).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await expect(openCheckpoint(directory)).rejects.toMatchObject({ code: "CHECKPOINT_NOT_FOUND" });
  await run.release();
});

test.each([
  ["plain-Name_1.x", "plain-Name_1.x"],
  ["a/b c", "a%2Fb%20c"],
  ["..", "%2E."],
  [".hidden", "%2Ehidden"],
  ["ü", "%C3%BC"],
  ["", "%"],
])("job name %j as a path is %s", (name, path) => {
  expect(pathName(name)).toBe(path);
});

test("long names are cut and stay apart", () => {
  const [a, b] = [pathName("x".repeat(500)), pathName("x".repeat(501))];
  expect(a.length).toBeLessThanOrEqual(160);
  expect(a).not.toBe(b);
});
