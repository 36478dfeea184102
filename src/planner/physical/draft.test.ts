import { describe, expect, it } from "vitest";
import { graphOf, planError } from "../plan.test-helper.ts";

const SINKS = `
CREATE TABLE ap (b STRING, n BIGINT) WITH ('connector' = 'append');
CREATE TABLE al (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'all');
CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (b) NOT ENFORCED) WITH ('connector' = 'upsert');
CREATE TABLE un (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert');
CREATE TABLE bh (b STRING, n BIGINT) WITH ('connector' = 'blackhole');
`;

function statementSet(...inserts: readonly string[]): string {
  return `${SINKS}EXECUTE STATEMENT SET BEGIN ${inserts.map((i) => `${i};`).join(" ")} END;`;
}

/** Who is asked for -U: kinds of the nodes that may leave it out, with what they do. */
function updateBefore(...inserts: readonly string[]): readonly string[] {
  return graphOf(statementSet(...inserts)).nodes.flatMap(({ spec }) =>
    "updateBefore" in spec ? [`${spec.kind} ${spec.updateBefore ? "with" : "without"} -U`] : [],
  );
}

const COUNTS = "SELECT b, COUNT(*) AS n FROM l GROUP BY b";
const FIRST =
  "SELECT b, c FROM (SELECT b, c, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) AS n FROM l) WHERE n = 1";
const LAST =
  "SELECT item, CAST(id AS BIGINT) FROM (SELECT item, id, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts DESC) AS n FROM o) WHERE n = 1";

describe("-U", () => {
  it.each<readonly [what: string, inserts: readonly string[], expected: readonly string[]]>([
    ["a query shows it", [`INSERT INTO al ${COUNTS}`], ["group-aggregate with -U"]],
    ["print with a primary key still gets it", [`INSERT INTO al ${FIRST}`], ["rank with -U"]],
    ["blackhole takes none", [`INSERT INTO bh ${COUNTS}`], ["group-aggregate without -U"]],
    ["nor does an upsert sink by its key", [`INSERT INTO up ${COUNTS}`], ["group-aggregate without -U"]],
    ["of a Top-1", [`INSERT INTO up ${FIRST}`], ["rank without -U"]],
    ["of a deduplication", [`INSERT INTO up ${LAST}`], ["deduplicate without -U"]],
    ["an upsert materialiser needs it", [`INSERT INTO un ${COUNTS}`], ["group-aggregate with -U"]],
    [
      "a condition above an update needs it",
      [`INSERT INTO bh ${COUNTS} HAVING COUNT(*) > 2`],
      ["group-aggregate with -U"],
    ],
    [
      "a projection does not",
      [`INSERT INTO bh SELECT UPPER(b), n + 1 FROM (${COUNTS})`],
      ["group-aggregate without -U"],
    ],
    [
      "an aggregate above does",
      [`INSERT INTO bh SELECT 'x', SUM(n) FROM (${COUNTS})`],
      ["group-aggregate with -U", "group-aggregate without -U"],
    ],
    ["a join above does", [`INSERT INTO bh SELECT y, n FROM (${COUNTS}) JOIN r ON b = y`], ["group-aggregate with -U"]],
    [
      "a union passes the question on",
      [`INSERT INTO bh ${COUNTS} UNION ALL SELECT y, MAX(z) FROM r GROUP BY y`],
      ["group-aggregate without -U", "group-aggregate without -U"],
    ],
    [
      "one consumer that needs it is enough",
      [`INSERT INTO bh ${COUNTS}`, `INSERT INTO al ${COUNTS}`],
      ["group-aggregate with -U"],
    ],
  ])("%s", (_, inserts, expected) => {
    expect(updateBefore(...inserts)).toEqual(expected);
  });
});

describe("a sink that only inserts", () => {
  it.each<readonly [query: string, node: string]>([
    [COUNTS, "GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS n])"],
    [`SELECT UPPER(b), n FROM (${COUNTS}) WHERE n > 1`, "GroupAggregate(groupBy=[b], select=[b, COUNT(*) AS n])"],
    [FIRST, "Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=1], partitionBy=[b], orderBy=[c DESC])"],
    [LAST, "Deduplicate(keep=[LastRow], key=[item], order=[ROWTIME])"],
    ["SELECT b, z FROM l LEFT JOIN r ON a = x", "Join(joinType=[LeftOuterJoin], where=[(a = x)], select=[b, a, z, x])"],
    [
      "SELECT b, c FROM l WHERE a NOT IN (SELECT x FROM r WHERE x IS NOT NULL)",
      "Join(joinType=[LeftAntiJoin], where=[((a IS NULL OR x IS NULL) OR (a = x))], select=[b, c, a])",
    ],
    [
      "SELECT b, c FROM l ORDER BY c LIMIT 3",
      "Rank(rankType=[ROW_NUMBER], rankRange=[rankStart=1, rankEnd=3], partitionBy=[], orderBy=[c ASC])",
    ],
  ])("refuses %s", (query, node) => {
    expect(planError(`${SINKS}INSERT INTO ap ${query}`)).toBe(
      `CHANGELOG_MODE Table sink 'default_catalog.default_database.ap' doesn't support consuming update changes which is produced by node ${node}`,
    );
  });

  it.each([
    ["rows", "SELECT b, c FROM l WHERE a > 1"],
    ["an inner join", "SELECT b, z FROM l JOIN r ON a = x"],
    ["a left join whose padded rows are taken away", "SELECT b, z FROM l LEFT JOIN r ON a = x WHERE z > 1"],
    ["a semi join", "SELECT b, c FROM l WHERE a IN (SELECT x FROM r)"],
    [
      "windows",
      "SELECT item, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, item",
    ],
    [
      "windows over updates",
      "SELECT 'x', COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end",
    ],
    [
      "a Top-N of windows",
      "SELECT item, CAST(id AS BIGINT) FROM (SELECT item, id, ROW_NUMBER() OVER (PARTITION BY window_start, window_end ORDER BY price) AS n FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))) WHERE n <= 2",
    ],
    [
      "the first row to come",
      "SELECT b, c FROM (SELECT b, c, ROW_NUMBER() OVER (PARTITION BY b ORDER BY PROCTIME()) AS n FROM l) WHERE n = 1",
    ],
    [
      "the first row by event time",
      "SELECT item, CAST(id AS BIGINT) FROM (SELECT item, id, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts) AS n FROM o) WHERE n = 1",
    ],
    ["rows in order of time", "SELECT item, CAST(id AS BIGINT) FROM o ORDER BY ts"],
    ["LIMIT", "SELECT b, c FROM l LIMIT 3"],
  ])("takes %s", (_, query) => {
    expect(planError(`${SINKS}INSERT INTO ap ${query}`)).toBe("no error");
  });
});

/** Ids of the nodes by what they do. */
function ids(...inserts: readonly string[]): ReadonlyMap<string, string> {
  return new Map(
    graphOf(statementSet(...inserts)).nodes.map((n) => [
      n.description.replace(/^TableSourceScan\(table=\[\[(.*?)\]\].*/, "scan of $1"),
      n.id,
    ]),
  );
}

describe("ids of operators", () => {
  const watched = [
    ["an aggregate", `INSERT INTO al ${COUNTS}`, /^GroupAggregate\(groupBy=\[b\]/],
    ["a Top-N", `INSERT INTO al ${FIRST}`, /^Rank/],
    ["a join", "INSERT INTO al SELECT b, z FROM l JOIN r ON a = x", /^Join.*where=\[\(a = x\)\]/],
    ["a deduplication", `INSERT INTO al ${LAST}`, /^Deduplicate/],
    [
      "a window aggregate",
      "INSERT INTO al SELECT item, MAX(id) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY window_start, window_end, item",
      /^WindowAggregate\(groupBy=\[item\]/,
    ],
    ["a sort", "INSERT INTO al SELECT item, CAST(id AS BIGINT) FROM o ORDER BY ts", /^TemporalSort/],
  ] as const;
  const others = [
    ["of another table", "INSERT INTO ap SELECT y, z FROM r"],
    ["of the same table, other columns", "INSERT INTO ap SELECT UPPER(b), c + 1 FROM l WHERE a > 3"],
    [
      "of the same table, the same columns in another order",
      "INSERT INTO bh SELECT b || y, c + z FROM r, l WHERE c > 4 AND z > a AND x > 1",
    ],
    [
      "of the same windows, all columns",
      "INSERT INTO bh SELECT item || u.name, COUNT(DISTINCT price) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '2' MINUTE)) GROUP BY window_start, window_end, item, u.name",
    ],
  ] as const;

  it.each(
    watched.flatMap(([what, insert, node]) => others.map(([other, sql]) => ({ what, insert, node, other, sql }))),
  )("$what keeps its own beside an INSERT $other", ({ insert, node, sql }) => {
    const idOf = (all: ReadonlyMap<string, string>): string | undefined =>
      [...all].find(([text]) => node.test(text))?.[1];
    const alone = ids(insert);
    expect(idOf(alone)).toBeDefined();
    expect(idOf(ids(sql, insert))).toBe(idOf(alone));
    expect(idOf(ids(insert, sql))).toBe(idOf(alone));
  });

  it("follow from what an operator does", () => {
    const rank = (order: string, n: number): string | undefined =>
      [
        ...ids(
          `INSERT INTO al SELECT b, c FROM (SELECT b, c, ROW_NUMBER() OVER (PARTITION BY b ORDER BY ${order}) AS n FROM l) WHERE n <= ${n}`,
        ),
      ].find(([text]) => text.startsWith("Rank"))?.[1];
    expect(new Set([rank("c", 3), rank("c DESC", 3), rank("c DESC NULLS FIRST", 3), rank("a", 3)]).size).toBe(4);
    expect(rank("c", 4)).toBe(rank("c", 3));
  });

  it("do not depend on pacing and time to live", () => {
    const counts = (config: Readonly<Record<string, string>>, hint: string): readonly string[] =>
      graphOf(`${SINKS}INSERT INTO al SELECT b, COUNT(*) FROM l ${hint} GROUP BY b`, config).nodes.map((n) => n.id);
    expect(counts({ "table.exec.state.ttl": "1 h" }, "/*+ OPTIONS('scan.rows-per-second' = '7') */")).toEqual(
      counts({}, ""),
    );
  });

  it("tell operators that do the same apart by their sinks, then by number", () => {
    const calcs = (...targets: readonly string[]): readonly string[] =>
      graphOf(statementSet(...targets.map((target) => `INSERT INTO ${target} SELECT UUID(), c FROM l`)))
        .nodes.filter((n) => n.spec.kind === "calc")
        .map((n) => n.id);
    const [ap, al] = calcs("ap", "al");
    expect(calcs("al", "ap")).toEqual([al, ap]);
    expect(calcs("al", "bh", "ap")).toEqual([al, expect.anything(), ap]);
    expect(calcs("al", "al", "ap")).toEqual([al, `${al}-2`, ap]);
    expect(ap).toMatch(/^calc-[0-9a-f]{12}-[0-9a-f]{4}$/);
    expect(calcs("ap")).toEqual([ap!.slice(0, -5)]);
  });
});
