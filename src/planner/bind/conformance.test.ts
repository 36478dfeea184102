import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { SqlError, SqlErrors } from "../../base/errors.ts";
import { typeText } from "../../types/type-text.ts";
import { bindScript, type Bound } from "./bind.test-helper.ts";

// Names and types of the result columns of Flink's answers, where they are at hand.
const folder = join(import.meta.dirname, "../../../../shared/conformance");

/** The blocks of an answer that a bound script can have: columns of queries, rows of DESCRIBE and SHOW. */
function expectedBlocks(answer: string): readonly string[] {
  return answer
    .trimEnd()
    .split("\n---\n")
    .filter(
      (block) =>
        !block.startsWith("print") &&
        !block.startsWith("error") &&
        !/\ncolumns\n\w+ (?:catalog |database |view |function )?name STRING$/.test(block),
    )
    .map((block) =>
      block.startsWith("rows")
        ? block.slice(5, block.indexOf("\ncolumns\n"))
        : block.slice(block.indexOf("columns\n") + 8),
    );
}

function blockOf(bound: Bound): string | undefined {
  if ("rows" in bound) return bound.rows.map((r) => r.replaceAll("\n", "\\n")).join("\n");
  if (bound.plan.kind === "Sink") return undefined;
  return bound.plan.schema.fields
    .map((f) => `${f.name} ${typeText(f.type, { withNullability: true })}`)
    .join("\n")
    .replaceAll("INTERVAL SECOND(3)", "INTERVAL SECOND");
}

describe.skipIf(!existsSync(folder))("conformance: schemas", () => {
  const cases = existsSync(folder)
    ? readdirSync(folder, { withFileTypes: true })
        .filter((d) => d.isDirectory() && d.name !== "data" && d.name !== "errors")
        .flatMap((d) =>
          readdirSync(join(folder, d.name))
            .filter((f) => f.endsWith(".sql"))
            .map((f) => `${d.name}/${f.slice(0, -4)}`),
        )
    : [];
  it.for(cases)("%s", (name) => {
    const script = readFileSync(join(folder, `${name}.sql`), "utf8");
    const answer = readFileSync(join(folder, `${name}.out`), "utf8");
    let bound: readonly Bound[];
    try {
      bound = bindScript(script);
    } catch (error) {
      const errors = error instanceof SqlErrors ? error.errors : [error];
      // What is not executed yet is refused by name, and by nothing else.
      expect(errors.map((e) => (e instanceof SqlError ? e.code : e))).toContain("UNSUPPORTED");
      return;
    }
    expect(bound.flatMap((b) => blockOf(b) ?? [])).toEqual(expectedBlocks(answer));
  });
});
