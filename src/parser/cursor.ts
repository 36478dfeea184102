import { SqlError } from "../base/errors.ts";
import type { ErrorCode } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { Expression } from "./ast/expression.ts";
import type { Identifier, ObjectName } from "./ast/node.ts";
import type { Query, QueryBody } from "./ast/query.ts";
import type { TypeNode } from "./ast/type.ts";
import { CLAUSE_WORDS, RESERVED } from "./keywords.ts";
import { misspelt } from "./misspelt.ts";
import { checkUnicodeEscape, decodeUnicodeString } from "./string-literal.ts";
import { tokenize } from "./lexer.ts";
import type { Token } from "./token.ts";

/** The productions that need each other; the cursor carries them so that their files need not import in a circle. */
export interface Grammar {
  readonly expression: (c: Cursor) => Expression;
  /** An expression whose operators bind tighter than IN, so that IN can follow. */
  readonly term: (c: Cursor) => Expression;
  readonly query: (c: Cursor) => Query;
  /** The rest of a query whose first operand, in parentheses, has been read. */
  readonly queryAfter: (c: Cursor, first: QueryBody, start: number) => Query;
  readonly type: (c: Cursor) => TypeNode;
}

/** How deep recursion may go while parsing: each level costs some kilobytes of stack in the deepest production. */
const MAX_NESTING = 250;

/** How high a tree may get; later stages walk it by recursion. */
const MAX_HEIGHT = 1000;

/** Operators of other dialects that come as two symbols, and what to write here. */
const FOREIGN_OPERATORS: Readonly<Record<string, string>> = {
  "==": "'equal' is written =",
  "::": "a cast is written CAST(x AS type)",
  "**": "use POWER(a, b)",
  "->": "use JSON_VALUE(json, '$.path')",
};

/** How many of the words that could stand at an error are listed. */
const MAX_LISTED = 6;

/** A place in the tokens of a script, with the small acts of parsing: look, accept, expect, fail. */
export class Cursor {
  readonly source: string;
  grammar: Grammar;
  #tokens: readonly Token[];
  #index = 0;
  #statementIndex = 0;
  #nesting = 0;
  #height = 0;
  #expected: string[] = [];
  #expectedAt = -1;

  constructor(source: string, tokens: readonly Token[], grammar: Grammar) {
    this.source = source;
    this.#tokens = tokens;
    this.grammar = grammar;
  }

  get token(): Token {
    return this.#tokens[this.#index]!;
  }

  /** The token `n` places on (0: the current one); the `end` token when there are no more. */
  ahead(n: number): Token {
    return this.#tokens[this.#index + n] ?? this.#tokens[this.#tokens.length - 1]!;
  }

  /** Offset of the current token. */
  get start(): number {
    return this.token.start;
  }

  /** End of the last token that was taken. */
  get lastEnd(): number {
    return this.#index === 0 ? 0 : this.#tokens[this.#index - 1]!.end;
  }

  /** From `start` to the end of the last token taken. */
  span(start: number): Span {
    return { start, end: Math.max(start, this.lastEnd) };
  }

  /** Takes the current token. Throws its error if it is no token. */
  take(): Token {
    const token = this.token;
    if (token.error !== undefined) throw token.error;
    if (token.kind !== "end") this.#index += 1;
    return token;
  }

  /** Is this character next, which is a token nowhere but where the caller stands? */
  isStray(character: string): boolean {
    return this.token.kind === "error" && this.source.slice(this.start, this.token.end) === character;
  }

  /** Takes the character if it is next. */
  acceptStray(character: string): boolean {
    const isNext = this.isStray(character);
    if (isNext) this.#index += 1;
    return isNext;
  }

  /** Is the current token this unquoted word? */
  isWord(word: string): boolean {
    const { kind, text } = this.token;
    return kind === "word" && text === word;
  }

  /** Are the tokens from here these unquoted words? */
  isWords(...words: readonly string[]): boolean {
    for (let i = 0; i < words.length; i++) {
      const { kind, text } = this.ahead(i);
      if (kind !== "word" || text !== words[i]) return false;
    }
    return true;
  }

  isSymbol(symbol: string): boolean {
    const { kind, text } = this.token;
    return kind === "symbol" && text === symbol;
  }

  /** Is the token `n` places on this symbol? */
  isSymbolAhead(n: number, symbol: string): boolean {
    const { kind, text } = this.ahead(n);
    return kind === "symbol" && text === symbol;
  }

  /** Is the token `n` places on this unquoted word? */
  isWordAhead(n: number, word: string): boolean {
    const { kind, text } = this.ahead(n);
    return kind === "word" && text === word;
  }

  /** Takes the words if all are there. */
  accept(...words: readonly string[]): boolean {
    if (!this.isWords(...words)) {
      this.#expect(words.join(" "));
      return false;
    }
    this.#index += words.length;
    return true;
  }

  /** Takes the first of the words that is there. */
  acceptOne<W extends string>(words: readonly W[]): W | undefined {
    return words.find((word) => this.accept(word));
  }

  acceptSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) {
      this.#expect(`'${symbol}'`);
      return false;
    }
    this.#index += 1;
    return true;
  }

  /** Takes the words. Throws SYNTAX if they are not there. */
  expect(...words: readonly string[]): void {
    for (const word of words) {
      if (!this.accept(word)) throw this.failExpected();
    }
  }

  /** Takes one of the words. Throws SYNTAX if none is there. */
  expectOne<W extends string>(words: readonly W[]): W {
    const found = this.acceptOne(words);
    if (found === undefined) throw this.failExpected();
    return found;
  }

  expectSymbol(symbol: string): void {
    if (!this.acceptSymbol(symbol)) throw this.failExpected();
  }

  /** One item or more, with commas between. */
  commaList<T>(item: () => T): T[] {
    const items = [item()];
    while (this.acceptSymbol(",")) items.push(item());
    return items;
  }

  /** `( item, … )` */
  parenthesized<T>(item: () => T): T[] {
    this.expectSymbol("(");
    const items = this.commaList(item);
    this.expectSymbol(")");
    return items;
  }

  /** Could the current token be a name? */
  isIdentifier(): boolean {
    return this.isIdentifierAhead(0);
  }

  isIdentifierAhead(n: number): boolean {
    const { kind, text } = this.ahead(n);
    return kind === "quoted" || (kind === "word" && !RESERVED.has(text));
  }

  /** A name. Throws SYNTAX (`expected ${what}`) if there is none. */
  identifier(what = "a name"): Identifier {
    if (!this.isIdentifier()) {
      const { kind, text } = this.token;
      throw this.fail(
        what,
        kind === "word" ? `'${text.toLowerCase()}' is a reserved word: as a name, write it in backquotes` : undefined,
      );
    }
    const token = this.take();
    const span = { start: token.start, end: token.end };
    if (token.kind === "quoted") return { kind: "Identifier", span, name: token.text, quoted: true };
    return { kind: "Identifier", span, name: this.source.slice(token.start, token.end), quoted: false };
  }

  /** `a`, `a.b` or `a.b.c`. */
  objectName(what = "a name"): ObjectName {
    const { start } = this;
    const parts = [this.identifier(what)];
    while (this.isSymbol(".")) {
      this.take();
      parts.push(this.identifier("a name after '.'"));
    }
    const span = this.span(start);
    if (parts.length > 3)
      throw new SqlError("SYNTAX", "a name has at most three parts: catalog.database.object", { span });
    return { kind: "ObjectName", span, parts };
  }

  isString(): boolean {
    const { kind } = this.token;
    return kind === "string" || kind === "unicode";
  }

  /** A string literal of any form, with the literals on the lines below joined to it. */
  string(what = "a string in single quotes"): string {
    if (!this.isString()) {
      if (this.token.error !== undefined) throw this.token.error;
      throw this.fail(what);
    }
    const first = this.take();
    let text = first.text;
    while (this.token.kind === "string") {
      if (!this.source.slice(this.lastEnd, this.start).includes("\n"))
        throw this.fail("an operator", "strings join only when each is on its own line");
      text += this.take().text;
    }
    if (first.kind !== "unicode") return text;
    let escape = "\\";
    if (this.accept("UESCAPE")) {
      escape = this.string("the escape character");
      checkUnicodeEscape(escape, this.span(first.start));
    }
    return decodeUnicodeString(text, escape, this.span(first.start));
  }

  /** An unsigned whole number up to 2147483647. */
  integer(what: string): number {
    const { kind, text } = this.token;
    if (kind !== "number") throw this.fail(what);
    const value = Number(text);
    if (!/^\d+$/.test(text) || value > 2147483647) throw this.fail(what);
    this.take();
    return value;
  }

  /** One level of recursion deeper. Returns what `close` needs. Throws TOO_DEEP. */
  open(): number {
    if (++this.#nesting > MAX_NESTING) throw this.#tooDeep();
    const outer = this.#height;
    this.#height = 0;
    return outer;
  }

  /** The tree that is being built becomes one higher, without recursion: `a + b + …`. Throws TOO_DEEP. */
  grow(): void {
    if (++this.#height > MAX_HEIGHT) throw this.#tooDeep();
  }

  /** The end of the level that `open` began. */
  close(outer: number): void {
    this.#nesting -= 1;
    this.grow();
    this.#height = Math.max(outer, this.#height);
  }

  #tooDeep(): SqlError {
    return new SqlError("TOO_DEEP", "the statement is nested too deeply", {
      span: { start: this.token.start, end: this.token.end },
      hint: "split it with views or CREATE TEMPORARY VIEW",
    });
  }

  #expect(what: string): void {
    if (this.#expectedAt !== this.#index) {
      this.#expected = [];
      this.#expectedAt = this.#index;
    }
    this.#expected.push(what);
  }

  /** "unexpected x, expected …", where the parser knows only one thing that could stand here. */
  fail(expected: string, hint?: string): SqlError {
    const { token } = this;
    if (token.error !== undefined) return token.error;
    return this.#unexpected(expected, hint ?? this.#hint([]));
  }

  /** "unexpected x, expected …", listing all that was tried at this place. */
  failExpected(more: readonly string[] = []): SqlError {
    const { token } = this;
    if (token.error !== undefined) return token.error;
    const tried = this.#expectedAt === this.#index ? [...new Set([...this.#expected, ...more])] : [...more];
    const last = tried.length > 1 && tried.length <= MAX_LISTED ? ` or ${tried[tried.length - 1]}` : "";
    const expected =
      tried.length === 0 ? "something else" : tried.slice(0, last === "" ? MAX_LISTED : -1).join(", ") + last;
    return this.#unexpected(expected, this.#hint(tried));
  }

  #unexpected(expected: string, hint: string | undefined): SqlError {
    const { token } = this;
    const written = this.source.slice(token.start, Math.min(token.end, token.start + 40));
    const found =
      token.kind === "end" || written === ";"
        ? "end of the statement"
        : `'${written}${token.end > token.start + 40 ? "…" : ""}'`;
    // What ends too early is shown at its last character.
    const span = found.startsWith("'")
      ? { start: token.start, end: token.end }
      : { start: Math.max(0, this.lastEnd - 1), end: Math.max(this.lastEnd, 0) };
    return new SqlError("SYNTAX", `unexpected ${found}, expected ${expected}`, { span, hint });
  }

  /** A word here, or the word before that was taken for an alias, may be a misspelt keyword. */
  #hint(tried: readonly string[]): string | undefined {
    const { token } = this;
    const before = this.#index > 0 ? this.#tokens[this.#index - 1]! : undefined;
    if (
      token.kind === "symbol" &&
      before !== undefined &&
      before.end === token.start &&
      Object.hasOwn(FOREIGN_OPERATORS, before.text + token.text)
    ) {
      return FOREIGN_OPERATORS[before.text + token.text];
    }
    if (token.kind === "symbol" && token.text === ":") return FOREIGN_OPERATORS["::"];
    if (token.kind === "word") {
      const wanted = misspelt(
        token.text,
        tried.flatMap((t) => (/^[A-Z]/.test(t) ? [t.split(" ")[0]!] : [])),
      );
      if (wanted !== undefined) return wanted;
      if (RESERVED.has(token.text)) return undefined;
    }
    return before?.kind === "word" && !RESERVED.has(before.text) ? misspelt(before.text, CLAUSE_WORDS) : undefined;
  }

  /** An UNSUPPORTED error for what lies from `start` to the current token. */
  unsupported(what: string, start: number, hint?: string): SqlError {
    return this.error(
      "UNSUPPORTED",
      `${what} is not supported yet`,
      { start, end: Math.max(this.token.end, start) },
      hint,
    );
  }

  error(code: ErrorCode, message: string, span: Span, hint?: string): SqlError {
    return new SqlError(code, message, { span, hint });
  }

  /** Is this the end of the script? */
  isEnd(): boolean {
    return this.token.kind === "end";
  }

  /** Goes on at an offset behind what another lexer has read: the tokens from there on are made anew. */
  resumeAt(offset: number): void {
    const before = this.#tokens.slice(0, this.#index);
    // What has been read counts as one token, so that spans and errors end where it ends.
    const { start } = this.token;
    if (offset > start) before.push({ kind: "word", start, end: offset, text: "" });
    this.#index = before.length;
    this.#tokens = [...before, ...tokenize(this.source, offset)];
  }

  /** A new statement starts here. */
  beginStatement(): void {
    this.#statementIndex = this.#index;
    this.#nesting = 0;
    this.#height = 0;
  }

  /** After an error: on to the `;` that ends the statement, which in a statement set is the one after its END. */
  skipStatement(): void {
    this.#index = this.#statementIndex;
    // EXECUTE | BEGIN | EXPLAIN [EXECUTE | PLAN FOR …] STATEMENT SET
    const starts = ["EXECUTE", "BEGIN", "EXPLAIN"].some((word) => this.isWord(word));
    const inSet = starts && [1, 2, 3].some((n) => this.isWordAhead(n, "STATEMENT") && this.isWordAhead(n + 1, "SET"));
    let cases = 0;
    for (let closed = !inSet; !this.isEnd(); this.#index += 1) {
      if (closed && this.isSymbol(";")) return;
      if (this.isWord("CASE")) cases += 1;
      else if (this.isWord("END")) {
        closed ||= cases === 0;
        cases = Math.max(0, cases - 1);
      }
    }
  }
}
