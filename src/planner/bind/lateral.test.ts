import { describe, expect, test } from "vitest";
import { printPlan } from "../logical/print.ts";
import { bindError, bindScript } from "./bind.test-helper.ts";

const TABLES = `
CREATE TABLE o (id INT NOT NULL, k INT, tags ARRAY<STRING>) WITH ('connector' = 'x');
CREATE TABLE u (k INT, n INT) WITH ('connector' = 'x');
`;

function plan(sql: string): readonly string[] {
  const [bound] = bindScript(`${TABLES}${sql};`).slice(-1);
  if (bound === undefined || !("plan" in bound)) return [];
  return printPlan(bound.plan)
    .split("\n")
    .slice(1)
    .map((line) => line.slice(2).replace(/ → .*/, ""));
}

describe("FROM items that see the ones before them", () => {
  test.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "UNNEST",
      "SELECT id, t FROM o LEFT JOIN UNNEST(tags) WITH ORDINALITY AS u(t, i) ON i > 1",
      ["Project $0, $3", "  Correlate left UNNEST($2) numbered on ($4 > 1)", "    Scan o"],
    ],
    [
      "the last of a comma list sees all",
      "SELECT id, x FROM u, o CROSS JOIN UNNEST(ARRAY[n, id]) AS v(x)",
      [
        "Project $2, $5",
        "  Correlate inner UNNEST(ARRAY($1, $2))",
        "    Join inner on TRUE",
        "      Scan u",
        "      Scan o",
      ],
    ],
    [
      "equalities tie a LATERAL query, a Top-N by what is equal",
      "SELECT id, n FROM o, LATERAL (SELECT n FROM u WHERE u.k = o.k ORDER BY n LIMIT 2) AS x",
      [
        "Project $0, $3",
        "  Join inner on ($4 = $1)",
        "    Scan o",
        "    Project $0, $1",
        "      Filter ($2 <= 2)",
        "        Over by ($1) order ($0) ROW_NUMBER()",
        "          Project $1, $0",
        "            Scan u",
      ],
    ],
    [
      "other conditions: once for each different value that is read",
      "SELECT id, n FROM o, LATERAL (SELECT n FROM u WHERE u.k < o.k ORDER BY n LIMIT 2) AS x",
      [
        "Project $0, $3",
        "  Join inner on IS NOT DISTINCT FROM($4, $1)",
        "    Scan o",
        "    Project $0, $1",
        "      Filter ($2 <= 2)",
        "        Over by ($1) order ($0) ROW_NUMBER()",
        "          Project $1, $2",
        "            Filter ($0 < $2)",
        "              Join inner on TRUE",
        "                Scan u",
        "                Aggregate by ($0)",
        "                  Project $1",
        "                    Scan o",
      ],
    ],
  ])("%s", (_, sql, lines) => {
    expect(plan(sql)).toEqual(lines);
  });

  test.each<readonly [sql: string, error: string]>([
    ["SELECT 1 FROM o RIGHT JOIN UNNEST(tags) AS u(t) ON TRUE", "PLANNING 4:28 RIGHT JOIN cannot have on its right"],
    ["SELECT 1 FROM o, LATERAL TABLE(cut(tags)) AS u(t)", "FUNCTION_NOT_FOUND 4:32 No match found for function"],
    ["SELECT 1 FROM o, LATERAL TABLE(upper('a')) AS u(t)", "INVALID_QUERY 4:32 UPPER gives a value and no rows"],
    ["SELECT 1 FROM o, (SELECT n FROM u WHERE u.k = o.k) AS x", "COLUMN_NOT_FOUND 4:47 Table 'o' not found"],
    [
      "SELECT 1 FROM o LEFT JOIN u ON u.k IN (SELECT x.id + o.k FROM o AS x)",
      "UNSUPPORTED 4:32 A subquery like this in ON of a LEFT JOIN is not supported",
    ],
  ])("%s", (sql, error) => {
    expect(bindError(`${TABLES}${sql}`)).toContain(error);
  });
});
