import { describe, expect, it } from "vitest";
import { bound, lines } from "../plan.test-helper.ts";
import { optimize } from "../plan.ts";

function optimized(sql: string): readonly string[] {
  const { roots, context } = bound(sql);
  return optimize(roots, context).flatMap(lines);
}

describe("nothing is read", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    ["WHERE FALSE", "SELECT a FROM l WHERE 1 > 2", ["Values "]],
    ["WHERE NULL", "SELECT a FROM l WHERE CAST(NULL AS BOOLEAN)", ["Values "]],
    ["a condition that others make false", "SELECT * FROM (SELECT a, 1 AS one FROM l) WHERE one = 2", ["Values "]],
    ["LIMIT 0", "SELECT a FROM l LIMIT 0", ["Values "]],
    ["ORDER BY with LIMIT 0", "SELECT a FROM l ORDER BY a LIMIT 0", ["Values "]],
    ["aggregates of nothing", "SELECT COUNT(*) FROM l WHERE 1 > 2", ["Values "]],
    [
      "an INSERT of nothing",
      "CREATE TABLE s (a INT) WITH ('connector' = 'append'); INSERT INTO s SELECT a FROM l WHERE 1 > 2",
      ["Sink s", "  Values "],
    ],
    [
      "one input of a union",
      "SELECT a FROM l WHERE 1 > 2 UNION ALL SELECT x FROM r",
      ["Project $0", "  Project $0", "    Scan r [x]"],
    ],
    [
      "two of three inputs of a union",
      "SELECT a FROM l WHERE 1 > 2 UNION ALL SELECT x FROM r UNION ALL (SELECT a FROM l LIMIT 0)",
      ["Project $0", "  Project $0", "    Scan r [x]"],
    ],
    [
      "one of three",
      "SELECT a FROM l UNION ALL SELECT x FROM r UNION ALL (SELECT a FROM l LIMIT 0)",
      ["Union", "  Project $0", "    Scan l [a]", "  Project $0", "    Scan r [x]"],
    ],
    ["an inner join", "SELECT a FROM l JOIN (SELECT * FROM r WHERE 1 > 2) ON a = x", ["Values "]],
    ["a left join from the left", "SELECT a FROM (SELECT * FROM l WHERE 1 > 2) LEFT JOIN r ON a = x", ["Values "]],
    [
      "a left join to the right keeps the left",
      "SELECT a, y FROM l LEFT JOIN (SELECT * FROM r WHERE 1 > 2) ON a = x",
      ["Project $0, $1", "  Join left on ($0 = $2)", "    Scan l [a]", "    Project $1, $0", "      Values "],
    ],
    [
      "a full join of one",
      "SELECT a, y FROM l FULL JOIN (SELECT * FROM r WHERE 1 > 2) ON a = x",
      ["Project $0, $1", "  Join full on ($0 = $2)", "    Scan l [a]", "    Project $1, $0", "      Values "],
    ],
    [
      "NOT IN of nothing",
      "SELECT a FROM l WHERE a NOT IN (SELECT x FROM r WHERE FALSE)",
      ["Project $0", "  Scan l [a]"],
    ],
    ["IN of nothing", "SELECT a FROM l WHERE a IN (SELECT x FROM r WHERE FALSE)", ["Values "]],
    [
      "a condition that only chance decides stays",
      "SELECT a FROM l WHERE RAND() > 1",
      ["Project $0", "  Filter (RAND() > 1)", "    Scan l [a]"],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});
