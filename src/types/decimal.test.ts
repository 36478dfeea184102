import { expect, test } from "vitest";
import {
  bigDecimalText,
  compareDecimals,
  decimalFromDouble,
  decimalText,
  decimalToDouble,
  divideDecimals,
  parseDecimal,
  productSize,
  quotientSize,
  remainderSize,
  rescale,
  roundSize,
  sumSize,
  toDecimalSize,
  unionSize,
  type DecimalSize,
} from "./decimal.ts";

const size = (precision: number, scale: number): DecimalSize => ({ precision, scale });

test.each([
  ["sum", sumSize, [10, 2], [6, 4], [13, 4]],
  ["sum with INT", sumSize, [10, 2], [10, 0], [13, 2]],
  ["sum past 38", sumSize, [38, 9], [6, 4], [38, 8]],
  ["product", productSize, [10, 2], [6, 4], [17, 6]],
  ["quotient", quotientSize, [10, 2], [6, 4], [21, 9]],
  ["quotient by INT", quotientSize, [10, 2], [10, 0], [21, 13]],
  ["quotient of INT", quotientSize, [10, 0], [6, 4], [21, 7]],
  ["quotient past 38", quotientSize, [38, 9], [6, 4], [38, 6]],
  ["remainder", remainderSize, [10, 2], [6, 4], [6, 4]],
  ["union", unionSize, [10, 0], [3, 2], [12, 2]],
] as const)("size of a %s", (_, rule, a, b, expected) => {
  expect(rule(size(a[0], a[1]), size(b[0], b[1]))).toEqual(size(expected[0], expected[1]));
});

test.each([
  [7, 3, 1, 6, 1],
  [7, 3, -1, 5, 0],
  [7, 3, 0, 5, 0],
  [7, 3, 5, 7, 3],
])("size of ROUND of (%i, %i) to %i", (p, s, n, precision, scale) => {
  expect(roundSize(size(p, s), n)).toEqual(size(precision, scale));
});

test.each([
  ["2.345", 6, 2, "2.35"],
  ["-2.345", 6, 2, "-2.35"],
  ["-2.5", 4, 0, "-3"],
  ["-0.004", 6, 2, "0.00"],
  ["1e2", 6, 2, "100.00"],
  ["12345.678", 6, 2, null],
  ["1e999999999", 6, 2, null],
  ["1e-999999999", 6, 2, "0.00"],
  [" +7 ", 6, 2, "7.00"],
  [".5", 6, 2, "0.50"],
] as const)("%s as DECIMAL(%i, %i)", (text, precision, scale, expected) => {
  const parsed = parseDecimal(text);
  const value = parsed === undefined ? null : toDecimalSize(parsed, size(precision, scale));
  expect(value === null ? null : decimalText(value, scale)).toBe(expected);
});

test.each(["", "abc", "t", "1_000", "0x1F", "+", ".", "1e", "NaN"])("%j is no decimal", (text) => {
  expect(parseDecimal(text)).toBeUndefined();
});

test("division, comparison and doubles", () => {
  const quotient = divideDecimals(123456789012345678123456789n, 9, 1250n, 4, size(38, 6)) ?? 0n;
  expect(decimalText(quotient, 6)).toBe("987654312098765424.987654");
  expect(compareDecimals(10n, 1, 1n, 0)).toBe(0);
  expect(compareDecimals(-1n, 2, 1n, 20)).toBe(-1);
  expect(rescale(95n, 1, 0, 1)).toBeNull();
  expect(decimalFromDouble(0.1, size(3, 2))).toBe(10n);
  expect(decimalFromDouble(1e20, size(10, 0))).toBeNull();
  expect(decimalToDouble(12345678901234500000n, 9)).toBe(12345678901.2345);
});

test.each([
  [1n, 7, "1E-7"],
  [10n, 7, "0.0000010"],
  [-123n, 10, "-1.23E-8"],
  [0n, 9, "0E-9"],
  [1500n, 3, "1.500"],
])("BigDecimal text of %s scale %i", (unscaled, scale, expected) => {
  expect(bigDecimalText(unscaled, scale)).toBe(expected);
});
