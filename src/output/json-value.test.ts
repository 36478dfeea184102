import { expect, it } from "vitest";
import { T } from "../types/data-type.ts";
import type { DataType, Value } from "../types/data-type.ts";
import { jsonValue } from "./json-value.ts";
import { MaterializedRows, compareCodePoints } from "./materialized-rows.ts";

const row: DataType = {
  kind: "ROW",
  fields: [
    { name: 'a "q"', type: T.int() },
    { name: "b", type: T.string() },
  ],
  nullable: true,
};

it.each<readonly [value: Value, type: DataType, text: string]>([
  [null, T.int(), "null"],
  [true, T.boolean(), "true"],
  [-7, T.int(), "-7"],
  [9223372036854775807n, T.bigint(), "9223372036854775807"],
  [12345n, T.decimal(10, 2), "123.45"],
  [0.1, T.double(), "0.1"],
  [1e21, T.double(), "1e+21"],
  [NaN, T.double(), '"NaN"'],
  [-Infinity, T.double(), '"-Infinity"'],
  ['say "hi"\n', T.string(), '"say \\"hi\\"\\n"'],
  [Uint8Array.of(0, 255), { kind: "VARBINARY", length: 9, nullable: true }, '"AP8="'],
  [0, T.date(), '"1970-01-01"'],
  [0, T.timestamp(3), '"1970-01-01 00:00:00.000"'],
  [[1, null], { kind: "ARRAY", element: T.int(), nullable: true }, "[1,null]"],
  [[1, "x"], row, '{"a \\"q\\"":1,"b":"x"}'],
  [
    [
      [1, "x"],
      [2, null],
    ],
    { kind: "MAP", key: T.int(), value: T.string(), nullable: true },
    '{"1":"x","2":null}',
  ],
  [[["x", 2]], { kind: "MULTISET", element: T.string(), nullable: true }, '{"x":2}'],
])("%s as JSON of %j", (value, type, text) => {
  expect(jsonValue(value, type, "UTC")).toBe(text);
  expect(() => JSON.parse(text) as unknown).not.toThrow();
});

it("an instant is shown in the session's zone", () => {
  expect(jsonValue(0, T.timestampLtz(3), "Asia/Shanghai")).toBe('"1970-01-01 08:00:00.000"');
});

it("rows that are left are a bag in order of their coming", () => {
  const rows = new MaterializedRows();
  for (const [kind, text] of [
    ["+I", "b"],
    ["+I", "a"],
    ["+I", "b"],
    ["-U", "a"],
    ["+U", "c"],
    ["-D", "z"],
  ] as const)
    rows.apply(kind, text);
  expect(rows.rows()).toEqual(["b", "b", "c"]);
});

it.each([
  ["a", "b", -1],
  ["b", "a", 1],
  ["a", "a", 0],
  ["a", "ab", -1],
  ["", "a", -1],
  // By code point and not by UTF-16 unit.
  ["\uffff", "🙂", -1],
])("%j against %j: %d", (a, b, sign) => {
  expect(Math.sign(compareCodePoints(a, b))).toBe(sign);
});
