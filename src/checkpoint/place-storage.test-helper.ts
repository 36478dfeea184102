import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import type { ByteStorage } from "../storage/byte-storage.ts";
import { namesOf, noise } from "../storage/byte-storage.test-helper.ts";
import { thisMachine, type Machine } from "../storage/machine.ts";
import type { Place } from "../storage/place.ts";
import type { ProcessIdentity } from "../storage/processes.ts";
import { openCheckpoint } from "./checkpoint-directory.ts";
import { copyCheckpoint } from "./filesystem-storage.ts";
import type { CheckpointMetadata, StateFile } from "./metadata.ts";
import { openPlaceCheckpoint } from "./place-checkpoint.ts";
import { PlaceStorage } from "./place-storage.ts";
import type { CheckpointReader, CheckpointWriter, RunStorage } from "./storage.ts";

/** Checkpoints in any storage; `fresh`: an empty one, or an empty part of one. */
export function placeStorageSuite(fresh: () => ByteStorage): void {
  let now = 1_700_000_000_000;
  const scratch = mkdtempSync(join(tmpdir(), "millrace-place-"));
  const held: RunStorage[] = [];
  afterEach(async () => {
    for (const run of held.splice(0)) await run.release();
  });

  const place = (storage: ByteStorage): Place => ({ storage, path: "deep/folder", location: "x://deep/folder" });
  const storageOn = (storage: ByteStorage, machine: Machine = thisMachine): PlaceStorage =>
    new PlaceStorage({
      place: place(storage),
      compression: "gzip",
      nowMillis: () => (now += 1000),
      machine,
      open: async (location) =>
        location.startsWith("x://")
          ? openPlaceCheckpoint({ storage, path: location.slice("x://".length), location })
          : openCheckpoint(location),
    });
  const create = async (storage: ByteStorage, machine?: Machine): Promise<RunStorage> => {
    const run = await storageOn(storage, machine).createRun("my job");
    held.push(run);
    return run;
  };

  test("a checkpoint is read back by another machine, its files verified", async () => {
    const storage = fresh();
    const run = await create(storage);
    await write(run, 1, "state ".repeat(10_000));
    await run.remember({ type: "recovery", record: { attempt: 1 } as never });
    await run.release();
    const other = storageOn(storage, elsewhere("b"));
    const found = await other.newestRun("my job");
    expect(found).toMatchObject({ run: run.run, state: { status: "running", job: "my job" } });
    expect(await other.newestRun("another")).toBeUndefined();
    const again = await other.openRun("my job", found!.run);
    expect(again.attempt).toBe(2);
    expect(again.ownerMayLive).toBe(false);
    expect(await newestText(again)).toBe("state ".repeat(10_000));
    expect(await again.history()).toMatchObject({ recoveries: 1 });
    await again.release();
  });

  test("numbers are used once; what is not complete does not count", async () => {
    const storage = fresh();
    const run = await create(storage);
    await write(run, 1, "one");
    await begin(run, 2, "two");
    await expect(run.begin(1, "checkpoint")).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
    expect(await newestText(run)).toBe("one");
    expect(await run.highestId()).toBe(2);
  });

  test("an aborted checkpoint stays one, also when its completion arrives afterwards", async () => {
    const run = await create(fresh());
    await write(run, 1, "one");
    const { writer, metadata } = await begin(run, 2, "two");
    await writer.abort();
    await expect(writer.complete(metadata)).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
    expect(await newestText(run)).toBe("one");
  });

  test("retention keeps what increments build on", async () => {
    const storage = fresh();
    const run = await create(storage);
    await write(run, 1, "base");
    await begin(run, 2, "given up");
    await write(run, 3, "increment", ["../chk-1/operator%2F0.state.gz"]);
    await run.retain(1);
    expect(await foldersOf(storage, run)).toEqual(["chk-1/", "chk-3/"]);
    await write(run, 4, "all");
    await run.retain(1);
    expect(await foldersOf(storage, run)).toEqual(["chk-4/"]);
    expect(await newestText(run)).toBe("all");
  });

  test("a live owner is not replaced; a dead one is", async () => {
    const storage = fresh();
    const run = await create(storage, process("a", 1, true));
    await expect(storageOn(storage, process("a", 1, true)).openRun("my job", run.run)).rejects.toMatchObject({
      code: "RUN_LOCKED",
    });
    await expect(storageOn(storage, elsewhere("b")).openRun("my job", run.run)).rejects.toMatchObject({
      code: "RUN_LOCKED",
    });
    const next = await storageOn(storage, process("a", 1, false)).openRun("my job", run.run);
    held.push(next);
    expect(next.attempt).toBe(2);
    expect(next.ownerMayLive).toBe(false);
  });

  test("an owner on another machine that is silent is replaced, and can complete and commit nothing any more", async () => {
    const storage = fresh();
    const run = await create(storage, elsewhere("a"));
    await write(run, 1, "one");
    const { writer, metadata } = await begin(run, 2, "two");
    const lost: string[] = [];
    run.onLost((error) => lost.push(error.code));
    const silent: ByteStorage = {
      ...pass(storage),
      read: async (path) => {
        const found = await storage.read(path);
        return found !== undefined && path.endsWith("/_lock") ? { ...found, ageMillis: 61_000 } : found;
      },
    };
    const next = await storageOn(silent, elsewhere("b")).openRun("my job", run.run);
    held.push(next);
    expect(next.ownerMayLive).toBe(true);
    await expect(writer.complete(metadata)).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    await expect(run.begin(3, "checkpoint")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    await expect(run.setStatus("finished")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    expect(lost).toEqual(["RUN_TAKEN_OVER"]);
    await writer.abort();
    expect(await newestText(next)).toBe("one");
    expect(await next.highestId()).toBe(2);
    await write(next, 3, "three");
    expect(await newestText(next)).toBe("three");
  });

  test("an owner that looked at its lock just before it lost it completes nothing", async () => {
    const storage = fresh();
    let taken: RunStorage | undefined;
    const run = await create(
      {
        ...pass(storage),
        create: async (path, contents) => {
          // It has looked at the lock, and sleeps; meanwhile another process takes the run over.
          if (path.endsWith("chk-1/_metadata"))
            taken = await storageOn(storage, process("a", 1, false)).openRun("my job", run.run);
          return storage.create(path, contents);
        },
      },
      process("a", 1, true),
    );
    await expect(write(run, 1, "one")).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
    held.push(taken!);
    expect(await newestText(taken!)).toBeUndefined();
  });

  // The S3 server of the tests now and then answers a read with the ETag of what came next, by which a second one gets in;
  // it notices at its first look at the lock.
  test("of two that take a dead owner's run over, one does", { retry: 2 }, async () => {
    const storage = fresh();
    const run = await create(storage, process("a", 1, true));
    const results = await Promise.allSettled(
      [2, 3, 4].map(async (pid) => {
        const machine = process("a", pid, true);
        return storageOn(storage, {
          ...machine,
          processes: { ...machine.processes, isRunning: (owner) => owner.pid !== 1 },
        }).openRun("my job", run.run);
      }),
    );
    const owners = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    held.push(...owners);
    expect(owners).toHaveLength(1);
    for (const result of results)
      if (result.status === "rejected") expect(result.reason).toMatchObject({ code: "RUN_LOCKED" });
  });

  test("every file that is damaged: the checkpoint before it is used, for good", { timeout: 120_000 }, async () => {
    for (const damage of ["truncated", "flipped", "removed"]) {
      for (const name of ["_metadata", "operator%2F0.state.gz"]) {
        const storage = fresh();
        const run = await create(storage);
        await write(run, 1, "one");
        await write(run, 2, "two");
        const path = `deep/folder/my%20job/${run.run}/chk-2/${name}`;
        const bytes = Buffer.from((await storage.read(path))!.bytes);
        if (damage === "flipped") bytes[bytes.length >> 1]! ^= 8;
        if (damage === "removed") await storage.remove(path);
        else await storage.put(path, damage === "truncated" ? bytes.subarray(0, bytes.length - 1) : bytes);
        const invalid: string[] = [];
        expect(await newestText(run, invalid)).toBe("one");
        // Without metadata it was never complete.
        expect(invalid).toHaveLength(name === "_metadata" && damage === "removed" ? 0 : 1);
        if (damage !== "removed" && name !== "_metadata") await storage.put(path, bytes);
        expect(await newestText(run)).toBe("one");
        await run.release();
      }
    }
  });

  test("a savepoint here and on a disk stands in the run's place; one that is gone is passed over for good", async () => {
    const storage = fresh();
    const run = await create(storage);
    await write(run, 1, "one");
    const here = await begin(run, 2, "two", {
      directory: "x://saves",
      place: { storage, path: "saves", location: "x://saves" },
    });
    await here.writer.complete({ ...here.metadata, kind: "savepoint" });
    expect(here.writer.location).toMatch(/^x:\/\/saves\/savepoint-my%20job-/);
    expect(await newestText(run)).toBe("two");
    const onDisk = await begin(run, 3, "three", { directory: scratch });
    await onDisk.writer.complete({ ...onDisk.metadata, kind: "savepoint" });
    expect(await newestText(run)).toBe("three");
    const moved = await begin(run, 4, "four", { directory: scratch });
    await moved.writer.complete({ ...moved.metadata, kind: "savepoint" });
    const copy = await copyCheckpoint(await openCheckpoint(moved.writer.location), join(scratch, "kept"));
    rmSync(moved.writer.location, { recursive: true });
    expect(await newestText(run)).toBe("three");
    await copyCheckpoint(await openCheckpoint(copy), moved.writer.location);
    expect(await newestText(run)).toBe("three");
  });

  test("a checkpoint from elsewhere is copied into a run; files go there and back", async () => {
    const storage = fresh();
    const run = await create(storage);
    const local = join(scratch, "database");
    writeFileSync(local, noise(3_000_000));
    const writer = await run.begin(1, "checkpoint");
    const file = await writer.addFile("db/000001.sst", local);
    await writer.complete(metadataOf(run, 1, [file]));
    const reader = (await run.newest(() => undefined))!;
    const other = await create(storage);
    await other.adopt(reader);
    const adopted = (await other.newest(() => undefined))!;
    const back = join(scratch, "back");
    await adopted.fetchFile(adopted.metadata.snapshots[0]!.stateFiles[0]!, back);
    expect(readFileSync(back).equals(readFileSync(local))).toBe(true);
  });

  test("a storage that ignores conditions is refused", async () => {
    const storage = fresh();
    const lenient: ByteStorage = {
      ...pass(storage),
      create: async (path, contents) => {
        await storage.remove(path);
        return storage.create(path, contents);
      },
    };
    await expect(storageOn(lenient).createRun("my job")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  });

  async function foldersOf(storage: ByteStorage, run: RunStorage): Promise<string[]> {
    const prefix = `deep/folder/my%20job/${run.run}/`;
    const names = await namesOf(storage, `${prefix}chk-`);
    return [...new Set(names.map((name) => `${name.slice(prefix.length).split("/")[0]}/`))];
  }
}

async function begin(
  run: RunStorage,
  id: number,
  text: string,
  savepoint?: { readonly directory: string; readonly place?: Place },
): Promise<{ readonly writer: CheckpointWriter; readonly metadata: CheckpointMetadata }> {
  const writer = await (savepoint === undefined
    ? run.begin(id, "checkpoint")
    : run.beginSavepoint(id, { ...savepoint, compression: "gzip" }));
  const file = await writer.writeFile("operator/0", pieces(text));
  return { writer, metadata: metadataOf(run, id, [file]) };
}

async function write(run: RunStorage, id: number, text: string, earlier: readonly string[] = []): Promise<void> {
  const { writer, metadata } = await begin(run, id, text);
  const snapshots = metadata.snapshots.map((snapshot) => ({
    ...snapshot,
    stateFiles: [...snapshot.stateFiles, ...earlier.map((path) => ({ ...snapshot.stateFiles[0]!, path }))],
  }));
  await writer.complete({ ...metadata, snapshots });
}

async function newestText(run: RunStorage, invalid: string[] = []): Promise<string | undefined> {
  const reader: CheckpointReader | undefined = await run.newest((reason) => invalid.push(reason));
  if (reader === undefined) return undefined;
  return Buffer.from(await reader.readFile(reader.metadata.snapshots[0]!.stateFiles[0]!)).toString();
}

function metadataOf(run: RunStorage, id: number, stateFiles: readonly StateFile[]): CheckpointMetadata {
  return {
    format: 1,
    job: run.job,
    run: run.run,
    attempt: run.attempt,
    id,
    kind: "checkpoint",
    triggeredMillis: 1,
    completedMillis: 2,
    maxParallelism: 128,
    properties: {},
    snapshots: [
      { operatorId: "o", subtask: 0, stateFiles, positions: {}, committables: [], sinkState: null, extra: null },
    ],
  };
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < text.length; at += 1000) yield Buffer.from(text.slice(at, at + 1000));
}

/** A process of a machine; `running`: whether processes of this machine are. */
function process(host: string, pid: number, running: boolean): Machine {
  const self: ProcessIdentity = { host, pid, processStart: "1", bootId: `boot of ${host}` };
  return { ...thisMachine, processes: { self: () => self, isRunning: () => running } };
}

function elsewhere(host: string): Machine {
  return process(host, 1, true);
}

/** Methods of a class, as fields. */
function pass(storage: ByteStorage): ByteStorage {
  return {
    name: storage.name,
    create: async (path, contents) => storage.create(path, contents),
    replace: async (path, bytes, version) => storage.replace(path, bytes, version),
    put: async (path, bytes) => storage.put(path, bytes),
    read: async (path) => storage.read(path),
    readRange: async (path, from, length) => storage.readRange(path, from, length),
    list: (prefix) => storage.list(prefix),
    children: async (folder) => storage.children(folder),
    remove: async (path) => storage.remove(path),
    close: async () => storage.close(),
  };
}
