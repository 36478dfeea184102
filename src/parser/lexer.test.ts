import { expect, test } from "vitest";
import { tokenize } from "./lexer.ts";

function kinds(text: string): string[] {
  return tokenize(text)
    .slice(0, -1)
    .map((token) => (token.error === undefined ? `${token.kind}:${token.text}` : `error:${token.error.message}`));
}

test.each<[string, string[]]>([
  ["SELECT a", ["word:SELECT", "word:A"]],
  ["\ufeffSELECT", ["word:SELECT"]],
  ["größe 漢字 _a$1", ["word:GRÖSSE", "word:漢字", "word:_A$1"]],
  ["`a b` `x``y`", ["quoted:a b", "quoted:x`y"]],
  [
    "1 1.5 .5 1. 1E3 1e-7 1.5E+2",
    ["number:1", "number:1.5", "number:.5", "number:1.", "number:1E3", "number:1e-7", "number:1.5E+2"],
  ],
  ["a.b", ["word:A", "symbol:.", "word:B"]],
  ["'it''s' '' 'a\nb'", ["string:it's", "string:", "string:a\nb"]],
  ["N'x' n'y'", ["string:x", "string:y"]],
  ["_UTF8'ü' _utf-8'x' _ISO-8859-1'y'", ["string:ü", "string:x", "string:y"]],
  ["_klingon'x'", ["error:unknown character set 'klingon'"]],
  ["_a - 1", ["word:_A", "symbol:-", "number:1"]],
  ["x'00fF' X''", ["binary:00fF", "binary:"]],
  [
    "x'0' x'zz'",
    [
      "error:a binary literal needs an even number of hexadecimal digits, not '0'",
      "error:a binary literal needs an even number of hexadecimal digits, not 'zz'",
    ],
  ],
  ["U&'caf\\00e9' u&'x'", ["unicode:caf\\00e9", "unicode:x"]],
  [String.raw`E'a\tb\n\\\'\x41\u00e9\U0001f600\101\q'`, ["string:a\tb\n\\'A\u00e9😀Aq"]],
  [String.raw`E'\u12'`, ["error:'\\u' needs 4 hexadecimal digits"]],
  [String.raw`'\n'`, [String.raw`string:\n`]],
  ["a -- comment 'x\nb /* c; */ d --", ["word:A", "word:B", "word:D"]],
  [
    "a /*+ OPTIONS('k'='v') */ b */ c",
    [
      "word:A",
      "symbol:/*+",
      "word:OPTIONS",
      "symbol:(",
      "string:k",
      "symbol:=",
      "string:v",
      "symbol:)",
      "symbol:*/",
      "word:B",
      "symbol:*",
      "symbol:/",
      "word:C",
    ],
  ],
  [
    "<> != <= >= < > = || => ,",
    [
      "symbol:<>",
      "symbol:!=",
      "symbol:<=",
      "symbol:>=",
      "symbol:<",
      "symbol:>",
      "symbol:=",
      "symbol:||",
      "symbol:=>",
      "symbol:,",
    ],
  ],
  ["a-b a--b", ["word:A", "symbol:-", "word:B", "word:A"]],
  ["'abc", ["error:the string that starts here has no closing quote"]],
  ["E'abc\\'", ["error:the string that starts here has no closing quote"]],
  ["`abc", ["error:the identifier that starts here has no closing backquote"]],
  ["``", ["error:an identifier may not be empty"]],
  ["/* abc", ["error:the comment that starts here has no end"]],
  ['"a"', ["error:unexpected character '\"'", "word:A", "error:unexpected character '\"'"]],
  ["@ # 😀", ["error:unexpected character '@'", "error:unexpected character '#'", "word:😀"]],
])("%j", (text, expected) => {
  expect(kinds(text)).toEqual(expected);
});

test("tokens have their places in the text", () => {
  const text = "SELECT  `a`, 'b''c' -- x\n  FROM t";
  expect(tokenize(text).map(({ start, end }) => text.slice(start, end))).toEqual([
    "SELECT",
    "`a`",
    ",",
    "'b''c'",
    "FROM",
    "t",
    "",
  ]);
});
