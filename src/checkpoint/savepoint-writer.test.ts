import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openCheckpoint } from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import { FilesystemStorage } from "./filesystem-storage.ts";
import type { CheckpointKind, CheckpointMetadata } from "./metadata.ts";
import type { CheckpointWriter, RunStorage } from "./storage.ts";

let directory = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "millrace-savepoints-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function storage(): FilesystemStorage {
  return new FilesystemStorage({ directory: join(directory, "runs"), compression: "none", nowMillis: () => 0 });
}

function target(): { readonly directory: string; readonly compression: "gzip" } {
  return { directory: join(directory, "savepoints"), compression: "gzip" };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function fill(run: RunStorage, writer: CheckpointWriter, kind: CheckpointKind): Promise<CheckpointMetadata> {
  const file = await writer.writeFile("op#0", pieces(`state ${writer.id}`));
  return {
    format: 1,
    job: run.job,
    run: run.run,
    attempt: run.attempt,
    id: writer.id,
    kind,
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 1,
    properties: {},
    snapshots: [
      {
        operatorId: "op",
        subtask: 0,
        stateFiles: [file],
        positions: {},
        committables: [],
        sinkState: null,
        extra: null,
      },
    ],
  };
}

async function checkpoint(run: RunStorage, id: number): Promise<void> {
  const writer = await run.begin(id, "checkpoint");
  await writer.complete(await fill(run, writer, "checkpoint"));
}

async function savepoint(run: RunStorage, id: number): Promise<string> {
  const writer = await run.beginSavepoint(id, target());
  await writer.complete(await fill(run, writer, "savepoint"));
  return writer.location;
}

test("a savepoint lies in a folder of its own, complete, and may be moved", async () => {
  const run = await storage().createRun("my job");
  const location = await savepoint(run, 1);
  expect(location).toMatch(/savepoints\/savepoint-my%20job-[0-9a-f]{6}$/);
  rmSync(run.location, { recursive: true });
  renameSync(location, join(directory, "elsewhere"));
  const reader = await openCheckpoint(join(directory, "elsewhere"));
  await verifyFiles(reader);
  expect(Buffer.from(await reader.readFile(reader.metadata.snapshots[0]!.stateFiles[0]!)).toString()).toBe("state 1");
  await run.release();
});

test("the run goes on from its newest savepoint as from a checkpoint, and takes it in", async () => {
  const run = await storage().createRun("j");
  await checkpoint(run, 1);
  const location = await savepoint(run, 2);
  const reader = await run.newest(() => undefined);
  expect(reader?.metadata).toMatchObject({ id: 2, kind: "savepoint" });
  expect(reader?.location).toBe(join(run.location, "chk-2"));
  rmSync(location, { recursive: true });
  await verifyFiles((await run.newest(() => undefined))!);
  expect(await run.highestId()).toBe(2);
  await run.release();
});

test("one that was moved away, or never became complete, is not the run's", async () => {
  const run = await storage().createRun("j");
  await checkpoint(run, 1);
  rmSync(await savepoint(run, 2), { recursive: true });
  const unfinished = await run.beginSavepoint(3, target());
  await fill(run, unfinished, "savepoint");
  expect((await run.newest(() => undefined))?.metadata.id).toBe(1);
  await unfinished.abort();
  expect(existsSync(unfinished.location)).toBe(false);
  expect(await run.highestId()).toBe(3);
  await run.release();
});

test("a damaged savepoint is named and passed over", async () => {
  const run = await storage().createRun("j");
  await checkpoint(run, 1);
  const location = await savepoint(run, 2);
  const state = readdirSync(location).find((name) => name.includes(".state"))!;
  writeFileSync(join(location, state), "x");
  const reasons: string[] = [];
  expect((await run.newest((reason) => reasons.push(reason)))?.metadata.id).toBe(1);
  expect(reasons).toEqual([expect.stringMatching(/^checkpoint 2 is not used: the file .* is damaged/)]);
  // For good, also when somebody puts the file back.
  expect(readdirSync(join(run.location, "chk-2"))).toEqual(["_savepoint.invalid"]);
  expect((await run.newest((reason) => reasons.push(reason)))?.metadata.id).toBe(1);
  expect(reasons.length).toBe(1);
  await run.release();
});

test("retention never touches a savepoint", async () => {
  const run = await storage().createRun("j");
  const location = await savepoint(run, 1);
  await checkpoint(run, 2);
  await run.retain(1);
  expect(readdirSync(run.location).filter((name) => name.startsWith("chk"))).toEqual(["chk-2"]);
  await verifyFiles(await openCheckpoint(location));
  await run.release();
});

test("a folder that cannot be made fails it at once, with the reason", async () => {
  const run = await storage().createRun("j");
  writeFileSync(join(directory, "savepoints"), "a file");
  await expect(run.beginSavepoint(1, target())).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
    message: expect.stringMatching(/^cannot write the savepoint .*savepoints\/savepoint-j-/),
  });
  await run.release();
});

test("an owner that was only presumed dead can complete nothing that it had begun, and writes no more into the run", async () => {
  const store = storage();
  const sleeper = await store.createRun("j");
  await checkpoint(sleeper, 1);
  const begun = await sleeper.begin(2, "checkpoint");
  const metadata = await fill(sleeper, begun, "checkpoint");
  const begunSavepoint = await sleeper.beginSavepoint(3, target());
  const savepointMetadata = await fill(sleeper, begunSavepoint, "savepoint");
  // Another machine, silent for two minutes.
  const lock = join(sleeper.location, "_lock");
  writeFileSync(lock, JSON.stringify({ ...(JSON.parse(readFileSync(lock, "utf8")) as object), host: "elsewhere" }));
  utimesSync(lock, Date.now() / 1000 - 120, Date.now() / 1000 - 120);
  const owner = await store.openRun("j", sleeper.run);
  expect(owner.ownerMayLive).toBe(true);
  expect(readdirSync(join(owner.location, "chk-2"))).toEqual([]);
  await expect(begun.complete(metadata)).rejects.toBeDefined();
  await expect(begunSavepoint.complete(savepointMetadata)).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
  expect(existsSync(join(begunSavepoint.location, "_metadata"))).toBe(false);
  const entry = {
    type: "recovery",
    record: { attempt: 1, startedMillis: 0, delayMillis: 0, restoredMillis: 0 },
  } as const;
  for (const attempt of [
    () => sleeper.begin(4, "checkpoint"),
    () => sleeper.beginSavepoint(4, target()),
    () => sleeper.nextAttempt(),
    () => sleeper.setStatus("failed"),
    () => sleeper.remember(entry),
  ])
    await expect(attempt()).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
  expect((await owner.newest(() => undefined))?.metadata.id).toBe(1);
  expect(await owner.highestId()).toBe(3);
  await sleeper.release();
  await owner.setStatus("stopped");
  await owner.release();
});

test("a number is used once, whoever comes", async () => {
  const run = await storage().createRun("j");
  await run.begin(1, "checkpoint");
  await expect(run.begin(1, "checkpoint")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await expect(run.beginSavepoint(1, target())).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await run.release();
});
