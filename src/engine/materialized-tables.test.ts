import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { parseScript } from "../parser/index.ts";
import { BUILTINS } from "./builtin.ts";
import { execute } from "./execute.ts";
import type { JobHandle } from "./job-request.ts";
import { Session } from "./session.ts";

let folder = "";
let session: Session;
let jobs: JobHandle[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-materialized-"));
  jobs = [];
  session = new Session({
    builtins: BUILTINS,
    config: new Map([
      ["execution.checkpointing.dir", join(folder, "checkpoints")],
      ["execution.checkpointing.savepoint-dir", join(folder, "savepoints")],
    ]),
    baseDirectory: folder,
    stdout: () => undefined,
    stderr: () => undefined,
  });
});
afterEach(async () => {
  for (const job of jobs) {
    job.stop();
    await job.done;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** The rows of SHOW, or the error. */
async function run(sql: string): Promise<readonly string[]> {
  const rows: string[] = [];
  try {
    for (const statement of parseScript(sql)) {
      const result = await execute(
        statement,
        session,
        { note: () => undefined },
        { onQuery: () => ({ batch: () => undefined }) },
      );
      if (result.kind === "job") jobs.push(result.job);
      if (result.kind === "rows") rows.push(...result.rows.map((row) => String(row[0])));
    }
  } catch (error) {
    if (error instanceof SqlError) return [`${error.code} ${error.message}`];
    throw error;
  }
  return rows;
}

const SOURCE = `CREATE TABLE numbers (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '2000',
  'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '3000');`;
const CREATE = `CREATE MATERIALIZED TABLE copies WITH ('connector' = 'filesystem', 'path' = 'copies', 'format' = 'csv')
  FRESHNESS = INTERVAL '1' SECOND AS SELECT n, n * 2 AS twice FROM numbers WHERE n > 0;`;

/** Until the newest job has read more than before. */
async function someRows(): Promise<void> {
  const job = jobs.at(-1)!;
  const start = job.progress().rows;
  while (job.progress().rows < start + 100) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Numbers of the finished files, in order. */
function written(): readonly number[] {
  const files = readdirSync(join(folder, "copies")).filter((name) => !name.startsWith("."));
  const lines = files.flatMap((name) =>
    readFileSync(join(folder, "copies", name), "utf8")
      .trim()
      .split("\n"),
  );
  return lines
    .filter((line) => line !== "")
    .map((line) => Number(line.split(",")[0]))
    .sort((a, b) => a - b);
}

test("a materialized table is filled, suspended with a savepoint, and goes on without loss or repetition", async () => {
  expect(await run(SOURCE + CREATE)).toEqual([]);
  expect(await run("SHOW MATERIALIZED TABLES; SHOW MATERIALIZED TABLES LIKE 'x%';")).toEqual(["copies"]);
  await someRows();
  expect(await run("ALTER MATERIALIZED TABLE copies SUSPEND;")).toEqual([]);
  expect(jobs[0]!.ended()).toBe(true);
  expect(await run("ALTER MATERIALIZED TABLE copies SUSPEND;")).toEqual([
    "INVALID_QUERY the materialized table 'copies' is suspended already",
  ]);
  expect(await run("ALTER MATERIALIZED TABLE copies RESUME;")).toEqual([]);
  expect(await run("ALTER MATERIALIZED TABLE copies RESUME;")).toEqual([
    "INVALID_QUERY the materialized table 'copies' is not suspended",
  ]);
  expect(await jobs[1]!.done).toEqual({ status: "finished" });
  expect(written()).toEqual(Array.from({ length: 3000 }, (_, i) => i + 1));
}, 60_000);

test("only DROP MATERIALIZED TABLE takes it away, with its job", async () => {
  expect(await run(SOURCE + CREATE)).toEqual([]);
  expect(await run("DROP TABLE copies;")).toEqual(["INVALID_QUERY 'copies' is a materialized table"]);
  expect(await run("DROP MATERIALIZED TABLE numbers;")).toEqual([
    "INVALID_QUERY 'numbers' is a table, and no materialized table",
  ]);
  expect(await run("SHOW CREATE MATERIALIZED TABLE copies;")).toMatchInlineSnapshot(`
    [
      "CREATE MATERIALIZED TABLE \`default_catalog\`.\`default_database\`.\`copies\`
    WITH (
      'connector' = 'filesystem',
      'format' = 'csv',
      'path' = 'copies'
    )
    FRESHNESS = INTERVAL '1' SECOND
    REFRESH_MODE = CONTINUOUS
    AS SELECT \`numbers\`.\`n\`, \`numbers\`.\`n\` * 2 AS \`twice\`
    FROM \`default_catalog\`.\`default_database\`.\`numbers\` AS \`numbers\`
    WHERE \`numbers\`.\`n\` > 0
    ",
    ]
  `);
  expect(await run("DROP MATERIALIZED TABLE copies; DROP MATERIALIZED TABLE IF EXISTS copies;")).toEqual([]);
  expect(jobs[0]!.ended()).toBe(true);
  expect(await run("SHOW TABLES;")).toEqual(["numbers"]);
}, 60_000);

const SMALL = `CREATE TABLE small (k STRING, v INT) WITH ('connector' = 'filesystem', 'path' = 'small', 'format' = 'csv');`;
const TOTALS = `CREATE MATERIALIZED TABLE totals PARTITIONED BY (k)
  WITH ('connector' = 'filesystem', 'path' = 'totals', 'format' = 'csv') FRESHNESS = INTERVAL '1' SECOND
  AS SELECT v, k FROM small WHERE v > 0;`;

/** The rows of a table below the folder, as its files have them, by file. */
function lines(table: string): readonly string[] {
  const files = readdirSync(join(folder, table), { recursive: true, encoding: "utf8" });
  return files
    .filter((name) => /(^|\/)part-[^/]*$/.test(name))
    .flatMap((name) => {
      const text = readFileSync(join(folder, table, name), "utf8").trim();
      return text.split("\n").map((line) => `${name.split("/").slice(0, -1).join("/")} ${line}`);
    })
    .sort();
}

/** A statement whose job comes to its end. */
async function finish(sql: string): Promise<readonly string[]> {
  const before = jobs.length;
  const rows = await run(sql);
  for (const job of jobs.slice(before)) expect(await job.done).toEqual({ status: "finished" });
  return rows;
}

test("REFRESH puts what the query gives now in the place of what was there, PARTITION some of it", async () => {
  mkdirSync(join(folder, "small"));
  writeFileSync(join(folder, "small", "1.csv"), "a,1\nb,2\n");
  expect(await finish(SMALL + TOTALS)).toEqual([]);
  expect(lines("totals")).toEqual(["k=a 1", "k=b 2"]);
  writeFileSync(join(folder, "small", "1.csv"), "a,10\nb,20\n");
  expect(await finish("ALTER MATERIALIZED TABLE totals REFRESH PARTITION (k = 'b');")).toEqual([]);
  expect(lines("totals")).toEqual(["k=a 1", "k=b 20"]);
  expect(await finish("ALTER MATERIALIZED TABLE totals REFRESH;")).toEqual([]);
  expect(lines("totals")).toEqual(["k=a 10", "k=b 20"]);
  expect(await run("ALTER MATERIALIZED TABLE totals REFRESH PARTITION (v = '1');")).toEqual([
    "INVALID_QUERY 'v' is no partition column of 'totals'",
  ]);
}, 60_000);

test("a table that is being filled is not refreshed", async () => {
  expect(await run(SOURCE + CREATE)).toEqual([]);
  expect((await run("ALTER MATERIALIZED TABLE copies REFRESH;"))[0]).toMatch(/^INVALID_QUERY the job of .* is running/);
}, 60_000);

test("AS gives it another query, with new columns at the end", async () => {
  mkdirSync(join(folder, "small"));
  writeFileSync(join(folder, "small", "1.csv"), "a,1\n");
  const totals = TOTALS.replace(" PARTITIONED BY (k)", "").replace("SELECT v, k", "SELECT k, v");
  expect(await finish(SMALL + totals)).toEqual([]);
  expect(await run("ALTER MATERIALIZED TABLE totals SUSPEND;")).toEqual([]);
  expect(await run("ALTER MATERIALIZED TABLE totals AS SELECT k FROM small;")).toEqual([
    "INVALID_QUERY the query has 1 columns and the materialized table 'totals' 2: columns cannot be dropped",
  ]);
  expect(await run("ALTER MATERIALIZED TABLE totals AS SELECT v, k FROM small;")).toEqual([
    "INVALID_QUERY column 1 of the materialized table 'totals' is `k` STRING, and `v` INT of the query: columns can only be added at the end",
  ]);
  expect(await run("ALTER MATERIALIZED TABLE totals AS SELECT k, v, COUNT(*) OVER () AS n FROM small;")).toEqual([
    "PLANNING The window can only be ordered by a single time column.",
  ]);
  expect(await run("ALTER MATERIALIZED TABLE totals AS SELECT k, v, v * 2 AS twice FROM small;")).toEqual([]);
  expect(await run("DESCRIBE totals;")).toEqual(["k", "v", "twice"]);
  expect(await finish("ALTER MATERIALIZED TABLE totals RESUME;")).toEqual([]);
  expect(lines("totals")).toEqual([" a,1", " a,1,2"]);
  expect(await finish("ALTER MATERIALIZED TABLE totals AS SELECT k, v, v * 3 AS twice FROM small;")).toEqual([]);
  expect(lines("totals")).toEqual([" a,1", " a,1,2", " a,1,3"]);
}, 60_000);

const FULL = TOTALS.replace(" PARTITIONED BY (k)", "").replace("SELECT v, k", "SELECT k, v");

/** Waits until these are the rows of `totals`; refreshes come with the clock, and take files away while they are read. */
async function untilTotals(...expected: readonly string[]): Promise<void> {
  const hold = (): boolean => {
    try {
      return lines("totals").join() === expected.join();
    } catch {
      return false;
    }
  };
  while (!hold()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test("REFRESH_MODE = FULL computes the table anew at each time of its freshness, and at once when asked", async () => {
  const full = FULL.replace("'1' SECOND", "'1' SECOND REFRESH_MODE = FULL");
  expect(await run(SMALL + full)).toEqual([]);
  expect(await run("SHOW CREATE MATERIALIZED TABLE totals;")).toEqual([
    expect.stringContaining("FRESHNESS = INTERVAL '1' SECOND\nREFRESH_MODE = FULL\nAS SELECT"),
  ]);
  const [schedule] = jobs;
  expect(await finish("INSERT INTO small VALUES ('a', 1);")).toEqual([]);
  await untilTotals(" a,1");
  expect(await finish("INSERT INTO small VALUES ('a', 2);")).toEqual([]);
  await untilTotals(" a,1", " a,2");
  expect(schedule!.status()).toBe("RUNNING");
  expect(await run("ALTER MATERIALIZED TABLE totals SUSPEND;")).toEqual([]);
  expect(schedule!.ended()).toBe(true);
  expect(await finish("INSERT INTO small VALUES ('a', 3);")).toEqual([]);
  expect(lines("totals")).toEqual([" a,1", " a,2"]);
  expect(await finish("ALTER MATERIALIZED TABLE totals REFRESH;")).toEqual([]);
  expect(lines("totals")).toEqual([" a,1", " a,2", " a,3"]);
  expect(await finish("INSERT INTO small VALUES ('a', 4);")).toEqual([]);
  expect(await run("ALTER MATERIALIZED TABLE totals RESUME;")).toEqual([]);
  await untilTotals(" a,1", " a,2", " a,3", " a,4");
  expect(await run("ALTER MATERIALIZED TABLE totals AS SELECT k, v, v * 2 AS twice FROM small;")).toEqual([]);
  await untilTotals(" a,1,2", " a,2,4", " a,3,6", " a,4,8");
  expect(await run("DROP MATERIALIZED TABLE totals;")).toEqual([]);
  expect(jobs.at(-1)!.ended()).toBe(true);
}, 120_000);

test("an hour of freshness means REFRESH_MODE = FULL, with nothing in the table before its time; REFRESH does not wait for it", async () => {
  expect(await run(SMALL + FULL.replace("'1' SECOND", "'1' HOUR"))).toEqual([]);
  expect(await finish("INSERT INTO small VALUES ('b', 5);")).toEqual([]);
  expect(await finish("ALTER MATERIALIZED TABLE totals REFRESH;")).toEqual([]);
  expect(lines("totals")).toEqual([" b,5"]);
  expect(await run("ALTER MATERIALIZED TABLE totals SUSPEND; ALTER MATERIALIZED TABLE totals SUSPEND;")).toEqual([
    "INVALID_QUERY the materialized table 'totals' is suspended already",
  ]);
}, 60_000);

test.each([
  [CREATE.replace("'1' SECOND", "'7' SECOND REFRESH_MODE = FULL"), /^INVALID_QUERY .*factors of 60/],
  [CREATE.replace("'1' SECOND", "'2' DAY"), /^INVALID_QUERY .*must be 1 when the time unit is DAY/],
  [CREATE.replace("'filesystem'", "'blackhole'").replace("'1' SECOND", "'1' HOUR"), /^(OPTION_UNKNOWN|INVALID_QUERY)/],
  [CREATE.replace("INTERVAL '1' SECOND", "INTERVAL '-1' SECOND"), /^INVALID_QUERY FRESHNESS is a positive/],
  [CREATE.replace("INTERVAL '1' SECOND", "INTERVAL '1' MONTH"), /^INVALID_QUERY FRESHNESS is a positive/],
  [CREATE.replace("'connector' = 'filesystem'", "'connector' = 'nothing'"), /^CONNECTOR_UNKNOWN/],
])("%s is refused and leaves nothing", async (sql, error) => {
  expect((await run(SOURCE + sql))[0]).toMatch(error);
  expect(await run("SHOW TABLES;")).toEqual(["numbers"]);
});
