import { describe, expect, it } from "vitest";
import { physical } from "../plan.test-helper.ts";

describe("calc", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "projections and conditions in one",
      "SELECT n + 1 FROM (SELECT a + 1 AS n, b FROM l WHERE c > 1) WHERE b = 'q'",
      [
        "Sink(table=[collect], fields=[EXPR$0])",
        "+- Calc(select=[((a + 1) + 1) AS EXPR$0], where=[((c > 1) AND (b = 'q'))])",
        "   +- l(a, c, b)",
      ],
    ],
    [
      "a value of chance that is read twice is computed once",
      "SELECT r + r FROM (SELECT RAND() AS r FROM l)",
      [
        "Sink(table=[collect], fields=[EXPR$0])",
        "+- Calc(select=[(r + r) AS EXPR$0])",
        "   +- Calc(select=[RAND() AS r])",
        "      +- l()",
      ],
    ],
    [
      "or is filtered on",
      "SELECT r FROM (SELECT RAND() AS r FROM l) WHERE r > 0.5",
      [
        "Sink(table=[collect], fields=[r])",
        "+- Calc(select=[r], where=[(r > 0.5)])",
        "   +- Calc(select=[RAND() AS r])",
        "      +- l()",
      ],
    ],
    [
      "read once it is merged",
      "SELECT r + 1 FROM (SELECT RAND() AS r, a FROM l)",
      ["Sink(table=[collect], fields=[EXPR$0])", "+- Calc(select=[(RAND() + 1.0) AS EXPR$0])", "   +- l()"],
    ],
    [
      "an identity is none",
      "SELECT a, b, c FROM (SELECT * FROM l)",
      ["Sink(table=[collect], fields=[a, b, c])", "+- l(a, b, c)"],
    ],
    [
      "constants are folded",
      "SELECT a + (1 + 2) FROM l WHERE a > 1 + 2 AND 1 < 2",
      ["Sink(table=[collect], fields=[EXPR$0])", "+- Calc(select=[(a + 3) AS EXPR$0], where=[(a > 3)])", "   +- l(a)"],
    ],
    [
      "the same column twice",
      "SELECT a, a AS a2 FROM l",
      ["Sink(table=[collect], fields=[a, a2])", "+- Calc(select=[a, a AS a2])", "   +- l(a)"],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});

describe("values", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "constants",
      "SELECT 1, 'x'",
      ["Sink(table=[collect], fields=[EXPR$0, EXPR$1])", "+- Values(tuples=[1 row], values=[EXPR$0, EXPR$1])"],
    ],
    [
      "several rows",
      "VALUES (1, 'a'), (2, 'b')",
      ["Sink(table=[collect], fields=[EXPR$0, EXPR$1])", "+- Values(tuples=[2 rows], values=[EXPR$0, EXPR$1])"],
    ],
    [
      "rows that are computed when the job runs",
      "SELECT * FROM (VALUES (1), (CAST('x' AS INT)))",
      [
        "Sink(table=[collect], fields=[EXPR$0])",
        "+- Union(all=[true], union=[EXPR$0])",
        "   +- Calc(select=[1 AS EXPR$0])",
        "      +- Values(tuples=[1 row])(reuse_id=[1])",
        "   +- Calc(select=[CAST('x' AS INT) AS EXPR$0])",
        "      +- Reused(reference_id=[1])",
      ],
    ],
    [
      "a condition over them",
      "SELECT x FROM (VALUES (1), (2)) AS t(x) WHERE x > 1",
      [
        "Sink(table=[collect], fields=[x])",
        "+- Calc(select=[EXPR$0 AS x], where=[(EXPR$0 > 1)])",
        "   +- Values(tuples=[2 rows], values=[EXPR$0])",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});

describe("joins", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "equal columns",
      "SELECT a, y FROM l JOIN r ON a = x",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(a = x)], select=[a, y, x])",
        "      +- l(a)",
        "      +- r(y, x)",
      ],
    ],
    [
      "expressions as keys",
      "SELECT a, y FROM l JOIN r ON UPPER(b) = LOWER(y)",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[($k0 = $k00)], select=[a, $k0, y, $k00])",
        "      +- Calc(select=[a, UPPER(b) AS $k0])",
        "         +- l(a, b)",
        "      +- Calc(select=[y, LOWER(y) AS $k0])",
        "         +- r(y)",
      ],
    ],
    [
      "the sides written the other way",
      "SELECT a, y FROM l JOIN r ON x = a",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(a = x)], select=[a, y, x])",
        "      +- l(a)",
        "      +- r(y, x)",
      ],
    ],
    [
      "numbers of different types",
      "SELECT a, z FROM l JOIN r ON a = z",
      [
        "Sink(table=[collect], fields=[a, z])",
        "+- Calc(select=[a, z])",
        "   +- Join(joinType=[InnerJoin], where=[($k0 = z)], select=[a, $k0, z])",
        "      +- Calc(select=[a, CAST(a AS BIGINT) AS $k0])",
        "         +- l(a)",
        "      +- r(z)",
      ],
    ],
    [
      "several keys and a condition",
      "SELECT a, y FROM l JOIN r ON a = x AND b = y AND c < z",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(a = x) AND (b = y) AND (c < z)], select=[a, b, c, y, x, z])",
        "      +- l(a, b, c)",
        "      +- r(y, x, z)",
      ],
    ],
    [
      "null-safe",
      "SELECT a, y FROM l JOIN r ON a IS NOT DISTINCT FROM x",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(a IS NOT DISTINCT FROM x)], select=[a, y, x])",
        "      +- l(a)",
        "      +- r(y, x)",
      ],
    ],
    [
      "floats are no keys",
      "SELECT a, y FROM l JOIN r ON CAST(a AS DOUBLE) = CAST(x AS DOUBLE)",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(CAST(a AS DOUBLE) = CAST(x AS DOUBLE))], select=[a, y, x])",
        "      +- l(a)",
        "      +- r(y, x)",
      ],
    ],
    [
      "no equality at all",
      "SELECT a, y FROM l JOIN r ON a < x",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[InnerJoin], where=[(a < x)], select=[a, y, x])",
        "      +- l(a)",
        "      +- r(y, x)",
      ],
    ],
    [
      "cross",
      "SELECT a, y FROM l CROSS JOIN r",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Join(joinType=[InnerJoin], where=[], select=[a, y])",
        "   +- l(a)",
        "   +- r(y)",
      ],
    ],
    [
      "outer",
      "SELECT a, y FROM l FULL JOIN r ON a = x AND b = 'q'",
      [
        "Sink(table=[collect], fields=[a, y])",
        "+- Calc(select=[a, y])",
        "   +- Join(joinType=[FullOuterJoin], where=[(a = x) AND (b = 'q')], select=[a, b, y, x])",
        "      +- l(a, b)",
        "      +- r(y, x)",
      ],
    ],
    [
      "semi",
      "SELECT a FROM l WHERE a IN (SELECT x FROM r)",
      [
        "Sink(table=[collect], fields=[a])",
        "+- Join(joinType=[LeftSemiJoin], where=[(a = x)], select=[a])",
        "   +- l(a)",
        "   +- r(x)",
      ],
    ],
    [
      "anti",
      "SELECT a FROM l WHERE NOT EXISTS (SELECT 1 FROM r WHERE x = a)",
      [
        "Sink(table=[collect], fields=[a])",
        "+- Join(joinType=[LeftAntiJoin], where=[(a = x)], select=[a])",
        "   +- l(a)",
        "   +- r(x)",
      ],
    ],
    [
      "self: equal names get numbers, the scan is shared",
      "SELECT p.a, q.a FROM l p JOIN l q ON p.b = q.b",
      [
        "Sink(table=[collect], fields=[a, a0])",
        "+- Calc(select=[a, a0])",
        "   +- Join(joinType=[InnerJoin], where=[(b = b0)], select=[a, b, a0, b0])",
        "      +- l(a, b)(reuse_id=[1])",
        "      +- Reused(reference_id=[1])",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});

describe("aggregates", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "plain columns",
      "SELECT b, COUNT(*), SUM(a) FROM l GROUP BY b",
      [
        "Sink(table=[collect], fields=[b, EXPR$1, EXPR$2])",
        "+- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS EXPR$1, SUM(a) AS EXPR$2])",
        "   +- l(b, a)",
      ],
    ],
    [
      "arguments and filters are computed first, equal ones once",
      "SELECT b, SUM(a + 1), MAX(a + 1), COUNT(*) FILTER (WHERE c > 1), COUNT(DISTINCT a + 1) FROM l GROUP BY b",
      [
        "Sink(table=[collect], fields=[b, EXPR$1, EXPR$2, EXPR$3, EXPR$4])",
        "+- GroupAggregate(groupBy=[b], select=[b, SUM($f1) AS EXPR$1, MAX($f1) AS EXPR$2, COUNT(*) FILTER $f2 AS EXPR$3, COUNT(DISTINCT $f1) AS EXPR$4])",
        "   +- Calc(select=[b, (a + 1) AS $f1, (c > 1) AS $f2])",
        "      +- l(b, a, c)",
      ],
    ],
    [
      "expressions as keys",
      "SELECT UPPER(b), COUNT(*) FROM l GROUP BY UPPER(b)",
      [
        "Sink(table=[collect], fields=[EXPR$0, EXPR$1])",
        "+- Calc(select=[$k0 AS EXPR$0, EXPR$1])",
        "   +- GroupAggregate(groupBy=[$k0], select=[$k0, COUNT(*) AS EXPR$1])",
        "      +- Calc(select=[UPPER(b) AS $k0])",
        "         +- l(b)",
      ],
    ],
    [
      "grouping sets",
      "SELECT a, b, COUNT(*) FROM l GROUP BY GROUPING SETS ((a), (b), ())",
      [
        "Sink(table=[collect], fields=[a, b, EXPR$2])",
        "+- Calc(select=[a$ AS a, b$ AS b, EXPR$2])",
        "   +- GroupAggregate(groupBy=[a$, b$, expand_id$], select=[a$, b$, expand_id$, COUNT(*) AS EXPR$2])",
        "      +- Expand(projects=[{a AS a$, NULL:STRING AS b$, 0 AS expand_id$}, {NULL:INT AS a$, b AS b$, 1 AS expand_id$}, {NULL:INT AS a$, NULL:STRING AS b$, 2 AS expand_id$}])",
        "         +- l(a, b)",
      ],
    ],
    [
      "of aggregates",
      "SELECT n, COUNT(*) FROM (SELECT b, COUNT(*) AS n FROM l GROUP BY b) GROUP BY n",
      [
        "Sink(table=[collect], fields=[n, EXPR$1])",
        "+- GroupAggregate(groupBy=[n], select=[n, COUNT(*) AS EXPR$1])",
        "   +- Calc(select=[n])",
        "      +- GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS n])",
        "         +- l(b)",
      ],
    ],
    [
      "windows",
      "SELECT window_start, window_end, item, COUNT(*) FROM TABLE(HOP(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR)) GROUP BY window_start, window_end, item",
      [
        "Sink(table=[collect], fields=[window_start, window_end, item, EXPR$3])",
        "+- Calc(select=[window_start, window_end, item, EXPR$3])",
        "   +- WindowAggregate(groupBy=[item], window=[HOP(time_col=[ts], size=[1 h], slide=[1 min])], select=[item, COUNT(*) AS EXPR$3])",
        "      +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "         +- o(item, ts)",
      ],
    ],
    [
      "windows with an offset",
      "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '4' MINUTE, INTERVAL '90' SECOND)) GROUP BY window_start, window_end",
      [
        "Sink(table=[collect], fields=[EXPR$0])",
        "+- Calc(select=[EXPR$0])",
        "   +- WindowAggregate(window=[TUMBLE(time_col=[ts], size=[4 min], offset=[90 s])], select=[COUNT(*) AS EXPR$0])",
        "      +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "         +- o(ts)",
      ],
    ],
    [
      "windows that rows carry",
      "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE window_start > TIMESTAMP '2024-01-01 00:00:00' GROUP BY window_start, window_end",
      [
        "Sink(table=[collect], fields=[window_start, EXPR$1])",
        "+- Calc(select=[window_start, EXPR$1])",
        "   +- WindowAggregate(groupBy=[window_start], window=[win_start=[window_start], win_end=[window_end]], select=[window_start, COUNT(*) AS EXPR$1])",
        "      +- Calc(select=[window_start, window_end], where=[(window_start > TIMESTAMP '2024-01-01 00:00:00.000')])",
        "         +- WindowTableFunction(window=[TUMBLE(time_col=[ts], size=[1 min])])",
        "            +- WatermarkAssigner(rowtime=[ts], watermark=[(ts - INTERVAL '+0 00:00:05.000')])",
        "               +- o(ts)",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(physical(sql)).toEqual(plan);
  });
});
