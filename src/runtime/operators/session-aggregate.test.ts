import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { T } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { SessionAggregateSpec } from "../spec.ts";
import { call, randomSource, runCut } from "./test-support.ts";

const TS = T.timestamp(3);
const KTV = [T.string(), TS, T.int()] as const;
const COUNT = call("COUNT", [], T.bigint(false));
const TEXTS = call("LISTAGG", [[0, T.string()]], T.string());
const DISTINCT = call("COUNT", [[2, T.int()]], T.bigint(false), { distinct: true });
const OUT = [T.string(), T.bigint(), TS, TS] as const;

function spec(more: Partial<SessionAggregateSpec> = {}): SessionAggregateSpec {
  return {
    kind: "session-aggregate",
    input: KTV,
    gapMillis: 10,
    time: 1,
    keys: [0],
    partition: [0],
    aggregates: [COUNT],
    properties: ["start", "end"],
    ...more,
  };
}

describe("session aggregate", () => {
  test("rows within the gap belong together, ends that touch too; sessions close in order of end", () => {
    const h = new Harness(spec(), { output: OUT });
    h.push(batchOf(KTV, "a 0 1\nb 3 1\na 10 1\na 25 1", stepsOf([[4, 19]])));
    expect(h.take()).toEqual(["+I[b, 1, 3, 13]", "+I[a, 2, 0, 20]", "W 19"]);
    expect(h.push(batchOf(KTV, "a 9 1\na 20 1", stepsOf([[2, Infinity]]))).take()).toEqual([
      "+I[a, 2, 20, 35]",
      "W Infinity",
    ]);
    expect(h.counters.get("lateRows")).toBe(1);
  });

  test("a row between two sessions joins them", () => {
    const h = new Harness(
      spec({ keys: [], partition: [], aggregates: [TEXTS, DISTINCT], properties: ["start", "end", "time"] }),
      {
        output: [T.string(), T.bigint(), TS, TS, TS],
      },
    );
    h.push(batchOf(KTV, "x 0 1\ny 19 2\nz 1 3\nm 10 1", stepsOf([[4, Infinity]])));
    expect(h.rows()).toEqual(["+I[x,z,y,m, 3, 0, 29, 28]"]);
  });

  test("keys outside the partition: one session, several groups", () => {
    const h = new Harness(spec({ partition: [] }), { output: OUT });
    h.push(batchOf(KTV, "a 0 1\nb 5 1\na 12 1\nc 40 1\nb 22 1\na 31 1", stepsOf([[6, Infinity]])));
    expect(h.rows()).toEqual(["+I[a, 3, 0, 50]", "+I[b, 2, 0, 50]", "+I[c, 1, 0, 50]"]);
  });

  test.each([[[0]], [[]]])("cuts of the stream do not matter (partition %j)", (partition) => {
    for (let seed = 1; seed < 60; seed++) {
      const random = randomSource(seed);
      let top = 0;
      const rows: [string, number, number][] = [];
      const steps: [number, number][] = [];
      for (let i = 0; i < 50; i++) {
        const time = Math.max(0, top + random(40) - 16);
        top = Math.max(top, time);
        rows.push([`k${random(3)}`, time, random(4)]);
        if (random(3) === 0 && top - 14 > (steps.at(-1)?.[1] ?? 0)) steps.push([i + 1, top - 14]);
      }
      const batch = batchOf(KTV, rows, stepsOf([...steps, [50, Infinity]]));
      const one = spec({ partition, aggregates: [COUNT, TEXTS, DISTINCT] });
      const options = { output: [T.string(), T.bigint(), T.string(), T.bigint(), TS, TS] };
      const whole = new Harness(one, options).push(batch).rows();
      expect(runCut(one, options, batch, random).filter((line) => !line.startsWith("W "))).toEqual(whole);
    }
  });
});
