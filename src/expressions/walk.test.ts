import { expect, test } from "vitest";
import { T } from "../types/data-type.ts";
import { call, column, literal, type Expr } from "./expr.ts";
import { foldExpr } from "./fold.ts";
import { printExpr } from "./print.ts";
import { testLookup, testSession } from "./functions.test-helper.ts";
import { conjuncts, exprKey, mapColumns, usedColumns } from "./walk.ts";

const a = column(0, T.int());
const b = column(1, T.string());
const flag = column(2, T.boolean());
const int = (value: number | null) => literal(value, T.int());
const bool = (value: boolean | null) => literal(value, T.boolean());
const is = (name: string, ...args: Expr[]) => call(name, args, T.boolean());
const names = ["a", "b", "flag"];

test("columns are found and renumbered", () => {
  const expr = is("AND", is("=", a, int(5)), is("IS NULL", b));
  expect(usedColumns([expr, flag])).toEqual([0, 1, 2]);
  expect(usedColumns([mapColumns(expr, (index) => index + 10)])).toEqual([10, 11]);
  expect(mapColumns(expr, (index) => index)).toBe(expr);
  expect(conjuncts(is("AND", flag, expr))).toHaveLength(3);
});

test("keys tell apart what differs in value, type or function", () => {
  const same = [is("=", a, int(5)), is("=", column(0, T.int(), { start: 1, end: 2 }), int(5))];
  expect(exprKey(same[0]!)).toBe(exprKey(same[1]!));
  const others = [
    is("=", a, int(6)),
    is("=", a, literal(5n, T.bigint())),
    is("<", a, int(5)),
    is("=", a, literal(-0, T.double())),
    is("=", a, literal(0, T.double())),
  ];
  expect(new Set([...same, ...others].map(exprKey)).size).toBe(others.length + 1);
});

test.each<[Expr, string]>([
  [is("AND", is("=", a, int(5)), is("IS NOT NULL", b)), "((a = 5) AND b IS NOT NULL)"],
  [call("CAST", [a], T.bigint()), "CAST(a AS BIGINT)"],
  [is("IN", b, literal("x", T.string()), literal("it's", T.string())), "b IN ('x', 'it''s')"],
  [call("CASE", [flag, int(1), int(null)], T.int()), "CASE(flag, 1, NULL:INT)"],
  [is("<", column(3, T.date()), literal(19_000, T.date())), "($3 < DATE '2022-01-08')"],
])("prints %#", (expr, text) => {
  expect(printExpr(expr, names)).toBe(text);
});

test.each<[Expr, string]>([
  [call("+", [int(1), int(2)], T.int()), "3"],
  [call("+", [a, call("*", [int(2), int(3)], T.int())], T.int()), "(a + 6)"],
  [call("+", [int(1), int(null)], T.int()), "NULL:INT"],
  [call("/", [literal(1n, T.bigint()), literal(0n, T.bigint())], T.bigint()), "(1 / 0)"],
  [is("AND", flag, bool(true)), "flag"],
  [is("AND", flag, bool(false)), "FALSE"],
  [is("OR", flag, is("=", int(1), int(1))), "TRUE"],
  [is("OR", bool(null), bool(null)), "NULL:BOOLEAN"],
  [is("AND", flag, bool(null)), "(flag AND NULL:BOOLEAN)"],
  [
    call("CASE", [bool(false), int(1), flag, int(2), bool(true), int(3), flag, int(4), int(5)], T.int()),
    "CASE(flag, 2, 3)",
  ],
  [call("CASE", [bool(null), int(1)], T.int()), "NULL:INT"],
  [call("COALESCE", [int(null), a, int(1), b], T.int()), "COALESCE(a, 1)"],
  [call("RAND", [], T.int()), "RAND()"],
  [call("NOW", [], T.bigint()), "NOW()"],
])("folds %#", (expr, text) => {
  expect(printExpr(foldExpr(expr, testLookup, testSession()), names)).toBe(text);
});

test("what is fixed for a job is folded when the job starts", () => {
  expect(foldExpr(call("NOW", [], T.double()), testLookup, testSession(), { statement: true })).toMatchObject({
    kind: "literal",
    value: 1_700_000_000_000,
  });
});
