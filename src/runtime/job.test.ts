import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { column, call, literal } from "../expressions/expr.ts";
import { T } from "../types/data-type.ts";
import type { PhysicalNode } from "./spec.ts";
import { World, node, scan, sink, union, timed, finish, reads } from "./job.test-helper.ts";

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
