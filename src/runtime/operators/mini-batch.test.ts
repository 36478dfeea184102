import { describe, expect, test } from "vitest";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { DeduplicateSpec, GroupAggregateSpec, MiniBatchSpec } from "../spec.ts";
import { call, randomSource } from "./test-support.ts";

const ROW = [T.string(), T.int()] as const;
const OUT = [T.string(), T.bigint(), T.int(), T.bigint()];
const INT = T.int();
const group: GroupAggregateSpec = {
  kind: "group-aggregate",
  input: ROW,
  keys: [0],
  aggregates: [
    call("COUNT", [], T.bigint(false)),
    call("MAX", [[1, INT]], INT),
    call("COUNT", [[1, INT]], T.bigint(false), { distinct: true }),
  ],
  retracting: false,
  updateBefore: true,
  ttlMillis: 0,
};
const inBundles = (size: number, twoPhase = false, more: Partial<GroupAggregateSpec> = {}): Harness =>
  new Harness({ ...group, ...more, miniBatch: { size, twoPhase } }, { output: OUT });
const rows = (text: string, ...steps: [number, number][]) => batchOf(ROW, text, stepsOf(steps));

describe("group aggregate in mini-batches", () => {
  test("a key changes once a bundle, and not at all when its result is the same", () => {
    const h = inBundles(4);
    expect(h.push(rows("a 1\nb 1\na 2")).take()).toEqual([]);
    expect(h.push(rows("a 2\na 3")).take()).toEqual(["+I[a, 3, 2, 2]", "+I[b, 1, 1, 1]"]);
    expect(h.push(rows("c 1\nc 1\nb 1")).take()).toEqual([
      "-U[a, 3, 2, 2]",
      "+U[a, 4, 3, 3]",
      "+I[c, 2, 1, 1]",
      "-U[b, 1, 1, 1]",
      "+U[b, 2, 1, 1]",
    ]);
  });

  test("a watermark ends a bundle and comes after it; so do a barrier and the end", () => {
    const h = inBundles(100);
    expect(h.push(rows("a 1\na 2\nb 1", [2, 7])).take()).toEqual(["+I[a, 2, 2, 2]", "W 7"]);
    h.operator.beforeBarrier!({ batch: (batch) => expect(batch.rowCount).toBe(1) });
    expect(h.push(rows("b 1\nb 1", [2, Infinity])).take()).toEqual(["-U[b, 1, 1, 1]", "+U[b, 3, 1, 1]", "W Infinity"]);
  });

  test("in two phases the second bundle counts the keys of the first", () => {
    const h = inBundles(2, true);
    expect(h.push(rows("a 1\na 1\na 1")).take()).toEqual([]);
    expect(h.push(rows("a 1")).take()).toEqual(["+I[a, 4, 1, 1]"]);
    expect(h.push(rows("b 1\na 2")).take()).toEqual(["+I[b, 1, 1, 1]", "-U[a, 4, 1, 1]", "+U[a, 5, 2, 2]"]);
  });

  test("rows that are taken back within a bundle leave no trace; unknown ones are ignored", () => {
    const h = inBundles(5, false, { retracting: true });
    expect(h.push(rows("-D x 1\n+I a 1\n-D a 1\n+I b 2\n+I b 3")).take()).toEqual(["+I[b, 2, 3, 2]"]);
    expect(h.push(rows("-U b 3\n+U b 4\n-D b 2\n-D b 4\n+I a 5")).take()).toEqual(["-D[b, 2, 3, 2]", "+I[a, 1, 5, 1]"]);
  });

  test("without -U where nobody needs it", () => {
    const h = inBundles(1, false, { updateBefore: false });
    expect(h.push(rows("a 1\na 2")).take()).toEqual(["+I[a, 1, 1, 1]", "+U[a, 2, 2, 2]"]);
  });

  test.each([false, true])("the rows that are left are those of row by row (retracting: %s)", async (retracting) => {
    for (let seed = 1; seed <= 8; seed++) {
      const random = randomSource(seed);
      const held: string[] = [];
      const lines = Array.from({ length: 120 }, () => {
        if (retracting && held.length > 0 && random(3) === 0) return `-D ${held.splice(random(held.length), 1)[0]!}`;
        const row = `k${random(5)} ${random(6)}`;
        held.push(row);
        return `+I ${row}`;
      });
      const one = new Harness({ ...group, retracting }, { output: OUT });
      one.push(batchOf(ROW, lines.join("\n")));
      let bundled = inBundles(1 + random(20), random(2) === 0, { retracting });
      const changes: string[] = [];
      for (let from = 0; from < lines.length; from += 15) {
        bundled.push(batchOf(ROW, lines.slice(from, from + 15).join("\n")));
        if (random(2) === 0) {
          bundled.operator.beforeBarrier!(bundled.out);
          changes.push(...bundled.rows());
          bundled = await bundled.restarted();
        }
      }
      bundled.push(batchOf(ROW, "", stepsOf([[0, Infinity]])));
      changes.push(...bundled.rows());
      expect(left(changes)).toEqual(left(one.rows()));
    }
  });
});

/** The rows that changes leave; fails where something is taken away that is not there. */
function left(changes: readonly string[]): readonly string[] {
  const present: string[] = [];
  for (const change of changes) {
    const row = change.slice(2);
    if (change.startsWith("+")) present.push(row);
    else {
      expect(present).toContain(row);
      present.splice(present.indexOf(row), 1);
    }
  }
  return present.toSorted();
}

describe("deduplication in mini-batches", () => {
  const TIMED = [T.string(), T.timestamp(3), T.int()] as const;
  const last: DeduplicateSpec = {
    kind: "deduplicate",
    input: TIMED,
    keys: [0],
    keep: "last",
    updateBefore: true,
    ttlMillis: 0,
    bundleRows: 3,
  };

  test("the last row of a key in each bundle", () => {
    const h = new Harness(last, { output: TIMED });
    expect(h.push(batchOf(TIMED, "a 9 1\na 1 2\nb 1 3\na 2 4")).take()).toEqual(["+I[a, 1, 2]", "+I[b, 1, 3]"]);
    expect(h.push(batchOf(TIMED, "", stepsOf([[0, 5]]))).take()).toEqual(["-U[a, 1, 2]", "+U[a, 2, 4]", "W 5"]);
  });

  test("by event time the latest", () => {
    const h = new Harness({ ...last, time: 1 }, { output: TIMED });
    expect(h.push(batchOf(TIMED, "a 9 1\na 1 2\na 9 3")).take()).toEqual(["+I[a, 9, 3]"]);
  });
});

describe("the assigner of mini-batches", () => {
  const spec: MiniBatchSpec = { kind: "mini-batch", input: ROW, intervalMillis: 100, by: "clock" };

  test("by the clock: watermarks at multiples of the interval, none from below but the end", () => {
    const clock = { millis: 1010 };
    const h = new Harness(spec, { output: ROW, nowMillis: () => clock.millis });
    expect(h.push(rows("a 1\na 2", [1, 55])).take()).toEqual(["W 1000", "+I[a, 1]", "+I[a, 2]"]);
    expect(h.operator.nextTimer!()).toBe(1100);
    clock.millis = 1205;
    expect(h.fireTimer().take()).toEqual(["W 1200"]);
    expect(h.operator.nextTimer!()).toBe(1300);
    expect(h.push(rows("", [0, Infinity])).take()).toEqual(["W Infinity"]);
  });

  test("by events: the first watermark of each interval", async () => {
    const h = new Harness({ ...spec, by: "events" }, { output: ROW });
    const marks: [number, number][] = [50, 98, 99, 120, 199, 450, 498].map((w, i) => [i, w]);
    expect(
      h
        .push(rows("a 0\na 1\na 2\na 3\na 4\na 5\na 6", ...marks))
        .take()
        .filter((line) => line.startsWith("W")),
    ).toEqual(["W 99", "W 199", "W 450"]);
    expect((await h.restarted()).push(rows("a 1", [0, 460], [1, 499])).take()).toEqual(["+I[a, 1]", "W 499"]);
  });
});
