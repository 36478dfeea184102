import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BUILTINS } from "../src/engine/builtin.ts";
import { FORMATS } from "../src/formats/index.ts";
import { AGGREGATES } from "../src/functions/index.ts";
import { createEngine } from "../src/index.ts";
import { valueText } from "../src/types/value-text.ts";
import { CONNECTOR_NOTES, FORMAT_NOTES } from "./docs/connector-notes.ts";
import { DOCS, PAGES } from "./generate-docs.ts";

test.each(PAGES)("docs/%s is what the definitions give (npm run docs)", (file, text) => {
  const path = join(DOCS, file);
  expect(existsSync(path) ? readFileSync(path, "utf8") : "", "stale: run `npm run docs`").toBe(text());
});

test("every connector and format has its note, and no other", () => {
  expect(Object.keys(CONNECTOR_NOTES).sort()).toEqual(BUILTINS.connectors.map((c) => c.name).sort());
  expect(Object.keys(FORMAT_NOTES).sort()).toEqual(FORMATS.map((f) => f.name).sort());
});

// Those of scalar functions run in sql-tests/function-examples.test.ts.
test.each(AGGREGATES.flatMap((f) => f.doc.examples))("%s is %s", async (sql, result) => {
  const [outcome] = await createEngine().run(sql);
  const last = outcome?.changes.at(-1);
  expect(valueText(last?.row[0] ?? null, outcome!.fields[0]!.type, "UTC")).toBe(result);
});
