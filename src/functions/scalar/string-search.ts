import { isBinary, isInteger, isText, T, type DataType, type Value } from "../../types/data-type.ts";
import { SqlError } from "../../base/errors.ts";
import { scalar, type CallTypes, type Evaluator, type ScalarFunction } from "../define.ts";
import { countCharacters, indexOfCharacters, reverseCharacters } from "./code-points.ts";
import { anyNullable, typesOf } from "./shared.ts";
import { convertedTo, fixedArguments, intResult } from "./text-arguments.ts";

function locating(types: CallTypes): Evaluator {
  if (types.args.length === 2) return (piece, text) => indexOfCharacters(text as string, piece as string, 0) + 1;
  return (piece, text, from) => indexOfCharacters(text as string, piece as string, (from as number) - 1) + 1;
}

const position = scalar({
  name: "POSITION",
  signature: "POSITION(<CHARACTER> IN <CHARACTER> [FROM <INTEGER>])",
  resolve: fixedArguments(["text", "text", "integer"], intResult, "arguments", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: locating,
  doc: {
    summary: "Where the first text begins in the second, at or behind a position, from 1; 0 when nowhere.",
    examples: [
      ["POSITION('in' IN 'flink')", "3"],
      ["POSITION('a' IN 'banana' FROM 3)", "4"],
      ["POSITION('x' IN 'flink')", "0"],
      ["POSITION('' IN 'flink')", "1"],
      ["POSITION(CAST(NULL AS STRING) IN 'flink')", "NULL"],
    ],
  },
});

const locate = scalar({
  name: "LOCATE",
  signature: "LOCATE(<CHARACTER> piece, <CHARACTER> text[, <INTEGER> from])",
  resolve: fixedArguments(["text", "text", "integer"], intResult, "arguments", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: locating,
  doc: {
    summary: "Where the first text begins in the second at or behind a position, from 1; 0 when nowhere.",
    examples: [["LOCATE('a', 'banana', 3)", "4"]],
  },
});

const instr = scalar({
  name: "INSTR",
  signature: "INSTR(<CHARACTER> text, <CHARACTER> piece[, <INTEGER> from[, <INTEGER> nth]])",
  resolve: fixedArguments(["text", "text", "integer", "integer"], intResult, "arguments", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, piece, from, nth) =>
    occurrence(text as string, piece as string, (from ?? 1) as number, (nth ?? 1) as number),
  doc: {
    summary:
      "Where the nth occurrence of the second text begins in the first, from 1; 0 when there is none. A negative position searches backwards.",
    examples: [
      ["INSTR('banana', 'an')", "2"],
      ["INSTR('banana', 'an', 1, 2)", "4"],
      ["INSTR('banana', 'an', -1)", "4"],
    ],
  },
});

function occurrence(text: string, piece: string, from: number, nth: number): number {
  if (nth <= 0) throw new SqlError("INVALID_ARGUMENT", "nthAppearance must be positive!");
  if (from === 0) return 0;
  if (from < 0) {
    const at = occurrence(reverseCharacters(text), reverseCharacters(piece), -from, nth);
    return at === 0 ? 0 : countCharacters(text) + 2 - at - countCharacters(piece);
  }
  let at = 0;
  let start = from;
  for (let i = 0; i < nth; i++) {
    at = indexOfCharacters(text, piece, start - 1) + 1;
    if (at === 0) return 0;
    start = at + 1;
  }
  return at;
}

const splitIndex = scalar({
  name: "SPLIT_INDEX",
  signature: "SPLIT_INDEX(<CHARACTER>, <CHARACTER> separator, <INTEGER> index)",
  resolve: (args) => {
    const [text, separator, index] = typesOf(args);
    if (text === undefined || separator === undefined || index === undefined || args.length !== 3) return undefined;
    const types = [
      convertedTo(text, "text"),
      isInteger(separator) ? T.int(separator.nullable) : convertedTo(separator, "text"),
      convertedTo(index, "integer"),
    ];
    return types.includes(undefined) ? undefined : { type: T.string(), args: types as readonly DataType[] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    if (isText(types.args[1]!)) return field as Evaluator;
    return (text, code, index) =>
      (code as number) > 255 || (code as number) < 1
        ? null
        : field(text as string, String.fromCharCode(code as number), index as number);
  },
  doc: {
    summary:
      "The field with a number (from 0) of a text divided by a separator (a text, or the code of a character); NULL when there is none.",
    examples: [
      ["SPLIT_INDEX('a,b,,d', ',', 1)", "b"],
      ["SPLIT_INDEX('a,b', ',', 7)", "NULL"],
      ["SPLIT_INDEX('a,b', 44, 0)", "a"],
    ],
  },
});

/** An empty text has no fields; an empty separator divides at blanks. */
function field(text: string, separator: string, index: number): string | null {
  if (index < 0 || text === "") return null;
  return text.split(separator === "" ? BLANK : separator)[index] ?? null;
}

const BLANK = /[\t-\r\x1c-\x20\u1680\u2000-\u2006\u2008-\u200a\u2028\u2029\u205f\u3000]/;

type Examples = readonly (readonly [sql: string, result: string])[];

/** A test on the beginning or end of a text or of bytes. */
function endTest(name: "STARTSWITH" | "ENDSWITH", summary: string, examples: Examples): ScalarFunction {
  const atStart = name === "STARTSWITH";
  const bytesTest = (data: Uint8Array, piece: Uint8Array): boolean => {
    const offset = atStart ? 0 : data.length - piece.length;
    return offset >= 0 && piece.length <= data.length && piece.every((byte, i) => data[offset + i] === byte);
  };
  return scalar({
    name,
    signature: `${name}(<CHARACTER>, <CHARACTER>) or ${name}(<BINARY>, <BINARY>)`,
    resolve: (args) => {
      const types = typesOf(args);
      const [a, b] = types;
      if (a === undefined || b === undefined || types.length !== 2) return undefined;
      const binary = isBinary(a) || isBinary(b);
      const fits = (type: DataType): boolean => type.kind === "NULL" || (binary ? isBinary(type) : isText(type));
      if (!fits(a) || !fits(b)) return undefined;
      const empty = binary ? T.bytes() : T.string();
      return { type: T.boolean(anyNullable(types)), args: types.map((type) => (type.kind === "NULL" ? empty : type)) };
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => {
      if (isBinary(types.args[0]!))
        return (data: Value, piece: Value) => bytesTest(data as Uint8Array, piece as Uint8Array);
      return atStart
        ? (text, piece) => (text as string).startsWith(piece as string)
        : (text, piece) => (text as string).endsWith(piece as string);
    },
    doc: { summary, examples },
  });
}

/** Functions that look for a text in a text. */
export const searchFunctions: readonly ScalarFunction[] = [
  position,
  locate,
  instr,
  splitIndex,
  endTest("STARTSWITH", "True when the first begins with the second.", [["STARTSWITH('flink', 'fl')", "TRUE"]]),
  endTest("ENDSWITH", "True when the first ends with the second.", [["ENDSWITH('flink', 'fl')", "FALSE"]]),
];
