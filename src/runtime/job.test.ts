import { describe, expect, it, vi } from "vitest";
import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { commitAnswers } from "../checkpoint/coordinator.ts";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import { changesOf } from "../batch/changes.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { Connector, Polled, ScanRequest, SinkWriter, Source, TableRequest } from "../connectors/api.ts";
import { testContext } from "../connectors/context.test-helper.ts";
import { column, call, literal } from "../expressions/expr.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "../functions/index.ts";
import { createRegistry } from "../functions/registry.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { T } from "../types/data-type.ts";
import type { DataType, Field } from "../types/data-type.ts";
import { Job } from "./job.ts";
import type { RestoredJob } from "./job.ts";
import type { JobServices } from "./job-services.ts";
import type { OperatorSpec, PhysicalNode } from "./spec.ts";

const ROWTIME: DataType = { kind: "TIMESTAMP", precision: 3, nullable: true, timeAttribute: "rowtime" };

const NO_FILE = { compression: "none", bytes: 0, rawBytes: 0, crc32: 0 } as const;

/** A cut with all its answers. */
async function cutOf(job: Job, id: number): Promise<readonly Acknowledgement[]> {
  const answers: Acknowledgement[] = [];
  await job.cut(id, "checkpoint", (answer) => answers.push(answer));
  return answers;
}

/** The answers of a cut by operator. */
function byOperator(answers: readonly Acknowledgement[]): Record<string, Acknowledgement> {
  return Object.fromEntries(answers.map((answer) => [answer.operatorId, answer]));
}

/** What a source gives, poll by poll: numbers are rows of one batch, texts as they are, errors are thrown. */
type Script = readonly (readonly number[] | "idle" | Error)[];

interface TestSource {
  readonly script: Script;
  readonly bounded?: boolean | undefined;
  /** Answers only on the next turn of the event loop. */
  readonly slow?: boolean | undefined;
  /** Takes what is to be called when rows have arrived. */
  readonly onReady?: ((wake: () => void) => void) | undefined;
  /** Bad records that are reported with the first poll. */
  readonly bad?: readonly string[] | undefined;
}

/** A job over scripted sources of one INT column; `seen` logs what sources, sinks and the end said. */
class World {
  readonly seen: string[] = [];
  readonly context = testContext();
  readonly #sources: Readonly<Record<string, TestSource>>;
  readonly #sinks: Readonly<Record<string, Partial<SinkWriter>>>;

  constructor(
    sources: Readonly<Record<string, TestSource>>,
    sinks: Readonly<Record<string, Partial<SinkWriter>>> = {},
  ) {
    this.#sources = sources;
    this.#sinks = sinks;
  }

  job(nodes: readonly PhysicalNode[], services: Partial<JobServices> = {}, restored?: RestoredJob): Job {
    return new Job(
      { nodes },
      {
        functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
        session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
        compileExpressions: true,
        connectorOf: (request) => this.connectorOf(request),
        connectors: this.context,
        run: { jobName: "j", runId: "r", attempt: 1 },
        stateFor: (id) => ({
          state: createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 128 }),
          freeze: () => ({ write: async () => [{ path: `frozen ${id}`, ...NO_FILE }], release: () => undefined }),
        }),
        batchRows: 2,
        ...services,
      },
      restored,
    );
  }

  connectorOf({ table }: TableRequest): Connector {
    return {
      name: table,
      options: [],
      metadata: [],
      sinkMode: "all",
      source: (request) => this.#source(table, request),
      sink: () => ({
        guarantee: "exactly-once",
        openWriter: (_subtask, restored) => {
          this.seen.push(`${table}: open ${JSON.stringify(restored)}`);
          return {
            write: (batch) => {
              for (const { kind, row } of changesOf(
                batch,
                batch.columns.map((_, i) => (i === 0 ? T.int() : T.string())),
              ))
                this.seen.push(`${table}: ${kind} ${String(row[0])}`);
            },
            prepareCommit: (id, final) => ({ committables: [id], state: `${table} at ${id}${final ? ", final" : ""}` }),
            close: (aborted) => void this.seen.push(`${table}: ${aborted ? "aborted" : "closed"}`),
            ...this.#sinks[table],
          };
        },
        commit: async (id) => void this.seen.push(`${table}: commit ${id}`),
        discardAfter: async (id) => void this.seen.push(`${table}: discard after ${id}`),
      }),
    };
  }

  #source(table: string, request: ScanRequest): Source {
    const { script, bounded = true, slow = false, bad = [], onReady } = this.#sources[table]!;
    return {
      bounded,
      ...(onReady === undefined ? {} : { onReady }),
      discoverSplits: async () => [{ id: "only", data: null }],
      openSplit: (_split, position) => {
        let next = typeof position === "number" ? position : 0;
        const poll = (): Polled => {
          if (next === 0)
            for (const raw of bad) request.onBadRecord?.({ raw, reason: "bad", offset: 0, source: table });
          const answer = script[next];
          if (answer === undefined) return bounded ? "end" : "idle";
          next += 1;
          if (answer instanceof Error) throw answer;
          if (answer === "idle") return "idle";
          this.seen.push(`${table}: read ${answer.join(" ")}`);
          return {
            rowCount: answer.length,
            columns: request.columns.map((c) => columnOf(c.type, [...answer])),
            kinds: undefined,
            steps: undefined,
          };
        };
        return {
          poll: () => (slow ? new Promise<Polled>((resolve) => setImmediate(() => resolve(poll()))) : poll()),
          position: () => next,
          close: () => void this.seen.push(`${table}: reader closed`),
        };
      },
      counters: () => ({ polls: 1 }),
    };
  }
}

const INT: readonly Field[] = [{ name: "x", type: T.int() }];

function table(name: string): TableRequest {
  return { table: name, physical: INT, primaryKey: [], partitionKeys: [], options: {}, timeZone: "UTC" };
}

function node(id: string, spec: OperatorSpec, inputs: readonly string[], fields: readonly Field[] = INT): PhysicalNode {
  return { id, spec, inputs: inputs.map((from) => ({ from, exchange: { kind: "forward" } })), description: id, fields };
}

function scan(name: string, more: Partial<Extract<OperatorSpec, { kind: "scan" }>> = {}, fields = INT): PhysicalNode {
  const columns = fields.map(({ name: path, type }) => ({ kind: "physical" as const, path: [path], type }));
  return node(name, { kind: "scan", table: table(name), columns, bounded: true, ...more }, [], fields);
}

function sink(name: string, input: string): PhysicalNode {
  return node(
    name,
    {
      kind: "sink",
      fields: INT,
      target: { type: "table", table: table(name) },
      notNull: [],
      notNullMode: "error",
      lengthMode: "ignore",
    },
    [input],
  );
}

function union(...inputs: readonly string[]): PhysicalNode {
  return node("union", { kind: "union", types: [T.int()] }, inputs);
}

/** A source of times in millis, with a watermark behind it. */
function timed(name: string): readonly PhysicalNode[] {
  const times: readonly Field[] = [{ name: "x", type: ROWTIME }];
  const spec: OperatorSpec = {
    kind: "watermark",
    input: [ROWTIME],
    rowtime: 0,
    expression: column(0, ROWTIME),
    intervalMillis: 0,
    onEvent: true,
    idleTimeoutMillis: 0,
  };
  return [scan(name, {}, times), node(`${name}.w`, spec, [name], times)];
}

async function finish(job: Job): Promise<string> {
  await job.open(true);
  try {
    const status = await job.run();
    await job.close(false);
    return status;
  } catch (error) {
    await job.close(true);
    return error instanceof SqlError ? `${error.code} ${error.message}` : String(error);
  }
}

const reads = (world: World): readonly string[] =>
  world.seen.filter((line) => line.includes(": read ")).map((line) => line.replace(": read ", " "));

describe("one source", () => {
  it("is read to its end, the sink gets all rows and is closed", async () => {
    const world = new World({ a: { script: [[1, 2], [3]] } });
    const job = world.job([scan("a"), sink("s", "a")]);
    expect(job.bounded).toBe(true);
    expect(await finish(job)).toBe("finished");
    expect(world.seen).toEqual([
      "s: open []",
      "a: read 1 2",
      "s: +I 1",
      "s: +I 2",
      "a: read 3",
      "s: +I 3",
      "a: reader closed",
      "s: closed",
    ]);
    expect(job.progress()).toEqual({ rows: 3, sinkRows: 3, watermarkMillis: -Infinity, counters: { polls: 1 } });
  });

  it("that answers later too", async () => {
    const world = new World({ a: { script: [[1, 2], [3]], slow: true } });
    expect(await finish(world.job([scan("a"), sink("s", "a")]))).toBe("finished");
    expect(world.seen.filter((line) => line.startsWith("s: +I"))).toEqual(["s: +I 1", "s: +I 2", "s: +I 3"]);
  });

  it("feeds several sinks", async () => {
    const world = new World({ a: { script: [[1]] } });
    await finish(world.job([scan("a"), sink("s", "a"), sink("t", "a")]));
    expect(world.seen.filter((line) => line.includes("+I"))).toEqual(["s: +I 1", "t: +I 1"]);
  });

  it("constant rows are a source", async () => {
    const world = new World({});
    await finish(
      world.job([node("v", { kind: "values", types: [T.int()], rows: [[1], [2], [3]] }, []), sink("s", "v")]),
    );
    expect(world.seen).toEqual(["s: open []", "s: +I 1", "s: +I 2", "s: +I 3", "s: closed"]);
  });
});

describe("what fails", () => {
  it.each<readonly [what: string, world: World, nodes: readonly PhysicalNode[], error: string]>([
    [
      "reading",
      new World({ a: { script: [[1], new SqlError("IO", "disk")] } }),
      [scan("a"), sink("s", "a"), sink("t", "a")],
      "IO disk",
    ],
    [
      "an operator",
      new World({ a: { script: [[1], [0]] } }),
      [
        scan("a"),
        node(
          "calc",
          {
            kind: "calc",
            input: [T.int()],
            projections: [call("/", [literal(1, T.int()), column(0, T.int())], T.int())],
          },
          ["a"],
        ),
        sink("s", "calc"),
        sink("t", "a"),
      ],
      "DIVISION_BY_ZERO / by zero",
    ],
    [
      "a sink",
      new World(
        { a: { script: [[1]] } },
        {
          s: {
            write: () => {
              throw new SqlError("IO", "full");
            },
          },
        },
      ),
      [scan("a"), sink("s", "a"), sink("t", "a")],
      "IO full",
    ],
    [
      "a sink that says so later",
      new World({ a: { script: [[1]] } }, { s: { write: () => Promise.reject(new SqlError("IO", "full")) } }),
      [scan("a"), sink("s", "a"), sink("t", "a")],
      "IO full",
    ],
  ])("%s aborts all sinks", async (_, world, nodes, error) => {
    expect(await finish(world.job(nodes))).toBe(error);
    expect(world.seen.slice(-2)).toEqual(["s: aborted", "t: aborted"]);
  });

  it("opening lets go of what was open", async () => {
    const world = new World({ a: { script: [] } });
    const job = world.job([scan("a"), sink("s", "a"), sink("t", "a")], {
      connectorOf: (request) =>
        request.table === "t"
          ? {
              ...world.connectorOf(request),
              sink: () => ({
                guarantee: "exactly-once",
                openWriter: () => Promise.reject(new SqlError("IO", "no room")),
              }),
            }
          : world.connectorOf(request),
    });
    await expect(job.open(true)).rejects.toThrow("no room");
    expect(world.seen).toEqual(["s: open []", "s: aborted"]);
  });

  it("closing goes on after a failure", async () => {
    const world = new World(
      { a: { script: [[1]] } },
      {
        s: {
          close: () => {
            throw new SqlError("IO", "first");
          },
        },
      },
    );
    const job = world.job([scan("a"), sink("s", "a"), sink("t", "a")]);
    await job.open(true);
    await job.run();
    await expect(job.close(false)).rejects.toThrow("first");
    expect(world.seen.at(-1)).toBe("t: aborted");
  });
});

describe("several sources", () => {
  it("without event time take turns by rows", async () => {
    const world = new World({
      a: { script: [[1, 2], [3, 4], [5]] },
      b: {
        script: [
          [10, 11],
          [12, 13],
        ],
      },
    });
    await finish(world.job([scan("a"), scan("b"), union("a", "b"), sink("s", "union")]));
    expect(reads(world)).toEqual(["a 1 2", "b 10 11", "a 3 4", "b 12 13", "a 5"]);
  });

  it("with event time the one that is behind reads", async () => {
    const world = new World({
      a: {
        script: [
          [100, 200],
          [300, 400],
          [900, 1000],
        ],
      },
      b: {
        script: [
          [150, 160],
          [500, 600],
          [700, 800],
        ],
      },
    });
    await finish(world.job([...timed("a"), ...timed("b"), union("a.w", "b.w"), sink("s", "union")]));
    expect(reads(world)).toEqual(["a 100 200", "b 150 160", "b 500 600", "a 300 400", "a 900 1000", "b 700 800"]);
  });

  it("a table without event time is read before a stream with it", async () => {
    const world = new World({
      a: {
        script: [
          [100, 200],
          [300, 400],
        ],
      },
      b: {
        script: [
          [1, 2],
          [3, 4],
        ],
      },
    });
    await finish(world.job([...timed("a"), scan("b"), union("a.w", "b"), sink("s", "union")]));
    expect(reads(world)).toEqual(["a 100 200", "b 1 2", "b 3 4", "a 300 400"]);
  });

  it("but an endless one does not keep a stream with event time waiting", async () => {
    const world = new World({
      a: {
        script: [
          [100, 200],
          [300, 400],
        ],
      },
      b: { script: Array.from({ length: 50 }, (_, i) => [i, i]), bounded: false },
    });
    const job = world.job([...timed("a"), scan("b", { bounded: false }), union("a.w", "b"), sink("s", "union")], {
      onRows: (rows) => {
        if (rows >= 12) job.stop();
        return undefined;
      },
    });
    expect(await finish(job)).toBe("stopped");
    expect(reads(world)).toEqual(["a 100 200", "b 0 0", "a 300 400", "b 1 1", "b 2 2", "b 3 3"]);
  });

  it("a silent one does not keep the others waiting", async () => {
    const world = new World({
      a: { script: ["idle", [1, 2], "idle", [3, 4]] },
      b: {
        script: [
          [10, 11],
          [12, 13],
        ],
      },
    });
    await finish(world.job([scan("a"), scan("b"), union("a", "b"), sink("s", "union")]));
    expect(reads(world)).toEqual(["a 1 2", "b 10 11", "b 12 13", "a 3 4"]);
  });
});

describe("pace", () => {
  it("holds a source back by the clock", async () => {
    const world = new World({ a: { script: [[1], [2], [3], [4]] } });
    const job = world.job([scan("a", { rowsPerSecond: 20 }), sink("s", "a")]);
    const { clock } = world.context;
    const started = clock.millis;
    const ticking = setInterval(() => (clock.millis += 50), 1);
    expect(await finish(job)).toBe("finished");
    clearInterval(ticking);
    expect(clock.millis - started).toBeGreaterThanOrEqual(150);
    expect(reads(world)).toHaveLength(4);
  });
});

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
