import { expect, test } from "vitest";
import { T } from "./data-type.ts";
import { doubleText, floatText } from "./double-text.ts";
import { durationText, intervalMillisText, intervalMonthsText, parseInterval, periodText } from "./interval.ts";
import { fullTypeText, typeText } from "./type-text.ts";

test.each([
  [1e10, "1.0E10"],
  [9.99e-4, "9.99E-4"],
  [0.001, "0.001"],
  [1e7, "1.0E7"],
  [9999999, "9999999.0"],
  [123456.7, "123456.7"],
  [5e-324, "4.9E-324"],
  [1.7976931348623157e308, "1.7976931348623157E308"],
  [-0, "-0.0"],
  [0, "0.0"],
  [1e21, "1.0E21"],
  [9007199254740992, "9.007199254740992E15"],
  [NaN, "NaN"],
  [-Infinity, "-Infinity"],
  [0.00999, "0.00999"],
  [-1.5, "-1.5"],
  [2e-7, "2.0E-7"],
  // Java before 19 does not always print the shortest digits.
  [2e23, "1.9999999999999998E23"],
  [2 ** -44, "5.6843418860808015E-14"],
  [1234567890123456768, "1.23456789012345677E18"],
  [7.8e-322, "7.8E-322"],
])("DOUBLE %d", (value, expected) => {
  expect(doubleText(value)).toBe(expected);
});

test.each([
  [0.1, "0.1"],
  [16777217, "1.6777216E7"],
  [1e-10, "1.0E-10"],
  [3.4028234663852886e38, "3.4028235E38"],
  [1.401298464324817e-45, "1.4E-45"],
  [123456.7, "123456.7"],
  [99999999999, "9.9999998E10"],
  [-0, "-0.0"],
])("FLOAT %d", (value, expected) => {
  expect(floatText(value)).toBe(expected);
});

test.each([
  ["3", "DAY", undefined, "+3 00:00:00.000"],
  ["36", "HOUR", undefined, "+1 12:00:00.000"],
  ["2 03:04:05.678", "DAY", "SECOND", "+2 03:04:05.678"],
  ["-90", "MINUTE", undefined, "-0 01:30:00.000"],
  ["5-11", "YEAR", "MONTH", "+5-11"],
  ["18", "MONTH", undefined, "+1-06"],
  ["-1-3", "YEAR", "MONTH", "-1-03"],
  ["0.5", "SECOND", undefined, "+0 00:00:00.500"],
  ["10:30", "MINUTE", "SECOND", "+0 00:10:30.000"],
  ["1 2", "DAY", "HOUR", "+1 02:00:00.000"],
  ["1 25", "DAY", "HOUR", undefined],
  ["x", "DAY", undefined, undefined],
] as const)("INTERVAL '%s' %s TO %s", (text, from, to, expected) => {
  const parsed = parseInterval(text, from, to);
  const shown =
    parsed === undefined
      ? undefined
      : parsed.kind === "INTERVAL_YEAR_MONTH"
        ? intervalMonthsText(parsed.value)
        : intervalMillisText(parsed.value);
  expect(shown).toBe(expected);
});

test("Java texts of intervals", () => {
  expect([periodText(14), periodText(0), periodText(-12)]).toEqual(["P1Y2M", "P0D", "P-1Y"]);
  expect([durationText(129_600_000), durationText(1500), durationText(0)]).toEqual(["PT36H", "PT1.5S", "PT0S"]);
});

const nested = T.row([
  { name: "x", type: T.int() },
  { name: "y", type: T.row([{ name: "z", type: T.string(false) }]) },
]);

test.each([
  [T.string(), "STRING", "VARCHAR(2147483647)"],
  [T.bytes(), "BYTES", "VARBINARY(2147483647)"],
  [T.decimal(10, 2), "DECIMAL(10, 2)", "DECIMAL(10, 2)"],
  [T.time(3), "TIME(0)", "TIME(0)"],
  [T.timestampLtz(3), "TIMESTAMP_LTZ(3)", "TIMESTAMP(3) WITH LOCAL TIME ZONE"],
  [T.array(T.int(false)), "ARRAY<INT NOT NULL>", "ARRAY<INT NOT NULL>"],
  [T.map(T.string(), T.array(T.double())), "MAP<STRING, ARRAY<DOUBLE>>", "MAP<VARCHAR(2147483647), ARRAY<DOUBLE>>"],
  [nested, "ROW<`x` INT, `y` ROW<`z` STRING NOT NULL>>", "ROW<`x` INT, `y` ROW<`z` VARCHAR(2147483647) NOT NULL>>"],
  [T.intervalMillis(), "INTERVAL SECOND(3)", "INTERVAL SECOND(3)"],
  [
    { kind: "TIMESTAMP", precision: 3, nullable: true, timeAttribute: "rowtime" },
    "TIMESTAMP(3) *ROWTIME*",
    "TIMESTAMP(3)",
  ],
] as const)("text of a type %#", (type, short, full) => {
  expect(typeText(type)).toBe(short);
  expect(fullTypeText(type)).toBe(full);
});
