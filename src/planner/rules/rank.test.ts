import { describe, expect, it } from "vitest";
import { bound, lines, planError } from "../plan.test-helper.ts";
import { optimize } from "../plan.ts";

function optimized(sql: string): readonly string[] {
  const { roots, context } = bound(sql);
  return optimize(roots, context).flatMap(lines);
}

describe("Top-N", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "with its rank",
      "SELECT a, n FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3",
      ["Project $0, $1", "  Project $0, $3", "    Rank 1..3 by ($1) order ($2) numbered", "      Scan l [a, b, c]"],
    ],
    [
      "without its rank",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3",
      ["Project $0", "  Project $0", "    Rank 1..3 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "rn < n",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n < 3",
      ["Project $0", "  Project $0", "    Rank 1..2 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "the number first",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE 3 >= n",
      ["Project $0", "  Project $0", "    Rank 1..3 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "rn = n",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n = 2",
      ["Project $0", "  Project $0", "    Rank 2..2 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "a range",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n BETWEEN 2 AND 4",
      ["Project $0", "  Project $0", "    Rank 2..4 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "computed bounds",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 1 + 2",
      ["Project $0", "  Project $0", "    Rank 1..3 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "a fraction",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 2.5",
      ["Project $0", "  Project $0", "    Rank 1..2 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "conditions beside it",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3 AND a > 1",
      [
        "Project $0",
        "  Project $0",
        "    Filter ($0 > 1)",
        "      Rank 1..3 by ($1) order ($2)",
        "        Scan l [a, b, c]",
      ],
    ],
    [
      "a condition on the partition goes below",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3 AND b = 'q'",
      [
        "Project $0",
        "  Project $0",
        "    Rank 1..3 by ($1) order ($2)",
        "      Filter ($1 = 'q')",
        "        Scan l [a, b, c]",
      ],
    ],
    [
      "the tightest of several bounds",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 5 AND n < 4 AND n > 1",
      ["Project $0", "  Project $0", "    Rank 2..3 by ($1) order ($2)", "      Scan l [a, b, c]"],
    ],
    [
      "an empty range",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n > 5 AND n < 3",
      ["Values "],
    ],
    [
      "rn = 1.5",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n = 1.5",
      ["Values "],
    ],
    [
      "several keys",
      "SELECT a FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY a, b ORDER BY c DESC, b) AS n FROM l) WHERE n = 1",
      ["Project $0", "  Project $0", "    Rank 1..1 by ($0, $1) order ($2 DESC, $1)", "      Scan l [a, b, c]"],
    ],
    [
      "ORDER BY with LIMIT",
      "SELECT a FROM l ORDER BY c DESC, a LIMIT 3",
      ["Project $0", "  Rank 1..3 by () order ($1 DESC, $0)", "    Project $0, $1", "      Scan l [a, c]"],
    ],
    [
      "ORDER BY with OFFSET and FETCH",
      "SELECT a FROM l ORDER BY c OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
      ["Project $0", "  Rank 3..5 by () order ($1)", "    Project $0, $1", "      Scan l [a, c]"],
    ],
    ["LIMIT alone is none", "SELECT a FROM l LIMIT 3", ["Limit offset 0 fetch 3", "  Project $0", "    Scan l [a]"]],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("what is no Top-N", () => {
  const ranked = (fn: string, where: string): string =>
    `SELECT a FROM (SELECT a, b, ${fn} OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE ${where}`;

  it.each<readonly [sql: string, error: string]>([
    [ranked("ROW_NUMBER()", "n <= 0"), "PLANNING Rank end can't be smaller than one. The rank end is 0"],
    [ranked("ROW_NUMBER()", "n < 1"), "PLANNING Rank end can't be smaller than one. The rank end is 0"],
    [
      ranked("ROW_NUMBER()", "n >= 2"),
      "PLANNING Rank end is not specified. Currently rank only support TopN, which means the rank end must be specified.",
    ],
    [ranked("ROW_NUMBER()", "n <= a"), "UNSUPPORTED a Top-N whose N is a column is not supported"],
    [ranked("RANK()", "n <= 3"), "PLANNING RANK() on streaming table is not supported currently."],
    [ranked("DENSE_RANK()", "n <= 3"), "PLANNING DENSE_RANK() on streaming table is not supported currently."],
  ])("%s", (sql, error) => {
    expect(planError(sql)).toBe(error);
  });

  it.each([
    ["without a bound", ranked("ROW_NUMBER()", "n <> 2")],
    ["another function", ranked("SUM(a)", "n <= 3")],
    ["OR", ranked("ROW_NUMBER()", "n <= 3 OR a = 1")],
  ])("%s", (_, sql) => {
    expect(optimized(sql).some((line) => /^\s*Over/.test(line))).toBe(true);
  });
});
