import { expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { WindowJoinSpec } from "../spec.ts";

const ROW = [T.timestamp(3), T.int(), T.string()] as const;

function run(type: WindowJoinSpec["type"]): string[] {
  const one = type === "semi" || type === "anti";
  const spec: WindowJoinSpec = {
    kind: "window-join",
    type,
    left: ROW,
    right: ROW,
    leftKeys: [0, 1],
    rightKeys: [0, 1],
    nullSafe: [false, false],
    windowEnd: 0,
  };
  const h = new Harness(spec, { output: one ? ROW : [...ROW, ...ROW] });
  h.push(batchOf(ROW, "10 1 a\n10 1 b\n10 NULL c\n20 1 d\n10 3 e"), 0);
  h.push(batchOf(ROW, "10 1 x\n10 NULL y\n20 2 z", stepsOf([[3, 8]])), 1);
  expect(h.rows()).toEqual([]);
  h.push(batchOf(ROW, "10 1 w\n10 1 late", stepsOf([[1, 9]])), 1);
  return h.rows();
}

test.each([
  ["inner", ["[10, 1, a, 10, 1, x]", "[10, 1, a, 10, 1, w]", "[10, 1, b, 10, 1, x]", "[10, 1, b, 10, 1, w]"]],
  ["semi", ["[10, 1, a]", "[10, 1, b]"]],
  ["anti", ["[10, NULL, c]", "[10, 3, e]"]],
] as const)("%s: rows of a window meet once, when the watermark passes its end", (type, expected) => {
  expect(run(type)).toEqual(expected.map((row) => `+I${row}`));
});

test("full: what met nobody comes out alone, NULL keys meet nobody", () => {
  expect(run("full").slice(4)).toEqual([
    "+I[10, NULL, c, NULL, NULL, NULL]",
    "+I[10, 3, e, NULL, NULL, NULL]",
    "+I[NULL, NULL, NULL, 10, NULL, y]",
  ]);
});
