import { expect, test } from "vitest";
import type { SqlError } from "../../base/errors.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { valueText } from "../../types/value-text.ts";
import {
  bool,
  bigint,
  call,
  cast,
  col,
  date,
  dec,
  double,
  int,
  lit,
  text,
  timestamp,
  tryCall,
  type Term,
} from "../evaluate.test-helper.ts";

const none = lit(T.string(), null);

function textOf(name: string, args: readonly Term[]): string {
  const { value, type } = call(name, args);
  return valueText(value, type, "UTC");
}

/** The clauses as the binder hands them over. */
function clauses(...parts: readonly (string | Term | DataType)[]): readonly Term[] {
  return parts.map((part) => (typeof part === "string" ? text(part) : "kind" in part ? lit(part, null) : part));
}

test.each<[string, string, readonly Term[], string]>([
  ['{"a":"x"}', "$.a", [], "x"],
  ['{"b":{"c":[10,20]}}', "$.b.c[1]", clauses("RETURNING", T.int()), "20"],
  ['{"a":1}', "lax $.b", clauses("DEFAULT ON EMPTY", text("d")), "d"],
  ['{"a":1}', "$.b", clauses("DEFAULT ON EMPTY", text("d")), "NULL"],
  ['{"a":1}', "strict $.b", clauses("DEFAULT ON ERROR", text("e")), "e"],
  ['{"a":{}}', "lax $.a", clauses("DEFAULT ON EMPTY", text("e"), "DEFAULT ON ERROR", text("x")), "e"],
  ['{"a":{}}', "strict $.a", clauses("DEFAULT ON EMPTY", text("e"), "DEFAULT ON ERROR", text("x")), "x"],
  ["nope", "lax $.a", clauses("DEFAULT ON EMPTY", text("e"), "DEFAULT ON ERROR", text("x")), "e"],
  ['{"a":1.5}', "$.a", clauses("RETURNING", T.double()), "1.5"],
  ['{"a":true}', "$.a", clauses("RETURNING", T.boolean()), "TRUE"],
  ['{"a":"xyzzy"}', "$.a", clauses("RETURNING", T.varchar(3)), "xyz"],
  ['{"a":1}', "$.b", clauses("RETURNING", T.int(), "DEFAULT ON ERROR", int(5)), "5"],
  ['{"a":[1,2,3]}', "$.a[-1]", [], "3"],
  ['{"a":[1]}', "$.a[*]", [], "NULL"],
  ['{"a":[1,2,3]}', "$.a.length()", [], "3"],
  ['{"a":[3,1,2]}', "$.a.max()", [], "3.0"],
  ['{"a":[3,1,2]}', "$.a.first()", [], "3"],
  ['{"a b":1}', '$["a b"]', [], "1"],
  ['{"a-b":4}', "$.a-b", [], "4"],
  ['{"$x":3}', "$.$x", [], "3"],
  ['{"a":3}', "a", [], "3"],
  ['{"a":3}', "$ .a", [], "NULL"],
  ['{"a":3}', " lax  $.a ", [], "3"],
  ["5", "$", [], "5"],
  ['{"a":1}', "lax $[", [], "NULL"],
  ['{"a":1e2}', "$.a", [], "1E+2"],
  ['{"a":0.1e-5}', "$.a", [], "0.000001"],
  ['{"a":12345678901234567890}', "$.a", [], "12345678901234567890"],
  ['{"a":1.50}', "$.a", [], "1.50"],
  ['{"a":-0.0}', "$.a", [], "0.0"],
  ['{"a":1,"a":2}', "$.a", [], "2"],
  ['{"a":1} x', "$.a", [], "1"],
])("JSON_VALUE(%s, %s) %#", (document, path, more, expected) => {
  expect(textOf("JSON_VALUE", [text(document), text(path), ...more])).toBe(expected);
});

test.each<[string, string, readonly Term[], string]>([
  ['{"a":1}', "$.b", clauses("ERROR ON ERROR"), "INVALID_ARGUMENT"],
  ['{"a":1}', "lax $.b", clauses("ERROR ON EMPTY"), "INVALID_ARGUMENT"],
  ['{"a":1}', "$.a", clauses("RETURNING", T.double()), "INVALID_CAST"],
  ['{"a":"7"}', "$.a", clauses("RETURNING", T.int()), "INVALID_CAST"],
  ['{"a":12345678901}', "$.a", clauses("RETURNING", T.int()), "INVALID_CAST"],
  ['{"a":1}', "$.a", clauses("RETURNING", T.bigint()), "INVALID_QUERY"],
  ['{"a":1}', "$.a[?(@ =~ /x/)]", [], "UNSUPPORTED"],
])("JSON_VALUE(%s, %s) fails %#", (document, path, more, code) => {
  const run = (): Term => call("JSON_VALUE", [text(document), text(path), ...more]);
  expect(run).toThrow(expect.objectContaining({ code }) as SqlError);
});

const EMPTIES = clauses("EMPTY ARRAY ON EMPTY", "EMPTY OBJECT ON ERROR");

test.each<[string, string, readonly Term[], string]>([
  ['{"b":{"c":[10,20]}}', "$.b", [], '{"c":[10,20]}'],
  ['{"b":{"d":1e2,"c":1.0,"a":"/é\\n<"}}', "$.b", [], '{"a":"/é\\n<","c":1.0,"d":1E+2}'],
  ['{"a":1}', "$.a", [], "NULL"],
  ['{"a":1}', "$.a", clauses("WITH UNCONDITIONAL WRAPPER"), "[1]"],
  ['{"a":[1]}', "$.a", clauses("WITH CONDITIONAL WRAPPER"), "[1]"],
  ['{"a":{"z":1,"b":2}}', "$.a", clauses("WITH CONDITIONAL WRAPPER"), '[{"b":2,"z":1}]'],
  ['{"a":null}', "lax $.a", clauses("WITH UNCONDITIONAL WRAPPER"), "NULL"],
  ['{"a":null}', "lax $.a", EMPTIES, "[]"],
  ["nope", "lax $.a", EMPTIES, "[]"],
  ["{}", "strict $.a", EMPTIES, "{}"],
  ['{"a":"s"}', "strict $.a", EMPTIES, "{}"],
  ['{"a":"s"}', "lax $.a", EMPTIES, "[]"],
  ['{"a":1}', "$.zz[*]", EMPTIES, "{}"],
  ['{"a":1}', "lax $.zz[*]", EMPTIES, "[]"],
  ['{"a":1}', "$.a[*]", EMPTIES, "[]"],
  ['{"a":1}', "$.a[0]", EMPTIES, "{}"],
  ['{"a":1}', "$.a.b", EMPTIES, "{}"],
  ['{"a":[{"b":1},{"c":1}]}', "$.a[*].b", EMPTIES, "[1]"],
  ['{"a":[{"b":1},{"b":2}]}', "$..b", [], "[1,2]"],
  ['{"a":[{"b":1},{"b":2}]}', "$..zz", EMPTIES, "[]"],
  ['{"a":[1,2,3]}', "$.a[0,2]", [], "[1,3]"],
  ['{"a":[1,2,3]}', "$.a[1:]", [], "[2,3]"],
  ['{"a":{"x":1,"y":2}}', "$.a.*", [], "[1,2]"],
  ['{"a":{"x":1,"y":2,"z":3}}', "$.a['x','y']", [], '{"x":1,"y":2}'],
  ['{"a":[{"b":1},{"b":2}]}', "$.a[?(@.b>1)]", [], '[{"b":2}]'],
  ['{"a":[{"b":1,"c":"x"},{"b":2}]}', "$.a[?(@.c == 'x' && @.b < 5)].b", [], "[1]"],
  ['{"a":[{"b":1,"c":"x"},{"b":2}]}', "$.a[?(!@.c || @.b in [7])].b", [], "[2]"],
  ['{"a":[1,"x",null,1.50,true]}', "$.a", clauses("RETURNING", T.array(T.string())), "[1, x, NULL, 1.50, true]"],
  ['{"a":{}}', "$.a", clauses("RETURNING", T.array(T.string())), "NULL"],
])("JSON_QUERY(%s, %s) %#", (document, path, more, expected) => {
  expect(textOf("JSON_QUERY", [text(document), text(path), ...more])).toBe(expected);
});

test.each<[string, string, readonly Term[], string]>([
  ['{"a":1}', "$.a", [], "TRUE"],
  ['{"a":null}', "$.a", [], "FALSE"],
  ['{"a":[]}', "$.a[*]", [], "TRUE"],
  ["nope", "strict $.b", clauses("UNKNOWN ON ERROR"), "NULL"],
  ["nope", "lax $.b", clauses("TRUE ON ERROR"), "FALSE"],
  ['{"a":1}', "$.b", clauses("TRUE ON ERROR"), "TRUE"],
])("JSON_EXISTS(%s, %s) %#", (document, path, more, expected) => {
  expect(textOf("JSON_EXISTS", [text(document), text(path), ...more])).toBe(expected);
});

test.each([
  ["1 2", true],
  ["", false],
  ['{"a":1,}', false],
  ["{a:1}", false],
  ["01", false],
  ["'x'", false],
  ["NaN", false],
  ["null", true],
  ['{"a":1,"a":2}', true],
  ["[1,]", false],
  ["1.", false],
  ["+1", false],
  [".5", false],
  ["-", false],
  ['"a\nb"', false],
  ["truex", false],
  ["[".repeat(2000), false],
])("%j IS JSON: %s", (written, expected) => {
  expect(call("IS JSON VALUE", [text(written)]).value).toBe(expected);
});

test("kinds of JSON", () => {
  const kinds = (written: string): readonly unknown[] =>
    ["OBJECT", "ARRAY", "SCALAR"].map((kind) => call(`IS JSON ${kind}`, [text(written)]).value);
  expect(kinds("{} x")).toEqual([true, false, false]);
  expect(kinds(" [] ")).toEqual([false, true, false]);
  expect(kinds("null")).toEqual([false, false, true]);
  expect(call("IS JSON VALUE", [none]).value).toBe(false);
});

const array = (type: DataType, values: readonly number[]): Term => lit(T.array(type), values);

test.each<[string, readonly Term[], string, string]>([
  ["JSON_ARRAY", [int(1), text("x"), bool(true), lit(T.int(), null)], ";", '[1,"x",true]'],
  ["JSON_ARRAY", [lit(T.int(), null)], "NULL ON NULL;", "[null]"],
  [
    "JSON_ARRAY",
    [timestamp("2024-01-01 01:02:03.450"), timestamp("2024-01-01 00:00:00")],
    ";",
    '["2024-01-01T01:02:03.45","2024-01-01T00:00:00"]',
  ],
  ["JSON_ARRAY", [lit(T.timestampLtz(3), 1_704_067_200_000)], ";", '["2024-01-01T00:00:00Z"]'],
  [
    "JSON_ARRAY",
    [double(1.5), double(1), double(1e20), double(1e-7), double(12345678)],
    ";",
    "[1.5,1.0,1.0E+20,1.0E-7,12345678]",
  ],
  ["JSON_ARRAY", [double(Number.NaN), cast(double(0.1), T.float())], ";", '["NaN",0.10000000149011612]'],
  ["JSON_ARRAY", [lit(T.bytes(), new Uint8Array([0, 255])), bigint(5n), dec("1.5000")], ";", '["AP8=",5,1.5000]'],
  ["JSON_ARRAY", [text("[1]"), text("[1]")], ";1", '["[1]",[1]]'],
  ["JSON_OBJECT", [text("a"), int(1), text("a"), int(2)], ";", '{"a":2}'],
  ["JSON_OBJECT", [text("n"), none], "ABSENT ON NULL;", "{}"],
  ["JSON_OBJECT", [text("n"), none], ";", '{"n":null}'],
  ["JSON_OBJECT", [text("b"), array(T.int(), [1, 2]), text("a"), text('q"\\')], ";", '{"a":"q\\"\\\\","b":[1,2]}'],
])("%s %#", (name, args, options, expected) => {
  expect(textOf(name, [...args, text(options)])).toBe(expected);
});

test.each<[string, readonly Term[], string]>([
  ["JSON_ARRAY", [date("2024-01-01"), text(";")], "INVALID_QUERY"],
  ["JSON_ARRAY", [text("nope"), text(";0")], "INVALID_ARGUMENT"],
  ["JSON_OBJECT", [none, int(1), text(";")], "INVALID_QUERY"],
  ["JSON_OBJECT", [col(none), int(1), text(";")], "INVALID_ARGUMENT"],
])("%s fails %#", (name, args, code) => {
  expect(() => call(name, args)).toThrow(expect.objectContaining({ code }) as SqlError);
});

test("what JSON_OBJECT does not take", () => {
  expect(tryCall("JSON_OBJECT", [int(1), int(1), text(";")])).toBeUndefined();
});

test.each<[string, Term, string]>([
  ["JSON_STRING", text('é"/'), '"é\\"/"'],
  ["JSON_STRING", text("\u0001\u007f"), '"\\u0001\u007f"'],
  ["JSON_STRING", dec("1.50"), "1.50"],
  ["JSON_STRING", double(-0), "0.0"],
  ["JSON_STRING", none, "NULL"],
  ["JSON_QUOTE", text('a/b"\\é☃\t'), '"a\\/b\\"\\\\\\u00e9\\u2603\\t"'],
  ["JSON_QUOTE", text("\u0001\u007f"), '"\u0001\u007f"'],
  // Flink writes \u1f600\ude00.
  ["JSON_QUOTE", text("😀"), '"\\ud83d\\ude00"'],
  ["JSON_UNQUOTE", text("nope"), "nope"],
  ["JSON_UNQUOTE", text('"a'), '"a'],
  ["JSON_UNQUOTE", text('""'), ""],
  ["JSON_UNQUOTE", text('"'), '"'],
  ["JSON_UNQUOTE", text('"a"b"'), 'a"b'],
  ["JSON_UNQUOTE", text('"\\uD83D\\uDE00\\n\\/"'), "😀\n/"],
  ["JSON_UNQUOTE", text('"\\x"'), '"\\x"'],
  ["JSON_UNQUOTE", text('"\\\\u00e9"'), "\\u00e9"],
  ["JSON_UNQUOTE", text(' "a" '), ' "a" '],
])("%s %#", (name, arg, expected) => {
  expect(textOf(name, [arg])).toBe(expected);
});
