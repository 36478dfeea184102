import { expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import { call, cast, col, dec, double, int, lit, shown, text, type Term } from "../evaluate.test-helper.ts";

const NN = " NOT NULL";

test.each([
  [2.345, "2.3 0 2 2.34 2 2 3 1.000"],
  [2.355, "2.4 0 2 2.35 2 2 3 1.000"],
  [-2.345, "-2.3 0 -2 -2.34 -2 -3 -2 -1.000"],
  [-2.5, "-2.5 0 -3 -2.50 -2 -3 -2 -1.000"],
  [1234.565, "1234.6 1230 1235 1234.56 1234 1234 1235 1.000"],
  [0.005, "0.0 0 0 0.00 0 0 1 1.000"],
  [-0.004, "0.0 0 0 0.00 0 -1 0 -1.000"],
])("rounding of DECIMAL %d", (value, expected) => {
  const v = col(cast(double(value), T.decimal(7, 3)));
  const results = [
    call("ROUND", [v, int(1)]),
    call("ROUND", [v, int(-1)]),
    call("ROUND", [v]),
    call("TRUNCATE", [v, int(2)]),
    call("TRUNCATE", [v]),
    call("FLOOR", [v]),
    call("CEIL", [v]),
    call("SIGN", [v]),
  ];
  expect(results.map((r) => shown(r).split(" ")[0]).join(" ")).toBe(expected);
  expect(results.map((r) => shown(r).slice(shown(r).indexOf(" ") + 1))).toEqual(
    ["(6, 1)", "(5, 0)", "(5, 0)", "(7, 2)", "(5, 0)", "(7, 0)", "(7, 0)", "(7, 3)"].map((s) => `DECIMAL${s}${NN}`),
  );
});

test.each([
  [1.25, "1.25, 2.0, 1.0, 1.0, 1.3, 1.0, 1.5625, 1.118033988749895, 3.4903429574618414, 0.8109302162163288, 1.2"],
  [0, "0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0"],
  [2.5, "2.5, 3.0, 2.0, 3.0, 2.5, 1.0, 6.25, 1.5811388300841898, 12.182493960703473, 1.252762968495368, 2.5"],
  [
    -0.05,
    "0.05, -0.0, -1.0, 0.0, -0.1, -1.0, 0.0025000000000000005, 0.22360679774997896, 0.951229424500714, 0.04879016416943205, 0.0",
  ],
  [-2.5, "2.5, -2.0, -3.0, -3.0, -2.5, -1.0, 6.25, 1.5811388300841898, 0.0820849986238988, 1.252762968495368, -2.5"],
])("functions of DOUBLE %d", (value, expected) => {
  const x = col(double(value));
  const abs = call("ABS", [x]);
  const results = [
    abs,
    call("CEIL", [x]),
    call("FLOOR", [x]),
    call("ROUND", [x, int(0)]),
    call("ROUND", [x, int(1)]),
    call("SIGN", [x]),
    call("POWER", [x, int(2)]),
    call("SQRT", [abs]),
    call("EXP", [x]),
    call("LN", [call("+", [abs, int(1)])]),
    call("TRUNCATE", [x, int(1)]),
  ];
  expect(results.map((r) => shown(r).split(" ")[0]).join(", ")).toBe(expected);
});

test.each<[string, readonly Term[], string]>([
  ["SIN", [int(1)], "0.8414709848078965"],
  ["COS", [int(1)], "0.5403023058681398"],
  ["TAN", [int(1)], "1.5574077246549023"],
  ["COT", [int(1)], "0.6420926159343306"],
  ["ASIN", [dec("0.5")], "0.5235987755982989"],
  ["ACOS", [dec("0.5")], "1.0471975511965979"],
  ["ATAN", [int(1)], "0.7853981633974483"],
  ["ATAN2", [int(1), int(-1)], "2.356194490192345"],
  ["SINH", [int(1)], "1.1752011936438014"],
  ["COSH", [int(1)], "1.543080634815244"],
  ["TANH", [int(1)], "0.7615941559557649"],
  ["DEGREES", [call("PI", [])], "180.0"],
  ["RADIANS", [int(180)], "3.141592653589793"],
  ["E", [], "2.718281828459045"],
  ["LOG10", [int(100)], "2.0"],
  ["LOG2", [int(8)], "3.0"],
  ["LOG", [int(3), int(81)], "4.0"],
  ["BIN", [int(10)], "1010"],
  ["BIN", [int(-1)], "1".repeat(64)],
  ["HEX", [int(255)], "FF"],
  ["HEX", [int(-1)], "FFFFFFFFFFFFFFFF"],
  ["HEX", [text("aé")], "61C3A9"],
  ["UNHEX", [text("4D7953")], "x'4d7953'"],
  ["ACOS", [int(2)], "NaN"],
  ["SQRT", [int(-1)], "NaN"],
  ["LN", [int(0)], "-Infinity"],
  ["ROUND", [int(125), int(-1)], "130"],
  ["RAND", [int(1)], "0.7308781907032909"],
  ["RAND_INTEGER", [int(42), int(10)], "0"],
])("%s %#", (name, args, expected) => {
  expect(shown(call(name, args)).split(" ")[0]).toBe(expected);
});

test("types of rounding", () => {
  expect(shown(call("ROUND", [cast(dec("125.50"), T.decimal(12, 4)), int(2)]))).toBe(`125.50 DECIMAL(11, 2)${NN}`);
  expect(shown(call("ROUND", [lit(T.double(), null), int(2)]))).toBe("NULL DOUBLE");
  expect(shown(call("UUID", []))).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12} CHAR\(36\) NOT NULL$/,
  );
});
