import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test, vi } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { ByteStorage } from "../storage/byte-storage.ts";
import { FileStorage } from "../storage/file-storage.ts";
import { nodeFiles } from "../storage/file-system.ts";
import { thisMachine, type Machine } from "../storage/machine.ts";
import type { Place } from "../storage/place.ts";
import { openCheckpoint } from "./checkpoint-directory.ts";
import { EncryptionKeys, keyOf } from "./encryption-keys.ts";
import { FilesystemStorage } from "./filesystem-storage.ts";
import type { StateFile } from "./metadata.ts";
import { PlaceStorage } from "./place-storage.ts";
import { ReplicatedStorage } from "./replicated-storage.ts";
import type { CheckpointWriter, RunStorage } from "./storage.ts";

const scratch = mkdtempSync(join(tmpdir(), "millrace-replicas-"));
afterAll(() => rmSync(scratch, { recursive: true }));
const held: RunStorage[] = [];
afterEach(async () => {
  for (const run of held.splice(0)) await run.release();
});

interface WorldOptions {
  readonly replicas?: number;
  readonly minPlaces?: number;
  readonly timeoutMillis?: number;
  readonly keys?: EncryptionKeys;
  /** The ruling place is a storage, not a folder. */
  readonly place?: boolean;
}

/** A checkpoint directory and its replicas, each of which can be made to fail, or not to answer. */
class World {
  readonly folder = mkdtempSync(join(scratch, "world-"));
  readonly down = new Set<string>();
  readonly hanging = new Set<string>();
  readonly notes: string[] = [];
  /** Calls that a place does not take. */
  refuses = (_place: string, _path: string): boolean => false;
  readonly #options: WorldOptions;
  #now = 0;

  constructor(options: WorldOptions = {}) {
    this.#options = options;
  }

  storage(machine: Machine = thisMachine): ReplicatedStorage {
    const { replicas = 1, minPlaces = 2, timeoutMillis = 60_000, keys, place = false } = this.#options;
    const open = async (location: string) => openCheckpoint(location, nodeFiles, keys);
    const shared = { compression: "none" as const, keys, nowMillis: () => ++this.#now, machine, open };
    const main = this.#place("main");
    return new ReplicatedStorage({
      main: place
        ? new PlaceStorage({ ...shared, place: main })
        : new FilesystemStorage({ ...shared, directory: main.location }),
      place: main,
      replicas: Array.from({ length: replicas }, (_, i) => this.#place(`replica${i + 1}`)).map((each) => ({
        place: each,
        storage: new PlaceStorage({ ...shared, place: each }),
      })),
      keys,
      minPlaces,
      timeoutMillis,
      open,
    });
  }

  async run(machine?: Machine): Promise<RunStorage> {
    const run = await this.storage(machine).createRun("job");
    held.push(run);
    return run;
  }

  /** Another process goes on. */
  async again(machine?: Machine): Promise<RunStorage> {
    const storage = this.storage(machine);
    const run = await storage.openRun("job", (await storage.newestRun("job"))!.run);
    held.push(run);
    return run;
  }

  path(place: string, ...names: readonly string[]): string {
    const job = join(this.folder, place, "job");
    return join(job, existsSync(job) ? readdirSync(job)[0]! : "none", ...names);
  }

  /** Checkpoints of a place that have metadata. */
  complete(place: string): number[] {
    if (!existsSync(this.path(place))) return [];
    return readdirSync(this.path(place))
      .filter((name) => existsSync(this.path(place, name, "_metadata")))
      .filter((name) => !readFileSync(this.path(place, name, "_metadata"), "utf8").includes("givenUp"))
      .map((name) => Number(name.slice(4)))
      .sort((a, b) => a - b);
  }

  async newest(run: RunStorage): Promise<number | undefined> {
    return (await run.newest((note) => this.notes.push(note)))?.metadata.id;
  }

  #place(name: string): Place {
    const location = join(this.folder, name);
    return { storage: this.#flaky(name, new FileStorage(location, nodeFiles)), path: "", location };
  }

  #flaky(name: string, storage: ByteStorage): ByteStorage {
    return new Proxy(storage, {
      get: (target, key: keyof ByteStorage) => {
        const value = target[key];
        if (typeof value !== "function" || key === "close") return value;
        if (key === "list")
          return (prefix: string) => {
            if (this.down.has(name)) throw refused(name);
            return target.list(prefix);
          };
        return async (...args: readonly unknown[]) => {
          if (this.down.has(name) || this.refuses(name, String(args[0]))) throw refused(name);
          if (this.hanging.has(name)) await new Promise(() => undefined);
          return (value as (...all: readonly unknown[]) => unknown).apply(target, [...args]);
        };
      },
    });
  }
}

function refused(name: string): SqlError {
  return new SqlError("IO", `${name} is down`, { retryable: true });
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function begin(
  run: RunStorage,
  id: number,
  before: readonly StateFile[] = [],
): Promise<{ readonly writer: CheckpointWriter; readonly files: readonly StateFile[]; finish(): Promise<void> }> {
  const writer = await run.begin(id, "checkpoint");
  const files = [...before, await writer.writeFile("state", pieces(`state of ${id} in attempt ${run.attempt}`))];
  const finish = async (): Promise<void> =>
    writer.complete({
      format: 1,
      job: "job",
      run: run.run,
      attempt: run.attempt,
      id,
      kind: "checkpoint",
      triggeredMillis: 0,
      completedMillis: 0,
      maxParallelism: 128,
      properties: {},
      snapshots: [
        {
          operatorId: "o",
          subtask: 0,
          stateFiles: files,
          positions: {},
          committables: [],
          sinkState: null,
          extra: null,
        },
      ],
    });
  return { writer, files: files.map((file) => later(id, file)), finish };
}

function later(id: number, file: StateFile): StateFile {
  return file.path.startsWith("../") ? file : { ...file, path: `../chk-${id}/${file.path}` };
}

async function write(run: RunStorage, id: number, before?: readonly StateFile[]): Promise<readonly StateFile[]> {
  const { files, finish } = await begin(run, id, before);
  await finish();
  return files;
}

test("every place holds what is complete, with the files that increments need, and is a checkpoint directory of its own", async () => {
  const world = new World({ replicas: 2, minPlaces: 3 });
  const run = await world.run();
  const base = await write(run, 1);
  await write(run, 2);
  await write(run, 3, base);
  await run.retain(1);
  await run.release();
  for (const place of ["main", "replica1", "replica2"]) expect([place, world.complete(place)]).toEqual([place, [1, 3]]);
  const alone = new FilesystemStorage({
    directory: join(world.folder, "replica2"),
    compression: "none",
    nowMillis: () => 0,
  });
  const found = await alone.newestRun("job");
  expect((await alone.newestOf(found!, expect.unreachable, true))?.metadata.id).toBe(3);
});

test("a place that is down is not waited for where enough others have it, is counted, and gets it when it is back", async () => {
  const world = new World({ replicas: 2 });
  const run = await world.run();
  await write(run, 1);
  world.down.add("replica1");
  const files = await write(run, 2);
  await vi.waitFor(
    async () => {
      await run.remember({ type: "recovery", record: { attempt: 1 } as never });
      expect((await run.history()).places).toContainEqual(
        expect.objectContaining({ held: 1, missed: 1, newest: 1, problem: "replica1 is down" }),
      );
    },
    { timeout: 20_000, interval: 200 },
  );
  world.down.delete("replica1");
  await vi.waitFor(() => expect(world.complete("replica1")).toEqual([1, 2]), { timeout: 20_000 });
  await write(run, 3, files);
  await run.release();
  expect(world.complete("replica1")).toEqual([1, 2, 3]);
  const { places } = await (await world.again()).history();
  expect(places.map(({ held: got, missed, newest }) => [got, missed, newest]).sort()).toEqual([
    [2, 1, 3],
    [3, 0, 3],
  ]);
});

test("a run that too few places can know of does not begin", async () => {
  const world = new World();
  world.down.add("replica1");
  await expect(world.run()).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
    message: expect.stringMatching(/^the run .* is in 1 of 2 places: replica1 is down$/),
  });
});

test("with too few places a checkpoint fails, and is nowhere", async () => {
  const world = new World();
  const run = await world.run();
  await write(run, 1);
  world.down.add("replica1");
  const { writer, finish } = await begin(run, 2);
  await expect(finish()).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
    message: expect.stringContaining("checkpoint 2 is in 1 of 2 places: replica1 is down"),
  });
  await writer.abort();
  world.down.delete("replica1");
  expect([world.complete("main"), world.complete("replica1")]).toEqual([[1], [1]]);
  await write(run, 3);
  expect(world.complete("replica1")).toEqual([1, 3]);
});

test("a place that does not answer holds nobody up for longer than the checkpoint's time, and nobody at all with 'min-replicas' 1", async () => {
  const patient = new World({ timeoutMillis: 300 });
  const waiting = await patient.run();
  patient.hanging.add("replica1");
  await expect(write(waiting, 1)).rejects.toMatchObject({
    code: "CHECKPOINT_FAILED",
    message: expect.stringContaining("no answer for 300 ms"),
  });
  held.length = 0;
  const careless = new World({ minPlaces: 1 });
  careless.hanging.add("replica1");
  const run = await careless.run();
  for (let id = 1; id <= 40; id++) await write(run, id);
  expect(careless.complete("main")).toHaveLength(40);
  held.length = 0;
});

test.each([false, true])("no further place has metadata that the ruling one has not (a storage: %s)", async (place) => {
  const world = new World({ place });
  const run = await world.run(silent(1));
  await write(run, 1);
  const { finish } = await begin(run, 2);
  // Another engine takes the run over, as when this one has slept for long.
  const next = await world.again(silent(2));
  await expect(finish()).rejects.toMatchObject({ code: "RUN_TAKEN_OVER" });
  expect([world.complete("main"), world.complete("replica1")]).toEqual([[1], [1]]);
  expect(await world.newest(next)).toBe(1);
});

const WAYS = ["is cut off", "has a changed bit", "is gone"] as const;

function damage(path: string, way: (typeof WAYS)[number]): void {
  const bytes = readFileSync(path);
  if (way === "is gone") return rmSync(path);
  if (way === "is cut off") return writeFileSync(path, bytes.subarray(0, bytes.length - 1));
  bytes[bytes.length >> 1]! ^= 4;
  writeFileSync(path, bytes);
}

const KEYS = new EncryptionKeys(keyOf(Buffer.alloc(32, 3)));

test.each(
  [false, true].flatMap((place) =>
    [undefined, KEYS].flatMap((keys) =>
      WAYS.flatMap((way) =>
        ["chk-3/_metadata", "chk-3/state", "chk-1/state"].map((file) => ({ place, keys, way, file })),
      ),
    ),
  ),
)("a file that $way is taken from another place: $file (a storage: $place)", async ({ place, keys, way, file }) => {
  const world = new World({ place, ...(keys === undefined ? {} : { keys }) });
  const run = await world.run();
  await write(run, 3, await write(run, 1));
  await run.release();
  const name = file.endsWith("state") ? `${file}.state${keys === undefined ? "" : ".enc"}` : file;
  damage(world.path("main", name), way);
  const next = await world.again();
  expect(await world.newest(next)).toBe(3);
  expect(world.notes).toEqual([expect.stringMatching(/^checkpoint 3 is taken from .*replica1/)]);
  expect(readFileSync(world.path("main", name))).toEqual(readFileSync(world.path("replica1", name)));
});

test("damaged everywhere: the one before, and the newer one is never gone on from again", async () => {
  const world = new World();
  const run = await world.run();
  await write(run, 1);
  await write(run, 2);
  await run.release();
  const kept = join(scratch, "kept");
  cpSync(world.path("replica1", "chk-2"), kept, { recursive: true });
  for (const place of ["main", "replica1"]) damage(world.path(place, "chk-2/state.state"), "has a changed bit");
  const next = await world.again();
  expect(await world.newest(next)).toBe(1);
  await next.release();
  // A copy of it turns up.
  cpSync(kept, world.path("replica1", "chk-2"), { recursive: true });
  rmSync(world.path("main", "chk-2"), { recursive: true });
  expect(await world.newest(await world.again())).toBe(1);
});

test("what is lost as a whole is made again from another place, and the run goes on", async () => {
  const world = new World({ replicas: 2 });
  const run = await world.run();
  await write(run, 2, await write(run, 1));
  await run.release();
  rmSync(join(world.folder, "main"), { recursive: true });
  const next = await world.again();
  expect([next.run, next.attempt > 1]).toEqual([run.run, true]);
  const reader = await next.newest((note) => world.notes.push(note));
  expect(reader?.metadata.id).toBe(2);
  const [first] = reader!.metadata.snapshots[0]!.stateFiles;
  expect(Buffer.from(await reader!.readFile(first!)).toString()).toBe("state of 1 in attempt 1");
  expect(reader!.location).toBe(world.path("main", "chk-2"));
  await write(next, (await next.highestId()) + 1);
  await next.release();
  expect(["main", "replica1", "replica2"].map((place) => world.complete(place).at(-1))).toEqual([3, 3, 3]);
  // And a further place in turn.
  rmSync(join(world.folder, "replica2"), { recursive: true });
  const third = await world.again();
  expect(await world.newest(third)).toBe(3);
  await vi.waitFor(() => expect(world.complete("replica2")).toEqual([3]), { timeout: 20_000 });
});

test("when nothing is left in the ruling place and another one is down, nothing begins anew", async () => {
  const world = new World();
  await write(await world.run(), 1);
  rmSync(join(world.folder, "main"), { recursive: true });
  world.down.add("replica1");
  await expect(world.storage().newestRun("job")).rejects.toMatchObject({ code: "IO" });
  world.down.delete("replica1");
  await held.pop()!.release();
});

test("what a place that was down still has of an aborted checkpoint is void once the run went on from an older one", async () => {
  const world = new World({ replicas: 2, minPlaces: 3 });
  const run = await world.run();
  await write(run, 1);
  const { writer, finish } = await begin(run, 2);
  // Both have its files; its metadata arrives at one of them only.
  world.refuses = (place, path) =>
    place === "replica2" && path.endsWith("chk-2/_metadata") && world.complete("main").includes(2);
  await expect(finish()).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  world.down.add("replica1");
  await writer.abort();
  await run.release();
  expect([world.complete("main"), world.complete("replica1")]).toEqual([[1], [1, 2]]);
  const next = await world.again();
  expect(await world.newest(next)).toBe(1);
  await next.release();
  world.down.delete("replica1");
  const third = await world.again();
  expect(await world.newest(third)).toBe(1);
});

test("a savepoint that stands in a checkpoint's place is found from any place", async () => {
  const world = new World();
  const run = await world.run();
  await write(run, 1);
  const writer = await run.beginSavepoint(2, { directory: join(world.folder, "saves"), compression: "none" });
  const file = await writer.writeFile("state", pieces("saved"));
  const snapshot = {
    operatorId: "o",
    subtask: 0,
    stateFiles: [file],
    positions: {},
    committables: [],
    sinkState: null,
    extra: null,
  };
  const facts = { format: 1, job: "job", run: run.run, attempt: 1, triggeredMillis: 0, completedMillis: 0 };
  await writer.complete({
    ...facts,
    id: 2,
    kind: "savepoint",
    maxParallelism: 1,
    properties: {},
    snapshots: [snapshot],
  });
  await run.release();
  rmSync(join(world.folder, "main"), { recursive: true });
  expect(await world.newest(await world.again())).toBe(2);
});

/** A machine whose other processes are taken for dead. */
function silent(pid: number): Machine {
  const self = { host: "here", pid, processStart: `${pid}`, bootId: "b" };
  return { ...thisMachine, processes: { self: () => self, isRunning: () => false } };
}
