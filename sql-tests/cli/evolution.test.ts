import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { folderWith, millrace } from "./support.ts";

const SOURCE = `SET 'execution.checkpointing.records' = '10';
SET 'execution.checkpointing.num-retained' = '9';
SET 'execution.batch-rows' = '5';
CREATE TABLE g (id INT, k AS MOD(id, 3)) WITH ('connector' = 'datagen', 'number-of-rows' = '20',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '20');
`;
const script = (columns: string, select: string): string =>
  `${SOURCE}CREATE TABLE res (${columns}) WITH ('connector' = 'print');\nINSERT INTO res SELECT ${select} FROM g GROUP BY k;\n`;

const cwd = folderWith({
  "v1.sql": script("k INT, n BIGINT, m INT", "k, COUNT(*), MAX(id)"),
  "v2.sql": script("k INT, n BIGINT, s INT", "k, COUNT(*), SUM(id)"),
});
let checkpoint = "";

beforeAll(async () => {
  await millrace(["run", "v1.sql", "--quiet"], { cwd });
  const [run] = readdirSync(join(cwd, ".millrace/res"));
  checkpoint = `.millrace/res/${run}/chk-1`;
});

test("--dry-run says what becomes of the state and starts nothing", async () => {
  const dry = await millrace(["run", "v2.sql", "--from", checkpoint, "--dry-run"], { cwd });
  expect(dry).toMatchObject({ code: 2, stderr: "" });
  expect(dry.stdout).toBe(`res: checkpoint 1 of ${join(cwd, checkpoint)}
  kept          source default_catalog.default_database.g: it goes on after 10 rows
  kept          GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1, SUM(id) AS EXPR$2])
                  starts empty: SUM(id): counts rows from now on
                  dropped: MAX(id)
  kept          sink default_catalog.default_database.res
  would not start: state is dropped, which --allow-dropped-state allows
`);
  const allowed = await millrace(
    ["run", "v2.sql", "--from", checkpoint, "--dry-run", "--allow-dropped-state", "--format", "json"],
    { cwd },
  );
  expect(allowed).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(allowed.stdout)).toMatchObject({ job: "res", startable: true, needsPermission: true });
  expect(readdirSync(join(cwd, ".millrace/res"))).toHaveLength(1);
});

test("the start itself refuses, and goes on when it may", async () => {
  const refused = await millrace(["run", "v2.sql", "--from", checkpoint], { cwd });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(
    /^error\[STATE_INCOMPATIBLE\]: the checkpoint .*chk-1 holds state that this script does not have:\n {2}MAX\(id\) \(GroupAggregate/,
  );
  expect(refused.stderr).toContain("hint: --allow-dropped-state ");
  expect(readdirSync(join(cwd, ".millrace/res"))).toHaveLength(1);
  const started = await millrace(["run", "v2.sql", "--from", checkpoint, "--allow-dropped-state"], { cwd });
  expect(started.code).toBe(0);
  expect(started.stdout).toContain("+U[1, 7, 48]\n");
  expect(started.stderr).toContain("note: res: starts empty: SUM(id): counts rows from now on (of GroupAggregate(");
  expect(started.stderr).toContain("note: res: dropped: MAX(id) (of GroupAggregate(");
});

test("--dry-run without --from, with --from latest, and with a script that is wrong", async () => {
  const fresh = await millrace(["run", "v1.sql", "--dry-run"], { cwd });
  expect(fresh).toMatchObject({ code: 0, stdout: "res: starts at the beginning\n" });
  const latest = await millrace(["run", "v1.sql", "--from", "latest", "--dry-run"], { cwd });
  expect(latest).toMatchObject({ code: 0, stdout: "res: its last run had finished: there is nothing to do\n" });
  const elsewhere = folderWith({ "v1.sql": script("k INT, n BIGINT, m INT", "k, COUNT(*), MAX(id)") });
  const nothing = await millrace(["run", "v1.sql", "--from", "latest", "--dry-run"], { cwd: elsewhere });
  expect(nothing).toMatchObject({ code: 0, stdout: "res: starts at the beginning: it has no run to go on with\n" });
  expect(existsSync(join(elsewhere, ".millrace"))).toBe(false);
  writeFileSync(join(elsewhere, "bad.sql"), script("k INT", "nothing"));
  expect(await millrace(["run", "bad.sql", "--dry-run"], { cwd: elsewhere })).toMatchObject({ code: 2, stdout: "" });
  expect(await millrace(["run", "v1.sql", "--dry-run", "--format", "golden"], { cwd })).toMatchObject({ code: 64 });
});

test("state show lists operators and prints the rows of a state", async () => {
  const list = await millrace(["state", "show", checkpoint, "--format", "csv"], { cwd });
  expect(list).toMatchObject({ code: 0, stderr: "" });
  expect(
    list.stdout
      .replace(/-[0-9a-f]{12},/g, ",")
      .replace(/,\d+,groups/, ",N,groups")
      .replace(/,\d+,numbers/, ",N,numbers"),
  ).toBe(
    `operator,description,bytes,state,rows,columns
scan,"TableSourceScan(table=[[default_catalog, default_database, g]], fields=[id])",0,positions,1,"subtask, position"
group-aggregate,"GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1, MAX(id) AS EXPR$2])",N,groups,3,"id % 3, COUNT(*), MAX(id), present"
group-aggregate,"GroupAggregate(groupBy=[k], select=[k, COUNT(*) AS EXPR$1, MAX(id) AS EXPR$2])",N,numbers,1,"name, value"
`,
  );
  const rows = await millrace(["state", "show", checkpoint, "group-agg", "groups", "--max-rows", "2"], { cwd });
  expect(rows.stdout).toBe(`+--------+----------+---------+---------+
| id % 3 | COUNT(*) | MAX(id) | present |
+--------+----------+---------+---------+
|      1 |        4 |      10 |     1.0 |
|      2 |        3 |       8 |     1.0 |
+--------+----------+---------+---------+
Received a total of 2 rows
`);
  const json = await millrace(["state", "show", checkpoint, "group-agg", "groups", "--format", "json"], { cwd });
  expect(json.stdout.split("\n")[0]).toBe('{"op":"+I","row":{"id % 3":1,"COUNT(*)":4,"MAX(id)":10,"present":1}}');
});

test("state show says what it needs", async () => {
  expect(await millrace(["state"], { cwd })).toMatchObject({
    code: 64,
    stderr: expect.stringContaining("millrace state show takes a checkpoint's folder") as string,
  });
  expect(await millrace(["state", "show", "nowhere"], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/^error\[CHECKPOINT_NOT_FOUND\]/) as string,
  });
  expect((await millrace(["state", "show", checkpoint, "join"], { cwd })).stderr).toMatch(
    /has no operator 'join'; it holds:\n {2}scan-/,
  );
});
