import { expect, test } from "vitest";
import { graphOf } from "../plan.test-helper.ts";

/** Times to live of the operators with state, from the sources on. */
function ttlOf(sql: string): readonly unknown[] {
  const { nodes } = graphOf(sql, { "table.exec.state.ttl": "1 s" });
  return nodes.flatMap(({ spec }) => ("ttlMillis" in spec ? [spec.ttlMillis] : []));
}

test("STATE_TTL holds for the sides of a join that are called so, and for the aggregate of a table", () => {
  expect(ttlOf("SELECT /*+ STATE_TTL('l' = '1 h') */ l.a FROM l JOIN r ON l.a = r.x;")).toEqual([[3_600_000, 1000]]);
  expect(
    ttlOf("SELECT /*+ STATE_TTL('p' = '1 h', 'q' = '2 h') */ p.a FROM l AS p JOIN r AS q ON p.a = q.x AND p.c > 1;"),
  ).toEqual([[3_600_000, 7_200_000]]);
  expect(ttlOf("SELECT /*+ STATE_TTL('l' = '1 h') */ b, COUNT(*) FROM l GROUP BY b;")).toEqual([3_600_000]);
  expect(ttlOf("SELECT /*+ STATE_TTL('l' = '1 h') */ DISTINCT b FROM l;")).toEqual([3_600_000]);
  expect(ttlOf("SELECT b, COUNT(*) FROM l GROUP BY b;")).toEqual([1000]);
});

test("STATE_TTL does not reach into the queries of a FROM", () => {
  const inner = "(SELECT b, COUNT(*) AS n FROM l GROUP BY b)";
  expect(ttlOf(`SELECT /*+ STATE_TTL('t' = '1 h') */ t.n FROM ${inner} AS t JOIN r ON t.b = r.y;`)).toEqual([
    1000,
    [3_600_000, 1000],
  ]);
});
