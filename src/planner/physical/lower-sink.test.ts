import { expect, test } from "vitest";
import { graphOf } from "../plan.test-helper.ts";

const SINK = "CREATE TABLE keyed (a INT PRIMARY KEY NOT ENFORCED, n BIGINT) WITH ('connector' = 'upsert');";

/** Whether an upsert sink is spared the -U of the query. */
function dropsUpdateBefore(query: string): boolean {
  return graphOf(`${SINK} INSERT INTO keyed ${query}`).nodes.some(({ spec }) => spec.kind === "drop-update-before");
}

const COUNTS = "SELECT a, COUNT(*) AS n FROM l GROUP BY a";

test.each<readonly [query: string, drops: boolean]>([
  [COUNTS, true],
  [`SELECT a, n + 1 FROM (${COUNTS}) WHERE a > 1`, true],
  // A count that no longer passes is gone: its -U is the only one to say so.
  [`${COUNTS} HAVING COUNT(*) < 4`, false],
  [`SELECT a, n FROM (${COUNTS}) WHERE n < 4`, false],
  [`SELECT t.a, t.n FROM (${COUNTS}) AS t JOIN (SELECT b, COUNT(*) AS m FROM l GROUP BY b) AS u ON t.n = u.m`, false],
])("%s", (query, drops) => {
  expect(dropsUpdateBefore(query)).toBe(drops);
});
