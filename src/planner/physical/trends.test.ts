import { describe, expect, it } from "vitest";
import { graphOf } from "../plan.test-helper.ts";

const TABLE = `CREATE TABLE t (k STRING, j STRING, v INT, w INT NOT NULL) WITH ('connector' = 'in');`;

/** The columns by which the Top-N finds its rows; `retracting`: it keeps all rows. */
function strategy(input: string, window: string): readonly number[] | "retracting" {
  const query = `SELECT * FROM (SELECT *, ROW_NUMBER() OVER (${window}) AS rn FROM (${input})) WHERE rn <= 2`;
  const specs = graphOf(`${TABLE}${query};`).nodes.map(({ spec }) => spec);
  const rank = specs.find((spec) => spec.kind === "rank");
  if (rank?.kind !== "rank") throw new Error("no rank");
  return rank.retracting ? "retracting" : (rank.upsertKey ?? []);
}

const of = (aggregate: string, rest = ""): string => `SELECT k, j, ${aggregate} AS n FROM t ${rest} GROUP BY k, j`;

describe("a Top-N over an aggregate keeps only its first rows", () => {
  it.each<readonly [what: string, input: string, window: string]>([
    ["a count grows", of("COUNT(*)"), "ORDER BY n DESC"],
    ["in each partition", of("COUNT(*)"), "PARTITION BY j ORDER BY n DESC"],
    ["a key does not change", of("COUNT(*)"), "ORDER BY n DESC, j"],
    ["MAX grows, its NULL is last", of("MAX(v)"), "ORDER BY n DESC"],
    ["MIN falls", of("MIN(w)"), "ORDER BY n"],
    ["SUM of a literal", of("SUM(2)"), "ORDER BY n DESC"],
    ["SUM of ones and zeros", of("SUM(CASE WHEN v > 3 THEN 1 ELSE 0 END)"), "ORDER BY n DESC"],
    ["SUM of what a condition makes positive", of("SUM(v)", "WHERE v > 0"), "ORDER BY n DESC"],
    ["SUM with a FILTER", of("SUM(v) FILTER (WHERE v >= 1)"), "ORDER BY n DESC"],
    ["SUM of negative numbers falls", of("SUM(w)", "WHERE w < 0"), "ORDER BY n"],
    ["a condition on the key", `${of("COUNT(*)")} HAVING k > 'a'`, "ORDER BY n DESC"],
    ["a cast", `SELECT k, j, CAST(n AS DOUBLE) AS n FROM (${of("COUNT(*)")})`, "ORDER BY n DESC"],
  ])("%s", (_, input, window) => {
    expect(strategy(input, window)).toEqual([0, 1]);
  });
});

describe("a Top-N keeps all rows", () => {
  it.each<readonly [what: string, input: string, window: string]>([
    ["in the other direction", of("COUNT(*)"), "ORDER BY n"],
    ["of two orders one moves back", of("COUNT(*)"), "ORDER BY n DESC, n"],
    ["NULL first becomes a value", of("MIN(v)"), "ORDER BY n"],
    ["SUM of any numbers", of("SUM(v)"), "ORDER BY n DESC"],
    ["SUM of positive numbers in the other direction", of("SUM(v)", "WHERE v > 0"), "ORDER BY n"],
    ["an average", of("AVG(v)"), "ORDER BY n DESC"],
    ["a condition that a row may stop to meet", `${of("COUNT(*)")} HAVING COUNT(*) < 9`, "ORDER BY n DESC"],
    ["a partition that is no part of the key", of("COUNT(*)"), "PARTITION BY n ORDER BY n DESC"],
    ["a lost key", `SELECT UPPER(k) AS k, j, n FROM (${of("COUNT(*)")})`, "ORDER BY n DESC"],
    ["an aggregate of an aggregate", `SELECT k, SUM(n) AS n FROM (${of("COUNT(*)")}) GROUP BY k`, "ORDER BY n DESC"],
  ])("%s", (_, input, window) => {
    expect(strategy(input, window)).toBe("retracting");
  });
});
