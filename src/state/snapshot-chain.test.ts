import fc from "fast-check";
import { expect, test } from "vitest";
import type { CheckpointKind, CheckpointMetadata, StateFile } from "../checkpoint/metadata.ts";
import { METADATA_FORMAT } from "../checkpoint/metadata.ts";
import { MemoryRun } from "../checkpoint/memory-storage.ts";
import type { PendingState } from "../checkpoint/participant.ts";
import type { CheckpointWriter } from "../checkpoint/storage.ts";
import { keyGroupsOf, type BackendContext, type BackendState } from "./backend.ts";
import { MEMORY } from "./memory-backend.ts";
import { readSnapshots } from "./restored-state.ts";
import {
  apply,
  clock,
  contents,
  declare,
  layout,
  operation,
  slotOf,
  subject,
  write,
  type Declared,
} from "./test-support.ts";
import { columnOf } from "../batch/column-builder.ts";
import { T } from "../types/data-type.ts";

const KEY_GROUPS = 16;

function context(overrides: Partial<BackendContext>): BackendContext {
  return {
    options: new Map(),
    run: { job: "job", run: "run", attempt: 1 },
    workDirectory: "",
    clock,
    maxParallelism: KEY_GROUPS,
    subtask: 0,
    parallelism: 1,
    keyGroups: keyGroupsOf(0, 1, KEY_GROUPS),
    restore: undefined,
    ...overrides,
  };
}

interface Opened {
  readonly handle: BackendState;
  readonly all: Declared;
}

async function open(overrides: Partial<BackendContext> = {}, counting = true): Promise<Opened> {
  const handle = (await MEMORY.open(context(overrides))).operatorState("op");
  const all = declare(handle.state, { counting });
  handle.checkAllRestored(false);
  return { handle, all };
}

/** The thread `subtask` of `parallelism`, from the newest checkpoint. */
async function reopen(run: MemoryRun, subtask = 0, parallelism = 1): Promise<Opened> {
  const restore = await run.newest();
  return await open({ restore, subtask, parallelism, keyGroups: keyGroupsOf(subtask, parallelism, KEY_GROUPS) });
}

/** Writes a frozen state into a checkpoint; `during` is called between two pieces. */
async function store(writer: CheckpointWriter, state: PendingState, during: () => void = () => undefined) {
  return await state.write({
    ...writer,
    id: writer.id,
    kind: writer.kind,
    writeFile: async (name, pieces) => {
      async function* watched(): AsyncGenerator<Uint8Array> {
        for await (const piece of pieces) {
          yield piece;
          during();
        }
      }
      return await writer.writeFile(name, watched());
    },
  });
}

function metadata(id: number, kind: CheckpointKind, files: readonly (readonly StateFile[])[]): CheckpointMetadata {
  return {
    format: METADATA_FORMAT,
    job: "job",
    run: "run",
    attempt: 1,
    id,
    kind,
    triggeredMillis: 0,
    completedMillis: 0,
    maxParallelism: KEY_GROUPS,
    properties: {},
    snapshots: files.map((stateFiles, subtask) => ({
      operatorId: "op",
      subtask,
      stateFiles,
      positions: {},
      committables: [],
      sinkState: null,
      extra: null,
    })),
  };
}

/** A whole checkpoint of one thread; returns its files. */
async function checkpoint(
  run: MemoryRun,
  { handle }: Opened,
  kind: CheckpointKind = "checkpoint",
): Promise<readonly StateFile[]> {
  const id = (await run.highestId()) + 1;
  const writer = await run.begin(id, kind);
  const state = handle.freeze();
  const files = state === undefined ? [] : await store(writer, state);
  await writer.complete(metadata(id, kind, [files]));
  state?.completed?.();
  await run.retain(1);
  return files;
}

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant("change" as const), operations: fc.array(operation, { maxLength: 8 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("checkpoint" as const),
      savepoint: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
      end: fc.constantFrom("completed", "completed", "completed", "failed after", "failed before"),
      during: fc.array(operation, { maxLength: 12 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restart" as const), parallelism: fc.constantFrom(1, 1, 3) }) },
);

test("whatever happens, what is restored is what was there at the newest complete checkpoint, slots included", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const run = new MemoryRun("job", "run");
      let live = await open();
      let complete: { readonly contents: unknown; readonly layout: unknown } | undefined;
      for (const each of steps) {
        if (each.kind === "change") {
          for (const one of each.operations) apply(live.all, one);
          continue;
        }
        if (each.kind === "restart") {
          live = await restarted(run, each.parallelism, complete?.contents);
          // Rows of several former tasks are numbered anew.
          if (complete !== undefined) complete = { ...complete, layout: layout(live.all) };
          continue;
        }
        const id = (await run.highestId()) + 1;
        const kind = each.savepoint ? "savepoint" : "checkpoint";
        const writer = await run.begin(id, kind);
        const now = { contents: contents(live.all), layout: layout(live.all) };
        const state = live.handle.freeze();
        const during = [...each.during];
        const change = (): void => {
          const next = during.shift();
          if (next !== undefined) apply(live.all, next);
        };
        change();
        if (each.end !== "failed before" && state !== undefined) {
          const files = await store(writer, state, change);
          if (each.end === "completed") {
            await writer.complete(metadata(id, kind, [files]));
            state.completed?.();
            await run.retain(1);
            complete = now;
          }
        }
        if (each.end !== "completed") {
          state?.release();
          await writer.abort();
        }
        if (complete === undefined) continue;
        const back = await reopen(run);
        expect(contents(back.all)).toEqual(complete.contents);
        expect(layout(back.all)).toEqual(complete.layout);
      }
    }),
    { numRuns: 60 },
  );
});

/** Another attempt: on one thread as it was, or through a checkpoint by several threads, which then meet again. */
async function restarted(run: MemoryRun, parallelism: number, expected: unknown): Promise<Opened> {
  if (parallelism === 1 || (await run.newest()) === undefined) return await reopen(run);
  const threads = await Promise.all(Array.from({ length: parallelism }, async (_, i) => reopen(run, i, parallelism)));
  const keys = threads.flatMap(({ all }) => Object.keys(contents(all).table));
  expect(new Set(keys).size).toBe(keys.length);
  const id = (await run.highestId()) + 1;
  const writer = await run.begin(id, "checkpoint");
  const files: (readonly StateFile[])[] = [];
  for (const [i, { handle }] of threads.entries()) {
    const target = {
      ...writer,
      writeFile: async (name: string, pieces: AsyncIterable<Uint8Array>) => writer.writeFile(`${name}-${i}`, pieces),
    };
    files.push((await handle.freeze()?.write(target)) ?? []);
  }
  await writer.complete(metadata(id, "checkpoint", files));
  const joined = await reopen(run);
  expect(contents(joined.all)).toEqual(expected);
  return joined;
}

const key = (i: number): [bigint, string] => [BigInt(i), "a"];

function set({ all: { table } }: Opened, i: number, value: number): void {
  const slot = slotOf(table, key(i));
  table.touchOne(slot);
  write(table.columns[0]!, slot, BigInt(value));
}

function values({ all: { table } }: Opened): Record<number, bigint> {
  const keys = (table.keyColumns[0] as { values: BigInt64Array }).values;
  const column = (table.columns[0] as { values: BigInt64Array }).values;
  return Object.fromEntries([...table.liveSlots()].map((slot) => [Number(keys[slot]), column[slot]!]));
}

const names = (files: readonly StateFile[]): string[] => files.map(({ path }) => path);

/** Keys, each with its own number, in a first checkpoint. */
async function filled(
  run: MemoryRun,
  options: Readonly<Record<string, string>> = {},
  count = 2000,
): Promise<{ readonly live: Opened; readonly expected: Record<number, bigint> }> {
  const live = await open({ options: new Map(Object.entries(options)) }, false);
  const expected: Record<number, bigint> = {};
  for (let i = 0; i < count; i++) {
    set(live, i, i);
    expected[i] = BigInt(i);
  }
  await checkpoint(run, live);
  return { live, expected };
}

test("an increment is a small file beside those it builds on; an unchanged state has no new file", async () => {
  const run = new MemoryRun("job", "run");
  const { live, expected } = await filled(run);
  set(live, 7, 70);
  live.all.table.remove(slotOf(live.all.table, key(8)));
  const files = await checkpoint(run, live);
  expect(names(files)).toEqual(["../chk-1/op#0", "op#0"]);
  expect(files[1]!.bytes).toBeLessThan(files[0]!.bytes / 10);
  const { 8: _gone, ...rest } = expected;
  expect(values(await reopen(run))).toEqual({ ...rest, 7: 70n });
  expect(names(await checkpoint(run, live))).toEqual(["../chk-1/op#0", "../chk-2/op#0"]);
  expect(values(await reopen(run))).toEqual({ ...rest, 7: 70n });
  expect(live.all.slices.slice(1000).liveCount).toBe(0);
  expect(names(await checkpoint(run, live))).toHaveLength(3);
});

test("what was frozen for checkpoints that failed is in the next one", async () => {
  for (const failures of [1, 2, 5]) {
    const run = new MemoryRun("job", "run");
    const { live, expected } = await filled(run);
    for (let n = 1; n <= failures; n++) {
      set(live, n, 100 + n);
      const state = live.handle.freeze()!;
      // Not written at all, written and then failed, or still being written when the next one comes.
      if (n % 3 === 1) await store(await run.begin(100 + n, "checkpoint"), state);
      if (n % 3 !== 0) state.release();
      expected[n] = BigInt(100 + n);
    }
    set(live, 50, 5);
    expected[50] = 5n;
    const files = await checkpoint(run, live);
    expect(files).toHaveLength(2);
    expect(values(await reopen(run))).toEqual(expected);
    set(live, 51, 6);
    expected[51] = 6n;
    const next = await checkpoint(run, live);
    expect(next[2]!.bytes).toBeLessThan(files[1]!.bytes + 50);
    expect(values(await reopen(run))).toEqual(expected);
  }
});

test("a completion that comes late: the increment is not built on files that may be gone", async () => {
  const run = new MemoryRun("job", "run");
  const { live, expected } = await filled(run);
  set(live, 1, 10);
  expected[1] = 10n;
  const second = await run.begin(2, "checkpoint");
  const earlier = live.handle.freeze()!;
  await second.complete(metadata(2, "checkpoint", [await store(second, earlier)]));
  set(live, 2, 20);
  const later = live.handle.freeze()!;
  earlier.completed?.();
  const third = await run.begin(3, "checkpoint");
  const files = await store(third, later);
  expect(names(files)).toEqual(["op#0"]);
  await third.complete(metadata(3, "checkpoint", [files]));
  later.completed?.();
  // An earlier one that is heard of only now changes nothing.
  earlier.completed?.();
  expect(values(await reopen(run))).toEqual({ ...expected, 2: 20n });
  expect(names(await checkpoint(run, live))).toEqual(["../chk-3/op#0"]);

  set(live, 3, 30);
  const fourth = live.handle.freeze()!;
  const fifth = live.handle.freeze()!;
  fourth.release();
  await expect(fourth.write(await run.begin(5, "checkpoint"))).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  const writer = await run.begin(6, "checkpoint");
  const slow = store(writer, fifth, () => later.completed?.());
  expect(names(await slow)).toHaveLength(2);
});

test("a checkpoint that is completed while an increment is written on the one before it fails the increment", async () => {
  const run = new MemoryRun("job", "run");
  const { live } = await filled(run);
  set(live, 1, 10);
  const earlier = live.handle.freeze()!;
  await store(await run.begin(2, "checkpoint"), earlier);
  set(live, 2, 20);
  const later = live.handle.freeze()!;
  const writing = store(await run.begin(3, "checkpoint"), later, () => earlier.completed?.());
  await expect(writing).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
  later.release();
  expect(names(await checkpoint(run, live))).toHaveLength(3);
  expect(values(await reopen(run))).toMatchObject({ 1: 10n, 2: 20n });
});

test("a new base is written when the increments are large, or many", async () => {
  const run = new MemoryRun("job", "run");
  const { live } = await filled(run);
  const counts: number[] = [];
  for (let n = 0; n < 6; n++) {
    for (let i = 0; i < 500; i++) set(live, i * 4, n);
    counts.push((await checkpoint(run, live)).length);
  }
  expect(counts.slice(0, 2)).toEqual([2, 3]);
  expect(counts.indexOf(1)).toBeGreaterThan(1);
  expect(counts[counts.indexOf(1) + 1]).toBe(2);
  expect(values(await reopen(run))[0]).toBe(5n);

  const many = new MemoryRun("job", "run");
  const { live: resting } = await filled(many, {}, 20_000);
  let longest = 0;
  for (let n = 0; n < 130; n++) {
    set(resting, n, -1);
    longest = Math.max(longest, (await checkpoint(many, resting)).length);
  }
  expect(longest).toBeGreaterThan(11);
  expect(longest).toBeLessThanOrEqual(101);
  expect(Object.values(values(await reopen(many))).filter((value) => value === -1n)).toHaveLength(130);
});

test("a savepoint is complete in itself, and what follows builds on nothing before it", async () => {
  const run = new MemoryRun("job", "run");
  const { live } = await filled(run);
  set(live, 1, 10);
  expect(names(await checkpoint(run, live, "savepoint"))).toEqual(["op#0"]);
  expect(names(await checkpoint(run, live))).toEqual(["op#0"]);
  expect(names(await checkpoint(run, live, "final"))).toEqual(["../chk-3/op#0"]);
});

test("increments can be switched off", async () => {
  const run = new MemoryRun("job", "run");
  const { live } = await filled(run, { "execution.checkpointing.incremental": "false" });
  for (let n = 0; n < 3; n++) expect(names(await checkpoint(run, live))).toEqual(["op#0"]);
});

test("a state that became empty has no files, and is a base when it is not empty any more", async () => {
  const run = new MemoryRun("job", "run");
  const state = (await MEMORY.open(context({}))).operatorState("op");
  const table = state.state.table({ name: "t", keys: [{ name: "k", type: T.int() }], fields: [], ttlMillis: 0 });
  const live = { handle: state, all: undefined as unknown as Declared };
  const slots = new Int32Array(1);
  const put = (): void => void table.prepare([columnOf(T.int(), [1])], undefined, 1, slots);
  put();
  expect(names(await checkpoint(run, live))).toEqual(["op#0"]);
  table.remove(slots[0]!);
  expect(names(await checkpoint(run, live))).toEqual([]);
  put();
  expect(names(await checkpoint(run, live))).toEqual(["op#0"]);
});

test("increments that are out of order, of another chain or without their base are refused", async () => {
  const one = subject();
  slotOf(one.table, key(1));
  const base = (await one.state.freeze().toBytes({ chain: "a", position: 0 })).bytes;
  slotOf(one.table, key(2));
  const first = (await one.state.freeze(1).toBytes({ chain: "a", position: 1 })).bytes;
  const second = (await one.state.freeze(2).toBytes({ chain: "a", position: 2 })).bytes;
  const other = (await one.state.freeze(3).toBytes({ chain: "b", position: 1 })).bytes;
  expect(Object.keys(contents(subject(await readSnapshots([base, first, second]))).table)).toHaveLength(2);
  for (const files of [[first], [base, second], [base, second, first], [base, other], [base, first, first]])
    await expect(readSnapshots(files)).rejects.toMatchObject({ code: "CHECKPOINT_INVALID" });
});
