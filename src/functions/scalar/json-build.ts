import { SqlError } from "../../base/errors.ts";
import { isText, T, withNullable, type DataType, type Value } from "../../types/data-type.ts";
import { scalar, type Argument, type CallTypes, type ScalarFunction } from "../define.ts";
import { JsonSyntaxError, parseJson, writeJson, type JsonNode } from "./json/document.ts";
import { toJsonOf, type ToJson } from "./json/value.ts";
import { typesOf } from "./shared.ts";
import { fixedArguments, stringResult } from "./text-arguments.ts";

/**
 * The last argument of JSON_OBJECT and JSON_ARRAY, which the binder adds: the words about NULL, if any, and behind `;`
 * the positions of arguments that are JSON themselves, as in `ABSENT ON NULL;1,3`.
 */
interface Options {
  readonly nulls: string;
  readonly raw: ReadonlySet<number>;
}

function optionsOf(literal: Value | undefined): Options | undefined {
  const match = typeof literal === "string" ? /^((?:NULL|ABSENT) ON NULL)?;([\d,]*)$/.exec(literal) : null;
  if (match === null) return undefined;
  const raw = match[2] === "" ? [] : match[2]!.split(",").map(Number);
  return { nulls: match[1] ?? "", raw: new Set(raw) };
}

/** Converters of the arguments in front of the options. Throws INVALID_QUERY for a type that has no JSON. */
function converters(types: readonly DataType[], options: Options): readonly ToJson[] {
  return types.map((type, i) =>
    options.raw.has(i) ? (value) => (value === null ? null : readJson(value)) : toJsonOf(type),
  );
}

function readJson(text: Value): JsonNode {
  try {
    return parseJson(text as string);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new SqlError("INVALID_ARGUMENT", `'${text as string}' is no JSON`, { cause: error });
  }
}

function parts(types: CallTypes): { readonly convert: readonly ToJson[]; readonly options: Options } {
  const options = optionsOf(types.literals.at(-1));
  if (options === undefined) throw new SqlError("BUG", "a JSON function was bound without its options");
  return { options, convert: converters(types.args.slice(0, -1), options) };
}

/** The result, when the last argument holds options and all others have JSON. */
function resolveBuild(
  args: readonly Argument[],
): { readonly type: DataType; readonly args: readonly DataType[] } | undefined {
  const options = optionsOf(args.at(-1)?.literal);
  if (options === undefined) return undefined;
  const types = typesOf(args);
  const values = types.slice(0, -1);
  converters(
    values.map((type) => (type.kind === "NULL" ? T.string() : type)),
    options,
  );
  return { type: T.string(false), args: types };
}

const jsonObject = scalar({
  name: "JSON_OBJECT",
  signature: "JSON_OBJECT([[KEY] <CHARACTER> VALUE <ANY>, …] [{NULL | ABSENT} ON NULL])",
  resolve: (args) => {
    const types = typesOf(args);
    if (types.length % 2 !== 1) return undefined;
    const keys = types.slice(0, -1).filter((_, i) => i % 2 === 0);
    if (args.slice(0, -1).some((arg, i) => i % 2 === 0 && arg.literal === null)) {
      throw new SqlError("INVALID_QUERY", "A key of JSON_OBJECT must not be NULL");
    }
    return keys.every(isText) ? resolveBuild(args) : undefined;
  },
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const { convert, options } = parts(types);
    return (...args) => {
      const fields = new Map<string, JsonNode>();
      for (let i = 0; i + 1 < convert.length; i += 2) {
        const key = args[i]!;
        if (key === null) throw new SqlError("INVALID_ARGUMENT", "A key of JSON_OBJECT is NULL");
        const value = args[i + 1]!;
        if (value !== null || options.nulls !== "ABSENT ON NULL") fields.set(key as string, convert[i + 1]!(value));
      }
      return writeJson(fields);
    };
  },
  doc: {
    summary:
      "A JSON object; a NULL becomes null, or is left out with ABSENT ON NULL. JSON made by JSON functions nests.",
    examples: [
      ["JSON_OBJECT('k' VALUE 1, 'l' VALUE CAST(NULL AS INT))", `{"k":1,"l":null}`],
      ["JSON_OBJECT('k' VALUE JSON_ARRAY(1, 2))", `{"k":[1,2]}`],
    ],
  },
});

const jsonArray = scalar({
  name: "JSON_ARRAY",
  signature: "JSON_ARRAY([<ANY>, …] [{NULL | ABSENT} ON NULL])",
  resolve: resolveBuild,
  nulls: "handled",
  stability: "pure",
  evaluator: (types) => {
    const { convert, options } = parts(types);
    return (...args) => {
      const items: JsonNode[] = [];
      for (const [i, each] of convert.entries()) {
        const value = args[i]!;
        if (value !== null || options.nulls === "NULL ON NULL") items.push(each(value));
      }
      return writeJson(items);
    };
  },
  doc: {
    summary: "A JSON array; a NULL is left out, or becomes null with NULL ON NULL.",
    examples: [
      ["JSON_ARRAY(1, 'x', CAST(NULL AS INT))", `[1,"x"]`],
      ["JSON_ARRAY(CAST(NULL AS INT) NULL ON NULL)", "[null]"],
    ],
  },
});

const jsonString = scalar({
  name: "JSON_STRING",
  signature: "JSON_STRING(<ANY>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (type === undefined || args.length !== 1) return undefined;
    if (type.kind !== "NULL") toJsonOf(type);
    return { type: T.string(type.nullable), args: [type.kind === "NULL" ? T.string() : type] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const convert = toJsonOf(withNullable(types.args[0]!, true));
    return (value) => writeJson(convert(value!));
  },
  doc: {
    summary: "The value as JSON.",
    examples: [
      ["JSON_STRING('a\"b')", `"a\\"b"`],
      ["JSON_STRING(ARRAY[1, 2])", "[1,2]"],
    ],
  },
});

const json = scalar({
  name: "JSON",
  signature: "JSON(<CHARACTER>)",
  resolve: fixedArguments(["text"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => writeJson(readJson(text!)),
  doc: {
    summary: "Says that a text is JSON, as a value of JSON_OBJECT and JSON_ARRAY.",
    examples: [[`JSON_ARRAY(JSON('{"a": 1}'))`, `[{"a":1}]`]],
  },
});

const jsonQuote = scalar({
  name: "JSON_QUOTE",
  signature: "JSON_QUOTE(<CHARACTER>)",
  resolve: fixedArguments(["text?"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => `"${(text as string).replace(/["\\/\b\f\n\r\t]|[^\0-\x7f]/g, quoteCharacter)}"`,
  doc: {
    summary: "The text as a JSON string in ASCII.",
    examples: [["JSON_QUOTE('a\"é')", `"a\\"\\u00e9"`]],
  },
});

const LETTERS: Readonly<Record<string, string>> = { "\b": "b", "\f": "f", "\n": "n", "\r": "r", "\t": "t" };

function quoteCharacter(character: string): string {
  if (character > "\x7f") return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return `\\${LETTERS[character] ?? character}`;
}

const jsonUnquote = scalar({
  name: "JSON_UNQUOTE",
  signature: "JSON_UNQUOTE(<CHARACTER>)",
  resolve: fixedArguments(["text?"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => unquote(text as string),
  doc: {
    summary: "The text of a JSON string; other text stays as it is.",
    examples: [
      [`JSON_UNQUOTE('"a\\u00e9"')`, "aé"],
      ["JSON_UNQUOTE('[1]')", "[1]"],
    ],
  },
});

const CHARACTERS: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unquote(text: string): string {
  if (text.length < 2 || !text.startsWith('"') || !text.endsWith('"')) return text;
  try {
    parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) return text;
    throw error;
  }
  return text
    .slice(1, -1)
    .replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gs, (_, code: string | undefined, letter: string) =>
      code === undefined ? (CHARACTERS[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
    );
}

/** Functions that write JSON. */
export const jsonBuildFunctions: readonly ScalarFunction[] = [
  jsonObject,
  jsonArray,
  jsonString,
  json,
  jsonQuote,
  jsonUnquote,
];
