import { expect, test } from "vitest";
import { canCast, canImplicitlyCast, commonType, sameType } from "./coerce.ts";
import { T, type DataType, type Value } from "./data-type.ts";
import { monthsBetween, monthsBetweenMillis, parseDate, parseTimestamp } from "./datetime.ts";
import { typeText } from "./type-text.ts";
import { compareOf, compareText, equalOf } from "./value-compare.ts";
import { castTextOf, printText, valueText } from "./value-text.ts";

const bytes = Uint8Array.of(0, 255, 127);
const pair = T.row([
  { name: "a", type: T.int() },
  { name: "b", type: T.string() },
]);

test.each<[DataType, Value, string, string]>([
  [T.boolean(), true, "TRUE", "true"],
  [T.int(), null, "NULL", "null"],
  [T.decimal(10, 3), 1500n, "1.500", "1.500"],
  [T.decimal(10, 8), 1n, "0.00000001", "1E-8"],
  [T.double(), 1e10, "1.0E10", "1.0E10"],
  [T.float(), Math.fround(0.1), "0.1", "0.1"],
  [T.date(), 19724, "2024-01-02", "2024-01-02"],
  [T.time(3), 11_045_000, "03:04:05", "03:04:05"],
  [T.time(3), 45_000_000, "12:30:00", "12:30"],
  [T.timestamp(3), 1_704_164_640_000, "2024-01-02 03:04:00.000", "2024-01-02T03:04"],
  [T.timestamp(9), 1_704_164_640_000_001_000n, "2024-01-02 03:04:00.000001000", "2024-01-02T03:04:00.000001"],
  [T.timestampLtz(3), 1_700_000_000_123, "2023-11-15 06:13:20.123", "2023-11-14T22:13:20.123Z"],
  [T.timestampLtz(0), 1_700_000_040_000, "2023-11-15 06:14:00", "2023-11-14T22:14:00Z"],
  [T.bytes(), bytes, "x'00ff7f'", "[0, -1, 127]"],
  [T.array(T.string()), ["p", null], "[p, NULL]", "[p, null]"],
  [T.map(T.string(), T.boolean()), [["k", true]], "{k=TRUE}", "{k=true}"],
  [T.multiset(T.int()), [[3, 2]], "{3=2}", "{3=2}"],
  [pair, [7, null], "(7, NULL)", "+I[7, null]"],
  [T.intervalMonth(), 14, "+1-02", "P1Y2M"],
  [T.intervalMillis(), -5_400_000, "-0 01:30:00.000", "PT-1H-30M"],
])("text of %o %o", (type, value, client, print) => {
  expect(valueText(value, type, "GMT+08:00")).toBe(client);
  expect(printText(value, type)).toBe(print);
});

test("CAST to STRING reads bytes as UTF-8", () => {
  expect(castTextOf(T.bytes(), "UTC", false)(Buffer.from("hé"))).toBe("hé");
});

test("CAST to STRING as before Flink 1.15 has small words and no blanks in rows", () => {
  const type = T.row([
    { name: "a", type: T.boolean() },
    { name: "b", type: T.array(T.int()) },
  ]);
  expect(castTextOf(type, "UTC", true)([true, [1, null]])).toBe("(true,[1, null])");
  expect(castTextOf(type, "UTC", false)([true, [1, null]])).toBe("(TRUE, [1, NULL])");
});

test.each<[DataType[], string | undefined]>([
  [[T.int(false), T.decimal(3, 2, false)], "DECIMAL(12, 2) NOT NULL"],
  [[T.decimal(10, 0), T.decimal(2, 1)], "DECIMAL(11, 1)"],
  [[T.char(1, false), T.char(1, false)], "CHAR(1) NOT NULL"],
  [[T.char(3, false), T.char(2, false)], "VARCHAR(3) NOT NULL"],
  [[T.varchar(3), T.string()], "STRING"],
  [[T.tinyint(), T.bigint(), T.null()], "BIGINT"],
  [[T.decimal(3, 1), T.float()], "DOUBLE"],
  [[T.bigint(), T.float()], "FLOAT"],
  [[T.timestamp(0), T.timestamp(3)], "TIMESTAMP(3)"],
  [[T.array(T.int(false)), T.array(T.decimal(2, 1, false))], "ARRAY<DECIMAL(11, 1) NOT NULL>"],
  [[T.int(), T.string()], undefined],
  [[T.boolean(), T.int()], undefined],
])("common type %#", (types, expected) => {
  const common = commonType(types);
  expect(common === undefined ? undefined : typeText(common, { withNullability: true })).toBe(expected);
});

test.each<[DataType, DataType, boolean, boolean]>([
  [T.decimal(4, 3), T.decimal(6, 2), true, true],
  [T.int(), T.double(), true, true],
  [T.bigint(), T.int(), false, true],
  [T.char(3), T.varchar(2), true, true],
  [T.timestamp(6), T.timestamp(3), true, true],
  [T.timestamp(0), T.boolean(), false, false],
  [T.string(), T.int(), false, true],
  [T.int(), T.timestamp(3), false, false],
  [T.timestamp(3), T.bigint(), false, false],
  [T.row([{ name: "x", type: T.int() }]), T.row([{ name: "y", type: T.bigint() }]), true, true],
  [T.null(), T.array(T.int()), true, true],
])("casts %#", (from, to, implicit, explicit) => {
  expect([canImplicitlyCast(from, to), canCast(from, to)]).toEqual([implicit, explicit]);
});

test("same type", () => {
  expect(sameType(T.int(false), T.int())).toBe(true);
  expect(sameType(T.array(T.int(false)), T.array(T.int()))).toBe(false);
});

test("texts compare by code points", () => {
  expect(compareText("\u{1F600}", "\uFFFD")).toBeGreaterThan(0);
  expect(compareText("ab", "abc")).toBeLessThan(0);
  expect(compareText("b", "abc")).toBeGreaterThan(0);
});

test("order and equality", () => {
  const double = compareOf(T.double());
  expect([double(NaN, Infinity), double(NaN, NaN), double(-0, 0)]).toEqual([1, 0, 0]);
  expect(equalOf(T.double())(NaN, NaN)).toBe(false);
  expect(equalOf(T.array(T.int()))([1, null], [1, null])).toBe(true);
  const map = T.map(T.string(), T.int());
  expect(
    equalOf(map)(
      [
        ["a", 1],
        ["b", 2],
      ],
      [
        ["b", 2],
        ["a", 1],
      ],
    ),
  ).toBe(true);
  expect(
    compareOf(map)(
      [
        ["a", 1],
        ["b", 2],
      ],
      [
        ["b", 2],
        ["a", 1],
      ],
    ),
  ).toBe(0);
  expect(compareOf(pair)([1, null], [1, "a"])).toBeLessThan(0);
});

test.each([
  ["2020-02-29", "2024-01-31", 47],
  ["2020-02-29", "2024-02-29", 48],
  ["2020-02-29", "2023-12-31", 46],
  ["2024-01-31", "2024-01-30", 0],
])("months from %s to %s", (from, to, months) => {
  expect(monthsBetween(parseDate(from) ?? 0, parseDate(to) ?? 0)).toBe(months);
});

test.each([
  ["2024-01-31 12:00:00", "2024-02-29 00:00:00", 0],
  ["2024-01-31 12:00:00", "2023-12-31 23:59:59", -1],
  ["2024-01-31 12:00:00", "2024-01-31 11:00:00", -1],
])("months from %s to %s by the clock", (from, to, months) => {
  const millis = (text: string): number => Number(parseTimestamp(text, 3));
  expect(monthsBetweenMillis(millis(from), millis(to))).toBe(months);
});
