import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { UpdatingWindowAggregateSpec, WindowEmit } from "../spec.ts";
import { call } from "./test-support.ts";

const TS = T.timestamp(3);
const ROW = [T.string(), TS, T.int()] as const;

function windows(emit: Partial<WindowEmit>, more: Partial<UpdatingWindowAggregateSpec> = {}) {
  const clock = { millis: 1000 };
  const spec: UpdatingWindowAggregateSpec = {
    kind: "updating-window-aggregate",
    input: ROW,
    window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 },
    time: 1,
    keys: [0],
    aggregates: [call("COUNT", [], T.bigint(false)), call("MAX", [[2, T.int()]], T.int())],
    retracting: false,
    properties: ["start", "end", "time"],
    emit: { earlyMillis: undefined, lateMillis: undefined, latenessMillis: 0, ...emit },
    updateBefore: true,
    ...more,
  };
  const output = [T.string(), T.bigint(), T.int(), TS, TS, TS];
  return { clock, h: new Harness(spec, { output, nowMillis: () => clock.millis }) };
}
const rows = (text: string, ...steps: [number, number][]) => batchOf(ROW, text, stepsOf(steps));

describe("windows with early and late results", () => {
  test("early without delay: each row changes the result; the end adds nothing, and late rows are dropped", () => {
    const { h } = windows({ earlyMillis: 0 });
    expect(h.push(rows("a 1 1\na 2 1\na 3 0\na 12 5", [4, 9])).take()).toEqual([
      "+I[a, 1, 1, 0, 10, 9]",
      "-U[a, 1, 1, 0, 10, 9]",
      "+U[a, 2, 1, 0, 10, 9]",
      "-U[a, 2, 1, 0, 10, 9]",
      "+U[a, 3, 1, 0, 10, 9]",
      "+I[a, 1, 5, 10, 20, 19]",
      "W 9",
    ]);
    expect(h.push(rows("a 4 1")).take()).toEqual([]);
    expect(h.counters.get("lateRows")).toBe(1);
  });

  test("early with a delay: by the clock, again and again while rows come, and at the end", async () => {
    const { h, clock } = windows({ earlyMillis: 100 });
    expect(h.push(rows("a 1 1\nb 1 1")).take()).toEqual([]);
    expect(h.operator.nextTimer!()).toBe(1100);
    clock.millis = 1105;
    expect(h.fireTimer().take()).toEqual(["+I[a, 1, 1, 0, 10, 9]", "+I[b, 1, 1, 0, 10, 9]"]);
    h.push(rows("a 2 1"));
    const again = await h.restarted();
    expect(again.operator.nextTimer!()).toBe(1200);
    clock.millis = 1250;
    expect(again.fireTimer().take()).toEqual(["-U[a, 1, 1, 0, 10, 9]", "+U[a, 2, 1, 0, 10, 9]"]);
    expect(again.push(rows("b 3 7\nc 3 1", [2, 9])).take()).toEqual([
      "-U[b, 1, 1, 0, 10, 9]",
      "+U[b, 2, 7, 0, 10, 9]",
      "+I[c, 1, 1, 0, 10, 9]",
      "W 9",
    ]);
    clock.millis = 5000;
    expect(again.fireTimer().take()).toEqual([]);
    expect(again.operator.nextTimer!()).toBe(Infinity);
  });

  test("late: nothing before the end, then with each late row as long as the lateness allows", () => {
    const { h } = windows({ lateMillis: 0, latenessMillis: 5 });
    expect(h.push(rows("a 1 1\na 2 2\na 3 3\na 4 4\na 5 5", [2, 9], [3, 13], [4, 14])).take()).toEqual([
      "+I[a, 2, 2, 0, 10, 9]",
      "W 9",
      "-U[a, 2, 2, 0, 10, 9]",
      "+U[a, 3, 3, 0, 10, 9]",
      "W 13",
      "-U[a, 3, 3, 0, 10, 9]",
      "+U[a, 4, 4, 0, 10, 9]",
      "W 14",
    ]);
    expect(h.counters.get("lateRows")).toBe(1);
  });

  test("by the clock: early results, and the last one when the window has ended", async () => {
    const { h, clock } = windows({ earlyMillis: 4 }, { processingTime: true });
    expect(h.push(rows("a 0 1\nb 0 2", [2, 500])).take()).toEqual(["W 500"]);
    expect(h.operator.nextTimer!()).toBe(1004);
    clock.millis = 1004;
    expect(h.fireTimer().take()).toEqual(["+I[a, 1, 1, 1000, 1010, 1009]", "+I[b, 1, 2, 1000, 1010, 1009]"]);
    h.push(rows("a 0 5"));
    const again = await h.restarted();
    clock.millis = 1010;
    expect(again.fireTimer().take()).toEqual(["-U[a, 1, 1, 1000, 1010, 1009]", "+U[a, 2, 5, 1000, 1010, 1009]"]);
    clock.millis = 1012;
    expect(again.fireTimer().take()).toEqual([]);
    expect(again.operator.nextTimer!()).toBe(Infinity);
    expect(again.push(rows("a 0 7")).take()).toEqual([]);
    expect(again.operator.nextTimer!()).toBe(1016);
  });

  test("by the clock a window that ends before its next early result is shown at its end", () => {
    const { h, clock } = windows({ earlyMillis: 100 }, { processingTime: true });
    h.push(rows("a 0 1"));
    expect(h.operator.nextTimer!()).toBe(1010);
    clock.millis = 1010;
    expect(h.fireTimer().take()).toEqual(["+I[a, 1, 1, 1000, 1010, 1009]"]);
    expect(h.operator.nextTimer!()).toBe(1100);
    clock.millis = 1100;
    expect(h.fireTimer().take()).toEqual([]);
    expect(h.operator.nextTimer!()).toBe(Infinity);
  });

  test("rows that are taken back take the result with them", () => {
    const { h } = windows({ earlyMillis: 0 }, { retracting: true, updateBefore: false });
    expect(h.push(rows("+I a 1 1\n+I a 1 2\n-D a 1 2\n-D a 1 1\n+I a 1 4")).take()).toEqual([
      "+I[a, 1, 1, 0, 10, 9]",
      "+U[a, 2, 2, 0, 10, 9]",
      "+U[a, 1, 1, 0, 10, 9]",
      "-D[a, 1, 1, 0, 10, 9]",
      "+I[a, 1, 4, 0, 10, 9]",
    ]);
  });
});
