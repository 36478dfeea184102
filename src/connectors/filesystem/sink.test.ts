import { appendFileSync, existsSync, mkdirSync, readdirSync, truncateSync, unlinkSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import type { Json } from "../../base/json.ts";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { T, type Field, type Value } from "../../types/data-type.ts";
import type { Prepared, RunIdentity, TableRequest } from "../api.ts";
import { exactlyOnceConformance } from "../conformance.test-helper.ts";
import {
  filesIn,
  readAll,
  scanRequest,
  scratchDirectory,
  tableRequest,
  testContext,
  type TestContext,
} from "../context.test-helper.ts";
import { lineFormat } from "../line-format.test-helper.ts";
import { FileSink } from "./sink.ts";
import { FileSource } from "./source.ts";
import type { FileWriter } from "./writer.ts";

const LINE = [{ name: "text", type: T.string() }];

let directory = "";
let context: TestContext;
beforeEach(() => {
  directory = `${scratchDirectory()}/out`;
  context = testContext();
});

function batchOf(fields: readonly Field[], rows: readonly (readonly Value[])[]): RecordBatch {
  const columns = fields.map(({ type }, i) =>
    columnOf(
      type,
      rows.map((row) => row[i] ?? null),
    ),
  );
  return { rowCount: rows.length, columns, kinds: undefined, steps: undefined };
}

const line = (...texts: string[]): RecordBatch =>
  batchOf(
    LINE,
    texts.map((text) => [text]),
  );

function run(attempt: number, runId = "run-1"): RunIdentity {
  return { jobName: "job", runId, attempt, operatorId: "sink-1" };
}

function sink(
  attempt = 1,
  options: Record<string, string> = {},
  more: Partial<TableRequest> = {},
  runId = "run-1",
): FileSink {
  const table = tableRequest(
    more.physical ?? LINE,
    { connector: "filesystem", path: directory, format: "json", ...options },
    more,
  );
  return new FileSink(table, context, run(attempt, runId), lineFormat);
}

/** Texts of the finished files' rows, sorted. */
function visible(): string[] {
  if (!existsSync(directory)) return [];
  return Object.entries(filesIn(directory))
    .filter(([path]) => !path.split("/").some((name) => name.startsWith(".") || name.startsWith("_")))
    .flatMap(([, text]) => text.split("\n").filter((row) => row !== ""))
    .sort();
}

const hidden = (): string[] =>
  existsSync(directory) ? Object.keys(filesIn(directory)).filter((path) => path.includes("inprogress")) : [];
const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

describe("exactly once", () => {
  it("keeps the rules of every exactly-once sink", async () => {
    await exactlyOnceConformance({ make: (attempt) => sink(attempt), visible, batch: (rows) => line(...rows) });
    expect(hidden()).toEqual([]);
  });

  it("rolls by size, and at every checkpoint with a tiny size", async () => {
    await exactlyOnceConformance({
      make: (attempt) => sink(attempt, { "sink.rolling-policy.file-size": "1 b" }),
      visible,
      batch: (rows) => line(...rows),
    });
    expect(visible()).toEqual(["a", "b", "c"]);
  });

  /**
   * A script of steps, killed after every prefix and restored from the newest checkpoint that was complete by then:
   * the rows that are visible at the end are always the same.
   */
  const SCRIPT = [
    "write a",
    "prepare 1",
    "complete 1",
    "commit 1",
    "write b",
    "write c",
    "prepare 2",
    "write d",
    "complete 2",
    "commit 2",
    "prepare 3",
    "complete 3",
    "commit 3",
    "write e",
    "final 4",
    "complete 4",
    "commit 4",
  ];
  const ALL = ["a", "b", "c", "d", "e"];

  async function play(
    from: number,
    to: number,
    attempt: number,
    options: Record<string, string>,
    restored?: { id: number; prepared: Prepared; written: number },
  ) {
    const s = sink(attempt, options);
    if (restored !== undefined) await s.commit(restored.id, json(restored.prepared.committables) as Json[]);
    await s.discardAfter(restored?.id);
    const writer = s.openWriter(0, restored === undefined ? [] : [json(restored.prepared.state)]);
    const prepared = new Map<number, Prepared>();
    let complete = restored;
    let written = restored?.written ?? 0;
    const writtenAt = new Map<number, number>();
    if (restored !== undefined) {
      prepared.set(restored.id, restored.prepared);
      writtenAt.set(restored.id, restored.written);
    }
    for (const step of SCRIPT.slice(from, to)) {
      const [verb, what = ""] = step.split(" ");
      const id = Number(what);
      if (verb === "write") {
        writer.write(line(what));
        written += 1;
      } else if (verb === "prepare" || verb === "final") {
        prepared.set(id, writer.prepareCommit(id, verb === "final"));
        writtenAt.set(id, written);
      } else if (verb === "complete") complete = { id, prepared: prepared.get(id)!, written: writtenAt.get(id)! };
      else await s.commit(id, prepared.get(id)!.committables as Json[]);
    }
    return { complete, writer };
  }

  /** The step after which checkpoint `id` had been prepared. */
  const after = (id: number | undefined): number =>
    id === undefined ? 0 : SCRIPT.findIndex((step) => step === `prepare ${id}` || step === `final ${id}`) + 1;

  describe.each([{}, { "sink.rolling-policy.file-size": "2 b" }])("with %o", (options) => {
    it.each(SCRIPT.map((step, i) => [i, step] as const))("killed after step %i (%s)", async (i) => {
      for (const torn of [false, true]) {
        directory = `${scratchDirectory()}/out`;
        const first = await play(0, i + 1, 1, options);
        // The machine may have written more than was synchronised, or a part of it.
        if (torn) for (const name of hidden()) appendFileSync(`${directory}/${name}`, "torn by the cra");
        const from = after(first.complete?.id);
        // Killed again anywhere in the second attempt.
        const second = await play(from, Math.min(SCRIPT.length, from + 3), 2, options, first.complete);
        const again = after(second.complete?.id);
        const third = await play(again, SCRIPT.length, 3, options, second.complete);
        // The last checkpoint may have been complete before; its commit is repeated on start.
        expect(visible()).toEqual(ALL);
        third.writer.close(false);
        expect(hidden()).toEqual([]);
      }
    });
  });

  it("refuses a file that is shorter than the checkpoint knows", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("abc"));
    const { state } = writer.prepareCommit(1, false);
    truncateSync(`${directory}/${hidden()[0]!}`, 2);
    expect(() => sink(2).openWriter(0, [json(state)])).toThrow(/has 2 bytes, but the checkpoint knows 4/);
    unlinkSync(`${directory}/${hidden()[0]!}`);
    expect(() => sink(2).openWriter(0, [json(state)])).toThrow(/does not exist any more/);
  });

  it("refuses to commit a file that is gone", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("abc"));
    const { committables } = writer.prepareCommit(1, true);
    unlinkSync(`${directory}/${hidden()[0]!}`);
    await expect(async () => s.commit(1, committables)).rejects.toThrow(/its rows are lost/);
  });

  it("goes on with a commit that was cut off between two files", async () => {
    const s = sink(1, { "sink.rolling-policy.file-size": "1 b" });
    const writer = s.openWriter(0, []);
    for (const text of ["a", "b", "c"]) writer.write(line(text));
    const { committables, state } = writer.prepareCommit(1, false);
    await s.commit(1, committables.slice(0, 1) as Json[]);
    const next = sink(2, { "sink.rolling-policy.file-size": "1 b" });
    await next.commit(1, json(committables) as Json[]);
    await next.discardAfter(1);
    const restored = next.openWriter(0, [json(state)]);
    restored.write(line("d"));
    await next.commit(2, restored.prepareCommit(2, true).committables as Json[]);
    expect(visible()).toEqual(["a", "b", "c", "d"]);
  });

  it("a file that was open ends where the columns change: it has rows of one form", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    const one = writer.prepareCommit(1, false);
    writer.close(true);
    const next = sink(2, {}, { physical: [...LINE, { name: "more", type: T.string() }] });
    await next.discardAfter(1);
    const restored = next.openWriter(0, [json(one.state)]);
    restored.write(batchOf([...LINE, { name: "more", type: T.string() }], [["b", "c"]]));
    await next.commit(2, json(restored.prepareCommit(2, true).committables) as Json[]);
    expect(
      Object.values(filesIn(directory))
        .filter((text) => text !== "")
        .map((text) => text.split("\n").length - 1),
    ).toEqual([1, 1]);
  });

  it("never replaces a finished file", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    const { committables } = writer.prepareCommit(1, true);
    const name = hidden()[0]!;
    writeFileSync(`${directory}/${name.replace(/^\.|\.inprogress$/g, "")}`, "mine\n");
    await expect(s.commit(1, committables as Json[])).rejects.toThrow(/exists already/);
    expect(visible()).toEqual(["mine"]);
  });

  it("goes back to an older checkpoint than the output: finished files are hidden, none is deleted", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    const one = writer.prepareCommit(1, false);
    writer.write(line("b"));
    const two = writer.prepareCommit(2, true);
    await s.commit(2, two.committables as Json[]);
    expect(visible()).toEqual(["a", "b"]);
    for (const attempt of [2, 3]) {
      // Attempt 2 dies while it restores.
      const next = sink(attempt);
      await next.commit(1, one.committables as Json[]);
      await next.discardAfter(1);
      const restored = next.openWriter(0, [json(one.state)]);
      if (attempt === 2) continue;
      restored.write(line("b"));
      await next.commit(2, restored.prepareCommit(2, true).committables as Json[]);
    }
    expect(visible()).toEqual(["a", "b"]);
    expect(readdirSync(directory).filter((name) => name.endsWith(".superseded"))).toHaveLength(1);
  });

  it("starts over when there is no checkpoint: what the run had committed is hidden", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    await s.commit(0, writer.prepareCommit(0, true).committables as Json[]);
    await sink(2).discardAfter(undefined);
    expect(visible()).toEqual([]);
    expect(context.printed.join("")).toMatch(/1 finished files were hidden/);
  });

  it("never touches another run's files, and goes on from its savepoint with a copy", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    const one = writer.prepareCommit(1, false);
    const before = filesIn(directory);
    const other = sink(1, {}, {}, "run-2");
    await other.discardAfter(1);
    expect(filesIn(directory)).toEqual(before);
    const restored = other.openWriter(0, [json(one.state)]);
    restored.write(line("b"));
    await other.commit(2, restored.prepareCommit(2, true).committables as Json[]);
    expect(visible()).toEqual(["a", "b"]);
    expect(filesIn(directory)).toMatchObject(before);
  });

  it("changes parallelism: files of several writers go to one", async () => {
    const s = sink();
    const writers = [0, 1].map((subtask) => s.openWriter(subtask, []));
    writers.forEach((writer, i) => writer.write(line(`w${i}`)));
    const prepared = writers.map((writer) => writer.prepareCommit(1, false));
    const next = sink(2);
    await next.discardAfter(1);
    const one = next.openWriter(
      0,
      prepared.map(({ state }) => json(state)),
    );
    const two = next.openWriter(1, []);
    one.write(line("c"));
    two.write(line("d"));
    const last = [one.prepareCommit(2, true), two.prepareCommit(2, true)];
    await next.commit(2, last.flatMap(({ committables }) => committables) as Json[]);
    expect(visible()).toEqual(["c", "d", "w0", "w1"]);
    expect(hidden()).toEqual([]);
  });

  it("discards what is not prepared when it is aborted, and keeps what a checkpoint knows", async () => {
    const s = sink();
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    writer.close(true);
    expect(filesIn(directory)).toEqual({});
    const again = s.openWriter(0, []);
    again.write(line("a"));
    again.prepareCommit(1, false);
    again.write(line("b"));
    again.close(true);
    expect(Object.values(filesIn(directory))).toEqual(["a\n"]);
  });
});

describe("rolling", () => {
  it("by size while writing", async () => {
    const s = sink(1, { "sink.rolling-policy.file-size": "10 b" });
    const writer = s.openWriter(0, []);
    for (let i = 0; i < 5; i++) writer.write(line(`row-${i}`));
    const { committables } = writer.prepareCommit(1, false);
    expect(committables).toHaveLength(2);
    await s.commit(1, committables as Json[]);
    expect(visible()).toEqual(["row-0", "row-1", "row-2", "row-3"]);
  });

  it.each(["rollover", "inactivity"])("by %s interval, looked at at checkpoints", async (which) => {
    const options = {
      "sink.rolling-policy.rollover-interval": "1 d",
      "sink.rolling-policy.inactivity-interval": "1 d",
      [`sink.rolling-policy.${which}-interval`]: "5 min",
    };
    const s = sink(1, options);
    const writer = s.openWriter(0, []);
    writer.write(line("a"));
    context.clock.millis += 4 * 60_000;
    expect(writer.prepareCommit(1, false).committables).toEqual([]);
    context.clock.millis += 60_000;
    expect(writer.prepareCommit(2, false).committables).toHaveLength(1);
  });
});

describe("partitions", () => {
  const physical = [
    { name: "day", type: T.date() },
    { name: "id", type: T.int() },
    { name: "kind", type: T.string() },
    { name: "amount", type: T.decimal(10, 2) },
  ];
  const more = { physical, partitionKeys: ["day", "kind"] };
  const rows: Value[][] = [
    [19724, 1, "a/b", 150n],
    [19724, 2, "a/b", 250n],
    [19725, 3, null, 1n],
    [19724, 4, "", null],
    [19724, 5, "a/b", 2n],
  ];

  it("write Hive directories without the partition columns, and read back the same", async () => {
    const types = more.physical.map((field) => (field.name === "amount" ? { ...field, type: T.bigint() } : field));
    const s = sink(1, {}, { ...more, physical: types });
    const writer = s.openWriter(0, []);
    writer.write(batchOf(types, rows));
    await s.commit(1, writer.prepareCommit(1, true).committables as Json[]);
    const files = Object.entries(filesIn(directory)).map(([path, text]) => [
      path.slice(0, path.lastIndexOf("/")),
      text,
    ]);
    expect(Object.fromEntries(files)).toEqual({
      "day=2024-01-02/kind=a%2Fb": "1|150\n2|250\n5|2\n",
      "day=2024-01-03/kind=__HIVE_DEFAULT_PARTITION__": "3|1\n",
      "day=2024-01-02/kind=__HIVE_DEFAULT_PARTITION__": "4|\n",
    });
    const table = tableRequest(types, { path: directory, format: "json" }, { partitionKeys: more.partitionKeys });
    const back = await readAll(
      new FileSource(scanRequest(table), context, lineFormat),
      types.map((field) => field.type),
    );
    expect(back.map((row) => row[1]).sort((a, b) => Number(a) - Number(b))).toEqual([1, 2, 3, 4, 5]);
    expect(back.find((row) => row[1] === 5)).toEqual([19724, 5, "a/b", 2n]);
  });

  it("many partitions with few file handles", async () => {
    const fields = [...LINE, { name: "p", type: T.int() }];
    const s = sink(1, {}, { physical: fields, partitionKeys: ["p"] });
    const writer = s.openWriter(0, []);
    for (let round = 0; round < 2; round++) {
      writer.write(
        batchOf(
          fields,
          Array.from({ length: 1000 }, (_, i) => [`r${round}`, i]),
        ),
      );
    }
    await s.commit(1, writer.prepareCommit(1, true).committables as Json[]);
    const files = filesIn(directory);
    expect(Object.keys(files)).toHaveLength(1000);
    expect(new Set(Object.values(files))).toEqual(new Set(["r0\nr1\n"]));
  });

  const fields = [...LINE, { name: "dt", type: T.string() }, { name: "h", type: T.int() }];
  const at = (text: string, dt: string, h: number): RecordBatch => batchOf(fields, [[text, dt, h]]);
  const success = (): string[] => Object.keys(filesIn(directory)).filter((path) => path.endsWith("_SUCCESS"));

  async function checkpoint(s: FileSink, writer: FileWriter, id: number, final = false): Promise<Json> {
    const { committables, state } = writer.prepareCommit(id, final);
    await s.commit(id, committables as Json[]);
    return json(state);
  }

  it("process-time commit, over a restore", async () => {
    const options = { "sink.partition-commit.policy.kind": "success-file", "sink.partition-commit.delay": "1 min" };
    const partitioned = { physical: fields, partitionKeys: ["dt", "h"] };
    const s = sink(1, options, partitioned);
    const writer = s.openWriter(0, []);
    writer.write(at("a", "2024-01-02", 3));
    const state = await checkpoint(s, writer, 1);
    expect(success()).toEqual([]);
    context.clock.millis += 60_001;
    const next = sink(2, options, partitioned);
    await next.discardAfter(1);
    const restored = next.openWriter(0, [state]);
    await checkpoint(next, restored, 2);
    expect(success()).toEqual(["dt=2024-01-02/h=3/_SUCCESS"]);
    expect(visible()).toEqual(["a"]);
  });

  it("partition-time commit by the watermark", async () => {
    const options = {
      "sink.partition-commit.policy.kind": "success-file",
      "sink.partition-commit.trigger": "partition-time",
      "sink.partition-commit.delay": "1 h",
      "partition.time-extractor.timestamp-pattern": "$dt $h:00:00",
      "sink.partition-commit.watermark-time-zone": "Asia/Shanghai",
    };
    const s = sink(1, options, { physical: fields, partitionKeys: ["dt", "h"] });
    const writer = s.openWriter(0, []);
    writer.write(at("a", "2024-01-02", 3));
    writer.write(at("b", "2024-01-02", 4));
    const end = Date.UTC(2024, 0, 2, 4) - 8 * 3_600_000;
    writer.watermark(end);
    await checkpoint(s, writer, 1);
    expect(success()).toEqual([]);
    writer.watermark(end + 1);
    await checkpoint(s, writer, 2);
    expect(success()).toEqual(["dt=2024-01-02/h=3/_SUCCESS"]);
    expect(visible()).toEqual(["a"]);
    await checkpoint(s, writer, 3, true);
    expect(success()).toHaveLength(2);
  });
});

describe("settings that do not fit", () => {
  it("the path is a file", () => {
    mkdirSync(directory, { recursive: true });
    writeFileSync(`${directory}/file`, "");
    expect(() => sink(1, { path: `${directory}/file` }).openWriter(0, [])).toThrow(/a directory/);
  });

  it.each([
    [{ "sink.partition-commit.policy.kind": "metastore" }, /no metastore|'metastore'/],
    [{ "sink.partition-commit.policy.kind": "custom" }, /'custom'/],
    [{ "sink.partition-commit.policy.kind": "other" }, /'success-file'/],
    [{ "partition.time-extractor.kind": "custom" }, /Java/],
  ])("%o", (options, message) => {
    expect(() => sink(1, options)).toThrow(message);
  });
});
