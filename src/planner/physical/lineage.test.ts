import { describe, expect, it } from "vitest";
import type { PhysicalNode } from "../../runtime/spec.ts";
import { graphOf } from "../plan.test-helper.ts";

const SINKS = `
CREATE TABLE s1 (b STRING, n BIGINT) WITH ('connector' = 'all');
CREATE TABLE s2 (b STRING, n BIGINT) WITH ('connector' = 'all');
CREATE TABLE s3 (b STRING, n BIGINT, m BIGINT) WITH ('connector' = 'all');
CREATE TABLE up (b STRING, n BIGINT, PRIMARY KEY (n) NOT ENFORCED) WITH ('connector' = 'upsert');
`;

function nodes(inserts: readonly string[]): readonly PhysicalNode[] {
  return graphOf(
    `${SINKS}EXECUTE STATEMENT SET BEGIN ${inserts.map((i) => (i.startsWith("INSERT") ? i : `INSERT INTO s1 ${i}`)).join(";\n")}; END;`,
  ).nodes;
}

/** Kinds whose state matters, of which a script says whether they stay. */
const STATELESS = new Set(["calc", "union", "expand", "correlate", "window-tvf", "drop-update-before"]);

/** Kinds of the operators with state (of sources and sinks too) that are in both scripts, and in the first alone. */
function compare(
  before: readonly string[],
  after: readonly string[],
): { readonly stay: string; readonly gone: string; readonly come: string } {
  const idsOf = (script: readonly string[]): readonly string[] =>
    nodes(script)
      .filter((n) => !STATELESS.has(n.spec.kind))
      .map((n) => n.id);
  const [first, second] = [idsOf(before), idsOf(after)];
  const kinds = (ids: readonly string[]): string =>
    ids
      .map((id) => id.replace(/-[0-9a-f]{12}.*/, ""))
      .sort()
      .join(" ");
  return {
    stay: kinds(first.filter((id) => second.includes(id))),
    gone: kinds(first.filter((id) => !second.includes(id))),
    come: kinds(second.filter((id) => !first.includes(id))),
  };
}

const TUMBLE = "TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))";
const COUNTS = "SELECT b, COUNT(*) FROM l GROUP BY b";
const ROWS = "SELECT b, c FROM l";

describe("state that stays when a script changes", () => {
  it.each<
    readonly [
      what: string,
      before: string | readonly string[],
      after: string | readonly string[],
      stay: string,
      come?: string,
    ]
  >([
    ["another condition", `SELECT b, COUNT(*) FROM l WHERE a > 3 GROUP BY b`, COUNTS, "group-aggregate scan sink"],
    ["a condition on groups", COUNTS, `${COUNTS} HAVING COUNT(*) > 2`, "group-aggregate scan sink"],
    [
      "another aggregate",
      COUNTS,
      "INSERT INTO s3 SELECT b, COUNT(*), SUM(c) FROM l GROUP BY b",
      "group-aggregate scan",
      "sink",
    ],
    [
      "another projection",
      COUNTS,
      "SELECT UPPER(b), n * 2 FROM (SELECT b, COUNT(*) AS n FROM l GROUP BY b)",
      "group-aggregate scan sink",
    ],
    ["another name", COUNTS, "SELECT x, COUNT(*) FROM (SELECT b AS x FROM l) GROUP BY x", "group-aggregate scan sink"],
    [
      "a view",
      COUNTS,
      "SELECT x, n FROM (SELECT b AS x, COUNT(*) AS n FROM (SELECT * FROM l WHERE c > 0) GROUP BY b)",
      "group-aggregate scan sink",
    ],
    [
      "keys in another order",
      "SELECT b, a FROM l GROUP BY b, a",
      "SELECT b, a FROM l GROUP BY a, b",
      "group-aggregate scan sink",
    ],
    [
      "a branch of a union",
      "SELECT b, COUNT(*) FROM l GROUP BY b",
      "SELECT b, COUNT(*) FROM (SELECT b FROM l UNION ALL SELECT y FROM r) GROUP BY b",
      "group-aggregate scan sink",
      "scan",
    ],
    [
      "one more branch of a union",
      "SELECT b, COUNT(*) FROM (SELECT b FROM l UNION ALL SELECT y FROM r) GROUP BY b",
      "SELECT b, COUNT(*) FROM (SELECT b FROM l UNION ALL SELECT y FROM r UNION ALL SELECT item FROM o) GROUP BY b",
      "group-aggregate scan scan sink",
      "scan watermark",
    ],
    [
      "more columns of a join",
      "SELECT b, z FROM l JOIN r ON a = x",
      "SELECT b || y, c + z FROM l JOIN r ON a = x WHERE c > 1",
      "join scan scan sink",
    ],
    [
      "a join that is grouped",
      "SELECT b, COUNT(*) FROM l JOIN r ON a = x GROUP BY b",
      "SELECT b, SUM(z) FROM l JOIN r ON a = x WHERE y <> 'q' GROUP BY b",
      "group-aggregate join scan scan sink",
    ],
    [
      "a Top-N of other columns and places",
      "SELECT b, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3",
      "SELECT b, n FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l WHERE a > 0) WHERE n <= 5",
      "rank scan sink",
    ],
    [
      "a deduplication",
      "SELECT item, CAST(id AS BIGINT) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts DESC) AS n FROM o) WHERE n = 1",
      "SELECT item || u.name, CAST(twice AS BIGINT) FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY item ORDER BY ts DESC) AS n FROM o WHERE id > 3) WHERE n = 1",
      "deduplicate scan sink watermark",
    ],
    [
      "windows",
      `SELECT item, COUNT(*) FROM ${TUMBLE} GROUP BY item, window_start, window_end`,
      `SELECT item || CAST(window_end AS STRING), SUM(id) + COUNT(DISTINCT price) FROM ${TUMBLE} WHERE id > 2 GROUP BY window_start, window_end, item`,
      "scan sink watermark window-aggregate",
    ],
    [
      "sessions",
      "SELECT item, COUNT(*) FROM TABLE(SESSION(TABLE o PARTITION BY item, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY item, window_start, window_end",
      "SELECT item, MAX(id) FROM TABLE(SESSION(TABLE o PARTITION BY item, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY item, window_start, window_end",
      "scan session-aggregate sink watermark",
    ],
    [
      "a sort",
      "SELECT item, CAST(id AS BIGINT) FROM o ORDER BY ts",
      "SELECT u.name, CAST(id AS BIGINT) FROM o WHERE id > 1 ORDER BY ts",
      "scan sink sort watermark",
    ],
    [
      "a materialiser",
      "INSERT INTO up SELECT b, COUNT(*) FROM l GROUP BY b",
      "INSERT INTO up SELECT b || '!', COUNT(*) FROM l WHERE c > 1 GROUP BY b",
      "group-aggregate scan sink sink-materialize",
    ],
    [
      "a source read by one more statement",
      [COUNTS],
      [COUNTS, "INSERT INTO s2 SELECT y, z FROM r", "INSERT INTO s3 SELECT b, a, c FROM l"],
      "group-aggregate scan sink",
      "scan sink sink",
    ],
    [
      "an aggregate that one more statement shares",
      [COUNTS],
      [COUNTS, `INSERT INTO s2 ${COUNTS}`],
      "group-aggregate scan sink",
      "sink",
    ],
    [
      "a field of a row that another statement reads whole",
      ["SELECT u.name, COUNT(*) FROM o GROUP BY u.name"],
      ["SELECT u.name, COUNT(*) FROM o GROUP BY u.name", "INSERT INTO s2 SELECT CAST(u AS STRING), 1 FROM o"],
      "group-aggregate scan sink watermark",
      "sink",
    ],
    [
      "the first of several sinks of a table",
      [ROWS, "INSERT INTO s1 SELECT y, z FROM r"],
      ["INSERT INTO s1 SELECT y, z FROM r WHERE z > 2", "SELECT b, c FROM l WHERE c > 3"],
      "scan scan sink sink",
    ],
  ])("%s", (_, before, after, stay, come = "") => {
    const [first, second] = [[before].flat() as string[], [after].flat() as string[]];
    const { stay: kept, gone, come: added } = compare(first, second);
    expect({ stay: kept, come: added }).toEqual({ stay, come });
    // What stays in one direction stays in the other.
    expect(compare(second, first)).toEqual({ stay, gone: come, come: gone });
  });

  it.each<readonly [what: string, before: string, after: string, gone: string]>([
    ["another key", COUNTS, "SELECT b, COUNT(*) FROM l GROUP BY b, a", "group-aggregate"],
    [
      "another expression of the same name",
      "SELECT x, COUNT(*) FROM (SELECT UPPER(b) AS x FROM l) GROUP BY x",
      "SELECT x, COUNT(*) FROM (SELECT LOWER(b) AS x FROM l) GROUP BY x",
      "group-aggregate",
    ],
    ["another table", COUNTS, "SELECT y, COUNT(*) FROM r GROUP BY y", "group-aggregate scan"],
    [
      "another side of a join",
      "SELECT y, COUNT(*) FROM l JOIN r ON a = x GROUP BY y",
      "SELECT b, COUNT(*) FROM l JOIN r ON a = x GROUP BY b",
      "group-aggregate",
    ],
    ["another condition of a join", "SELECT b, z FROM l JOIN r ON a = x", "SELECT b, z FROM l JOIN r ON b = y", "join"],
    ["another kind of join", "SELECT b, z FROM l JOIN r ON a = x", "SELECT b, z FROM l LEFT JOIN r ON a = x", "join"],
    [
      "another side of a self-join",
      "SELECT t.b, COUNT(*) FROM l AS t JOIN l AS u ON t.a = u.c GROUP BY t.b",
      "SELECT u.b, COUNT(*) FROM l AS t JOIN l AS u ON t.a = u.c GROUP BY u.b",
      "group-aggregate",
    ],
    [
      "another window",
      `SELECT item, COUNT(*) FROM ${TUMBLE} GROUP BY item, window_start, window_end`,
      `SELECT item, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '2' MINUTE)) GROUP BY item, window_start, window_end`,
      "window-aggregate",
    ],
    [
      "other grouping sets",
      "SELECT b, COUNT(*) FROM l GROUP BY GROUPING SETS ((b), ())",
      "SELECT b, COUNT(*) FROM l GROUP BY GROUPING SETS ((), (b))",
      "group-aggregate",
    ],
    [
      "another order",
      "SELECT b, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c) AS n FROM l) WHERE n <= 3",
      "SELECT b, c FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY b ORDER BY c DESC) AS n FROM l) WHERE n <= 3",
      "rank",
    ],
    ["a join in between", COUNTS, "SELECT b, COUNT(*) FROM l JOIN r ON a = x GROUP BY b", "group-aggregate"],
  ])("but not with %s", (_, before, after, gone) => {
    expect(compare([before], [after]).gone).toBe(gone);
  });
});

describe("names of state", () => {
  const names = (sql: string, kind: string): unknown => {
    const spec = nodes([sql]).find((n) => n.spec.kind === kind)?.spec;
    if (spec === undefined) return undefined;
    if (spec.kind === "join") return [spec.leftNames, spec.rightNames];
    return "aggregates" in spec
      ? [spec.inputNames, spec.aggregates.map((a) => a.name)]
      : "inputNames" in spec && spec.inputNames;
  };

  it("say what an aggregate is, whatever the query calls it", () => {
    expect(
      names(
        "SELECT x, COUNT(*) + SUM(p) + COUNT(DISTINCT p) FILTER (WHERE p > 3) + SUM(p * 2) FROM (SELECT UPPER(b) AS x, c AS p FROM l) GROUP BY x",
        "group-aggregate",
      ),
    ).toEqual([
      ["UPPER(b)", "c", "c > 3", "c * 2"],
      ["COUNT(*)", "SUM(c)", "COUNT(DISTINCT c) FILTER (WHERE c > 3)", "SUM(c * 2)"],
    ]);
  });

  it("tell the sides of joins apart by their tables", () => {
    expect(names("SELECT b, COUNT(*) FROM l JOIN r ON a = x GROUP BY b", "group-aggregate")).toEqual([
      ["l.b"],
      ["COUNT(*)"],
    ]);
    expect(names("SELECT t.b, z FROM l AS t JOIN r ON a = x JOIN l AS u ON u.c = z", "join")).toEqual([
      ["b", "a"],
      ["z", "x"],
    ]);
    expect(
      names(
        "SELECT q, COUNT(*) FROM (SELECT u.b || t.b AS q FROM l AS t JOIN l AS u ON t.a = u.c) GROUP BY q",
        "group-aggregate",
      ),
    ).toEqual([["right.b || left.b"], ["COUNT(*)"]]);
  });

  it("differ where one meaning comes twice", () => {
    expect(
      names(
        "SELECT p, q FROM (SELECT b AS p, b || '' AS r, c AS q, a, c AS d FROM l) JOIN r ON a = x WHERE d + q > 0",
        "join",
      ),
    ).toEqual([expect.arrayContaining(["a", "b", "c"]), ["x"]]);
  });
});
