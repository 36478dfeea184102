import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { Workshop, type Outcome, type RunOptions } from "./evolution.test-helper.ts";

let workshop = new Workshop();
beforeEach(() => {
  workshop = new Workshop();
  return () => workshop.remove();
});

/** Twenty rows, of which ten are in the first checkpoint; `k` is 0, 1, 2. */
function source(name: string, more = "k AS MOD(id, 3), v AS id * 2", type = "INT", options = ""): string {
  return `CREATE TABLE ${name} (id ${type}, ${more}) WITH ('connector' = 'datagen', 'number-of-rows' = '20', ${options}
    'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20');\n`;
}

function sink(columns: string, name = "res"): string {
  return `CREATE TABLE ${name} (${columns}) WITH ('connector' = 'print');\n`;
}

/** The last row of each key that was written. */
function last({ rows }: Outcome): readonly string[] {
  const byKey = new Map<string, string>();
  for (const line of rows.filter((row) => row.startsWith("+"))) byKey.set(/\[([^,\]]*)/.exec(line)![1]!, line.slice(2));
  return [...byKey.values()].sort();
}

/** Runs the first script, then the second from the checkpoint after ten rows. */
async function changed(before: string, after: string, options: RunOptions = {}): Promise<Outcome> {
  const first = await workshop.run(before);
  expect(first.error).toBeUndefined();
  return await workshop.run(after, { from: workshop.checkpoint("res", 1), ...options });
}

/** State that is read from rocksdb row by row, not all in memory. */
const BACKENDS: readonly [name: string, config: Readonly<Record<string, string>>][] = [
  ["memory", {}],
  ["rocksdb", { "state.backend.type": "rocksdb", "state.memory.limit": "1" }],
];

const COUNTS = `${source("g")}${sink("k INT, n BIGINT")}INSERT INTO res SELECT k, COUNT(*) FROM g GROUP BY k;`;

describe.each(BACKENDS)("a changed script goes on from a checkpoint, on %s", (_, config) => {
  beforeEach(() => {
    workshop.config = config;
  });

  test("the same script, without a word", async () => {
    const { rows, notes, error } = await changed(COUNTS, COUNTS);
    expect(error).toBeUndefined();
    expect(last({ rows } as Outcome)).toEqual(["[0, 6]", "[1, 7]", "[2, 7]"]);
    expect(rows).toHaveLength(20);
    expect(notes).toEqual([
      expect.stringMatching(/^res begins a new run with checkpoint 1 of /),
      expect.stringMatching(/^res started from checkpoint 1 in /),
    ]);
  });

  test("an added aggregate starts empty and says so, also with another condition", async () => {
    const after = `${source("g")}${sink("k INT, n BIGINT, s INT")}INSERT INTO res SELECT k, COUNT(*), SUM(id) FROM g WHERE id <> 20 GROUP BY k;`;
    const outcome = await changed(COUNTS, after);
    expect(outcome.error).toBeUndefined();
    expect(last(outcome)).toEqual(["[0, 6, 45]", "[1, 7, 48]", "[2, 6, 42]"]);
    expect(outcome.notes).toContainEqual(
      "res: starts empty: SUM(id): counts rows from now on (of GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1, SUM(id) AS EXPR$2]))",
    );
  });

  test("a removed aggregate is only dropped when that is allowed; before that nothing starts", async () => {
    const before = `${source("g")}${sink("k INT, n BIGINT, d BIGINT")}INSERT INTO res SELECT k, COUNT(*), COUNT(DISTINCT v) FROM g GROUP BY k;`;
    const refused = await changed(before, COUNTS);
    expect(refused.error).toMatch(
      /^STATE_INCOMPATIBLE the checkpoint .*chk-1 holds state that this script does not have:\n {2}COUNT\(DISTINCT id \* 2\) \(GroupAggregate.*\n {2}groups\/DISTINCT id \* 2 \(GroupAggregate/,
    );
    expect(refused.rows).toEqual([]);
    const runs = workshop.runs("res").length;
    const allowed = await workshop.run(COUNTS, { from: workshop.checkpoint("res", 1), allowDropped: true });
    expect(allowed.error).toBeUndefined();
    expect(last(allowed)).toEqual(["[0, 6]", "[1, 7]", "[2, 7]"]);
    expect(workshop.runs("res")).toHaveLength(runs + 1);
  });

  test("an added branch of a union: its source is read from its beginning, the other goes on", async () => {
    const after = `${source("g")}${source("h", "k AS MOD(id, 4)")}${sink("k INT, n BIGINT")}
      INSERT INTO res SELECT k, COUNT(*) FROM (SELECT k FROM g UNION ALL SELECT k FROM h) GROUP BY k;`;
    const outcome = await changed(COUNTS, after);
    expect(outcome.error).toBeUndefined();
    expect(last(outcome)).toEqual(["[0, 11]", "[1, 12]", "[2, 12]", "[3, 5]"]);
    expect(outcome.notes).toContainEqual(
      "res: starts empty: source default_catalog.default_database.h: it is read from its beginning",
    );
    // And back: the position of the second source would be lost.
    const back = await workshop.run(COUNTS, { from: workshop.checkpoint("res", 2) });
    expect(back.error).toMatch(
      /holds state that this script does not have:\n {2}TableSourceScan\(.*its position after \d+ rows/,
    );
  });

  test("a wider source column takes keys and sums along", async () => {
    const sums = (type: string): string =>
      `${source("g", "k AS id / 10, v AS id", type)}${sink(`k ${type}, n ${type}, m ${type}`)}INSERT INTO res SELECT k, SUM(v), MIN(v) FROM g GROUP BY k;`;
    const outcome = await changed(sums("INT"), sums("BIGINT"));
    expect(outcome.error).toBeUndefined();
    expect(last(outcome)).toEqual(["[1, 145, 10]", "[2, 20, 20]"]);
    expect(outcome.notes.filter((note) => note.includes("converted")).map((note) => note.split(" (of ")[0])).toEqual([
      "res: converted: id / 10 INT → BIGINT",
      "res: converted: SUM(id) INT → BIGINT",
      "res: converted: MIN(id) INT → BIGINT",
    ]);
  });

  test("a narrower one is refused by name", async () => {
    const sums = (type: string): string =>
      `${source("g", "v AS id", type)}${sink(`k INT, n ${type}`)}INSERT INTO res SELECT 1, SUM(v) FROM g;`;
    const outcome = await changed(sums("BIGINT"), sums("INT"));
    expect(outcome.error).toContain("\n  groups has SUM(id) BIGINT there and INT here (GroupAggregate(");
    expect(outcome.rows).toEqual([]);
  });

  test("over an updating input an added aggregate is refused: it would take away what it never counted", async () => {
    const nested = (select: string): string =>
      `${source("g")}${sink("k BIGINT, n BIGINT" + (select.includes(",") ? ", s INT" : ""))}
       INSERT INTO res SELECT n, ${select} FROM (SELECT k, COUNT(*) AS n, MAX(id) AS m FROM g GROUP BY k) GROUP BY n;`;
    const outcome = await changed(nested("COUNT(*)"), nested("COUNT(*), SUM(m)"));
    expect(outcome.error).toContain("groups lacks SUM(MAX(id)) there: the input takes rows back");
  });

  test("over an updating input a Top-N keeps its places: it would take back rows that it never gave out", async () => {
    const top = (places: number): string =>
      `${source("g")}${sink("k INT, n BIGINT, m INT")}INSERT INTO res SELECT k, n, m FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY k ORDER BY n, m) AS p
         FROM (SELECT k, id, COUNT(*) AS n, MAX(v) AS m FROM g GROUP BY k, id)) WHERE p <= ${places};`;
    const refused = await changed(top(1), top(2));
    expect(refused.error).toContain("a Top-N that gave out the places 1 to 1, not 1 to 2");
    expect(refused.rows).toEqual([]);
    const runs = workshop.runs("res").length;
    const foreseen = await workshop.run(top(2), { from: workshop.checkpoint("res", 1), dryRun: true });
    expect(foreseen.plans[0]).toMatchObject({ startable: false });
    expect(workshop.runs("res")).toHaveLength(runs);
    expect((await workshop.run(top(1), { from: workshop.checkpoint("res", 1) })).error).toBeUndefined();
  });

  test.each([
    ["", "ORDER BY t"],
    ["", "ORDER BY t ROWS BETWEEN 20 PRECEDING AND CURRENT ROW"],
    ["", "ORDER BY p ROWS BETWEEN 20 PRECEDING AND CURRENT ROW"],
    ["1 h", "ORDER BY t"],
    ["1 h", "ORDER BY p ROWS BETWEEN 20 PRECEDING AND CURRENT ROW"],
  ])("OVER (time to live '%s' before: %s) with another one, or none: it goes on", async (ttl, over) => {
    const more =
      "k AS MOD(id, 3), p AS PROCTIME(), t AS TO_TIMESTAMP_LTZ(id * 1000, 3), WATERMARK FOR t AS t - INTERVAL '1' SECOND";
    const script = `${source("g", more)}${sink("k INT, n BIGINT, m INT")}INSERT INTO res SELECT k, COUNT(*) OVER w, SUM(id) OVER w FROM g WINDOW w AS (PARTITION BY k ${over});`;
    const living = (millis: string): RunOptions =>
      millis === "" ? {} : { config: { "table.exec.state.ttl": millis } };
    expect((await workshop.run(script, living(ttl))).error).toBeUndefined();
    const other = await workshop.run(script, {
      from: workshop.checkpoint("res", 1),
      ...living(ttl === "" ? "1 h" : ""),
    });
    expect(other.error).toBeUndefined();
    expect(last(other)).toEqual(["[0, 6, 63]", "[1, 7, 70]", "[2, 7, 77]"]);
  });

  test("joins: an added column is NULL in stored rows, a condition may change", async () => {
    const joined = (columns: string, select: string, where = ""): string =>
      `${source("g")}${source("h", "k AS MOD(id, 3), w AS id * 100")}${sink(columns)}
       INSERT INTO res SELECT ${select} FROM g JOIN h ON g.id = h.id ${where};`;
    const outcome = await changed(
      joined("id INT, w INT", "g.id, w"),
      joined("id INT, w INT, v INT", "g.id, w, v", "WHERE w < 2000"),
      { config: { "execution.batch-rows": "4" } },
    );
    expect(outcome.error).toBeUndefined();
    // Both sides had five rows, which have all met.
    expect(outcome.rows.at(-1)).toBe("+I[19, 1900, 38]");
    expect(outcome.rows).not.toContainEqual(expect.stringMatching(/^\+I\[20,/));
    expect(outcome.notes).toContainEqual(
      expect.stringMatching(/^res: starts empty: id \* 2: NULL in the rows that are stored \(of Join/),
    );
  });

  test("a join stores its sides apart when their times to live differ: never dropped without a word", async () => {
    const joined = (hint: string): string =>
      `${source("g")}${source("h")}${sink("id INT")}INSERT INTO res SELECT ${hint} g.id FROM g JOIN h ON g.id = h.id;`;
    const apart = joined("/*+ STATE_TTL('g' = '1 h', 'h' = '2 h') */");
    const refused = await changed(joined(""), apart);
    expect(refused.error).toMatch(/holds state that this script does not have:\n {2}keys \(Join/);
    const allowed = await workshop.run(apart, { from: workshop.checkpoint("res", 1), allowDropped: true });
    expect(allowed.error).toBeUndefined();
    expect(allowed.notes).toContainEqual(expect.stringMatching(/^res: dropped: keys\/left \(of Join/));
    const both = await changed(joined("/*+ STATE_TTL('g' = '2 h', 'h' = '2 h') */"), joined(""));
    expect(both.error).toBeUndefined();
  });

  test("another statement beside it, of the same tables and keys", async () => {
    const script = (...inserts: readonly string[]): string =>
      `${source("g")}${sink("k INT, n BIGINT")}${sink("k INT, n BIGINT", "other")}
       EXECUTE STATEMENT SET BEGIN ${inserts.map((insert) => `INSERT INTO ${insert};`).join(" ")} END;`;
    const one = "res SELECT k, COUNT(*) FROM g GROUP BY k";
    const two = "other SELECT k, SUM(id) FROM g WHERE id > 3 GROUP BY k";
    const config = { "pipeline.name": "res" };
    const outcome = await changed(script(one), script(two, one), { config });
    expect(outcome.error).toBeUndefined();
    // What comes anew counts the ten rows that are left.
    expect(outcome.rows).toEqual(
      expect.arrayContaining(["+U[0, 6]", "+U[1, 7]", "+U[2, 7]", "+U[2, 62]", "+U[1, 48]", "+U[0, 45]"]),
    );
    // And without it again: the statement that stays keeps what it had.
    const back = await workshop.run(script(one), { from: workshop.checkpoint("res", 2), config, allowDropped: true });
    expect(back.error).toBeUndefined();
    expect(back.rows).toEqual([]);
  });
});

describe.each(BACKENDS)("in several threads, on %s", (_, backend) => {
  beforeEach(() => {
    workshop.config = backend;
  });
  const threads = (count: number) => ({ config: { "parallelism.default": String(count), "pipeline.name": "res" } });
  // A second checkpoint must come while there are rows to come: a thread is told of it by a message.
  const paced = source("g", undefined, "INT", "'rows-per-second' = '25',");
  const script = (...inserts: readonly string[]): string =>
    `${paced}${sink("k INT, n BIGINT")}${sink("k INT, n BIGINT", "other")}
     EXECUTE STATEMENT SET BEGIN ${inserts.map((insert) => `INSERT INTO ${insert};`).join(" ")} END;`;
  const one = "res SELECT k, COUNT(*) FROM g GROUP BY k";

  test.each([
    [1, 2],
    [2, 1],
    [2, 3],
  ])("a script that changes goes on from %i in %i", async (before, after) => {
    expect((await workshop.run(script(one), threads(before))).error).toBeUndefined();
    const from = workshop.checkpoint("res", 1);
    const two = "other SELECT k, SUM(id) FROM g WHERE id > 0 GROUP BY k";
    const outcome = await workshop.run(script(two, one), { from, ...threads(after) });
    expect(outcome.error).toBeUndefined();
    expect(outcome.notes.filter((note) => note.startsWith("res: starts empty: "))).toHaveLength(2);
    // The counts go on, whichever thread has their keys now.
    expect(outcome.rows).toEqual(expect.arrayContaining(["+U[0, 6]", "+U[1, 7]", "+U[2, 7]"]));
  });

  test("keys that get other bytes are refused before anything starts, and by a dry run", async () => {
    const counts = (type: string): string =>
      `${source("g", "k AS id / 10", type)}${sink(`k ${type}, n BIGINT`)}INSERT INTO res SELECT k, COUNT(*) FROM g GROUP BY k;`;
    expect((await workshop.run(counts("INT"))).error).toBeUndefined();
    const from = workshop.checkpoint("res", 1);
    const refused = await workshop.run(counts("BIGINT"), { from, ...threads(2) });
    expect(refused.error).toContain("groups has other keys than before, whose rows move between threads");
    expect((await workshop.run(counts("BIGINT"), { from, dryRun: true, ...threads(2) })).plans).toMatchObject([
      { startable: false },
    ]);
    expect((await workshop.run(counts("BIGINT"), { from })).error).toBeUndefined();
  });
});

test("where the checkpoints of the changed script are damaged, the one before it is looked at as well", async () => {
  const config = { "execution.checkpointing.records": "5" };
  const failing = (at: number, select: string, columns: string): string =>
    `${source("g")}${sink(columns)}INSERT INTO res SELECT k, ${select} FROM g WHERE CAST(IF(id = ${at}, 'x', '1') AS INT) = 1 GROUP BY k;`;
  const after = failing(18, "COUNT(*), SUM(id)", "k INT, n BIGINT, s INT");
  expect((await workshop.run(failing(8, "COUNT(*)", "k INT, n BIGINT"), { config })).error).toContain("INVALID_CAST");
  const told = [expect.stringMatching(/^res: starts empty: SUM\(id\)/)];
  const emptied = ({ notes }: Outcome): readonly string[] => notes.filter((note) => note.includes("starts empty"));
  expect(emptied(await workshop.run(after, { from: "latest", config }))).toEqual(told);
  for (const id of [2, 3]) {
    const folder = workshop.checkpoint("res", id);
    for (const name of readdirSync(folder)) if (name.includes(".state")) writeFileSync(join(folder, name), "");
  }
  expect(emptied(await workshop.run(after, { from: "latest", config }))).toEqual(told);
});

describe("files of a sink that is removed", () => {
  const files = (name: string): string =>
    `CREATE TABLE ${name} (id INT) WITH ('connector' = 'filesystem', 'path' = '${name}', 'format' = 'csv');\n`;
  const script = (tables: string, ...targets: readonly string[]): string =>
    `${source("g")}${tables}EXECUTE STATEMENT SET BEGIN ${targets.map((t) => `INSERT INTO ${t} SELECT id FROM g;`).join(" ")} END;`;

  test("are finished, as long as the script has the table", async () => {
    const config = { "pipeline.name": "res" };
    const both = files("res") + files("gone");
    // The job dies after its first checkpoint, with an open file of ten rows in each table.
    const failing = script(both, "res", "gone").replaceAll(
      "id FROM g",
      "CAST(IF(id = 15, 'x', CAST(id AS STRING)) AS INT) FROM g",
    );
    expect((await workshop.run(failing, { config })).error).toContain("INVALID_CAST");
    const from = workshop.checkpoint("res", 1);
    const visible = (): readonly string[] =>
      readdirSync(join(workshop.folder, "gone"))
        .filter((name) => !name.startsWith("."))
        .flatMap((name) =>
          readFileSync(join(workshop.folder, "gone", name), "utf8")
            .trim()
            .split("\n"),
        );
    expect(visible()).toEqual([]);
    const unknown = await workshop.run(script(files("res"), "res"), { from, config, allowDropped: true });
    expect(unknown.error).toContain("waits to be committed, and its table is not known any more");
    const refused = await workshop.run(script(both, "res"), { from, config });
    expect(refused.error).toMatch(
      /holds state that this script does not have:\n {2}Sink\(table=\[default_catalog.default_database.gone\]/,
    );
    expect(visible()).toEqual([]);
    const outcome = await workshop.run(script(both, "res"), { from, config, allowDropped: true });
    expect(outcome.error).toBeUndefined();
    expect(visible()).toEqual(Array.from({ length: 10 }, (_, i) => String(i + 1)));
  });
});

describe("a dry run", () => {
  test("says what becomes of everything, and writes nothing", async () => {
    const before = `${source("g")}${sink("k INT, n BIGINT, d INT")}INSERT INTO res SELECT k, COUNT(*), MIN(v) FROM g GROUP BY k;`;
    await workshop.run(before);
    const after = `${source("g")}${source("h")}${sink("k INT, n BIGINT, s INT")}INSERT INTO res SELECT g.k, COUNT(*), SUM(g.id) FROM g GROUP BY g.k;
      CREATE TABLE fresh (id INT) WITH ('connector' = 'print');
      INSERT INTO fresh SELECT id FROM h;`;
    const runs = workshop.runs("res");
    const from = workshop.checkpoint("res", 1);
    const outcome = await workshop.run(after, { from, dryRun: true });
    expect(outcome).toMatchObject({ rows: [], error: undefined });
    expect(workshop.runs("res")).toEqual(runs);
    expect(workshop.runs("fresh")).toEqual([]);
    const [res, fresh] = outcome.plans;
    expect(fresh).toMatchObject({ job: "fresh", from: undefined, startable: true });
    expect(res).toMatchObject({
      job: "res",
      from: { checkpointId: 1, location: from },
      needsPermission: true,
      startable: false,
    });
    expect(
      res!.operators.map(({ fate, text, details }) => [
        fate,
        text.replace(/default_catalog.default_database./, ""),
        details.map((d) => `${d.fate}: ${d.text}`),
      ]),
    ).toEqual([
      ["kept", "source g: it goes on after 10 rows", []],
      [
        "kept",
        "GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1, SUM(id) AS EXPR$2])",
        ["starts empty: SUM(id): counts rows from now on", "dropped: MIN(id * 2)"],
      ],
      ["kept", "sink res", []],
    ]);
    expect((await workshop.run(after, { from, dryRun: true, allowDropped: true })).plans[0]).toMatchObject({
      startable: true,
    });
  });

  test("foresees that another backend cannot even drop what rocksdb holds", async () => {
    workshop.config = { "state.backend.type": "rocksdb" };
    expect((await workshop.run(COUNTS)).error).toBeUndefined();
    workshop.config = {};
    const without = `${source("g")}${sink("k INT, n INT")}INSERT INTO res SELECT k, id FROM g;`;
    const options = { from: workshop.checkpoint("res", 1), allowDropped: true };
    const { plans } = await workshop.run(without, { ...options, dryRun: true });
    expect(plans).toMatchObject([{ startable: false }]);
    expect((await workshop.run(without, options)).error).toContain("in the form of the rocksdb backend");
  });

  test("looks into the newest run as --from latest would", async () => {
    const own = new Workshop();
    try {
      const nothing = await own.run(COUNTS, { from: undefined, dryRun: true });
      expect(nothing.plans).toMatchObject([{ note: "starts at the beginning", startable: true }]);
      expect(readdirSync(own.folder)).toEqual([]);
    } finally {
      own.remove();
    }
  });
});
