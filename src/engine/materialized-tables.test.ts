import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
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

test.each([
  [CREATE.replace("FRESHNESS = INTERVAL '1' SECOND", "REFRESH_MODE = FULL"), /^UNSUPPORTED .*REFRESH_MODE = FULL/],
  [CREATE.replace("'1' SECOND", "'1' HOUR"), /^UNSUPPORTED .*REFRESH_MODE = FULL/],
  [CREATE.replace("INTERVAL '1' SECOND", "INTERVAL '-1' SECOND"), /^INVALID_QUERY FRESHNESS is a positive/],
  [CREATE.replace("INTERVAL '1' SECOND", "INTERVAL '1' MONTH"), /^INVALID_QUERY FRESHNESS is a positive/],
  [CREATE.replace("'connector' = 'filesystem'", "'connector' = 'nothing'"), /^CONNECTOR_UNKNOWN/],
])("%s is refused and leaves nothing", async (sql, error) => {
  expect((await run(SOURCE + sql))[0]).toMatch(error);
  expect(await run("SHOW TABLES;")).toEqual(["numbers"]);
});
