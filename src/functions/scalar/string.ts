import { MAX_LENGTH, T } from "../../types/data-type.ts";
import { scalar, type Argument, type Evaluator, type Resolution, type ScalarFunction } from "../define.ts";
import { countCharacters, reverseCharacters, sliceCharacters } from "./code-points.ts";
import {
  checkLength,
  convertAll,
  fixedArguments,
  intResult,
  lengthOf,
  sameAs,
  stringResult,
  varyingOf,
  type Wanted,
} from "./text-arguments.ts";

type Examples = readonly (readonly [sql: string, result: string])[];

/** A function of one text whose result has the same type. */
function ofText(
  name: string,
  js: string,
  summary: string,
  apply: (text: string) => string,
  examples: Examples,
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER>)`,
    resolve: fixedArguments(["text"], sameAs(0)),
    nulls: "propagate",
    stability: "pure",
    evaluator: () => apply as Evaluator,
    emit: js === "" ? undefined : ([text]) => `${text}.${js}()`,
    doc: { summary, examples },
  });
}

const charLength = scalar({
  name: "CHAR_LENGTH",
  aliases: ["CHARACTER_LENGTH"],
  signature: "CHAR_LENGTH(<CHARACTER>)",
  resolve: fixedArguments(["text"], intResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => countCharacters as Evaluator,
  doc: { summary: "The number of characters.", examples: [["CHAR_LENGTH('😀é')", "2"]] },
});

/** Capitals after anything but ASCII letters and digits, as Flink has it. */
function capitalise(text: string): string {
  return text.replace(WORD, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}

const WORD = /[A-Za-z0-9]+/g;

/** The part from character `from` (from 1; negative: from the end) on, at most `count` characters. */
export function substring(text: string, from: number, count: number): string | null {
  if (count < 0) return null;
  const length = countCharacters(text);
  const start = from > 0 ? from - 1 : from < 0 ? length + from : 0;
  if (start < 0 || start >= length) return "";
  return sliceCharacters(text, start, start + count);
}

function substringFunction(name: "SUBSTRING" | "SUBSTR"): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER>, <INTEGER> start[, <INTEGER> length])`,
    resolve: fixedArguments(["text", "integer", "integer"], varyingOf(0), "always", 2),
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) =>
      types.args.length === 2
        ? (text, from) => substring(text as string, from as number, MAX_LENGTH)
        : (text, from, count) => substring(text as string, from as number, count as number),
    doc: {
      summary:
        "The part of the text that begins at a character (from 1; negative: counted from the end), up to its end or so many characters long.",
      examples: [
        [`${name}('flink', 2, 3)`, "lin"],
        [`${name}('flink', -2)`, "nk"],
        [`${name}('flink', 0, 2)`, "fl"],
      ],
    },
  });
}

const left = scalar({
  name: "LEFT",
  signature: "LEFT(<CHARACTER>, <INTEGER>)",
  resolve: fixedArguments(["text", "integer"], varyingOf(0), "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, count) => sliceCharacters(text as string, 0, Math.max(0, count as number)),
  doc: {
    summary: "The first characters of the text; none for a negative number.",
    examples: [["LEFT('flink', 2)", "fl"]],
  },
});

const right = scalar({
  name: "RIGHT",
  signature: "RIGHT(<CHARACTER>, <INTEGER>)",
  resolve: fixedArguments(["text", "integer"], varyingOf(0), "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, count) => {
    if ((count as number) <= 0) return "";
    const length = countCharacters(text as string);
    return sliceCharacters(text as string, Math.max(0, length - (count as number)), length);
  },
  doc: {
    summary: "The last characters of the text; none for a negative number.",
    examples: [["RIGHT('flink', 2)", "nk"]],
  },
});

/** Text in any number, at least `least`. */
function textsResult(args: readonly Argument[], least: number): Resolution | undefined {
  const types = convertAll(
    args,
    args.map((): Wanted => "text"),
    least,
  );
  return types === undefined ? undefined : { type: T.string(types.some((type) => type.nullable)), args: types };
}

const concat = scalar({
  name: "CONCAT",
  signature: "CONCAT(<CHARACTER>, …)",
  resolve: (args) => textsResult(args, 1),
  nulls: "propagate",
  stability: "pure",
  evaluator:
    () =>
    (...texts) =>
      texts.join(""),
  emit: (args) => (args.length === 1 ? args[0] : `(${args.join(" + ")})`),
  doc: {
    summary: "All texts in a row; NULL when one is NULL.",
    examples: [
      ["CONCAT('a', 'b', 'c')", "abc"],
      ["CONCAT('a', CAST(NULL AS STRING))", "NULL"],
    ],
  },
});

const concatWs = scalar({
  name: "CONCAT_WS",
  signature: "CONCAT_WS(<CHARACTER> separator, <CHARACTER>, …)",
  resolve: (args) => textsResult(args, 1),
  nulls: "handled",
  stability: "pure",
  evaluator:
    () =>
    (separator, ...texts) =>
      separator === null ? null : texts.filter((text) => text !== null).join(separator as string),
  doc: {
    summary: "The texts that are not NULL with the separator between them; NULL when the separator is NULL.",
    examples: [["CONCAT_WS('-', 'a', CAST(NULL AS STRING), 'b')", "a-b"]],
  },
});

const replace = scalar({
  name: "REPLACE",
  signature: "REPLACE(<CHARACTER> text, <CHARACTER> old, <CHARACTER> new)",
  resolve: fixedArguments(["text", "text", "text"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, old, replacement) => (text as string).replaceAll(old as string, () => replacement as string),
  doc: {
    summary: "The text with each occurrence of a text replaced.",
    examples: [["REPLACE('banana', 'an', '$&')", "b$&$&a"]],
  },
});

const repeat = scalar({
  name: "REPEAT",
  signature: "REPEAT(<CHARACTER>, <INTEGER>)",
  resolve: fixedArguments(["text", "integer"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, count) => {
    const times = Math.max(0, count as number);
    checkLength((text as string).length * times);
    return (text as string).repeat(times);
  },
  doc: {
    summary: "The text so many times.",
    examples: [
      ["REPEAT('ab', 3)", "ababab"],
      ["REPEAT('ab', -1)", ""],
    ],
  },
});

const reverse = scalar({
  name: "REVERSE",
  signature: "REVERSE(<CHARACTER>)",
  resolve: fixedArguments(["text"], stringResult, "always"),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => reverseCharacters as Evaluator,
  doc: { summary: "The characters in reverse order.", examples: [["REVERSE('abc')", "cba"]] },
});

const overlay = scalar({
  name: "OVERLAY",
  signature: "OVERLAY(<CHARACTER> PLACING <CHARACTER> FROM <INTEGER> [FOR <INTEGER>])",
  resolve: fixedArguments(
    ["text", "text", "integer", "integer"],
    (types) => T.varchar(Math.min(MAX_LENGTH, lengthOf(types[0]!) + lengthOf(types[1]!))),
    "arguments",
    3,
  ),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, piece, from, count) =>
    place(text as string, piece as string, from as number, count as number | undefined),
  doc: {
    summary: "The text with the characters from a position on (as many as the new text has, or as told) replaced.",
    examples: [
      ["OVERLAY('flink rocks' PLACING 'SQL' FROM 1 FOR 5)", "SQL rocks"],
      ["OVERLAY('abcdef' PLACING 'X' FROM 9)", "abcdef"],
    ],
  },
});

function place(text: string, piece: string, from: number, count = piece.length): string {
  if (from <= 0 || from > text.length) return text;
  const rest = count > 0 && from + count <= text.length ? text.slice(from - 1 + count) : "";
  return text.slice(0, from - 1) + piece + rest;
}

/** Functions that make a text from texts. */
export const stringFunctions: readonly ScalarFunction[] = [
  ofText("UPPER", "toUpperCase", "The text in upper case.", (text) => text.toUpperCase(), [["UPPER('Äb')", "ÄB"]]),
  ofText("LOWER", "toLowerCase", "The text in lower case.", (text) => text.toLowerCase(), [["LOWER('ÄB')", "äb"]]),
  ofText("INITCAP", "", "Each word of ASCII letters and digits with a capital and small letters.", capitalise, [
    ["INITCAP('hello WORLD')", "Hello World"],
  ]),
  charLength,
  substringFunction("SUBSTRING"),
  substringFunction("SUBSTR"),
  left,
  right,
  concat,
  concatWs,
  replace,
  repeat,
  reverse,
  overlay,
];
