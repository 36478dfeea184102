import { afterAll, beforeAll, expect, test } from "vitest";
import { changesOf } from "../batch/changes.ts";
import { valueText } from "../types/value-text.ts";
import { Workshop } from "./evolution.test-helper.ts";
import { operatorNamed, stateNamed, storedOperators, type StateRows } from "./state-inspection.ts";

const workshop = new Workshop();
let path = "";

const prepared = async (config: Readonly<Record<string, string>>): Promise<string> =>
  workshop.prepared(
    `CREATE TABLE g (id INT, k AS MOD(id, 3), t AS TO_TIMESTAMP_LTZ(id * 1000, 3), name AS 'n' || CAST(id AS STRING), WATERMARK FOR t AS t)
       WITH ('connector' = 'datagen', 'number-of-rows' = '20', 'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20');
     CREATE TABLE res (k INT, a BIGINT, b BIGINT, c INT) WITH ('connector' = 'print');
     CREATE TABLE win (k INT, e TIMESTAMP(3), n BIGINT, d BIGINT) WITH ('connector' = 'print');
     CREATE TABLE joined (id INT, name STRING) WITH ('connector' = 'print');
     EXECUTE STATEMENT SET BEGIN
       INSERT INTO res SELECT k, COUNT(*), COUNT(DISTINCT id) FILTER (WHERE id > 3), MAX(id) FROM g GROUP BY k;
       INSERT INTO win SELECT k, window_end, COUNT(*), COUNT(DISTINCT id) FROM TABLE(TUMBLE(TABLE g, DESCRIPTOR(t), INTERVAL '4' SECOND)) GROUP BY window_start, window_end, k;
       INSERT INTO joined SELECT a.id, b.name FROM g AS a JOIN g AS b ON a.k = b.k AND a.id < b.id;
     END;`,
    "res",
    { config: { "pipeline.name": "res", ...config } },
  );
beforeAll(async () => {
  path = await prepared({});
});
afterAll(() => workshop.remove());

/** The rows of a state as text. */
function rowsOf(state: StateRows): readonly string[] {
  const types = state.fields.map((f) => f.type);
  const rows: string[] = [];
  for (let from = 0; from < state.rowCount;) {
    const batch = state.batch(from, 2);
    expect(batch.rowCount).toBeGreaterThan(0);
    expect(batch.rowCount).toBeLessThanOrEqual(2);
    from += batch.rowCount;
    for (const { row } of changesOf(batch, types))
      rows.push(row.map((value, i) => (value === null ? "NULL" : valueText(value, types[i]!, "UTC"))).join(" | "));
  }
  return rows;
}

async function stateOf(kind: string, name: string): Promise<StateRows> {
  const operators = await storedOperators(path);
  const operator = operatorNamed(operators, kind, path);
  return stateNamed(await operator.states(), name, operator);
}

test("lists the operators with what they hold", async () => {
  const operators = await storedOperators(path);
  const lines: string[] = [];
  for (const { operatorId, description, bytes, states } of operators) {
    expect(description).not.toBe(operatorId);
    const all = await states();
    expect(bytes > 0).toBe(all.some((s) => s.name !== "positions"));
    lines.push(`${operatorId.replace(/-[0-9a-f]{12}.*/, "")}: ${all.map((s) => `${s.name} ${s.rowCount}`).join(", ")}`);
  }
  expect(lines).toEqual([
    "scan: positions 1",
    "watermark: numbers 2",
    "group-aggregate: groups 3, groups/DISTINCT id 7, numbers 1",
    "window-aggregate: slices 3, slices/DISTINCT id 3, numbers 2",
    "join: keys 3, keys/left 10, keys/right 10, numbers 1",
  ]);
});

test("a checkpoint of rocksdb shows what one of memory does", async () => {
  const folder = await prepared({ "state.backend.type": "rocksdb" });
  const contents = async (where: string): Promise<Record<string, readonly string[]>> => {
    const found: Record<string, readonly string[]> = {};
    for (const { operatorId, states } of await storedOperators(where))
      for (const state of await states()) found[`${operatorId} ${state.name}`] = rowsOf(state).toSorted();
    return found;
  };
  expect(await contents(folder)).toEqual(await contents(path));
});

test("shows keys, accumulators and distinct values", async () => {
  const groups = await stateOf("group-agg", "groups");
  expect(groups.fields.map((f) => f.name)).toEqual([
    "id % 3",
    "COUNT(*)",
    "COUNT(DISTINCT id) FILTER (WHERE id > 3)",
    "MAX(id)",
    "present",
  ]);
  expect(rowsOf(groups)).toEqual(["1 | 4 | 3 | 10 | 1.0", "2 | 3 | 2 | 8 | 1.0", "0 | 3 | 2 | 9 | 1.0"]);
  expect(rowsOf(await stateOf("group-agg", "groups/DISTINCT id"))).toContain("1 | 10 | rows WHERE id > 3");
});

test("shows slices with the end of their window, and what hangs under them", async () => {
  const slices = await stateOf("window", "slices");
  expect(slices.fields.map((f) => f.name)).toEqual(["window_end", "id % 3", "COUNT(*)", "COUNT(DISTINCT id)"]);
  expect(rowsOf(slices)).toEqual([
    "1970-01-01 00:00:12.000 | 2 | 1 | 1",
    "1970-01-01 00:00:12.000 | 0 | 1 | 1",
    "1970-01-01 00:00:12.000 | 1 | 1 | 1",
  ]);
});

test("shows lists under their keys, in order", async () => {
  const rows = await stateOf("join", "keys/right");
  expect(rows.fields.map((f) => f.name)).toEqual(["id % 3", "'n' || CAST(id AS STRING)", "id"]);
  expect(rowsOf(rows).slice(0, 4)).toEqual(["1 | n1 | 1", "1 | n4 | 4", "1 | n7 | 7", "1 | n10 | 10"]);
});

test("shows numbers and positions", async () => {
  expect(rowsOf(await stateOf("group-agg", "numbers"))).toEqual(["sequence | 10.0"]);
  const [position] = rowsOf(await stateOf("scan", "positions"));
  expect(position).toMatch(/^0 \| \{.*"rows":10,/);
});

test("names what is there when it is asked for something else", async () => {
  const operators = await storedOperators(path);
  expect(() => operatorNamed(operators, "gruop-aggregate", path)).toThrow(
    /has no operator 'gruop-aggregate'; it holds:\n {2}scan-/,
  );
  await expect(stateOf("group-agg", "group")).rejects.toThrow(
    /has no state 'group'; it has:\n {2}groups: 3 rows of id % 3, COUNT\(\*\)/,
  );
  await expect(storedOperators(workshop.folder)).rejects.toMatchObject({ code: "CHECKPOINT_NOT_FOUND" });
});
