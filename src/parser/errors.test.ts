import { expect, test } from "vitest";
import { SqlError, SqlErrors } from "../base/errors.ts";
import { positionOf } from "../base/span.ts";
import { parseExpression, parseScript, parseStatementsTolerant, parseType } from "./index.ts";

function errorOf(text: string, parse: (text: string) => unknown = parseScript): SqlError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new SqlError("BUG", `no error in ${text}`);
}

/** `line:column message`, then the hint. */
function described(text: string): string {
  const error = errorOf(text);
  const { line, column } = positionOf(text, error.span?.start ?? -1);
  return `${error.code} ${line}:${column} ${error.message}${error.hint === undefined ? "" : ` (${error.hint})`}`;
}

test.each([
  ["SELECT FROM WHERE", "SYNTAX 1:8 unexpected 'FROM', expected an expression"],
  [
    "SELECT 'abc;",
    "SYNTAX 1:8 the string that starts here has no closing quote (a quote inside a string is written twice: 'it''s')",
  ],
  ["SELECT a\nFROM t\nWHERE", "SYNTAX 3:5 unexpected end of the statement, expected an expression"],
  [
    "SELCT 1",
    "SYNTAX 1:1 unexpected 'SELCT', expected a statement such as SELECT, INSERT or CREATE (did you mean 'SELECT'?)",
  ],
  [
    "SELECT a FORM t",
    "SYNTAX 1:15 unexpected 't', expected ',', FROM, INTERSECT, UNION, EXCEPT, LIMIT (did you mean 'FROM'?)",
  ],
  [
    "SELECT * FROM t WEHRE a = 1",
    "SYNTAX 1:23 unexpected 'a', expected NATURAL, JOIN, INNER, CROSS, LEFT, RIGHT (did you mean 'WHERE'?)",
  ],
  [
    "DROP TABEL x",
    "SYNTAX 1:6 unexpected 'TABEL', expected TEMPORARY, MATERIALIZED TABLE, TABLE, VIEW, DATABASE, FUNCTION (did you mean 'TABLE'?)",
  ],
  [
    "SHOW TABLS",
    "SYNTAX 1:6 unexpected 'TABLS', expected CATALOGS, CURRENT CATALOG, DATABASES, CURRENT DATABASE, TABLES, VIEWS (did you mean 'TABLES'?)",
  ],
  ["CREATE TABLE t (a INTT)", "SYNTAX 1:19 unexpected 'INTT', expected a type (did you mean 'INT'?)"],
  [
    "CREATE TABLE t (a INT) WIHT ('a'='b')",
    "SYNTAX 1:24 unexpected 'WIHT', expected COMMENT, DISTRIBUTED, PARTITIONED BY, WITH, LIKE, AS (did you mean 'WITH'?)",
  ],
  [
    "SELECT order FROM t",
    "SYNTAX 1:8 unexpected 'order', expected an expression ('order' is a reserved word: as a name, write it in backquotes)",
  ],
  [
    "CREATE TABLE t (from INT)",
    "SYNTAX 1:17 unexpected 'from', expected a column name ('from' is a reserved word: as a name, write it in backquotes)",
  ],
  ["SELECT a == b", "SYNTAX 1:11 unexpected '=', expected an expression ('equal' is written =)"],
  [
    "SELECT a::INT",
    "SYNTAX 1:9 unexpected ':', expected AS, ',', FROM, INTERSECT, UNION, EXCEPT (a cast is written CAST(x AS type))",
  ],
  [
    'SELECT "a"',
    "SYNTAX 1:8 unexpected character '\"' (a string is written in single quotes, an identifier in backquotes)",
  ],
  [
    "SELECT 'a' 'b'",
    "SYNTAX 1:12 unexpected ''b'', expected an operator (strings join only when each is on its own line)",
  ],
  ["SELECT t.* + 1 FROM t", "SYNTAX 1:12 unexpected '+', expected ',' or FROM"],
  ["SELECT a FROM t WHERE t.*", "SYNTAX 1:23 '*' can stand only in a select list"],
  ["SELECT * FROM a JOIN b", "SYNTAX 1:22 unexpected end of the statement, expected FOR, AS, ON or USING"],
  ["SELECT a MINUS SELECT b", "SYNTAX 1:10 unexpected 'MINUS', expected EXCEPT (MINUS is called EXCEPT)"],
  [
    "CREATE TABLE t (a INT, PRIMARY KEY (a))",
    "SYNTAX 1:24 a primary key must be NOT ENFORCED: the engine does not own the data and cannot check it (write PRIMARY KEY (…) NOT ENFORCED)",
  ],
  ["CREATE TABLE t (a)", "SYNTAX 1:17 a column needs a type; only CREATE TABLE … AS can name columns alone"],
  ["CREATE TABLE a.b.c.d (x INT)", "SYNTAX 1:14 a name has at most three parts: catalog.database.object"],
  ["SELECT * FROM TUMBLE(TABLE (SELECT 1), DESCRIPTOR(ts))", "SYNTAX 1:22 unexpected 'TABLE', expected an expression"],
  ["SELECT U&'\\00'", "SYNTAX 1:8 '\\00' is no Unicode escape"],
  [
    "CREATE TEMPORARY TABLE t AS SELECT 1",
    "SYNTAX 1:1 CREATE TABLE AS SELECT syntax does not support to create temporary table yet.",
  ],
  [
    "REPLACE TABLE IF NOT EXISTS t AS SELECT 1",
    "SYNTAX 1:1 REPLACE TABLE AS SELECT syntax does not support IF NOT EXISTS statements yet.",
  ],
  [
    "REPLACE TABLE t (a INT)",
    "SYNTAX 1:23 unexpected end of the statement, expected COMMENT, DISTRIBUTED, PARTITIONED BY, WITH, LIKE or AS",
  ],
  [
    "EXPLAIN CREATE TABLE t (a INT)",
    "SYNTAX 1:9 Unsupported CREATE OR REPLACE statement for EXPLAIN. The statement must define a query using the AS clause (i.e. CTAS/RTAS statements).",
  ],
  ["EXPLAIN PLAN_ADVICE, PLAN_ADVICE SELECT 1", "SYNTAX 1:22 Duplicate EXPLAIN DETAIL is not allowed."],
  ["COMPILE PLAN 'f' FOR SELECT 1", "SYNTAX 1:22 unexpected 'SELECT', expected INSERT or STATEMENT SET"],
  ["SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))", "SYNTAX 1:45 unexpected ')', expected WITHIN, SUBSET or DEFINE"],
  [
    "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a ^ b) DEFINE a AS TRUE)",
    "PLANNING 1:45 The anchors '^' and '$' are not supported in a pattern",
  ],
  [
    "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a |) DEFINE a AS TRUE)",
    "SYNTAX 1:46 unexpected ')', expected a pattern variable",
  ],
  [
    "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a {- b) DEFINE a AS TRUE)",
    "SYNTAX 1:49 unexpected ')', expected '*', '+', '?' or '-'",
  ],
  ["SELECT CAST(a AS BITMAP)", "UNSUPPORTED 1:18 type BITMAP is not supported yet"],
  [
    "SELECT a AT TIME ZONE 'UTC'",
    "UNSUPPORTED 1:10 AT TIME ZONE is not supported yet (use CONVERT_TZ or a cast to TIMESTAMP_LTZ)",
  ],
  [
    "WITH RECURSIVE a AS (SELECT * FROM a) SELECT 1",
    "PLANNING 1:36 a recursive query cannot be planned (Flink has no plan for recursive queries either: write the steps out, with UNION ALL)",
  ],
])("%s", (text, expected) => {
  expect(described(text)).toBe(expected);
});

test.each(["CREATE MODEL m", "ADD JAR 'x'", "SELECT * FROM t PIVOT (x)", "SELECT MULTISET[1]"])(
  "%s is refused by name",
  (text) => {
    expect(errorOf(text)).toMatchObject({
      code: "UNSUPPORTED",
      message: expect.stringMatching(/is not supported yet$/),
    });
  },
);

test("all errors of a script are reported, in order", () => {
  const text =
    "SELECT 1; SELECT FROM t; SELECT 2; DROP x; EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN FROM x END; INSERT INTO b SELECT 1; END; SHOW TABLES";
  expect(() => parseScript(text)).toThrow(SqlErrors);
  const parsed = parseStatementsTolerant(text).statements.map((item) =>
    "error" in item ? item.error.span?.start : item.statement.kind,
  );
  expect(parsed).toEqual([
    "QueryStatement",
    text.indexOf("FROM t"),
    "QueryStatement",
    text.indexOf("x;"),
    text.indexOf("FROM x"),
    "Show",
  ]);
});

test("an unterminated string takes the rest of the script", () => {
  const { statements } = parseStatementsTolerant("SELECT 1; SELECT 'a; SELECT 2;");
  expect(statements.map((item) => "error" in item)).toEqual([false, true]);
});

test("parts alone must be whole", () => {
  expect(errorOf("a b", parseExpression).message).toBe("unexpected 'b', expected the end");
  expect(errorOf("INT x", parseType).message).toBe(
    "unexpected 'x', expected NOT NULL, NULL, ARRAY, MULTISET or the end",
  );
  expect(errorOf("INT;", parseType).code).toBe("SYNTAX");
});

test("empty statements and comments are no statements", () => {
  expect(parseScript(" ; ;; -- nothing\n /* here; */ ;")).toEqual([]);
  expect(parseScript("SELECT 1")).toHaveLength(1);
});

const DEEP = 100_000;

test.each<[string, string]>([
  ["parentheses", `SELECT ${"(".repeat(DEEP)}1${")".repeat(DEEP)}`],
  ["open parentheses", "(".repeat(DEEP)],
  ["a sum", `SELECT 1${"+1".repeat(DEEP)}`],
  ["signs", `SELECT ${"- ".repeat(DEEP)}1`],
  ["NOT", `SELECT ${"NOT ".repeat(DEEP)}a`],
  ["IS NULL", `SELECT a${" IS NULL".repeat(DEEP)}`],
  ["subqueries in FROM", `SELECT * FROM ${"(SELECT * FROM ".repeat(DEEP)}t${")".repeat(DEEP)}`],
  ["scalar subqueries", `SELECT ${"(SELECT ".repeat(DEEP)}1${")".repeat(DEEP)}`],
  ["tables in parentheses", `SELECT * FROM ${"(".repeat(DEEP)}t${")".repeat(DEEP)}`],
  ["queries in parentheses", `${"(".repeat(DEEP)}SELECT 1${")".repeat(DEEP)}`],
  ["UNION", `SELECT 1${" UNION ALL SELECT 1".repeat(DEEP)}`],
  ["joins", `SELECT * FROM t${" CROSS JOIN t".repeat(DEEP)}`],
  ["commas in FROM", `SELECT * FROM t${", t".repeat(DEEP)}`],
  ["calls", `SELECT ${"f(".repeat(DEEP)}1${")".repeat(DEEP)}`],
  ["casts", `SELECT ${"CAST(".repeat(DEEP)}1${" AS INT)".repeat(DEEP)}`],
  ["CASE", `SELECT ${"CASE WHEN a THEN 1 ELSE ".repeat(DEEP)}1${" END".repeat(DEEP)}`],
  ["types", `SELECT CAST(a AS ${"ARRAY<".repeat(DEEP)}INT${">".repeat(DEEP)})`],
  ["types after types", `SELECT CAST(a AS INT${" ARRAY".repeat(DEEP)})`],
  ["indices", `SELECT a${"[1]".repeat(DEEP)}`],
  ["fields", `SELECT (a)${".b".repeat(DEEP)}`],
  ["EXISTS", `SELECT * FROM t WHERE ${"EXISTS (SELECT * FROM t WHERE ".repeat(DEEP)}a${")".repeat(DEEP)}`],
  ["WITH", `${"WITH a AS (".repeat(DEEP)}SELECT 1${") SELECT 1".repeat(DEEP)}`],
  ["table functions", `SELECT * FROM ${"f((SELECT * FROM ".repeat(DEEP)}t${"))".repeat(DEEP)}`],
])("%s without end are TOO_DEEP", (_, text) => {
  expect(errorOf(text).code).toBe("TOO_DEEP");
});

test("what is wide and not deep parses", () => {
  const wide = [
    `SELECT a${" AND a".repeat(DEEP)}`,
    `SELECT a${" AND a OR b".repeat(20_000)}`,
    `VALUES (1)${", (1)".repeat(20_000)}`,
    `SELECT a IN (1${", 1".repeat(DEEP)})`,
    `SELECT 1${" + 1".repeat(900)}`,
    `SELECT ${"f(".repeat(200)}1${")".repeat(200)}`,
  ];
  for (const text of wide) expect(parseScript(text)).toHaveLength(1);
});

test("a script of 10,000 lines parses", () => {
  const statement =
    "SELECT a.b, COUNT(*) AS n, CASE WHEN x > 3 THEN 'abc' ELSE UPPER(y) END AS z -- why\nFROM orders AS o JOIN users u ON o.id = u.id\nWHERE o.amount > 100.5 AND u.name LIKE 'a%'\nGROUP BY a.b;\n";
  const text = statement.repeat(2500);
  expect(parseScript(text)).toHaveLength(2500);
});
