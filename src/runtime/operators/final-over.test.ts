import { expect, test } from "vitest";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { FinalOverCall, FinalOverSpec, FrameBound, FrameSpec } from "../spec.ts";
import { call, randomSource } from "./test-support.ts";

const ROW: readonly DataType[] = [T.int(), T.int(), T.int()];
const BY_SECOND = { column: 1, descending: false, nullsFirst: true } as const;
const UP_TO_HERE: FrameSpec = { units: "RANGE", start: "unbounded", end: 0 };

function withFrame(name: string, frame: FrameSpec, type: DataType = T.int()): FinalOverCall {
  return { ...call(name, [[2, T.int()]], type), frame };
}

/** The results of each row, in the order in which rows come out. */
function run(calls: readonly FinalOverCall[], rows: readonly (readonly (number | null)[])[], order = BY_SECOND) {
  const spec: FinalOverSpec = { kind: "final-over", input: ROW, partition: [0], order: [order], calls };
  const harness = new Harness(spec, { output: [...ROW, ...calls.map(() => T.int())] });
  harness.push(batchOf(ROW, rows));
  harness.push(batchOf(ROW, "", stepsOf([[0, 5]])));
  // Nothing comes before the end.
  expect(harness.take()).toEqual([]);
  harness.push(batchOf(ROW, "", stepsOf([[0, Infinity]])));
  const lines = harness.take();
  expect(lines.pop()).toBe("W Infinity");
  return lines.map((line) => line.slice(3, -1).split(", "));
}

test("frames of random rows are what they say, whether rows are taken back or not", () => {
  const random = randomSource(7);
  const bounds: readonly FrameBound[] = [-3, -1, 0, 1, 2, "unbounded"];
  for (let round = 0; round < 200; round++) {
    const rows = Array.from({ length: 1 + random(12) }, () => [random(3), random(6), random(100)]);
    const start = bounds[random(6)]!;
    const end = bounds.filter((b) => b === "unbounded" || start === "unbounded" || b >= start)[random(2)]!;
    const frame: FrameSpec = { units: random(2) === 0 ? "ROWS" : "RANGE", start, end };
    const calls = [withFrame("SUM", frame), withFrame("MAX", frame), withFrame("FIRST_VALUE", frame)];
    const sorted = rows
      .map((row, i) => ({ row, i }))
      .sort((a, b) => a.row[0]! - b.row[0]! || a.row[1]! - b.row[1]! || a.i - b.i);
    const expected = sorted.map(({ row }, at) => {
      const partition = sorted.filter((other) => other.row[0] === row[0]);
      const place = partition.indexOf(sorted[at]!);
      const seen = partition.filter((other, k) => {
        const distance = frame.units === "ROWS" ? k - place : other.row[1]! - row[1]!;
        return (start === "unbounded" || distance >= Number(start)) && (end === "unbounded" || distance <= Number(end));
      });
      const values = seen.map((other) => other.row[2]!);
      if (values.length === 0) return [...row, "NULL", "NULL", "NULL"].map(String);
      return [...row, values.reduce((a, b) => a + b), Math.max(...values), values[0]].map(String);
    });
    expect({ frame, results: run(calls, rows) }).toEqual({ frame, results: expected });
  }
});

test("rows without a distance see their peers", () => {
  const rows = [
    [1, null, 1],
    [1, null, 2],
    [1, 5, 4],
    [1, 6, 8],
  ];
  const sums = (start: FrameBound, end: FrameBound): (string | undefined)[] =>
    run([withFrame("SUM", { units: "RANGE", start, end })], rows).map((row) => row.at(-1));
  expect(sums(-1, 1)).toEqual(["3", "3", "12", "12"]);
  expect(sums(1, 2)).toEqual(["NULL", "NULL", "8", "NULL"]);
  expect(sums("unbounded", 1)).toEqual(["3", "3", "15", "15"]);
  expect(sums("unbounded", -1)).toEqual(["NULL", "NULL", "3", "7"]);
});

test("partitions larger than a batch, and many small ones, come out whole and in order", () => {
  const ranks = { ...call("ROW_NUMBER", [], T.bigint(false)), frame: UP_TO_HERE };
  const large = Array.from({ length: 2 * BATCH_ROWS + 3 }, (_, i) => [2, i, 0]);
  const small = Array.from({ length: BATCH_ROWS + 1 }, (_, i) => [3 + i, 0, 0]);
  const lines = run([ranks], [...small, ...large, [1, 0, 0]]);
  expect(lines.length).toBe(large.length + small.length + 1);
  expect(lines[0]).toEqual(["1", "0", "0", "1"]);
  expect(lines[large.length]).toEqual(["2", String(large.length - 1), "0", String(large.length)]);
  expect(lines.slice(large.length + 1).every((line) => line[3] === "1")).toBe(true);
});
