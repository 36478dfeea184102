import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { CollectedChanges } from "../batch/collected-changes.ts";
import { parseScript } from "../parser/index.ts";
import { textOf } from "../types/value-text.ts";
import { BUILTINS } from "./builtin.ts";
import { execute, planStatement } from "./execute.ts";
import { physicalText } from "./explain.ts";
import { Session } from "./session.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-execute-"));
  writeFileSync(
    join(folder, "functions.mjs"),
    `export const plus = (x) => x + 1; plus.returns = "INT"; plus.parameters = ["INT"];
export const length = (x) => -1; length.returns = "INT";
export const orNone = (x) => x ?? "none"; orNone.calledOnNull = true;
export const count = () => "text"; count.returns = "BIGINT";
export const later = async () => "x";
export const fails = () => { throw new Error("oh no"); };
export const odd = (x) => x; odd.returns = "NOTATYPE";
export const notOne = 7;
export default (x) => "default " + x;
`,
  );
  writeFileSync(join(folder, "broken.mjs"), "export const f = ;");
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function newSession(config: Readonly<Record<string, string>> = {}): { session: Session; printed: string[] } {
  const printed: string[] = [];
  const session = new Session({
    builtins: BUILTINS,
    config: new Map(Object.entries(config)),
    baseDirectory: folder,
    stdout: (text) => printed.push(text),
    stderr: () => undefined,
  });
  return { session, printed };
}

/** Runs a script: rows of each statement that gives some as text, `job NAME` for INSERTs; the error that ends it. */
async function run(sql: string, { session } = newSession()): Promise<readonly string[]> {
  const seen: string[] = [];
  try {
    for (const statement of parseScript(sql)) {
      let query: CollectedChanges | undefined;
      const rows: string[] = [];
      const result = await execute(
        statement,
        session,
        { note: (text) => seen.push(`note ${text}`) },
        {
          onQuery: (fields) => {
            const texts = fields.map((f) => textOf(f.type, "UTC"));
            query = new CollectedChanges(
              fields.map((f) => f.type),
              ({ kind, row }) => rows.push(`${kind}[${row.map((v, i) => texts[i]!(v)).join(", ")}]`),
            );
            return query;
          },
        },
      );
      if (result.kind === "rows") seen.push(result.rows.map((row) => row.map(String).join(" ")).join(", "));
      if (result.kind !== "job") continue;
      if (!result.query) seen.push(`job ${result.job.name}`);
      const outcome = await result.job.done;
      if (result.query) seen.push(rows.join(" "));
      if (outcome.status === "failed") throw outcome.error;
    }
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
    seen.push(
      `${error.code}: ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`.replaceAll(folder, "."),
    );
  }
  return seen;
}

describe("user functions", () => {
  const create = (name: string, of = name, options = ""): string =>
    `CREATE FUNCTION ${options} ${name} AS './functions.mjs#${of}' LANGUAGE JAVASCRIPT;`;

  it.each<readonly [what: string, sql: string, expected: readonly string[]]>([
    ["are called", `${create("plus")} SELECT plus(1), PLUS(plus(2));`, ["+I[2, 4]"]],
    [
      "of the default export",
      "CREATE FUNCTION d AS './functions.mjs' LANGUAGE JAVASCRIPT; SELECT d('x');",
      ["+I[default x]"],
    ],
    ["get no NULL", `${create("plus")} SELECT plus(CAST(NULL AS INT));`, ["+I[NULL]"]],
    ["unless they want it", `${create("orNone")} SELECT orNone(CAST(NULL AS STRING));`, ["+I[none]"]],
    ["arguments are converted", `${create("plus")} SELECT plus(CAST(1 AS SMALLINT));`, ["+I[2]"]],
    [
      "too many arguments",
      `${create("plus")} SELECT plus(1, 2);`,
      ["TYPE_MISMATCH: Cannot apply 'PLUS' to arguments of type 'PLUS(<INT>, <INT>)' (supported: plus(INT))"],
    ],
    [
      "a wrong value",
      `${create("count_", "count")} SELECT count_();`,
      ["", "USER_FUNCTION_FAILED: function count_ gave string 'text', which is no BIGINT"],
    ],
    [
      "a promise",
      `${create("later")} SELECT later();`,
      ["", "USER_FUNCTION_FAILED: function later gave object '[object Promise]', which is no STRING"],
    ],
    ["an error", `${create("fails")} SELECT fails();`, ["", "USER_FUNCTION_FAILED: function fails failed: oh no"]],
    [
      "an unknown export",
      create("nope"),
      [
        "FUNCTION_NOT_FOUND: './functions.mjs' exports no function 'nope' (it exports count, default, fails, later, length, notOne, odd, orNone, plus)",
      ],
    ],
    [
      "an export that is no function",
      create("notOne"),
      [
        "FUNCTION_NOT_FOUND: './functions.mjs' exports no function 'notOne' (it exports count, default, fails, later, length, notOne, odd, orNone, plus)",
      ],
    ],
    [
      "no file",
      "CREATE FUNCTION f AS './none.mjs' LANGUAGE JAVASCRIPT;",
      ["FILE_NOT_FOUND: the file './none.mjs' of function f does not exist"],
    ],
    [
      "a Java class",
      "CREATE FUNCTION f AS 'com.acme.F';",
      ["UNSUPPORTED: functions in JAVA cannot run here (CREATE FUNCTION f AS './file.js#name' LANGUAGE JAVASCRIPT)"],
    ],
    ["exist once", `${create("plus")}${create("plus")}`, ["FUNCTION_EXISTS: Function 'plus' already exists"]],
    [
      "IF NOT EXISTS keeps the first",
      `${create("plus")}${create("plus", "fails", "IF NOT EXISTS")} SELECT plus(1);`,
      ["+I[2]"],
    ],
    [
      "are dropped",
      `${create("plus")} DROP FUNCTION plus; SHOW USER FUNCTIONS; SELECT plus(1);`,
      ["", "FUNCTION_NOT_FOUND: No match found for function signature PLUS(<INT>)"],
    ],
    [
      "belong to their database",
      `${create("plus")} CREATE DATABASE d; USE d; SHOW USER FUNCTIONS; USE default_database; SHOW USER FUNCTIONS;`,
      ["", "plus"],
    ],
    [
      "and are not found from another",
      `CREATE DATABASE d; ${create("d.plus", "plus")} SELECT plus(1);`,
      ["FUNCTION_NOT_FOUND: No match found for function signature PLUS(<INT>)"],
    ],
    ["or are, there", `CREATE DATABASE d; ${create("d.plus", "plus")} USE d; SELECT plus(1);`, ["+I[2]"]],
    [
      "do not take the place of built-in ones",
      `${create("char_length", "length")} SELECT char_length('abc');`,
      ["+I[3]"],
    ],
    [
      "but temporary system functions do",
      `CREATE TEMPORARY SYSTEM FUNCTION char_length AS './functions.mjs#length' LANGUAGE JAVASCRIPT; SELECT char_length('abc'); DROP TEMPORARY SYSTEM FUNCTION char_length; SELECT char_length('abc');`,
      ["+I[-1]", "+I[3]"],
    ],
    ["are listed once", `${create("plus")} SHOW FUNCTIONS LIKE 'plus';`, ["plus"]],
  ])("%s", async (_, sql, expected) => {
    expect(await run(sql)).toEqual(expected);
  });

  it("a file that does not load, a type that is none", async () => {
    expect((await run("CREATE FUNCTION f AS './broken.mjs#f' LANGUAGE JAVASCRIPT"))[0]).toMatch(
      /^INVALID_QUERY: the file '.\/broken.mjs' of function f does not load: /,
    );
    expect((await run(create("odd")))[0]).toMatch(/^INVALID_QUERY: function odd names the type 'NOTATYPE': /);
  });
});

describe("SHOW", () => {
  const TABLES =
    "CREATE TABLE a_1 (x INT, a_b INT, axb INT) WITH ('connector' = 'datagen'); CREATE TABLE ab1 (x INT) WITH ('connector' = 'datagen'); CREATE VIEW v AS SELECT 1 AS one;";

  it.each<readonly [statement: string, expected: string]>([
    ["SHOW TABLES", "a_1, ab1, v"],
    ["SHOW VIEWS", "v"],
    ["SHOW TABLES LIKE 'a%'", "a_1, ab1"],
    ["SHOW TABLES LIKE 'a_1'", "a_1, ab1"],
    ["SHOW TABLES LIKE 'a\\_1'", "a_1"],
    ["SHOW TABLES LIKE 'A%'", ""],
    ["SHOW TABLES ILIKE 'A%'", "a_1, ab1"],
    ["SHOW TABLES NOT LIKE 'a%'", "v"],
    ["SHOW TABLES LIKE 'a'", ""],
    ["SHOW TABLES LIKE 'a.1'", ""],
    ["SHOW TABLES FROM default_database LIKE 'v'", "v"],
    ["SHOW COLUMNS FROM a_1 LIKE 'a\\_%'", "a_b INT true null null null"],
    ["SHOW DATABASES", "default_database"],
    ["SHOW CATALOGS", "default_catalog"],
    ["SHOW CURRENT DATABASE", "default_database"],
    ["SHOW CURRENT CATALOG", "default_catalog"],
    ["SHOW MODULES", "core"],
    ["SHOW FUNCTIONS LIKE 'char\\_length'", "char_length"],
    ["SHOW JOBS", ""],
  ])("%s", async (statement, expected) => {
    expect((await run(`${TABLES} ${statement};`)).at(-1)).toBe(expected);
  });
});

describe("SET", () => {
  it.each<readonly [sql: string, expected: readonly string[]]>([
    ["SET;", [""]],
    ["SET 'pipeline.name' = 'x'; SET 'execution.batch-rows' = '5'; SET;", ["execution.batch-rows 5, pipeline.name x"]],
    ["SET 'checkpointing.interval' = '1 s'; RESET 'checkpointing.interval'; SET;", [""]],
    ["RESET 'no.such';", ["OPTION_UNKNOWN: 'no.such' is not an option that millrace knows"]],
    [
      "SET 'execution.checkpointing.max-concurrent-checkpoints' = '2';",
      ["UNSUPPORTED: 'execution.checkpointing.max-concurrent-checkpoints' = '2' is not supported yet; supported: 1"],
    ],
  ])("%s", async (sql, expected) => {
    expect(await run(sql)).toEqual(expected);
  });

  it("changes what comes after it", async () => {
    const ltz = "SELECT CAST(TO_TIMESTAMP_LTZ(0, 3) AS STRING)";
    expect(await run(`${ltz}; SET 'table.local-time-zone' = 'Asia/Shanghai'; ${ltz};`)).toEqual([
      "+I[1970-01-01 00:00:00.000]",
      "+I[1970-01-01 08:00:00.000]",
    ]);
  });
});

describe("jobs", () => {
  const SINKS =
    "CREATE TABLE s (x INT) WITH ('connector' = 'blackhole'); CREATE TABLE t (x INT) WITH ('connector' = 'blackhole');";

  it.each<readonly [what: string, sql: string, expected: readonly string[]]>([
    ["are named after their table", `${SINKS} INSERT INTO s SELECT 1;`, ["job s"]],
    [
      "with a number from the second on",
      `${SINKS} INSERT INTO s SELECT 1; INSERT INTO t SELECT 1; INSERT INTO s SELECT 1;`,
      ["job s", "job t", "job s-2"],
    ],
    [
      "a statement set after its first",
      `${SINKS} EXECUTE STATEMENT SET BEGIN INSERT INTO t SELECT 1; INSERT INTO s SELECT 2; END;`,
      ["job t"],
    ],
    [
      "or as 'pipeline.name' says",
      `${SINKS} SET 'pipeline.name' = 'mine'; INSERT INTO s SELECT 1; INSERT INTO t SELECT 1;`,
      ["job mine", "job mine-2"],
    ],
    ["CREATE TABLE AS too", "CREATE TABLE c WITH ('connector' = 'blackhole') AS SELECT 1 AS x;", ["job c"]],
  ])("%s", async (_, sql, expected) => {
    expect(await run(sql)).toEqual(expected);
  });

  it("print goes to the session's output", async () => {
    const started = newSession();
    await run("CREATE TABLE p (x INT) WITH ('connector' = 'print'); INSERT INTO p VALUES (1), (2);", started);
    expect(started.printed.join("")).toBe("+I[1]\n+I[2]\n");
  });

  it("nothing of a statement that is refused stays", async () => {
    expect(await run(`${SINKS} INSERT INTO s SELECT 'text'; SHOW TABLES;`)).toHaveLength(1);
    expect((await run("CREATE TABLE c WITH ('connector' = 'nope') AS SELECT 1 AS x; "))[0]).toMatch(
      /^CONNECTOR_UNKNOWN/,
    );
  });
});

describe("EXPLAIN", () => {
  it("shows both plans", async () => {
    expect(await run("CREATE TABLE g (x INT) WITH ('connector' = 'datagen'); EXPLAIN SELECT x + 1 FROM g;")).toEqual([
      "== Abstract Syntax Tree ==\nLogicalProject(EXPR$0=[+($0, 1)])\n+- LogicalTableScan(table=[[default_catalog, default_database, g]])\n\n== Optimized Physical Plan ==\nCalc(select=[(x + 1) AS EXPR$0])\n+- TableSourceScan(table=[[default_catalog, default_database, g]], fields=[x])\n\n== Optimized Execution Plan ==\nCalc(select=[(x + 1) AS EXPR$0])\n+- TableSourceScan(table=[[default_catalog, default_database, g]], fields=[x])\n",
    ]);
  });

  it("refers to what is shared instead of showing it twice", () => {
    const { session } = newSession();
    const [statement] = parseScript(
      "SELECT * FROM (SELECT COUNT(*) FROM (VALUES (1)) AS v(x)) JOIN (SELECT COUNT(*) FROM (VALUES (2)) AS v(x)) ON TRUE",
    );
    const { graph } = planStatement(statement!, session)!;
    expect(physicalText(graph)).not.toContain("Reused");
    const [self] = parseScript(
      "SELECT UPPER(a), LOWER(a) FROM (VALUES ('x')) AS v(a) UNION ALL SELECT UPPER(a), LOWER(a) FROM (VALUES ('x')) AS v(a)",
    );
    expect(physicalText(planStatement(self!, session)!.graph)).toMatch(/^Sink/);
  });
});
