import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { IntervalJoinSpec } from "../spec.ts";
import { randomSource } from "./test-support.ts";

const KT = [T.int(), T.timestamp(3)] as const;
const OUT = [...KT, ...KT];

function spec(type: IntervalJoinSpec["type"], more: Partial<IntervalJoinSpec> = {}): IntervalJoinSpec {
  return {
    kind: "interval-join",
    type,
    left: KT,
    right: KT,
    leftKeys: [0],
    rightKeys: [0],
    nullSafe: [false],
    leftTime: 1,
    rightTime: 1,
    fromMillis: -10,
    toMillis: 5,
    ...more,
  };
}

const watermark = (millis: number) => batchOf(KT, "", stepsOf([[0, millis]]));

describe("interval join", () => {
  test("both ends of the interval match, one more does not", () => {
    const h = new Harness(spec("inner"), { output: OUT });
    h.push(batchOf(KT, "1 100"), 0).push(batchOf(KT, "1 94\n1 95\n1 110\n1 111"), 1);
    expect(h.rows()).toEqual(["+I[1, 100, 1, 95]", "+I[1, 100, 1, 110]"]);
  });

  test("rows alone come out when the watermark has passed what they wait for, and the watermark is held back", () => {
    const h = new Harness(spec("full"), { output: OUT });
    h.push(batchOf(KT, "1 100\nNULL 100"), 0).push(batchOf(KT, "2 100"), 1);
    expect(h.take()).toEqual(["+I[NULL, 100, NULL, NULL]"]);
    h.push(watermark(105), 1);
    expect(h.take()).toEqual(["W 95"]);
    h.push(watermark(106), 1);
    expect(h.take()).toEqual(["+I[NULL, NULL, 2, 100]", "W 96"]);
    h.push(watermark(110), 0);
    expect(h.take()).toEqual(["W 100"]);
    h.push(watermark(111), 0);
    expect(h.take()).toEqual(["+I[1, 100, NULL, NULL]", "W 101"]);
  });

  test("a row that nothing can match any more is not kept; a late row still meets what is there", () => {
    const h = new Harness(spec("left"), { output: OUT });
    h.push(batchOf(KT, "1 100"), 1).push(watermark(104), 0);
    h.push(batchOf(KT, "1 90\n1 89\n2 90"), 0);
    expect(h.rows()).toEqual(["+I[1, 90, 1, 100]", "+I[1, 89, NULL, NULL]", "+I[2, 90, NULL, NULL]"]);
    h.push(watermark(106), 0).push(batchOf(KT, "1 99"), 0);
    h.push(watermark(Infinity), 0);
    expect(h.rows()).toEqual(["+I[1, 99, NULL, NULL]"]);
  });

  test("processing time: the clock is the time of rows, and says when those alone come out", () => {
    let clock = 100;
    const h = new Harness(spec("left", { processingTime: true }), { output: OUT, nowMillis: () => clock });
    h.push(batchOf(KT, "1 0\n2 0"), 0);
    clock = 110;
    h.push(batchOf(KT, "1 0", stepsOf([[1, 7]])), 1);
    expect(h.take()).toEqual(["+I[1, 100, 1, 110]", "W 7"]);
    expect(h.operator.nextTimer!()).toBe(112);
    clock = 112;
    expect(h.fireTimer().take()).toEqual(["+I[2, 100, NULL, NULL]"]);
    h.push(batchOf(KT, "3 0"), 0).push(watermark(Infinity), 0);
    expect(h.rows()).toEqual([]);
  });

  test.each(["inner", "left", "right", "full"] as const)(
    "%s: gives what comparing all pairs gives, in time order",
    (type) => {
      for (let seed = 1; seed < 40; seed++) {
        const random = randomSource(seed);
        const h = new Harness(spec(type), { output: OUT });
        const rows: [number, number][][] = [[], []];
        let time = 20;
        for (let round = 0; round < 10; round++) {
          const input = random(2);
          const lines = Array.from({ length: 5 }, () => {
            const row: [number, number] = [random(2), (time += random(6))];
            rows[input]!.push(row);
            return row.join(" ");
          });
          h.push(batchOf(KT, lines.join("\n")), input).push(watermark(time - 12), 0);
        }
        h.push(watermark(Infinity), 0);
        const near = (l: readonly number[], r: readonly number[]): boolean =>
          l[0] === r[0] && l[1]! - r[1]! >= -10 && l[1]! - r[1]! <= 5;
        const [left, right] = rows as [[number, number][], [number, number][]];
        const expected = left.flatMap((l) =>
          right.filter((r) => near(l, r)).map((r) => `+I[${[...l, ...r].join(", ")}]`),
        );
        if (type === "left" || type === "full")
          expected.push(
            ...left.filter((l) => !right.some((r) => near(l, r))).map((l) => `+I[${l.join(", ")}, NULL, NULL]`),
          );
        if (type === "right" || type === "full")
          expected.push(
            ...right.filter((r) => !left.some((l) => near(l, r))).map((r) => `+I[NULL, NULL, ${r.join(", ")}]`),
          );
        expect(h.rows().toSorted()).toEqual(expected.toSorted());
      }
    },
  );
});
