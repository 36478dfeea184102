import { expect, test } from "vitest";
import { T, type DataType } from "../../types/data-type.ts";
import {
  bigint,
  bool,
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
  text,
  time,
  timestamp,
  tryCall,
  type Term,
} from "../evaluate.test-helper.ts";

const NN = " NOT NULL";
const nullInt = lit(T.int(), null);
const nullBool = lit(T.boolean(), null);
const as = (written: string, type: DataType): Term => cast(text(written), type);
const tiny = cast(int(100), T.tinyint());
const min = cast(bigint(-2147483648n), T.int());
const a = cast(dec("1234.56"), T.decimal(10, 2));
const b = cast(dec("0.125"), T.decimal(6, 4));
const big = as("123456789012345678.123456789", T.decimal(38, 9));
const nan = as("NaN", T.double());

test.each<[string, readonly Term[], string]>([
  ["+", [int(2147483647), int(1)], `-2147483648 INT${NN}`],
  ["-", [int(2147483647), int(1)], `2147483646 INT${NN}`],
  ["*", [int(2147483647), int(2)], `-2 INT${NN}`],
  ["/", [int(2147483647), int(2)], `1073741823 INT${NN}`],
  ["/", [int(-7), int(2)], `-3 INT${NN}`],
  ["/", [int(7), int(-2)], `-3 INT${NN}`],
  ["MOD", [int(-7), int(3)], `-1 INT${NN}`],
  ["%", [int(7), int(-3)], `1 INT${NN}`],
  ["ABS", [min], `-2147483648 INT${NN}`],
  ["NEGATE", [min], `-2147483648 INT${NN}`],
  ["+", [tiny, tiny], `-56 TINYINT${NN}`],
  ["*", [tiny, tiny], `16 TINYINT${NN}`],
  ["+", [tiny, int(1)], `101 INT${NN}`],
  ["+", [bigint(9223372036854775807n), int(1)], `-9223372036854775808 BIGINT${NN}`],
  ["%", [bigint(7n), int(4)], `3 INT${NN}`],
  ["+", [int(1), nullInt], "NULL INT"],
  ["+", [a, b], `1234.6850 DECIMAL(13, 4)${NN}`],
  ["-", [a, b], `1234.4350 DECIMAL(13, 4)${NN}`],
  ["*", [a, b], `154.320000 DECIMAL(17, 6)${NN}`],
  ["/", [a, b], `9876.480000000 DECIMAL(21, 9)${NN}`],
  ["MOD", [a, b], `0.0600 DECIMAL(6, 4)${NN}`],
  ["+", [a, int(1)], `1235.56 DECIMAL(13, 2)${NN}`],
  ["*", [a, int(1000000000)], `1234560000000.00 DECIMAL(21, 2)${NN}`],
  ["/", [a, int(3)], `411.5200000000000 DECIMAL(21, 13)${NN}`],
  ["/", [int(1), b], `8.0000000 DECIMAL(21, 7)${NN}`],
  ["+", [a, double(2.5)], `1237.06 DOUBLE${NN}`],
  ["NEGATE", [a], `-1234.56 DECIMAL(10, 2)${NN}`],
  ["/", [big, b], `987654312098765424.987654 DECIMAL(38, 6)${NN}`],
  ["+", [big, b], `123456789012345678.24845679 DECIMAL(38, 8)${NN}`],
  ["*", [as("6e37", T.decimal(38, 0)), int(10)], `NULL DECIMAL(38, 0)${NN}`],
  ["/", [double(1), int(0)], `Infinity DOUBLE${NN}`],
  ["%", [int(7), dec("2.5")], `2.0 DECIMAL(2, 1)${NN}`],
  ["+", [cast(double(0.1), T.float()), double(0.2)], `0.3 FLOAT${NN}`],
  ["+", [double(0.1), cast(double(0.1), T.float())], `0.20000000149011612 DOUBLE${NN}`],
  ["+", [cast(double(0.1), T.float()), dec("0.2")], `0.30000000149011613 DOUBLE${NN}`],
  ["*", [cast(double(0.1), T.float()), int(3)], `0.3 FLOAT${NN}`],
])("%s of numbers %#", (name, args, expected) => {
  expect(shown(call(name, args)).replace(/0\.3\d* FLOAT/, "0.3 FLOAT")).toBe(expected);
});

test.each<[string, readonly Term[], string]>([
  ["+", [date("2024-01-31"), interval("1", "MONTH")], `2024-02-29 DATE${NN}`],
  ["-", [date("2024-02-29"), interval("1", "YEAR")], `2023-02-28 DATE${NN}`],
  ["+", [date("2024-01-31"), interval("40", "DAY")], `2024-03-11 DATE${NN}`],
  ["+", [date("2024-01-01"), interval("1", "HOUR")], `2024-01-01 DATE${NN}`],
  ["+", [date("2024-01-01"), interval("1 02", "DAY", "HOUR")], `2024-01-02 DATE${NN}`],
  ["+", [timestamp("2024-01-01 00:00:00"), interval("0.5", "SECOND")], `2024-01-01 00:00:00 TIMESTAMP(0)${NN}`],
  ["*", [int(2), interval("1", "MONTH")], `+0-02 INTERVAL MONTH${NN}`],
  ["+", [interval("40", "DAY"), date("2024-01-31")], `2024-03-11 DATE${NN}`],
  ["+", [timestamp("2024-01-31 22:30:00.500"), interval("1", "MONTH")], `2024-02-29 22:30:00.500 TIMESTAMP(3)${NN}`],
  [
    "-",
    [timestamp("2024-01-31 22:30:00.500"), interval("1 02:03:04.005", "DAY", "SECOND")],
    `2024-01-30 20:26:56.495 TIMESTAMP(3)${NN}`,
  ],
  [
    "-",
    [timestamp("2024-01-31 22:30:00.500001"), interval("1", "SECOND")],
    `2024-01-31 22:29:59.500001 TIMESTAMP(6)${NN}`,
  ],
  ["+", [time("23:00:00"), interval("90", "MINUTE")], `00:30:00 TIME(0)${NN}`],
  ["-", [time("00:10:00"), interval("1", "HOUR")], `23:10:00 TIME(0)${NN}`],
  ["+", [interval("1", "DAY"), interval("2", "HOUR")], `+1 02:00:00.000 INTERVAL SECOND(3)${NN}`],
  ["*", [interval("10", "MINUTE"), int(3)], `+0 00:30:00.000 INTERVAL SECOND(3)${NN}`],
  ["NEGATE", [interval("1", "MONTH")], `-0-01 INTERVAL MONTH${NN}`],
  ["MINUS_DATE", [date("2024-01-31"), date("2024-01-01"), text("DAY")], `+30 00:00:00.000 INTERVAL SECOND(3)${NN}`],
  ["MINUS_DATE", [date("2023-12-31"), date("2024-01-01"), text("DAY")], `-1 00:00:00.000 INTERVAL SECOND(3)${NN}`],
  ["MINUS_DATE", [date("2024-01-31"), date("2020-02-29"), text("MONTH")], `+3-11 INTERVAL MONTH${NN}`],
  [
    "MINUS_DATE",
    [timestamp("2023-12-31 23:59:59.999"), timestamp("2024-01-01 00:00:00"), text("HOUR")],
    `-0 00:00:00.001 INTERVAL SECOND(3)${NN}`,
  ],
])("%s in time %#", (name, args, expected) => {
  expect(shown(call(name, args))).toBe(expected);
});

test.each<[string, readonly Term[], string]>([
  ["=", [int(1), dec("1.0")], `TRUE BOOLEAN${NN}`],
  ["=", [bigint(1n), tiny], `FALSE BOOLEAN${NN}`],
  ["<", [date("2024-01-01"), text("2024-02-01")], `TRUE BOOLEAN${NN}`],
  ["=", [cast(text("b"), T.char(3)), text("b")], `FALSE BOOLEAN${NN}`],
  ["<>", [text("a"), text("b")], `TRUE BOOLEAN${NN}`],
  ["<", [text("\uFFFD"), text("\u{1F600}")], `TRUE BOOLEAN${NN}`],
  [">", [bool(true), bool(false)], `TRUE BOOLEAN${NN}`],
  [">", [nan, double(1e300)], `FALSE BOOLEAN${NN}`],
  ["<", [nan, int(0)], `FALSE BOOLEAN${NN}`],
  ["=", [double(0), double(-0)], `TRUE BOOLEAN${NN}`],
  ["=", [int(1), nullInt], "NULL BOOLEAN"],
  ["=", [int(1), lit(T.null(), null)], "NULL BOOLEAN"],
  ["<=", [dec("2.50"), dec("2.5")], `TRUE BOOLEAN${NN}`],
  ["<", [timestamp("2024-01-01 00:00:00"), timestamp("2024-01-01 00:00:00.0001")], `TRUE BOOLEAN${NN}`],
  ["=", [cast(text("a"), T.bytes()), cast(text("a"), T.bytes())], `TRUE BOOLEAN${NN}`],
  ["IS DISTINCT FROM", [nullInt, int(1)], `TRUE BOOLEAN${NN}`],
  ["IS NOT DISTINCT FROM", [nullInt, nullInt], `TRUE BOOLEAN${NN}`],
  ["IN", [int(1), int(1), int(2), nullInt], "TRUE BOOLEAN"],
  ["IN", [int(3), int(1), int(2), nullInt], "NULL BOOLEAN"],
  ["IN", [nullInt, int(1)], "NULL BOOLEAN"],
  ["IN", [text("b"), text("a"), text("b")], `TRUE BOOLEAN${NN}`],
  ["IN", [col(int(2), true), int(1), dec("2.0")], "TRUE BOOLEAN"],
  ["IN", [date("2024-01-01"), text("2024-01-01")], `TRUE BOOLEAN${NN}`],
  ["AND", [nullBool, bool(false)], "FALSE BOOLEAN"],
  ["AND", [bool(true), bool(true)], `TRUE BOOLEAN${NN}`],
  ["AND", [nullBool, bool(true)], "NULL BOOLEAN"],
  ["OR", [nullBool, bool(true)], "TRUE BOOLEAN"],
  ["OR", [nullBool, bool(false)], "NULL BOOLEAN"],
  ["NOT", [nullBool], "NULL BOOLEAN"],
  ["IS NOT FALSE", [nullBool], `TRUE BOOLEAN${NN}`],
  ["IS UNKNOWN", [nullBool], `TRUE BOOLEAN${NN}`],
])("%s compares %#", (name, args, expected) => {
  expect(shown(call(name, args))).toBe(expected);
});

test.each<[string, readonly Term[]]>([
  ["*", [text("a"), date("2024-01-01")]],
  ["=", [text("5"), int(5)]],
  ["=", [date("2024-01-01"), timestamp("2024-01-01 00:00:00")]],
  ["=", [bool(true), int(1)]],
  ["<", [call("ARRAY", [int(1)]), call("ARRAY", [int(1)])]],
  ["+", [date("2024-01-01"), int(1)]],
  ["%", [double(7.5), int(2)]],
  ["/", [interval("7", "DAY"), int(2)]],
  ["*", [interval("7", "DAY"), dec("1.5")]],
  ["+", [interval("1", "DAY"), interval("1", "MONTH")]],
  ["-", [timestamp("2024-01-31 00:00:00"), date("2024-01-01")]],
  ["MINUS_DATE", [timestamp("2024-01-31 00:00:00"), date("2024-01-01")]],
  ["CASE", [bool(true), date("2024-01-01"), timestamp("2024-01-01 00:00:00")]],
  ["||", [text("a"), int(1)]],
  ["IS TRUE", [int(1)]],
  ["HEX", [lit(T.binary(1), Uint8Array.of(1))]],
  ["ARRAY_CONTAINS", [call("ARRAY", [int(1)]), dec("1.5")]],
  ["+", [date("2024-01-01"), date("2024-01-01")]],
  ["AND", [int(1), bool(true)]],
  ["COALESCE", [int(1), text("a")]],
  ["ARRAY", []],
])("%s refuses %#", (name, args) => {
  expect(tryCall(name, args)).toBeUndefined();
});

test("division by zero and index 0 are errors", () => {
  expect(() => call("/", [col(int(1)), int(0)])).toThrow(
    expect.objectContaining({ code: "DIVISION_BY_ZERO", message: "/ by zero" }),
  );
  expect(() => call("/", [int(1), int(0)])).toThrow(expect.objectContaining({ code: "DIVISION_BY_ZERO" }));
  expect(() => call("/", [a, int(0)])).toThrow(expect.objectContaining({ code: "DIVISION_BY_ZERO" }));
  expect(() => call("%", [bigint(1n), bigint(0n)])).toThrow(expect.objectContaining({ code: "DIVISION_BY_ZERO" }));
  expect(() => call("ITEM", [call("ARRAY", [int(1)]), int(0)])).toThrow(
    expect.objectContaining({ code: "INVALID_QUERY" }),
  );
});

test.each<[string, readonly Term[], string]>([
  ["CASE", [bool(true), int(1), dec("2.50")], `1.00 DECIMAL(12, 2)${NN}`],
  ["CASE", [bool(false), int(1), cast(int(2), T.double())], `2.0 DOUBLE${NN}`],
  ["CASE", [nullBool, text("T"), bool(true), text("F"), text("U")], `F CHAR(1)${NN}`],
  ["CASE", [bool(false), int(1), lit(T.null(), null)], "NULL INT"],
  ["COALESCE", [nullInt, bigint(3000000000n)], `3000000000 BIGINT${NN}`],
  ["IF", [bool(true), cast(int(1), T.smallint()), int(2)], `1 INT${NN}`],
  ["IF", [nullBool, int(1), int(2)], "2 INT"],
  ["CASE", [bool(true), cast(int(1), T.float()), double(2)], `1.0 FLOAT${NN}`],
  ["COALESCE", [cast(int(1), T.float()), double(2)], `1.0 DOUBLE${NN}`],
  ["TYPEOF", [interval("1", "DAY")], "INTERVAL SECOND(3) NOT NULL STRING"],
  ["IF", [bool(true), text("yes"), text("no")], `yes VARCHAR(3)${NN}`],
  ["IFNULL", [lit(T.varchar(3), null), text("was a")], `was a VARCHAR(5)${NN}`],
  ["NULLIF", [int(1), dec("1.0")], "NULL INT"],
  ["NULLIF", [int(2), dec("1.0")], "2 INT"],
  ["GREATEST", [int(1), dec("2.5")], `2.5 DECIMAL(11, 1)${NN}`],
  ["GREATEST", [nullInt, int(2)], "NULL INT"],
  ["LEAST", [text("b"), text("bb")], `b VARCHAR(2)${NN}`],
  ["TYPEOF", [cast(text("a"), T.varchar(3))], "VARCHAR(3) NOT NULL STRING"],
  ["||", [cast(text("ab"), T.char(5)), text("|")], `ab   | CHAR(6)${NN}`],
  ["||", [text("v"), cast(int(1), T.string())], `v1 STRING${NN}`],
])("%s %#", (name, args, expected) => {
  expect(shown(call(name, args))).toBe(expected);
});

const array = call("ARRAY", [int(1), nullInt, int(3)]);
const map = call("MAP", [text("x"), int(1), text("y"), int(2)]);
const row = cast(
  call("ROW", [int(7), call("ROW", [text("abyss"), bool(true)])]),
  T.row([
    { name: "f0", type: T.int() },
    {
      name: "inner_row",
      type: T.row([
        { name: "deep", type: T.string() },
        { name: "flag", type: T.boolean() },
      ]),
    },
  ]),
);

test.each<[string, readonly Term[], string]>([
  ["ITEM", [array, int(1)], "1 INT"],
  ["ITEM", [array, int(9)], "NULL INT"],
  ["ITEM", [array, col(int(0))], "NULL INT"],
  ["ITEM", [map, text("x")], "1 INT"],
  ["ITEM", [map, text("zz")], "NULL INT"],
  ["CARDINALITY", [array], `3 INT${NN}`],
  ["CARDINALITY", [map], `2 INT${NN}`],
  ["FIELD", [row, int(0)], "7 INT"],
  ["FIELD", [call("FIELD", [row, int(1)]), int(0)], "abyss STRING"],
  ["=", [array, call("ARRAY", [int(1), nullInt, int(3)])], `TRUE BOOLEAN${NN}`],
  ["=", [map, call("MAP", [text("y"), int(2), text("x"), int(1)])], `TRUE BOOLEAN${NN}`],
  ["=", [call("ROW", [int(1), text("a")]), call("ROW", [int(1), text("a")])], `TRUE BOOLEAN${NN}`],
  ["ELEMENT", [call("ARRAY", [text("solo")])], `solo CHAR(4)${NN}`],
  ["ARRAY", [int(1), dec("2.5")], `[1.0, 2.5] ARRAY<DECIMAL(11, 1)${NN}>${NN}`],
  ["ARRAY", [tiny, int(1000)], `[100, 1000] ARRAY<INT${NN}>${NN}`],
  ["MAP", [text("d"), int(1), text("d"), int(2)], `{d=2} MAP<CHAR(1)${NN}, INT${NN}>${NN}`],
])("%s of a collection %#", (name, args, expected) => {
  expect(shown(call(name, args))).toBe(expected);
});
