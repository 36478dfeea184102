import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { KEY_OPTION } from "../checkpoint/encryption-keys.ts";
import { createEngine } from "./engine.ts";
import { Workshop } from "./evolution.test-helper.ts";
import { storedOperators } from "./state-inspection.ts";

const workshop = new Workshop();
let path = "";

beforeAll(async () => {
  path = await workshop.prepared(
    `
    CREATE TABLE g (id INT, k AS MOD(id, 3), u AS ROW(id, CAST(id AS STRING))) WITH ('connector' = 'datagen', 'number-of-rows' = '20',
      'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20');
    CREATE TABLE res (k INT, n BIGINT, m INT, r INT) WITH ('connector' = 'print');
    INSERT INTO res SELECT k, n, m, m FROM (SELECT k, COUNT(*) AS n, MAX(id) AS m, LAST_VALUE(u) AS r FROM g GROUP BY k) WHERE r IS NOT NULL;`,
    "res",
  );
});
afterAll(() => workshop.remove());

/** Rows of `SELECT … FROM s` over a table of these columns. */
async function read(
  columns: string,
  select: string,
  options = "'operator' = 'group-agg', 'state' = 'groups'",
): Promise<unknown> {
  const engine = createEngine({ baseDirectory: workshop.folder });
  const table = `CREATE TABLE s (${columns}) WITH ('connector' = 'savepoint', 'path' = '${path}'${options === "" ? "" : `, ${options}`});`;
  try {
    const outcomes = await engine.run(`${table} SELECT ${select} FROM s;`);
    return outcomes.at(-1)!.changes.map(({ row }) => row);
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as Error).message}`;
  }
}

test("reads a state as a table, columns by name, in any order, wider types too", async () => {
  expect(await read("`COUNT(*)` BIGINT, `id % 3` BIGINT, `MAX(id)` DOUBLE", "*")).toEqual([
    [4n, 1n, 10],
    [3n, 2n, 8],
    [3n, 0n, 9],
  ]);
});

test("computes over it like over any table", async () => {
  const rows = (await read("`id % 3` INT, `COUNT(*)` BIGINT", "CAST(SUM(`COUNT(*)`) AS INT) + 1")) as unknown[][];
  expect(rows.at(-1)).toEqual([11]);
});

test.each<readonly [what: string, columns: string, options: string, message: RegExp]>([
  [
    "an unknown column",
    "n BIGINT",
    "'operator' = 'group-agg', 'state' = 'groups'",
    /^COLUMN_NOT_FOUND the state 'groups' has no column 'n'; it has\n {2}`id % 3` INT\n {2}`COUNT\(\*\)` BIGINT\n/,
  ],
  [
    "another type",
    "`COUNT(*)` INT",
    "'operator' = 'group-agg', 'state' = 'groups'",
    /^TYPE_MISMATCH column 'COUNT\(\*\)' of table '.*s' is INT, and in the state 'groups' it is BIGINT; it has\n/,
  ],
  [
    "no state named",
    "x INT",
    "",
    /^OPTION_MISSING table '.*s' needs the option 'state': group-aggregate-[0-9a-f]{12} has\n {2}groups: 3 rows of id % 3, COUNT\(\*\)/,
  ],
  [
    "an unknown state",
    "x INT",
    "'state' = 'grups'",
    /^CHECKPOINT_NOT_FOUND the operator group-aggregate-[0-9a-f]{12} has no state 'grups'; it has:\n {2}groups: /,
  ],
  [
    "an unknown operator",
    "x INT",
    "'operator' = 'join'",
    /^CHECKPOINT_NOT_FOUND .* has no operator 'join'; it holds:\n {2}scan-/,
  ],
  ["an unknown option", "x INT", "'stat' = 'x'", /^OPTION_UNKNOWN /],
])("says what is there: %s", async (_, columns, options, message) => {
  expect(await read(columns, "*", options)).toMatch(message);
});

test("a folder that is no checkpoint", async () => {
  const engine = createEngine({ baseDirectory: workshop.folder });
  await expect(
    engine.run("CREATE TABLE s (x INT) WITH ('connector' = 'savepoint', 'path' = 'nowhere'); SELECT * FROM s;"),
  ).rejects.toMatchObject({ code: "CHECKPOINT_NOT_FOUND" });
});

test("an encrypted checkpoint is read with its key, and what a changed query would do with it is known", async () => {
  vi.stubEnv("SAVEPOINT_KEY", Buffer.alloc(32, 5).toString("base64"));
  const key = "SET 'execution.checkpointing.encryption-key' = 'env:SAVEPOINT_KEY';";
  const encrypted = await workshop.prepared(
    `${key} CREATE TABLE g (id INT, k AS MOD(id, 3)) WITH ('connector' = 'datagen', 'number-of-rows' = '20',
      'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20');
    CREATE TABLE sealed (k INT, n BIGINT) WITH ('connector' = 'print');
    INSERT INTO sealed SELECT k, COUNT(*) FROM g GROUP BY k;`,
    "sealed",
  );
  const select = `CREATE TABLE s (\`COUNT(*)\` BIGINT) WITH ('connector' = 'savepoint', 'path' = '${encrypted}', 'state' = 'groups'); SELECT \`COUNT(*)\` FROM s;`;
  await expect(createEngine({ baseDirectory: workshop.folder }).run(select)).rejects.toMatchObject({
    code: "ENCRYPTION_KEY",
  });
  const outcomes = await createEngine({ baseDirectory: workshop.folder }).run(`${key} ${select}`);
  expect(outcomes.at(-1)!.changes).toHaveLength(3);
  const [operator] = (await storedOperators(encrypted, new Map([[KEY_OPTION, "env:SAVEPOINT_KEY"]]))).filter(
    ({ bytes }) => bytes > 0,
  );
  expect((await operator!.states()).map(({ name }) => name)).toEqual(["groups", "numbers"]);
  vi.unstubAllEnvs();
});
