import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { History } from "./history.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "millrace-history-"));
});
afterEach(() => rmSync(directory, { recursive: true }));

test("the next shell knows the statements of this one, the newest first", () => {
  const file = join(directory, "history");
  const history = new History(file);
  expect(history.load()).toEqual([]);
  history.add("SELECT 1;");
  history.add("SELECT 2;");
  expect(new History(file).load()).toEqual(["SELECT 2;", "SELECT 1;"]);
  expect(statSync(file).mode & 0o077).toBe(0);
});

test("secrets are not written", () => {
  const file = join(directory, "history");
  const history = new History(file);
  history.add("CREATE TABLE t (a INT) WITH ('connector' = 'jdbc', 'password' = 'hunter2');");
  history.add("SHOW TABLES;");
  expect(readFileSync(file, "utf8")).toBe("SHOW TABLES;\n");
});

test("a long file is cut to the newest thousand", () => {
  const file = join(directory, "history");
  const history = new History(file);
  for (let i = 0; i < 2100; i++) history.add(`SELECT ${i};`);
  expect(history.load()).toHaveLength(1000);
  expect(history.load()[0]).toBe("SELECT 2099;");
  expect(readFileSync(file, "utf8").split("\n")).toHaveLength(1001);
});

test("a place that cannot be written to is no history", () => {
  const history = new History(join(directory, "missing", "history"));
  history.add("SELECT 1;");
  expect(history.load()).toEqual([]);
});
