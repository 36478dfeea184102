import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { FileStorage } from "../storage/file-storage.ts";
import { nodeFiles } from "../storage/file-system.ts";
import { openCheckpoint } from "./checkpoint-directory.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import { EncryptionKeys, keyOf } from "./encryption-keys.ts";
import { FilesystemStorage } from "./filesystem-storage.ts";
import type { StateFile } from "./metadata.ts";
import { PlaceStorage } from "./place-storage.ts";
import type { CheckpointReader, CheckpointStorage, RunStorage } from "./storage.ts";

const FIRST = keyOf(Buffer.alloc(32, 1));
const SECOND = keyOf(Buffer.alloc(32, 2));
const keysOf = (...[current, ...former]: (typeof FIRST)[]): EncryptionKeys => new EncryptionKeys(current!, former);
const SECRET = "a secret that nobody may find ";

const scratch = mkdtempSync(join(tmpdir(), "millrace-encrypted-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const held: RunStorage[] = [];
afterEach(async () => {
  for (const run of held.splice(0)) await run.release();
});

type Make = (directory: string, keys: EncryptionKeys | undefined) => CheckpointStorage;
const open =
  (keys: EncryptionKeys | undefined) =>
  async (location: string): Promise<CheckpointReader> =>
    openCheckpoint(location, nodeFiles, keys);

const MAKERS: readonly (readonly [string, Make])[] = [
  [
    "a folder",
    (directory, keys) => new FilesystemStorage({ directory, keys, compression: "gzip", nowMillis: () => 0 }),
  ],
  [
    "a storage",
    (directory, keys) =>
      new PlaceStorage({
        place: { storage: new FileStorage(directory, nodeFiles), path: "", location: directory },
        keys,
        compression: "none",
        nowMillis: () => 0,
        open: open(keys),
      }),
  ],
];

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function write(run: RunStorage, id: number, before: readonly StateFile[] = []): Promise<StateFile[]> {
  const writer = await run.begin(id, "checkpoint");
  const local = join(scratch, `local-${id}`);
  writeFileSync(local, `${SECRET}in a file of ${id} `.repeat(20_000));
  const stateFiles = [
    ...before,
    await writer.writeFile("state", pieces(`${SECRET}of ${id}`)),
    await writer.addFile("added", local),
  ];
  await writer.complete({
    format: 1,
    job: "job",
    run: run.run,
    attempt: run.attempt,
    id,
    kind: "checkpoint",
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 128,
    properties: { statement: SECRET },
    snapshots: [
      { operatorId: "o", subtask: 0, stateFiles, positions: {}, committables: [SECRET], sinkState: null, extra: null },
    ],
  });
  return stateFiles;
}

async function texts(reader: CheckpointReader | undefined): Promise<string[]> {
  const found: string[] = [];
  for (const [i, file] of (reader?.metadata.snapshots[0]?.stateFiles ?? []).entries()) {
    const local = join(scratch, `back-${held.length}-${i}`);
    rmSync(local, { force: true });
    await reader!.fetchFile(file, local);
    expect(readFileSync(local).equals(await reader!.readFile(file))).toBe(true);
    found.push(readFileSync(local, "utf8").slice(SECRET.length, SECRET.length + 20));
  }
  return found;
}

function assertNothingReadable(folder: string): void {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  expect(files.length).toBeGreaterThan(3);
  for (const { parentPath, name } of files)
    expect([name, readFileSync(join(parentPath, name), "latin1").includes("secret")]).toEqual([name, false]);
}

const fail = (reason: string): never => {
  throw new Error(reason);
};

describe.each(MAKERS)("in %s", (_, make) => {
  const fresh = async (keys: EncryptionKeys | undefined): Promise<readonly [string, RunStorage]> => {
    const directory = mkdtempSync(join(scratch, "checkpoints-"));
    const run = await make(directory, keys).createRun("job");
    held.push(run);
    return [directory, run];
  };
  const reopened = async (directory: string, keys: EncryptionKeys | undefined): Promise<RunStorage> => {
    await held.pop()!.release();
    const storage = make(directory, keys);
    const run = await storage.openRun("job", (await storage.newestRun("job"))!.run);
    held.push(run);
    return run;
  };

  test("nothing of what is written can be read without the key, and all of it with it", async () => {
    const [directory, run] = await fresh(keysOf(FIRST));
    await write(run, 1);
    await run.remember({ type: "recovery", record: { attempt: 1, cause: SECRET } as never });
    assertNothingReadable(directory);
    expect(await texts(await (await reopened(directory, keysOf(FIRST))).newest(fail))).toEqual([
      "of 1",
      "in a file of 1 a sec",
    ]);
  });

  test("a key that is missing, or another one, is an error that names it: no older checkpoint is used", async () => {
    const [directory, plain] = await fresh(undefined);
    await write(plain, 1);
    const run = await reopened(directory, keysOf(FIRST));
    await write(run, 2);
    for (const keys of [undefined, keysOf(SECOND)]) {
      const next = await reopened(directory, keys);
      await expect(next.newest(fail)).rejects.toMatchObject({
        code: "ENCRYPTION_KEY",
        message: expect.stringContaining(FIRST.id),
      });
    }
    expect((await (await reopened(directory, keysOf(FIRST))).newest(fail))?.metadata.id).toBe(2);
  });

  test("a new key writes, the former ones read; files of a former one are not built upon", async () => {
    const [directory, run] = await fresh(keysOf(FIRST));
    const before = await write(run, 1);
    const next = await reopened(directory, keysOf(SECOND, FIRST));
    const reader = await next.newest(fail);
    expect(reader?.metadata.snapshots[0]?.stateFiles.map((file) => reader.isCurrent(file))).toEqual([false, false]);
    await write(
      next,
      2,
      before.map((file) => ({ ...file, path: `../chk-1/${file.path}` })),
    );
    expect(await texts(await next.newest(fail))).toHaveLength(4);
    // The older files need the older key.
    await expect((await reopened(directory, keysOf(SECOND))).newest(fail)).rejects.toMatchObject({
      code: "ENCRYPTION_KEY",
      message: expect.stringMatching(`the file .*${FIRST.id}`),
    });
  });

  test("files that were exchanged or cut off make a checkpoint invalid", async () => {
    const [directory, run] = await fresh(keysOf(FIRST));
    const [first] = await write(run, 1);
    const [second] = await write(run, 2);
    const path = (id: number, name: string): string => join(directory, "job", run.run, `chk-${id}`, name);
    const kept = readFileSync(path(2, second!.path));
    const reasons: string[] = [];
    const next = await reopened(directory, keysOf(FIRST));
    copyFileSync(path(1, first!.path), path(2, second!.path));
    await expect(verifyFiles((await openAt(path(2, "")))!)).rejects.toMatchObject({ code: "CHECKPOINT_INVALID" });
    writeFileSync(path(2, second!.path), kept);
    await verifyFiles((await openAt(path(2, "")))!);
    copyFileSync(path(1, "_metadata"), path(2, "_metadata"));
    expect((await next.newest((reason) => reasons.push(reason)))?.metadata.id).toBe(1);
    expect(reasons.join()).toContain("lies the metadata of checkpoint 1");
  });

  const openAt = async (path: string): Promise<CheckpointReader> => openCheckpoint(path, nodeFiles, keysOf(FIRST));

  test("a checkpoint that comes from elsewhere, not encrypted or under another key, is encrypted", async () => {
    for (const other of [undefined, keysOf(SECOND, FIRST)]) {
      const [, run] = await fresh(other);
      await write(run, 4);
      const [directory, target] = await fresh(keysOf(FIRST, SECOND));
      await target.adopt((await run.newest(fail))!);
      assertNothingReadable(directory);
      expect(await texts(await (await reopened(directory, keysOf(FIRST))).newest(fail))).toHaveLength(2);
    }
  });

  test("a savepoint", async () => {
    const [, run] = await fresh(keysOf(FIRST));
    const directory = mkdtempSync(join(scratch, "savepoints-"));
    const writer = await run.beginSavepoint(7, { directory, compression: "gzip", keys: keysOf(FIRST) });
    const stateFiles = [await writer.writeFile("state", pieces(SECRET.repeat(99)))];
    const snapshot = {
      operatorId: "o",
      subtask: 0,
      stateFiles,
      positions: {},
      committables: [],
      sinkState: null,
      extra: SECRET,
    };
    const facts = { format: 1, job: "job", run: run.run, attempt: 1, triggeredMillis: 0, completedMillis: 0 };
    await writer.complete({
      ...facts,
      id: 7,
      kind: "savepoint",
      maxParallelism: 128,
      properties: {},
      snapshots: [snapshot],
    });
    const files = readdirSync(writer.location).map((name) => readFileSync(join(writer.location, name), "latin1"));
    expect([files.length, files.some((text) => text.includes("secret"))]).toEqual([2, false]);
    expect(Buffer.from(await (await openAt(writer.location)).readFile(stateFiles[0]!)).toString()).toBe(
      SECRET.repeat(99),
    );
    expect((await run.newest(fail))?.metadata.id).toBe(7);
  });
});
