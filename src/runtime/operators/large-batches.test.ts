import { describe, expect, test } from "vitest";
import { columnOf } from "../../batch/column-builder.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { batchOf } from "../../batch/text.ts";
import { call, foldChanges, randomSource } from "./test-support.ts";

const TS = T.timestamp(3);
const ROW = [T.string(), TS, T.int()] as const;
const COUNT = call("COUNT", [], T.bigint(false));
const SUM = call("SUM", [[2, T.int()]], T.int());

/** More rows than a batch should have. */
function large(rowCount: number, keys: number): RecordBatch {
  const random = randomSource(7);
  const rows = Array.from({ length: rowCount }, (_, i): [string, number, number] => [
    `k${random(keys)}`,
    i,
    random(100),
  ]);
  const steps: [number, number][] = [];
  for (let row = 100; row < rowCount; row += 100) steps.push([row, row - 50]);
  return {
    rowCount,
    kinds: undefined,
    steps: stepsOf([...steps, [rowCount, Infinity]]),
    columns: ROW.map((type, c) =>
      columnOf(
        type,
        rows.map((row) => row[c]!),
      ),
    ),
  };
}

const SUBJECTS: readonly {
  readonly name: string;
  readonly spec: OperatorSpec;
  readonly output: readonly DataType[];
  readonly keys: number;
}[] = [
  {
    name: "group aggregate",
    keys: 300,
    output: [T.string(), T.bigint(), T.int()],
    spec: {
      kind: "group-aggregate",
      input: ROW,
      keys: [0],
      aggregates: [COUNT, SUM],
      retracting: false,
      updateBefore: true,
      ttlMillis: 0,
    },
  },
  {
    name: "group aggregate without update-before",
    keys: 300,
    output: [T.string(), T.bigint(), T.int()],
    spec: {
      kind: "group-aggregate",
      input: ROW,
      keys: [0],
      aggregates: [COUNT, SUM],
      retracting: false,
      updateBefore: false,
      ttlMillis: 0,
    },
  },
  {
    name: "a window with many keys",
    keys: 20_000,
    output: [T.string(), T.bigint(), T.int(), TS],
    spec: {
      kind: "window-aggregate",
      input: ROW,
      time: 1,
      keys: [0],
      aggregates: [COUNT, SUM],
      retracting: false,
      properties: ["end"],
      window: { type: "hop", sizeMillis: 30_000, slideMillis: 10_000, offsetMillis: 0 },
    },
  },
  {
    name: "rank",
    keys: 3,
    output: [...ROW, T.bigint()],
    spec: {
      kind: "rank",
      input: ROW,
      partition: [0],
      order: [
        { column: 2, descending: true, nullsFirst: false },
        { column: 1, descending: true, nullsFirst: false },
      ],
      from: 1,
      to: 20,
      outputRank: true,
      retracting: false,
      updateBefore: true,
      ttlMillis: 0,
    },
  },
  {
    name: "window TVF",
    keys: 3,
    output: [...ROW, TS, TS, TS],
    spec: {
      kind: "window-tvf",
      input: ROW,
      time: 1,
      window: { type: "hop", sizeMillis: 50, slideMillis: 10, offsetMillis: 0 },
    },
  },
  { name: "sort", keys: 3, output: ROW, spec: { kind: "sort", input: ROW, time: 1, order: [] } },
];

describe("batches larger than usual", () => {
  test.each(SUBJECTS)("$name", ({ spec, output, keys }) => {
    const batch = large(12_000, keys);
    const whole = new Harness(spec, { output }).push(batch).take();
    expect(new Harness(spec, { output }).pushCut(batch, [1000, 4096, 5000, 11_000]).take()).toEqual(whole);
    expect(whole.length).toBeGreaterThan(1000);
  });

  test.each(["inner", "left"] as const)("%s join with many matches of a row", (type) => {
    const sides = [T.int(), T.int()] as const;
    const spec: OperatorSpec = {
      kind: "join",
      type,
      left: sides,
      right: sides,
      leftKeys: [0],
      rightKeys: [0],
      nullSafe: [false],
      leftRetracting: false,
      rightRetracting: false,
      ttlMillis: [0, 0],
    };
    const right = batchOf(
      sides,
      Array.from({ length: 3000 }, (_, i) => [i % 2, i]),
    );
    const left = batchOf(
      sides,
      [
        [0, 1],
        [1, 2],
        [5, 3],
        [1, 4],
        [0, 5],
      ],
      stepsOf([
        [1, 10],
        [4, 20],
        [5, 30],
      ]),
    );
    const whole = new Harness(spec, { output: [...sides, ...sides] }).push(right, 1).push(left, 0).take();
    const cut = new Harness(spec, { output: [...sides, ...sides] })
      .pushCut(right, [700], 1)
      .pushCut(left, [1, 3], 0)
      .take();
    expect(cut).toEqual(whole);
    expect(whole.filter((line) => line.startsWith("W "))).toEqual(["W 10", "W 20", "W 30"]);
    expect(foldChanges(whole.filter((line) => !line.startsWith("W "))).length).toBe(type === "inner" ? 6000 : 6001);
  });
});

describe("time to live", () => {
  const KV = [T.string(), T.int()] as const;
  const clock = (): { readonly nowMillis: () => number; readonly set: (to: number) => void } => {
    let now = 0;
    return { nowMillis: () => now, set: (to) => (now = to) };
  };

  test("an aggregate begins anew, and says unchanged results again", () => {
    const time = clock();
    const spec: OperatorSpec = {
      kind: "group-aggregate",
      input: KV,
      keys: [0],
      aggregates: [call("MAX", [[1, T.int()]], T.int())],
      retracting: false,
      updateBefore: true,
      ttlMillis: 100,
    };
    const h = new Harness(spec, { output: KV, nowMillis: time.nowMillis });
    h.push(batchOf(KV, "a 5\na 1"));
    time.set(150);
    h.push(batchOf(KV, "a 2"));
    expect(h.rows()).toEqual(["+I[a, 5]", "-U[a, 5]", "+U[a, 5]", "+I[a, 2]"]);
  });

  test("a join forgets each side after its own time", () => {
    const time = clock();
    const spec: OperatorSpec = {
      kind: "join",
      type: "inner",
      left: KV,
      right: KV,
      leftKeys: [0],
      rightKeys: [0],
      nullSafe: [false],
      leftRetracting: false,
      rightRetracting: false,
      ttlMillis: [100, 1000],
    };
    const h = new Harness(spec, { output: [...KV, ...KV], nowMillis: time.nowMillis });
    h.push(batchOf(KV, "a 1"), 0).push(batchOf(KV, "a 2"), 1);
    time.set(150);
    h.push(batchOf(KV, "a 3"), 1).push(batchOf(KV, "a 4"), 0);
    expect(h.rows()).toEqual(["+I[a, 1, a, 2]", "+I[a, 4, a, 2]", "+I[a, 4, a, 3]"]);
  });

  test("a ranking forgets rows one by one", () => {
    const time = clock();
    const order = [{ column: 1, descending: true, nullsFirst: false }];
    const spec: OperatorSpec = {
      kind: "rank",
      input: KV,
      partition: [0],
      order,
      from: 1,
      to: 2,
      outputRank: false,
      retracting: false,
      updateBefore: true,
      ttlMillis: 100,
    };
    const h = new Harness(spec, { output: KV, nowMillis: time.nowMillis });
    h.push(batchOf(KV, "a 9"));
    time.set(60);
    h.push(batchOf(KV, "a 8"));
    time.set(120);
    h.push(batchOf(KV, "a 1"));
    expect(h.rows()).toEqual(["+I[a, 9]", "+I[a, 8]", "+I[a, 1]"]);
  });
});
