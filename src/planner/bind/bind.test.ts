import { describe, expect, it } from "vitest";
import { typeText } from "../../types/type-text.ts";
import { printPlan } from "../logical/print.ts";
import { bindError, bindScript } from "./bind.test-helper.ts";

const TABLES = `
CREATE TABLE o (id BIGINT, product STRING, qty INT, amount DECIMAL(10, 2), ts TIMESTAMP(3), WATERMARK FOR ts AS ts) WITH ('connector' = 'x');
CREATE TABLE u (id BIGINT NOT NULL, name STRING, r ROW<a INT, b ROW<c STRING>>, next AS id + 1) WITH ('connector' = 'x');
CREATE TABLE s (a INT, b BOOLEAN) WITH ('connector' = 'x');
CREATE VIEW v AS SELECT id, name FROM u WHERE id > 3;
`;

/** The plan of a statement without its Collect, and without the nodes that only read `o` and `u`. */
function planOf(sql: string): readonly string[] {
  const last = bindScript(TABLES + sql).at(-1)!;
  if (!("plan" in last)) return last.rows;
  return printPlan(last.plan)
    .split("\n")
    .map((line) => line.replace(/ → .*/, ""))
    .filter((line) => !/^\s*(Collect|Watermark)/.test(line) && !line.endsWith("Project $0, $1, $2, ($0 + 1)"))
    .map((line) => line.replace(/^ {2}/, ""));
}

function schemaOf(sql: string): string {
  const last = bindScript(TABLES + sql).at(-1)!;
  if (!("plan" in last)) return "";
  return last.plan.schema.fields.map((f) => `${f.name} ${typeText(f.type, { withNullability: true })}`).join(", ");
}

describe("plans", () => {
  it.each<readonly [sql: string, plan: readonly string[]]>([
    ["SELECT id, qty + 1 AS q FROM o WHERE qty > 3", ["Project $0, ($2 + 1)", "  Filter ($2 > 3)", "      Scan o"]],
    ["SELECT * FROM v", ["Project $0, $1", "  Filter ($0 > 3)", "      Scan u"]],
    ["SELECT r.a, u.r.b.c FROM u", ["Project FIELD($2, 0), FIELD(FIELD($2, 1), 0)", "    Scan u"]],
    [
      "SELECT product, COUNT(*) FROM o GROUP BY product HAVING SUM(qty) > 10",
      ["Project $0, $2", "  Filter ($1 > 10)", "    Aggregate by ($1) SUM($2), COUNT(*)", "        Scan o"],
    ],
    ["SELECT DISTINCT product FROM o", ["Aggregate by ($0)", "  Project $1", "      Scan o"]],
    [
      "SELECT qty % 2 AS k, SUM(qty) FILTER (WHERE id > 1) AS s FROM o GROUP BY qty % 2",
      [
        "Project $0, $1",
        "  Aggregate by ($5) SUM($2) FILTER ($0 > 1)",
        "    Project $0, $1, $2, $3, $4, ($2 % 2)",
        "        Scan o",
      ],
    ],
    [
      "SELECT window_start, COUNT(*) AS n FROM TUMBLE(DATA => TABLE o, TIMECOL => DESCRIPTOR(ts), SIZE => INTERVAL '1' MINUTE) GROUP BY window_start, window_end",
      ["Project $0, $2", "  Aggregate by ($5, $6) COUNT(*)", "    WindowTvf tumble 60000 0 on $4", "        Scan o"],
    ],
    [
      "SELECT SESSION_END(ts, INTERVAL '10' SECOND) AS e, product FROM o GROUP BY product, SESSION(ts, INTERVAL '10' SECOND)",
      [
        "Project $2, $0",
        "  Aggregate by ($1, $5, $6, $7)",
        "    WindowTvf session 10000 on $4 by ($1)",
        "        Scan o",
      ],
    ],
    [
      "SELECT product, COUNT(*) AS n, GROUPING(product) AS g FROM o GROUP BY ROLLUP (product)",
      [
        "Project $0, $2, CASE(($1 = 0), 0, 1)",
        "  Aggregate by ($5, $6) COUNT(*)",
        "    Expand ($0, $1, $2, $3, $4, $1, 0), ($0, $1, $2, $3, $4, NULL, 1)",
        "        Scan o",
      ],
    ],
    [
      "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY product ORDER BY amount * 2 DESC) AS rn FROM o) WHERE rn <= 3",
      [
        "Project $0",
        "  Filter ($1 <= 3)",
        "    Project $0, $6",
        "      Over by ($1) order ($5 DESC) ROW_NUMBER()",
        "        Project $0, $1, $2, $3, $4, ($3 * 2)",
        "            Scan o",
      ],
    ],
    [
      "SELECT SUM(qty) OVER w AS a, COUNT(*) OVER w AS b FROM o WINDOW w AS (PARTITION BY product ORDER BY ts ROWS BETWEEN 2 PRECEDING AND CURRENT ROW) QUALIFY COUNT(*) OVER w > 1",
      [
        "Project $5, $6",
        "  Filter ($6 > 1)",
        "    Over by ($1) order ($4) SUM($2) ROWS -2 to 0, COUNT(*) ROWS -2 to 0",
        "        Scan o",
      ],
    ],
    [
      "SELECT name FROM o JOIN u ON o.id = u.id AND qty > 1",
      ["Project $6", "  Join inner on (($0 = $5) AND ($2 > 1))", "      Scan o", "      Scan u"],
    ],
    [
      "SELECT id FROM o FULL JOIN u USING (id)",
      ["Project COALESCE($0, $5)", "  Join full on ($0 = $5)", "      Scan o", "      Scan u"],
    ],
    [
      "SELECT id FROM u LEFT JOIN o USING (id)",
      ["Project $0", "  Join left on ($0 = $4)", "      Scan u", "      Scan o"],
    ],
    [
      "SELECT id FROM (SELECT qty AS id FROM o) JOIN (SELECT id FROM u) USING (id)",
      [
        "Project COALESCE(CAST($0 AS BIGINT), $1)",
        "  Join inner on (CAST($0 AS BIGINT) = $1)",
        "    Project $2",
        "        Scan o",
        "    Project $0",
        "        Scan u",
      ],
    ],
    [
      "SELECT id FROM o WHERE id IN (SELECT id FROM u) AND qty > 1",
      [
        "Project $0",
        "  Join semi on ($0 = $5)",
        "    Filter ($2 > 1)",
        "        Scan o",
        "    Project $0",
        "        Scan u",
      ],
    ],
    [
      "SELECT id FROM o WHERE id NOT IN (SELECT id FROM u)",
      ["Project $0", "  Join anti on (IS NULL($0) OR ($0 = $5))", "      Scan o", "    Project $0", "        Scan u"],
    ],
    [
      "SELECT id FROM o WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.id = o.id AND name = 'x')",
      ["Project $0", "  Join anti on ($5 = $0)", "      Scan o", "    Filter ($1 = 'x')", "        Scan u"],
    ],
    [
      "SELECT id FROM o WHERE qty > 1 OR id IN (SELECT id FROM u)",
      [
        "Project $0",
        "  Filter (($2 > 1) OR IS NOT NULL($6))",
        "    Join left on ($0 = $5)",
        "        Scan o",
        "      Project $0, TRUE",
        "        Aggregate by ($0)",
        "          Project $0",
        "              Scan u",
      ],
    ],
    [
      "SELECT id FROM o WHERE qty = (SELECT MAX(p.qty) FROM o AS p WHERE p.product = o.product)",
      [
        "Project $0",
        "  Join inner on (($6 = $1) AND ($2 = $5))",
        "      Scan o",
        "    Project $1, $0",
        "      Aggregate by ($1) MAX($2)",
        "          Scan o",
      ],
    ],
    [
      "SELECT (SELECT MAX(id) FROM u) AS m FROM o",
      ["Project $5", "  Join left on TRUE", "      Scan o", "    Aggregate by () MAX($0)", "        Scan u"],
    ],
    [
      "SELECT id FROM o ORDER BY amount DESC, 1 LIMIT 3 OFFSET 2",
      ["Project $0", "  Limit offset 2 fetch 3", "    Sort $1 DESC, $0", "      Project $0, $3", "          Scan o"],
    ],
    [
      "SELECT id FROM o UNION ALL SELECT id FROM u UNION ALL SELECT qty FROM o",
      [
        "Union",
        "  Project $0",
        "      Scan o",
        "  Project $0",
        "      Scan u",
        "  Project CAST($0 AS BIGINT)",
        "    Project $2",
        "        Scan o",
      ],
    ],
    [
      "SELECT id FROM o INTERSECT SELECT id FROM u",
      [
        "Aggregate by ($0)",
        "  Join semi on IS NOT DISTINCT FROM($0, $1)",
        "    Project $0",
        "        Scan o",
        "    Project $0",
        "        Scan u",
      ],
    ],
    ["VALUES (1, 'a'), (2.5, 'bc')", ["Values (1.0, 'a'), (2.5, 'bc')"]],
    [
      "INSERT INTO u (name, id) SELECT product, qty FROM o",
      ["Sink u", "Project CAST($1 AS BIGINT), $0, NULL", "  Project $1, $2", "      Scan o"],
    ],
    [
      "SELECT -9223372036854775808, -5, +qty, 2.50, 1E2, x'0a' FROM o",
      ["Project -9223372036854775808, -5, UNARY_PLUS($2), 2.50, 100, x'0a'", "    Scan o"],
    ],
    [
      "SELECT qty BETWEEN 1 AND 2, qty NOT BETWEEN 1 AND 2, id IN (1, 2), qty IS NOT NULL FROM o",
      ["Project (($2 >= 1) AND ($2 <= 2)), (($2 < 1) OR ($2 > 2)), IN($0, 1, 2), IS NOT NULL($2)", "    Scan o"],
    ],
  ])("%s", (sql, plan) => {
    expect(planOf(sql)).toEqual(plan);
  });
});

describe("comparison with itself", () => {
  it.each([
    ["SELECT id = id, id < id FROM u", "Project TRUE, FALSE"],
    ["SELECT qty = qty FROM o", "Project CASE(IS NOT NULL($2), TRUE, NULL)"],
    ["SELECT RAND() = RAND() FROM o", "Project (RAND() = RAND())"],
  ])("%s", (sql, project) => {
    expect(planOf(sql)[0]).toBe(project);
  });
});

describe("rows that are written out", () => {
  it.each([
    ["SELECT (id, qty) = (1, NULL) FROM o", "Project (($0 = 1) AND ($2 = NULL))"],
    [
      "SELECT (id, qty) <> (1, NULL) FROM o",
      "Project (ROW($0, $2) <> CAST(ROW(1, NULL) AS ROW<`EXPR$0` BIGINT, `EXPR$1` INT>))",
    ],
    ["SELECT (id, qty) IN ((1, 2), (3, 4)) FROM o", "Project ((($0 = 1) AND ($2 = 2)) OR (($0 = 3) AND ($2 = 4)))"],
    [
      "SELECT (id, (qty, id)) = (1, (2, 3)) FROM o",
      "Project (($0 = 1) AND (ROW($2, $0) = CAST(ROW(2, 3) AS ROW<`EXPR$0` INT, `EXPR$1` BIGINT>)))",
    ],
    ["SELECT r = ROW(1, ROW('x')) FROM u", "Project ($2 = ROW(1, ROW('x')))"],
  ])("%s", (sql, project) => {
    expect(planOf(sql)[0]).toBe(project);
  });
});

describe("types of results", () => {
  it.each([
    ["SELECT a.id, b.id, 1 FROM o AS a JOIN o AS b ON a.id = b.id", "id BIGINT, id0 BIGINT, EXPR$2 INT NOT NULL"],
    ["SELECT SUM(id), MAX(id), COUNT(*) FROM u", "EXPR$0 BIGINT, EXPR$1 BIGINT, EXPR$2 BIGINT NOT NULL"],
    [
      "SELECT name, SUM(id), SUM(id) FILTER (WHERE id > 1) FROM u GROUP BY name",
      "name STRING, EXPR$1 BIGINT NOT NULL, EXPR$2 BIGINT",
    ],
    ["SELECT id + 1 AS k FROM u GROUP BY ROLLUP (id)", "k BIGINT"],
    ["SELECT u.id, x.id AS y FROM o AS x LEFT JOIN u ON u.id = x.id", "id BIGINT, y BIGINT"],
    ["SELECT ts FROM o", "ts TIMESTAMP(3)"],
    ["SELECT id FROM u INTERSECT SELECT id FROM o", "id BIGINT"],
    ["SELECT id FROM o JOIN u USING (id)", "id BIGINT NOT NULL"],
    ["SELECT id FROM o LEFT JOIN u USING (id)", "id BIGINT"],
    ["SELECT (id, name) <> (1, 'x'), (id, id) = (1, 2) FROM u", "EXPR$0 BOOLEAN, EXPR$1 BOOLEAN NOT NULL"],
    [
      "SELECT id0, id1 FROM (SELECT u.id, a.*, b.* FROM u, u AS a, u AS b) AS t",
      "id0 BIGINT NOT NULL, id1 BIGINT NOT NULL",
    ],
    ["SELECT r.a, r.b FROM u", "a INT, b ROW<`c` STRING>"],
    ["SELECT * FROM (VALUES (1, 'a'), (2, 'bcd')) AS t (x, y)", "x INT NOT NULL, y VARCHAR(3) NOT NULL"],
    [
      "SELECT CAST(NULL AS INT), TRY_CAST('1' AS INT), DATE '2024-01-01'",
      "EXPR$0 INT, EXPR$1 INT, EXPR$2 DATE NOT NULL",
    ],
  ])("%s", (sql, schema) => {
    expect(schemaOf(sql)).toBe(schema);
  });

  it("keeps time attributes through plain columns and aggregates that give one of them", () => {
    const typeOf = (sql: string): string => {
      const plan = bindScript(TABLES + sql).at(-1)!;
      return "plan" in plan ? typeText(plan.plan.inputs[0]!.schema.fields[0]!.type) : "";
    };
    expect(typeOf("SELECT ts FROM o")).toBe("TIMESTAMP(3) *ROWTIME*");
    expect(typeOf("SELECT CAST(ts AS TIMESTAMP(3)) FROM o")).toBe("TIMESTAMP(3)");
    expect(typeOf("SELECT MAX(ts) FROM o")).toBe("TIMESTAMP(3) *ROWTIME*");
    expect(typeOf("SELECT MAX(CAST(ts AS TIMESTAMP(3))) FROM o")).toBe("TIMESTAMP(3)");
    expect(
      typeOf(
        "SELECT window_time FROM TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' HOUR) GROUP BY window_start, window_end, window_time",
      ),
    ).toBe("TIMESTAMP(3) *ROWTIME*");
  });
});

describe("errors", () => {
  it.each([
    ["SELECT prodcut FROM o", "COLUMN_NOT_FOUND 1:8 Column 'prodcut' not found in any table (did you mean 'product'?)"],
    ["SELECT id, colour FROM o", "COLUMN_NOT_FOUND 1:12 Column 'colour' not found in any table"],
    ["SELECT o.colour FROM o", "COLUMN_NOT_FOUND 1:10 Column 'colour' not found in table 'o'"],
    [
      "SELECT id FROM o, u",
      "AMBIGUOUS_COLUMN 1:8 Column 'id' is ambiguous (write the name of its table in front of it)",
    ],
    ["SELECT * FROM ordres", "TABLE_NOT_FOUND 1:15 Object 'ordres' not found"],
    [
      "SELECT * FROM o, o",
      "INVALID_QUERY 1:18 Duplicate relation name 'o' in FROM clause (give one of them an alias: … AS x)",
    ],
    ["SELECT FROBNICATE(1)", "FUNCTION_NOT_FOUND 1:8 No match found for function signature FROBNICATE(<INT>)"],
    [
      "SELECT product, qty, COUNT(*) FROM o GROUP BY product",
      "GROUPING 1:17 Expression 'qty' is not being grouped (add it to GROUP BY, or use an aggregate such as MAX)",
    ],
    ["SELECT SUM(COUNT(*)) FROM o", "INVALID_QUERY 1:12 Aggregate expressions cannot be nested"],
    ["SELECT id FROM o WHERE COUNT(*) > 1", "INVALID_QUERY 1:24 Aggregate expression is illegal in WHERE clause"],
    ["SELECT id FROM o WHERE qty", "TYPE_MISMATCH 1:24 WHERE clause must be a condition, but its type is INT"],
    ["SELECT NULL", "INVALID_QUERY 1:8 Illegal use of 'NULL' (give it a type: CAST(NULL AS INT))"],
    [
      "SELECT 9999999999999999999",
      "INVALID_LITERAL 1:8 Numeric literal '9999999999999999999' out of range (write it as text: CAST('…' AS DECIMAL(38, 9)))",
    ],
    [
      "SELECT * FROM TUMBLE(TABLE s, DESCRIPTOR(a), INTERVAL '1' MINUTE)",
      "TYPE_MISMATCH 1:31 The window function TUMBLE requires that the time column is a time attribute, but its type is INT (declare WATERMARK FOR the column in CREATE TABLE, and pass it on unchanged)",
    ],
    [
      "SELECT * FROM u, UNNEST(r)",
      "TYPE_MISMATCH 1:18 Cannot apply 'UNNEST' to arguments of type 'UNNEST(<ROW<`a` INT, `b` ROW<`c` STRING>>>)' (supported: UNNEST(<MULTISET>), UNNEST(<ARRAY>), UNNEST(<MAP>))",
    ],
    ["INSERT INTO s (a, zz) VALUES (1, 2)", "COLUMN_NOT_FOUND 1:19 Unknown target column 'zz'"],
    [
      "INSERT INTO u (name) VALUES ('x')",
      "SINK_MISMATCH 1:13 Column 'id' has no default value and does not allow NULLs",
    ],
    ["CREATE TABLE t (a INT, b AS c + 1)", "COLUMN_NOT_FOUND 1:29 Column 'c' not found in any table"],
    [
      "CREATE TABLE t (b STRING, WATERMARK FOR b AS b)",
      "TYPE_MISMATCH 1:41 Invalid data type of time field for watermark definition: it must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 to 3, but is STRING (CAST it to TIMESTAMP(3) in a computed column and put the watermark on that)",
    ],
    [
      "CREATE TABLE t (a INT, PRIMARY KEY (q) NOT ENFORCED)",
      "COLUMN_NOT_FOUND 1:24 Primary key column 'q' is not defined in the schema",
    ],
    [
      "SELECT id FROM o UNION ALL SELECT product FROM o",
      "TYPE_MISMATCH 1:1 Type mismatch in column 1 of UNION: BIGINT and STRING",
    ],
    ["ALTER TABLE u DROP id", "INVALID_QUERY 1:20 Cannot drop column 'id': it is referenced by computed column 'next'"],
  ])("%s", (sql, message) => {
    // One line of tables, so that columns of the statement stay what they are.
    const tables = TABLES.replaceAll("\n", " ").trim();
    const error = bindError(`${tables}\n${sql}`).replace(/ (\d+):/, (_, line: string) => ` ${Number(line) - 1}:`);
    expect(error).toBe(message);
  });

  it("names both types of an operator", () => {
    expect(bindError("SELECT 'a' * DATE '2024-01-01'")).toContain(
      "TYPE_MISMATCH 1:8 Cannot apply '*' to arguments of type '<CHAR(1)> * <DATE>'",
    );
  });

  it("names both schemas when an INSERT does not fit", () => {
    expect(bindError(`${TABLES}INSERT INTO s SELECT 1`)).toContain(
      "Cause: Different number of columns.\n\nQuery schema: [EXPR$0: INT NOT NULL]\nSink schema:  [a: INT, b: BOOLEAN]",
    );
  });
});

describe("tables", () => {
  it.each([
    [
      "ALTER TABLE s ADD (z AS a * 2, y STRING NOT NULL AFTER a); DESCRIBE s",
      [
        "[a, INT, TRUE, NULL, NULL, NULL]",
        "[y, STRING, FALSE, NULL, NULL, NULL]",
        "[b, BOOLEAN, TRUE, NULL, NULL, NULL]",
        "[z, INT, TRUE, NULL, AS `a` * 2, NULL]",
      ],
    ],
    [
      "ALTER TABLE s ADD PRIMARY KEY (a) NOT ENFORCED; DESCRIBE s",
      ["[a, INT, FALSE, PRI(a), NULL, NULL]", "[b, BOOLEAN, TRUE, NULL, NULL, NULL]"],
    ],
    [
      "ALTER TABLE s RENAME a TO c; DESCRIBE s",
      ["[c, INT, TRUE, NULL, NULL, NULL]", "[b, BOOLEAN, TRUE, NULL, NULL, NULL]"],
    ],
    ["ALTER TABLE o DROP WATERMARK; SHOW COLUMNS FROM o LIKE 't%'", ["[ts, TIMESTAMP(3), TRUE, NULL, NULL, NULL]"]],
    ["CREATE TEMPORARY TABLE s (q INT) WITH ('connector' = 'x'); DESCRIBE s", ["[q, INT, TRUE, NULL, NULL, NULL]"]],
    [
      "CREATE TEMPORARY TABLE s (q INT) WITH ('connector' = 'x'); DROP TEMPORARY TABLE s; DESCRIBE s",
      ["[a, INT, TRUE, NULL, NULL, NULL]", "[b, BOOLEAN, TRUE, NULL, NULL, NULL]"],
    ],
    [
      "CREATE TABLE k LIKE o (EXCLUDING WATERMARKS); SHOW COLUMNS FROM k LIKE 't%'",
      ["[ts, TIMESTAMP(3), TRUE, NULL, NULL, NULL]"],
    ],
    [
      "CREATE TABLE k (c DOUBLE) WITH ('connector' = 'x') AS SELECT a AS id, CAST(a AS STRING) AS t FROM s; DESCRIBE k",
      [
        "[c, DOUBLE, TRUE, NULL, NULL, NULL]",
        "[id, INT, TRUE, NULL, NULL, NULL]",
        "[t, STRING, TRUE, NULL, NULL, NULL]",
      ],
    ],
    ["ALTER VIEW v AS SELECT name FROM u; DESCRIBE v", ["[name, STRING, TRUE, NULL, NULL, NULL]"]],
    [
      "SHOW CREATE VIEW v",
      [
        "[CREATE VIEW `default_catalog`.`default_database`.`v` (\n  `id`,\n  `name`\n)\nAS SELECT `u`.`id`, `u`.`name`\nFROM `default_catalog`.`default_database`.`u` AS `u`\nWHERE `u`.`id` > 3\n]",
      ],
    ],
  ])("%s", (sql, rows) => {
    expect(planOf(sql)).toEqual(rows);
  });

  it("resolves the names of a view as when it was made", () => {
    const rows = planOf(
      "CREATE DATABASE d; USE d; CREATE TABLE u (other INT) WITH ('connector' = 'x'); SELECT * FROM default_database.v",
    );
    expect(rows.at(-1)).toContain("Scan u");
    expect(rows[0]).toBe("Project $0, $1");
  });
});
