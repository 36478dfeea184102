import fc from "fast-check";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { childrenOf, parseScript, parseStatementsTolerant, printStatement } from "./index.ts";
import type { AnyNode } from "./index.ts";
import type { Statement } from "./index.ts";
import { statementText } from "./arbitrary.test-util.ts";

/** The tree without spans, and without the difference between `a` and `` `a` ``. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) =>
      key === "span" || key === "quoted" || inner === undefined ? [] : [[key, bare(inner)]],
    ),
  );
}

function parseOne(text: string): Statement {
  const statements = parseScript(text);
  expect(statements).toHaveLength(1);
  return statements[0]!;
}

function checkSpans(node: AnyNode, text: string): void {
  expect(node.span.start, `${node.kind} starts`).toBeGreaterThanOrEqual(0);
  expect(node.span.end, `${node.kind} ends`).toBeLessThanOrEqual(text.length);
  for (const child of childrenOf(node)) {
    expect(child.span.start, `${child.kind} in ${node.kind} starts`).toBeGreaterThanOrEqual(node.span.start);
    expect(child.span.end, `${child.kind} in ${node.kind} ends`).toBeLessThanOrEqual(node.span.end);
    checkSpans(child, text);
  }
}

/** What must hold for every statement. */
function checkStatement(statement: Statement, text: string): void {
  checkSpans(statement, text);
  for (const lines of [false, true]) {
    expect(bare(parseOne(printStatement(statement, { exact: true, lines })))).toEqual(bare(statement));
    // As Flink shows it: another tree perhaps, but a fixed one.
    const shown = printStatement(statement, { lines });
    expect(printStatement(parseOne(shown), { lines })).toBe(shown);
  }
}

const SHARED = resolve(import.meta.dirname, "../../../shared/conformance");
const files = existsSync(SHARED)
  ? readdirSync(SHARED, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".sql"))
  : [];

describe.skipIf(files.length === 0)("every conformance statement prints to what parses to the same tree", () => {
  test.each(files.toSorted())("%s", (file) => {
    const text = readFileSync(join(SHARED, file), "utf8");
    for (const parsed of parseStatementsTolerant(text).statements) {
      if ("statement" in parsed) checkStatement(parsed.statement, text);
    }
  });
});

test("generated statements print to what parses to the same tree, and their spans nest", () => {
  fc.assert(
    fc.property(statementText, (text) => {
      checkStatement(parseOne(text), text);
    }),
    { numRuns: 500 },
  );
});

test("a list of tables in another one keeps its parentheses", () => {
  const text = "SELECT 1 FROM a, (b, c CROSS JOIN d), (e CROSS JOIN f)";
  checkStatement(parseOne(text), text);
});

test("a value after DEFAULT is printed as it is, `$'` in it too", () => {
  const text = "SELECT JSON_VALUE('{}', '$.a' DEFAULT JSON_QUERY('{}', 'lax $') ON ERROR), 1";
  checkStatement(parseOne(text), text);
});
