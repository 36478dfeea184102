import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CONNECTORS } from "../src/connectors/index.ts";
import { FORMATS } from "../src/formats/index.ts";
import { CONNECTOR_NOTES, FORMAT_NOTES } from "./docs/connector-notes.ts";
import { DOCS, PAGES } from "./generate-docs.ts";

test.each(PAGES)("docs/%s is what the definitions give (npm run docs)", (file, text) => {
  const path = join(DOCS, file);
  expect(existsSync(path) ? readFileSync(path, "utf8") : "", "stale: run `npm run docs`").toBe(text());
});

test("every connector and format has its note, and no other", () => {
  expect(Object.keys(CONNECTOR_NOTES).sort()).toEqual(CONNECTORS.map((c) => c.name).sort());
  expect(Object.keys(FORMAT_NOTES).sort()).toEqual(FORMATS.map((f) => f.name).sort());
});
