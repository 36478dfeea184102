import { expect, test } from "vitest";
import { T, type DataType } from "../../types/data-type.ts";
import {
  bigint,
  bool,
  call,
  cast,
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

const nan = cast(text("NaN"), T.double());

test.each<[Term, DataType, string]>([
  [int(300), T.tinyint(), "44"],
  [int(70000), T.smallint(), "4464"],
  [bigint(3000000000n), T.int(), "-1294967296"],
  [double(1e20), T.bigint(), "9223372036854775807"],
  [double(1e20), T.int(), "2147483647"],
  [double(300.7), T.tinyint(), "44"],
  [dec("-1.9"), T.int(), "-1"],
  [double(-1.9), T.int(), "-1"],
  [dec("2.5"), T.decimal(2, 0), "3"],
  [int(1), T.boolean(), "TRUE"],
  [int(0), T.boolean(), "FALSE"],
  [int(-3), T.boolean(), "TRUE"],
  [bool(true), T.int(), "1"],
  [bool(false), T.double(), "0.0"],
  [bool(true), T.decimal(3, 1), "1.0"],
  [nan, T.int(), "0"],
  [double(1e39), T.float(), "Infinity"],
  [dec("0.1"), T.float(), "0.1"],
  [int(16777217), T.float(), "1.6777216E7"],
  [dec("1.005"), T.double(), "1.005"],
  [double(1e20), T.decimal(10, 0), "NULL"],
  [dec("2.345"), T.decimal(6, 2), "2.35"],
  [dec("-2.5"), T.decimal(4, 0), "-3"],
  [dec("1234.565"), T.bigint(), "1234"],
  [bigint(5n), T.decimal(10, 2), "5.00"],
  [int(5), T.bigint(), "5"],
  [dec("1.5"), T.boolean(), "TRUE"],
])("number cast %#", (from, to, expected) => {
  expect(shown(cast(from, to)).split(" ")[0]).toBe(expected);
});

const TARGETS = [T.int(), T.tinyint(), T.bigint(), T.decimal(6, 2), T.double(), T.float(), T.boolean()];

test.each([
  ["12", "12, 12, 12, 12.00, 12.0, 12.0, NULL"],
  [" 12 ", "12, 12, 12, 12.00, 12.0, 12.0, NULL"],
  ["+7", "7, 7, 7, 7.00, 7.0, 7.0, NULL"],
  ["-0", "0, 0, 0, 0.00, -0.0, -0.0, NULL"],
  ["12.7", "12, 12, 12, 12.70, 12.7, 12.7, NULL"],
  ["1e2", "NULL, NULL, NULL, 100.00, 100.0, 100.0, NULL"],
  ["300", "300, NULL, 300, 300.00, 300.0, 300.0, NULL"],
  ["true", "NULL, NULL, NULL, NULL, NULL, NULL, TRUE"],
  ["TRUE", "NULL, NULL, NULL, NULL, NULL, NULL, TRUE"],
  // Flink reads 't' as the DECIMAL 0.00, a defect.
  ["t", "NULL, NULL, NULL, NULL, NULL, NULL, TRUE"],
  ["no", "NULL, NULL, NULL, NULL, NULL, NULL, FALSE"],
  ["0", "0, 0, 0, 0.00, 0.0, 0.0, FALSE"],
  ["1", "1, 1, 1, 1.00, 1.0, 1.0, TRUE"],
  ["", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  ["abc", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  ["99999999999", "NULL, NULL, 99999999999, NULL, 9.9999999999E10, 9.9999998E10, NULL"],
  ["0x1F", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  ["NaN", "NULL, NULL, NULL, NULL, NaN, NaN, NULL"],
  ["12345.678", "12345, NULL, 12345, NULL, 12345.678, 12345.678, NULL"],
  ["1_000", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  [" y", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  [".5", "0, 0, 0, 0.50, 0.5, 0.5, NULL"],
  ["5.", "5, 5, 5, 5.00, 5.0, 5.0, NULL"],
  ["-", "NULL, NULL, NULL, NULL, NULL, NULL, NULL"],
  ["1e400", "NULL, NULL, NULL, NULL, Infinity, Infinity, NULL"],
  ["2d", "NULL, NULL, NULL, NULL, 2.0, 2.0, NULL"],
])("TRY_CAST of %j", (written, expected) => {
  const results = TARGETS.map((target) => shown(cast(text(written), target, true)).split(" ")[0]);
  expect(results.join(", ")).toBe(expected);
});

test("a text that cannot be read fails, or is NULL with legacy casts", () => {
  expect(() => cast(text("easel"), T.int())).toThrow(
    expect.objectContaining({ code: "INVALID_CAST", message: expect.stringContaining("For input string: 'easel'") }),
  );
  expect(() => cast(text("x"), T.date())).toThrow(expect.objectContaining({ code: "INVALID_CAST" }));
  expect(() => cast(text("12345.678"), T.decimal(6, 2))).toThrow(expect.objectContaining({ code: "INVALID_CAST" }));
  expect(() => cast(int(5), T.intervalMillis())).toThrow("no cast");
  expect(() => cast(nan, T.decimal(3, 1))).toThrow(expect.objectContaining({ code: "INVALID_CAST" }));
  expect(cast(text("easel"), T.int(), false, testSession("UTC", true)).value).toBeNull();
});

const TEMPORAL = [T.date(), T.time(), T.timestamp(3), T.timestamp(9), T.timestampLtz(3)];

test.each([
  ["2024-02-29", "2024-02-29|NULL|2024-02-29 00:00:00.000|2024-02-29 00:00:00.000000000|2024-02-29 00:00:00.000"],
  // Flink makes the 28th of it, a defect.
  ["2023-02-29", "NULL|NULL|NULL|NULL|NULL"],
  ["2024-2-9", "2024-02-09|NULL|2024-02-09 00:00:00.000|2024-02-09 00:00:00.000000000|2024-02-09 00:00:00.000"],
  [
    "2024-02-29 13:14:15.123456789",
    "2024-02-29|NULL|2024-02-29 13:14:15.123|2024-02-29 13:14:15.123456789|2024-02-29 13:14:15.123",
  ],
  ["2024-02-29T13:14:15Z", "NULL|NULL|NULL|NULL|NULL"],
  ["13:14", "NULL|13:14:00|NULL|NULL|NULL"],
  ["13:14:15.6789", "NULL|13:14:15|NULL|NULL|NULL"],
  ["2024", "2024-01-01|NULL|NULL|NULL|NULL"],
  [" 2024-02-29 ", "2024-02-29|NULL|NULL|NULL|NULL"],
  ["", "NULL|NULL|NULL|NULL|NULL"],
])("TRY_CAST of %j to times", (written, expected) => {
  const results = TEMPORAL.map((target) => shown(cast(text(written), target, true)).replace(/ [A-Z_]+(\(\d\))?$/, ""));
  expect(results.join("|")).toBe(expected);
});

test.each([
  [
    "2024-03-10 02:30:00.999",
    "2024-03-10|02:30:00|2024-03-10 02:30:00|2024-03-10 03:30:00.999|2024-03-10 03:30:00.999|2024-03-10",
  ],
  [
    "2024-03-09 23:59:59.999",
    "2024-03-09|23:59:59|2024-03-09 23:59:59|2024-03-09 23:59:59.999|2024-03-09 23:59:59.999|2024-03-09",
  ],
  // Flink's DATE and TIME of this are those of the next day, a defect.
  [
    "1969-12-31 23:59:59.001",
    "1969-12-31|23:59:59|1969-12-31 23:59:59|1969-12-31 23:59:59.001|1969-12-31 23:59:59.001|1969-12-31",
  ],
])("casts among times of %s in New York", (written, expected) => {
  const zone = "America/New_York";
  const session = testSession(zone);
  const ts = timestamp(written);
  const to = (from: Term, target: DataType): Term => cast(from, target, false, session);
  const ltz = to(ts, T.timestampLtz(3));
  const results = [
    to(ts, T.date()),
    to(ts, T.time()),
    to(ts, T.timestamp(0)),
    ltz,
    to(ltz, T.timestamp(3)),
    to(ltz, T.date()),
  ];
  expect(results.map((r) => shown(r, zone).replace(/ [A-Z_]+(\(\d\))? NOT NULL$/, "")).join("|")).toBe(expected);
});

test.each<[Term, DataType, string]>([
  [bool(true), T.string(), "TRUE"],
  [dec("1.50"), T.string(), "1.50"],
  [double(1e10), T.string(), "1.0E10"],
  [date("2024-01-02"), T.string(), "2024-01-02"],
  [time("01:02:03"), T.string(), "01:02:03"],
  [timestamp("2024-01-02 03:04:05.600"), T.string(), "2024-01-02 03:04:05.600"],
  [lit(T.bytes(), Buffer.from("abc")), T.string(), "abc"],
  [call("ARRAY", [int(1), lit(T.int(), null), int(3)]), T.string(), "[1, NULL, 3]"],
  [call("MAP", [text("k"), call("ROW", [int(1), text("x")])]), T.string(), "{k=(1, x)}"],
  [interval("1", "DAY"), T.string(), "+1 00:00:00.000"],
  [interval("-1-3", "YEAR", "MONTH"), T.string(), "-1-03"],
  [text("abcdef"), T.varchar(3), "abc"],
  [text("😀😀😀"), T.char(2), "😀😀"],
  [text("ab"), T.char(5), "ab   "],
  [int(12345), T.varchar(3), "123"],
  [bool(true), T.char(2), "TR"],
  [cast(dec("0.1"), T.float()), T.string(), "0.1"],
  [text("abc"), T.binary(5), "x'6162630000'"],
  [text("abc"), T.binary(2), "x'6162'"],
])("text cast %#", (from, to, expected) => {
  const result = cast(from, to);
  expect(shown(result)).toMatch(new RegExp(`^${expected.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")} [A-Z]`));
});
