import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";

const SIMPLE_ESCAPES: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

const C_ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([\s\S]))/g;

/**
 * The text of `E'…'` between its quotes: `\n`, `\t`, `\b`, `\f`, `\r`, `\ooo`, `\xhh`, `\uhhhh`, `\Uhhhhhhhh`; any other
 * escaped character stands for itself. Throws SYNTAX for an unfinished or impossible `\u`.
 */
export function decodeCString(content: string, span: Span): string {
  return content.replaceAll("''", "'").replace(C_ESCAPE, (whole, octal, hex, short, long, other) => {
    const digits = hex ?? short ?? long;
    if (digits !== undefined) return codePoint(parseInt(digits, 16), whole, span);
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    if (other === "u" || other === "U")
      throw malformed(`'${whole}' needs ${other === "u" ? 4 : 8} hexadecimal digits`, span);
    return SIMPLE_ESCAPES[other] ?? other;
  });
}

/**
 * The text of `U&'…'` (quotes already resolved): `\hhhh`, `\+hhhhhh`, and the doubled escape character for itself.
 * Throws SYNTAX for an escape that is none of these.
 */
export function decodeUnicodeString(content: string, escape: string, span: Span): string {
  if (!content.includes(escape)) return content;
  let out = "";
  for (let i = 0; i < content.length;) {
    const next = content.indexOf(escape, i);
    if (next < 0) return out + content.slice(i);
    out += content.slice(i, next);
    if (content[next + 1] === escape) {
      out += escape;
      i = next + 2;
      continue;
    }
    const long = content[next + 1] === "+";
    const from = next + (long ? 2 : 1);
    const digits = content.slice(from, from + (long ? 6 : 4));
    if (!(long ? /^[0-9a-fA-F]{6}$/ : /^[0-9a-fA-F]{4}$/).test(digits)) {
      throw malformed(`'${content.slice(next, from + digits.length)}' is no Unicode escape`, span);
    }
    out += codePoint(parseInt(digits, 16), digits, span);
    i = from + digits.length;
  }
  return out;
}

/** Throws SYNTAX unless `escape` may follow UESCAPE: one character, no hex digit, blank, quote or plus sign. */
export function checkUnicodeEscape(escape: string, span: Span): void {
  if (escape.length !== 1 || /[0-9a-fA-F\s+"']/.test(escape)) {
    throw malformed("UESCAPE takes one character that is not a hexadecimal digit, a blank, a quote or '+'", span);
  }
}

function codePoint(code: number, written: string, span: Span): string {
  if (code > 0x10ffff) throw malformed(`'${written}' is beyond the last Unicode character`, span);
  return String.fromCodePoint(code);
}

function malformed(message: string, span: Span): SqlError {
  return new SqlError("SYNTAX", message, { span });
}
