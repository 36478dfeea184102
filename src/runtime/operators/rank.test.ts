import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { RankSpec } from "../spec.ts";
import { foldChanges, randomSource } from "./test-support.ts";

/** Key, order, payload. */
const ROW = [T.string(), T.int(), T.int()] as const;
const RANKED = [...ROW, T.bigint()] as const;
const DESC = { column: 1, descending: true, nullsFirst: false } as const;

function spec(more: Partial<RankSpec> = {}): RankSpec {
  return {
    kind: "rank",
    input: ROW,
    partition: [0],
    order: [DESC],
    from: 1,
    to: 2,
    outputRank: false,
    retracting: false,
    updateBefore: true,
    ttlMillis: 0,
    ...more,
  };
}

describe("rank", () => {
  test("append-only with rank: later ranks shift (conformance topn/top3_per_key)", () => {
    const h = new Harness(spec({ outputRank: true, to: 3 }), { output: RANKED });
    h.push(batchOf(ROW, "e 12 1\ne 20 3\ne 25 12\ne 15 17\ne 25 19"));
    expect(h.rows()).toEqual([
      "+I[e, 12, 1, 1]",
      "-U[e, 12, 1, 1]",
      "+U[e, 20, 3, 1]",
      "+I[e, 12, 1, 2]",
      "-U[e, 20, 3, 1]",
      "+U[e, 25, 12, 1]",
      "-U[e, 12, 1, 2]",
      "+U[e, 20, 3, 2]",
      "+I[e, 12, 1, 3]",
      "-U[e, 12, 1, 3]",
      "+U[e, 15, 17, 3]",
      "-U[e, 20, 3, 2]",
      "+U[e, 25, 19, 2]",
      "-U[e, 15, 17, 3]",
      "+U[e, 20, 3, 3]",
    ]);
  });

  test("append-only without rank: the loser goes, the winner comes; of equal rows the earlier ranks higher", () => {
    const h = new Harness(spec(), { output: ROW });
    h.push(batchOf(ROW, "a 1 1\na 2 2\na 2 3\na 2 4\na NULL 5", stepsOf([[3, 7]])));
    expect(h.take()).toEqual(["+I[a, 1, 1]", "+I[a, 2, 2]", "-D[a, 1, 1]", "+I[a, 2, 3]", "W 7"]);
  });

  test("the best row alone is updated", () => {
    const h = new Harness(spec({ to: 1 }), { output: ROW });
    expect(h.push(batchOf(ROW, "a 1 1\na 1 2\na 3 3")).rows()).toEqual(["+I[a, 1, 1]", "-U[a, 1, 1]", "+U[a, 3, 3]"]);
    const upsert = new Harness(spec({ to: 1, updateBefore: false }), { output: ROW });
    expect(upsert.push(batchOf(ROW, "a 1 1\na 3 3")).rows()).toEqual(["+I[a, 1, 1]", "+U[a, 3, 3]"]);
  });

  test("offset shifts rows without showing the rank (conformance topn/order_limit)", () => {
    const h = new Harness(
      spec({ partition: [], from: 3, to: 5, order: [{ column: 1, descending: false, nullsFirst: false }] }),
      { output: ROW },
    );
    h.push(batchOf(ROW, "x 1220 1\nx 50000 2\nx 2000 3\nx 500 4"));
    expect(h.rows()).toEqual(["+I[x, 50000, 2]", "-U[x, 50000, 2]", "+U[x, 2000, 3]", "+I[x, 50000, 2]"]);
  });

  test("retracting with rank (conformance topn/topn_over_aggregate)", () => {
    const h = new Harness(spec({ partition: [], retracting: true, outputRank: true }), { output: RANKED });
    h.push(batchOf(ROW, "+I e 2 0\n+I d 3 0\n-U e 2 0\n+U e 4 0\n+I b 2 0\n-U b 2 0\n+U b 7 0"));
    expect(h.rows()).toEqual([
      "+I[e, 2, 0, 1]",
      "-U[e, 2, 0, 1]",
      "+U[d, 3, 0, 1]",
      "+I[e, 2, 0, 2]",
      "-D[e, 2, 0, 2]",
      "-U[d, 3, 0, 1]",
      "+U[e, 4, 0, 1]",
      "+I[d, 3, 0, 2]",
      "-U[e, 4, 0, 1]",
      "+U[b, 7, 0, 1]",
      "-U[d, 3, 0, 2]",
      "+U[e, 4, 0, 2]",
    ]);
  });

  test("retracting without rank", () => {
    const h = new Harness(spec({ retracting: true }), { output: ROW });
    h.push(batchOf(ROW, "+I a 1 1\n+I a 2 2\n+I a 3 3\n-D a 3 3\n-D a 9 9\n-D a 1 1\n-D a 2 2"));
    expect(h.rows()).toEqual([
      "+I[a, 1, 1]",
      "+I[a, 2, 2]",
      "-D[a, 1, 1]",
      "+I[a, 3, 3]",
      "-D[a, 3, 3]",
      "+I[a, 1, 1]",
      "-D[a, 1, 1]",
      "-D[a, 2, 2]",
    ]);
  });

  test("updates by key move rows up", () => {
    const h = new Harness(spec({ outputRank: true, upsertKey: [0, 2] }), { output: RANKED });
    h.push(batchOf(ROW, "+I a 1 1\n+I a 2 2\n+U a 3 1\n+U a 3 1\n+I a 9 3"));
    expect(h.rows()).toEqual([
      "+I[a, 1, 1, 1]",
      "-U[a, 1, 1, 1]",
      "+U[a, 2, 2, 1]",
      "+I[a, 1, 1, 2]",
      "-U[a, 2, 2, 1]",
      "+U[a, 3, 1, 1]",
      "-U[a, 1, 1, 2]",
      "+U[a, 2, 2, 2]",
      "-U[a, 3, 1, 1]",
      "+U[a, 3, 1, 1]",
      "-U[a, 3, 1, 1]",
      "+U[a, 9, 3, 1]",
      "-U[a, 2, 2, 2]",
      "+U[a, 3, 1, 2]",
    ]);
  });

  test("window: rows come out once when the window closes, late rows are dropped", () => {
    const types = [T.string(), T.timestamp(3), T.int()] as const;
    const order = [{ column: 2, descending: true, nullsFirst: false }];
    const h = new Harness(spec({ input: types, partition: [1, 0], order, windowEnd: 1, outputRank: true }), {
      output: [...types, T.bigint()],
    });
    h.push(
      batchOf(
        types,
        "a 20 1\na 10 1\na 10 5\na 10 3\nb 10 2\na 10 9",
        stepsOf([
          [5, 9],
          [6, 10],
        ]),
      ),
    );
    expect(h.take()).toEqual(["+I[a, 10, 5, 1]", "+I[a, 10, 3, 2]", "+I[b, 10, 2, 1]", "W 10"]);
    expect(h.counters.get("lateRows")).toBe(1);
    expect(h.push(batchOf(types, "", stepsOf([[0, Infinity]]))).take()).toEqual(["+I[a, 20, 1, 1]", "W Infinity"]);
  });

  test.each([
    [1, 1, false],
    [1, 3, false],
    [1, 3, true],
    [2, 4, true],
    [2, 3, false],
  ] as const)("ranks %i to %i (shown: %s): changes add up to the ranking", (from, to, outputRank) => {
    for (const retracting of [false, true]) {
      for (let seed = 1; seed < 60; seed++) {
        const random = randomSource(seed);
        const held: [string, number, number][] = [];
        const lines: string[] = [];
        for (let i = 0; i < 40; i++) {
          if (retracting && held.length > 0 && random(3) === 0) {
            const [row] = held.splice(random(held.length), 1);
            lines.push(`-D ${row!.join(" ")}`);
          } else {
            const row: [string, number, number] = [`k${random(2)}`, random(5), i];
            held.push(row);
            lines.push(`+I ${row.join(" ")}`);
          }
        }
        const one = spec({ from, to, outputRank, retracting });
        const options = { output: outputRank ? RANKED : ROW };
        const whole = new Harness(one, options).push(batchOf(ROW, lines.join("\n"))).rows();
        const cuts = Array.from({ length: 40 }, (_, i) => i).filter(() => random(4) === 0);
        expect(new Harness(one, options).pushCut(batchOf(ROW, lines.join("\n")), cuts).rows()).toEqual(whole);
        const expected = ["k0", "k1"].flatMap((key) =>
          held
            .filter((row) => row[0] === key)
            .sort((a, b) => b[1] - a[1] || a[2] - b[2])
            .slice(from - 1, to)
            .map((row, i) => `[${[...row, ...(outputRank ? [i + from] : [])].join(", ")}]`),
        );
        expect(foldChanges(whole)).toEqual(expected.sort());
      }
    }
  });
});
