import fc from "fast-check";

/** Texts of valid statements, for property tests. They are correct for the parser, not for a planner. */

type Text = fc.Arbitrary<string>;

/** The parts in turn, with blanks between. */
function seq(...parts: readonly (string | Text)[]): Text {
  return fc
    .tuple(...parts.map((part) => (typeof part === "string" ? fc.constant(part) : part)))
    .map((texts) => texts.filter((text) => text !== "").join(" "));
}

function listOf(item: Text, min = 1, max = 3): Text {
  return fc.array(item, { minLength: min, maxLength: max }).map((items) => items.join(", "));
}

function maybe(part: Text): Text {
  return fc.oneof({ weight: 2, arbitrary: fc.constant("") }, part);
}

function oneOf(...texts: readonly string[]): Text {
  return fc.constantFrom(...texts);
}

const name = fc.oneof(
  oneOf(
    "a",
    "b",
    "t1",
    "Value",
    "key",
    "timestamp",
    "date",
    "user",
    "day",
    "method",
    "language",
    "result",
    "at",
    "left",
    "offset",
    "`select`",
    "`a``b`",
    "`my table`",
    "größe",
  ),
);
const alias = oneOf("a", "b", "x1", "`from`", "`x y`", "r");
const objectName = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("."));
const string = fc.oneof(
  oneOf(
    "'a'",
    "'it''s'",
    "''",
    "'é漢😀'",
    "E'a\\tb'",
    "U&'caf\\00e9'",
    "'back\\slash'",
    "'a'\n'b'",
    "_UTF8'ü'",
    "'--'",
  ),
  fc.string({ maxLength: 5 }).map((text) => `'${text.replaceAll("'", "''")}'`),
);
const number = oneOf("0", "1", "42", "1.50", ".5", "1E3", "9223372036854775807");
const unit = oneOf("YEAR", "MONTH", "DAY", "HOURS", "MINUTE", "SECONDS");
const comparison = oneOf("=", "<>", "!=", "<", "<=", ">", ">=");
const arithmetic = oneOf("+", "-", "*", "/", "%", "||");

const typeText: Text = fc.letrec<{ type: string }>((tie) => ({
  type: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    oneOf(
      "INT",
      "INTEGER",
      "STRING",
      "BYTES",
      "VARCHAR",
      "VARCHAR(3)",
      "CHAR",
      "BOOLEAN",
      "DECIMAL(10, 2)",
      "DEC",
      "DOUBLE PRECISION",
      "FLOAT",
      "DATE",
      "TIME(3)",
      "TIMESTAMP",
      "TIMESTAMP_LTZ(3)",
      "TIMESTAMP(6) WITH LOCAL TIME ZONE",
      "INTERVAL DAY TO SECOND(3)",
      "INTERVAL YEAR",
      "BINARY(4)",
      "VARBINARY",
      "CHARACTER VARYING(4)",
    ),
    tie("type").map((type) => `ARRAY<${type}>`),
    tie("type").map((type) => `${type} ARRAY`),
    tie("type").map((type) => `${type} NOT NULL`),
    tie("type").map((type) => `MULTISET<${type}>`),
    fc.tuple(tie("type"), tie("type")).map(([key, value]) => `MAP<${key}, ${value}>`),
    fc.tuple(tie("type"), tie("type")).map(([x, y]) => `ROW<x ${x}, \`y y\` ${y} 'note'>`),
    tie("type").map((x) => `ROW(key ${x})`),
  ),
})).type;

type Part = "expression" | "query" | "body" | "select" | "from" | "window" | "order";

const parts = fc.letrec<Record<Part, string>>((loose): Record<Part, Text> => {
  const tie = (part: Part): Text => loose(part) as Text;
  const e = tie("expression");
  const q = tie("query");
  const call = fc.oneof(
    seq(
      oneOf("f", "COUNT", "upper", "LEFT", "`trim`", "db.f", "YEAR", "NULLIF", "COALESCE", "IF"),
      "(",
      listOf(e, 0),
      ")",
    ),
    seq("COUNT(*)", maybe(seq("FILTER (WHERE", e, ")"))),
    seq("SUM(DISTINCT", e, ")", maybe(seq("OVER", tie("window")))),
    seq("FIRST_VALUE(", e, ") IGNORE NULLS OVER", tie("window")),
    seq("LISTAGG(", e, ", ',') WITHIN GROUP (ORDER BY", tie("order"), ")"),
    seq("EXTRACT(", oneOf("YEAR", "DOW", "EPOCH"), "FROM", e, ")"),
    seq(oneOf("FLOOR", "CEIL", "CEILING"), "(", e, maybe(oneOf("TO DAY", "TO MONTH")), ")"),
    seq("POSITION((", e, ") IN", e, ")"),
    seq("SUBSTRING(", e, "FROM", e, maybe(seq("FOR", e)), ")"),
    seq("TRIM(", maybe(oneOf("BOTH 'x' FROM", "LEADING FROM", "TRAILING 'y' FROM", "'z' FROM")), e, ")"),
    seq("OVERLAY(", e, "PLACING", e, "FROM", e, maybe(seq("FOR", e)), ")"),
    seq("TIMESTAMPADD(", oneOf("DAY", "SQL_TSI_HOUR"), ",", e, ",", e, ")"),
    seq(
      "JSON_VALUE(",
      e,
      ", '$.a'",
      maybe(seq("RETURNING", typeText)),
      maybe(oneOf("NULL ON EMPTY", "ERROR ON EMPTY")),
      maybe(seq("DEFAULT", e, "ON ERROR")),
      ")",
    ),
    seq(
      "JSON_QUERY(",
      e,
      ", 'lax $'",
      maybe(oneOf("WITH WRAPPER", "WITHOUT ARRAY WRAPPER", "WITH CONDITIONAL WRAPPER")),
      maybe(oneOf("EMPTY ARRAY ON EMPTY")),
      ")",
    ),
    seq("JSON_EXISTS(", e, ", '$'", maybe(oneOf("TRUE ON ERROR")), ")"),
    seq("JSON_OBJECT(", maybe(seq("KEY 'k' VALUE", e)), maybe(oneOf("ABSENT ON NULL")), ")"),
    seq("JSON_ARRAY(", maybe(e), maybe(oneOf("NULL ON NULL")), ")"),
    seq("JSON_OBJECTAGG(key VALUE", e, ")"),
    seq("JSON_ARRAYAGG(", e, "ABSENT ON NULL )"),
    oneOf("CURRENT_TIMESTAMP", "CURRENT_DATE", "LOCALTIME", "PROCTIME()", "now()"),
  );
  const atom = fc.oneof(
    number,
    string,
    fc.array(name, { minLength: 1, maxLength: 3 }).map((path) => path.join(".")),
    oneOf(
      "NULL",
      "TRUE",
      "FALSE",
      "UNKNOWN",
      "x'00fF'",
      "DATE '2024-01-01'",
      "TIME '01:02:03'",
      "TIMESTAMP '2024-01-01 00:00:00'",
    ),
    unit.map((u) => `INTERVAL '1' ${u}`),
    oneOf(
      "INTERVAL -'90' MINUTE",
      "INTERVAL '2 03:04:05.678' DAY TO SECOND",
      "INTERVAL '5-11' YEAR TO MONTH",
      "INTERVAL '1' DAY(3)",
    ),
  );
  const not = oneOf("", "NOT");
  return {
    expression: fc.oneof(
      { maxDepth: 3, depthSize: "small", withCrossShrink: true },
      atom,
      call,
      seq("(", e, ")"),
      seq(e, arithmetic, e),
      seq(e, comparison, e),
      seq(e, oneOf("AND", "OR"), e),
      seq(oneOf("NOT", "-", "+"), e),
      seq("(", e, ") IS", not, oneOf("NULL", "TRUE", "UNKNOWN", "JSON", "JSON OBJECT")),
      seq("(", e, ") IS", not, "DISTINCT FROM (", e, ")"),
      seq("(", e, ")", not, "BETWEEN", oneOf("", "SYMMETRIC"), "(", e, ") AND (", e, ")"),
      seq("(", e, ")", not, "IN (", listOf(e, 2), ")"),
      seq("(", e, ")", not, "IN (", q, ")"),
      seq("(", e, ") = ANY (", q, ")"),
      seq("EXISTS (", q, ")"),
      seq("(", e, ")", not, "LIKE (", e, ")", maybe(oneOf("ESCAPE '!'"))),
      seq("(", e, ") SIMILAR TO (", e, ")"),
      seq("CASE", maybe(e), "WHEN", e, "THEN", e, "WHEN", e, "THEN", e, maybe(seq("ELSE", e)), "END"),
      seq(oneOf("CAST", "TRY_CAST"), "(", e, "AS", typeText, ")"),
      seq("((", e, ") - (", e, "))", oneOf("DAY", "MONTH", "DAY TO SECOND")),
      seq("(", q, ")"),
      seq("ARRAY[", listOf(e, 0), "]"),
      seq("MAP[", e, ",", e, "]"),
      seq("ROW(", listOf(e, 0), ")"),
      seq("(", e, ",", e, ")"),
      seq("(", e, ")[", e, "]"),
      seq("(", e, ").", name),
      seq("(", e, ",", e, ") OVERLAPS (", e, ",", e, ")"),
      seq("f( arg =>", e, ")"),
    ),
    order: listOf(seq(e, oneOf("", "ASC", "DESC"), oneOf("", "NULLS FIRST", "NULLS LAST")), 1, 2),
    window: fc.oneof(
      oneOf("w"),
      seq(
        "(",
        maybe(seq("PARTITION BY", listOf(e, 1, 2))),
        maybe(seq("ORDER BY", tie("order"))),
        oneOf(
          "",
          "ROWS 2 PRECEDING",
          "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
          "RANGE BETWEEN INTERVAL '1' DAY PRECEDING AND 1 FOLLOWING",
        ),
        ")",
      ),
    ),
    from: fc.oneof(
      { maxDepth: 3, depthSize: "small", withCrossShrink: true },
      seq(
        objectName,
        maybe(oneOf("/*+ OPTIONS('k'='v', 'e'='') */", "/*+ BROADCAST(a), STATE_TTL('x' = '1d') */")),
        maybe(seq("AS", alias)),
        "",
      ),
      seq(objectName, "FOR SYSTEM_TIME AS OF", e, "AS", alias),
      seq(maybe(oneOf("LATERAL")), "(", q, ") AS", alias, maybe(oneOf("(c, `d d`)"))),
      seq("LATERAL TABLE(", "f(", listOf(e, 0), ")) AS q (x)"),
      seq(
        "TUMBLE(TABLE",
        objectName,
        maybe(oneOf("PARTITION BY a", "PARTITION BY (a, b)")),
        ", DESCRIPTOR(ts), INTERVAL '1' MINUTE)",
      ),
      seq("TABLE(HOP(DATA => TABLE", objectName, ", TIMECOL => DESCRIPTOR(ts)))"),
      seq("UNNEST(", e, ")", maybe(oneOf("WITH ORDINALITY")), maybe(seq("AS", alias))),
      seq(tie("from"), ",", tie("from")),
      seq(tie("from"), oneOf("CROSS JOIN", "NATURAL JOIN", "NATURAL LEFT JOIN"), tie("from")),
      seq(
        tie("from"),
        oneOf("JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT OUTER JOIN", "FULL JOIN"),
        "(",
        tie("from"),
        "CROSS JOIN",
        tie("from"),
        ")",
        fc.oneof(seq("ON", e), oneOf("USING (a, b)")),
      ),
      seq("(", tie("from"), "CROSS JOIN", tie("from"), ")"),
    ),
    select: fc
      .record({
        head: oneOf("SELECT", "SELECT DISTINCT", "SELECT /*+ STATE_TTL('a'='1d') */"),
        items: listOf(fc.oneof(oneOf("*", "t.*"), seq(e, maybe(seq("AS", alias))))),
        from: tie("from"),
        where: maybe(seq("WHERE", e)),
        group: maybe(
          seq(
            "GROUP BY",
            fc.oneof(listOf(e), oneOf("GROUPING SETS ((a, b), (a), ())", "ROLLUP (a, (b, c))", "CUBE (a), b", "()")),
          ),
        ),
        having: maybe(seq("HAVING", e)),
        window: maybe(
          seq(
            "WINDOW w AS",
            tie("window").filter((window) => window.startsWith("(")),
          ),
        ),
        qualify: maybe(seq("QUALIFY", e)),
      })
      .map(({ head, items, from, where, group, having, window, qualify }) =>
        [head, items, "FROM", from, where, group, having, window, qualify].filter((part) => part !== "").join(" "),
      ),
    body: fc.oneof(
      { maxDepth: 2, depthSize: "small", withCrossShrink: true },
      seq("SELECT", listOf(e)),
      tie("select"),
      seq("VALUES", listOf(seq("(", listOf(e, 2, 2), ")"), 1, 2)),
      seq(tie("body"), oneOf("UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL"), tie("body")),
      seq("(", q, ")", oneOf("UNION", "INTERSECT ALL"), tie("body")),
      seq("(", q, ")"),
      seq("TABLE", objectName),
    ),
    query: seq(
      maybe(oneOf("WITH c AS (SELECT 1), d (x, y) AS (SELECT a, b FROM c)")),
      tie("body"),
      maybe(seq("ORDER BY", tie("order"))),
      oneOf("", "", "LIMIT 5", "LIMIT ALL", "LIMIT 5 OFFSET 2", "OFFSET 3 ROWS FETCH FIRST 2 ROWS ONLY"),
    ),
  };
});

const column = fc.oneof(
  seq(name, typeText, maybe(oneOf("COMMENT 'it''s'"))),
  seq(name, "AS", parts.expression, maybe(oneOf("COMMENT 'c'"))),
  seq(name, typeText, "METADATA", maybe(oneOf("FROM 'k'")), maybe(oneOf("VIRTUAL"))),
);
const options = oneOf("('connector' = 'x')", "('a' = 'b', 'c' = '')");
const watermark = fc.oneof(
  seq("WATERMARK FOR ts AS", parts.expression),
  oneOf("WATERMARK FOR a.b AS ts - INTERVAL '1' SECOND"),
);
const insert = seq(
  oneOf("INSERT INTO", "INSERT OVERWRITE"),
  objectName,
  maybe(oneOf("/*+ OPTIONS('a'='b') */")),
  maybe(seq("PARTITION (a = ", parts.expression, ")")),
  maybe(oneOf("(a, b)")),
  parts.query,
);

/** A statement of any kind. */
export const statementText: Text = fc.oneof(
  { weight: 6, arbitrary: parts.query },
  { weight: 2, arbitrary: insert },
  {
    weight: 2,
    arbitrary: seq(
      oneOf("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", "CREATE OR REPLACE TABLE", "REPLACE TABLE"),
      objectName,
      "(",
      listOf(column, 1, 4),
      maybe(seq(",", watermark)),
      oneOf("", ", PRIMARY KEY (a, b) NOT ENFORCED", ", CONSTRAINT pk PRIMARY KEY (a) NOT ENFORCED"),
      ")",
      maybe(oneOf("COMMENT 'c'")),
      maybe(oneOf("DISTRIBUTED BY HASH(a, b) INTO 3 BUCKETS", "DISTRIBUTED BY (a)", "DISTRIBUTED INTO 2 BUCKETS")),
      maybe(oneOf("PARTITIONED BY (a, b)")),
      maybe(seq("WITH", options)),
      seq("AS", parts.query),
    ),
  },
  seq(
    oneOf("CREATE TABLE", "CREATE TEMPORARY TABLE IF NOT EXISTS"),
    objectName,
    "(",
    listOf(column, 1, 4),
    maybe(seq(",", watermark)),
    ")",
    maybe(seq("WITH", options)),
    oneOf("", "LIKE s", "LIKE a.s (INCLUDING ALL OVERWRITING OPTIONS EXCLUDING WATERMARKS)"),
  ),
  seq(
    oneOf("CREATE MATERIALIZED TABLE", "CREATE OR ALTER MATERIALIZED TABLE"),
    objectName,
    maybe(seq("WITH", options)),
    maybe(oneOf("FRESHNESS = INTERVAL '10' SECOND")),
    maybe(oneOf("REFRESH_MODE = CONTINUOUS", "REFRESH_MODE = FULL")),
    "AS",
    parts.query,
  ),
  seq(
    oneOf("COMPILE PLAN 'f'", "COMPILE PLAN 'f' IF NOT EXISTS", "COMPILE AND EXECUTE PLAN 'f'"),
    "FOR",
    fc.oneof(insert, seq("STATEMENT SET BEGIN", insert, ";", insert, "; END")),
  ),
  seq("UPDATE", objectName, "SET a = 1, b = a + 1", maybe(oneOf("WHERE a > 1"))),
  seq("DELETE FROM", objectName, maybe(oneOf("WHERE a > 1"))),
  seq("CREATE TABLE", objectName, "(a, b) WITH", options, "AS", parts.query),
  seq("CREATE TABLE", objectName, "WITH", options),
  seq(
    oneOf("CREATE VIEW", "CREATE TEMPORARY VIEW IF NOT EXISTS"),
    objectName,
    maybe(oneOf("(a, b)")),
    maybe(oneOf("COMMENT 'c'")),
    "AS",
    parts.query,
  ),
  seq("CREATE DATABASE", maybe(oneOf("IF NOT EXISTS")), name, maybe(oneOf("COMMENT 'c'")), maybe(seq("WITH", options))),
  seq(
    oneOf("CREATE FUNCTION", "CREATE TEMPORARY FUNCTION", "CREATE TEMPORARY SYSTEM FUNCTION IF NOT EXISTS"),
    objectName,
    "AS './f.js#g'",
    maybe(oneOf("LANGUAGE JAVASCRIPT")),
  ),
  seq(
    "ALTER TABLE",
    maybe(oneOf("IF EXISTS")),
    objectName,
    oneOf(
      "RENAME TO x",
      "RENAME a TO b",
      "DROP a",
      "DROP (a, b)",
      "DROP PRIMARY KEY",
      "DROP WATERMARK",
      "DROP CONSTRAINT c",
      "SET ('a' = 'b')",
      "RESET ('a')",
      "RESET ()",
      "DROP DISTRIBUTION",
      "ADD DISTRIBUTION BY RANGE(a) INTO 3 BUCKETS",
      "MODIFY (c INT, DISTRIBUTION INTO 3 BUCKETS)",
      "ADD IF NOT EXISTS PARTITION (a = 'x', b = 'y') WITH ('k' = 'v') PARTITION (a = 'z')",
      "DROP IF EXISTS PARTITION (a = 'x'), PARTITION (a = 'z')",
    ),
  ),
  seq(
    "ALTER TABLE",
    objectName,
    oneOf("ADD", "MODIFY"),
    "(",
    listOf(seq(column, oneOf("", "FIRST", "AFTER b"))),
    ", WATERMARK FOR ts AS ts, PRIMARY KEY (a) NOT ENFORCED )",
  ),
  seq("ALTER VIEW", objectName, fc.oneof(oneOf("RENAME TO x"), seq("AS", parts.query))),
  seq(
    "DROP",
    oneOf("TABLE", "VIEW", "DATABASE", "FUNCTION", "TEMPORARY VIEW", "TEMPORARY SYSTEM FUNCTION"),
    maybe(oneOf("IF EXISTS")),
    objectName,
  ),
  oneOf(
    "DROP DATABASE d CASCADE",
    "USE d",
    "USE CATALOG c",
    "SET",
    "SET 'a' = 'b'",
    "SET a.b = c d",
    "RESET",
    "RESET 'a'",
    "DESCRIBE t",
    "DESC EXTENDED a.t",
    "DESCRIBE JOB 'a1'",
    "STOP JOB totals",
    "STOP JOB 'a1' WITH SAVEPOINT",
    "STOP JOB 'a1' WITH SAVEPOINT WITH DRAIN",
    "CHECKPOINT JOB 'it''s'",
  ),
  oneOf(
    "SHOW TABLES",
    "SHOW TABLES FROM d NOT LIKE 'a%'",
    "SHOW DATABASES ILIKE 'x'",
    "SHOW COLUMNS IN t LIKE 'a'",
    "SHOW CREATE TABLE t",
    "SHOW CREATE VIEW v",
    "SHOW USER FUNCTIONS",
    "SHOW FULL MODULES",
    "SHOW CURRENT CATALOG",
    "SHOW JOBS",
    "SHOW CREATE CATALOG c",
    "SHOW CREATE MATERIALIZED TABLE t",
    "SHOW PARTITIONS t",
    "SHOW PARTITIONS t PARTITION (a = 'x')",
    "SHOW PROCEDURES IN d LIKE 'x'",
    "SHOW MATERIALIZED TABLES FROM d",
    "SHOW MODELS",
    "SHOW JARS",
    "CREATE CATALOG IF NOT EXISTS c COMMENT 'c' WITH ('type' = 'x')",
    "ALTER CATALOG c SET ('a' = 'b')",
    "ALTER CATALOG c RESET ('a', 'b')",
    "ALTER CATALOG c COMMENT 'c'",
    "DROP CATALOG IF EXISTS c",
    "DROP MATERIALIZED TABLE IF EXISTS c",
    "ALTER MATERIALIZED TABLE t SUSPEND",
    "ALTER MATERIALIZED TABLE t RESUME WITH ('a' = 'b')",
    "ALTER MATERIALIZED TABLE t REFRESH PARTITION (a = 'x')",
    "ALTER MATERIALIZED TABLE t RENAME TO u",
    "ALTER MATERIALIZED TABLE t AS SELECT 1",
    "ALTER FUNCTION IF EXISTS f AS 'x' LANGUAGE JAVASCRIPT",
    "ALTER TEMPORARY SYSTEM FUNCTION f AS 'x'",
    "LOAD MODULE m WITH ('a' = 'b')",
    "UNLOAD MODULE m",
    "USE MODULES a, b",
    "DESCRIBE CATALOG EXTENDED c",
    "DESCRIBE FUNCTION EXTENDED a.f",
    "TRUNCATE TABLE t",
    "ANALYZE TABLE t PARTITION (a, b = 'x') COMPUTE STATISTICS FOR COLUMNS a, b",
    "ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS",
    "CALL a.p(1, x => 'y')",
    "EXECUTE PLAN 'f'",
  ),
  seq("EXECUTE STATEMENT SET BEGIN", insert, ";", insert, "; END"),
  seq("EXPLAIN", oneOf("", "PLAN FOR", "CHANGELOG_MODE, ESTIMATED_COST"), fc.oneof(parts.query, insert)),
  seq("EXPLAIN STATEMENT SET BEGIN", insert, "; END"),
);
