import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { CuttingProxy } from "../../../scripts/sql-servers/cutting-proxy.ts";
import { describeDatabases } from "../../../scripts/sql-servers/for-tests.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import { JdbcClient } from "../../storage/jdbc/client.ts";
import { jdbcLocation, jdbcSettings } from "../../storage/jdbc/settings.ts";
import { MEMORY } from "../memory-backend.ts";
import { ROCKSDB } from "../rocksdb/backend.ts";
import { recordBackendSuite } from "../rocksdb/record-backend.test-helper.ts";
import { openTable, range, read, write, type Subject } from "../rocksdb/rows.test-helper.ts";
import { checkpointOf, memoryRun, opened } from "../rocksdb/test-support.ts";
import { JDBC } from "./backend.ts";

describeDatabases("the state backend jdbc", (server) => {
  let count = 0;
  let table = "";
  let folder = "";
  const subjects: Subject[] = [];
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "millrace-jdbc-"));
    table = `state_${count++}`;
  });
  afterEach(async () => {
    for (const { backend } of subjects.splice(0)) await backend.close().catch(() => undefined);
    rmSync(folder, { recursive: true });
  });

  const options = (port = server().port): Map<string, string> =>
    server()
      .options()
      .set("state.backend.jdbc.url", server().url("", port))
      .set("state.backend.jdbc.table-name", table);

  const open = async (
    restore?: CheckpointReader,
    more: Readonly<Record<string, string>> = {},
    port?: number,
  ): Promise<Subject> => {
    const all = new Map([...options(port), ...Object.entries(more)]);
    const subject = await openTable(JDBC, folder, { restore, options: all, limit: "64 mb" });
    subjects.push(subject);
    return subject;
  };

  const close = async (subject: Subject): Promise<void> => {
    subjects.splice(subjects.indexOf(subject), 1);
    await subject.backend.close();
  };

  /** What a statement answers that counts. */
  const counted = async (text: string): Promise<number> => {
    const client = new JdbcClient(jdbcSettings(jdbcLocation(server().url()), server().options(), {}), () => []);
    const { rows } = await client.reading("counting", async (run) => run(text));
    await client.close();
    return Number(rows[0]!["n"]);
  };
  const rowsOf = async (): Promise<number> => counted(`SELECT COUNT(*) AS n FROM ${table}`);
  const scopesOf = async (): Promise<number> => counted(`SELECT COUNT(*) AS n FROM ${table}_scopes`);

  recordBackendSuite(JDBC, options, 4);

  test("a checkpoint writes what is new, and rows that no checkpoint needs go", async () => {
    const run = memoryRun();
    const subject = await open();
    await write(subject, range(0, 1000), (key) => `first ${key}`);
    await checkpointOf(run, 1, [[["op", subject.handle]]]);
    await run.retain(1);
    expect(await rowsOf()).toBe(1000);
    await write(subject, range(0, 10), (key) => `second ${key}`);
    await checkpointOf(run, 2, [[["op", subject.handle]]]);
    await run.retain(1);
    // The first checkpoint was there until a moment ago.
    expect(await rowsOf()).toBe(1010);
    await write(subject, range(5, 10), (key) => `third ${key}`);
    const restore = await checkpointOf(run, 3, [[["op", subject.handle]]]);
    await expect.poll(rowsOf).toBe(1005);
    await close(subject);
    const again = await open(restore);
    expect(await read(again, [0, 7, 999, 1000])).toEqual(["second 0", "third 7", "first 999", undefined]);
  });

  test("each retained checkpoint is restored as it was, whatever came after it", async () => {
    const retained = { "execution.checkpointing.num-retained": "2" };
    const run = memoryRun();
    const subject = await open(undefined, retained);
    const restores: CheckpointReader[] = [];
    for (let id = 1; id <= 6; id++) {
      await write(subject, range(0, 50), (key) => `${id} ${key}`);
      restores.push(await checkpointOf(run, id, [[["op", subject.handle]]]));
    }
    // What is written after the last one is of no checkpoint.
    await write(subject, range(0, 50), () => "lost");
    await close(subject);
    for (const id of [5, 6]) {
      const again = await open(restores[id - 1], retained);
      expect(await read(again, [0, 49])).toEqual([`${id} 0`, `${id} 49`]);
      await close(again);
    }
    await expect(open(restores[0], retained)).rejects.toMatchObject({
      code: "CHECKPOINT_INVALID",
      message: expect.stringContaining("later checkpoints have replaced them"),
    });
  });

  test("rows of former attempts go once no checkpoint names them", async () => {
    const run = memoryRun();
    const first = await open();
    await write(first, range(0, 100), String);
    const restore = await checkpointOf(run, 1, [[["op", first.handle]]]);
    await close(first);
    const second = await open(restore);
    await write(second, range(0, 3), (key) => `again ${key}`);
    await checkpointOf(run, 2, [[["op", second.handle]]]);
    expect(await scopesOf()).toBe(2);
    const newest = await checkpointOf(run, 3, [[["op", second.handle]]]);
    await expect.poll(scopesOf).toBe(1);
    await expect.poll(rowsOf).toBe(100);
    await close(second);
    expect(await read(await open(newest), [0, 99])).toEqual(["again 0", "99"]);
  });

  test("an attempt without a checkpoint leaves nothing", async () => {
    const subject = await open(undefined, { "state.memory.limit": "1" });
    for (let from = 0; from < 1000; from += 100) await write(subject, range(from, from + 100), String);
    expect(await rowsOf()).toBeGreaterThan(500);
    await close(subject);
    expect([await rowsOf(), await scopesOf()]).toEqual([0, 0]);
  });

  test("who was taken over writes nothing into the rows of who goes on", async () => {
    const run = memoryRun();
    const former = await open();
    await write(former, range(0, 10), String);
    const restore = await checkpointOf(run, 1, [[["op", former.handle]]]);
    const owner = await open(restore);
    for (let id = 2; id <= 3; id++) {
      await write(owner, range(0, 10), (key) => `${id} ${key}`);
      await checkpointOf(run, id, [[["op", owner.handle]]]);
    }
    await expect.poll(scopesOf).toBe(1);
    await write(former, range(0, 10), () => "from the dead");
    await expect(checkpointOf(memoryRun(), 4, [[["op", former.handle]]])).rejects.toMatchObject({
      code: "RUN_TAKEN_OVER",
    });
    const newest = await checkpointOf(run, 5, [[["op", owner.handle]]]);
    expect(await read(await open(newest), [0, 9])).toEqual(["3 0", "3 9"]);
  });

  test("a checkpoint of another backend, and its own in others: said, with what to do", async () => {
    const subject = await open();
    await write(subject, [1], String);
    const own = await checkpointOf(memoryRun(), 1, [[["op", subject.handle]]]);
    for (const backend of [MEMORY, ROCKSDB]) {
      await expect(opened(backend, folder, { restore: own })).rejects.toMatchObject({
        code: "STATE_INCOMPATIBLE",
        message: expect.stringContaining("made with the state backend jdbc"),
      });
    }
    const rocks = await openTable(ROCKSDB, folder, {});
    await write(rocks, [1], String);
    const others = await checkpointOf(memoryRun(), 1, [[["op", rocks.handle]]]);
    await rocks.backend.close();
    await expect(open(others)).rejects.toMatchObject({
      code: "STATE_INCOMPATIBLE",
      message: expect.stringContaining("made with the state backend rocksdb"),
    });
    await expect(open(own, { "state.backend.jdbc.table-name": "elsewhere" })).rejects.toMatchObject({
      code: "CHECKPOINT_INVALID",
      message: expect.stringContaining("needs rows of the table elsewhere"),
    });
  });

  test("connections that break at every third COMMIT, before it and before its answer", async () => {
    let commits = 0;
    const proxy = await CuttingProxy.start(server().port, (sent) =>
      !/COMMIT(?!TED)/.test(sent.toString("latin1")) || commits++ % 3 !== 0
        ? "pass"
        : commits % 2 === 0
          ? "lost"
          : "before",
    );
    const run = memoryRun();
    const subject = await open(undefined, {}, proxy.port);
    for (let id = 1; id <= 6; id++) {
      await write(subject, range(id * 10, id * 10 + 100), (key) => `${id} ${key}`);
      await checkpointOf(run, id, [[["op", subject.handle]]]);
    }
    await close(subject);
    const newest = await run.newest(() => undefined);
    const again = await open(newest, {}, proxy.port);
    expect(await read(again, [0, 10, 25, 60, 159, 160])).toEqual([
      undefined,
      "1 10",
      "2 25",
      "6 60",
      "6 159",
      undefined,
    ]);
    expect(proxy.cuts).toBeGreaterThan(4);
    await close(again);
    await proxy.stop();
  });

  test("the server is killed while a checkpoint is written, and comes back", { timeout: 120_000 }, async () => {
    const run = memoryRun();
    const subject = await open();
    await write(subject, range(0, 20_000), (key) => `text ${key}`);
    const writing = checkpointOf(run, 1, [[["op", subject.handle]]]);
    await server().kill();
    await server().restart();
    const restore = await writing;
    await close(subject);
    expect(await read(await open(restore), [0, 19_999])).toEqual(["text 0", "text 19999"]);
  });

  test("without a database it is not opened", async () => {
    await expect(opened(JDBC, folder)).rejects.toMatchObject({
      code: "OPTION_MISSING",
      message: "the state backend jdbc needs a database",
    });
    await expect(open(undefined, { "state.backend.jdbc.table-name": "a; DROP" })).rejects.toMatchObject({
      code: "OPTION_INVALID",
    });
  });
});
