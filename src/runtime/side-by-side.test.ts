import { expect, test } from "vitest";
import { concatBatches } from "../batch/concat.ts";
import { columnOf } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { Polled, Source } from "../connectors/api.ts";
import { T } from "../types/data-type.ts";
import type { Receiver } from "./node.ts";
import { SplitMarks } from "./split-marks.ts";
import { SourceTask, type StepAnswer } from "./source-task.ts";

/** A queue of partitions: what arrives is read, the rest is silence. */
function queue(ids: readonly string[]) {
  const arrived = new Map<string, (number | "end")[]>(ids.map((id) => [id, []]));
  const source: Source = {
    bounded: false,
    sideBySide: true,
    discoverSplits: async () => [...arrived.keys()].map((id) => ({ id, data: null })),
    openSplit: ({ id }, position) => {
      let next = typeof position === "number" ? position : 0;
      return {
        poll: (): Polled => {
          const value = arrived.get(id)![next];
          if (value === undefined) return "idle";
          if (value === "end") return "end";
          next += 1;
          return batchOf(value);
        },
        position: () => next,
        close: () => undefined,
      };
    },
  };
  return { arrived, source };
}

function batchOf(value: number): RecordBatch {
  return { rowCount: 1, columns: [columnOf(T.int(), [value])], kinds: undefined, steps: undefined };
}

/** Reads until nothing more is there; the rows in their order, each with the lowest mark of all splits behind it. */
function reader(source: Source, options: { maxDriftMillis?: number; now?: () => number } = {}) {
  const rows: number[] = [];
  const marks = new SplitMarks();
  const watermarks: number[] = [];
  const task = new SourceTask(
    "s",
    source,
    [T.int()],
    { batchRows: 10, fullBatches: false, maxDriftMillis: options.maxDriftMillis },
    options.now ?? (() => 0),
  );
  const receiver: Receiver = {
    batch: (_input, batch) => {
      const { columns } = concatBatches([batch], true);
      for (const value of (columns[0] as { readonly values: Int32Array }).values.subarray(0, batch.rowCount)) {
        rows.push(value);
        watermarks.push(marks.raise(value));
      }
    },
    barrier: () => undefined,
    idle: () => undefined,
    end: () => undefined,
  };
  task.output.edges.push({ to: receiver, input: 0 });
  task.addClock({ operatorId: "w", marks });
  const readAll = async (): Promise<void> => {
    let answer: StepAnswer;
    do answer = await task.step();
    while (answer === "batch");
  };
  return { task, rows, watermarks, marks, readAll };
}

test("the split furthest behind in event time reads next, and the watermark is the lowest of all", async () => {
  const { arrived, source } = queue(["a", "b"]);
  arrived.get("a")!.push(10, 20, 30);
  arrived.get("b")!.push(1, 2, 25);
  const { task, rows, watermarks, readAll } = reader(source);
  await task.open(undefined);
  await readAll();
  expect(rows).toEqual([10, 1, 2, 25, 20, 30]);
  expect(watermarks).toEqual([-Infinity, 1, 2, 10, 20, 25]);
});

test("a split that is behind does not hold back the others' rows, but their watermark until it is idle or ends", async () => {
  const { arrived, source } = queue(["a", "b", "c"]);
  let now = 0;
  const { task, marks, rows, readAll } = reader(source, { now: () => now });
  await task.open(undefined);
  arrived.get("a")!.push(10, 11);
  arrived.get("c")!.push(5);
  await readAll();
  expect(rows).toEqual([10, 5, 11]);
  expect(marks.lowest).toBe(-Infinity);
  now = 100;
  arrived.get("a")!.push(12);
  await readAll();
  expect(task.markIdle(100)).toBe(false);
  expect(marks.lowest).toBe(12);
  arrived.get("c")!.push(6, "end");
  await readAll();
  expect(marks.lowest).toBe(12);
  arrived.get("b")!.push(3);
  await readAll();
  expect(marks.lowest).toBe(3);
  now = 300;
  await readAll();
  expect(task.markIdle(100)).toBe(true);
});

test("aligned splits wait for the one furthest behind", async () => {
  const { arrived, source } = queue(["a", "b"]);
  const { task, rows, readAll } = reader(source, { maxDriftMillis: 10 });
  await task.open(undefined);
  arrived.get("a")!.push(1, 100, 200);
  arrived.get("b")!.push(1, 5);
  await readAll();
  expect(rows).toEqual([1, 1, 100, 5]);
  arrived.get("b")!.push(150);
  await readAll();
  expect(rows.slice(4)).toEqual([150, 200]);
});

test("positions and event times of all splits are in the snapshot, new splits come later", async () => {
  const first = queue(["a", "b"]);
  first.arrived.get("a")!.push(10, 20);
  first.arrived.get("b")!.push(1);
  const before = reader(first.source);
  await before.task.open(undefined);
  await before.readAll();
  const state = before.task.snapshot();

  const second = queue(["a", "b", "new"]);
  second.arrived.get("a")!.push(10, 20, 30);
  second.arrived.get("b")!.push(1, 15);
  second.arrived.get("new")!.push(7);
  const after = reader(second.source);
  await after.task.open(state);
  await after.readAll();
  expect(after.rows).toEqual([7, 15, 30]);
  expect(after.watermarks).toEqual([1, 7, 7]);
});
