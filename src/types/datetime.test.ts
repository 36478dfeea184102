import { expect, test } from "vitest";
import {
  addMonths,
  civilFromDays,
  daysFromCivil,
  formatDate,
  formatTime,
  formatTimestamp,
  parseDate,
  parseTime,
  parseTimestamp,
  toTimestampPrecision,
} from "./datetime.ts";

test("days and civil dates are inverse over 4 centuries and at the ends", () => {
  for (let days = -200_000; days < 200_000; days += 17) {
    const { year, month, day } = civilFromDays(days);
    expect(daysFromCivil(year, month, day)).toBe(days);
    expect(formatDate(days)).toBe(new Date(days * 86_400_000).toISOString().slice(0, 10));
  }
  expect(formatDate(daysFromCivil(1, 1, 1))).toBe("0001-01-01");
  expect(formatDate(daysFromCivil(9999, 12, 31))).toBe("9999-12-31");
});

test.each([
  ["2024-02-29", "2024-02-29"],
  ["2023-02-29", undefined],
  ["2024-2-9", "2024-02-09"],
  ["2024-02-29 13:14:15", "2024-02-29"],
  ["2024-02-29T13:14:15", undefined],
  ["13:14:15", undefined],
  ["2024", "2024-01-01"],
  ["2024-02", "2024-02-01"],
  [" 2024-02-29 ", "2024-02-29"],
  ["", undefined],
  ["2024-13-01", undefined],
])("date text %j", (text, expected) => {
  const days = parseDate(text);
  expect(days === undefined ? undefined : formatDate(days)).toBe(expected);
});

test.each([
  ["13:14:15", "13:14:15.000"],
  ["13:14", "13:14:00.000"],
  ["25:00:00", undefined],
  ["13:14:15.6789", "13:14:15.678"],
  ["2024", undefined],
  ["2024-02-29", undefined],
  ["", undefined],
])("time text %j", (text, expected) => {
  const millis = parseTime(text);
  expect(millis === undefined ? undefined : formatTime(millis, 3)).toBe(expected);
});

test.each([
  ["2024-02-29", 3, "2024-02-29 00:00:00.000"],
  ["2024-02-29 13:14:15.123456789", 3, "2024-02-29 13:14:15.123"],
  ["2024-02-29 13:14:15.123456789", 9, "2024-02-29 13:14:15.123456789"],
  ["2024-02-29 13:14:15.123456789", 6, "2024-02-29 13:14:15.123456"],
  ["2024-02-29 1:2:3", 0, "2024-02-29 01:02:03"],
  ["2024-02-29T13:14:15", 3, undefined],
  ["2023-02-29", 3, undefined],
  [" 2024-02-29 ", 3, undefined],
  ["1969-12-31 23:59:59.001", 3, "1969-12-31 23:59:59.001"],
  ["1969-12-31 23:59:59.000000001", 9, "1969-12-31 23:59:59.000000001"],
  ["0001-01-01 00:00:00", 3, "0001-01-01 00:00:00.000"],
  ["9999-12-31 23:59:59.999999999", 9, "9999-12-31 23:59:59.999999999"],
] as const)("timestamp text %j at precision %i", (text, precision, expected) => {
  const value = parseTimestamp(text, precision);
  expect(value === undefined ? undefined : formatTimestamp(value, precision)).toBe(expected);
});

test.each([
  ["2024-01-31", 1, "2024-02-29"],
  ["2024-02-29", -12, "2023-02-28"],
  ["2023-12-31", 2, "2024-02-29"],
  ["2024-03-31", -1, "2024-02-29"],
])("%s plus %i months", (date, months, expected) => {
  expect(formatDate(addMonths(parseDate(date) ?? 0, months))).toBe(expected);
});

test("precision changes cut toward the past", () => {
  expect(toTimestampPrecision(-999, 3, 0)).toBe(-1000);
  expect(toTimestampPrecision(-1n, 9, 3)).toBe(-1);
  expect(toTimestampPrecision(1999, 3, 1)).toBe(1900);
  expect(toTimestampPrecision(1999, 3, 6)).toBe(1_999_000_000n);
  expect(toTimestampPrecision(-1n, 9, 6)).toBe(-1000n);
});
