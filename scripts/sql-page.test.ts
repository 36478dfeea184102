// docs/sql.md, from top to bottom in one session: ```LANGUAGE FILE blocks are written as files, ```sql blocks run, and the ```text
// block behind one is what its last statement with rows gives. ```sql error blocks fail with the code in the block behind them.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { createEngine, SqlError } from "../src/index.ts";
import type { StatementOutcome } from "../src/index.ts";
import { printTextOf } from "../src/types/value-text.ts";
import { DOCS } from "./generate-docs.ts";

interface Example {
  readonly line: number;
  readonly sql: string;
  readonly fails: boolean;
  readonly expected: string | undefined;
}

const folder = mkdtempSync(join(tmpdir(), "millrace-docs-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let printed = "";
const engine = createEngine({ baseDirectory: folder, stdout: (text) => (printed += text) });

const page = readFileSync(join(DOCS, "sql.md"), "utf8");
const examples: Example[] = [];
for (const block of page.matchAll(/^```(\w+)([^\n]*)\n(.*?)^```$/gms)) {
  const [, language = "", rest = "", text = ""] = block;
  const line = page.slice(0, block.index).split("\n").length;
  if (language === "text") {
    const last = examples.pop();
    if (last === undefined || last.expected !== undefined)
      throw new Error(`line ${line}: a result without its statement`);
    examples.push({ ...last, expected: text.trimEnd() });
  } else if (language === "sql") {
    examples.push({ line, sql: text, fails: rest.trim() === "error", expected: undefined });
  } else {
    writeFileSync(join(folder, rest.trim()), text);
  }
}

test.each(examples.map((e) => [`line ${e.line}`, e] as const))(
  "docs/sql.md, %s",
  async (_, { sql, fails, expected }) => {
    printed = "";
    if (fails) {
      const error: unknown = await engine.run(sql).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error instanceof SqlError ? error.code : error).toBe(expected);
      return;
    }
    const outcomes = await engine.run(sql);
    if (expected !== undefined) expect(printed.trimEnd() || changesText(outcomes)).toBe(expected);
  },
);

function changesText(outcomes: readonly StatementOutcome[]): string {
  const { fields, changes } = outcomes.findLast((outcome) => outcome.changes.length > 0) ?? { fields: [], changes: [] };
  const texts = fields.map(({ type }) => printTextOf(type));
  return changes.map(({ kind, row }) => `${kind}[${row.map((value, i) => texts[i]!(value)).join(", ")}]`).join("\n");
}
