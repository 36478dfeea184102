import { describe, expect, it, test } from "vitest";
import { graphOf, physical } from "../plan.test-helper.ts";

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

describe("sinks", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "that only insert",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO ap SELECT b, c FROM l",
      [
        "Sink(table=[default_catalog.default_database.ap], fields=[b, n])",
        "+- Calc(select=[b, c AS n])",
        "   +- l(b, c)",
      ],
    ],
    [
      "that take all changes",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO al SELECT b, COUNT(*) FROM l GROUP BY b",
      [
        "Sink(table=[default_catalog.default_database.al], fields=[b, n])",
        "+- Calc(select=[b, EXPR$1 AS n])",
        "   +- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS EXPR$1])",
        "      +- l(b)",
      ],
    ],
    [
      "by the key of the query",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO up SELECT b, COUNT(*) FROM l GROUP BY b",
      [
        "Sink(table=[default_catalog.default_database.up], fields=[b, n])",
        "+- DropUpdateBefore",
        "   +- Calc(select=[b, EXPR$1 AS n])",
        "      +- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS EXPR$1])",
        "         +- l(b)",
      ],
    ],
    [
      "by another key",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO un SELECT b, COUNT(*) FROM l GROUP BY b",
      [
        "Sink(table=[default_catalog.default_database.un], fields=[b, n])",
        "+- SinkMaterializer(key=[n])",
        "   +- Calc(select=[b, EXPR$1 AS n])",
        "      +- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS EXPR$1])",
        "         +- l(b)",
      ],
    ],
    [
      "by key, of rows that only insert",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); INSERT INTO up SELECT b, c FROM l",
      [
        "Sink(table=[default_catalog.default_database.up], fields=[b, n])",
        "+- Calc(select=[b, c AS n])",
        "   +- l(b, c)",
      ],
    ],
    [
      "several, work in common done once",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); EXECUTE STATEMENT SET BEGIN INSERT INTO al SELECT b, COUNT(*) FROM l GROUP BY b; INSERT INTO up SELECT b, COUNT(*) FROM l GROUP BY b; INSERT INTO ap SELECT b, c FROM l; END",
      [
        "Sink(table=[default_catalog.default_database.al], fields=[b, n])",
        "+- Calc(select=[b, EXPR$1 AS n])(reuse_id=[1])",
        "   +- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS EXPR$1])",
        "      +- Calc(select=[b])",
        "         +- l(b, c)(reuse_id=[2])",
        "Sink(table=[default_catalog.default_database.up], fields=[b, n])",
        "+- DropUpdateBefore",
        "   +- Reused(reference_id=[1])",
        "Sink(table=[default_catalog.default_database.ap], fields=[b, n])",
        "+- Calc(select=[b, c AS n])",
        "   +- Reused(reference_id=[2])",
      ],
    ],
    [
      "chance is not work in common",
      "CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append'); CREATE TABLE al (b STRING, n BIGINT) WITH ('connector' = 'all'); CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert'); CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert'); EXECUTE STATEMENT SET BEGIN INSERT INTO ap SELECT UUID(), c FROM l; INSERT INTO al SELECT UUID(), c FROM l; END",
      [
        "Sink(table=[default_catalog.default_database.ap], fields=[b, n])",
        "+- Calc(select=[UUID() AS b, c AS n])",
        "   +- l(c)(reuse_id=[1])",
        "Sink(table=[default_catalog.default_database.al], fields=[b, n])",
        "+- Calc(select=[UUID() AS b, c AS n])",
        "   +- Reused(reference_id=[1])",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});
