import { describe, expect, test } from "vitest";
import { batchOf } from "../../batch/text.ts";
import { stepsOf } from "../../batch/steps.ts";
import { AGGREGATES } from "../../functions/aggregate/index.ts";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import { Harness } from "../harness.ts";
import type { AggregateCallSpec } from "../spec.ts";
import { call, randomSource } from "./test-support.ts";

type Random = (limit: number) => number;
const TYPES: readonly (readonly [DataType, (random: Random) => Value])[] = [
  [T.int(), (random) => random(9) - 4],
  [T.bigint(), (random) => BigInt(random(9) - 4)],
  [T.double(), (random) => random(9) - 4],
  [T.decimal(10, 2), (random) => BigInt(random(900) - 400)],
  [T.decimal(30, 3), (random) => BigInt(random(900) - 400) * 10n ** 20n],
  [T.string(), (random) => ["", "b", "a", "é", "😀", "zz"][random(6)]!],
  [T.boolean(), (random) => random(2) === 0],
  [T.timestamp(3), (random) => random(5)],
  [T.timestamp(6), (random) => BigInt(random(5)) * 10n ** 15n],
  [T.bytes(), (random) => Uint8Array.of(random(3), random(3))],
];
/** Not over plain values: two arguments, or one row only. */
const OTHERS = new Set(["SINGLE_VALUE", "PERCENTILE", "JSON_OBJECTAGG"]);

/** A distinct value keeps the place where it first came, even if that row goes and a later one like it stays. */
const ORDERED = new Set(["FIRST_VALUE", "LAST_VALUE", "LISTAGG", "ARRAY_AGG", "JSON_ARRAYAGG"]);

/** Every call of a one-argument aggregate over the type, plain and DISTINCT. */
function callsOver(type: DataType): AggregateCallSpec[] {
  return AGGREGATES.filter((fn) => !OTHERS.has(fn.name) && fn.onlyOver !== true).flatMap((fn) => {
    const resolution = fn.resolve([{ type }]);
    if (resolution === undefined) return [];
    return [false, true].map((distinct) => call(fn.name, [[2, type]], resolution.type, { distinct }));
  });
}

const lastRow = (lines: readonly string[]): string | undefined =>
  lines.findLast((line) => line.startsWith("+"))?.slice(2);

describe.each(TYPES)("aggregates over %j", (type, valueOf) => {
  const input = [T.int(), T.timestamp(3), type] as const;
  const calls = callsOver(type);

  test("rows taken away are as never there", () => {
    const aggregates = calls.filter((each) => !each.distinct || !ORDERED.has(each.function));
    const output = aggregates.map((each) => each.result);
    const group = { kind: "group-aggregate", input, keys: [], aggregates, updateBefore: false, ttlMillis: 0 } as const;
    for (let seed = 1; seed < 25; seed++) {
      const random = randomSource(seed);
      // Rows go in the order in which they came, as FIRST_VALUE and the lists ask for.
      const values = Array.from({ length: 12 }, () => (random(5) === 0 ? null : valueOf(random)));
      const gone = random(6);
      const rows = (kind: string, list: readonly Value[]): Value[][] => list.map((value) => [kind, 0, 0, value]);
      const retracting = new Harness({ ...group, retracting: true }, { output });
      retracting.push(batchOf(input, [...rows("+I", values), ...rows("-D", values.slice(0, gone))]));
      const fresh = new Harness({ ...group, retracting: false }, { output });
      fresh.push(batchOf(input, rows("+I", values.slice(gone))));
      expect(lastRow(retracting.rows())).toEqual(lastRow(fresh.rows()));
    }
  });

  test("slices of a window merge to what one table gives", () => {
    const output = calls.map((each) => each.result);
    const window = {
      kind: "window-aggregate",
      input,
      time: 1,
      keys: [],
      aggregates: calls,
      retracting: false,
      properties: [],
    } as const;
    for (let seed = 1; seed < 25; seed++) {
      const random = randomSource(seed);
      const rows = Array.from({ length: 12 }, (_, i): Value[] => [0, i, random(5) === 0 ? null : valueOf(random)]);
      const batch = batchOf(input, rows, stepsOf([[12, Infinity]]));
      const one = new Harness({ ...window, window: { type: "tumble", sizeMillis: 12, offsetMillis: 0 } }, { output })
        .push(batch)
        .rows();
      const cumulated = new Harness(
        { ...window, window: { type: "cumulate", maxMillis: 12, stepMillis: 3, offsetMillis: 0 } },
        { output },
      )
        .push(batch)
        .rows();
      expect(cumulated.at(-1)).toEqual(one[0]);
    }
  });
});

describe("results that need more than one argument", () => {
  const number = T.int();
  const one = (
    spec: AggregateCallSpec,
    types: readonly DataType[],
    rows: readonly Value[][],
    retracting = false,
  ): string[] => {
    const group = {
      kind: "group-aggregate",
      input: types,
      keys: [],
      aggregates: [spec],
      updateBefore: false,
      ttlMillis: 0,
      retracting,
    } as const;
    return new Harness(group, { output: [spec.result] }).push(batchOf(types, rows)).rows();
  };

  test("PERCENTILE of a point and of several", () => {
    const types = [number, T.double()];
    const spec = call(
      "PERCENTILE",
      [
        [0, number],
        [1, T.double()],
      ],
      T.double(),
    );
    expect(
      one(spec, types, [
        [10, 0.5],
        [20, 0.5],
        [40, 0.5],
      ]),
    ).toEqual(["+I[10]", "+U[15]", "+U[20]"]);
    expect(() => one(spec, types, [[10, 2]])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
  });

  test("JSON_OBJECTAGG orders keys and refuses a second one", () => {
    const types = [T.string(), number];
    const spec = call(
      "JSON_OBJECTAGG",
      [
        [0, types[0]!],
        [1, number],
      ],
      T.varchar(2000),
    );
    expect(
      one(spec, types, [
        ["b", 1],
        ["a", null],
      ]),
    ).toEqual(['+I[{"b":1}]', '+U[{"a":null,"b":1}]']);
    expect(() =>
      one(spec, types, [
        ["b", 1],
        ["b", 2],
      ]),
    ).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(
      one(
        spec,
        types,
        [
          ["+I", "b", 1],
          ["-D", "b", 1],
          ["+I", "b", 2],
        ],
        true,
      ),
    ).toEqual(['+I[{"b":1}]', '-D[{"b":1}]', '+I[{"b":2}]']);
  });

  test("SINGLE_VALUE refuses a second row, unless the first has gone", () => {
    const spec = call("SINGLE_VALUE", [[0, number]], number);
    expect(() => one(spec, [number], [[1], [2]])).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }));
    expect(
      one(
        spec,
        [number],
        [
          ["+I", 1],
          ["-U", 1],
          ["+U", 2],
        ],
        true,
      ),
    ).toEqual(["+I[1]", "-D[1]", "+I[2]"]);
  });

  test("LISTAGG with a separator; DISTINCT is over the value only", () => {
    const types = [T.string(), T.string()];
    const spec = call(
      "LISTAGG",
      [
        [0, types[0]!],
        [1, types[1]!],
      ],
      T.string(),
      { literals: [undefined, " | "], distinct: true },
    );
    expect(
      one(spec, types, [
        ["a", " | "],
        ["b", " | "],
        ["a", " | "],
      ]),
    ).toEqual(["+I[a]", "+U[a | b]"]);
  });
});
