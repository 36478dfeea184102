import { describe, expect, it } from "vitest";
import { bound, lines } from "../plan.test-helper.ts";
import { pushFilters } from "./push-filters.ts";

function pushed(sql: string): readonly string[] {
  const { roots, facts } = bound(sql);
  return lines(pushFilters(roots.at(-1)!, facts));
}

describe("filters go down", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "through projections",
      "SELECT * FROM (SELECT a + 1 AS n FROM l) WHERE n > 2",
      ["Project ($0 + 1)", "  Filter (($0 + 1) > 2)", "    Scan l [a, b, c]"],
    ],
    [
      "not through a projection whose value differs from call to call",
      "SELECT * FROM (SELECT a, RAND() AS n FROM l) WHERE n > 0.5 AND a > 1",
      ["Filter ($1 > 0.5)", "  Project $0, RAND()", "    Filter ($0 > 1)", "      Scan l [a, b, c]"],
    ],
    [
      "an impure condition stays",
      "SELECT * FROM (SELECT a + 1 AS n FROM l) WHERE RAND() > 0.5",
      ["Filter (RAND() > 0.5)", "  Project ($0 + 1)", "    Scan l [a, b, c]"],
    ],
    [
      "several, the lower first",
      "SELECT * FROM (SELECT a FROM l WHERE b = 'q') WHERE a > 2",
      ["Project $0", "  Filter (($1 = 'q') AND ($0 > 2))", "    Scan l [a, b, c]"],
    ],
    [
      "into every input of a union",
      "SELECT * FROM (SELECT a FROM l UNION ALL SELECT x FROM r) WHERE a > 2",
      [
        "Union",
        "  Project $0",
        "    Filter ($0 > 2)",
        "      Scan l [a, b, c]",
        "  Project $0",
        "    Filter ($0 > 2)",
        "      Scan r [x, y, z]",
      ],
    ],
    [
      "below an aggregate on keys only",
      "SELECT * FROM (SELECT b, COUNT(*) AS n FROM l GROUP BY b) WHERE b = 'q' AND n > 1",
      ["Filter ($1 > 1)", "  Aggregate by ($1) COUNT(*)", "    Filter ($1 = 'q')", "      Scan l [a, b, c]"],
    ],
    [
      "never below an aggregate of everything, which would then still give a row",
      "SELECT COUNT(*) FROM l HAVING 1 > 2",
      ["Filter (1 > 2)", "  Aggregate by () COUNT(*)", "    Scan l [a, b, c]"],
    ],
    [
      "below window TVFs, except on the window",
      "SELECT item FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE id > 1 AND window_start > TIMESTAMP '2024-01-01 00:00:00'",
      [
        "Project $1",
        "  Filter ($6 > CAST(TIMESTAMP '2024-01-01 00:00:00' AS TIMESTAMP(3)))",
        "    WindowTvf tumble 60000 0 on $4",
        "      Filter ($0 > 1)",
        "        Watermark $4 AS ($4 - 5000ms)",
        "          Project $0, $1, $2, $3, $4, ($0 * 2)",
        "            Scan o [id, item, u, price, ts]",
      ],
    ],
    [
      "never below a watermark",
      "SELECT id FROM o WHERE id > 1",
      [
        "Project $0",
        "  Filter ($0 > 1)",
        "    Watermark $4 AS ($4 - 5000ms)",
        "      Project $0, $1, $2, $3, $4, ($0 * 2)",
        "        Scan o [id, item, u, price, ts]",
      ],
    ],
    [
      "not below a session, whose gaps would grow",
      "SELECT item FROM TABLE(SESSION(TABLE o PARTITION BY item, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE id > 1",
      ["Project $1", "  Filter ($0 > 1)", "    WindowTvf session 60000 on $4 by ($1)"],
    ],
    [
      "onto an OVER on its partition, the row number stays",
      "SELECT a FROM (SELECT a, b, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3 AND b = 'q' AND a > 1",
      [
        "Project $0",
        "  Project $0, $1, $3",
        "    Filter (($3 <= 3) AND ($0 > 1))",
        "      Over by ($1) order ($2) ROW_NUMBER()",
        "        Filter ($1 = 'q')",
        "          Scan l [a, b, c]",
      ],
    ],
    [
      "not below LIMIT",
      "SELECT * FROM (SELECT a FROM l LIMIT 3) WHERE a > 2",
      ["Filter ($0 > 2)", "  Limit offset 0 fetch 3", "    Project $0", "      Scan l [a, b, c]"],
    ],
    [
      "not below grouping sets, which make NULLs",
      "SELECT * FROM (SELECT b, COUNT(*) AS n FROM l GROUP BY ROLLUP (b)) WHERE b = 'q'",
      [
        "Project $0, $2",
        "  Aggregate by ($3, $4) COUNT(*)",
        "    Filter ($3 = 'q')",
        "      Expand ($0, $1, $2, $1, 0), ($0, $1, $2, NULL, 1)",
        "        Scan l [a, b, c]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(pushed(sql).slice(0, plan.length)).toEqual(plan);
  });
});

/** The join with the conditions on its sides: `left(…) type(on) right(…) above`. */
function joined(type: string, condition: string, where: string): string {
  const plan = pushed(`SELECT 1 FROM l ${type} JOIN r ON ${condition} WHERE ${where}`);
  const at = plan.findIndex((line) => /^\s*Join/.test(line));
  const above = plan.slice(0, at).flatMap((line) => /Filter (.*)/.exec(line)?.[1] ?? []);
  const [, left] = /Filter (.*)/.exec(plan[at + 1] ?? "") ?? [];
  const rightAt = plan.findIndex((line) => line.includes("Scan r"));
  const [, right] = /Filter (.*)/.exec(plan[rightAt - 1] ?? "") ?? [];
  return [
    plan[at]!.trim().replace("Join ", ""),
    left === undefined ? [] : `left ${left}`,
    right === undefined ? [] : `right ${right}`,
    above.map((a) => `above ${a}`),
  ]
    .flat()
    .join("; ");
}

describe("joins", () => {
  it.each<readonly [type: string, on: string, where: string, outcome: string]>([
    // WHERE: to both sides of an inner join, only to the side that is never padded of an outer one.
    ["INNER", "a = x", "b = 'l' AND y = 'r'", "inner on ($0 = $3); left ($1 = 'l'); right ($1 = 'r')"],
    ["INNER", "a = x", "c < z", "inner on (($0 = $3) AND ($2 < $5))"],
    ["LEFT", "a = x", "b = 'l'", "left on ($0 = $3); left ($1 = 'l')"],
    ["LEFT", "a = x", "y IS NULL", "left on ($0 = $3); above IS NULL($4)"],
    ["RIGHT", "a = x", "y = 'r'", "right on ($0 = $3); right ($1 = 'r')"],
    ["RIGHT", "a = x", "b IS NULL", "right on ($0 = $3); above IS NULL($1)"],
    ["FULL", "a = x", "b IS NULL AND y IS NULL", "full on ($0 = $3); above (IS NULL($1) AND IS NULL($4))"],
    ["LEFT", "a = x", "RAND() < 2", "left on ($0 = $3); above (RAND() < 2)"],
    // ON: only to the side whose rows it may take away.
    ["INNER", "a = x AND b = 'l' AND y = 'r'", "TRUE", "inner on ($0 = $3); left ($1 = 'l'); right ($1 = 'r')"],
    ["LEFT", "a = x AND b = 'l' AND y = 'r'", "TRUE", "left on (($0 = $3) AND ($1 = 'l')); right ($1 = 'r')"],
    ["RIGHT", "a = x AND b = 'l' AND y = 'r'", "TRUE", "right on (($0 = $3) AND ($4 = 'r')); left ($1 = 'l')"],
    ["FULL", "a = x AND b = 'l' AND y = 'r'", "TRUE", "full on ((($0 = $3) AND ($1 = 'l')) AND ($4 = 'r'))"],
    // Conditions that no padded row passes make the join stricter.
    ["LEFT", "a = x", "y = 'r'", "inner on ($0 = $3); right ($1 = 'r')"],
    ["LEFT", "a = x AND b = 'l'", "y = 'r'", "inner on ($0 = $3); left ($1 = 'l'); right ($1 = 'r')"],
    ["LEFT", "a = x", "y IS NOT NULL", "inner on ($0 = $3); right IS NOT NULL($1)"],
    ["LEFT", "a = x", "y = 'r' OR z > 3", "inner on ($0 = $3); right (($1 = 'r') OR ($2 > 3))"],
    ["LEFT", "a = x", "y = 'r' OR b = 'l'", "left on ($0 = $3); above (($4 = 'r') OR ($1 = 'l'))"],
    ["LEFT", "a = x", "COALESCE(y, 'r') = 'r'", "left on ($0 = $3); above (COALESCE($4, 'r') = 'r')"],
    ["LEFT", "a = x", "NOT (y = 'r')", "inner on ($0 = $3); right NOT(($1 = 'r'))"],
    ["RIGHT", "a = x", "b = 'l'", "inner on ($0 = $3); left ($1 = 'l')"],
    ["FULL", "a = x", "b = 'l'", "left on ($0 = $3); left ($1 = 'l')"],
    ["FULL", "a = x", "y = 'r'", "right on ($0 = $3); right ($1 = 'r')"],
    ["FULL", "a = x", "b = y", "inner on (($0 = $3) AND ($1 = $4))"],
  ])("%s JOIN ON %s WHERE %s", (type, on, where, outcome) => {
    expect(joined(type, on, where)).toBe(outcome);
  });

  it.each<readonly [sql: string, plan: readonly string[]]>([
    [
      "SELECT a FROM l WHERE a IN (SELECT x FROM r WHERE y = 'r') AND b = 'l'",
      [
        "Project $0",
        "  Join semi on ($0 = $3)",
        "    Filter ($1 = 'l')",
        "      Scan l [a, b, c]",
        "    Project $0",
        "      Filter ($1 = 'r')",
        "        Scan r [x, y, z]",
      ],
    ],
    [
      "SELECT a FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE x = a AND y = 'r' AND b = 'l')",
      // A row of `l` without b = 'l' has no match and stays.
      [
        "Project $0",
        "  Join anti on (($3 = $0) AND ($1 = 'l'))",
        "    Scan l [a, b, c]",
        "    Filter ($1 = 'r')",
        "      Scan r [x, y, z]",
      ],
    ],
  ])("%s", (sql, plan) => {
    expect(pushed(sql)).toEqual(plan);
  });
});
