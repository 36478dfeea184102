import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { hashRows, keyGroupOf } from "../../batch/hash.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import { stepsOf } from "../../batch/steps.ts";
import { keyGroupsOf, subtaskOf } from "../../state/backend.ts";
import { readSnapshots } from "../../state/restored-state.ts";
import { call as exprCall, column, type Expr } from "../../expressions/expr.ts";
import type { CheckpointReader } from "../../checkpoint/storage.ts";
import type { BackendState, OpenStateBackend } from "../../state/backend.ts";
import { ROCKSDB } from "../../state/rocksdb/backend.ts";
import { checkpointOf, memoryRun, opened, withFolder } from "../../state/rocksdb/test-support.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { AGGREGATES as AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { createRegistry, type FunctionRegistry } from "../../functions/registry.ts";
import { Harness } from "../harness.ts";
import type { OperatorSpec } from "../spec.ts";
import { call, randomSource } from "./test-support.ts";

const TS = T.timestamp(3);
const KEY_GROUPS = 128;
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
const sides = { left: ROW, right: ROW, leftKeys: [0], rightKeys: [0], nullSafe: [false] } as const;
const over = {
  kind: "over",
  input: ROW,
  partition: [0],
  order: { by: "rowtime", column: 1 },
  frame: { units: "RANGE", preceding: "unbounded" },
  aggregates: AGGREGATES,
  retracting: false,
  ttlMillis: 0,
} as const;
const overOutput: readonly DataType[] = [...ROW, ...RESULTS];
const byNumber = { by: "column", column: { column: 2, descending: false, nullsFirst: true } } as const;
const byColumn = { ...over, order: byNumber, aggregates: [COUNT, TEXTS, FIRST, MAX], retracting: true } as const;
const byColumnOutput: readonly DataType[] = [...ROW, T.bigint(), T.string(), T.string(), INT];
const LAG = call("LAG", [[3, T.string()]], T.string());
const dedup = { kind: "deduplicate", input: ROW, keys: [0], updateBefore: true, ttlMillis: 0 } as const;

const columnOf = (variable: number, at: number, offset = 0) =>
  ({ kind: "row", variable, column: at, from: "last", offset }) as const;
const BOOLEAN = T.boolean();
/** Falling numbers after a text, until one rises; the column of the key is stored again for what reads it. */
const match = {
  kind: "match",
  input: ROW,
  partition: [0],
  time: 1,
  order: [{ column: 2, descending: true, nullsFirst: false }],
  variables: [
    { name: "A", minimum: 1, maximum: 1, reluctant: false, condition: undefined },
    {
      name: "B",
      minimum: 1,
      maximum: -1,
      reluctant: true,
      condition: {
        references: [columnOf(1, 2), columnOf(-1, 2, 1)],
        types: [INT, INT],
        expressions: [exprCall("<=", [column(0, INT), column(1, INT)], BOOLEAN)],
      },
    },
    {
      name: "C",
      minimum: 1,
      maximum: 1,
      reluctant: false,
      condition: {
        references: [columnOf(2, 2), { kind: "aggregate", variable: 1, call: MAX }],
        types: [INT, INT],
        expressions: [exprCall(">", [column(0, INT), column(1, INT)], BOOLEAN)],
      },
    },
  ],
  skip: { to: "past-last" },
  withinMillis: 12,
  measures: {
    references: [
      columnOf(0, 2),
      columnOf(2, 2),
      { kind: "aggregate", variable: 1, call: COUNT },
      columnOf(1, 3),
      { kind: "time" },
    ],
    types: [INT, INT, T.bigint(false), T.string(), TS],
    expressions: [column(0, INT), column(1, INT), column(2, T.bigint(false)), column(3, T.string()), column(4, TS)],
  },
} as const;

/** All rows of falls and rises, by what stands around a row; matches are numbered. */
const rises = {
  ...match,
  variables: ["A", "B", "C"].map((name, i) => ({
    name,
    minimum: 1,
    maximum: -1,
    reluctant: false,
    condition:
      i === 0
        ? undefined
        : {
            references: [columnOf(-1, 2), { ...columnOf(-1, 2), shift: i === 1 ? -1 : 1 }],
            types: [INT, INT],
            expressions: [exprCall("<=", [column(0, INT), column(1, INT)], BOOLEAN)],
          },
  })),
  pattern: {
    kind: "sequence",
    items: [
      { kind: "variable", variable: 0 },
      {
        kind: "repetition",
        pattern: {
          kind: "alternation",
          branches: [
            { kind: "variable", variable: 1 },
            { kind: "exclusion", pattern: { kind: "variable", variable: 2 } },
          ],
        },
        minimum: 1,
        maximum: -1,
        reluctant: false,
      },
    ],
  },
  allRows: { emptyMatches: true },
  numbered: true,
  measures: {
    references: [
      { kind: "present", column: 2 },
      { kind: "number" },
      { kind: "aggregate", variable: -1, call: COUNT },
      { kind: "classifier", variable: -1, from: "last", offset: 0 },
      { kind: "time" },
    ],
    types: [INT, T.bigint(false), T.bigint(false), T.string(), TS],
    expressions: [
      column(0, INT),
      column(1, T.bigint(false)),
      column(2, T.bigint(false)),
      column(3, T.string()),
      column(4, TS),
    ],
  },
} as const;

const FUNCTIONS = createRegistry(SCALAR_FUNCTIONS, AGGREGATE_FUNCTIONS);
const BY_KEY = [0];

function literalCall(name: string, left: Expr, right: number): Expr {
  const literal: Expr = { kind: "literal", value: right, type: INT };
  return { kind: "call", function: name, args: [left, literal], type: T.boolean() };
}

interface Subject {
  readonly name: string;
  readonly spec: OperatorSpec;
  readonly output: readonly DataType[];
  readonly retracting?: boolean;
  readonly inputs?: number;
  readonly functions?: FunctionRegistry;
  /** Columns that the inputs are partitioned by; none: the operator runs in one task. */
  readonly partition: readonly number[];
}

const SUBJECTS: readonly Subject[] = [
  {
    name: "watermark",
    partition: [],
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
  { name: "group aggregate", partition: BY_KEY, spec: group, output: [T.string(), ...RESULTS] },
  {
    name: "group aggregate, retracting",
    partition: BY_KEY,
    spec: { ...group, retracting: true },
    output: [T.string(), ...RESULTS],
    retracting: true,
  },
  {
    name: "tumble",
    partition: BY_KEY,
    spec: { ...window, window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "hop",
    partition: BY_KEY,
    spec: { ...window, window: { type: "hop", sizeMillis: 12, slideMillis: 4, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "cumulate",
    partition: BY_KEY,
    spec: { ...window, window: { type: "cumulate", maxMillis: 12, stepMillis: 4, offsetMillis: 0 } },
    output: [T.string(), ...RESULTS, TS, TS],
  },
  {
    name: "session",
    partition: BY_KEY,
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
    name: "updating windows",
    partition: BY_KEY,
    output: [T.string(), ...RESULTS, TS, TS],
    spec: {
      ...window,
      kind: "updating-window-aggregate",
      window: { type: "hop", sizeMillis: 12, slideMillis: 4, offsetMillis: 0 },
      emit: { earlyMillis: 0, lateMillis: 0, latenessMillis: 5 },
      updateBefore: true,
    },
  },
  {
    name: "updating windows, late results only",
    partition: BY_KEY,
    output: [T.string(), ...RESULTS, TS, TS],
    spec: {
      ...window,
      kind: "updating-window-aggregate",
      window: { type: "tumble", sizeMillis: 10, offsetMillis: 0 },
      emit: { earlyMillis: undefined, lateMillis: 0, latenessMillis: 5 },
      updateBefore: true,
    },
  },
  {
    name: "session rows",
    partition: BY_KEY,
    output: [...ROW, TS, TS, TS],
    spec: { kind: "session-tvf", input: ROW, gapMillis: 4, time: 1, partition: [0] },
  },
  {
    name: "inner join",
    partition: BY_KEY,
    spec: { ...join, type: "inner", leftRetracting: false, rightRetracting: false },
    output: [...ROW, ...ROW],
    inputs: 2,
  },
  ...(["inner", "full"] as const).map((type): Subject => ({
    name: `${type} interval join`,
    partition: BY_KEY,
    output: [...ROW, ...ROW],
    inputs: 2,
    spec: { ...sides, kind: "interval-join", type, leftTime: 1, rightTime: 1, fromMillis: -3, toMillis: 4 },
  })),
  ...(["inner", "full", "anti"] as const).map((type): Subject => ({
    name: `${type} window join`,
    partition: [1, 0],
    output: type === "anti" ? ROW : [...ROW, ...ROW],
    inputs: 2,
    spec: {
      ...sides,
      kind: "window-join",
      type,
      leftKeys: [1, 0],
      rightKeys: [1, 0],
      nullSafe: [false, false],
      windowEnd: 0,
    },
  })),
  ...([false, true] as const).map((retracting): Subject => ({
    name: `temporal join${retracting ? ", retracting" : ""}`,
    partition: BY_KEY,
    output: [...ROW, ...ROW],
    inputs: 2,
    retracting,
    spec: {
      ...sides,
      kind: "temporal-join",
      type: "left",
      leftTime: 1,
      rightTime: 1,
      leftRetracting: retracting,
      rightRetracting: retracting,
      ttlMillis: 0,
    },
  })),
  { name: "full join", partition: BY_KEY, spec: join, output: [...ROW, ...ROW], inputs: 2, retracting: true },
  { name: "anti join", partition: BY_KEY, spec: { ...join, type: "anti" }, output: ROW, inputs: 2, retracting: true },
  { name: "rank", partition: BY_KEY, spec: rank, output: [...ROW, T.bigint()] },
  {
    name: "rank, retracting",
    partition: BY_KEY,
    spec: { ...rank, retracting: true },
    output: [...ROW, T.bigint()],
    retracting: true,
  },
  { name: "rank by key", partition: BY_KEY, spec: { ...rank, upsertKey: [0, 3] }, output: [...ROW, T.bigint()] },
  {
    name: "window rank",
    partition: [1, 0],
    spec: { ...rank, partition: [1, 0], windowEnd: 1 },
    output: [...ROW, T.bigint()],
  },
  { name: "last by time", partition: BY_KEY, spec: { ...dedup, time: 1, keep: "last" }, output: ROW },
  {
    name: "last by time, of which no -U is wanted",
    partition: BY_KEY,
    spec: { ...dedup, time: 1, keep: "last", updateBefore: false },
    output: ROW,
  },
  {
    name: "Top-1 of which no -U is wanted",
    partition: BY_KEY,
    spec: { ...rank, to: 1, outputRank: false, updateBefore: false },
    output: ROW,
  },
  { name: "first by time", partition: BY_KEY, spec: { ...dedup, time: 1, keep: "first" }, output: ROW },
  { name: "first by arrival", partition: BY_KEY, spec: { ...dedup, keep: "first" }, output: ROW },
  {
    name: "limit",
    partition: [],
    spec: { kind: "limit", input: ROW, offset: 5, fetch: 20, retracting: false },
    output: ROW,
  },
  {
    name: "final rows",
    partition: [],
    spec: { kind: "final-rows", input: ROW, order: rank.order },
    output: ROW,
    retracting: true,
  },
  {
    name: "final over",
    partition: BY_KEY,
    spec: {
      kind: "final-over",
      input: ROW,
      partition: [0],
      order: rank.order,
      calls: [
        { ...call("SUM", [[2, INT]], INT), frame: { units: "ROWS", start: -1, end: 1 } },
        { ...call("LEAD", [[3, T.string()]], T.string()), frame: { units: "RANGE", start: "unbounded", end: 0 } },
      ],
    },
    output: [...ROW, INT, T.string()],
  },
  { name: "sort", partition: [], spec: { kind: "sort", input: ROW, time: 1, order: rank.order }, output: ROW },
  {
    name: "session, several groups",
    partition: BY_KEY,
    output: [INT, T.string(), ...RESULTS, TS, TS],
    spec: {
      kind: "session-aggregate",
      input: ROW,
      gapMillis: 4,
      time: 1,
      keys: [2, 0],
      partition: [1],
      aggregates: AGGREGATES,
      properties: ["start", "end"],
    },
  },
  {
    name: "match",
    functions: FUNCTIONS,
    partition: BY_KEY,
    spec: match,
    output: [T.string(), INT, INT, T.bigint(), T.string(), TS],
  },
  {
    name: "match without keys, from the next row",
    functions: FUNCTIONS,
    partition: [],
    spec: { ...match, partition: [], skip: { to: "next" }, withinMillis: 0 },
    output: [INT, INT, T.bigint(), T.string(), TS],
  },
  {
    name: "match, all rows of the preferred way",
    functions: FUNCTIONS,
    partition: BY_KEY,
    spec: rises,
    output: [T.string(), INT, T.bigint(), T.bigint(), T.string(), TS],
  },
  {
    name: "match, the preferred way in processing time",
    functions: FUNCTIONS,
    partition: BY_KEY,
    spec: { ...rises, time: undefined, order: [], withinMillis: 0, skip: { to: "next" } },
    output: [T.string(), INT, T.bigint(), T.bigint(), T.string(), TS],
  },
  {
    name: "over, event time, from the first row",
    partition: BY_KEY,
    spec: { ...over, aggregates: [...AGGREGATES, LAG] },
    output: [...overOutput, T.string()],
  },
  {
    name: "over, event time, rows one by one, one key",
    partition: [],
    spec: { ...over, partition: [], frame: { units: "ROWS", preceding: "unbounded" } },
    output: overOutput,
  },
  {
    name: "over, event time, some rows",
    partition: BY_KEY,
    spec: { ...over, frame: { units: "ROWS", preceding: 2 } },
    output: overOutput,
  },
  {
    name: "over, event time, an interval",
    partition: BY_KEY,
    spec: { ...over, frame: { units: "RANGE", preceding: 2 } },
    output: overOutput,
  },
  {
    name: "over, arrival, from the first row",
    partition: BY_KEY,
    spec: { ...over, order: { by: "proctime" } },
    output: overOutput,
  },
  {
    name: "over, arrival, some rows",
    partition: BY_KEY,
    spec: { ...over, order: { by: "proctime" }, frame: { units: "ROWS", preceding: 2 } },
    output: overOutput,
  },
  {
    name: "over, in the order of a column",
    partition: BY_KEY,
    spec: byColumn,
    output: byColumnOutput,
    retracting: true,
  },
  {
    name: "over, in the order of a column, rows one by one",
    partition: BY_KEY,
    spec: { ...byColumn, frame: { units: "ROWS", preceding: "unbounded" } },
    output: byColumnOutput,
    retracting: true,
  },
  {
    name: "sink materialisation",
    partition: BY_KEY,
    spec: { kind: "sink-materialize", input: ROW, keys: [0], ttlMillis: 0 },
    output: ROW,
    retracting: true,
  },
  {
    name: "sink materialisation of the first row",
    partition: BY_KEY,
    spec: { kind: "sink-materialize", input: ROW, keys: [0], keep: "first", ttlMillis: 0 },
    output: ROW,
    retracting: true,
  },
  {
    name: "changelog normalisation",
    partition: BY_KEY,
    spec: {
      kind: "changelog-normalize",
      input: ROW,
      keys: [0],
      condition: literalCall("<", column(2, INT), 6),
      updateBefore: true,
      ttlMillis: 0,
    },
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
    for (let seed = 1; seed <= 3; seed++) {
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
        if (random(2) === 0) await harness.checkpoint();
        if (random(2) === 0) harness = await harness.restarted();
      }
      const joined = lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
      expect(joined).toEqual(whole.take());
    }
  });
});

/** The rows of a batch that the task `subtask` of `parallelism` gets, with all watermarks. */
function shareOf(batch: RecordBatch, partition: readonly number[], subtask: number, parallelism: number): RecordBatch {
  const hashes = new Int32Array(batch.rowCount);
  hashRows(
    partition.map((column) => batch.columns[column]!),
    batch.rowCount,
    hashes,
  );
  const rows = Int32Array.from(hashes.keys()).filter(
    (row) => subtaskOf(keyGroupOf(hashes[row]!, KEY_GROUPS), parallelism, KEY_GROUPS) === subtask,
  );
  return takeBatch(batch, rows, rows.length);
}

/** The tasks go on as another number of tasks. */
async function rescaled(subject: Subject, tasks: readonly Harness[], parallelism: number): Promise<Harness[]> {
  const files: Uint8Array[] = [];
  for (const task of tasks) files.push(...(await task.checkpoint()));
  return await Promise.all(
    Array.from({ length: parallelism }, async (_, subtask) => {
      const restore = await readSnapshots(files, keyGroupsOf(subtask, parallelism, KEY_GROUPS));
      return new Harness(subject.spec, { ...subject, restore });
    }),
  );
}

describe("on one task, then on three, then on two, the same rows come out", () => {
  test.each(SUBJECTS.filter(({ partition }) => partition.length > 0))("$name", async (subject) => {
    for (let seed = 1; seed <= 8; seed++) {
      const pieces = stream(subject, randomSource(seed));
      const alone = new Harness(subject.spec, subject);
      let tasks = [new Harness(subject.spec, subject)];
      const lines: string[] = [];
      for (const [i, { input, batch }] of pieces.entries()) {
        alone.push(batch, input);
        const { length } = tasks;
        for (const [subtask, task] of tasks.entries()) {
          task.push(shareOf(batch, subject.partition, subtask, length), input);
          lines.push(...task.rows());
          if (i % 2 === 0) await task.checkpoint();
        }
        if (i === 1) tasks = await rescaled(subject, tasks, 3);
        if (i === 3) tasks = await rescaled(subject, tasks, 2);
      }
      expect(lines.toSorted()).toEqual(alone.rows().toSorted());
    }
  });
});
