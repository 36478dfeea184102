import type { SqlError } from "../base/errors.ts";

/**
 * `word`: an unquoted identifier or keyword. `quoted`: an identifier in backquotes. `unicode`: `U&'…'`, its escapes not
 * yet resolved because the escape character may follow (`UESCAPE '!'`). `binary`: `x'…'`. `error`: text that is no
 * token; it is reported only when the parser comes to it.
 */
export type TokenKind = "word" | "quoted" | "number" | "string" | "unicode" | "binary" | "symbol" | "end" | "error";

/** One token of the script. */
export interface Token {
  readonly kind: TokenKind;
  /** UTF-16 offsets in the script text. */
  readonly start: number;
  readonly end: number;
  /** Word: in upper case. Quoted, string, binary: the content. Number, symbol: as written. End: empty. */
  readonly text: string;
  readonly error?: SqlError | undefined;
}
