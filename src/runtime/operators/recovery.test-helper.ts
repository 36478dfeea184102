import { batchOf } from "../../batch/text.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { stepsOf } from "../../batch/steps.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { AGGREGATES as AGGREGATE_FUNCTIONS, SCALAR_FUNCTIONS } from "../../functions/index.ts";
import { createRegistry, type FunctionRegistry } from "../../functions/registry.ts";
import type { OperatorSpec } from "../spec.ts";
import { call } from "./test-support.ts";
import {
  TS,
  ROW,
  INT,
  AGGREGATES,
  RESULTS,
  window,
  rank,
  group,
  join,
  sides,
  over,
  overOutput,
  byColumn,
  byColumnOutput,
  LAG,
  dedup,
  match,
  rises,
} from "./recovery-specs.test-helper.ts";

const FUNCTIONS = createRegistry(SCALAR_FUNCTIONS, AGGREGATE_FUNCTIONS);
const BY_KEY = [0];

function literalCall(name: string, left: Expr, right: number): Expr {
  const literal: Expr = { kind: "literal", value: right, type: INT };
  return { kind: "call", function: name, args: [left, literal], type: T.boolean() };
}

export interface Subject {
  readonly name: string;
  readonly spec: OperatorSpec;
  readonly output: readonly DataType[];
  readonly retracting?: boolean;
  readonly inputs?: number;
  readonly functions?: FunctionRegistry;
  /** Columns that the inputs are partitioned by; none: the operator runs in one task. */
  readonly partition: readonly number[];
}

export const SUBJECTS: readonly Subject[] = [
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

export function stream(subject: Subject, random: (limit: number) => number): Piece[] {
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

export const cutsOf = (random: (limit: number) => number): number[] =>
  Array.from({ length: 14 }, (_, i) => i + 1).filter(() => random(4) === 0);

/** Rows between two watermarks in any order: a restored window fires its keys in another one. */
export function inAnyOrder(lines: readonly string[]): string[] {
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

export function joined(lines: readonly string[]): string[] {
  return lines.filter((line, i) => !(line.startsWith("W ") && lines[i + 1]?.startsWith("W ") === true));
}
