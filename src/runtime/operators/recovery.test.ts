import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { column } from "../../expressions/expr.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import type { BackendState, OpenStateBackend } from "../../state/backend.ts";
import { ROCKSDB } from "../../state/rocksdb/backend.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "../../state/rocksdb/test-support.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { call, randomSource } from "./test-support.ts";

const TS = T.timestamp(3);
/** Key, event time, number, text. */
const ROW = [T.string(), TS, T.int(), T.string()] as const;
const INT = T.int();
const COUNT = call("COUNT", [], T.bigint(false));
const DISTINCT = call("COUNT", [[2, INT]], T.bigint(false), { distinct: true });
const TEXTS = call("LISTAGG", [[3, T.string()]], T.string());
const FIRST = call("FIRST_VALUE", [[3, T.string()]], T.string());
const MAX = call("MAX", [[2, INT]], INT);
const AGGREGATES = [COUNT, DISTINCT, TEXTS, FIRST, MAX];
const RESULTS: readonly DataType[] = [T.bigint(), T.bigint(), T.string(), T.string(), INT];
const window = {
  kind: "window-aggregate",
  input: ROW,
  time: 1,
  keys: [0],
  aggregates: AGGREGATES,
  retracting: false,
  properties: ["start", "end"],
} as const;
const rank = {
  kind: "rank",
  input: ROW,
  partition: [0],
  order: [{ column: 2, descending: true, nullsFirst: false }],
  from: 1,
  to: 2,
  outputRank: true,
  retracting: false,
  updateBefore: true,
  ttlMillis: 0,
} as const;
const group = {
  kind: "group-aggregate",
  input: ROW,
  keys: [0],
  aggregates: AGGREGATES,
  retracting: false,
  updateBefore: true,
  ttlMillis: 0,
} as const;
const join = {
  kind: "join",
  type: "full",
  left: ROW,
  right: ROW,
  leftKeys: [0],
  rightKeys: [0],
  nullSafe: [false],
  leftRetracting: true,
  rightRetracting: true,
  ttlMillis: [0, 0],
} as const;
const dedup = { kind: "deduplicate", input: ROW, keys: [0], updateBefore: true, ttlMillis: 0 } as const;

interface Subject {
  readonly name: string;
  readonly spec: OperatorSpec;
  readonly output: readonly DataType[];
  readonly retracting?: boolean;
  readonly inputs?: number;
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "watermark",
    spec: {
      kind: "watermark",
      input: ROW,
      rowtime: 1,
      expression: column(1, TS),
      intervalMillis: 3,
      onEvent: false,
      idleTimeoutMillis: 0,
    },
    output: ROW,
  },
  { name: "group aggregate", spec: group, output: [T.string(), ...RESULTS] },
  {
    name: "group aggregate, retracting",
    spec: { ...group, retracting: true },
    output: [T.string(), ...RESULTS],
    retracting: true,
  },
  {
    name: "tumble",
    spec: { ...window, window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "hop",
    spec: { ...window, window: { type: "hop", sizeMillis: 12, slideMillis: 4, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "cumulate",
    spec: { ...window, window: { type: "cumulate", maxMillis: 12, stepMillis: 4, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "session",
    output: [T.string(), ...RESULTS, TS, TS],
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
  },
  {
    name: "inner join",
    spec: { ...join, type: "inner", leftRetracting: false, rightRetracting: false },
    output: [...ROW, ...ROW],
    inputs: 2,
  },
  {
    name: "inner join with bounds",
    output: [...ROW, ...ROW],
    inputs: 2,
    spec: {
      ...join,
      type: "inner",
      leftRetracting: false,
      rightRetracting: false,
      bounds: { leftTime: 1, leftKeepMillis: 9, rightTime: 1, rightKeepMillis: 9 },
    },
  },
  { name: "full join", spec: join, output: [...ROW, ...ROW], inputs: 2, retracting: true },
  { name: "anti join", spec: { ...join, type: "anti" }, output: ROW, inputs: 2, retracting: true },
  { name: "rank", spec: rank, output: [...ROW, T.bigint()] },
  { name: "rank, retracting", spec: { ...rank, retracting: true }, output: [...ROW, T.bigint()], retracting: true },
  { name: "rank by key", spec: { ...rank, upsertKey: [0, 3] }, output: [...ROW, T.bigint()] },
  { name: "window rank", spec: { ...rank, partition: [1, 0], windowEnd: 1 }, output: [...ROW, T.bigint()] },
  { name: "last by time", spec: { ...dedup, time: 1, keep: "last" }, output: ROW },
  { name: "first by time", spec: { ...dedup, time: 1, keep: "first" }, output: ROW },
  { name: "first by arrival", spec: { ...dedup, keep: "first" }, output: ROW },
  { name: "limit", spec: { kind: "limit", input: ROW, offset: 5, fetch: 20, retracting: false }, output: ROW },
  { name: "sort", spec: { kind: "sort", input: ROW, time: 1, order: rank.order }, output: ROW },
  {
    name: "sink materialisation",
    spec: { kind: "sink-materialize", input: ROW, keys: [0], ttlMillis: 0 },
    output: ROW,
    retracting: true,
  },
];

interface Piece {
  readonly input: number;
  readonly batch: RecordBatch;
}

function stream(subject: Subject, random: (limit: number) => number): Piece[] {
  const held: string[][] = [[], []];
  let top = 0;
  let watermark = 0;
  return Array.from({ length: 6 }, (_, round) => {
    const input = random(subject.inputs ?? 1);
    const steps: [number, number][] = [];
    const lines = Array.from({ length: 15 }, (_, i) => {
      if (random(3) === 0 && top - 4 > watermark) steps.push([i, (watermark = top - 4)]);
      const rows = held[input]!;
      if (subject.retracting === true && rows.length > 0 && random(3) === 0)
        return `-D ${rows.splice(random(rows.length), 1)[0]}`;
      top = Math.max(top, top + random(6) - 2);
      const row = `k${random(3)} ${Math.max(0, top - random(6))} ${random(9)} t${random(20)}`;
      rows.push(row);
      return `+I ${row}`;
    });
    if (round === 5) steps.push([15, Infinity]);
    return { input, batch: batchOf(ROW, lines.join("\n"), stepsOf(steps)) };
  });
}

const cutsOf = (random: (limit: number) => number): number[] =>
  Array.from({ length: 14 }, (_, i) => i + 1).filter(() => random(4) === 0);

/** Rows between two watermarks in any order: a restored window fires its keys in another one. */
function inAnyOrder(lines: readonly string[]): string[] {
  const out: string[] = [];
  let rows: string[] = [];
  for (const line of lines) {
    if (!line.startsWith("W ")) rows.push(line);
    else {
      out.push(...rows.sort(), line);
      rows = [];
    }
  }
  return [...out, ...rows.sort()];
}

function joined(lines: readonly string[]): string[] {
  return lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
}

async function openState(folder: string, restore?: CheckpointReader): Promise<[OpenStateBackend, BackendState]> {
  const backend = await opened(ROCKSDB, folder, { restore });
  return [backend, backend.operatorState("op")];
}

describe("with rocksdb and no memory for what is not in use", () => {
  test.each(SUBJECTS)("$name", async (subject) => {
    for (let seed = 1; seed <= 4; seed++) {
      await withFolder(async (folder) => {
        const random = randomSource(seed);
        const pieces = stream(subject, random);
        const whole = new Harness(subject.spec, subject);
        for (const { input, batch } of pieces) whole.push(batch, input);
        const expected = whole.take();

        // Never stopped: exactly the same rows in the same order.
        const [steady, state] = await openState(folder);
        const harness = new Harness(subject.spec, { ...subject, state: state.state });
        for (const { input, batch } of pieces) await harness.pushAwaited(batch, input);
        expect(harness.take()).toEqual(expected);
        await steady.close();

        const run = memoryRun();
        let [backend, handle] = await openState(folder);
        let going = new Harness(subject.spec, { ...subject, state: handle.state });
        const lines: string[] = [];
        for (const [i, { input, batch }] of pieces.entries()) {
          await going.pushAwaited(batch, input);
          lines.push(...going.take());
          if (random(2) === 0) continue;
          const restore = await checkpointOf(
            run,
            i + 1,
            [[["op", handle]]],
            random(3) === 0 ? "savepoint" : "checkpoint",
          );
          await backend.close();
          [backend, handle] = await openState(folder, restore);
          going = new Harness(subject.spec, { ...subject, state: handle.state });
          handle.checkAllRestored(false);
        }
        await backend.close();
        expect(inAnyOrder(joined(lines))).toEqual(inAnyOrder(expected));
      });
    }
  });
});

describe("stopped and started again in the middle is as never stopped, wherever the batches are cut", () => {
  test.each(SUBJECTS)("$name", async (subject) => {
    for (let seed = 1; seed <= 12; seed++) {
      const random = randomSource(seed);
      const pieces = stream(subject, random);
      const whole = new Harness(subject.spec, subject);
      for (const { input, batch } of pieces) whole.push(batch, input);
      let harness = new Harness(subject.spec, subject);
      const lines: string[] = [];
      for (const { input, batch } of pieces) {
        harness.pushCut(batch, cutsOf(random), input);
        lines.push(...harness.take());
        if (random(2) === 0) harness = await harness.restarted();
      }
      const joined = lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
      expect(joined).toEqual(whole.take());
    }
  });
});
