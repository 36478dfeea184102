// Writes the reference pages of docs/ from the definitions in src/: `npm run docs`. A test fails while a page is stale.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { configurationPage } from "./docs/configuration.ts";
import { connectorsPage } from "./docs/connectors.ts";
import { errorsPage } from "./docs/errors.ts";
import { formatsPage } from "./docs/formats.ts";
import { functionsPage } from "./docs/functions.ts";

/** File name in docs/ and its text. The same input always gives the same text. */
export const PAGES: readonly (readonly [file: string, text: () => string])[] = [
  ["functions.md", functionsPage],
  ["connectors.md", connectorsPage],
  ["formats.md", formatsPage],
  ["errors.md", errorsPage],
  ["configuration.md", configurationPage],
];

/** The folder that the pages lie in. */
export const DOCS = join(import.meta.dirname, "..", "docs");

if (process.argv[1] === import.meta.filename) {
  for (const [file, text] of PAGES) writeFileSync(join(DOCS, file), text());
}
