import { describe, expect, test } from "vitest";
import { batchOf, changelogText } from "../../batch/text.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { sliceBatch } from "../../batch/take.ts";
import { AGGREGATES } from "../../functions/index.ts";
import { createRegistry } from "../../functions/registry.ts";
import { createOperatorState } from "../../state/operator-state.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import { withLocalPhases } from "../local-phases.ts";
import type { Operator, Output } from "../operator.ts";
import type { GroupAggregateSpec, OperatorSpec, PhysicalNode, WindowAggregateSpec } from "../spec.ts";
import { createOperator } from "./index.ts";
import { call, foldChanges, randomSource } from "./test-support.ts";

const TS = T.timestamp(3);
const KEY_TIME_VALUE_TEXT_PASSES = [T.string(), TS, T.int(), T.string(), T.boolean()] as const;
const INT = T.int();
const AGGREGATE_CALLS = [
  call("COUNT", [], T.bigint(false)),
  call("COUNT", [[2, INT]], T.bigint(false), { filter: 4 }),
  call("SUM", [[2, INT]], INT),
  call("MIN", [[2, INT]], INT),
  call("MAX", [[3, T.string()]], T.string()),
  call("AVG", [[2, INT]], INT),
];
const RESULTS: readonly DataType[] = [T.bigint(), T.bigint(), INT, INT, T.string(), INT];
const FUNCTIONS = createRegistry([], AGGREGATES);

const GROUP: GroupAggregateSpec = {
  kind: "group-aggregate",
  input: KEY_TIME_VALUE_TEXT_PASSES,
  keys: [0],
  aggregates: AGGREGATE_CALLS,
  retracting: false,
  updateBefore: true,
  ttlMillis: 0,
  phases: "splits",
};
const WINDOW: WindowAggregateSpec = {
  kind: "window-aggregate",
  input: KEY_TIME_VALUE_TEXT_PASSES,
  window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 },
  time: 1,
  keys: [0],
  aggregates: AGGREGATE_CALLS,
  retracting: false,
  properties: ["start", "end"],
  phases: "splits",
};

function nodeOf(id: string, spec: OperatorSpec, inputs: readonly string[]): PhysicalNode {
  const exchange = { kind: "hash", keys: [0] } as const;
  return { id, spec, inputs: inputs.map((from) => ({ from, exchange })), description: "Aggregate()", fields: [] };
}

/** The two operators that several threads have for one, joined directly. */
class TwoPhases {
  readonly local: Operator;
  readonly global: Harness;
  /** Partial results that changed hands. */
  partials = 0;
  readonly travelled: string[] = [];
  readonly nodes: readonly PhysicalNode[];
  readonly out: Output;

  constructor(spec: GroupAggregateSpec | WindowAggregateSpec, output: readonly DataType[]) {
    const values = nodeOf("in", { kind: "values", types: [], rows: [] }, []);
    const { nodes } = withLocalPhases({ nodes: [values, nodeOf("g", spec, ["in"])] }, FUNCTIONS);
    this.nodes = nodes;
    this.global = new Harness(nodes[2]!.spec, { output });
    const types = nodes[1]!.fields.map((f) => f.type);
    this.out = {
      batch: (batch) => {
        this.partials += batch.rowCount;
        // What travels is what the fields say.
        if (batch.rowCount > 0) this.travelled.push(...changelogText(batch, types));
        this.global.push(batch);
      },
    };
    this.local = createOperator(nodes[1]!.spec, {
      operatorId: "g-local",
      functions: FUNCTIONS,
      session: { timeZone: "UTC", legacyCast: false, nowMillis: () => 0, random: () => 0.5 },
      compileExpressions: true,
      state: createOperatorState({ clock: { nowMillis: () => 0 }, maxParallelism: 128 }),
      nowMillis: () => 0,
      late: () => {
        throw new Error("a local aggregate drops nothing");
      },
      count: () => undefined,
    });
  }

  /** The batch in pieces; between them the clock, or a barrier, may have what is held go on. */
  push(batch: RecordBatch, random: (limit: number) => number): this {
    for (let from = 0; from < batch.rowCount || from === 0;) {
      const to = Math.min(batch.rowCount, from + 1 + random(batch.rowCount));
      this.local.process(0, sliceBatch(batch, from, to), this.out);
      if (random(6) === 0) this.local.flush?.(this.out);
      if (random(6) === 0) this.local.beforeBarrier?.(this.out);
      from = to;
    }
    return this;
  }

  end(): this {
    this.local.beforeBarrier?.(this.out);
    return this;
  }
}

function randomRows(random: (limit: number) => number, rows: number, keys: number, spread: number): string {
  return Array.from({ length: rows }, (_, i) => {
    const value = random(5) === 0 ? "NULL" : String(random(100) - 50);
    const text = random(5) === 0 ? "NULL" : `t${random(1000)}`;
    const key = random(20) === 0 ? "NULL" : `k${random(keys)}`;
    return `${key} ${Math.max(0, Math.floor(i / 2) + random(spread) - spread / 2)} ${value} ${text} ${random(2) === 0}`;
  }).join("\n");
}

describe("a group aggregate in two phases", () => {
  test.each(Array.from({ length: 20 }, (_, seed) => [seed]))("the same rows in the end (seed %i)", (seed) => {
    const random = randomSource(seed);
    const batch = batchOf(KEY_TIME_VALUE_TEXT_PASSES, randomRows(random, 60, 1 + random(12), 2));
    const output = [T.string(), ...RESULTS];
    const expected = foldChanges(new Harness(GROUP, { output }).push(batch).rows());
    const two = new TwoPhases(GROUP, output).push(batch, random).end();
    expect(foldChanges(two.global.rows())).toEqual(expected);
    const bundled = { ...GROUP, miniBatch: { size: 1 + random(10), twoPhase: true } };
    const inBundles = new TwoPhases(bundled, output).push(batch, random).end();
    inBundles.global.operator.beforeBarrier?.(inBundles.global.out);
    expect(foldChanges(inBundles.global.rows())).toEqual(expected);
  });

  test("in the graph the first stands in front of the exchange by key", () => {
    const { nodes } = new TwoPhases({ ...GROUP, keys: [3, 0] }, []);
    expect(nodes.map(({ id, description, inputs }) => [id, description, ...inputs])).toEqual([
      ["in", "Aggregate()"],
      ["g-local", "LocalAggregate()", { from: "in", exchange: { kind: "forward" } }],
      ["g", "GlobalAggregate()", { from: "g-local", exchange: { kind: "hash", keys: [0, 1] } }],
    ]);
  });

  test("without keys, without aggregates", () => {
    const batch = batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a 0 1 x true\nb 0 2 y false\na 0 3 NULL true");
    const total = new TwoPhases({ ...GROUP, keys: [] }, RESULTS).push(batch, () => 2).end();
    expect(total.global.rows()).toEqual(["+I[3, 2, 6, 1, y, 2]"]);
    const distinct = new TwoPhases({ ...GROUP, aggregates: [] }, [T.string()]).push(batch, () => 2).end();
    expect(distinct.global.rows()).toEqual(["+I[a]", "+I[b]"]);
  });

  test("rows are held until they are asked for, and each key goes on once", () => {
    const two = new TwoPhases(GROUP, [T.string(), ...RESULTS]);
    const steps = stepsOf([[1, 5]]);
    two.local.process(0, batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a 0 1 x true\na 0 2 y true", steps), two.out);
    two.local.process(0, batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a 0 3 z true\nb 0 3 z true"), two.out);
    expect([two.partials, two.global.take()]).toEqual([0, ["W 5"]]);
    two.local.flush!(two.out);
    expect(two.global.take()).toEqual(["+I[a, 3, 3, 6, 1, z, 2]", "+I[b, 1, 1, 3, 3, z, 3]"]);
    expect(two.travelled).toEqual(["+I[a, 3, 3, 6, 1, z, 6, 3]", "+I[b, 1, 1, 3, 3, z, 3, 1]"]);
    two.local.flush!(two.out);
    expect(two.global.take()).toEqual([]);
  });

  test("a mini-batch waits for its size or its watermark, not for the clock", () => {
    const two = new TwoPhases({ ...GROUP, miniBatch: { size: 2, twoPhase: true } }, [T.string(), ...RESULTS]);
    expect(two.local.flush).toBeUndefined();
    two.local.process(0, batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a 0 1 x true\na 0 2 y true\nb 0 2 y true"), two.out);
    expect(two.partials).toBe(1);
    two.local.process(0, { ...batchOf(KEY_TIME_VALUE_TEXT_PASSES, ""), steps: stepsOf([[0, 7]]) }, two.out);
    expect(two.partials).toBe(2);
    expect(two.global.take()).toEqual(["+I[a, 2, 2, 3, 1, y, 1]", "+I[b, 1, 1, 2, 2, y, 2]", "W 7"]);
  });

  test("keys that hardly meet are not looked up: rows go on one by one, for a while", () => {
    const two = new TwoPhases(GROUP, [T.string(), ...RESULTS]);
    const rows = (from: number, count: number): RecordBatch =>
      batchOf(
        KEY_TIME_VALUE_TEXT_PASSES,
        Array.from({ length: count }, (_, i) => `k${from + i} 0 ${i % 7} t${i} true`).join("\n"),
      );
    two.local.process(0, rows(0, 9000), two.out);
    expect(two.partials).toBe(9000);
    two.local.process(0, rows(0, 3), two.out);
    expect(two.partials).toBe(9003);
    expect(foldChanges(two.global.rows()).filter((row) => /^\[k[0-2],/.test(row))).toEqual([
      "[k0, 2, 2, 0, 0, t0, 0]",
      "[k1, 2, 2, 2, 1, t1, 1]",
      "[k2, 2, 2, 4, 2, t2, 2]",
    ]);
  });
});

describe("a window aggregate in two phases", () => {
  const windows: readonly (readonly [string, Partial<WindowAggregateSpec>])[] = [
    ["tumble", {}],
    ["tumble with an offset", { window: { type: "tumble", sizeMillis: 10, offsetMillis: -3 } }],
    ["hop", { window: { type: "hop", sizeMillis: 10, slideMillis: 4, offsetMillis: 0 } }],
    ["hop with gaps", { window: { type: "hop", sizeMillis: 4, slideMillis: 6, offsetMillis: 0 } }],
    ["cumulate", { window: { type: "cumulate", maxMillis: 15, stepMillis: 5, offsetMillis: 0 } }],
    ["attached", { attached: { start: 1, end: 1 } }],
    ["without keys", { keys: [] }],
  ];
  test.each(windows)("%s: the same rows, and the same rows are late", (_, more) => {
    for (let seed = 0; seed < 15; seed++) {
      const random = randomSource(seed);
      const steps: (readonly [number, number])[] = [];
      for (let row = 1, mark = 0; row <= 80; row++)
        if (random(3) === 0) steps.push([row, (mark = Math.max(mark, Math.floor(row / 2) - random(4)))]);
      const text = randomRows(random, 80, 4, 12);
      const batch = batchOf(KEY_TIME_VALUE_TEXT_PASSES, text, stepsOf([...steps, [80, Infinity]]));
      const spec = { ...WINDOW, ...more };
      const output = [...spec.keys.map(() => T.string()), ...RESULTS, TS, TS];
      const plain = new Harness(spec, { output }).push(batch);
      const two = new TwoPhases(spec, output).push(batch, random).end();
      expect(two.global.rows().sort()).toEqual(plain.rows().sort());
      expect(two.global.counters).toEqual(plain.counters);
    }
  });

  test("a watermark that fires nothing passes by; one that does comes behind its rows", () => {
    const two = new TwoPhases(WINDOW, [T.string(), ...RESULTS, TS, TS]);
    const steps = stepsOf([
      [1, 3],
      [2, 8],
      [3, 9],
    ]);
    two.local.process(
      0,
      batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a 4 1 x true\na 5 2 y true\na 12 3 z true", steps),
      two.out,
    );
    // Rows of both windows went on, each once.
    expect(two.partials).toBe(2);
    expect(two.global.take()).toEqual(["W 8", "+I[a, 2, 2, 3, 1, y, 1, 0, 10]", "W 9"]);
  });

  test("rows with a NULL time are refused", () => {
    const two = new TwoPhases(WINDOW, []);
    const batch = batchOf(KEY_TIME_VALUE_TEXT_PASSES, "a NULL 1 x true");
    expect(() => two.local.process(0, batch, two.out)).toThrow("the event time of a row is NULL");
  });
});
