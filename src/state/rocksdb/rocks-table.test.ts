import { rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { columnOf } from "../../batch/column-builder.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import { T } from "../../types/data-type.ts";
import { MEMORY } from "../memory-backend.ts";
import type { Clock } from "../ttl.ts";
import { ROCKSDB } from "./backend.ts";
import { near, openTable, range, read, SPEC, write } from "./rows.test-helper.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "./test-support.ts";

describe("memory", () => {
  test("rows over the limit are dropped, and come back as they were", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "100 kb" });
      const dropped: number[] = [];
      subject.table.dropped = (slot) => dropped.push(slot);
      for (let from = 0; from < 20_000; from += 500)
        await write(subject, range(from, from + 500), (key) => `text ${key}`);
      expect(dropped.length).toBeGreaterThan(15_000);
      expect(subject.table.liveCount).toBeLessThan(5000);
      // Arrays stay bounded, not only what is in use of them.
      expect(subject.handle.state.memoryBytes()).toBeLessThan(400_000);
      expect(await read(subject, [0, 777, 19_999, 20_000])).toEqual(["text 0", "text 777", "text 19999", undefined]);
      await subject.backend.close();
    });
  });

  test("what fits is never dropped, and nothing is waited for", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "64 mb" });
      subject.table.dropped = () => expect.unreachable("a row was dropped");
      await write(subject, range(0, 5000), String);
      expect(subject.handle.mayWait?.()).toBe(false);
      expect(subject.handle.state.makeRoom()).toBeUndefined();
      expect(subject.table.load([columnOf(T.int(), [7, 9999])], undefined, 2)).toBeUndefined();
      await subject.backend.close();
    });
  });

  test("rows that the running batch has asked for stay", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "1" });
      await write(subject, range(0, 3000), String);
      expect(subject.table.liveCount).toBe(3000);
      expect([...(await near(subject, range(1000, 2000)))].every((slot) => slot >= 0)).toBe(true);
      expect(subject.table.liveCount).toBe(1000);
      await subject.backend.close();
    });
  });

  test("a key that was removed is not found again, wherever it was", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "1" });
      await write(subject, range(0, 100), String);
      const [slot] = await near(subject, [7]);
      subject.table.remove(slot!);
      expect(await read(subject, [6, 7, 8])).toEqual(["6", undefined, "8"]);
      await write(subject, [7], () => "again");
      expect(await read(subject, [7])).toEqual(["again"]);
      await subject.backend.close();
    });
  });

  test("a batch that nobody has prepared is not taken", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder);
      expect(() => subject.table.prepare([columnOf(T.int(), [1])], undefined, 1, new Int32Array(1))).toThrow(
        expect.objectContaining({ code: "BUG" }),
      );
      await subject.backend.close();
    });
  });
});

describe("checkpoints", () => {
  const dataFiles = ({ metadata }: CheckpointReader): string[] =>
    metadata.snapshots
      .flatMap(({ stateFiles }) => stateFiles.map(({ path }) => path))
      .filter((path) => path.includes(".sst"));

  test("the second one names the files of the first, and adds only what is new", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "64 mb" });
      const run = memoryRun();
      await write(subject, range(0, 2000), String);
      const first = await checkpointOf(run, 1, [[["op", subject.handle]]]);
      await write(subject, [5], () => "five");
      const second = await checkpointOf(run, 2, [[["op", subject.handle]]]);
      expect(dataFiles(first).length).toBe(1);
      expect(dataFiles(second)).toEqual([`../chk-1/${dataFiles(first)[0]}`, expect.not.stringContaining("../")]);
      const third = await checkpointOf(run, 3, [[["op", subject.handle]]]);
      expect(dataFiles(third)[0]).toBe(dataFiles(second)[0]);
      await subject.backend.close();
      const restored = await openTable(ROCKSDB, folder, { restore: third });
      expect(await read(restored, [4, 5, 2000])).toEqual(["4", "five", undefined]);
      await restored.backend.close();
    });
  });

  test("without increments each has all files of its own", async () => {
    await withFolder(async (folder) => {
      const backend = await ROCKSDB.open({
        options: new Map([["execution.checkpointing.incremental", "false"]]),
        run: { job: "job", run: "run", attempt: 1 },
        workDirectory: join(folder, "work"),
        clock: { nowMillis: () => 0 },
        maxParallelism: 16,
        subtask: 0,
        parallelism: 1,
        keyGroups: { from: 0, to: 16 },
        restore: undefined,
      });
      const handle = backend.operatorState("op");
      const subject = { backend, handle, table: handle.state.table(SPEC) };
      const run = memoryRun();
      for (const id of [1, 2]) {
        await write(subject, [id], String);
        const { metadata } = await checkpointOf(run, id, [[["op", handle]]]);
        expect(
          metadata.snapshots.flatMap(({ stateFiles }) => stateFiles).some(({ path }) => path.startsWith("../")),
        ).toBe(false);
      }
      await backend.close();
    });
  });

  test("one that failed is not built on, and loses nothing", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "1" });
      const run = memoryRun();
      await write(subject, range(0, 50), String);
      await subject.handle.state.makeRoom();
      const given = subject.handle.freeze();
      given!.release();
      await write(subject, [5], () => "five");
      const writer = await run.begin(1, "checkpoint");
      const failed = subject.handle.freeze();
      const files = await failed!.write(writer);
      expect(files.length).toBeGreaterThan(1);
      failed!.release();
      const second = await checkpointOf(run, 2, [[["op", subject.handle]]]);
      expect(dataFiles(second).filter((path) => path.startsWith("../"))).toEqual([]);
      await subject.backend.close();
      const restored = await openTable(ROCKSDB, folder, { restore: second });
      expect(await read(restored, [5, 6])).toEqual(["five", "6"]);
      await restored.backend.close();
    });
  });

  test("one that comes while another is written gives that up", async () => {
    await withFolder(async (folder) => {
      const subject = await openTable(ROCKSDB, folder, { limit: "1" });
      const run = memoryRun();
      await write(subject, range(0, 50), String);
      await subject.handle.state.makeRoom();
      const first = subject.handle.freeze();
      const writing = first!.write(await run.begin(1, "checkpoint"));
      const second = subject.handle.freeze();
      await expect(writing).rejects.toMatchObject({ code: "CHECKPOINT_FAILED" });
      await second!.write(await run.begin(2, "checkpoint"));
      second!.completed?.();
      expect(await read(subject, [49])).toEqual(["49"]);
      await subject.backend.close();
    });
  });

  test("several operators share the files, and all are in them", async () => {
    await withFolder(async (folder) => {
      const backend = await opened(ROCKSDB, folder);
      const operators = ["a", "b", "c"].map((id) => {
        const handle = backend.operatorState(id);
        return { id, handle, subject: { backend, handle, table: handle.state.table(SPEC) } };
      });
      for (const { id, subject } of operators) await write(subject, range(0, 10), (key) => `${id}${key}`);
      const pairs = operators.map(({ id, handle }) => [id, handle] as const);
      const restore = await checkpointOf(memoryRun(), 1, [pairs]);
      const carrying = restore.metadata.snapshots.filter(({ stateFiles }) => stateFiles.length > 1);
      expect(carrying.length).toBe(1);
      await backend.close();
      const again = await opened(ROCKSDB, folder, { restore });
      for (const { id } of operators) {
        const handle = again.operatorState(id);
        expect(await read({ backend: again, handle, table: handle.state.table(SPEC) }, [3])).toEqual([`${id}3`]);
      }
      await again.close();
    });
  });
});

describe("restore", () => {
  async function stored(folder: string): Promise<CheckpointReader> {
    const subject = await openTable(ROCKSDB, folder);
    await write(subject, range(0, 10), String);
    const restore = await checkpointOf(memoryRun(), 1, [[["op", subject.handle]]]);
    await subject.backend.close();
    return restore;
  }

  test("memory says who can read it", async () => {
    await withFolder(async (folder) => {
      const restore = await stored(folder);
      await expect(opened(MEMORY, folder, { restore })).rejects.toMatchObject({
        code: "STATE_INCOMPATIBLE",
        message: expect.stringContaining("was made with the state backend rocksdb") as string,
        hint: expect.stringContaining("savepoint") as string,
      });
    });
  });

  test("a file that is not what it was is named", async () => {
    await withFolder(async (folder) => {
      const restore = await stored(folder);
      const damaged: CheckpointReader = {
        ...restore,
        fetchFile: async (file, path) => {
          await restore.fetchFile(file, path);
          await rm(path);
        },
      };
      await expect(opened(ROCKSDB, folder, { restore: damaged })).rejects.toMatchObject({ code: "CHECKPOINT_INVALID" });
    });
  });

  test("another table under the name does not fit", async () => {
    await withFolder(async (folder) => {
      const restore = await stored(folder);
      const fields = [{ name: "v", type: T.bigint(), initial: 0n }];
      const { backend, handle } = await openTable(ROCKSDB, folder, { restore }, { fields });
      expect(() => handle.checkAllRestored(true)).toThrow(
        expect.objectContaining({
          code: "STATE_INCOMPATIBLE",
          message: expect.stringContaining("it has v STRING there and BIGINT here") as string,
        }),
      );
      await backend.close();
    });
  });

  test("state that nobody declares is an error, unless it may be dropped", async () => {
    await withFolder(async (folder) => {
      const restore = await stored(folder);
      const backend = await opened(ROCKSDB, folder, { restore });
      const handle = backend.operatorState("op");
      handle.state.table({ ...SPEC, name: "other" });
      expect(() => handle.checkAllRestored(false)).toThrow(
        expect.objectContaining({
          code: "STATE_INCOMPATIBLE",
          message: "the checkpoint holds state that this query does not have: t",
        }),
      );
      handle.checkAllRestored(true);
      await backend.close();
    });
  });

  test("what operators left that are no longer there does not come back as that of new ones", async () => {
    await withFolder(async (folder) => {
      const run = memoryRun();
      const opening = async (ids: readonly string[], restore?: CheckpointReader) => {
        const backend = await opened(ROCKSDB, folder, { restore });
        const operators = ids.map((id) => {
          const handle = backend.operatorState(id);
          return { id, handle, backend, table: handle.state.table(SPEC) };
        });
        await backend.settle!();
        return operators;
      };
      const checkpoint = async (id: number, operators: Awaited<ReturnType<typeof opening>>) => {
        const made = await checkpointOf(run, id, [operators.map((each) => [each.id, each.handle])]);
        await operators[0]!.backend.close();
        return made;
      };
      const first = await opening(["stays", "goes"]);
      for (const each of first) await write(each, range(0, 20), (key) => `${each.id} ${key}`);
      const second = await opening(["stays"], await checkpoint(1, first));
      const third = await opening(["stays", "comes"], await checkpoint(2, second));
      // A row leaves memory, so that the others are looked for behind it.
      await write(third[1]!, [100], String);
      await write(third[1]!, [101], String);
      expect(await read(third[1]!, [3, 100])).toEqual([undefined, "100"]);
      expect(await read(third[0]!, [3])).toEqual(["stays 3"]);
      await third[0]!.backend.close();
    });
  });

  test("folders of dead attempts go", async () => {
    await withFolder(async (folder) => {
      const { readdir, mkdir } = await import("node:fs/promises");
      for (const name of ["rocksdb-0-1-1", "rocksdb-5-1-1", "else"])
        await mkdir(join(folder, "work", name), { recursive: true });
      const subject = await openTable(ROCKSDB, folder);
      const left = await readdir(join(folder, "work"));
      expect(left.length).toBe(2);
      expect(left).toContain("else");
      await subject.backend.close();
      expect(await readdir(join(folder, "work"))).toEqual(["else"]);
    });
  });
});

test("rows in the database whose time is over go, though nobody asks for them", async () => {
  await withFolder(async (folder) => {
    let now = 0;
    const clock: Clock = { nowMillis: () => now };
    const subject = await openTable(ROCKSDB, folder, { clock }, { ttlMillis: 1000 });
    await write(subject, range(0, 500), String);
    now = 500;
    await write(subject, range(500, 600), String);
    now = 70_000;
    await write(subject, range(600, 700), String);
    now = 80_000;
    for (let i = 0; i < 5; i++) {
      await subject.handle.state.makeRoom();
      now += 1000;
    }
    const run = memoryRun();
    const restore = await checkpointOf(run, 1, [[["op", subject.handle]]]);
    await subject.backend.close();
    // What is left, without asking for it: a savepoint of it in memory.
    const rocks = await openTable(ROCKSDB, folder, { clock, restore }, { ttlMillis: 1000 });
    const savepoint = await checkpointOf(run, 2, [[["op", rocks.handle]]], "savepoint");
    await rocks.backend.close();
    const memory = (await opened(MEMORY, folder, { clock: { nowMillis: () => 0 }, restore: savepoint })).operatorState(
      "op",
    );
    const table = memory.state.table({ ...SPEC, ttlMillis: 1000 });
    expect(table.liveCount).toBe(100);
  });
});
