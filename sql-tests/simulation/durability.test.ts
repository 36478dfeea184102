import { expect, test } from "vitest";
import { FilesystemStorage } from "../../src/checkpoint/filesystem-storage.ts";
import { acquireLock } from "../../src/checkpoint/lock.ts";
import type { CheckpointMetadata } from "../../src/checkpoint/metadata.ts";
import type { RunStorage } from "../../src/checkpoint/storage.ts";
import type { FileSystem, SyncFileSystem } from "../../src/storage/file-system.ts";
import { makeDirectory, syncAncestors } from "../../src/storage/files.ts";
import type { Machine } from "../../src/storage/machine.ts";
import { nodeProcesses } from "../../src/storage/processes.ts";
import { fileError, SimulatedDisk } from "./disk.ts";
import { calmFiles } from "./observer.ts";

// What the simulation has found, one test each.

/** Nothing of what was not synced is there after a power failure. */
const nothing = (): number => 0;

function machine(disk: SimulatedDisk, change: Partial<FileSystem> = {}): Machine {
  return {
    files: { ...calmFiles(disk), ...change },
    filesSync: undefined as unknown as SyncFileSystem,
    // Whoever held a lock before is dead.
    processes: { self: nodeProcesses.self, isRunning: () => false },
  };
}

function storage(of: Machine): FilesystemStorage {
  return new FilesystemStorage({ directory: "/data/a/b", compression: "none", nowMillis: () => 0, machine: of });
}

function disk(): SimulatedDisk {
  const made = new SimulatedDisk(() => Date.now());
  made.mkdir("/data");
  made.sync(made.open("/", "r"));
  return made;
}

async function complete(run: RunStorage, id: number): Promise<void> {
  const writer = await run.begin(id, "checkpoint");
  const file = await writer.writeFile(
    "state",
    (async function* () {
      yield Buffer.from(`state ${id}`);
    })(),
  );
  const snapshot = { operatorId: "o", subtask: 0, positions: {}, committables: [], sinkState: null, extra: null };
  const metadata: CheckpointMetadata = {
    format: 1,
    job: run.job,
    run: run.run,
    attempt: run.attempt,
    id,
    kind: "checkpoint",
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 128,
    properties: {},
    snapshots: [{ ...snapshot, stateFiles: [file] }],
  };
  await writer.complete(metadata);
}

test("the folders above a run survive a power failure with it", async () => {
  const own = disk();
  await complete(await storage(machine(own)).createRun("job"), 1);
  own.crash(nothing, "ordered");
  const found = await storage(machine(own)).newestRun("job");
  expect(found).toBeDefined();
  const reader = await (await storage(machine(own)).openRun("job", found!.run)).newest(() => undefined);
  expect(reader?.metadata.id).toBe(1);
});

/** Calls that fail for ever from a rename to `name` on: a process that died there. */
function diesAfterRename(own: SimulatedDisk, name: string): Machine {
  let dead = false;
  const calm = calmFiles(own);
  return machine(own, {
    open: async (path, flag) => {
      if (dead) throw fileError("EIO", "open", path);
      return calm.open(path, flag);
    },
    rename: async (from, to) => {
      await calm.rename(from, to);
      if (name === "run" ? /\/\d{8}T\d{6}-[0-9a-f]{6}$/.test(to) : to.endsWith(name)) dead = true;
    },
  });
}

test("a run that a dead process has made but not synced is durable once another goes on in it", async () => {
  const own = disk();
  await expect(storage(diesAfterRename(own, "run")).createRun("job")).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
  });
  const found = await storage(machine(own)).newestRun("job");
  await complete(await storage(machine(own)).openRun("job", found!.run), 1);
  own.crash(nothing, "ordered");
  expect((await storage(machine(own)).newestRun("job"))?.run).toBe(found!.run);
});

test("a checkpoint that a dead process has completed but not synced is durable once another relies on it", async () => {
  const own = disk();
  const run = await storage(machine(own)).createRun("job");
  const { run: name } = run;
  await run.release();
  const dying = await storage(diesAfterRename(own, "_metadata")).openRun("job", name);
  await expect(complete(dying, 1)).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  await dying.release();
  const relying = await storage(machine(own)).openRun("job", name);
  expect((await relying.newest(() => undefined))?.metadata.id).toBe(1);
  await relying.release();
  own.crash(nothing, "ordered");
  const after = await storage(machine(own)).openRun("job", name);
  expect((await after.newest(() => undefined))?.metadata.id).toBe(1);
});

test("a table's directory and those above it survive a power failure", () => {
  const own = disk();
  const nodes = new Map<number, ReturnType<SimulatedDisk["open"]>>();
  const files = {
    open: (path: string, flag: string) => {
      nodes.set(nodes.size, own.open(path, flag));
      return nodes.size - 1;
    },
    sync: (file: number) => own.sync(nodes.get(file)!),
    close: () => undefined,
    mkdir: (path: string) => own.mkdir(path),
    stat: (path: string) => own.stat(path),
  } as unknown as SyncFileSystem;
  // One that a dead process has made, and one that this process makes.
  own.mkdir("/data/out");
  own.crash(nothing, "ordered");
  expect(own.exists("/data/out")).toBe(false);
  own.mkdir("/data/out");
  makeDirectory("/data/out/table", files);
  syncAncestors("/data/out/table", files);
  own.crash(nothing, "ordered");
  expect(own.exists("/data/out/table")).toBe(true);
});

test("a guard that a dead process has left on the lock does not hold for ever, also when the clock was set back", async () => {
  const own = disk();
  const here = machine(own);
  const dead = { ...nodeProcesses.self(), bootId: "another", token: "t", attempt: 4 };
  own.write(own.open("/data/_lock", "w"), Buffer.from(JSON.stringify(dead)));
  const guard = own.open("/data/_lock.takeover", "w");
  own.utimes(guard, Date.now() + 86_400_000);
  let waits = 0;
  const real = globalThis.setTimeout;
  globalThis.setTimeout = ((action: () => void) => {
    waits += 1;
    return real(action, 0);
  }) as unknown as typeof setTimeout;
  try {
    const lock = await acquireLock("/data", 1, here);
    expect(lock.attempt).toBe(5);
    expect(waits).toBeGreaterThan(100);
    await lock.release();
  } finally {
    globalThis.setTimeout = real;
  }
});

test.each([
  ["EIO", "refused", "IO"],
  ["ENOENT", "not used", undefined],
  ["EACCES", "refused", "IO"],
  ["EMFILE", "refused", "IO"],
])("%s while a checkpoint is read: it is %s", async (code, what, error) => {
  const own = disk();
  const run = await storage(machine(own)).createRun("job");
  await complete(run, 1);
  await complete(run, 2);
  await run.release();
  const calm = calmFiles(own);
  const failing = machine(own, {
    readPieces: (path, from) => {
      if (path.includes("chk-2")) throw fileError(code, "read", path);
      return calm.readPieces(path, from);
    },
  });
  const reasons: string[] = [];
  const reading = (await storage(failing).openRun("job", run.run)).newest((reason) => reasons.push(reason));
  if (what === "refused") {
    await expect(reading).rejects.toMatchObject({ code: error, retryable: true });
    return;
  }
  expect((await reading)?.metadata.id).toBe(1);
  expect(reasons).toEqual([
    expect.stringContaining("checkpoint 2 is not used: the file state.state of the checkpoint"),
  ]);
});

/** A run with two checkpoints, of which the second builds on a file of the first. */
async function increments(own: SimulatedDisk): Promise<RunStorage> {
  const run = await storage(machine(own)).createRun("job");
  await complete(run, 1);
  await complete(run, 2);
  await run.release();
  const path = `${run.location}/chk-2/_metadata`;
  const text = Buffer.from(own.readFile(path)).toString().replace('"path": "', '"path": "../chk-1/');
  own.write(own.open(path, "w"), Buffer.from(text));
  own.sync(own.open(path, "r"));
  return run;
}

test("retention removes nothing while it cannot read what is needed", async () => {
  const own = disk();
  const { run: name, location } = await increments(own);
  let failing = false;
  const calm = calmFiles(own);
  const run = await storage(
    machine(own, {
      readFile: async (path) => {
        if (failing && path.endsWith("_metadata")) throw fileError("EIO", "read", path);
        return calm.readFile(path);
      },
    }),
  ).openRun("job", name);
  failing = true;
  await expect(run.retain(1)).rejects.toMatchObject({ code: "IO" });
  failing = false;
  await run.retain(1);
  expect(own.exists(`${location}/chk-1/state.state`)).toBe(true);
});

test("what builds on another checkpoint is removed before it", async () => {
  const own = disk();
  const { run: name } = await increments(own);
  const removed: string[] = [];
  const calm = calmFiles(own);
  const run = await storage(
    machine(own, {
      rm: async (path) => {
        if (/chk-\d+$/.test(path)) removed.push(path.slice(-5));
        await calm.rm(path);
      },
    }),
  ).openRun("job", name);
  await complete(run, 3);
  removed.length = 0;
  await run.retain(1);
  expect(removed).toEqual(["chk-2", "chk-1"]);
});

test("giving up a lock never fails: the job that ends has other news", async () => {
  const own = disk();
  let failing = false;
  const calm = calmFiles(own);
  const lock = await acquireLock(
    "/data",
    0,
    machine(own, {
      readFile: async (path) => {
        if (failing) throw fileError("EIO", "read", path);
        return calm.readFile(path);
      },
    }),
  );
  failing = true;
  await expect(lock.assertOwned()).rejects.toMatchObject({ code: "EIO" });
  await lock.release();
});
