import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { T } from "../types/data-type.ts";
import { TableauWriter } from "./tableau.ts";

const FIELDS = [
  { name: "n", type: T.int() },
  { name: "s", type: T.string() },
];

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function writer(): { readonly table: TableauWriter; readonly lines: () => string[] } {
  let text = "";
  const table = new TableauWriter(FIELDS, { plain: false, maxWidth: 30 }, (more) => {
    text += more;
  });
  return { table, lines: () => text.split("\n") };
}

test("a small result is as wide as it needs", () => {
  const { table, lines } = writer();
  table.change("+I", ["1", "a"]);
  void table.flush();
  expect(lines()).toEqual([""]);
  table.end();
  expect(lines()[0]).toBe("+----+---+---+");
  vi.advanceTimersByTime(5000);
  expect(lines()).toHaveLength(7);
});

test("a slow result is drawn after a second, with room for what may follow", () => {
  const { table, lines } = writer();
  table.change("+I", ["1", "a"]);
  void table.flush();
  vi.advanceTimersByTime(1000);
  expect(lines().slice(0, 2)).toEqual([
    `+----+-------------+${"-".repeat(32)}+`,
    `| op |           n | s${" ".repeat(30)}|`,
  ]);
  expect(lines()).toHaveLength(5);
  table.change("-D", ["-2147483648", "x".repeat(40)]);
  void table.flush();
  expect(lines()[4]).toBe(`| -D | -2147483648 | ${"x".repeat(27)}... |`);
  table.end();
  expect(lines().at(-2)).toBe("Received a total of 2 rows");
});

test("a large result does not wait for its end", () => {
  const { table, lines } = writer();
  for (let n = 0; n < 1000; n++) table.change("+I", [String(n), "a\nb"]);
  void table.flush();
  expect(lines()).toHaveLength(1004);
  expect(lines()[3]).toContain("a\\nb");
});
