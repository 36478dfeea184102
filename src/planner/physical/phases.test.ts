import { describe, expect, test } from "vitest";
import { graphOf } from "../plan.test-helper.ts";

const SINKS = `
CREATE TABLE keyed (a INT PRIMARY KEY NOT ENFORCED, n BIGINT) WITH ('connector' = 'upsert');
CREATE TABLE shown (a INT, n BIGINT) WITH ('connector' = 'all');
CREATE TABLE swallowed (a INT, n BIGINT) WITH ('connector' = 'blackhole');
`;
const STRATEGY = "table.optimizer.agg-phase-strategy";
const BUNDLES = {
  "table.exec.mini-batch.enabled": "true",
  "table.exec.mini-batch.allow-latency": "1 s",
  "table.exec.mini-batch.size": "10",
};

/** Of each aggregate, sources' side first, whether it may be split. */
function splits(sql: string, options: Readonly<Record<string, string>> = {}): readonly boolean[] {
  return graphOf(SINKS + sql, options).nodes.flatMap(({ spec }) =>
    spec.kind === "group-aggregate" || spec.kind === "window-aggregate" ? [spec.phases === "splits"] : [],
  );
}

const COUNTS = "SELECT a, COUNT(*) FROM l GROUP BY a";
const TUMBLES =
  "SELECT id, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY id, window_start, window_end";

describe("whose changes nobody sees", () => {
  test.each<readonly [sql: string, splits: readonly boolean[]]>([
    [`INSERT INTO keyed ${COUNTS}`, [true]],
    [`INSERT INTO swallowed ${COUNTS}`, [true]],
    [`INSERT INTO shown ${COUNTS}`, [false]],
    [COUNTS, [false]],
    // The second takes rows back; what it makes of them is seen, or not.
    [
      `INSERT INTO keyed SELECT CAST(n AS INT), COUNT(*) FROM (SELECT a, COUNT(*) AS n FROM l GROUP BY a) GROUP BY n`,
      [true, false],
    ],
    [
      `INSERT INTO shown SELECT CAST(n AS INT), COUNT(*) FROM (SELECT a, COUNT(*) AS n FROM l GROUP BY a) GROUP BY n`,
      [false, false],
    ],
    // One of two sinks is enough.
    [`EXECUTE STATEMENT SET BEGIN INSERT INTO keyed ${COUNTS}; INSERT INTO shown ${COUNTS}; END`, [false]],
    [`INSERT INTO shown ${TUMBLES}`, [true]],
    [TUMBLES, [true]],
  ])("%s", (sql, expected) => {
    expect(splits(sql)).toEqual(expected);
    expect(splits(sql, { [STRATEGY]: "ONE_PHASE" })).toEqual(expected.map(() => false));
  });
});

describe("where the strategy asks for it, or mini-batches", () => {
  test.each<readonly [options: Readonly<Record<string, string>>, split: boolean]>([
    [{ [STRATEGY]: "TWO_PHASE" }, true],
    [BUNDLES, true],
    [{ ...BUNDLES, [STRATEGY]: "ONE_PHASE" }, false],
  ])("%o", (options, split) => expect(splits(`INSERT INTO shown ${COUNTS}`, options)).toEqual([split]));
});

describe("aggregates", () => {
  test.each<readonly [select: string, auto: boolean, twoPhase: boolean]>([
    ["SUM(c)", true, true],
    ["COUNT(b) FILTER (WHERE c > 1)", true, true],
    ["CHAR_LENGTH(MIN(b))", true, true],
    ["SUM(CAST(c AS DECIMAL(10, 2)))", true, true],
    // Digits of a result would depend on which rows were added up together.
    ["SUM(CAST(c AS DOUBLE))", false, true],
    // They do not merge, or not as columns.
    ["STDDEV_POP(c)", false, false],
    ["CHAR_LENGTH(LISTAGG(b))", false, false],
    ["COUNT(DISTINCT b)", false, false],
    ["FIRST_VALUE(c)", false, false],
    ["CARDINALITY(COLLECT(b))", false, false],
  ])("%s", (select, auto, twoPhase) => {
    const sql = `INSERT INTO keyed SELECT a, CAST(${select} AS BIGINT) FROM l GROUP BY a`;
    expect([splits(sql), splits(sql, { [STRATEGY]: "TWO_PHASE" })]).toEqual([[auto], [twoPhase]]);
  });

  test("not in windows of processing time, nor over rows that are taken back", () => {
    const processing = "(SELECT *, PROCTIME() AS p FROM l)";
    expect(
      splits(
        `SELECT a, COUNT(*) FROM TABLE(TUMBLE(DATA => ${processing}, TIMECOL => DESCRIPTOR(p), SIZE => INTERVAL '1' MINUTE)) GROUP BY a, window_start, window_end`,
      ),
    ).toEqual([false]);
  });

  test("in batch mode only the end is seen", () => {
    expect(splits(`INSERT INTO shown ${COUNTS}`, { "execution.runtime-mode": "batch" })).toEqual([true]);
  });
});
