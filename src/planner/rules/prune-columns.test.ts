import { describe, expect, it } from "vitest";
import { bound, lines } from "../plan.test-helper.ts";
import { optimize } from "../plan.ts";

function optimized(sql: string): readonly string[] {
  const { roots, context } = bound(sql);
  return optimize(roots, context).flatMap(lines);
}

describe("columns", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    ["only what is read", "SELECT a FROM l", ["Project $0", "  Scan l [a]"]],
    ["none for COUNT(*)", "SELECT COUNT(*) FROM l", ["Aggregate by () COUNT(*)", "  Scan l []"]],
    ["none for constants", "SELECT 1 FROM l", ["Project 1", "  Scan l []"]],
    ["once for two uses", "SELECT a, a, a + 1 FROM l", ["Project $0, $0, ($0 + 1)", "  Scan l [a]"]],
    [
      "computed columns only when used",
      "SELECT twice FROM o",
      ["Project $0", "  Watermark $1 AS ($1 - 5000ms)", "    Project ($0 * 2), $1", "      Scan o [id, ts]"],
    ],
    [
      "the columns of the watermark always",
      "SELECT item FROM o",
      ["Project $0", "  Watermark $1 AS ($1 - 5000ms)", "    Project $0, $1", "      Scan o [item, ts]"],
    ],
    ["of conditions", "SELECT a FROM l WHERE b = 'q'", ["Project $0", "  Filter ($1 = 'q')", "    Scan l [a, b]"]],
    [
      "of every input of a union",
      "SELECT a FROM (SELECT a, b FROM l UNION ALL SELECT x, y FROM r)",
      ["Project $0", "  Union", "    Project $0", "      Scan l [a]", "    Project $0", "      Scan r [x]"],
    ],
    [
      "not of DISTINCT, which compares all",
      "SELECT a FROM (SELECT DISTINCT a, b FROM l)",
      ["Project $0", "  Aggregate by ($0, $1)", "    Project $0, $1", "      Scan l [a, b]"],
    ],
    [
      "of sort and limit",
      "SELECT a FROM l ORDER BY c LIMIT 3",
      ["Project $0", "  Rank 1..3 by () order ($1)", "    Project $0, $1", "      Scan l [a, c]"],
    ],
    [
      "semi joins need the keys only",
      "SELECT a FROM l WHERE a IN (SELECT x FROM r)",
      ["Project $0", "  Join semi on ($0 = $1)", "    Scan l [a]", "    Project $0", "      Scan r [x]"],
    ],
    [
      "of grouping sets",
      "SELECT GROUPING(b), COUNT(*) FROM l GROUP BY ROLLUP (b)",
      [
        "Project CASE(($1 = 0), 0, 1), $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Expand ($0, 0), (NULL, 1)",
        "      Scan l [b]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("fields of rows", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "one path",
      "SELECT u.at.city FROM o",
      ["Project $0", "  Watermark $1 AS ($1 - 5000ms)", "    Project $0, $1", "      Scan o [u.at.city, ts]"],
    ],
    [
      "a path and what it lies in",
      "SELECT u.name, u.at FROM o WHERE u.at.zip > 3",
      [
        "Project $0, $1",
        "  Filter ($2 > 3)",
        "    Watermark $3 AS ($3 - 5000ms)",
        "      Project $0, $1, $2, $3",
        "        Scan o [u.name, u.at, u.at.zip, ts]",
      ],
    ],
    [
      "the whole row and a field of it",
      "SELECT u, u.name FROM o",
      ["Project $0, $1", "  Watermark $2 AS ($2 - 5000ms)", "    Project $0, $1, $2", "      Scan o [u, u.name, ts]"],
    ],
    [
      "through a renamed column",
      "SELECT t.w.at.city FROM (SELECT u AS w, id FROM o) t WHERE id > 1",
      [
        "Project $0",
        "  Project $0",
        "    Filter ($1 > 1)",
        "      Watermark $2 AS ($2 - 5000ms)",
        "        Project $0, $1, $2",
        "          Scan o [u.at.city, id, ts]",
      ],
    ],
    [
      "of both sides of a join, stored apart",
      "SELECT x.u.name, y.u.at.zip FROM o x JOIN o y ON x.id = y.id",
      [
        "Project $0, $2",
        "  Join inner on ($1 = $3)",
        "    Project $0, $1",
        "      Watermark $3 AS ($3 - 5000ms)",
        "        Project $0, $1, $3, $2",
        "          Scan o [u.name, id, ts, u.at.zip]",
        "    Project $2, $1",
        "      Watermark $3 AS ($3 - 5000ms)",
        "        Project $0, $1, $3, $2",
        "          Scan o [u.name, id, ts, u.at.zip]",
      ],
    ],
    [
      "as keys and arguments",
      "SELECT u.name, MAX(u.at.zip) FROM o GROUP BY u.name",
      [
        "Project $0, $1",
        "  Aggregate by ($0) MAX($1)",
        "    Project $0, $1",
        "      Watermark $2 AS ($2 - 5000ms)",
        "        Project $0, $1, $2",
        "          Scan o [u.name, u.at.zip, ts]",
      ],
    ],
    [
      "in a union as whole columns",
      "SELECT u.name FROM (SELECT u FROM o UNION ALL SELECT u FROM o)",
      [
        "Project FIELD($0, 0)",
        "  Union",
        "    Project $0",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [u, ts]",
        "    Project $0",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [u, ts]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("aggregates and OVER", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "unused aggregates",
      "SELECT n FROM (SELECT b, COUNT(*) AS n, SUM(a) AS s FROM l GROUP BY b)",
      ["Project $1", "  Aggregate by ($0) COUNT(*)", "    Scan l [b]"],
    ],
    [
      "all aggregates unused: the groups remain",
      "SELECT b FROM (SELECT b, COUNT(*) AS n FROM l GROUP BY b)",
      ["Project $0", "  Aggregate by ($0)", "    Scan l [b]"],
    ],
    [
      "unused aggregates of windows",
      "SELECT window_start, m FROM (SELECT window_start, window_end, COUNT(*) AS n, MAX(id) AS m FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end)",
      [
        "Project $0, $1",
        "  Project $1, $0",
        "    WindowAggregate tumble 60000 0 on $0 by () MAX($1) (start, end)",
        "      Watermark $0 AS ($0 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [ts, id]",
      ],
    ],
    [
      "an unused row number is not computed",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l)",
      ["Project $0", "  Project $0", "    Scan l [a]"],
    ],
    [
      "one of two functions",
      "SELECT s FROM (SELECT SUM(a) OVER w AS s, COUNT(b) OVER w AS n FROM o CROSS JOIN l WINDOW w AS (PARTITION BY item ORDER BY ts))",
      [
        "Project $0",
        "  Project $3",
        "    Over by ($0) order ($1) SUM($2)",
        "      Join inner on TRUE",
        "        Watermark $1 AS ($1 - 5000ms)",
        "          Project $0, $1",
        "            Scan o [item, ts]",
        "        Scan l [a]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("shared sources", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "two INSERTs read one scan of all that they need",
      "CREATE TABLE s1 (a INT) WITH ('connector' = 'all'); CREATE TABLE s2 (b STRING) WITH ('connector' = 'all'); EXECUTE STATEMENT SET BEGIN INSERT INTO s1 SELECT a FROM l; INSERT INTO s2 SELECT b FROM l WHERE c > 1; END",
      [
        "Sink s1",
        "  Project $0",
        "    Scan l [a, b, c]",
        "Sink s2",
        "  Project $1",
        "    Filter ($2 > 1)",
        "      Scan l [a, b, c]",
      ],
    ],
    [
      "two views of one table, each side of the join stores its own",
      "CREATE VIEW v1 AS SELECT id, item, ts FROM o; CREATE VIEW v2 AS SELECT id, price, u FROM o; SELECT v1.item, v2.price FROM v1 JOIN v2 ON v1.id = v2.id",
      [
        "Project $0, $2",
        "  Join inner on ($1 = $3)",
        "    Project $0, $1",
        "      Watermark $3 AS ($3 - 5000ms)",
        "        Project $0, $1, $3, $2",
        "          Scan o [item, id, ts, price]",
        "    Project $2, $1",
        "      Watermark $3 AS ($3 - 5000ms)",
        "        Project $0, $1, $3, $2",
        "          Scan o [item, id, ts, price]",
      ],
    ],
    [
      "different hints are different scans",
      "SELECT a FROM l /*+ OPTIONS('k' = '1') */ UNION ALL SELECT a FROM l /*+ OPTIONS('k' = '2') */",
      ["Union", "  Project $0", "    Scan l [a]", "  Project $0", "    Scan l [a]"],
    ],
    [
      "with a watermark and without one column less",
      "CREATE TABLE s1 (a INT) WITH ('connector' = 'all'); CREATE TABLE s2 (b TIMESTAMP(3)) WITH ('connector' = 'all'); EXECUTE STATEMENT SET BEGIN INSERT INTO s1 SELECT id FROM o; INSERT INTO s2 SELECT ts FROM o; END",
      [
        "Sink s1",
        "  Project $0",
        "    Project $0",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [id, ts]",
        "Sink s2",
        "  Project $0",
        "    Project $1",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [id, ts]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});
