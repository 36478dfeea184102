import { SqlError } from "../base/errors.ts";
import { decodeCString } from "./string-literal.ts";
import type { Token, TokenKind } from "./token.ts";

const CHARSETS = new Set([
  "UTF8",
  "UTF16",
  "UTF16LE",
  "UTF16BE",
  "LATIN1",
  "ISO88591",
  "USASCII",
  "ASCII",
  "GBK",
  "BIG5",
]);

const TWO_CHARACTER_SYMBOLS = new Set(["<>", "!=", "<=", ">=", "||", "=>"]);

/** What people write from other dialects, and what to write here. */
const FOREIGN: Readonly<Record<string, string>> = {
  '"': "a string is written in single quotes, an identifier in backquotes",
  "!": "write NOT, or <> for 'not equal'",
  "&": "there are no bit operators; write AND for 'and'",
  "|": "write || to concatenate, OR for 'or'",
  "“": "use the plain quote '",
  "”": "use the plain quote '",
  "‘": "use the plain quote '",
  "’": "use the plain quote '",
};

/**
 * All tokens of a script, the last of kind `end`. Comments and blanks are left out; a hint comes as
 * two symbols, its opening and its closing mark, around ordinary tokens. Never throws: what is no token becomes an `error` token.
 * `from`: where to begin; offsets are into the whole text all the same.
 */
export function tokenize(text: string, from = 0): Token[] {
  return new Lexer(text, from).run();
}

class Lexer {
  readonly #text: string;
  readonly #tokens: Token[] = [];
  #at: number;
  #inHint = false;

  constructor(text: string, from: number) {
    this.#text = text;
    this.#at = from;
  }

  run(): Token[] {
    const text = this.#text;
    // A byte order mark at the start is no part of the script.
    if (this.#at === 0 && text.charCodeAt(0) === 0xfeff) this.#at = 1;
    while (this.#at < text.length) this.#next();
    this.#push("end", text.length, "");
    return this.#tokens;
  }

  #push(kind: TokenKind, start: number, text: string, error?: SqlError): void {
    this.#tokens.push(
      error === undefined ? { kind, start, end: this.#at, text } : { kind, start, end: this.#at, text, error },
    );
  }

  #error(start: number, message: string, hint?: string): void {
    this.#push(
      "error",
      start,
      this.#text.slice(start, this.#at),
      new SqlError("SYNTAX", message, { span: { start, end: this.#at }, hint }),
    );
  }

  #next(): void {
    const text = this.#text;
    const start = this.#at;
    const code = text.charCodeAt(start);
    if (code <= 32 || code === 0xa0 || code === 0x3000 || code === 0xfeff) {
      this.#at += 1;
    } else if (isWordStart(code)) {
      this.#word(start);
    } else if (isDigit(code) || (code === 46 && isDigit(text.charCodeAt(start + 1)))) {
      this.#number(start);
    } else if (code === 39) {
      this.#string("string", start, start);
    } else if (code === 96) {
      this.#quotedIdentifier(start);
    } else if ((code === 45 || code === 47) && text.charCodeAt(start + 1) === code) {
      // `--` and, as in Flink, `//` up to the end of the line.
      const end = text.indexOf("\n", start);
      this.#at = end < 0 ? text.length : end + 1;
    } else if (code === 47 && text.charCodeAt(start + 1) === 42) {
      this.#comment(start);
    } else {
      this.#symbol(start);
    }
  }

  #word(start: number): void {
    const text = this.#text;
    let end = start + 1;
    while (end < text.length && isWordPart(text.charCodeAt(end))) end++;
    const following = text.charCodeAt(end);
    if (
      following === 39 ||
      (following === 38 && text.charCodeAt(end + 1) === 39) ||
      (following === 45 && text[start] === "_")
    ) {
      if (this.#prefixedString(start, end)) return;
    }
    this.#at = end;
    this.#push("word", start, text.slice(start, end).toUpperCase());
  }

  /** `x'00'`, `N'…'`, `E'…'`, `U&'…'`, `_UTF8'…'`; false when the word is no such prefix. */
  #prefixedString(start: number, end: number): boolean {
    const text = this.#text;
    if (text.charCodeAt(end) === 38) {
      if (text.slice(start, end).toUpperCase() !== "U") return false;
      this.#string("unicode", start, end + 1);
      return true;
    }
    if (text[start] === "_") {
      const charset = /[\w.:-]+(?=')/y;
      charset.lastIndex = start + 1;
      const name = charset.exec(text)?.[0];
      if (name === undefined) return false;
      this.#string("string", start, start + 1 + name.length);
      if (!CHARSETS.has(name.toUpperCase().replaceAll(/[-_]/g, ""))) {
        this.#tokens.pop();
        this.#error(start, `unknown character set '${name}'`);
      }
      return true;
    }
    switch (text.slice(start, end).toUpperCase()) {
      case "N":
        this.#string("string", start, end);
        return true;
      case "X":
        this.#string("binary", start, end);
        return true;
      case "E":
        this.#cString(start, end);
        return true;
      default:
        return false;
    }
  }

  /** A string whose opening quote is at `quote`. */
  #string(kind: "string" | "unicode" | "binary", start: number, quote: number): void {
    const text = this.#text;
    let end = text.indexOf("'", quote + 1);
    while (end >= 0 && text.charCodeAt(end + 1) === 39) end = text.indexOf("'", end + 2);
    if (end < 0) return this.#unterminated(start);
    this.#at = end + 1;
    const content = text.slice(quote + 1, end).replaceAll("''", "'");
    if (kind === "binary" && (content.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(content))) {
      return this.#error(start, `a binary literal needs an even number of hexadecimal digits, not '${content}'`);
    }
    this.#push(kind, start, content);
  }

  #cString(start: number, quote: number): void {
    const text = this.#text;
    let end = quote + 1;
    for (; ; end++) {
      const code = text.charCodeAt(end);
      if (Number.isNaN(code)) return this.#unterminated(start);
      if (code === 92) end++;
      else if (code === 39) {
        if (text.charCodeAt(end + 1) !== 39) break;
        end++;
      }
    }
    this.#at = end + 1;
    try {
      this.#push("string", start, decodeCString(text.slice(quote + 1, end), { start, end: end + 1 }));
    } catch (error) {
      if (!(error instanceof SqlError)) throw error;
      this.#push("error", start, text.slice(start, end + 1), error);
    }
  }

  #unterminated(start: number): void {
    this.#at = this.#text.length;
    this.#error(
      start,
      "the string that starts here has no closing quote",
      "a quote inside a string is written twice: 'it''s'",
    );
  }

  #quotedIdentifier(start: number): void {
    const text = this.#text;
    let end = text.indexOf("`", start + 1);
    while (end >= 0 && text.charCodeAt(end + 1) === 96) end = text.indexOf("`", end + 2);
    if (end < 0) {
      this.#at = text.length;
      return this.#error(start, "the identifier that starts here has no closing backquote");
    }
    this.#at = end + 1;
    if (end === start + 1) return this.#error(start, "an identifier may not be empty");
    this.#push("quoted", start, text.slice(start + 1, end).replaceAll("``", "`"));
  }

  #number(start: number): void {
    const pattern = /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/y;
    pattern.lastIndex = start;
    const digits = pattern.exec(this.#text)?.[0] ?? "";
    this.#at = start + digits.length;
    this.#push("number", start, digits);
  }

  #comment(start: number): void {
    const text = this.#text;
    if (text.charCodeAt(start + 2) === 43 && !this.#inHint) {
      this.#inHint = true;
      this.#at = start + 3;
      this.#push("symbol", start, "/*+");
      return;
    }
    const end = text.indexOf("*/", start + 2);
    this.#at = end < 0 ? text.length : end + 2;
    if (end < 0) this.#error(start, "the comment that starts here has no end");
  }

  #symbol(start: number): void {
    const text = this.#text;
    const two = text.slice(start, start + 2);
    if (this.#inHint && two === "*/") {
      this.#inHint = false;
      this.#at = start + 2;
      return this.#push("symbol", start, two);
    }
    if (TWO_CHARACTER_SYMBOLS.has(two)) {
      this.#at = start + 2;
      return this.#push("symbol", start, two);
    }
    const symbol = String.fromCodePoint(text.codePointAt(start) ?? 0);
    this.#at = start + symbol.length;
    if (symbol === ";") this.#inHint = false;
    if ("()[]{},.;+-*/%=<>?:".includes(symbol)) return this.#push("symbol", start, symbol);
    this.#error(start, `unexpected character '${symbol}'`, FOREIGN[symbol]);
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWordStart(code: number): boolean {
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    code === 95 ||
    code === 36 ||
    (code > 127 && isLetterBeyondAscii(code))
  );
}

function isWordPart(code: number): boolean {
  return isWordStart(code) || isDigit(code);
}

/** Letters of other scripts, and surrogates, of which all but letters are rare in a script. */
function isLetterBeyondAscii(code: number): boolean {
  return /[\p{L}\p{N}\p{M}\p{Cs}]/u.test(String.fromCharCode(code));
}
