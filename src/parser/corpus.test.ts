import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { parseStatementsTolerant } from "./index.ts";

const SHARED = resolve(import.meta.dirname, "../../../shared");

function sqlFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sql"))
    .toSorted()
    .map((name) => join(folder, name));
}

function errorsOf(text: string): string[] {
  return parseStatementsTolerant(text).statements.flatMap((parsed) =>
    "error" in parsed ? [`${parsed.error.code} ${parsed.error.span?.start}: ${parsed.error.message}`] : [],
  );
}

const conformance = sqlFiles(join(SHARED, "conformance"));
const nexmark = sqlFiles(join(SHARED, "nexmark/queries"));

/** The conformance cases that Flink's parser refuses. */
const REFUSED = new Set([
  "errors/syntax",
  "errors/unterminated_string",
  "errors/window_without_time",
  "errors/pk_enforced",
]);

describe.skipIf(conformance.length === 0)("the conformance cases parse", () => {
  test.each(conformance.map((file) => [file.slice(SHARED.length + "/conformance/".length, -4), file] as const))(
    "%s",
    (name, file) => {
      const errors = errorsOf(readFileSync(file, "utf8"));
      if (REFUSED.has(name)) expect(errors).toHaveLength(1);
      else expect(errors).toEqual([]);
    },
  );
});

describe.skipIf(nexmark.length === 0)("the Nexmark queries parse", () => {
  test.each(nexmark)("%s", (file) => {
    const text = readFileSync(file, "utf8").replaceAll(/\$\{(?:SOURCE|SINK|SIDE)\}/g, "'connector' = 'x'");
    expect(errorsOf(text)).toEqual([]);
  });
});
