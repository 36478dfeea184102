import { call as exprCall, column } from "../../expressions/expr.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { call } from "./test-support.ts";

export const TS = T.timestamp(3);
/** Key, event time, number, text. */
export const ROW = [T.string(), TS, T.int(), T.string()] as const;
export const INT = T.int();
const COUNT = call("COUNT", [], T.bigint(false));
const DISTINCT = call("COUNT", [[2, INT]], T.bigint(false), { distinct: true });
const TEXTS = call("LISTAGG", [[3, T.string()]], T.string());
const FIRST = call("FIRST_VALUE", [[3, T.string()]], T.string());
const MAX = call("MAX", [[2, INT]], INT);
export const AGGREGATES = [COUNT, DISTINCT, TEXTS, FIRST, MAX];
export const RESULTS: readonly DataType[] = [T.bigint(), T.bigint(), T.string(), T.string(), INT];
export const window = {
  kind: "window-aggregate",
  input: ROW,
  time: 1,
  keys: [0],
  aggregates: AGGREGATES,
  retracting: false,
  properties: ["start", "end"],
} as const;
export const rank = {
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
export const group = {
  kind: "group-aggregate",
  input: ROW,
  keys: [0],
  aggregates: AGGREGATES,
  retracting: false,
  updateBefore: true,
  ttlMillis: 0,
} as const;
export const join = {
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
export const sides = { left: ROW, right: ROW, leftKeys: [0], rightKeys: [0], nullSafe: [false] } as const;
export const over = {
  kind: "over",
  input: ROW,
  partition: [0],
  order: { by: "rowtime", column: 1 },
  frame: { units: "RANGE", preceding: "unbounded" },
  aggregates: AGGREGATES,
  retracting: false,
  ttlMillis: 0,
} as const;
export const overOutput: readonly DataType[] = [...ROW, ...RESULTS];
const byNumber = { by: "column", column: { column: 2, descending: false, nullsFirst: true } } as const;
export const byColumn = { ...over, order: byNumber, aggregates: [COUNT, TEXTS, FIRST, MAX], retracting: true } as const;
export const byColumnOutput: readonly DataType[] = [...ROW, T.bigint(), T.string(), T.string(), INT];
export const LAG = call("LAG", [[3, T.string()]], T.string());
export const dedup = { kind: "deduplicate", input: ROW, keys: [0], updateBefore: true, ttlMillis: 0 } as const;

const columnOf = (variable: number, at: number, offset = 0) =>
  ({ kind: "row", variable, column: at, from: "last", offset }) as const;
const BOOLEAN = T.boolean();
/** Falling numbers after a text, until one rises; the column of the key is stored again for what reads it. */
export const match = {
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
export const rises = {
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
