import { describe, expect, test } from "vitest";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { batchOf } from "../../batch/text.ts";
import { ROCKSDB } from "../../state/rocksdb/backend.ts";
import { opened, withFolder } from "../../state/rocksdb/test-support.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { atTime } from "./in-processing-time.ts";
import { call, randomSource } from "./test-support.ts";

const TS = T.timestamp(3);
const ROW = [T.string(), TS, T.int()] as const;
const AGGREGATES = [call("COUNT", [], T.bigint(false)), call("LISTAGG", [[0, T.string()]], T.string())];
const window = {
  kind: "window-aggregate",
  input: ROW,
  time: 1,
  keys: [0],
  aggregates: AGGREGATES,
  retracting: false,
  properties: ["start", "end"],
} as const;
const RESULT: readonly DataType[] = [T.string(), T.bigint(), T.string(), TS, TS];
type Timed = Extract<OperatorSpec, { readonly processingTime?: true | undefined }>;

const SUBJECTS: readonly { readonly name: string; readonly spec: Timed; readonly output: readonly DataType[] }[] = [
  {
    name: "tumble",
    spec: { ...window, window: { type: "tumble", sizeMillis: 10, offsetMillis: 3 } },
    output: RESULT,
  },
  {
    name: "hop",
    spec: { ...window, window: { type: "hop", sizeMillis: 12, slideMillis: 4, offsetMillis: 0 } },
    output: RESULT,
  },
  {
    name: "cumulate",
    spec: { ...window, window: { type: "cumulate", maxMillis: 12, stepMillis: 4, offsetMillis: 0 } },
    output: RESULT,
  },
  {
    name: "session",
    spec: {
      kind: "session-aggregate",
      input: ROW,
      gapMillis: 4,
      time: 1,
      keys: [0],
      partition: [0],
      aggregates: AGGREGATES,
      properties: ["start", "end"],
    },
    output: RESULT,
  },
  {
    name: "sort",
    spec: { kind: "sort", input: ROW, time: 1, order: [{ column: 2, descending: true, nullsFirst: false }] },
    output: ROW,
  },
  {
    name: "early results with each row",
    spec: {
      ...window,
      kind: "updating-window-aggregate",
      window: { type: "tumble", sizeMillis: 10, offsetMillis: 3 },
      emit: { earlyMillis: 0, lateMillis: undefined, latenessMillis: 0 },
      updateBefore: true,
    },
    output: RESULT,
  },
];

/** Batches with rows at some clock times, and moments with none. */
function moments(
  random: (limit: number) => number,
): { readonly now: number; readonly batch: RecordBatch | undefined }[] {
  let now = 100;
  return Array.from({ length: 40 }, () => {
    now += random(6);
    const rows = Array.from({ length: random(4) }, () => `k${random(3)} 0 ${random(9)}`);
    return { now, batch: rows.length === 0 ? undefined : batchOf(ROW, rows.join("\n")) };
  });
}

describe("processing time is event time by the clock", () => {
  test.each(SUBJECTS)("$name, also when stopped and started again", async ({ spec, output }) => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = randomSource(seed);
      let clock = 0;
      const byEvents = new Harness(spec, { output });
      const timed: Timed = { ...spec, processingTime: true };
      let byClock = new Harness(timed, { output, nowMillis: () => clock });
      const expected: string[] = [];
      const lines: string[] = [];
      for (const { now, batch } of moments(random)) {
        clock = now;
        byEvents.push(batchOf(ROW, "", stepsOf([[0, now - 1]])));
        if (batch !== undefined) byEvents.push(atTime(batch, 1, now));
        byClock.fireTimer();
        if (batch !== undefined) byClock.push(batch);
        expected.push(...byEvents.rows().toSorted());
        lines.push(...byClock.rows().toSorted());
        if (random(4) === 0) byClock = await byClock.restarted();
      }
      expect(lines).toEqual(expected);
    }
  });

  test.each(SUBJECTS)("$name, with state that leaves memory and a clock that goes on meanwhile", async (subject) => {
    const { output } = subject;
    const spec: Timed = { ...subject.spec, processingTime: true };
    await withFolder(async (folder) => {
      const backend = await opened(ROCKSDB, folder);
      const { state } = backend.operatorState("op");
      let clock = 0;
      const inMemory = new Harness(spec, { output, nowMillis: () => clock });
      let ahead = 0;
      const behind = new Harness(spec, { output, state, nowMillis: () => clock + ahead });
      for (const { now, batch } of moments(randomSource(7))) {
        clock = now;
        ahead = 0;
        await state.makeRoom();
        await behind.fireTimer().finished();
        inMemory.fireTimer();
        if (batch !== undefined) {
          inMemory.push(batch);
          await behind.operator.prepare?.(0, batch);
          // The time of a batch is that at which it was taken up.
          ahead = 20;
          await behind.push(batch).finished();
        }
        expect(behind.rows().toSorted()).toEqual(inMemory.rows().toSorted());
      }
      await backend.close();
    });
  });
});

describe("windows of processing time", () => {
  const tumble: Timed = {
    ...window,
    window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 },
    processingTime: true,
    properties: ["start", "end", "time"],
  };
  const options = (clock: { millis: number }) => ({ output: [...RESULT, TS], nowMillis: () => clock.millis });

  test("what is open at the end of the input is dropped, its watermark goes on", () => {
    const clock = { millis: 5 };
    const h = new Harness(tumble, options(clock)).push(batchOf(ROW, "a 0 1", stepsOf([[1, 77]])));
    expect(h.take()).toEqual(["W 77"]);
    clock.millis = 25;
    expect(h.push(batchOf(ROW, "", stepsOf([[0, Infinity]]))).take()).toEqual(["W Infinity"]);
  });

  test("sorted rows come out at the end of the input", () => {
    const sort: Timed = { ...(SUBJECTS[4]!.spec as Extract<Timed, { kind: "sort" }>), processingTime: true };
    const h = new Harness(sort, { output: ROW }).push(batchOf(ROW, "a 0 1\nb 0 2"));
    expect(h.push(batchOf(ROW, "", stepsOf([[0, Infinity]]))).take()).toEqual([
      "+I[b, 0, 2]",
      "+I[a, 0, 1]",
      "W Infinity",
    ]);
  });

  test("window_time is the clock's at the firing", () => {
    const clock = { millis: 5 };
    const h = new Harness(tumble, options(clock)).push(batchOf(ROW, "a 0 1"));
    expect(h.operator.nextTimer!()).toBe(10);
    clock.millis = 12;
    expect(h.fireTimer().take()).toEqual(["+I[a, 1, a, 0, 10, 12]"]);
    expect(h.operator.nextTimer!()).toBe(Infinity);
  });

  test("time does not go back with the clock of the machine, nor over a restart", async () => {
    const clock = { millis: 25 };
    const first = new Harness(tumble, options(clock)).push(batchOf(ROW, "a 0 1"));
    clock.millis = 3;
    const h = (await first.restarted()).push(batchOf(ROW, "a 0 1"));
    clock.millis = 30;
    expect(h.fireTimer().take()).toEqual(["+I[a, 2, a,a, 20, 30, 30]"]);
  });

  test("rows with windows of their own are never late, and come out at once", () => {
    const clock = { millis: 12 };
    const cascaded: Timed = { ...tumble, attached: { start: 1, end: 1 }, properties: ["end"] };
    const h = new Harness(cascaded, { ...options(clock), output: [T.string(), T.bigint(), T.string(), TS] });
    h.push(batchOf(ROW, "a 10 1\na 10 2"));
    expect(h.operator.nextTimer!()).toBe(10);
    expect(h.fireTimer().take()).toEqual(["+I[a, 2, a,a, 10]"]);
    expect(h.push(batchOf(ROW, "a 10 3")).fireTimer().take()).toEqual(["+I[a, 1, a, 10]"]);
  });
});
