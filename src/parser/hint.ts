import type { Hint } from "./ast/query.ts";
import type { Cursor } from "./cursor.ts";

/** Hints such as `OPTIONS('k'='v')` or `BROADCAST(t)` in their comment, or nothing. */
export function parseHints(c: Cursor): Hint[] {
  const hints: Hint[] = [];
  while (c.isSymbol("/*+")) {
    c.take();
    do {
      if (c.isSymbol("*/")) break;
      hints.push(parseHint(c));
      // Commas between hints may be left out.
    } while (c.acceptSymbol(",") || c.isIdentifier());
    c.expectSymbol("*/");
  }
  return hints;
}

function parseHint(c: Cursor): Hint {
  const { start } = c;
  const name = c.identifier("the name of a hint").name.toUpperCase();
  let pairs: Hint["pairs"] = [];
  if (c.acceptSymbol("(")) {
    pairs = c.isSymbol(")") ? [] : c.commaList(() => parsePair(c));
    c.expectSymbol(")");
  }
  return { kind: "Hint", span: c.span(start), name, pairs };
}

function parsePair(c: Cursor): Hint["pairs"][number] {
  const key = parseWord(c, "a key");
  if (!c.acceptSymbol("=")) return { key, value: undefined };
  return { key, value: parseWord(c, "a value") };
}

/** A string, a number, or a name (with its qualifiers). */
function parseWord(c: Cursor, what: string): string {
  if (c.isString()) return c.string();
  if (c.token.kind === "number") return c.take().text;
  return c
    .objectName(what)
    .parts.map((part) => part.name)
    .join(".");
}
