import { expect, test } from "vitest";
import { contextLines, contextOf, locate } from "./error-context.ts";
import { SqlError } from "./errors.ts";

test("the innermost place wins, and what is outside of it is added", () => {
  const error = new TypeError("x");
  locate(error, { operatorId: "inner" });
  expect(locate(error, { operatorId: "outer", sourceId: "s", subtask: 1 })).toBe(error);
  expect(contextOf(error)).toEqual({ operatorId: "inner", sourceId: "s", subtask: 1 });
});

test("an error with a span keeps its place", () => {
  const error = locate(new SqlError("BAD_RECORD", "x"), { operatorId: "a" });
  expect(contextOf(error.at({ start: 0, end: 1 }))).toEqual({ operatorId: "a" });
});

test("what is thrown and no object has no place", () => {
  expect(locate("text", { operatorId: "a" })).toBe("text");
  expect(contextOf("text")).toBeUndefined();
});

test("lines for people", () => {
  expect(
    contextLines({
      operatorId: "c1",
      operator: "Calc(select=[a])",
      sourceId: "s1",
      source: "Scan(t)",
      sourceRows: 7,
      position: "in.csv 90",
    }),
  ).toEqual([
    "in operator c1, subtask 0: Calc(select=[a])",
    "at input Scan(t), in the batch that ends with row 7, read up to in.csv 90",
  ]);
  expect(contextLines({})).toEqual([]);
});
