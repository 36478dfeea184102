import type { Span } from "../../base/span.ts";
import type { Dialect } from "./dialect.ts";

/** A piece of a query in another dialect: just enough to find where it ends and where its names stand. */
export interface Piece extends Span {
  readonly kind: "word" | "name" | "text" | "symbol";
  /** Without quotes. */
  readonly value: string;
}

/** Openings of what looks like a comment and is none: `/*! code *\/` of MySQL, a hint, MySQL's `a--b`. */
export const FALSE_COMMENTS: readonly string[] = ["/*!", "/*+", "--"];

/** From the start of a query to the `;` or `)` that ends it, or the end of the script. Offsets are into `text`. */
export function scanQuery(
  text: string,
  start: number,
  dialect: Dialect,
): { readonly pieces: Piece[]; readonly end: number } {
  const pieces: Piece[] = [];
  let depth = 0;
  let at = start;
  while (at < text.length) {
    const blank = endOfBlank(text, at, dialect);
    if (blank > at) {
      at = blank;
      continue;
    }
    const piece = pieceAt(text, at, dialect);
    if (piece.kind === "symbol") {
      if (piece.value === "(") depth += 1;
      else if (piece.value === ")") depth -= 1;
      if (depth < 0 || piece.value === ";") break;
    }
    pieces.push(piece);
    at = piece.end;
  }
  return { pieces, end: pieces[pieces.length - 1]?.end ?? start };
}

/** The end of the blank or comment at `at`; `at` itself when there is none. */
function endOfBlank(text: string, at: number, dialect: Dialect): number {
  if (/\s/.test(text[at]!)) return at + 1;
  if ((text.startsWith("--", at) && !isMinusMinus(text, at, dialect)) || (dialect.hashComments && text[at] === "#")) {
    const end = text.indexOf("\n", at);
    return end < 0 ? text.length : end + 1;
  }
  if (text.startsWith("/*", at) && !text.startsWith("/*!", at) && !text.startsWith("/*+", at)) {
    const end = text.indexOf("*/", at + 2);
    return end < 0 ? text.length : end + 2;
  }
  return at;
}

/** MySQL reads `a--b` as `a - -b`: a comment has a blank after the dashes. */
function isMinusMinus(text: string, at: number, dialect: Dialect): boolean {
  return dialect.doubleQuotes === "text" && dialect.zeroDivisorIsNull && /[^\s]/.test(text[at + 2] ?? " ");
}

const WORD = /[\p{L}_][\p{L}\p{N}_$]*|[\p{N}.][\p{L}\p{N}_.]*/uy;
const DOLLAR_QUOTE = /\$[\p{L}_]*\$/uy;

function pieceAt(text: string, at: number, dialect: Dialect): Piece {
  const character = text[at]!;
  if (character === "'" || character === '"' || character === "`") {
    const isText = character === "'" || (character === '"' && dialect.doubleQuotes === "text");
    const end = endOfQuoted(text, at, isText && dialect.backslashEscapes);
    const value = text.slice(at + 1, end - 1).replaceAll(character + character, character);
    return { kind: isText ? "text" : "name", value, start: at, end };
  }
  DOLLAR_QUOTE.lastIndex = at;
  const mark = dialect.dollarQuotes ? DOLLAR_QUOTE.exec(text)?.[0] : undefined;
  if (mark !== undefined) {
    const close = text.indexOf(mark, at + mark.length);
    const end = close < 0 ? text.length : close + mark.length;
    return { kind: "text", value: text.slice(at + mark.length, close < 0 ? end : close), start: at, end };
  }
  WORD.lastIndex = at;
  const word = WORD.exec(text)?.[0];
  if (word !== undefined && word !== ".") return { kind: "word", value: word, start: at, end: at + word.length };
  const hidden = FALSE_COMMENTS.find((opening) => text.startsWith(opening, at));
  if (hidden !== undefined) return { kind: "symbol", value: hidden, start: at, end: at + hidden.length };
  return { kind: "symbol", value: character, start: at, end: at + 1 };
}

function endOfQuoted(text: string, start: number, escapes: boolean): number {
  const quote = text[start]!;
  for (let at = start + 1; at < text.length; at++) {
    if (escapes && text[at] === "\\") at += 1;
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at + 1;
      at += 1;
    }
  }
  return text.length;
}
