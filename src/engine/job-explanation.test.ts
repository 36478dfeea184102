import { describe, expect, test } from "vitest";
import { mergedInspections, type NodeInspection } from "../runtime/inspection.ts";
import type { OperatorSpec, PhysicalNode } from "../runtime/spec.ts";
import { reasonsForSilence } from "./job-explanation.ts";

function node(id: string, spec: Partial<OperatorSpec>, inputs: readonly string[] = []): PhysicalNode {
  return {
    id,
    spec: spec as OperatorSpec,
    inputs: inputs.map((from) => ({ from, exchange: { kind: "forward" } })),
    description: id,
    fields: [],
  };
}

function scan(id: string): PhysicalNode {
  return node(id, { kind: "scan", table: { table: `c.d.${id}` } } as Partial<OperatorSpec>);
}

function inspected(id: string, rowsIn: number, rowsOut: number, more: Partial<NodeInspection> = {}): NodeInspection {
  return {
    id,
    rowsIn,
    rowsOut,
    inputs: [],
    watermarkMillis: -Infinity,
    counters: {},
    state: undefined,
    waiting: undefined,
    source: undefined,
    ...more,
  };
}

const reading = { split: "clicks.csv", ended: false, silentMillis: 12_000 };

function input(watermarkMillis: number, idle = false) {
  return { watermarkMillis, idle, ended: false };
}

describe("why there is no output", () => {
  const graph = {
    nodes: [
      scan("clicks"),
      scan("users"),
      node("join", { kind: "join" }, ["clicks", "users"]),
      node("out", { kind: "sink" }, ["join"]),
    ],
  };

  test("a source without rows, and one that is empty", () => {
    const nodes = [
      inspected("clicks", 0, 0, { source: reading }),
      inspected("users", 0, 0, { source: { ...reading, ended: true } }),
      inspected("join", 0, 0),
      inspected("out", 0, 0),
    ];
    expect(reasonsForSilence({ graph, nodes })).toEqual([
      "clicks has given no row yet, reading clicks.csv",
      "users is empty",
    ]);
  });

  test("a join that matches nothing", () => {
    const nodes = [
      inspected("clicks", 7, 7, { source: reading }),
      inspected("users", 1, 1, { source: reading }),
      inspected("join", 8, 0),
      inspected("out", 0, 0),
    ];
    expect(reasonsForSilence({ graph, nodes })).toEqual(["join: no match among 8 rows of both sides"]);
  });

  test("a condition that nothing passes, rows that are all late", () => {
    const filtered = {
      nodes: [
        scan("clicks"),
        node("calc", { kind: "calc", filter: {} } as Partial<OperatorSpec>, ["clicks"]),
        node("out", { kind: "sink" }, ["calc"]),
      ],
    };
    const source = inspected("clicks", 1234, 1234, { source: reading });
    expect(
      reasonsForSilence({ graph: filtered, nodes: [source, inspected("calc", 1234, 0), inspected("out", 0, 0)] }),
    ).toEqual(["calc lets none of 1,234 rows through"]);
    expect(
      reasonsForSilence({
        graph: filtered,
        nodes: [source, inspected("calc", 5, 0, { counters: { lateRows: 5 } }), inspected("out", 0, 0)],
      }),
    ).toEqual(["calc: all 5 rows came too late, behind the watermark"]);
    // Rows that come added up: each stands for several.
    expect(
      reasonsForSilence({
        graph: filtered,
        nodes: [source, inspected("calc", 2, 0, { counters: { lateRows: 5 } }), inspected("out", 0, 0)],
      }),
    ).toEqual(["calc: all 5 rows came too late, behind the watermark"]);
  });

  test("windows wait for the slowest source that is not idle, also when rows came before", () => {
    const windows = {
      nodes: [
        scan("clicks"),
        scan("views"),
        scan("silent"),
        node("union", { kind: "union" }, ["clicks", "views", "silent"]),
        node("window", { kind: "window-aggregate" }, ["union"]),
        node("out", { kind: "sink" }, ["window"]),
      ],
    };
    const nodes = [
      inspected("clicks", 10, 10, { source: reading, watermarkMillis: 5000 }),
      inspected("views", 90, 90, { source: { ...reading, silentMillis: 0 }, watermarkMillis: 9000 }),
      inspected("silent", 0, 0, { source: reading }),
      inspected("union", 100, 100, { inputs: [input(5000), input(9000), input(-Infinity, true)] }),
      inspected("window", 100, 3, {
        inputs: [input(5000)],
        waiting: { what: "windows", count: 2, nextMillis: 9999 },
      }),
      inspected("out", 3, 3),
    ];
    expect(reasonsForSilence({ graph: windows, nodes })).toEqual([
      "window keeps 2 windows; the next closes at watermark 1970-01-01 00:00:09.999, it is at 1970-01-01 00:00:05.000, " +
        "held back by clicks (10 rows read, at clicks.csv, silent for 12 s; 'table.exec.source.idle-timeout' would let others go on)",
    ]);
  });

  test("nothing stands in the way", () => {
    const nodes = [
      inspected("clicks", 7, 7),
      inspected("users", 1, 1),
      inspected("join", 8, 2),
      inspected("out", 2, 2),
    ];
    expect(reasonsForSilence({ graph, nodes })).toEqual([]);
  });
});

test("of several threads rows are added and the slowest watermark counts", () => {
  const one = inspected("w", 3, 1, {
    inputs: [input(100)],
    watermarkMillis: 100,
    counters: { lateRows: 1 },
    state: { elements: 2, estimatedBytes: 16 },
    waiting: { what: "windows", count: 1, nextMillis: 300 },
  });
  const two = inspected("w", 4, 0, {
    inputs: [input(200)],
    watermarkMillis: 200,
    counters: { lateRows: 2, nullTimeRows: 1 },
    state: { elements: 1, estimatedBytes: 8 },
    waiting: { what: "windows", count: 2, nextMillis: 200 },
  });
  expect(mergedInspections([[one], [two]])).toEqual([
    inspected("w", 7, 1, {
      inputs: [input(100)],
      watermarkMillis: 100,
      counters: { lateRows: 3, nullTimeRows: 1 },
      state: { elements: 3, estimatedBytes: 24 },
      waiting: { what: "windows", count: 3, nextMillis: 200 },
    }),
  ]);
});
