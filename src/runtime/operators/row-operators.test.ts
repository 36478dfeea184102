import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { column, literal } from "../../expressions/expr.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import { randomSource } from "./test-support.ts";
import type { DeduplicateSpec, WatermarkSpec } from "../spec.ts";

const TS = T.timestamp(3);
const KTV = [T.string(), TS, T.int()] as const;

describe("watermark", () => {
  const spec: WatermarkSpec = {
    kind: "watermark",
    input: KTV,
    rowtime: 1,
    expression: column(1, TS),
    intervalMillis: 200,
    onEvent: false,
    idleTimeoutMillis: 0,
  };

  test("a step when the mark has moved by more than the interval, the rest is held back", () => {
    const h = new Harness(spec, { output: KTV });
    h.push(batchOf(KTV, "a 100 1\na 300 1\na 500 1\na 501 1\na 50 1", stepsOf([[2, 7]])));
    expect(h.take()).toEqual([
      "+I[a, 100, 1]",
      "+I[a, 300, 1]",
      "W 300",
      "+I[a, 500, 1]",
      "+I[a, 501, 1]",
      "W 501",
      "+I[a, 50, 1]",
    ]);
    h.push(batchOf(KTV, "a 600 1", stepsOf([[1, Infinity]])));
    expect(h.take()).toEqual(["+I[a, 600, 1]", "W Infinity"]);
  });

  test("on-event: after each row that moves it; NULL times fail", () => {
    const h = new Harness({ ...spec, onEvent: true }, { output: KTV });
    expect(h.push(batchOf(KTV, "a 1 1\na 1 1\na 2 1")).take()).toEqual([
      "+I[a, 1, 1]",
      "W 1",
      "+I[a, 1, 1]",
      "+I[a, 2, 1]",
      "W 2",
    ]);
    expect(() => h.push(batchOf(KTV, "a NULL 1"))).toThrow(expect.objectContaining({ code: "NOT_NULL_VIOLATION" }));
  });
});

describe("deduplicate", () => {
  const spec: DeduplicateSpec = {
    kind: "deduplicate",
    input: KTV,
    keys: [0],
    time: 1,
    keep: "last",
    updateBefore: true,
    ttlMillis: 0,
  };

  test("last by event time: the later replaces, on a tie the later arrival", () => {
    const h = new Harness(spec, { output: KTV });
    h.push(batchOf(KTV, "a 5 1\na 4 2\na 5 3\nb 1 4\na 6 5", stepsOf([[4, 3]])));
    expect(h.take()).toEqual([
      "+I[a, 5, 1]",
      "-U[a, 5, 1]",
      "+U[a, 5, 3]",
      "+I[b, 1, 4]",
      "W 3",
      "-U[a, 5, 3]",
      "+U[a, 6, 5]",
    ]);
    const upsert = new Harness({ ...spec, updateBefore: false }, { output: KTV });
    expect(upsert.push(batchOf(KTV, "a 5 1\na 5 3")).rows()).toEqual(["+I[a, 5, 1]", "+U[a, 5, 3]"]);
  });

  test("last by arrival: equal rows say nothing, a deleted key goes", () => {
    const h = new Harness({ ...spec, time: undefined }, { output: KTV });
    h.push(batchOf(KTV, "+I a 5 1\n+I a 5 1\n+U a 4 1\n-D a 4 1\n+I a 1 1\n-D a 1 1\n-D a 1 1"));
    expect(h.rows()).toEqual([
      "+I[a, 5, 1]",
      "-U[a, 5, 1]",
      "+U[a, 4, 1]",
      "-D[a, 4, 1]",
      "+I[a, 1, 1]",
      "-D[a, 1, 1]",
    ]);
    expect(h.push(batchOf(KTV, "+I a 9 9")).rows()).toEqual(["+I[a, 9, 9]"]);
  });

  test("first by arrival", () => {
    const h = new Harness({ ...spec, keep: "first", time: undefined }, { output: KTV });
    h.push(batchOf(KTV, "a 5 1\na 1 2\nb 1 3")).push(batchOf(KTV, "b 0 1\nc 0 1"));
    expect(h.rows()).toEqual(["+I[a, 5, 1]", "+I[b, 1, 3]", "+I[c, 0, 1]"]);
  });

  test("first by event time waits for the watermark", () => {
    const h = new Harness({ ...spec, keep: "first" }, { output: KTV });
    h.push(batchOf(KTV, "a 5 1\nb 9 1\na 3 2\na 3 3\nc 2 1\na 1 9", stepsOf([[5, 4]])));
    expect(h.take()).toEqual(["+I[c, 2, 1]", "+I[a, 3, 2]", "W 4"]);
    expect(h.counters.get("lateRows")).toBe(1);
    h.push(batchOf(KTV, "a 7 4\nb 8 2", stepsOf([[2, Infinity]])));
    expect(h.take()).toEqual(["+I[b, 8, 2]", "W Infinity"]);
  });
});

describe("rows as they come", () => {
  test("limit with offset over several batches; retracting", () => {
    const h = new Harness({ kind: "limit", input: KTV, offset: 1, fetch: 2, retracting: false }, { output: KTV });
    h.push(batchOf(KTV, "a 1 1\nb 1 1")).push(batchOf(KTV, "c 1 1\nd 1 1", stepsOf([[2, 5]])));
    expect(h.take()).toEqual(["+I[b, 1, 1]", "+I[c, 1, 1]", "W 5"]);
    const r = new Harness({ kind: "limit", input: KTV, offset: 0, fetch: 1, retracting: true }, { output: KTV });
    r.push(batchOf(KTV, "+I a 1 1\n+I b 1 1\n-D a 1 1"));
    expect(r.rows()).toEqual(["+I[a, 1, 1]", "-D[a, 1, 1]", "+I[b, 1, 1]"]);
  });

  test("sort by event time, then by other columns, then by arrival", () => {
    const order = [
      { column: 1, descending: false, nullsFirst: true },
      { column: 2, descending: true, nullsFirst: false },
    ];
    const h = new Harness({ kind: "sort", input: KTV, time: 1, order }, { output: KTV });
    h.push(batchOf(KTV, "a 5 1\nb 3 1\nc 3 2\nd 3 2\ne 9 1", stepsOf([[5, 5]]))).push(
      batchOf(KTV, "f 5 1\ng 7 1", stepsOf([[2, Infinity]])),
    );
    expect(h.take()).toEqual([
      "+I[c, 3, 2]",
      "+I[d, 3, 2]",
      "+I[b, 3, 1]",
      "+I[a, 5, 1]",
      "W 5",
      "+I[g, 7, 1]",
      "+I[e, 9, 1]",
      "W Infinity",
    ]);
  });

  test("drop-update-before, union", () => {
    const h = new Harness({ kind: "drop-update-before", input: KTV }, { output: KTV });
    h.push(batchOf(KTV, "+I a 1 1\n-U a 1 1\n+U a 2 1", stepsOf([[2, 1]])));
    expect(h.take()).toEqual(["+I[a, 1, 1]", "W 1", "+U[a, 2, 1]"]);
  });

  test("expand: the versions of a row stand together", () => {
    const none = literal(null, T.string());
    const sets = [
      [column(0, T.string()), literal(1, T.int())],
      [none, literal(2, T.int())],
    ];
    const h = new Harness({ kind: "expand", input: KTV, sets }, { output: [T.string(), T.int()] });
    h.push(
      batchOf(
        KTV,
        "+I a 1 1\n-D b 1 1",
        stepsOf([
          [1, 5],
          [2, 6],
        ]),
      ),
    );
    expect(h.take()).toEqual(["+I[a, 1]", "+I[NULL, 2]", "W 5", "-D[b, 1]", "-D[NULL, 2]", "W 6"]);
  });

  test("window TVF: hop from the latest window, cumulate from the earliest, no time no window", () => {
    const output = [...KTV, TS, TS, TS];
    const hop = new Harness(
      {
        kind: "window-tvf",
        input: KTV,
        time: 1,
        window: { type: "hop", sizeMillis: 4, slideMillis: 2, offsetMillis: 0 },
      },
      { output },
    );
    hop.push(batchOf(KTV, "a 1 1\nb NULL 1\n-D c 4 1", stepsOf([[2, 3]])));
    expect(hop.take()).toEqual([
      "+I[a, 1, 1, 0, 4, 3]",
      "+I[a, 1, 1, -2, 2, 1]",
      "W 3",
      "-D[c, 4, 1, 4, 8, 7]",
      "-D[c, 4, 1, 2, 6, 5]",
    ]);
    const cumulate = new Harness(
      {
        kind: "window-tvf",
        input: KTV,
        time: 1,
        window: { type: "cumulate", maxMillis: 6, stepMillis: 2, offsetMillis: 0 },
      },
      { output },
    );
    expect(cumulate.push(batchOf(KTV, "a 3 1")).rows()).toEqual(["+I[a, 3, 1, 0, 4, 3]", "+I[a, 3, 1, 0, 6, 5]"]);
  });

  test("sink materialisation keeps the last row of a key", () => {
    const h = new Harness({ kind: "sink-materialize", input: KTV, keys: [0], ttlMillis: 0 }, { output: KTV });
    h.push(batchOf(KTV, "+I a 1 1\n+I a 2 2\n-D a 1 1\n+U a 3 3\n-U a 3 3\n-D a 2 2\n-D a 9 9"));
    expect(h.rows()).toEqual(["+I[a, 1, 1]", "+U[a, 2, 2]", "+U[a, 3, 3]", "+U[a, 2, 2]", "-D[a, 2, 2]"]);
  });

  test("sink materialisation: the sink ends with the last row that is left of each key", () => {
    for (let seed = 1; seed < 80; seed++) {
      const random = randomSource(seed);
      const held: string[] = [];
      const lines: string[] = [];
      for (let i = 0; i < 40; i++) {
        if (held.length > 0 && random(2) === 0) lines.push(`-D ${held.splice(random(held.length), 1)[0]}`);
        else lines.push(`+I ${held[held.push(`k${random(3)} ${random(2)} ${random(3)}`) - 1]}`);
      }
      const h = new Harness({ kind: "sink-materialize", input: KTV, keys: [0], ttlMillis: 0 }, { output: KTV });
      const rows = h.pushCut(batchOf(KTV, lines.join("\n")), [7, 8, 20]).rows();
      const sink = new Map<string, string>();
      for (const line of rows) {
        const key = line.slice(3, 5);
        if (line.startsWith("-D")) sink.delete(key);
        else sink.set(key, line.slice(2));
      }
      // Equal rows cannot be told apart: the first of them is taken away.
      const left = new Map<string, string[]>();
      for (const line of lines) {
        const [kind, key, ...rest] = line.split(" ") as [string, string, string, string];
        const list = left.get(key) ?? [];
        const text = `[${[key, ...rest].join(", ")}]`;
        if (kind === "+I") list.push(text);
        else list.splice(list.indexOf(text), 1);
        left.set(key, list);
      }
      const expected = [...left].filter(([, list]) => list.length > 0).map(([, list]) => list.at(-1)!);
      expect([...sink.values()].sort()).toEqual(expected.sort());
    }
  });
});
