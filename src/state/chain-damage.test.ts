import {
  appendFileSync,
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { FilesystemStorage } from "../checkpoint/filesystem-storage.ts";
import { METADATA_FORMAT } from "../checkpoint/metadata.ts";
import type { RunStorage } from "../checkpoint/storage.ts";
import { keyGroupsOf, type BackendState } from "./backend.ts";
import { MEMORY } from "./memory-backend.ts";
import { clock, contents, declare, slotOf, write, type Declared } from "./test-support.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Opened extends Declared {
  readonly handle: BackendState;
}

async function open(restore?: Awaited<ReturnType<RunStorage["newest"]>>): Promise<Opened> {
  const backend = await MEMORY.open({
    options: new Map(),
    run: { job: "job", run: "run", attempt: 1 },
    workDirectory: "",
    clock,
    maxParallelism: 16,
    subtask: 0,
    parallelism: 1,
    keyGroups: keyGroupsOf(0, 1, 16),
    restore,
  });
  const handle = backend.operatorState("op");
  return { handle, ...declare(handle.state) };
}

async function checkpoint(run: RunStorage, id: number, { handle }: Opened, retained: number): Promise<void> {
  const writer = await run.begin(id, "checkpoint");
  const state = handle.freeze()!;
  const stateFiles = await state.write(writer);
  await writer.complete({
    format: METADATA_FORMAT,
    job: run.job,
    run: run.run,
    attempt: 1,
    id,
    kind: "checkpoint",
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: 16,
    properties: {},
    snapshots: [
      { operatorId: "op", subtask: 0, stateFiles, positions: {}, committables: [], sinkState: null, extra: null },
    ],
  });
  state.completed?.();
  await run.retain(retained);
}

/** What each of five checkpoints holds: a base and four increments on it, of which the newest is kept. */
const expected = new Map<number, unknown>();
const original = mkdtempSync(join(tmpdir(), "millrace-chain-"));
afterAll(() => rmSync(original, { recursive: true }));

const storageIn = (directory: string): FilesystemStorage =>
  new FilesystemStorage({ directory, compression: "gzip", nowMillis: () => 0 });

beforeAll(async () => {
  const run = await storageIn(original).createRun("job");
  const live = await open();
  for (let i = 0n; i < 3000n; i++) write(live.table.columns[0]!, slotOf(live.table, [i, "a"]), i);
  for (let id = 1; id <= 5; id++) {
    const slot = slotOf(live.table, [BigInt(id), "a"]);
    live.table.touchOne(slot);
    write(live.table.columns[0]!, slot, -BigInt(id));
    live.table.remove(slotOf(live.table, [BigInt(100 * id), "a"]));
    slotOf(live.slices.slice(1000 * id), [1n, "x"]);
    live.slices.drop(1000 * (id - 2));
    await checkpoint(run, id, live, 1);
    expected.set(id, contents(live));
  }
  await run.release();
});

/** A copy of that run, to be damaged. */
async function chain(): Promise<RunStorage> {
  const folder = mkdtempSync(join(tmpdir(), "millrace-chain-"));
  folders.push(folder);
  cpSync(original, folder, { recursive: true });
  const storage = storageIn(folder);
  return await storage.openRun("job", (await storage.newestRun("job"))!.run);
}

/** All files of the run's checkpoints, with the number of the checkpoint. */
function filesOf(run: RunStorage): [id: number, path: string][] {
  return readdirSync(run.location)
    .filter((name) => name.startsWith("chk-"))
    .flatMap((name) =>
      readdirSync(join(run.location, name)).map((file): [number, string] => [
        Number(name.slice(4)),
        join(run.location, name, file),
      ]),
    );
}

const DAMAGES: readonly [name: string, damage: (path: string) => void][] = [
  ["is empty", (path) => truncateSync(path, 0)],
  ["is cut off", (path) => truncateSync(path, readFileSync(path).length >> 1)],
  ["is longer", (path) => appendFileSync(path, "x")],
  ["is missing", (path) => rmSync(path)],
  ["has a changed bit at the start", (path) => flip(path, 0)],
  ["has a changed bit in the middle", (path) => flip(path, readFileSync(path).length >> 1)],
  ["has a changed bit at the end", (path) => flip(path, readFileSync(path).length - 1)],
];

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 0x04;
  writeFileSync(path, bytes);
}

test("retention keeps the whole chain of the newest checkpoint, and nothing of a chain that is over", async () => {
  const run = await chain();
  expect(new Set(filesOf(run).map(([id]) => id))).toEqual(new Set([1, 2, 3, 4, 5]));
  const live = await open(await run.newest(() => undefined));
  expect(contents(live)).toEqual(expected.get(5));
  // The first checkpoint of another attempt is a base.
  await checkpoint(run, 6, live, 1);
  expect(new Set(filesOf(run).map(([id]) => id))).toEqual(new Set([6]));
  expect(contents(await open(await run.newest(() => undefined)))).toEqual(expected.get(5));
});

test.each(DAMAGES)(
  "a file of a chain that %s: an older checkpoint is used and it is said why",
  async (name, damage) => {
    const count = filesOf(await chain()).length;
    expect(count).toBe(10);
    for (let i = 0; i < count; i++) {
      const run = await chain();
      const [id, path] = filesOf(run)[i]!;
      damage(path);
      const reasons: string[] = [];
      const reader = await run.newest((reason) => reasons.push(reason));
      // Metadata concerns one checkpoint only; without it there is none. A state file concerns all that build on it.
      const isMetadata = path.endsWith("_metadata");
      const newest = isMetadata && id < 5 ? 5 : id - 1;
      expect(reader?.metadata.id ?? 0).toBe(newest);
      const silent = newest === 5 || (isMetadata && name === "is missing");
      if (!silent) expect(reasons[0]).toMatch(/^checkpoint 5 is not used: .*(is damaged|cannot be read|is not JSON)/);
      else expect(reasons).toEqual([]);
      if (reader !== undefined) expect(contents(await open(reader))).toEqual(expected.get(newest));
      await run.release();
    }
  },
);
