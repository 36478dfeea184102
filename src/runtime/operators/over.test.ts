import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness, type HarnessOptions } from "../harness.ts";
import type { OverSpec } from "../spec.ts";
import { call } from "./test-support.ts";

const ROW: readonly DataType[] = [T.string(), T.timestamp(3), T.int()];
const SUM = call("SUM", [[2, T.int()]], T.int());
const LAG = call("LAG", [[2, T.int()]], T.int());
const SPEC: OverSpec = {
  kind: "over",
  input: ROW,
  partition: [0],
  order: { by: "rowtime", column: 1 },
  frame: { units: "RANGE", preceding: "unbounded" },
  aggregates: [SUM],
  retracting: false,
  ttlMillis: 0,
};
const OUTPUT = [...ROW, T.int()];

function over(spec: Partial<OverSpec>, options: Partial<HarnessOptions> = {}): Harness {
  return new Harness({ ...SPEC, ...spec }, { output: OUTPUT, ...options });
}

const rows = (text: string, steps: readonly (readonly [number, number])[] = []) => batchOf(ROW, text, stepsOf(steps));
/** The last column of each row. */
const results = (harness: Harness): string[] => harness.rows().map((line) => line.replace(/^.*, (.*)\]$/, "$1"));

describe("in the order of event time", () => {
  test("rows wait for the watermark, which goes on behind them", () => {
    const harness = over({});
    harness.push(
      rows("+I a 5 1\n+I a 3 2\n+I b 4 4\n+I a 5 8", [
        [2, 3],
        [4, 5],
      ]),
    );
    expect(harness.take()).toEqual([
      "+I[a, 3, 2, 2]",
      "W 3",
      "+I[b, 4, 4, 4]",
      "+I[a, 5, 1, 11]",
      "+I[a, 5, 8, 11]",
      "W 5",
    ]);
  });

  test("late rows are counted, and leave no key behind", () => {
    const harness = over({});
    harness.push(
      rows("+I a 5 1\n+I b 5 2\n+I c 6 3", [
        [1, 5],
        [3, 9],
      ]),
    );
    expect(results(harness)).toEqual(["1", "3"]);
    expect(harness.counters.get("lateRows")).toBe(1);
  });

  test("a frame with a lower bound asks the last row of the key, not the watermark", () => {
    const harness = over({ frame: { units: "ROWS", preceding: 1 } });
    harness.push(
      rows("+I a 5 1\n+I b 3 2\n+I a 5 4\n+I a 4 8", [
        [1, 5],
        [4, 6],
      ]),
    );
    expect(results(harness)).toEqual(["1", "2"]);
    expect(harness.counters.get("lateRows")).toBe(2);
  });

  test("a key whose frame no row can see any more is forgotten", () => {
    const harness = over({ frame: { units: "RANGE", preceding: 10 } });
    harness.push(rows("+I a 5 1\n+I b 30 2", [[2, 20]]));
    // Late by the watermark, but nothing is known of the key, as in Flink.
    harness.push(
      rows("+I a 1 4", [
        [0, 40],
        [1, 41],
      ]),
    );
    expect(results(harness)).toEqual(["1", "2", "4"]);
  });

  test("with a time to live a silent key starts anew, one whose rows wait does not", () => {
    let now = 0;
    const harness = over({ ttlMillis: 100 }, { nowMillis: () => now });
    harness.push(rows("+I a 5 1\n+I b 9 2", [[2, 5]]));
    now = 200;
    harness.push(rows("+I a 7 4\n+I b 9 8", [[2, 9]]));
    expect(results(harness)).toEqual(["1", "4", "10", "10"]);
  });

  test("a time that is NULL is refused", () => {
    expect(() => over({}).push(rows("+I a NULL 1"))).toThrow("the event time of a row is NULL");
  });
});

describe("in the order of arrival", () => {
  test("an interval reads the clock", () => {
    let now = 0;
    const harness = over(
      { order: { by: "proctime" }, frame: { units: "RANGE", preceding: 10 } },
      { nowMillis: () => now },
    );
    harness.push(rows("+I a 0 1\n+I a 0 2"));
    now = 10;
    harness.push(rows("+I a 0 4"));
    now = 11;
    harness.push(rows("+I a 0 8"));
    expect(results(harness)).toEqual(["1", "3", "7", "12"]);
  });

  test("a time to live takes keys with their frames", () => {
    let now = 0;
    const harness = over(
      { order: { by: "proctime" }, frame: { units: "ROWS", preceding: 5 }, ttlMillis: 100 },
      { nowMillis: () => now },
    );
    harness.push(rows("+I a 0 1\n+I b 0 2"));
    now = 60;
    harness.push(rows("+I a 0 4"));
    now = 120;
    harness.push(rows("+I a 0 8\n+I b 0 16"));
    expect(results(harness)).toEqual(["1", "2", "5", "13", "16"]);
  });
});

test("LAG far back keeps a list", () => {
  const far = { ...LAG, args: [2, 2], argTypes: [T.int(), T.int()], literals: [undefined, 9] };
  const harness = over({ order: { by: "proctime" }, aggregates: [far] });
  harness.push(rows(Array.from({ length: 12 }, (_, i) => `+I a 0 ${i}`).join("\n")));
  expect(results(harness)).toEqual([...Array.from({ length: 9 }, () => "NULL"), "0", "1", "2"]);
});

test("of two equal rows in the order of a column one goes", () => {
  const order = { by: "column", column: { column: 2, descending: false, nullsFirst: true } } as const;
  const harness = over({ order, retracting: true });
  harness.push(rows("+I a 0 1\n+I a 0 1\n+I a 0 2\n-D a 0 1"));
  expect(harness.rows()).toEqual([
    "+I[a, 0, 1, 1]",
    "-U[a, 0, 1, 1]",
    "+U[a, 0, 1, 2]",
    "+I[a, 0, 1, 2]",
    "+I[a, 0, 2, 4]",
    "-D[a, 0, 1, 2]",
    "-U[a, 0, 1, 2]",
    "+U[a, 0, 1, 1]",
    "-U[a, 0, 2, 4]",
    "+U[a, 0, 2, 3]",
  ]);
});
