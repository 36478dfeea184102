import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SqlError } from "../base/errors.ts";
import { createEngine } from "./engine.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "millrace-plan-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function run(sql: string): Promise<string> {
  let printed = "";
  const engine = createEngine({
    baseDirectory: folder,
    stdout: (text) => void (printed += text),
    stderr: () => undefined,
  });
  try {
    await engine.run(sql);
  } catch (error) {
    if (error instanceof SqlError) return `${error.code} ${error.message.replaceAll(folder, "…")}`;
    throw error;
  }
  return printed;
}

const COMPILE = `CREATE TABLE p (a STRING, n DECIMAL(10, 2), b BYTES) WITH ('connector' = 'print');
  COMPILE PLAN 'plans/p.json' FOR STATEMENT SET BEGIN
    INSERT INTO p SELECT x, 1.5, x'00ff' FROM (VALUES ('it''s'), (CAST(NULL AS STRING))) AS t(x);
    INSERT INTO p SELECT 'two', CAST(2 AS DECIMAL(10, 2)), x'01';
  END;`;

test("a plan runs in another session, without the tables that it was compiled with", async () => {
  expect(await run(COMPILE)).toBe("");
  const printed = await run("EXECUTE PLAN 'plans/p.json';");
  expect(printed.trim().split("\n").sort()).toEqual([
    "+I[it's, 1.50, [0, -1]]",
    "+I[null, 1.50, [0, -1]]",
    "+I[two, 2.00, [1]]",
  ]);
});

test("what is no plan, was changed, or is of another version is refused", async () => {
  await run(COMPILE);
  const file = join(folder, "plans", "p.json");
  const text = readFileSync(file, "utf8");
  const execute = "EXECUTE PLAN 'plans/p.json';";
  writeFileSync(file, text.replace("two", "ten"));
  expect(await run(execute)).toBe(
    "INVALID_QUERY the plan '…/plans/p.json' was changed after it was compiled, or is damaged",
  );
  writeFileSync(file, text.replace('"format": 1', '"format": 2'));
  expect(await run(execute)).toBe("UNSUPPORTED the plan '…/plans/p.json' has format 2; this version reads format 1");
  writeFileSync(file, "[]");
  expect(await run(execute)).toBe("INVALID_QUERY '…/plans/p.json' is no compiled plan");
  writeFileSync(file, "{");
  expect(await run(execute)).toBe("INVALID_QUERY '…/plans/p.json' is no compiled plan");
  expect(await run(`SET 'table.plan.force-recompile' = 'true'; ${COMPILE}`)).toBe("");
  expect(await run(execute)).toContain("+I[two, 2.00, [1]]");
});

test("a plan that calls a function of the user needs it", async () => {
  writeFileSync(join(folder, "f.js"), "export function twice(x) { return x * 2; }\ntwice.returns = 'INT';\n");
  const create = "CREATE FUNCTION twice AS './f.js#twice' LANGUAGE JAVASCRIPT;";
  await run(`${create} CREATE TABLE q (a INT) WITH ('connector' = 'print');
    COMPILE PLAN 'q.json' FOR INSERT INTO q SELECT twice(x) FROM (VALUES (1), (2)) AS t(x);`);
  expect(await run("EXECUTE PLAN 'q.json';")).toBe(
    "FUNCTION_NOT_FOUND the plan calls a function 'TWICE', which this session does not have",
  );
  expect(await run(`${create} EXECUTE PLAN 'q.json';`)).toBe("+I[2]\n+I[4]\n");
});
