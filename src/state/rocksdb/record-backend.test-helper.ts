import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { T, type Value } from "../../types/data-type.ts";
import type { OperatorState } from "../api.ts";
import type { BackendState, OpenStateBackend, StateBackend } from "../backend.ts";
import { MEMORY } from "../memory-backend.ts";
import { apply, contents, declare, keyColumns, operation, type Declared, type Operation } from "../test-support.ts";
import { checkpointOf, memoryRun, opened, withFolder, writeCheckpoint } from "./test-support.ts";

/** All keys that the operations use. */
const KEYS: readonly (readonly Value[])[] = [null, ...Array.from({ length: 13 }, (_, i) => BigInt(i))].flatMap((k) =>
  [null, "", "a", "ü€"].map((text) => [k, text]),
);

interface Opened {
  readonly backend: OpenStateBackend;
  readonly handle: BackendState;
  readonly subject: Declared & { readonly state: OperatorState };
}

async function open(
  backend: StateBackend,
  folder: string,
  more: Parameters<typeof opened>[2] = {},
  declared: Parameters<typeof declare>[1] = {},
): Promise<Opened> {
  const open = await opened(backend, folder, more);
  const handle = open.operatorState("op");
  const subject = { state: handle.state, ...declare(handle.state, declared) };
  // Back in the usual form the added columns are dropped.
  handle.checkAllRestored(declared.otherwise === false);
  await open.settle?.();
  return { backend: open, handle, subject };
}

/** What an operator does around each batch. */
async function step({ subject }: Opened, change: Operation): Promise<void> {
  await subject.state.makeRoom();
  const { table, slices } = subject;
  const { kind, key, end } = change;
  if (kind !== "slice" && kind !== "drop") await table.load(keyColumns(key), undefined, 1);
  if (kind === "slice" && slices.mayMiss(end)) await slices.slice(end).load(keyColumns(key), undefined, 1);
  apply(subject, change);
}

/** All that the state holds, wherever it is. */
async function everything({ subject }: Opened): Promise<ReturnType<typeof contents>> {
  await subject.state.makeRoom();
  const { table, slices } = subject;
  for (const key of KEYS) await table.load(keyColumns(key), undefined, 1);
  const parts = slices.parts(slices.ends()) ?? [];
  for (const part of parts) await part.load();
  if (parts.length > 0) {
    for (const end of slices.ends())
      expect(parts.flatMap((part) => [...part.slots(end)]).sort()).toEqual([...slices.slice(end).liveSlots()].sort());
  }
  return contents(subject);
}

const operations = fc.array(operation, { maxLength: 60 });

/**
 * What a backend whose records lie behind the tables in memory has to do; `options`: what it is opened with; `runs` of
 * each property.
 */
export function recordBackendSuite(
  backend: StateBackend,
  options: () => ReadonlyMap<string, string> = () => new Map(),
  runs = 15,
): void {
  describe("the same as in memory, whatever is dropped and loaded", () => {
    test.each(["1", "2 kb", "256 mb"])("with %s of memory", async (limit) => {
      await fc.assert(
        fc.asyncProperty(operations, operations, async (before, after) => {
          await withFolder(async (folder) => {
            const memory = await open(MEMORY, folder);
            let subject = await open(backend, folder, { limit, options: options() });
            const run = memoryRun();
            for (const change of before) {
              await step(memory, change);
              await step(subject, change);
            }
            // Changes right behind the barrier are not in the checkpoint.
            const writer = await run.begin(1, "checkpoint");
            const writing = writeCheckpoint(run, 1, [[["op", subject.handle]]], writer);
            const atBarrier = contents(memory.subject);
            for (const change of after) {
              await step(memory, change);
              await step(subject, change);
            }
            const restore = await writing;
            expect(await everything(subject)).toEqual(contents(memory.subject));
            await subject.backend.close();
            subject = await open(backend, folder, { limit, restore, options: options() });
            expect(await everything(subject)).toEqual(atBarrier);
            await subject.backend.close();
          });
        }),
        { numRuns: runs },
      );
    });
  });

  test("restored on three threads, then two, from checkpoints of its own", async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (changes) => {
        await withFolder(async (folder) => {
          const one = await filled(backend, folder, changes, options());
          const expected = await everything(one);
          const run = memoryRun();
          let restore = await checkpointOf(run, 1, [[["op", one.handle]]]);
          await one.backend.close();
          for (const [i, parallelism] of [3, 2, 1].entries()) {
            const parts = await restarted(backend, folder, restore, parallelism, options());
            expect(await together(parts)).toEqual(expected);
            restore = await checkpointOf(
              run,
              i + 2,
              parts.map(({ handle }) => [["op", handle]]),
            );
            await closeAll(parts);
          }
        });
      }),
      { numRuns: Math.ceil((2 * runs) / 3) },
    );
  });

  test("declared otherwise and then as before, on one thread and on two, it is what it was", async () => {
    await fc.assert(
      fc.asyncProperty(operations, async (changes) => {
        await withFolder(async (folder) => {
          const one = await filled(backend, folder, changes, options());
          const expected = await everything(one);
          const run = memoryRun();
          let restore = await checkpointOf(run, 1, [[["op", one.handle]]]);
          await one.backend.close();
          for (const [i, parallelism] of [1, 1, 2, 1].entries()) {
            const declared = { otherwise: i % 2 === 0, ttlMillis: i % 2 === 0 ? 1000 : 0 };
            const parts = await restarted(backend, folder, restore, parallelism, options(), declared);
            if (!declared.otherwise) expect(await together(parts)).toEqual(expected);
            // Also before the first batch a checkpoint has all of it.
            restore = await checkpointOf(
              run,
              i + 2,
              parts.map(({ handle }) => [["op", handle]]),
            );
            await closeAll(parts);
          }
        });
      }),
      { numRuns: Math.ceil((2 * runs) / 3) },
    );
  });

  test("the one row of a table without keys is that of the first thread, where others have an empty one", async () => {
    await withFolder(async (folder) => {
      const run = memoryRun();
      let restore: CheckpointReader | undefined;
      for (const [i, parallelism] of [2, 3, 1, 2].entries()) {
        const parts = await Promise.all(
          Array.from({ length: parallelism }, async (_, subtask) => {
            const open = await opened(backend, folder, { restore, subtask, parallelism, options: options() });
            const handle = open.operatorState("op");
            const table = handle.state.table({ name: "t", keys: [], fields: [], ttlMillis: 0 });
            const lists = handle.state.lists(table, "rows", [{ name: "n", type: T.bigint(), initial: null }]);
            handle.checkAllRestored(false);
            await handle.state.makeRoom();
            await table.load([], undefined, 1);
            void table.prepare([], undefined, 1, new Int32Array(1));
            return { open, handle, lists };
          }),
        );
        expect(parts.map(({ lists }) => lists.count(0))).toEqual(parts.map((_, subtask) => (subtask === 0 ? i : 0)));
        parts[0]!.lists.append(0, [columnOf(T.bigint(), [BigInt(i)])], 0);
        restore = await checkpointOf(
          run,
          i + 1,
          parts.map(({ handle }) => [["op", handle]]),
        );
        for (const { open } of parts) await open.close();
      }
    });
  });

  test("a savepoint goes into memory, and what memory holds comes back", async () => {
    await fc.assert(
      fc.asyncProperty(operations, operations, async (changes, more) => {
        await withFolder(async (folder) => {
          const subject = await filled(backend, folder, changes, options());
          const expected = await everything(subject);
          const run = memoryRun();
          const writer = await run.begin(1, "savepoint");
          const writing = writeCheckpoint(run, 1, [[["op", subject.handle]]], writer);
          for (const change of more) await step(subject, change);
          const savepoint = await writing;
          await subject.backend.close();
          const memory = await restarted(MEMORY, folder, savepoint, 2);
          expect(await together(memory)).toEqual(expected);
          const checkpoint = await checkpointOf(
            run,
            2,
            memory.map(({ handle }) => [["op", handle]]),
          );
          const back = await restarted(backend, folder, checkpoint, 1, options());
          expect(await together(back)).toEqual(expected);
          await closeAll(back);
        });
      }),
      { numRuns: Math.ceil((2 * runs) / 3) },
    );
  });
}

async function filled(
  backend: StateBackend,
  folder: string,
  changes: readonly Operation[],
  options: ReadonlyMap<string, string>,
): Promise<Opened> {
  const rocks = await open(backend, folder, { options });
  for (const change of changes) await step(rocks, change);
  return rocks;
}

/** The contents of several subtasks together. */
async function together(parts: readonly Opened[]): Promise<ReturnType<typeof contents>> {
  const all: ReturnType<typeof contents> = { table: {}, lists: {}, map: {}, slices: {} };
  for (const part of parts) {
    const { table, lists, map, slices } = await everything(part);
    for (const key of Object.keys(table)) expect(all.table).not.toHaveProperty([key]);
    Object.assign(all.table, table);
    Object.assign(all.lists, lists);
    Object.assign(all.map, map);
    for (const [end, rows] of Object.entries(slices)) all.slices[end] = { ...all.slices[end], ...rows };
  }
  return all;
}

async function restarted(
  backend: StateBackend,
  folder: string,
  restore: CheckpointReader,
  parallelism: number,
  options?: ReadonlyMap<string, string>,
  declared?: Parameters<typeof declare>[1],
): Promise<Opened[]> {
  return Promise.all(
    Array.from({ length: parallelism }, async (_, subtask) =>
      open(backend, folder, { restore, subtask, parallelism, options }, declared),
    ),
  );
}

async function closeAll(parts: readonly Opened[]): Promise<void> {
  for (const { backend } of parts) await backend.close();
}
