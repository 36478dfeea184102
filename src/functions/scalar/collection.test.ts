import { expect, test } from "vitest";
import { T } from "../../types/data-type.ts";
import { bool, call, int, lit, shown, text, type Term } from "../evaluate.test-helper.ts";

const nullInt = lit(T.int(), null);
const list = (...items: readonly (number | null)[]): Term =>
  call(
    "ARRAY",
    items.map((item) => int(item)),
  );
const a = list(3, 1, 2, 2, null);
const map = (...items: readonly Term[]): Term => call("MAP", items);
const INTS = "ARRAY<INT> NOT NULL";

test.each<[string, readonly Term[], string]>([
  ["ARRAY_CONTAINS", [a, int(2)], "TRUE BOOLEAN NOT NULL"],
  ["ARRAY_CONTAINS", [a, lit(T.null(), null)], "TRUE BOOLEAN NOT NULL"],
  ["ARRAY_DISTINCT", [a], `[3, 1, 2, NULL] ${INTS}`],
  ["ARRAY_POSITION", [a, int(3)], "1 INT NOT NULL"],
  ["ARRAY_POSITION", [a, nullInt], "NULL INT"],
  ["ARRAY_REMOVE", [a, int(2)], `[3, 1, NULL] ${INTS}`],
  ["ARRAY_REVERSE", [a], `[NULL, 2, 2, 1, 3] ${INTS}`],
  ["ARRAY_SLICE", [a, int(2), int(3)], `[1, 2] ${INTS}`],
  ["ARRAY_SLICE", [a, int(-2)], `[2, NULL] ${INTS}`],
  ["ARRAY_SORT", [a], `[NULL, 1, 2, 2, 3] ${INTS}`],
  ["ARRAY_SORT", [a, bool(false), bool(false)], `[3, 2, 2, 1, NULL] ${INTS}`],
  ["ARRAY_UNION", [a, list(9, 1)], `[3, 1, 2, NULL, 9] ${INTS}`],
  ["ARRAY_CONCAT", [a, list(7)], `[3, 1, 2, 2, NULL, 7] ${INTS}`],
  ["ARRAY_EXCEPT", [a, list(2)], `[3, 1, NULL] ${INTS}`],
  ["ARRAY_INTERSECT", [a, list(3, 1)], `[3, 1] ${INTS}`],
  ["ARRAY_MAX", [a], "3 INT"],
  ["ARRAY_MIN", [a], "1 INT"],
  [
    "ARRAY_JOIN",
    [call("ARRAY", [text("x"), lit(T.char(1), null), text("y")]), text("+"), text("?")],
    "x+?+y STRING NOT NULL",
  ],
  ["ARRAY_JOIN", [call("ARRAY", [text("x"), lit(T.char(1), null), text("y")]), text("+")], "x+y STRING NOT NULL"],
  ["ARRAY_APPEND", [a, int(5)], `[3, 1, 2, 2, NULL, 5] ${INTS}`],
  ["ARRAY_APPEND", [list(1), nullInt], "[1, NULL] ARRAY<INT>"],
  ["ARRAY_PREPEND", [a, int(0)], `[0, 3, 1, 2, 2, NULL] ${INTS}`],
  [
    "ARRAY_DISTINCT",
    [call("ARRAY", [list(1), list(1), list(2)])],
    "[[1], [2]] ARRAY<ARRAY<INT NOT NULL> NOT NULL> NOT NULL",
  ],
  ["MAP_KEYS", [map(text("k"), int(1))], "[k] ARRAY<CHAR(1) NOT NULL> NOT NULL"],
  ["MAP_VALUES", [map(text("k"), int(1))], "[1] ARRAY<INT NOT NULL> NOT NULL"],
  [
    "MAP_ENTRIES",
    [map(text("k"), int(1))],
    "[(k, 1)] ARRAY<ROW<`key` CHAR(1) NOT NULL, `value` INT NOT NULL>> NOT NULL",
  ],
  [
    "MAP_FROM_ARRAYS",
    [call("ARRAY", [text("p"), text("q")]), list(1, 2)],
    "{p=1, q=2} MAP<CHAR(1) NOT NULL, INT NOT NULL> NOT NULL",
  ],
  ["MAP_UNION", [map(text("a"), int(1)), map(text("a"), int(2))], "{a=2} MAP<CHAR(1) NOT NULL, INT NOT NULL> NOT NULL"],
  ["SPLIT", [text("a,b,"), text(",")], "[a, b, ] ARRAY<STRING> NOT NULL"],
])("%s %#", (name, args, expected) => {
  expect(shown(call(name, args))).toBe(expected);
});

test("MAP_FROM_ARRAYS needs arrays of one length", () => {
  expect(() => call("MAP_FROM_ARRAYS", [list(1), list(1, 2)])).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT" }),
  );
});
