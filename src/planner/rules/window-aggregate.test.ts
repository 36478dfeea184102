import { describe, expect, it } from "vitest";
import { bound, lines } from "../plan.test-helper.ts";
import { optimize } from "../plan.ts";

function optimized(sql: string): readonly string[] {
  const { roots, context } = bound(sql);
  return optimize(roots, context).flatMap(lines);
}

describe("aggregates of windows", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "directly over the TVF",
      "SELECT window_start, window_end, item, COUNT(*) FROM TABLE(HOP(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) GROUP BY item, window_start, window_end",
      [
        "Project $0, $1, $2, $3",
        "  Project $2, $3, $0, $1",
        "    WindowAggregate hop 120000 60000 0 on $1 by ($0) COUNT(*) (start, end)",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [item, ts]",
      ],
    ],
    [
      "keys and arguments that are expressions, conditions on rows",
      "SELECT window_start, UPPER(item), COUNT(*), SUM(id + 1) FROM TABLE(CUMULATE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '2' MINUTE)) WHERE id > 1 GROUP BY UPPER(item), window_start, window_end",
      [
        "Project $0, $1, $2, $3",
        "  Project $3, $0, $1, $2",
        "    WindowAggregate cumulate 120000 60000 0 on $1 by ($0) COUNT(*), SUM(($2 + 1)) (start, end)",
        "      Project UPPER($0), $1, $2",
        "        Filter ($2 > 1)",
        "          Watermark $1 AS ($1 - 5000ms)",
        "            Project $0, $1, $2",
        "              Scan o [item, ts, id]",
      ],
    ],
    [
      "window_time too",
      "SELECT window_time FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, window_time",
      [
        "Project $0",
        "  Project $2",
        "    WindowAggregate tumble 60000 0 on $0 by ()  (start, end, time)",
        "      Watermark $0 AS ($0 - 5000ms)",
        "        Project $0",
        "          Scan o [ts]",
      ],
    ],
    [
      "the old syntax",
      "SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), COUNT(*) FROM o GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE)",
      [
        "Project $0, $1",
        "  Project $1, $0",
        "    WindowAggregate tumble 60000 0 on $0 by () COUNT(*) (start, end, time)",
        "      Watermark $0 AS ($0 - 5000ms)",
        "        Project $0",
        "          Scan o [ts]",
      ],
    ],
    [
      "sessions with their key",
      "SELECT window_start, item, COUNT(*) FROM TABLE(SESSION(TABLE o PARTITION BY item, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, item",
      [
        "Project $0, $1, $2",
        "  Project $2, $0, $1",
        "    WindowAggregate session 60000 on $1 by ($0) COUNT(*) (start, end)",
        "      Watermark $1 AS ($1 - 5000ms)",
        "        Project $0, $1",
        "          Scan o [item, ts]",
      ],
    ],
    [
      "FILTER and DISTINCT",
      "SELECT COUNT(DISTINCT item) FILTER (WHERE id > 1) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
      [
        "Project $0",
        "  Project $0",
        "    WindowAggregate tumble 60000 0 on $0 by () COUNT(DISTINCT $1) FILTER ($2 > 1) (start, end)",
        "      Watermark $0 AS ($0 - 5000ms)",
        "        Project $0, $1, $2",
        "          Scan o [ts, item, id]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("of windows that rows already carry", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "a condition on the window",
      "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) WHERE window_start > TIMESTAMP '2024-01-01 00:00:00' GROUP BY window_start, window_end",
      [
        "Project $0, $1",
        "  Project $0, $1",
        "    WindowAggregate tumble 1 0 on $2 by ($1) COUNT(*) (end)",
        "      Filter ($1 > CAST(TIMESTAMP '2024-01-01 00:00:00' AS TIMESTAMP(3)))",
        "        WindowTvf tumble 60000 0 on $0",
        "          Watermark $0 AS ($0 - 5000ms)",
        "            Project $0",
        "              Scan o [ts]",
      ],
    ],
    [
      "an argument of the window",
      "SELECT window_start, MAX(window_end) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
      [
        "Project $0, $1",
        "  Project $0, $1",
        "    WindowAggregate tumble 1 0 on $2 by ($1) MAX($2) (end)",
        "      WindowTvf tumble 60000 0 on $0",
        "        Watermark $0 AS ($0 - 5000ms)",
        "          Project $0",
        "            Scan o [ts]",
      ],
    ],
    [
      "an aggregate of an aggregate",
      "SELECT window_start, MAX(n) FROM (SELECT window_start, window_end, item, COUNT(*) AS n FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, item) GROUP BY window_start, window_end",
      [
        "Project $0, $1",
        "  Project $0, $1",
        "    WindowAggregate tumble 1 0 on $1 by ($0) MAX($2) (end)",
        "      Project $2, $3, $1",
        "        WindowAggregate tumble 60000 0 on $1 by ($0) COUNT(*) (start, end)",
        "          Watermark $1 AS ($1 - 5000ms)",
        "            Project $0, $1",
        "              Scan o [item, ts]",
      ],
    ],
    [
      "grouping sets that all hold the window",
      "SELECT item, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY GROUPING SETS ((window_start, window_end), (window_start, window_end, item))",
      [
        "Project $0, $1",
        "  Project $0, $3",
        "    WindowAggregate tumble 1 0 on $3 by ($0, $1, $2) COUNT(*) (end)",
        "      Expand (NULL, 0, $2, $3), ($0, 1, $2, $3)",
        "        WindowTvf tumble 60000 0 on $1",
        "          Watermark $1 AS ($1 - 5000ms)",
        "            Project $0, $1",
        "              Scan o [item, ts]",
      ],
    ],
    [
      "a union of equal windows",
      "SELECT COUNT(*) FROM (SELECT window_start, window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) UNION ALL SELECT window_start, window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) GROUP BY window_start, window_end",
      [
        "Project $0",
        "  Project $1",
        "    WindowAggregate tumble 1 0 on $1 by ($0) COUNT(*) (end)",
        "      Union",
        "        Project $1, $2",
        "          WindowTvf tumble 60000 0 on $0",
        "            Watermark $0 AS ($0 - 5000ms)",
        "              Project $0",
        "                Scan o [ts]",
        "        Project $1, $2",
        "          WindowTvf tumble 60000 0 on $0",
        "            Watermark $0 AS ($0 - 5000ms)",
        "              Project $0",
        "                Scan o [ts]",
      ],
    ],
    [
      "a join of the same windows",
      "SELECT COUNT(*) FROM (SELECT w.window_start, w.window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w JOIN TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) v ON w.id = v.id AND w.window_start = v.window_start AND w.window_end = v.window_end) GROUP BY window_start, window_end",
      [
        "Project $0",
        "  Project $1",
        "    WindowAggregate tumble 1 0 on $1 by ($0) COUNT(*) (end)",
        "      Project $0, $1",
        "        Join inner on ((($2 = $3) AND ($0 = $4)) AND ($1 = $5))",
        "          Project $2, $3, $0",
        "            WindowTvf tumble 60000 0 on $1",
        "              Watermark $1 AS ($1 - 5000ms)",
        "                Project $0, $1",
        "                  Scan o [id, ts]",
        "          Project $0, $2, $3",
        "            WindowTvf tumble 60000 0 on $1",
        "              Watermark $1 AS ($1 - 5000ms)",
        "                Project $0, $1",
        "                  Scan o [id, ts]",
      ],
    ],
    [
      "a Top-N of each window",
      "SELECT COUNT(*) FROM (SELECT window_start, window_end, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY id) AS n FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE n <= 2 GROUP BY window_start, window_end",
      [
        "Project $0",
        "  Project $1",
        "    WindowAggregate tumble 1 0 on $1 by ($0) COUNT(*) (end)",
        "      Project $0, $1",
        "        Rank 1..2 by ($0, $1) order ($2)",
        "          Project $2, $3, $0",
        "            WindowTvf tumble 60000 0 on $1",
        "              Watermark $1 AS ($1 - 5000ms)",
        "                Project $0, $1",
        "                  Scan o [id, ts]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("plain aggregates, which update", () => {
  it.each<readonly [what: string, sql: string, plan: readonly string[]]>([
    [
      "window_start alone",
      "SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start",
      [
        "Aggregate by ($1) COUNT(*)",
        "  WindowTvf tumble 60000 0 on $0",
        "    Watermark $0 AS ($0 - 5000ms)",
        "      Project $0",
        "        Scan o [ts]",
      ],
    ],
    [
      "a changed window column",
      "SELECT COUNT(*) FROM (SELECT window_start + INTERVAL '0' SECOND AS s, window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) GROUP BY s, window_end",
      [
        "Project $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Project ($1 + 0ms), $2",
        "      WindowTvf tumble 60000 0 on $0",
        "        Watermark $0 AS ($0 - 5000ms)",
        "          Project $0",
        "            Scan o [ts]",
      ],
    ],
    [
      "grouping sets some of which lack the end",
      "SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY GROUPING SETS ((window_start, window_end), (window_start))",
      [
        "Project $3",
        "  Aggregate by ($0, $1, $2) COUNT(*)",
        "    Expand ($1, $2, 0), ($1, NULL, 1)",
        "      WindowTvf tumble 60000 0 on $0",
        "        Watermark $0 AS ($0 - 5000ms)",
        "          Project $0",
        "            Scan o [ts]",
      ],
    ],
    [
      "a join that may make rows when the window has passed",
      "SELECT COUNT(*) FROM (SELECT w.window_start, w.window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w JOIN l ON w.id = l.a) GROUP BY window_start, window_end",
      [
        "Project $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Project $0, $1",
        "      Join inner on ($2 = $3)",
        "        Project $2, $3, $0",
        "          WindowTvf tumble 60000 0 on $1",
        "            Watermark $1 AS ($1 - 5000ms)",
        "              Project $0, $1",
        "                Scan o [id, ts]",
        "        Scan l [a]",
      ],
    ],
    [
      "a union of different windows",
      "SELECT COUNT(*) FROM (SELECT window_start, window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) UNION ALL SELECT window_start, window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '2' MINUTE))) GROUP BY window_start, window_end",
      [
        "Project $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Union",
        "      Project $1, $2",
        "        WindowTvf tumble 60000 0 on $0",
        "          Watermark $0 AS ($0 - 5000ms)",
        "            Project $0",
        "              Scan o [ts]",
        "      Project $1, $2",
        "        WindowTvf tumble 120000 0 on $0",
        "          Watermark $0 AS ($0 - 5000ms)",
        "            Project $0",
        "              Scan o [ts]",
      ],
    ],
    [
      "a Top-N over all windows",
      "SELECT COUNT(*) FROM (SELECT window_start, window_end, ROW_NUMBER() OVER (PARTITION BY item ORDER BY id) AS n FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE n <= 2 GROUP BY window_start, window_end",
      [
        "Project $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Project $0, $1",
        "      Rank 1..2 by ($2) order ($3)",
        "        Project $3, $4, $0, $1",
        "          WindowTvf tumble 60000 0 on $2",
        "            Watermark $2 AS ($2 - 5000ms)",
        "              Project $0, $1, $2",
        "                Scan o [item, id, ts]",
      ],
    ],
    [
      "both ends of different sides of an outer join",
      "SELECT COUNT(*) FROM (SELECT w.window_start, v.window_end FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) w LEFT JOIN TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) v ON w.window_start = v.window_start AND w.window_end = v.window_end) GROUP BY window_start, window_end",
      [
        "Project $2",
        "  Aggregate by ($0, $1) COUNT(*)",
        "    Project $0, $2",
        "      Join left on (($0 = $3) AND ($1 = $2))",
        "        Project $1, $2",
        "          WindowTvf tumble 60000 0 on $0",
        "            Watermark $0 AS ($0 - 5000ms)",
        "              Project $0",
        "                Scan o [ts]",
        "        Project $2, $1",
        "          WindowTvf tumble 60000 0 on $0",
        "            Watermark $0 AS ($0 - 5000ms)",
        "              Project $0",
        "                Scan o [ts]",
      ],
    ],
  ])("%s", (_, sql, plan) => {
    expect(optimized(sql)).toEqual(plan);
  });
});

describe("groups of sessions", () => {
  const session = "TABLE(SESSION(TABLE o PARTITION BY item, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
  const kindOf = (sql: string): string => /(Window)?Aggregate.*/.exec(optimized(sql).join("\n"))![0];

  it("are the sessions when they have exactly their key", () => {
    expect(kindOf(`SELECT COUNT(*) FROM ${session} GROUP BY item, window_start, window_end`)).toMatch(
      /^WindowAggregate session/,
    );
  });

  it.each(["", "item, id, ", "UPPER(item), "])("update otherwise: %s", (keys) => {
    expect(kindOf(`SELECT COUNT(*) FROM ${session} GROUP BY ${keys}window_start, window_end`)).toMatch(/^Aggregate/);
  });

  it("take the rows' windows where arguments or conditions use them", () => {
    for (const [argument, condition] of [
      ["MAX(window_start)", ""],
      ["COUNT(*)", " WHERE id > 1"],
      ["COUNT(*)", " WHERE window_start > TIMESTAMP '2024-01-01 00:00:00'"],
    ] as const)
      expect(kindOf(`SELECT ${argument} FROM ${session}${condition} GROUP BY item, window_start, window_end`)).toMatch(
        /^WindowAggregate tumble 1 0/,
      );
  });

  it("pass conditions on their key below the sessions, no others", () => {
    const plan = optimized(`SELECT id FROM ${session} WHERE item = 'x' AND id > 1`).join("\n");
    expect(plan).toMatch(/Filter \(\$\d > 1\)[^]*WindowTvf session[^]*Filter \(\$\d = 'x'\)/);
  });
});
