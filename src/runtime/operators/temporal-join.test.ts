import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { call as callExpr, column } from "../../expressions/expr.ts";
import { AGGREGATES } from "../../functions/aggregate/index.ts";
import { SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { createRegistry } from "../../functions/registry.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { TemporalJoinSpec } from "../spec.ts";

const LEFT = [T.int(), T.timestamp(3)] as const;
const RIGHT = [T.int(), T.timestamp(3), T.string()] as const;
const OUT = [...LEFT, ...RIGHT];

function spec(more: Partial<TemporalJoinSpec> = {}): TemporalJoinSpec {
  return {
    kind: "temporal-join",
    type: "left",
    left: LEFT,
    right: RIGHT,
    leftKeys: [0],
    rightKeys: [0],
    nullSafe: [false],
    leftTime: 1,
    rightTime: 1,
    leftRetracting: false,
    rightRetracting: true,
    ttlMillis: 0,
    ...more,
  };
}

const watermark = (millis: number) => batchOf(LEFT, "", stepsOf([[0, millis]]));

describe("temporal join", () => {
  test("rows wait for the watermark and meet the version valid at their time, whatever came later", () => {
    const h = new Harness(spec(), { output: OUT });
    h.push(batchOf(RIGHT, "1 10 a\n1 20 b\n2 15 c"), 1).push(batchOf(LEFT, "1 19\n1 20\n1 9\n2 30\nNULL 12"), 0);
    expect(h.rows()).toEqual([]);
    h.push(watermark(20), 0);
    expect(h.take()).toEqual([
      "+I[1, 19, 1, 10, a]",
      "+I[1, 20, 1, 20, b]",
      "+I[1, 9, NULL, NULL, NULL]",
      "+I[NULL, 12, NULL, NULL, NULL]",
      "W 20",
    ]);
    h.push(batchOf(RIGHT, "2 29 d\n2 31 e"), 1).push(watermark(40), 0);
    expect(h.rows()).toEqual(["+I[2, 30, 2, 29, d]"]);
  });

  test("of versions of one time the last wins, -U is no version, and -D ends one", () => {
    const h = new Harness(spec({ type: "inner" }), { output: OUT });
    h.push(batchOf(RIGHT, "+I 1 10 a\n+I 1 10 b\n-U 1 20 b\n+U 1 20 c\n-D 1 30 c"), 1);
    h.push(batchOf(LEFT, "1 15\n1 25\n1 35"), 0).push(watermark(50), 0);
    expect(h.rows()).toEqual(["+I[1, 15, 1, 10, b]", "+I[1, 25, 1, 20, c]"]);
  });

  test("the newest version before the watermark stays, older ones are forgotten", () => {
    const h = new Harness(spec(), { output: OUT });
    h.push(batchOf(RIGHT, "1 10 a\n1 20 b"), 1).push(watermark(25), 0);
    h.push(batchOf(LEFT, "1 12\n1 30"), 0).push(watermark(30), 0);
    expect(h.rows()).toEqual(["+I[1, 12, NULL, NULL, NULL]", "+I[1, 30, 1, 20, b]"]);
  });

  test("the rest of the condition decides after the version is found; kinds of left rows are kept", () => {
    const condition = callExpr("<>", [column(4, T.string()), column(4, T.string())], T.boolean());
    const h = new Harness(spec({ condition, leftRetracting: true }), {
      output: OUT,
      functions: createRegistry(SCALAR_FUNCTIONS, AGGREGATES),
    });
    h.push(batchOf(RIGHT, "1 10 a"), 1).push(batchOf(LEFT, "+I 1 12\n-D 1 12"), 0).push(watermark(30), 0);
    expect(h.rows()).toEqual(["+I[1, 12, NULL, NULL, NULL]", "-D[1, 12, NULL, NULL, NULL]"]);
  });
});
