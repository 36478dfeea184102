import { describe, expect, it, test } from "vitest";
import { SqlError } from "../../base/errors.ts";
import { DialectInForce, parseStatementsTolerant, printStatement } from "../index.ts";
import { DIALECT_NAMES, dialectNamed } from "./dialect.ts";
import { loadParser } from "./package.ts";

/** Statements in a dialect as Flink would write them; an error as its code, message and place. */
function read(dialect: string, sql: string): string[] {
  return parseStatementsTolerant(sql, new DialectInForce(dialect)).statements.map((parsed) => {
    if ("statement" in parsed) return printStatement(parsed.statement).replaceAll(/\s+/g, " ");
    const { code, message, span } = parsed.error;
    return `${code} ${message} at ${span === undefined ? "nowhere" : sql.slice(span.start, span.end)}`;
  });
}

describe.each(DIALECT_NAMES)("%s", (name) => {
  it.each([
    ["SELECT a AND b OR c FROM t", "SELECT `a` AND `b` OR `c` FROM `t`"],
    ["SELECT (a OR b) AND NOT (c AND d) FROM t", "SELECT (`a` OR `b`) AND NOT (`c` AND `d`) FROM `t`"],
    ["SELECT a OR b AND NOT c = 1 OR d FROM t", "SELECT `a` OR `b` AND NOT `c` = 1 OR `d` FROM `t`"],
    ["SELECT a - (b - c) - d * -e FROM t", "SELECT `a` - (`b` - `c`) - `d` * - `e` FROM `t`"],
    [
      "SELECT 1 FROM t WHERE a IN (1, 2) OR b IS NULL AND c",
      "SELECT 1 FROM `t` WHERE `a` IN (1, 2) OR `b` IS NULL AND `c`",
    ],
    [
      "SELECT 1 FROM t WHERE a BETWEEN 1 AND 2 AND b OR c",
      "SELECT 1 FROM `t` WHERE `a` BETWEEN ASYMMETRIC 1 AND 2 AND `b` OR `c`",
    ],
    [
      "WITH q AS (SELECT 1 AS x) SELECT DISTINCT q.x AS y FROM q JOIN r USING (x) LEFT JOIN s ON s.x = q.x",
      "WITH `q` AS (SELECT 1 AS `x`) SELECT DISTINCT `q`.`x` AS `y` FROM `q` INNER JOIN `r` USING (`x`) LEFT JOIN `s` ON `s`.`x` = `q`.`x`",
    ],
    ["SELECT a, COUNT(*) AS c FROM t GROUP BY 1", "SELECT `a`, COUNT(*) AS `c` FROM `t` GROUP BY `a`"],
    ["SELECT 1 FROM a, b JOIN c USING (x)", "SELECT 1 FROM `a`, `b` INNER JOIN `c` USING (`x`)"],
    ["SELECT 1 FROM a AS x CROSS JOIN b AS y", "SELECT 1 FROM `a` AS `x` CROSS JOIN `b` AS `y`"],
    ["SELECT a FROM t LIMIT 3 OFFSET 2", "SELECT `a` FROM `t` OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY"],
    ["SELECT 'it''s; here'", "SELECT 'it''s; here'"],
    ["INSERT INTO s (a) SELECT b FROM t", "INSERT INTO `s` (`a`) SELECT `b` FROM `t`"],
    ["EXPLAIN SELECT b FROM t", "EXPLAIN PLAN FOR SELECT `b` FROM `t`"],
    ["SHOW TABLES", "SHOW TABLES"],
    ["CREATE VIEW v AS SELECT `a` FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' DAY))", undefined],
  ])("reads %s", (sql, expected) => {
    const [printed] = read(name, sql);
    if (expected === undefined) expect(printed).toMatch(/^CREATE VIEW/);
    else expect(printed).toBe(expected);
  });

  it.each([
    ["SELECT unheard_of(a) FROM t", /^UNSUPPORTED the function UNHEARD_OF/],
    ["SELECT a = b = c FROM t", /^(UNSUPPORTED a comparison of a comparison|SYNTAX)/],
    ["SELECT a FROM t GROUP BY 2", /^UNSUPPORTED GROUP BY 2/],
    ["SELECT /*+ OPTIONS('a'='b') */ a FROM t", /^UNSUPPORTED a comment that is a hint or code .* at \/\*\+$/],
    ["SELECT a FROM t WHERE", /^SYNTAX this is no query of \w+ that can be read: it stops/],
    ["SELECT SUBSTRING(a, b) FROM t", /^UNSUPPORTED SUBSTRING with these arguments/],
    ["SELECT x'00' FROM t", /^UNSUPPORTED a text with the prefix x .* at '00'$/],
    ["SELECT a FROM t LIMIT 1 UNION ALL SELECT 2", /^(UNSUPPORTED ORDER BY or LIMIT before|SYNTAX)/],
  ])("refuses %s", (sql, expected) => {
    expect(read(name, sql)[0]).toMatch(expected);
  });
});

test("where NULL stands in ORDER BY is said when it is not Flink's place", () => {
  const orderBy = (name: string, order: string) =>
    read(name, `SELECT a FROM t ORDER BY a ${order}`)[0]?.split("ORDER BY ")[1];
  expect(DIALECT_NAMES.map((name) => [name, orderBy(name, "ASC"), orderBy(name, "DESC")])).toEqual([
    ["postgresql", "`a` NULLS LAST", "`a` DESC NULLS FIRST"],
    ["mysql", "`a`", "`a` DESC"],
    ["mariadb", "`a`", "`a` DESC"],
    ["bigquery", "`a`", "`a` DESC"],
    ["snowflake", "`a` NULLS LAST", "`a` DESC NULLS FIRST"],
    ["trino", "`a` NULLS LAST", "`a` DESC NULLS LAST"],
  ]);
});

it.each([
  [
    "postgresql",
    "SELECT a::int8, a::text, '1'::int FROM t",
    "SELECT CAST(`a` AS BIGINT), CAST(`a` AS STRING), CAST('1' AS INTEGER) FROM `t`",
  ],
  ["postgresql", "SELECT x ILIKE 'a%' FROM t", "SELECT LOWER(`x`) LIKE LOWER('a%') FROM `t`"],
  ["postgresql", "SELECT x LIKE 'a\\_' FROM t", "SELECT `x` LIKE 'a\\_' ESCAPE '\\' FROM `t`"],
  ["postgresql", "SELECT date_trunc('day', x) FROM t", "SELECT FLOOR(`x` TO DAY) FROM `t`"],
  ["postgresql", "SELECT concat(a, NULL, b) FROM t", "SELECT CONCAT_WS('', `a`, `b`) FROM `t`"],
  ["postgresql", 'SELECT "A b" FROM "T"', "SELECT `A b` FROM `T`"],
  ["postgresql", "SELECT 1 FROM a CROSS JOIN b", "SELECT 1 FROM `a` CROSS JOIN `b`"],
  ["postgresql", "SELECT db.f(a) FROM t", "SELECT `db`.`f`(`a`) FROM `t`"],
  ["postgresql", "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3", "SELECT 1 UNION SELECT 2 INTERSECT SELECT 3"],
  ["mysql", 'SELECT "a;b", a MOD 2 FROM `t`', "SELECT 'a;b', `a` % 2 FROM `t`"],
  ["mysql", "SELECT a FROM t LIMIT 2, 3", "SELECT `a` FROM `t` OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY"],
  ["mysql", "SELECT concat(a, b), ifnull(a, 1) FROM t", "SELECT CONCAT(`a`, `b`), COALESCE(`a`, 1) FROM `t`"],
  ["mysql", "SELECT a / 2 FROM t", "SELECT `a` / 2 FROM `t`"],
  ["bigquery", "SELECT TIMESTAMP_TRUNC(a, DAY) FROM `t`", "SELECT FLOOR(`a` TO DAY) FROM `t`"],
  ["snowflake", 'SELECT "A b", t.c FROM t', "SELECT `A b`, `t`.`c` FROM `t`"],
])("%s: %s", (dialect, sql, expected) => {
  expect(read(dialect, sql)).toEqual([expected]);
});

it.each([
  [
    "postgresql",
    "SELECT a ~ 'x' FROM t",
    "UNSUPPORTED the operator ~ is not supported in the dialect PostgreSQL at a ~ 'x'",
  ],
  ["postgresql", "SELECT DISTINCT ON (a) a FROM t", /^UNSUPPORTED DISTINCT ON/],
  ["postgresql", "SELECT a::numeric FROM t", /^UNSUPPORTED DECIMAL without a precision/],
  ["postgresql", "SELECT 1 FROM a JOIN b ON a.x = b.x, c", /^UNSUPPORTED a comma after a condition/],
  ["postgresql", "SELECT a || b + c FROM t", /^UNSUPPORTED \|\| next to/],
  ["postgresql", "SELECT 1 FROM a NATURAL JOIN b", /^UNSUPPORTED 'NATURAL' after a table/],
  ["postgresql", "SELECT greatest(a, b) FROM t", /^UNSUPPORTED the function GREATEST/],
  [
    "postgresql",
    "WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 2 FROM r) SELECT 1 FROM r",
    /^UNSUPPORTED a recursive query/,
  ],
  ["mysql", "SELECT a || b FROM t", /^UNSUPPORTED the operator \|\|/],
  ["mysql", "SELECT a--b FROM t", /^UNSUPPORTED '--' without a blank/],
  ["mysql", "SELECT 'a\\n' FROM t", /^UNSUPPORTED a backslash in a text .* at 'a\\n'$/],
  ["mysql", "SELECT a FROM t FOR UPDATE", /^UNSUPPORTED FOR UPDATE/],
  ["mysql", "SELECT a FROM t GROUP BY a WITH ROLLUP", /^UNSUPPORTED GROUP BY … WITH ROLLUP/],
  ["mysql", "SELECT cast(a AS datetime) FROM t", /^UNSUPPORTED a cast to a time without digits/],
  ["snowflake", "SELECT a:b FROM t", /^UNSUPPORTED a path into a value/],
])("%s refuses %s", (dialect, sql, expected) => {
  const [error] = read(dialect, sql);
  if (typeof expected === "string") expect(error).toBe(expected);
  else expect(error).toMatch(expected);
});

test("SET and RESET count for the statements behind them, and a wrong query only for itself", () => {
  const script = `SELECT \`a\`; SET 'table.sql-dialect' = 'mysql'; SELECT "it's"; SELECT (; SELECT "b;c";
    SET 'table.sql-dialect' = 'default'; SELECT \`d\`; RESET 'table.sql-dialect'; SELECT 'e'`;
  const statements = read("default", script);
  expect(statements).toHaveLength(9);
  expect(statements[2]).toBe("SELECT 'it''s'");
  expect(statements[3]).toMatch(/^SYNTAX/);
  expect(statements[4]).toBe("SELECT 'b;c'");
  expect(statements[6]).toBe("SELECT `d`");
});

test("the dialect goes on from script to script, and RESET returns to the one at the start", () => {
  const dialects = new DialectInForce("mysql", "default");
  const printed = (sql: string) =>
    parseStatementsTolerant(sql, dialects).statements.map((s) =>
      "statement" in s ? printStatement(s.statement) : s.error.code,
    );
  expect(printed('SELECT "a"')).toEqual(["SELECT 'a'"]);
  expect(printed("RESET 'table.sql-dialect'")).toHaveLength(1);
  expect(printed('SELECT "a"')).toEqual(["SYNTAX"]);
});

test("names have the place where they stand", () => {
  const sql = "SELECT 1; SELECT abc FROM t";
  const parsed = parseStatementsTolerant(sql, new DialectInForce("postgresql")).statements[1];
  const query =
    parsed !== undefined && "statement" in parsed && parsed.statement.kind === "QueryStatement"
      ? parsed.statement.query
      : undefined;
  const item = query?.body.kind === "Select" ? query.body.items[0]!.expression : undefined;
  expect(sql.slice(item?.span.start, item?.span.end)).toBe("abc");
});

test("a query that is nested without end is an error", () => {
  expect(read("postgresql", `SELECT ${"(".repeat(3000)}1${")".repeat(3000)}`)[0]).toMatch(/^(TOO_DEEP|SYNTAX)/);
});

test("a missing package says how to install it", () => {
  const missing = Object.assign(new Error("Cannot find module 'node-sql-parser/build/mysql'"), {
    code: "MODULE_NOT_FOUND",
  });
  const load = () =>
    loadParser("mysql", () => {
      throw missing;
    });
  expect(load).toThrow(SqlError);
  expect(load).toThrow("needs the package node-sql-parser, which is not installed");
  expect(() => loadParser("mysql", () => ({}))).toThrow("not the one that is expected");
});

test("Flink's own and unknown dialects have no grammar of their own", () => {
  expect([dialectNamed(undefined), dialectNamed("default"), dialectNamed("hive")]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});
