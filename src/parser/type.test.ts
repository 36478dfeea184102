import { expect, test } from "vitest";
import { parseExpression, parseType, printType, walk } from "./index.ts";

test.each([
  ["INTEGER", "INT"],
  ["string", "VARCHAR(2147483647)"],
  ["VARCHAR", "VARCHAR(2147483647)"],
  ["CHARACTER VARYING(3)", "VARCHAR(3)"],
  ["CHARACTER", "CHAR"],
  ["BYTES", "VARBINARY(2147483647)"],
  ["DEC(6)", "DECIMAL(6)"],
  ["NUMERIC(12, 4) NOT NULL", "DECIMAL(12, 4) NOT NULL"],
  ["DOUBLE PRECISION", "DOUBLE"],
  ["REAL", "FLOAT"],
  ["TIME(3) WITHOUT TIME ZONE", "TIME(3)"],
  ["TIMESTAMP(9) WITHOUT TIME ZONE", "TIMESTAMP(9)"],
  ["TIMESTAMP_LTZ(3)", "TIMESTAMP(3) WITH LOCAL TIME ZONE"],
  ["TIMESTAMP WITH LOCAL TIME ZONE NULL", "TIMESTAMP WITH LOCAL TIME ZONE"],
  ["INTERVAL DAY(3) TO SECOND(2)", "INTERVAL DAY(3) TO SECOND(2)"],
  ["INTERVAL HOUR", "INTERVAL DAY TO SECOND"],
  ["INTERVAL YEAR(4)", "INTERVAL YEAR(4) TO MONTH"],
  ["INT ARRAY ARRAY", "ARRAY<ARRAY<INT>>"],
  ["INT NOT NULL ARRAY NOT NULL", "ARRAY<INT NOT NULL> NOT NULL"],
  ["MAP<STRING, MULTISET<INT>>", "MAP<VARCHAR(2147483647), MULTISET<INT>>"],
  ["ROW<a INT 'it''s', `b c` ROW(key STRING)>", "ROW<`a` INT 'it''s', `b c` ROW<`key` VARCHAR(2147483647)>>"],
  ["ROW<>", "ROW<>"],
  ["ROW()", "ROW<>"],
])("type %s", (text, printed) => {
  expect(printType(parseType(text))).toBe(printed);
  expect(printType(parseType(printed))).toBe(printed);
});

test("a walk visits every node once and can stop below one", () => {
  const tree = parseExpression("CASE WHEN f(a, ROW(b)) THEN CAST(c AS ROW<x INT>) ELSE d IN (SELECT e FROM t) END");
  const seen: string[] = [];
  walk(tree, (node) => {
    seen.push(node.kind);
  });
  expect(seen.filter((kind) => kind === "ColumnRef")).toHaveLength(5);
  expect(seen).toContain("RowField");
  expect(seen).toContain("TableRef");
  let visited = 0;
  walk(tree, () => {
    visited += 1;
    return false;
  });
  expect(visited).toBe(1);
});
