import { describe, expect, it } from "vitest";
import { errorText } from "./code-frame.ts";
import { SqlError } from "./errors.ts";
import { positionOf, unionSpan } from "./span.ts";
import { didYouMean, nearest } from "./suggest.ts";

describe("positions", () => {
  it.each<readonly [text: string, offset: number, line: number, column: number]>([
    ["abc", 0, 1, 1],
    ["abc", 2, 1, 3],
    ["a\nbc", 1, 1, 2],
    ["a\nbc", 2, 2, 1],
    ["a\nbc", 4, 2, 3],
    ["\n\n", 2, 3, 1],
    ["a\r\nb", 3, 2, 1],
    ["", 0, 1, 1],
  ])("%j at %d", (text, offset, line, column) => {
    expect(positionOf(text, offset)).toEqual({ line, column });
  });

  it("spans join", () => {
    expect(unionSpan({ start: 3, end: 5 }, { start: 1, end: 4 })).toEqual({ start: 1, end: 5 });
  });
});

describe("errors as users see them", () => {
  const frame = (text: string, start: number, end: number, hint?: string): string =>
    errorText(new SqlError("COLUMN_NOT_FOUND", "no x", { span: { start, end }, hint }), { file: "f.sql", text });

  it.each<readonly [what: string, shown: string, expected: string]>([
    [
      "a word",
      frame("SELECT x FROM t", 7, 8),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:8\n1 | SELECT x FROM t\n  |        ^\n",
    ],
    [
      "with a hint",
      frame("SELECT x", 7, 8, "did you mean 'y'?"),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:8\n1 | SELECT x\n  |        ^\nhint: did you mean 'y'?\n",
    ],
    [
      "on a later line",
      frame("SELECT\n  xyz,\n  b", 9, 12),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:2:3\n2 |   xyz,\n  |   ^^^\n",
    ],
    [
      "lines that end in CR LF",
      frame("SELECT\r\nxyz\r\n", 8, 11),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:2:1\n2 | xyz\n  | ^^^\n",
    ],
    ["tabs", frame("\tx", 1, 2), "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:2\n1 |  x\n  |  ^\n"],
    [
      "over several lines: to the end of the first",
      frame("SELECT a,\nb", 7, 11),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:8\n1 | SELECT a,\n  |        ^^\n",
    ],
    [
      "the end of the text",
      frame("SELECT", 6, 6),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:7\n1 | SELECT\n  |       ^\n",
    ],
    [
      "a line number of two digits",
      frame(`${"\n".repeat(9)}x`, 9, 10),
      "error[COLUMN_NOT_FOUND]: no x\n  --> f.sql:10:1\n10 | x\n   | ^\n",
    ],
    [
      "wide characters before it",
      frame("'世界' x", 5, 6),
      "error[COLUMN_NOT_FOUND]: no x\n --> f.sql:1:6\n1 | '世界' x\n  |        ^\n",
    ],
  ])("%s", (_, shown, expected) => {
    expect(shown).toBe(expected);
  });

  it("shows part of a long line", () => {
    const [, , line, carets] = frame(`${"a".repeat(500)}xyz${"b".repeat(500)}`, 500, 503).split("\n");
    expect(line).toHaveLength("1 | ".length + 160);
    expect(line!.slice(carets!.indexOf("^"), carets!.lastIndexOf("^") + 1)).toBe("xyz");
  });

  it("without a source or a place says only what is wrong", () => {
    expect(errorText(new SqlError("IO", "gone"))).toBe("error[IO]: gone\n");
    expect(errorText(new SqlError("IO", "gone"), { file: "f", text: "x" })).toBe("error[IO]: gone\n");
  });
});

describe("suggestions", () => {
  it.each<readonly [word: string, candidates: readonly string[], found: string | undefined]>([
    ["usr_id", ["id", "user_id", "name"], "user_id"],
    ["USER_ID", ["user_id"], "user_id"],
    ["product", ["prodcut", "status"], "prodcut"],
    ["abc", ["xyz"], undefined],
    ["ab", ["ac"], "ac"],
    // Of a single letter nothing would be left.
    ["f", ["e", "pi"], undefined],
    ["f", ["F"], "F"],
    ["", ["a"], undefined],
    ["name", [], undefined],
    ["nam", ["name", "nam"], "nam"],
  ])("%j of %j", (word, candidates, found) => {
    expect(nearest(word, candidates)).toBe(found);
    expect(didYouMean(word, candidates)).toBe(found === undefined ? undefined : `did you mean '${found}'?`);
  });
});
