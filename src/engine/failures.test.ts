import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SqlError } from "../base/errors.ts";
import { contextLines, contextOf } from "../base/error-context.ts";
import { parseScript } from "../parser/index.ts";
import { BUILTINS } from "./builtin.ts";
import { execute } from "./execute.ts";
import { asSqlError, closeQuietly } from "./failures.ts";
import { Session } from "./session.ts";

describe("any error as a SqlError", () => {
  const known = new SqlError("IO", "gone");

  it.each<readonly [what: string, error: unknown, code: string, message: string]>([
    ["a SqlError stays", known, "IO", "gone"],
    [
      "of the file system",
      Object.assign(new Error("ENOENT: no such file"), { code: "ENOENT" }),
      "IO",
      "ENOENT: no such file",
    ],
    [
      "of memory",
      new RangeError("Array buffer allocation failed"),
      "OUT_OF_MEMORY",
      "out of memory: Array buffer allocation failed",
    ],
    [
      "of too long a text",
      new RangeError("Invalid string length"),
      "OUT_OF_MEMORY",
      "out of memory: Invalid string length",
    ],
    [
      "another range is a mistake of ours",
      new RangeError("toString() radix must be between 2 and 36"),
      "BUG",
      "toString() radix must be between 2 and 36",
    ],
    ["a TypeError too", new TypeError("x is not a function"), "BUG", "x is not a function"],
    ["anything thrown", "text", "BUG", "text"],
    ["even nothing", undefined, "BUG", "undefined"],
  ])("%s", (_, error, code, message) => {
    expect(asSqlError(error)).toMatchObject({ code, message });
  });

  it("keeps what it was", () => {
    const cause = new TypeError("x");
    expect(asSqlError(cause).cause).toBe(cause);
    expect(asSqlError(known)).toBe(known);
  });
});

it("closing after a failure aborts and adds nothing to it", async () => {
  const seen: boolean[] = [];
  await closeQuietly({
    close: async (aborted) => {
      seen.push(aborted);
      throw new Error("again");
    },
  });
  expect(seen).toEqual([true]);
});

describe.each([
  ["without checkpoints", ""],
  ["with checkpoints", "SET 'execution.checkpointing.interval' = '1 h';"],
])("a job that fails %s says where", (_, interval) => {
  it.each<readonly [what: string, select: string, operator: RegExp]>([
    ["an operator", "SELECT CAST(SUBSTRING('12x', CAST(n AS INT)) AS INT) FROM g", /^Calc\(select=\[CAST\(/],
    ["a sink", "SELECT CASE WHEN n < 3 THEN 1 END FROM g", /^Sink\(table=\[default_catalog\.default_database\.h\]/],
  ])("in %s, and which input it was reading", async (_what, select, operator) => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-failures-"));
    const session = new Session({
      builtins: BUILTINS,
      config: new Map([["execution.checkpointing.dir", folder]]),
      baseDirectory: folder,
      stdout: () => undefined,
      stderr: () => undefined,
    });
    const script = `${interval} SET 'execution.batch-rows' = '2';
      CREATE TABLE g (n BIGINT) WITH ('connector' = 'datagen', 'number-of-rows' = '9', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '9');
      CREATE TABLE h (n INT NOT NULL) WITH ('connector' = 'blackhole');
      INSERT INTO h ${select};`;
    let failure: SqlError | undefined;
    for (const statement of parseScript(script)) {
      const result = await execute(
        statement,
        session,
        { note: () => undefined },
        { onQuery: () => ({ batch: () => undefined }) },
      );
      if (result.kind !== "job") continue;
      const outcome = await result.job.done;
      if (outcome.status === "failed") failure = outcome.error;
    }
    rmSync(folder, { recursive: true });
    const context = contextOf(failure);
    expect(context).toMatchObject({ operator: expect.stringMatching(operator), subtask: 0 });
    expect(context?.source).toMatch(/^TableSourceScan\(table=\[\[default_catalog, default_database, g\]\]/);
    expect(context?.sourceRows).toBeGreaterThan(0);
    expect(contextLines(context!)[1]).toMatch(/ends with row \d, read up to rows-0-of-1 \{"row":\d\}$/);
  });
});
