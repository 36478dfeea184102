import { expect, test } from "vitest";
import type { SqlError } from "../../base/errors.ts";
import { valueText } from "../../types/value-text.ts";
import { call, int, text, type Term } from "../evaluate.test-helper.ts";
import { javaSplit } from "./java-regex/split.ts";
import { compileJavaRegex } from "./java-regex/translate.ts";

function textOf(name: string, args: readonly Term[]): string {
  const { value, type } = call(name, args);
  return valueText(value, type, "UTC");
}

test("(?u) finds the cases of letters that are not ASCII", () => {
  const matches = (pattern: string, sample: string): boolean =>
    new RegExp(compileJavaRegex(pattern)!.regexp.source, "v").test(sample);
  expect(matches("(?iu)^é$", "É")).toBe(true);
  expect(matches("(?i)^é$", "É")).toBe(false);
  expect(matches("(?iu)^[а-я]+$", "ДА")).toBe(true);
  expect(matches("(?iu)^[^é]$", "É")).toBe(false);
});

/** Values as Flink 2.2 gives them, except for groups in replacements. */
test.each<[string, readonly Term[], string]>([
  ["REGEXP", [text("abc"), text("")], "FALSE"],
  ["REGEXP", [text("abc"), text("(")], "FALSE"],
  ["REGEXP", [text("a\nb"), text("a.b")], "FALSE"],
  ["REGEXP_EXTRACT", [text("abc"), text("b(x)?"), int(1)], "NULL"],
  ["REGEXP_EXTRACT", [text("abc"), text("(b)"), int(5)], "NULL"],
  ["REGEXP_EXTRACT", [text("abc"), text("b"), int(-1)], "NULL"],
  ["REGEXP_EXTRACT", [text("abc"), text("")], ""],
  ["REGEXP_EXTRACT", [text("foo123"), text("(?<word>[a-z]+)\\d"), int(1)], "foo"],
  ["REGEXP_REPLACE", [text("abc"), text(""), text("-")], "-a-b-c-"],
  ["REGEXP_REPLACE", [text("a.b"), text("\\."), text("\\\\")], "a\\\\b"],
  ["REGEXP_REPLACE", [text("aXbX"), text("(?i)x"), text(".")], "a.b."],
  ["REGEXP_REPLACE", [text("x-y 7"), text("(\\w)-(\\w)"), text("$2-$1 $9 ${n} $")], "y-x $9 ${n} $ 7"],
  ["REGEXP_REPLACE", [text("ab"), text("(?<n>a)"), text("<${n}$10>")], "<aa0>b"],
  ["REGEXP_COUNT", [text("abcabc"), text("")], "7"],
  ["REGEXP_COUNT", [text("😀b"), text(".")], "2"],
  ["REGEXP_COUNT", [text("abc"), text("(")], "NULL"],
  ["REGEXP_INSTR", [text("😀b"), text("b")], "3"],
  ["REGEXP_SUBSTR", [text(""), text("a*")], ""],
  ["REGEXP_EXTRACT_ALL", [text("a1b2"), text("([a-z])(\\d)")], "[a, b]"],
  ["REGEXP_EXTRACT_ALL", [text("a1b2"), text("([a-z])(\\d)"), int(0)], "[a1, b2]"],
  ["REGEXP_EXTRACT_ALL", [text("a1b2"), text("([a-z])(\\d)"), int(3)], "NULL"],
  ["REGEXP_EXTRACT_ALL", [text("ab"), text("(a)|(b)")], "[a, NULL]"],
  ["REGEXP_EXTRACT_ALL", [text("ab"), text("x")], "NULL"],
  ["REGEXP_EXTRACT_ALL", [text("ab"), text("(x)")], "[]"],
])("%s %#", (name, args, expected) => {
  expect(textOf(name, args)).toBe(expected);
});

/** All matches of a pattern of Java. */
function matches(pattern: string, subject: string): readonly string[] | undefined {
  const compiled = compileJavaRegex(pattern);
  return compiled === undefined ? undefined : Array.from(subject.matchAll(compiled.regexp), (match) => match[0]);
}

test.each<[string, string, readonly string[]]>([
  ["a++b", "aaab ab", ["aaab", "ab"]],
  ["a*+a", "aaa", []],
  ["(?>a|ab)c", "abc ac", ["ac"]],
  ["x(?i)y(?-i)z", "xYz xyZ", ["xYz"]],
  ["(?i:ab)c", "ABc ABC", ["ABc"]],
  ["(?i)[a-c]+", "aBCd", ["aBC"]],
  ["(?s)a.b", "a\nb", ["a\nb"]],
  ["(?s)a.*b", "a\n\nb", ["a\n\nb"]],
  ["(?m)^\\w+$", "ab\ncd\r\nef", ["ab", "cd", "ef"]],
  ["(?x) a b # comment\n c", "abc", ["abc"]],
  ["\\Qa.b\\E+", "a.bb", ["a.bb"]],
  ["a\\Z", "a\n", ["a"]],
  ["a$", "a\nb", []],
  ["\\Aab\\z", "ab", ["ab"]],
  ["\\h\\v\\R", " \n\r\n", [" \n\r\n"]],
  ["[a-z&&[^aeiou]]+", "hello", ["h", "ll"]],
  ["[a-c[x-z]]+", "axyd", ["axy"]],
  ["[\\w&&[^\\d]]+", "ab12c", ["ab", "c"]],
  ["[]a]+", "]a]", ["]a]"]],
  ["[^-a]+", "b-c", ["b", "c"]],
  ["\\p{Alpha}+", "aé", ["a"]],
  ["\\p{L}+", "aé1", ["aé"]],
  ["\\p{IsGreek}+", "aβγ", ["βγ"]],
  ["\\P{Punct}+", "a.b", ["a", "b"]],
  ["\\p{Lu}\\pL", "aBc", ["Bc"]],
  ["\\w+", "aé", ["a"]],
  ["\\bé\\b", "é aé", ["é"]],
  ["(a)(b)?\\1", "aa", ["aa"]],
  ["(?<x>a)\\k<x>", "aa", ["aa"]],
  ["(?<=a)b(?!c)", "abc ab", ["b"]],
  ["\\x41\\u0042\\x{43}\\0104\\cA", "ABCD\x01", ["ABCD\x01"]],
  ["a{2,3}?", "aaaa", ["aa", "aa"]],
  ["a|b|", "b", ["b", ""]],
  ["}]", "}]", ["}]"]],
  ["(?:^)*a", "a", ["a"]],
  [".", "😀", ["😀"]],
])("Java's %s in %j", (pattern, subject, expected) => {
  expect(matches(pattern, subject)).toEqual(expected);
});

test.each([
  "(",
  ")",
  "[a",
  "a**",
  "*a",
  "a{",
  "a{x}",
  "\\y",
  "(?<1>a)",
  "\\k<x>",
  "[b-a]",
  "(?<x>a)(?<x>b)",
  "\\p{Nope}",
])("Java refuses %s", (pattern) => {
  expect(matches(pattern, "")).toBeUndefined();
});

test.each(["\\X", "\\G", "\\b{g}", "(?U)a", "\\p{InGreek}"])("%s is not supported", (pattern) => {
  expect(() => matches(pattern, "")).toThrow(expect.objectContaining({ code: "UNSUPPORTED" }) as SqlError);
});

test.each<[string, string, number, readonly string[]]>([
  ["a,b,,", ",", 0, ["a", "b"]],
  ["a,b,,", ",", 2, ["a", "b,,"]],
  ["abc", "", 0, ["a", "b", "c"]],
  ["", ",", 0, [""]],
  [",a", ",", 0, ["", "a"]],
  [",", ",", 0, []],
])("split of %j at %j", (subject, pattern, limit, expected) => {
  expect(javaSplit(subject, compileJavaRegex(pattern)!, limit)).toEqual(expected);
});
