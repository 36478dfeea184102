import { describe, expect, it } from "vitest";
import { physical } from "../plan.test-helper.ts";

describe("Top-N and deduplication", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "a Top-N with rank",
      "SELECT a, n FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC NULLS LAST) AS n FROM l) WHERE n <= 3",
      [
        "Sink(table=[collect], fields=[a, n])",
        "+- Calc(select=[a, row_number AS n])",
        "   +- Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=3], partitionBy=[b], orderBy=[c DESC])",
        "      +- l(a, b, c)",
      ],
    ],
    [
      "the first row by event time",
      "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts) AS n FROM o) WHERE n = 1",
      [
        "Sink(table=[collect], fields=[id])",
        "+- Calc(select=[id])",
        "   +- Deduplicate(keep=[FirstRow], key=[item], order=[ROWTIME])",
        "      +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "         +- o(id, item, ts)",
      ],
    ],
    [
      "the last row by event time, its number shown",
      "SELECT id, n FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts DESC) AS n FROM o) WHERE n = 1",
      [
        "Sink(table=[collect], fields=[id, n])",
        "+- Calc(select=[id, row_number AS n])",
        "   +- Calc(select=[id, item, ts, 1 AS row_number])",
        "      +- Deduplicate(keep=[LastRow], key=[item], order=[ROWTIME])",
        "         +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "            +- o(id, item, ts)",
      ],
    ],
    [
      "the first row to come",
      "SELECT a FROM (SELECT a, ROW_NUMBER() OVER (PARTITION BY b ORDER BY PROCTIME()) AS n FROM l) WHERE n = 1",
      [
        "Sink(table=[collect], fields=[a])",
        "+- Calc(select=[a])",
        "   +- Deduplicate(keep=[FirstRow], key=[b], order=[PROCTIME])",
        "      +- Calc(select=[a, b, PROCTIME() AS $o0])",
        "         +- l(a, b)",
      ],
    ],
    [
      "two orders are no deduplication",
      "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts, id) AS n FROM o) WHERE n = 1",
      [
        "Sink(table=[collect], fields=[id])",
        "+- Calc(select=[id])",
        "   +- Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=1], partitionBy=[item], orderBy=[ts ASC, id ASC])",
        "      +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "         +- o(id, item, ts)",
      ],
    ],
    [
      "nor are updates",
      "SELECT m FROM (SELECT m, ROW_NUMBER() OVER (PARTITION BY item ORDER BY m) AS n FROM (SELECT item, MAX(ts) AS m FROM o GROUP BY item)) WHERE n = 1",
      [
        "Sink(table=[collect], fields=[m])",
        "+- Calc(select=[m])",
        "   +- Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=1], partitionBy=[item], orderBy=[m ASC])",
        "      +- Calc(select=[m, item])",
        "         +- GroupAggregate(groupBy=[item], select=[item, MAX(ts) AS m])",
        "            +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "               +- o(item, ts)",
      ],
    ],
    [
      "a Top-N of each window",
      "SELECT id FROM (SELECT id, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price) AS n FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE n <= 2",
      [
        "Sink(table=[collect], fields=[id])",
        "+- Calc(select=[id])",
        "   +- WindowRank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=2], partitionBy=[window_start, window_end], orderBy=[price ASC])",
        "      +- Calc(select=[id, window_start, window_end, price])",
        "         +- WindowTableFunction(window=[TUMBLE(time_col=[ts], size=[1 min])])",
        "            +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "               +- o(id, price, ts)",
      ],
    ],
    [
      "ORDER BY with LIMIT",
      "SELECT a FROM l ORDER BY c DESC LIMIT 3",
      [
        "Sink(table=[collect], fields=[a])",
        "+- Calc(select=[a])",
        "   +- Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=3], partitionBy=[], orderBy=[$s0 DESC])",
        "      +- Calc(select=[a, c AS $s0])",
        "         +- l(a, c)",
      ],
    ],
    [
      "ORDER BY time",
      "SELECT id FROM o ORDER BY ts, id DESC",
      [
        "Sink(table=[collect], fields=[id])",
        "+- Calc(select=[id])",
        "   +- TemporalSort(orderBy=[$s0 ASC, id DESC])",
        "      +- Calc(select=[id, ts AS $s0])",
        "         +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "            +- o(id, ts)",
      ],
    ],
    [
      "LIMIT",
      "SELECT a FROM l OFFSET 1 ROWS FETCH NEXT 3 ROWS ONLY",
      ["Sink(table=[collect], fields=[a])", "+- Limit(offset=[1], fetch=[3])", "   +- l(a)"],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});
