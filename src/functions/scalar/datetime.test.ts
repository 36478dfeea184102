import { expect, test } from "vitest";
import type { SqlError } from "../../base/errors.ts";
import { T, type Value } from "../../types/data-type.ts";
import { valueText } from "../../types/value-text.ts";
import {
  bigint,
  call,
  cast,
  col,
  date,
  dec,
  double,
  int,
  interval,
  lit,
  shown,
  testSession,
  text,
  time,
  timestamp,
  type Term,
} from "../evaluate.test-helper.ts";

function textOf(name: string, args: readonly Term[], zone = "UTC"): string {
  const { value, type } = call(name, args, testSession(zone));
  return valueText(value, type, zone);
}

const UNITS =
  "YEAR QUARTER MONTH WEEK DOY DAY DOW HOUR MINUTE SECOND MILLISECOND EPOCH ISODOW ISOYEAR DECADE CENTURY MILLENNIUM";

test.each([
  ["2024-02-29 13:14:15.678", "2024 1 2 9 60 29 5 13 14 15 678 1709212455 4 2024 202 21 3"],
  ["2021-01-03 00:00:00.000", "2021 1 1 53 3 3 1 0 0 0 0 1609632000 7 2020 202 21 3"],
  ["2000-12-31 23:59:59.999", "2000 4 12 52 366 31 1 23 59 59 999 978307199 7 2000 200 20 2"],
  // Flink reads the next day and negative times here.
  ["1969-12-31 20:00:00.500", "1969 4 12 1 365 31 4 20 0 0 500 -14399 3 1970 196 20 2"],
])("EXTRACT from %s", (written, expected) => {
  const parts = UNITS.split(" ").map((unit) => textOf("EXTRACT", [text(unit), col(timestamp(written))]));
  expect(parts.join(" ")).toBe(expected);
});

test.each<[string, Term, string]>([
  ["HOUR", date("2024-01-01"), "0"],
  ["EPOCH", date("1970-01-02"), "86400"],
  ["SECOND", time("01:02:03"), "3"],
  ["MICROSECOND", timestamp("2024-01-01 00:00:01.123456"), "123456"],
  ["NANOSECOND", timestamp("2024-01-01 00:00:01.123456"), "123456000"],
  ["HOUR", interval("26", "HOUR"), "2"],
  ["DAY", interval("26", "HOUR"), "1"],
  ["MONTH", interval("14", "MONTH"), "2"],
])("EXTRACT %s %#", (unit, value, expected) => {
  expect(shown(call("EXTRACT", [text(unit), value]))).toBe(`${expected} BIGINT NOT NULL`);
});

test("EXTRACT of TIMESTAMP_LTZ is local", () => {
  const instant = lit(T.timestampLtz(3), 1_711_846_800_000);
  expect(textOf("HOUR", [instant], "Europe/Berlin")).toBe("3");
  expect(textOf("EXTRACT", [text("YEAR"), instant], "Europe/Berlin")).toBe("2024");
});

test.each<[string, Term, string, string]>([
  ["FLOOR", timestamp("2024-02-29 13:14:15.678"), "SECOND", "2024-02-29 13:14:15.000"],
  ["FLOOR", timestamp("2024-02-29 13:14:15.678"), "WEEK", "2024-02-25 00:00:00.000"],
  ["FLOOR", timestamp("2024-02-29 13:14:15.678"), "QUARTER", "2024-01-01 00:00:00.000"],
  ["FLOOR", timestamp("2024-02-29 13:14:15.678"), "DECADE", "2020-01-01 00:00:00.000"],
  ["FLOOR", timestamp("2024-02-29 13:14:15.678"), "CENTURY", "2001-01-01 00:00:00.000"],
  ["CEIL", timestamp("2024-02-29 13:14:15.678"), "HOUR", "2024-02-29 14:00:00.000"],
  ["CEIL", timestamp("2024-01-01 00:00:00.000"), "YEAR", "2024-01-01 00:00:00.000"],
  ["CEIL", timestamp("2023-12-31 23:59:59.999"), "QUARTER", "2024-01-01 00:00:00.000"],
  // A time of day counts, and the beginning of a quarter stays, unlike in Flink.
  ["CEIL", timestamp("2024-04-01 12:00:01.123"), "MONTH", "2024-05-01 00:00:00.000"],
  ["CEIL", date("2024-04-01"), "QUARTER", "2024-04-01"],
  ["CEIL", date("2024-02-29"), "WEEK", "2024-03-03"],
  ["FLOOR", timestamp("2024-01-01 00:00:01.123456"), "DAY", "2024-01-01 00:00:00.000000"],
  ["CEIL", timestamp("2024-01-01 00:00:00.000001"), "SECOND", "2024-01-01 00:00:01.000000"],
  ["FLOOR", time("12:34:56"), "MINUTE", "12:34:00"],
  ["FLOOR", timestamp("1969-12-31 20:00:00.000"), "DAY", "1969-12-31 00:00:00.000"],
])("%s %# TO %s", (name, value, unit, expected) => {
  expect(textOf(name, [value, text(unit)])).toBe(expected);
});

test.each([
  [1_711_846_799_000, "2024-03-31 00:00:00.000", "2024-03-31 01:00:00.000"],
  [1_711_846_800_000, "2024-03-31 00:00:00.000", "2024-03-31 03:00:00.000"],
  // The second 2 o'clock of a day keeps its offset.
  [1_729_990_800_000, "2024-10-27 00:00:00.000", "2024-10-27 02:00:00.000"],
])("FLOOR of the instant %d in Berlin", (instant, day, hour) => {
  const value = lit(T.timestampLtz(3), instant);
  expect(textOf("FLOOR", [value, text("DAY")], "Europe/Berlin")).toBe(day);
  expect(textOf("FLOOR", [value, text("HOUR")], "Europe/Berlin")).toBe(hour);
});

test.each<[string, string, readonly Term[], string]>([
  ["TIMESTAMPADD", "HOUR", [int(1), date("2016-06-15")], "2016-06-15 01:00:00.000000 TIMESTAMP(6) NOT NULL"],
  ["TIMESTAMPADD", "DAY", [int(1), date("2016-06-15")], "2016-06-16 DATE NOT NULL"],
  ["TIMESTAMPADD", "QUARTER", [int(1), date("2024-01-31")], "2024-04-30 DATE NOT NULL"],
  [
    "TIMESTAMPADD",
    "HOUR",
    [int(1), timestamp("2016-06-15 01:02:03.123")],
    "2016-06-15 02:02:03.123 TIMESTAMP(3) NOT NULL",
  ],
  ["TIMESTAMPDIFF", "WEEK", [date("2016-06-15"), date("2016-07-15")], "4 INT NOT NULL"],
  ["TIMESTAMPDIFF", "MONTH", [timestamp("2024-01-31 12:00:00"), timestamp("2024-02-29 00:00:00")], "0 INT NOT NULL"],
  ["TIMESTAMPDIFF", "YEAR", [date("2020-02-29"), date("2024-02-28")], "3 INT NOT NULL"],
  ["TIMESTAMPDIFF", "SECOND", [timestamp("2024-01-01 00:00:01.500"), date("2024-01-01")], "-1 INT NOT NULL"],
])("%s %s %#", (name, unit, args, expected) => {
  expect(shown(call(name, [text(unit), ...args]))).toBe(expected);
});

/** As Java's DateTimeFormatter. */
test.each([
  ["u y yyy yyyyy G GGGG", "2024 2024 2024 02024 AD Anno Domini"],
  ["D DD DDD M MMM MMMM MMMMM L LLL", "34 34 034 2 Feb February F 2 Feb"],
  ["Q QQ QQQ QQQQ E EEEE EEEEE e c", "1 01 Q1 1st quarter Sat Saturday S 7 7"],
  ["a h hh K k kk S SSSSSS SSSSSSSSS n A N", "AM 12 12 0 24 24 6 678901 678901000 678901000 245678 245678901000"],
  ["w ww W F YY", "5 05 1 3 24"],
  ["yyyy-MM-dd'T'HH:mm[:ss] ppH '''x'", "2024-02-03T00:04:05  0 'x"],
  ["yyyy/MM/dd HH-mm-ss.SSS", "2024/02/03 00-04-05.678"],
])("DATE_FORMAT %s", (pattern, expected) => {
  expect(textOf("DATE_FORMAT", [timestamp("2024-02-03 00:04:05.678901"), text(pattern)])).toBe(expected);
});

test.each<[Value, string]>([
  ["nope", "NULL"],
  ["2024-02-29", "NULL"],
  ["2024-02-29 13:04:05", "20240229"],
])("DATE_FORMAT of the text %s", (value, expected) => {
  expect(textOf("DATE_FORMAT", [text(value as string), text("yyyyMMdd")])).toBe(expected);
});

test.each(["o", "VV", "HHH", "yyyy]", "{", "'open"])("pattern %s is refused", (pattern) => {
  const format = (): Term => call("DATE_FORMAT", [timestamp("2024-02-03 00:04:05"), text(pattern)]);
  expect(format).toThrow(expect.objectContaining({ code: "INVALID_ARGUMENT" }) as SqlError);
});

/** As Java's SimpleDateFormat. */
test.each([
  ["u E EEEE D F w W k K h a z Z X", "4 Thu Thursday 60 5 9 5 13 1 1 PM UTC +0000 Z"],
  ["S SSSSS yy y yyy MMM MMMM G", "0 00000 24 2024 2024 Feb February AD"],
])("FROM_UNIXTIME %s", (pattern, expected) => {
  expect(textOf("FROM_UNIXTIME", [int(1_709_211_845), text(pattern)])).toBe(expected);
});

test.each<[string, string | undefined, string]>([
  ["2024-02-29 01:02:03", undefined, "2024-02-29 01:02:03.000"],
  ["2024-2-3", undefined, "2024-02-03 00:00:00.000"],
  ["2024-02-03 24:00:00", undefined, "2024-02-04 00:00:00.000"],
  ["2024-02-29 1:2:3.123456", undefined, "2024-02-29 01:02:03.123"],
  ["2024-02-03T04:05:06", undefined, "NULL"],
  ["2024-02-03 04:05", undefined, "NULL"],
  // Flink takes the last day of the month.
  ["2024-02-30", undefined, "NULL"],
  ["20240203040506789", "yyyyMMddHHmmssSSS", "2024-02-03 04:05:06.789"],
  ["03 Feb 2024 4 PM", "dd MMM yyyy h a", "2024-02-03 16:00:00.000"],
  ["2024-060", "yyyy-DDD", "2024-02-29 00:00:00.000"],
  ["24", "yy", "2024-01-01 00:00:00.000"],
  ["12:34", "HH:mm", "1970-01-01 12:34:00.000"],
  ["2024-02-03 24:00", "yyyy-MM-dd HH:mm", "2024-02-04 00:00:00.000"],
  ["2024-02-03", "yyyy-MM-dd[ HH:mm]", "2024-02-03 00:00:00.000"],
  ["2024-02-03x", "yyyy-MM-dd", "NULL"],
  ["2024-2-9 1:2:3", "yyyy-MM-dd HH:mm:ss", "2024-02-09 01:02:03.000"],
  ["2024-2-9", "dd/MM/yyyy", "2024-02-09 00:00:00.000"],
  ["Sat, 03 Feb 2024", "EEE, dd MMM yyyy", "2024-02-03 00:00:00.000"],
  ["Sun, 03 Feb 2024", "EEE, dd MMM yyyy", "NULL"],
  ["12024-01-01", "yyyy-MM-dd", "NULL"],
  ["+12024-01-01", "yyyy-MM-dd", "12024-01-01 00:00:00.000"],
  ["feb 3 2024", "MMM d yyyy", "NULL"],
  ["2024-02-03 13 PM", "yyyy-MM-dd hh a", "NULL"],
  ["5.5", "s.S", "1970-01-01 00:00:05.500"],
  ["2024-02-03 04:05:06+02:00", "yyyy-MM-dd HH:mm:ssXXX", "2024-02-03 04:05:06.000"],
  ["29.02.2024 1:02", "dd.MM.yyyy H:mm", "2024-02-29 01:02:00.000"],
])("TO_TIMESTAMP(%s, %s)", (written, pattern, expected) => {
  const args = [text(written), ...(pattern === undefined ? [] : [text(pattern)])];
  expect(textOf("TO_TIMESTAMP", args)).toBe(expected);
});

test.each<[readonly Term[], string]>([
  [[text("2024-07-01 12:00"), text("yyyy-MM-dd HH:mm"), text("Asia/Tokyo")], "2024-07-01 03:00:00.000"],
  [[text("2024-07-01 12:00"), text("yyyy-MM-dd HH:mm"), text("Nope")], "NULL"],
  [[text("nope"), text("yyyy")], "NULL"],
  [[int(5)], "1970-01-01 00:00:00.005"],
  [[dec("1.7"), int(0)], "1970-01-01 00:00:01.000"],
  [[double(1.7), int(0)], "1970-01-01 00:00:01.700"],
  [[bigint(253_402_300_800_000n), int(3)], "NULL"],
])("TO_TIMESTAMP_LTZ %#", (args, expected) => {
  expect(textOf("TO_TIMESTAMP_LTZ", args)).toBe(expected);
});

test.each<[readonly Term[]]>([[[text("nope")]], [[int(5), int(6)]]])("TO_TIMESTAMP_LTZ fails %#", (args) => {
  expect(() => call("TO_TIMESTAMP_LTZ", args)).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }) as SqlError,
  );
});

test.each<[string, readonly Term[], string]>([
  ["TO_DATE", [text("45/02/24"), text("dd/MM/yy")], "2024-03-16"],
  ["TO_DATE", [text("29/02/24x"), text("dd/MM/yy")], "2024-02-29"],
  ["TO_DATE", [text("nope"), text("dd/MM/yy")], "NULL"],
  ["TO_DATE", [text("2024-W05"), text("YYYY-'W'ww")], "2024-01-28"],
  ["TO_DATE", [text("70-1-1"), text("yy-M-d")], "1970-01-01"],
  ["TO_DATE", [text("2/3"), text("M/d")], "1970-02-03"],
  ["TO_DATE", [text("2024-02-30")], "NULL"],
  ["UNIX_TIMESTAMP", [text("2024-02-29 13:04:05.9")], "1709211845"],
  ["UNIX_TIMESTAMP", [text("2024-13-40 25:61:61")], "1739152921"],
  ["UNIX_TIMESTAMP", [text(" 2024-2-9 1:2:3")], "1707440523"],
  ["UNIX_TIMESTAMP", [text("nope")], "-9223372036854775808"],
  ["CONVERT_TZ", [text("2024-07-01 12:00:00"), text("UTC"), text("Nope/Zone")], "2024-07-01 12:00:00"],
  ["CONVERT_TZ", [text("2024-07-01 12:00:00"), text("America/Los_Angeles"), text("+05:30")], "2024-07-01 19:00:00"],
  ["CONVERT_TZ", [text("2024-07-01 12:00:00"), text("GMT+2"), text("GMT+05:30")], "2024-07-01 15:30:00"],
  ["CONVERT_TZ", [text("nope"), text("UTC"), text("UTC")], "NULL"],
])("%s %#", (name, args, expected) => {
  expect(textOf(name, args)).toBe(expected);
});

test("Unix time in a session zone goes there and back, also in an hour that exists twice", () => {
  const session = testSession("Europe/Berlin");
  for (const seconds of [1_711_846_799, 1_711_846_800, 1_729_990_800, 0, -1]) {
    const written = call("FROM_UNIXTIME", [int(seconds)], session);
    expect(call("UNIX_TIMESTAMP", [written], session).value).toBe(BigInt(seconds));
  }
});

test("the clock", () => {
  const session = { ...testSession("Asia/Tokyo"), nowMillis: () => 1_709_211_845_678 };
  const now = (name: string): string => {
    const { value, type } = call(name, [], session);
    return valueText(value, type, "Asia/Tokyo");
  };
  expect(["CURRENT_TIMESTAMP", "LOCALTIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "UNIX_TIMESTAMP"].map(now)).toEqual([
    "2024-02-29 22:04:05.678",
    "2024-02-29 22:04:05.678",
    "2024-02-29",
    "22:04:05",
    "1709211845",
  ]);
});

test("formatting follows the rows wherever they go", () => {
  const format = (written: string): string =>
    textOf("DATE_FORMAT", [col(cast(text(written), T.timestamp(3))), text("dd HH:mm")]);
  expect(["2024-02-29 13:04:05", "2024-02-29 13:05:05", "1969-12-31 23:59:59"].map(format)).toEqual([
    "29 13:04",
    "29 13:05",
    "31 23:59",
  ]);
});
