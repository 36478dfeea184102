import { SqlError } from "../../base/errors.ts";
import type { Query } from "../ast/query.ts";
import type { Cursor, Grammar } from "../cursor.ts";
import { GRAMMAR } from "../grammar.ts";
import { Context } from "./context.ts";
import { convertExpression } from "./convert-expression.ts";
import { convertQuery } from "./convert-query.ts";
import type { Dialect } from "./dialect.ts";
import { foreignParser } from "./package.ts";
import { FALSE_COMMENTS, scanQuery } from "./scan.ts";
import type { Piece } from "./scan.ts";
import { TreeReader } from "./tree-reader.ts";

/** Flink's grammar, in which a query is one of the dialect. */
export function grammarOf(dialect: Dialect): Grammar {
  return { ...GRAMMAR, query: (c) => parseForeignQuery(c, dialect) };
}

/** A query of the dialect, up to the `;` or `)` that ends it. Throws SYNTAX, UNSUPPORTED. */
function parseForeignQuery(c: Cursor, dialect: Dialect): Query {
  const { start, source } = c;
  const { pieces, end } = scanQuery(source, start, dialect);
  const text = source.slice(start, end);
  c.resumeAt(end);
  refuseAmbiguous(pieces, source, dialect);
  const tree = parseTree(text, start, dialect);
  const context = new Context(dialect, start, pieces, { expression: convertExpression, query: convertQuery });
  try {
    return convertQuery(new TreeReader(context, tree, { start, end }));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SqlError("TOO_DEEP", "the query is nested too deeply", { span: { start, end } });
  }
}

/** What the foreign grammars do not hand over as it was written. */
function refuseAmbiguous(pieces: readonly Piece[], source: string, dialect: Dialect): void {
  for (const [i, piece] of pieces.entries()) {
    const refuse = (what: string, hint: string) =>
      new SqlError("UNSUPPORTED", `${what} is not supported in the dialect ${dialect.title}`, { span: piece, hint });
    if (piece.kind === "text") {
      if (dialect.backslashEscapes && source.slice(piece.start, piece.end).includes("\\"))
        throw refuse("a backslash in a text", "write a quote twice, other characters as they are");
      if (source[piece.start] === "$") throw refuse("a text in dollars", "write it in single quotes");
      const before = pieces[i - 1];
      if (before?.kind === "word" && before.end === piece.start)
        throw refuse(`a text with the prefix ${before.value}`, "write it in single quotes alone");
    }
    if (piece.kind === "symbol" && FALSE_COMMENTS.includes(piece.value))
      throw refuse(
        piece.value === "--" ? "'--' without a blank behind it" : "a comment that is a hint or code",
        "leave it out",
      );
  }
}

function parseTree(text: string, start: number, dialect: Dialect): unknown {
  const parser = foreignParser(dialect.name);
  let parsed: unknown;
  try {
    parsed = parser.astify(text, { parseOptions: { includeLocations: true } });
  } catch (error) {
    throw syntaxError(error, text, start, dialect);
  }
  const trees = Array.isArray(parsed) ? parsed : [parsed];
  if (trees.length !== 1)
    throw new SqlError("SYNTAX", "expected one query", { span: { start, end: start + text.length } });
  return trees[0];
}

/** The grammar lists all characters that could stand at the place; the place is what helps. */
function syntaxError(error: unknown, text: string, start: number, dialect: Dialect): SqlError {
  const { location, found } = error as {
    readonly location?: { readonly start: { readonly offset: number } };
    readonly found?: string | null;
  };
  if (error instanceof RangeError)
    return new SqlError("TOO_DEEP", "the query is nested too deeply", { span: { start, end: start + text.length } });
  if (location === undefined)
    return new SqlError(
      "SYNTAX",
      `this is no query of ${dialect.title} that can be read: ${(error as Error).message}`,
      {
        span: { start, end: start + text.length },
      },
    );
  const at = Math.min(location.start.offset, text.length);
  const word = /^[\p{L}\p{N}_$]+|^[^\s]/u.exec(text.slice(at))?.[0];
  const where = found === null || word === undefined ? "at the end of the query" : `at '${word}'`;
  const from = word === undefined ? Math.max(0, text.length - 1) : at;
  return new SqlError("SYNTAX", `this is no query of ${dialect.title} that can be read: it stops ${where}`, {
    span: { start: start + from, end: start + from + (word?.length ?? 1) },
    hint: "queries are read in the dialect of 'table.sql-dialect'; RESET 'table.sql-dialect' returns to Flink SQL",
  });
}
