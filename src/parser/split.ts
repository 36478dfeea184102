import { tokenize } from "./lexer.ts";
import type { Token } from "./token.ts";

/** A text that grows line by line, as far as it is whole statements. */
export interface SplitText {
  /** Each with its `;`. */
  readonly complete: readonly string[];
  /** What follows the last of them: the beginning of a statement, blanks, comments. */
  readonly rest: string;
  /** The rest holds more than blanks and comments. */
  readonly open: boolean;
}

/** Cuts where statements end; a `;` inside a string, a comment or a statement set ends none. Nothing is parsed, so wrong statements are cut too. */
export function splitStatements(text: string): SplitText {
  const complete: string[] = [];
  let start = 0;
  let statement: Token[] = [];
  let sinceSemicolon: Token[] = [];
  for (const token of tokenize(text)) {
    if (token.kind === "end") break;
    if (token.kind !== "symbol" || token.text !== ";") {
      statement.push(token);
      sinceSemicolon.push(token);
      continue;
    }
    if (isStatementSet(statement) && !isEnd(sinceSemicolon)) {
      sinceSemicolon = [];
      continue;
    }
    if (statement.length > 0) complete.push(text.slice(start, token.end).trim());
    start = token.end;
    statement = [];
    sinceSemicolon = [];
  }
  return { complete, rest: text.slice(start), open: statement.length > 0 };
}

/** The text in one line and without comments, for a history of statements; line breaks inside strings become blanks. */
export function oneLine(text: string): string {
  let line = "";
  let end = 0;
  for (const token of tokenize(text)) {
    if (token.kind === "end") break;
    if (token.start > end && line !== "") line += " ";
    line += text.slice(token.start, token.end);
    end = token.end;
  }
  return line.replaceAll(/\s*\n\s*/g, " ");
}

/** `[EXPLAIN | EXECUTE | COMPILE PLAN … FOR] STATEMENT SET BEGIN …` or the older `BEGIN STATEMENT SET; …`. */
function isStatementSet(tokens: readonly Token[]): boolean {
  return tokens.some(
    (token, i) =>
      isWord(token, "STATEMENT") &&
      isWord(tokens[i + 1], "SET") &&
      (isWord(tokens[i + 2], "BEGIN") || isWord(tokens[i - 1], "BEGIN")),
  );
}

function isEnd(tokens: readonly Token[]): boolean {
  return tokens.length === 1 && isWord(tokens[0], "END");
}

function isWord(token: Token | undefined, word: string): boolean {
  return token?.kind === "word" && token.text === word;
}
