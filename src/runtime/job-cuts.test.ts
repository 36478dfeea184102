import { describe, expect, it, vi } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { commitAnswers } from "../checkpoint/coordinator.ts";
import { changesOf } from "../batch/changes.ts";
import type { SinkWriter } from "../connectors/api.ts";
import { column, literal } from "../expressions/expr.ts";
import { T } from "../types/data-type.ts";
import type { Field } from "../types/data-type.ts";
import type { RestoredJob } from "./job.ts";
import {
  cutOf,
  byOperator,
  World,
  INT,
  table,
  node,
  scan,
  sink,
  union,
  timed,
  finish,
  reads,
} from "./job.test-helper.ts";

describe("processing time", () => {
  const count = { function: "COUNT", args: [], argTypes: [], literals: [], distinct: false, result: T.bigint(false) };
  const windows = node(
    "w",
    {
      kind: "window-aggregate",
      input: [T.int(), T.timestampLtz(3)],
      window: { type: "tumble", sizeMillis: 100, offsetMillis: 0 },
      time: 1,
      keys: [0],
      aggregates: [{ ...count, name: "COUNT(*)" }],
      retracting: false,
      properties: [],
      processingTime: true,
    },
    ["timed"],
    [
      { name: "x", type: T.int() },
      { name: "n", type: T.bigint() },
    ],
  );
  const projections = [column(0, T.int()), literal(0, T.timestampLtz(3))];
  const timed = node(
    "timed",
    { kind: "calc", input: [T.int()], projections },
    ["a"],
    [...INT, { name: "t", type: T.timestampLtz(3) }],
  );

  const written = (world: World) => world.seen.filter((line) => /^s: \S+ \d/.test(line));

  it("fires timers while no rows come, and drops what is open at the end", async () => {
    const world = new World({ a: { script: [[1], [1], "idle", "idle", [2]], bounded: false } });
    const job = world.job([scan("a", { bounded: false }), timed, windows, sink("s", "w")]);
    const { clock } = world.context;
    clock.millis = 1010;
    await job.open(true);
    const running = job.run();
    await vi.waitUntil(() => reads(world).length === 3);
    expect(written(world)).toEqual([]);
    clock.millis = 1100;
    await vi.waitUntil(() => written(world).length === 2);
    job.stop(true);
    expect(await running).toBe("finished");
    await job.close(false);
  });
});

describe("stopping", () => {
  it("ends after the batch in hand", async () => {
    const world = new World({ a: { script: [[1], [2], [3]] } });
    const job = world.job([scan("a"), sink("s", "a")], {
      onRows: (rows) => {
        if (rows > 0) job.stop();
        return undefined;
      },
    });
    expect(await finish(job)).toBe("stopped");
    expect(reads(world)).toEqual(["a 1"]);
  });

  it("wakes a job that waits for rows", async () => {
    const world = new World({ a: { script: [], bounded: false } });
    const job = world.job([scan("a", { bounded: false }), sink("s", "a")]);
    await job.open(true);
    const running = job.run();
    setTimeout(() => job.stop(), 5);
    expect(await running).toBe("stopped");
    expect(job.bounded).toBe(false);
    await job.close(false);
  });
});

describe("cuts and restores", () => {
  const nodes = [scan("a"), scan("b"), union("a", "b"), sink("s", "union")];
  const scripts = {
    a: {
      script: [
        [1, 2],
        [3, 4],
      ],
    },
    b: { script: [[10, 11]] },
  };

  it("stand between two batches and hold positions, states, gates and what sinks prepared", async () => {
    const world = new World(scripts);
    let cut: ReturnType<typeof cutOf> | undefined;
    const job = world.job(nodes, {
      onRows: (rows) => {
        if (rows === 4) cut ??= cutOf(job, 7);
        return undefined;
      },
    });
    expect(await finish(job)).toBe("finished");
    const made = await cut!;
    expect(made.map((answer) => answer.checkpointId)).toEqual([7, 7, 7, 7]);
    expect(byOperator(made)).toMatchObject({
      a: { extra: { source: { rows: 2, ended: false } } },
      b: { extra: { source: { rows: 2, ended: false } } },
      union: { extra: { gate: ["-Infinity", "-Infinity", "-Infinity"] } },
      s: { committables: [7], sinkState: "s at 7" },
    });
    const files = await byOperator(made)["union"]?.state?.write(undefined as never);
    expect(files).toMatchObject([{ path: "frozen union" }]);
  });

  it("rows that arrive while the job stands still keep nothing else from running", async () => {
    let wake: () => void = () => undefined;
    const world = new World({ ...scripts, a: { ...scripts.a, onReady: (wakes) => (wake = wakes) } });
    const job = world.job(nodes, {
      onRows: () => {
        wake();
        return new Promise((resolve) => setImmediate(resolve));
      },
    });
    expect(await finish(job)).toBe("finished");
  });

  it("a restored job goes on where the cut stood", async () => {
    const first = new World(scripts);
    let cut: ReturnType<typeof cutOf> | undefined;
    const job = first.job(nodes, {
      onRows: (rows) => {
        if (rows === 4) cut ??= cutOf(job, 7);
        return undefined;
      },
    });
    await finish(job);
    const made = await cut!;
    const again = new World(scripts);
    const answers = byOperator(made);
    const extraOf = (id: string, part: string): Json => (answers[id]!.extra as Record<string, Json>)[part]!;
    const from: RestoredJob = {
      checkpointId: 7,
      sources: { a: extraOf("a", "source"), b: extraOf("b", "source") },
      gates: { union: extraOf("union", "gate") as readonly string[] },
      sinks: { s: [answers["s"]!.sinkState!] },
      inFlight: {},
    };
    const restored = again.job(nodes, {}, from);
    await restored.open(false);
    expect(await restored.run()).toBe("finished");
    expect(again.seen.filter((line) => !line.includes("reader"))).toEqual([
      "s: discard after 7",
      's: open ["s at 7"]',
      "a: read 3 4",
      "s: +I 3",
      "s: +I 4",
    ]);
    expect(restored.progress().rows).toBe(6);
  });

  it("a source that had ended says so again, so that what waits for all inputs goes on", async () => {
    const world = new World({
      a: { script: [[100, 200]] },
      b: {
        script: [
          [50, 60],
          [70, 80],
        ],
      },
    });
    const timedNodes = [...timed("a"), ...timed("b"), union("a.w", "b.w"), sink("s", "union")];
    const marks: number[] = [];
    const job = world.job(
      timedNodes,
      {},
      {
        checkpointId: 3,
        sources: {
          a: { splits: [], finished: ["only"], rows: 2, ended: true },
          b: { splits: [{ id: "only", data: null, position: 1, begun: true }], finished: [], rows: 2, ended: false },
        },
        gates: {},
        sinks: {},
        inFlight: {},
      },
    );
    await job.open(false);
    expect(await job.run()).toBe("finished");
    marks.push(job.progress().watermarkMillis);
    expect(reads(world)).toEqual(["b 70 80"]);
    expect(marks).toEqual([Infinity]);
  });

  it("at the end a cut is final", async () => {
    const world = new World({ a: { script: [[1]] } });
    const job = world.job([scan("a"), sink("s", "a")]);
    await job.open(true);
    await job.run();
    const cut = await cutOf(job, 9);
    expect(byOperator(cut)["s"]).toMatchObject({ committables: [9], sinkState: "s at 9, final" });
    await commitAnswers(9, cut, job.listeners());
    await commitAnswers(10, [], job.listeners());
    expect(world.seen.filter((line) => line.includes("commit"))).toEqual(["s: commit 9"]);
  });

  it("one that was not made yet is given up for a later one", async () => {
    const world = new World({ a: { script: [[1]] } });
    const job = world.job([scan("a"), sink("s", "a")]);
    await job.open(true);
    const first = cutOf(job, 1);
    const second = cutOf(job, 2);
    await expect(first).rejects.toThrow("checkpoint 2 came before the cut of checkpoint 1");
    await job.run();
    expect((await second)[0]?.checkpointId).toBe(2);
  });

  it("one that fails fails the job", async () => {
    const world = new World(
      { a: { script: [[1], [2]] } },
      { s: { prepareCommit: () => Promise.reject(new SqlError("IO", "full")) } },
    );
    const job = world.job([scan("a"), sink("s", "a")]);
    await job.open(true);
    const cut = cutOf(job, 1);
    await expect(Promise.all([job.run(), cut.catch(() => undefined)])).rejects.toThrow("full");
    await expect(cut).rejects.toThrow("full");
  });

  it("after one that failed, also behind the end, there is none: what was prepared for it would be missing", async () => {
    let full = true;
    const world = new World(
      { a: { script: [[1]] } },
      {
        s: {
          prepareCommit: () => (full ? Promise.reject(new SqlError("IO", "full")) : { committables: [], state: null }),
        },
      },
    );
    const job = world.job([scan("a"), sink("s", "a")]);
    await job.open(true);
    await job.run();
    await expect(cutOf(job, 1)).rejects.toThrow("full");
    full = false;
    await expect(cutOf(job, 2)).rejects.toThrow("full");
  });

  it("while a pause is asked for nothing is read, but cuts are made", async () => {
    const world = new World({ a: { script: [[1], [2]] } });
    let paused = 0;
    const afterCut = async (): Promise<void> => {
      await cutOf(job, 1);
      expect(reads(world)).toEqual(["a 1"]);
    };
    const job = world.job([scan("a"), sink("s", "a")], {
      onRows: (rows) => {
        if (rows !== 1) return undefined;
        paused += 1;
        return afterCut();
      },
    });
    expect(await finish(job)).toBe("finished");
    expect(paused).toBe(1);
    expect(reads(world)).toEqual(["a 1", "a 2"]);
  });
});

it("bad records go to their table ahead of the batch that they stood in", async () => {
  const errors: readonly Field[] = [
    { name: "raw", type: T.string() },
    { name: "reason", type: T.string() },
    { name: "source", type: T.string() },
    { name: "position", type: T.bigint() },
  ];
  const lines: string[] = [];
  const write: SinkWriter["write"] = (batch) =>
    changesOf(
      batch,
      errors.map((f) => f.type),
    ).forEach(({ row }) => lines.push(`bad ${row.map(String).join("|")}`));
  const world = new World(
    { a: { script: [[1]], bad: ["x", "y"] } },
    { bad: { write }, s: { write: () => void lines.push("rows") } },
  );
  const bad = node(
    "bad",
    {
      kind: "sink",
      fields: errors,
      target: { type: "table", table: table("bad") },
      notNull: [],
      notNullMode: "error",
      lengthMode: "ignore",
    },
    [],
    errors,
  );
  expect(await finish(world.job([bad, scan("a", { errorsTo: "bad" }), sink("s", "a")]))).toBe("finished");
  expect(lines).toEqual(["bad x|bad|a|0", "bad y|bad|a|0", "rows"]);
});
