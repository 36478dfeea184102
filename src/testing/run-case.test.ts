import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findCases } from "./cases.ts";
import { CHAOS_MODES, PLAIN, unsupported } from "./modes.ts";
import { runCase } from "./run-case.ts";

let corpus = "";
beforeEach(() => {
  corpus = mkdtempSync(join(tmpdir(), "millrace-corpus-"));
});
afterEach(() => rmSync(corpus, { recursive: true }));

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(corpus, name)), { recursive: true });
    writeFileSync(join(corpus, name), text);
  }
}

async function outcome(accept = false): Promise<readonly string[]> {
  const [golden] = findCases([corpus]);
  const result = await runCase(golden!, PLAIN, accept);
  return [result.status, ...result.details];
}

const COPY = `CREATE TABLE a (k STRING, n INT) WITH ('connector' = 'kafka', 'topic' = 'a', 'format' = 'json', 'properties.bootstrap.servers' = 'k:9092');
CREATE TABLE b (k STRING, n INT, PRIMARY KEY (k) NOT ENFORCED) WITH ('connector' = 'upsert-kafka', 'topic' = 'b', 'properties.bootstrap.servers' = 'k:9092',
  'key.format' = 'raw', 'value.format' = 'json');
INSERT INTO b SELECT k, SUM(n) FROM a GROUP BY k;`;

test("cases of a part of a corpus are those of the whole", () => {
  put({
    "data/x.csv": "1",
    "area/one.sql": "SELECT 1",
    "area/deep/pipeline.sql": "",
    "area/deep/other.sql": "SELECT 2",
  });
  const whole = findCases([corpus]).map((c) => [c.name, c.corpus, c.pipeline]);
  expect(whole).toEqual([
    ["area/deep", corpus, true],
    ["area/one", corpus, false],
  ]);
  expect(findCases([join(corpus, "area")]).map((c) => [c.name, c.corpus, c.pipeline])).toEqual(whole);
  expect(findCases([join(corpus, "area/one.sql")]).map((c) => [c.name, c.corpus])).toEqual([["area/one", corpus]]);
});

test("--accept writes what the next run expects", async () => {
  put({ "a/case.sql": "-- clock: 2024-01-01T00:00:00Z\nSELECT CURRENT_TIMESTAMP AS t, '${tmp}' AS d;" });
  expect(await outcome()).toEqual(["failed", `there is no ${join(corpus, "a/case.out")}: run with --accept`]);
  expect(await outcome(true)).toEqual(["accepted"]);
  expect(readFileSync(join(corpus, "a/case.out"), "utf8")).toContain("+I[2024-01-01 00:00:00.000, ${tmp}]");
  expect(await outcome()).toEqual(["passed"]);
});

test("a pipeline is held against its tables' files: by key, values by their types", async () => {
  put({ "p/pipeline.sql": COPY, "p/a.jsonl": '{"k":"x","n":1}\n{"k":"y","n":5}\n{"k":"x","n":2}\n' });
  expect(await outcome()).toEqual([
    "failed",
    `there is no <table>.expected.jsonl in ${join(corpus, "p")}: run with --accept`,
  ]);
  put({ "p/b.expected.jsonl": '{ "n": 5, "k": "y" }\n{"k": "x", "n": 3}' });
  expect(await outcome()).toEqual(["passed"]);
  put({ "p/b.expected.jsonl": '{"k":"x","n":4}\n{"k":"y","n":5}\n' });
  expect(await outcome()).toEqual(["failed", 'b: - {"k":"x","n":4}', 'b: + {"k":"x","n":3}']);
  expect(await outcome(true)).toEqual(["accepted"]);
  expect(readFileSync(join(corpus, "p/b.expected.jsonl"), "utf8")).toBe('{"k":"x","n":3}\n{"k":"y","n":5}\n');
  put({ "p/b.expected.jsonl": '{"k":"x","n":"three"}\n', "p/c.expected.jsonl": "" });
  expect(await outcome()).toEqual([
    "failed",
    expect.stringMatching(/^b\.expected\.jsonl: error\[BAD_RECORD\]/),
    "c: nothing was written into it",
  ]);
});

test("a pipeline without input for a table says which file is missing", async () => {
  put({ "p/pipeline.sql": COPY });
  expect(await outcome()).toEqual([
    "failed",
    "error[FILE_NOT_FOUND]: there is no input for the table 'a', and nothing was written into it",
  ]);
});

test("a case that would never end fails", async () => {
  put({ "a/case.sql": "CREATE TABLE g (n INT) WITH ('connector' = 'datagen');\nSELECT n FROM g;", "a/case.out": "" });
  expect(await outcome()).toEqual([
    "failed",
    "block 1: + error validation (not expected)",
    "error[INVALID_QUERY]: a golden outcome needs sources that end",
  ]);
});

test("random numbers are not compared after a restore", async () => {
  put({ "a/case.sql": "-- seed: 7\nSELECT RAND() AS r;" });
  await outcome(true);
  const [golden] = findCases([corpus]);
  const results = await Promise.all(
    CHAOS_MODES.map(async (mode) => [mode.crashes ?? false, (await runCase(golden!, mode, false)).status]),
  );
  expect(results).toEqual(
    CHAOS_MODES.map((mode) => {
      const threads = mode.config["parallelism.default"] !== undefined;
      const skipped = mode.crashes === true || threads || unsupported(mode) !== undefined;
      return [mode.crashes ?? false, skipped ? "skipped" : "passed"];
    }),
  );
});

test("a header that cannot be read is wrong use", () => {
  put({ "a/case.sql": "-- seed: many\nSELECT 1" });
  expect(() => findCases([corpus])).toThrow("'-- seed: many' cannot be read");
});

test("modes are state backends × threads with restores, and what a build does not support is skipped by name", async () => {
  expect(CHAOS_MODES.map((mode) => mode.name)).toEqual(
    expect.arrayContaining(
      ["memory", "filesystem", "rocksdb"].flatMap((backend) => [`restored-${backend}-1`, `restored-${backend}-3`]),
    ),
  );
  const unknown = { name: "far away", config: { "state.backend.type": "forst" } };
  expect(unsupported(unknown)).toBe("'state.backend.type' = 'forst' is not supported yet");
  expect(unsupported({ name: "batch-1", config: { "execution.batch-rows": "1" } })).toBeUndefined();
  put({ "a/case.sql": "SELECT 1 AS n;" });
  await outcome(true);
  const [golden] = findCases([corpus]);
  expect(await runCase(golden!, unknown, false)).toMatchObject({ status: "skipped", details: [unsupported(unknown)] });
});
