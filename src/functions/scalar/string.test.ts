import { expect, test } from "vitest";
import type { SqlError } from "../../base/errors.ts";
import { T } from "../../types/data-type.ts";
import { valueText } from "../../types/value-text.ts";
import { bool, call, cast, dec, double, int, lit, shown, text, tryCall, type Term } from "../evaluate.test-helper.ts";

const none = lit(T.string(), null);
const bytes = (...values: number[]): Term => lit(T.binary(values.length), Uint8Array.from(values));

/** Values as Flink 2.2 gives them. */
test.each<[string, readonly Term[], string]>([
  ["UPPER", [text("ß")], "SS"],
  ["INITCAP", [text("björn åkesson")], "BjöRn åKesson"],
  ["CHAR_LENGTH", [text("😀a")], "2"],
  ["SUBSTRING", [text("hello"), int(0)], "hello"],
  ["SUBSTRING", [text("hello"), int(-2), int(9)], "lo"],
  ["SUBSTRING", [text("hello"), int(-9)], ""],
  ["SUBSTRING", [text("hello"), int(2), int(-1)], "NULL"],
  ["SUBSTRING", [text("😀abc"), int(2), int(2)], "ab"],
  ["LEFT", [text("abc"), int(-1)], ""],
  ["RIGHT", [text("abc"), int(-1)], ""],
  ["RIGHT", [text("a😀"), int(1)], "😀"],
  ["REVERSE", [text("a😀b")], "b😀a"],
  ["REPLACE", [text("abc"), text(""), text("-")], "-a-b-c-"],
  ["CONCAT_WS", [text("-"), text("a"), none, text(""), text("b")], "a--b"],
  ["CONCAT_WS", [none, text("a")], "NULL"],
  ["CONCAT", [text("a"), none], "NULL"],
  ["OVERLAY", [text("abcdef"), text("XY"), int(3)], "abXYef"],
  ["OVERLAY", [text("abcdef"), text("XY"), int(0)], "abcdef"],
  ["OVERLAY", [text("abcdef"), text("XY"), int(6)], "abcdeXY"],
  ["TRIM", [text("BOTH"), text(""), text("aba")], "aba"],
  ["TRIM", [text("TRAILING"), text(" "), text(" a ")], " a"],
  ["LTRIM", [text("xyabc"), text("yx")], "abc"],
  ["BTRIM", [text("xyaxy"), text("xy")], "a"],
  ["LPAD", [text("😀a"), int(3), text("x")], "😀a"],
  ["LPAD", [text("abc"), int(5), text("")], "NULL"],
  ["LPAD", [text("abc"), int(-1), text("x")], "NULL"],
  ["RPAD", [text("ab"), int(5), text("漢")], "ab漢漢漢"],
  ["POSITION", [text(""), text("abc")], "1"],
  ["LOCATE", [text("a"), text("banana"), int(3)], "4"],
  ["INSTR", [text("banana"), text("an"), int(-1), int(2)], "2"],
  ["INSTR", [text("banana"), text("a"), int(0)], "0"],
  ["INSTR", [text("banana"), text(""), int(1), int(2)], "1"],
  ["SPLIT_INDEX", [text("a,b,,d"), text(","), int(2)], ""],
  ["SPLIT_INDEX", [text(""), text(","), int(0)], "NULL"],
  ["SPLIT_INDEX", [text("a b"), text(""), int(1)], "b"],
  ["STARTSWITH", [bytes(1, 2), bytes(1)], "TRUE"],
  ["ENDSWITH", [text("abc"), text("")], "TRUE"],
  ["ASCII", [text("李")], "-26"],
  ["ASCII", [text("😀")], "-16"],
  ["CHR", [int(256 + 66)], "B"],
  ["CHR", [int(-1)], ""],
  ["ELT", [int(0), text("a")], "NULL"],
  ["TRANSLATE", [text("aab"), text("aa"), text("xy")], "xxb"],
  ["TRANSLATE", [text("abc"), none, text("x")], "abc"],
  ["TRANSLATE", [text("abc"), text("a"), none], "bc"],
  ["IS_DIGIT", [text("٣")], "TRUE"],
  ["IS_DECIMAL", [text(" 1.5f ")], "TRUE"],
  ["IS_DECIMAL", [text("1,5")], "FALSE"],
  ["IS_DECIMAL", [dec("1.5")], "FALSE"],
  ["IS_ALPHA", [none], "FALSE"],
  ["STR_TO_MAP", [text("zeta=1,b=2,alpha=3,k=4,x=5")], "{zeta=1, x=5, b=2, k=4, alpha=3}"],
  ["STR_TO_MAP", [text("a=1,a=2,b=3=4,,")], "{a=2, b=3=4}"],
  ["STR_TO_MAP", [text("a:1|b:2"), text("\\|"), text(":")], "{a=1, b=2}"],
  ["ENCODE", [text("é"), text("US-ASCII")], "x'3f'"],
  ["ENCODE", [text("é"), text("UTF-16")], "x'feff00e9'"],
  ["DECODE", [bytes(0x68, 0xe9), text("latin1")], "hé"],
  ["FROM_BASE64", [text("aGk")], "hi"],
  ["URL_DECODE", [text("%zz")], "NULL"],
  ["URL_DECODE", [text("%C3")], "\ufffd"],
  ["URL_ENCODE", [text("*-._~!'()")], "*-._%7E%21%27%28%29"],
])("%s %#", (name, args, expected) => {
  const { value, type } = call(name, args);
  expect(valueText(value, type, "UTC")).toBe(expected);
});

test.each<[string, readonly Term[], string]>([
  ["UPPER", [text("a")], "CHAR(1) NOT NULL"],
  ["SUBSTRING", [text("hello"), int(1)], "VARCHAR(5)"],
  ["TRIM", [text("BOTH"), text(" "), text("ab")], "VARCHAR(2) NOT NULL"],
  ["BTRIM", [text("ab")], "STRING NOT NULL"],
  ["OVERLAY", [text("abc"), text("de"), int(1)], "VARCHAR(5) NOT NULL"],
  ["SPLIT_INDEX", [text("a"), text(","), int(0)], "STRING"],
  ["CONCAT_WS", [text("-"), none], "STRING"],
  ["ELT", [int(1), text("a"), text("bcd")], "VARCHAR(3)"],
  ["MD5", [text("a")], "CHAR(32) NOT NULL"],
  ["TRANSLATE", [text("a"), none, none], "STRING NOT NULL"],
])("type of %s", (name, args, type) => {
  expect(shown(call(name, args)).endsWith(` ${type}`)).toBe(true);
});

test.each<[string, readonly Term[]]>([
  ["UPPER", [int(1)]],
  ["CONCAT", [text("a"), int(1)]],
  ["REPEAT", [text("a"), text("3")]],
  ["BTRIM", [int(1)]],
  ["STARTSWITH", [text("a"), bytes(1)]],
  ["DECODE", [text("a"), text("UTF-8")]],
  ["STR_TO_MAP", [text("a"), text("b")]],
  ["MD5", [int(1)]],
])("%s does not take %#", (name, args) => {
  expect(tryCall(name, args)).toBeUndefined();
});

test.each<[string, readonly Term[], string]>([
  ["INSTR", [text("a"), text("a"), int(1), int(0)], "INVALID_ARGUMENT"],
  ["FROM_BASE64", [text("!!!")], "INVALID_ARGUMENT"],
  ["ENCODE", [text("a"), text("nope")], "INVALID_ARGUMENT"],
  ["SHA2", [text("x"), int(1)], "INVALID_LITERAL"],
  ["LIKE", [text("a"), text("a!b"), text("!")], "INVALID_LITERAL"],
  ["LIKE", [text("a"), text("a"), text("xx")], "INVALID_LITERAL"],
  ["SIMILAR TO", [text("a"), text("(")], "INVALID_ARGUMENT"],
  ["LPAD", [text("a"), int(2_000_000_000), text("x")], "VALUE_OUT_OF_RANGE"],
])("%s fails %#", (name, args, code) => {
  expect(() => call(name, args)).toThrow(expect.objectContaining({ code }) as SqlError);
});

test.each<[string, string, string | undefined, string]>([
  ["a_c", "%!_%", "!", "TRUE"],
  ["100%", "%!%%", "!", "TRUE"],
  ["a\nc", "a%", undefined, "TRUE"],
  ["a\nc", "a_c", undefined, "FALSE"],
  ["a\\b", "a\\b", undefined, "TRUE"],
  ["a.c", "a_c", undefined, "TRUE"],
  ["abc", "a.c", undefined, "FALSE"],
  ["😀", "_", undefined, "TRUE"],
])("%s LIKE %s ESCAPE %s", (value, pattern, escape, expected) => {
  const args = [text(value), text(pattern), ...(escape === undefined ? [] : [text(escape)])];
  expect(shown(call("LIKE", args))).toBe(`${expected} BOOLEAN NOT NULL`);
});

test.each([
  ["a", "a|b", "TRUE"],
  ["abc", "a_c", "TRUE"],
  ["a1", "[[:ALPHA:]][[:DIGIT:]]", "TRUE"],
  ["aab", "a{2}b", "TRUE"],
  ["b", "[^a]", "TRUE"],
  ["aabb", "(a|b)+c?", "TRUE"],
  ["abc", "a.c", "TRUE"],
  ["ab\n", "a%", "TRUE"],
  ["a\nb", "a_b", "FALSE"],
  ["a\\d", "a\\d", "TRUE"],
  ["a$", "a$", "TRUE"],
])("%s SIMILAR TO %s", (value, pattern, expected) => {
  expect(shown(call("SIMILAR TO", [text(value), text(pattern)]))).toBe(`${expected} BOOLEAN NOT NULL`);
});

const float = (value: number): Term => cast(double(value), T.float());

/** As Flink, which calls Java's String.format. */
test.each<[string, readonly Term[], string]>([
  [
    "%d %s %5.2f %x %b %e",
    [int(1), text("a"), double(1.5), int(255), bool(true), double(12345.678)],
    "1 a  1.50 ff true 1.234568e+04",
  ],
  [
    "%,d %+d %(d %08.3f %-5d| %o %X %%",
    [int(1234567), int(5), int(-5), double(3.14159), int(42), int(8), int(255)],
    "1,234,567 +5 (5) 0003.142 42   | 10 FF %",
  ],
  ["%2$s %1$s %<s", [text("a"), text("b")], "b a a"],
  ["%s %s", [float(1.5), double(2)], "1.5 2.0"],
  ["%g", [double(0.0001234)], "0.000123400"],
  ["%g", [double(123456789)], "1.23457e+08"],
  ["%G", [double(0.00001234)], "1.23400E-05"],
  ["%.3s|%10s|%-10s|", [text("abcdef"), text("x"), text("y")], "abc|         x|y         |"],
  ["%x", [int(-1)], "ffffffff"],
  ["%x", [lit(T.tinyint(), -1)], "ff"],
  ["%c", [int(65)], "A"],
  ["%+,.2f", [double(-1234567.891)], "-1,234,567.89"],
  ["%(,.2f", [double(-1234567.891)], "(1,234,567.89)"],
  ["%010.2f", [double(-3.14159)], "-000003.14"],
  ["%.0f %.1f %.3f", [double(2.5), double(0.25), double(1.0005)], "3 0.3 1.001"],
  ["%f %f", [double(Number.NaN), double(-Infinity)], "NaN -Infinity"],
  ["%e", [double(0)], "0.000000e+00"],
  ["%s", [dec("1.50")], "1.50"],
  ["%5%|", [], "    %|"],
  ["%#x", [int(255)], "0xff"],
  ["%d", [text("x")], "NULL"],
  ["%f", [int(5)], "NULL"],
  ["%f", [dec("1.5")], "NULL"],
  ["%-08d", [int(5)], "NULL"],
  ["%3$s", [text("a")], "NULL"],
  ["%y", [text("a")], "NULL"],
  ["%", [], "NULL"],
])("PRINTF %s", (format, args, expected) => {
  expect(shown(call("PRINTF", [text(format), ...args]))).toBe(`${expected} STRING`);
});

test.each<[string, string, string | undefined, string]>([
  ["http://u:p@h.example:81/p/a?k=v&x=%20#r", "AUTHORITY", undefined, "u:p@h.example:81"],
  ["http://u:p@h.example:81/p/a?k=v&x=%20#r", "QUERY", "x", "%20"],
  ["http://h?x", "FILE", undefined, "?x"],
  ["http://h", "QUERY", undefined, "NULL"],
  ["file:///a/b", "HOST", undefined, ""],
  ["mailto:a@b", "PATH", undefined, "a@b"],
  ["HTTP://H.Example/", "HOST", undefined, "H.Example"],
  ["http://[::1]:80/x", "HOST", undefined, "[::1]"],
  ["http://h:abc/x", "HOST", undefined, "NULL"],
  [" http://h/x ", "PATH", undefined, "/x"],
  ["http:/h/p", "PATH", undefined, "/h/p"],
  ["https://a/../b", "PATH", undefined, "/../b"],
  ["http://@h/", "USERINFO", undefined, ""],
  ["foo://h/p", "HOST", undefined, "NULL"],
  ["http://h/p?k=v", "HOST", "k", "NULL"],
  ["http://h/p?k", "QUERY", "k", "NULL"],
  ["http://h/p", "nope", undefined, "NULL"],
])("PARSE_URL(%s, %s, %s)", (url, part, key, expected) => {
  const args = [text(url), text(part), ...(key === undefined ? [] : [text(key)])];
  expect(shown(call("PARSE_URL", args))).toBe(`${expected} STRING`);
});
