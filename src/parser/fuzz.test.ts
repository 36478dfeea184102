import fc from "fast-check";
import { expect, test } from "vitest";
import { SqlError, SqlErrors } from "../base/errors.ts";
import { statementText } from "./arbitrary.test-util.ts";
import { parseScript, printStatement } from "./index.ts";
import { CLAUSE_WORDS, NO_BARE_ALIAS, RESERVED, STATEMENT_WORDS } from "./keywords.ts";

/** Parses; only errors about the SQL may come out, each with a place in the text. What parses can be printed. */
function check(text: string): void {
  try {
    for (const statement of parseScript(text)) printStatement(statement, { lines: true });
  } catch (error) {
    const errors = error instanceof SqlErrors ? error.errors : [error];
    for (const one of errors) {
      if (!(one instanceof SqlError)) throw one;
      expect(["SYNTAX", "TOO_DEEP", "UNSUPPORTED"]).toContain(one.code);
      expect(one.span?.start).toBeGreaterThanOrEqual(0);
      expect(one.span?.end).toBeGreaterThanOrEqual(one.span?.start ?? Infinity);
      expect(one.span?.end).toBeLessThanOrEqual(text.length);
    }
  }
}

const WORDS = [...RESERVED, ...NO_BARE_ALIAS, ...CLAUSE_WORDS, ...STATEMENT_WORDS];
const token = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...WORDS) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "a",
      "b",
      "`c d`",
      "t.x",
      "KEY",
      "VALUE",
      "DATE",
      "TIMESTAMP",
      "INTERVAL",
      "DAY",
      "TO",
      "ROW",
      "ARRAY",
      "MAP",
      "TRIM",
      "EXTRACT",
      "JSON_VALUE",
      "JSON_OBJECT",
      "TUMBLE",
      "DESCRIPTOR",
      "STATEMENT",
      "OPTIONS",
      "WATERMARK",
      "PRIMARY",
      "ENFORCED",
      "METADATA",
    ),
  },
  {
    weight: 5,
    arbitrary: fc.constantFrom(
      "(",
      ")",
      "(",
      ")",
      "[",
      "]",
      "<",
      ">",
      "<>",
      ",",
      ".",
      ";",
      "=",
      "*",
      "+",
      "-",
      "||",
      "=>",
      ":",
      "/*+",
      "*/",
      "--",
      "/*",
      "'",
      "`",
      "\n",
      "?",
    ),
  },
  { weight: 2, arbitrary: fc.constantFrom("1", "1.5", ".5", "'x'", "U&'\\00e9'", "E'\\x'", "x'0'", "_UTF8'a'") },
);

test("token soup gives trees or SQL errors", () => {
  fc.assert(
    fc.property(
      fc.constantFrom("", "SELECT ", "SELECT * FROM ", "CREATE TABLE t (a ", "INSERT INTO t ", "ALTER TABLE t "),
      fc.array(token, { maxLength: 25 }),
      (head, soup) => {
        check(head + soup.join(" "));
      },
    ),
    { numRuns: 3000 },
  );
});

test("any text gives trees or SQL errors", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (text) => {
      check(text);
    }),
    { numRuns: 1000 },
  );
});

test("valid statements with a part cut, doubled or replaced give trees or SQL errors", () => {
  fc.assert(
    fc.property(
      statementText,
      fc.nat(),
      fc.nat({ max: 12 }),
      fc.constantFrom("cut", "double", "replace"),
      token,
      (text, at, length, change, other) => {
        const from = at % (text.length + 1);
        const [before, part, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
        if (change === "cut") check(before + after);
        else if (change === "double") check(before + part + part + after);
        else check(`${before} ${other} ${after}`);
      },
    ),
    { numRuns: 3000 },
  );
});
