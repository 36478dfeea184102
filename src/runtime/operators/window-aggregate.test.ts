import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { AggregateCallSpec, WindowAggregateSpec } from "../spec.ts";
import { call, randomSource, runCut } from "./test-support.ts";

const TS = T.timestamp(3);
const KTV = [T.string(), TS, T.int()] as const;
const TEXT = T.string();
const COUNT = call("COUNT", [], T.bigint(false));

function spec(
  window: WindowAggregateSpec["window"],
  aggregates: readonly AggregateCallSpec[],
  more: Partial<WindowAggregateSpec> = {},
): WindowAggregateSpec {
  return {
    kind: "window-aggregate",
    input: KTV,
    window,
    time: 1,
    keys: [0],
    aggregates,
    retracting: false,
    properties: ["start", "end"],
    ...more,
  };
}

const TUMBLE = { type: "tumble", sizeMillis: 10, offsetMillis: 0 } as const;
const HOP = { type: "hop", sizeMillis: 10, slideMillis: 5, offsetMillis: 0 } as const;
const CUMULATE = { type: "cumulate", maxMillis: 15, stepMillis: 5, offsetMillis: 0 } as const;
const OUT: readonly DataType[] = [TEXT, T.bigint(), TS, TS];

describe("window aggregate", () => {
  test("tumble: strict watermark row by row (conformance window/late_strict_watermark)", () => {
    const rows = batchOf(
      KTV,
      "a 1000 1\na 9999 2\na 5000 3\na 10000 4\na 9500 5\na 11000 6\na 10500 7\na 25000 8\na 19000 9\na 20000 10",
      stepsOf([
        [1, 1000],
        [2, 9999],
        [6, 11000],
        [8, 25000],
        [10, Infinity],
      ]),
    );
    const window = { type: "tumble", sizeMillis: 10000, offsetMillis: 0 } as const;
    const h = new Harness(spec(window, [COUNT, call("LAST_VALUE", [[2, T.int()]], T.int())]), {
      output: [TEXT, T.bigint(), T.int(), TS, TS],
    });
    expect(h.push(rows).take()).toEqual([
      "W 1000",
      "+I[a, 2, 2, 0, 10000]",
      "W 11000",
      "+I[a, 3, 7, 10000, 20000]",
      "W 25000",
      "+I[a, 2, 10, 20000, 30000]",
      "W Infinity",
    ]);
    expect(h.counters.get("lateRows")).toBe(3);
  });

  test("windows of several ends fire in order of end; negative times floor", () => {
    const h = new Harness(spec(TUMBLE, [COUNT]), { output: OUT });
    h.push(batchOf(KTV, "a 31 1\na -1 1\nb -10 1\na -11 1", stepsOf([[4, 100]])));
    expect(h.take()).toEqual([
      "+I[a, 1, -20, -10]",
      "+I[a, 1, -10, 0]",
      "+I[b, 1, -10, 0]",
      "+I[a, 1, 30, 40]",
      "W 100",
    ]);
  });

  test("hop: a late row is kept for the later window; slices merge newest first", () => {
    const listagg = call("LISTAGG", [[0, TEXT]], TEXT);
    const h = new Harness(spec(HOP, [listagg], { keys: [] }), { output: [TEXT, TS, TS] });
    h.push(batchOf(KTV, "x 2 1\ny 7 1", stepsOf([[2, 4]]))).push(batchOf(KTV, "z 3 1", stepsOf([[1, Infinity]])));
    expect(h.take()).toEqual(["+I[x, -5, 5]", "W 4", "+I[y,x,z, 0, 10]", "+I[y, 5, 15]", "W Infinity"]);
    const late = new Harness(spec(HOP, [COUNT]), { output: OUT });
    late.push(
      batchOf(
        KTV,
        "a 2 1\na 3 1",
        stepsOf([
          [1, 9],
          [2, Infinity],
        ]),
      ),
    );
    expect(late.take()).toEqual(["+I[a, 1, -5, 5]", "+I[a, 1, 0, 10]", "W Infinity"]);
    expect(late.counters.get("lateRows")).toBe(1);
  });

  test("cumulate emits each step, rows late for the first panes still count", () => {
    const h = new Harness(spec(CUMULATE, [COUNT]), { output: OUT });
    h.push(batchOf(KTV, "a 1 1\na 6 1", stepsOf([[2, 5]]))).push(
      batchOf(KTV, "a 2 1\na 14 1", stepsOf([[2, Infinity]])),
    );
    expect(h.take()).toEqual(["+I[a, 1, 0, 5]", "W 5", "+I[a, 3, 0, 10]", "+I[a, 4, 0, 15]", "W Infinity"]);
  });

  test("distinct over merged slices, filters, averages", () => {
    const types = [T.string(), TS, T.int(), T.boolean()] as const;
    const distinct = call("COUNT", [[2, T.int()]], T.bigint(false), { distinct: true });
    const filtered = call("SUM", [[2, T.int()]], T.int(), { distinct: true, filter: 3 });
    const h = new Harness(
      { ...spec(HOP, [distinct, filtered, call("AVG", [[2, T.int()]], T.int())]), input: types },
      { output: [TEXT, T.bigint(), T.int(), T.int(), TS, TS] },
    );
    h.push(batchOf(types, "a 1 7 true\na 2 7 false\na 6 7 false\na 7 9 true\na 8 NULL true", stepsOf([[5, Infinity]])));
    expect(h.rows()).toEqual(["+I[a, 1, 7, 7, -5, 5]", "+I[a, 2, 16, 7, 0, 10]", "+I[a, 2, 9, 8, 5, 15]"]);
  });

  test("retracting input: emptied windows emit nothing", () => {
    const h = new Harness(spec(HOP, [COUNT, call("MAX", [[2, T.int()]], T.int())], { retracting: true }), {
      output: [TEXT, T.bigint(), T.int(), TS, TS],
    });
    h.push(batchOf(KTV, "+I a 1 5\n+I b 1 3\n+I a 6 4\n-D b 1 3\n-D a 1 5", stepsOf([[5, Infinity]])));
    expect(h.rows()).toEqual(["+I[a, 1, 4, 0, 10]", "+I[a, 1, 4, 5, 15]"]);
  });

  test("attached windows", () => {
    const types = [TEXT, TS, TS] as const;
    const h = new Harness(
      spec(TUMBLE, [COUNT], { input: types, attached: { start: 1, end: 2 }, properties: ["start", "end", "time"] }),
      { output: [TEXT, T.bigint(), TS, TS, TS] },
    );
    h.push(batchOf(types, "a 0 10\na 10 20\na 0 10", stepsOf([[3, 9]]))).push(
      batchOf(types, "a 0 10", stepsOf([[1, Infinity]])),
    );
    expect(h.take()).toEqual(["+I[a, 2, 0, 10, 9]", "W 9", "+I[a, 1, 10, 20, 19]", "W Infinity"]);
    expect(h.counters.get("lateRows")).toBe(1);
  });

  test("zone: windows follow the wall clock", () => {
    const hour = 3_600_000;
    const h = new Harness(
      spec({ type: "tumble", sizeMillis: 24 * hour, offsetMillis: 0 }, [COUNT], {
        ltzZone: "America/New_York",
        properties: ["start", "time"],
      }),
      { output: OUT },
    );
    h.push(
      batchOf(
        KTV,
        [
          ["a", 4 * hour, 1],
          ["a", 5 * hour, 1],
          ["a", 28 * hour, 1],
        ],
        stepsOf([[3, 29 * hour - 2]]),
      ),
    );
    expect(h.rows()).toEqual([`+I[a, 1, ${-24 * hour}, ${5 * hour - 1}]`]);
    h.push(batchOf(KTV, "", stepsOf([[0, 29 * hour - 1]])));
    expect(h.rows()).toEqual([`+I[a, 2, 0, ${29 * hour - 1}]`]);
  });

  test.each([TUMBLE, HOP, CUMULATE, { type: "hop", sizeMillis: 14, slideMillis: 6, offsetMillis: 1 } as const])(
    "$type: cuts of the stream do not matter",
    (window) => {
      for (let seed = 1; seed < 40; seed++) {
        const random = randomSource(seed);
        let top = 0;
        const rows: [string, number, number][] = [];
        const steps: [number, number][] = [];
        for (let i = 0; i < 60; i++) {
          const time = Math.max(0, top + random(20) - 9);
          top = Math.max(top, time);
          rows.push([`k${random(3)}`, time, random(10)]);
          if (random(3) === 0) steps.push([i + 1, top - random(4)]);
        }
        const ascending = steps.filter(([, w], i) => i === 0 || w > Math.max(...steps.slice(0, i).map((s) => s[1])));
        const batch = batchOf(KTV, rows, stepsOf([...ascending, [60, Infinity]]));
        const one = spec(window, [
          COUNT,
          call("SUM", [[2, T.int()]], T.int()),
          call("COUNT", [[2, T.int()]], T.bigint(false), { distinct: true }),
        ]);
        const options = { output: [TEXT, T.bigint(), T.int(), T.bigint(), TS, TS] };
        const rowsOnly = (lines: string[]): string[] => lines.filter((line) => !line.startsWith("W "));
        expect(rowsOnly(runCut(one, options, batch, random))).toEqual(new Harness(one, options).push(batch).rows());
      }
    },
  );
});
