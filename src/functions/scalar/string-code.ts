import { SqlError } from "../../base/errors.ts";
import { commonType } from "../../types/coerce.ts";
import {
  isBinary,
  isInteger,
  isNumeric,
  isText,
  T,
  withNullable,
  type DataType,
  type Value,
} from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { keepNullability, typesOf } from "./shared.ts";
import { convertAll, fixedArguments, intResult } from "./text-arguments.ts";

const ascii = scalar({
  name: "ASCII",
  signature: "ASCII(<CHARACTER>)",
  resolve: fixedArguments(["text"], intResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text) => firstByte(text as string),
  doc: {
    summary: "The first byte of the text in UTF-8, as a signed number; 0 for an empty text.",
    examples: [
      ["ASCII('Ab')", "65"],
      ["ASCII('é')", "-61"],
    ],
  },
});

function firstByte(text: string): number {
  const point = text.codePointAt(0) ?? 0;
  if (point < 0x80) return point;
  const byte = point < 0x800 ? 0xc0 | (point >> 6) : point < 0x10000 ? 0xe0 | (point >> 12) : 0xf0 | (point >> 18);
  return byte - 256;
}

const chr = scalar({
  name: "CHR",
  signature: "CHR(<INTEGER>)",
  resolve: (args) => {
    const [type] = typesOf(args);
    if (type === undefined || args.length !== 1 || !isInteger(type)) return undefined;
    return { type: T.string(), args: [T.bigint(type.nullable)] };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (code) => {
    const value = code as bigint;
    return value < 0n ? "" : String.fromCharCode(Number(value & 255n));
  },
  doc: {
    summary: "The character with a code; only the last 8 bits count. Empty for a negative number.",
    examples: [["CHR(97)", "a"]],
  },
});

const elt = scalar({
  name: "ELT",
  signature: "ELT(<INTEGER> index, <CHARACTER or BINARY>, …)",
  resolve: (args) => {
    const [index, ...items] = typesOf(args);
    if (index === undefined || items.length === 0 || !isInteger(index)) return undefined;
    const position = args[0]!.literal;
    if ((typeof position === "number" || typeof position === "bigint") && position < 0) {
      throw new SqlError("INVALID_LITERAL", `The index of ELT must not be negative, but was ${position}`);
    }
    const isNull = (type: DataType): boolean => type.kind === "NULL";
    if (!items.every((type) => isText(type) || isNull(type)) && !items.every((type) => isBinary(type) || isNull(type)))
      return undefined;
    const common = items.every(isNull) ? T.varchar(1) : commonType(items);
    if (common === undefined) return undefined;
    return { type: withNullable(common, true), args: [T.bigint(index.nullable), ...keepNullability(common, items)] };
  },
  nulls: "handled",
  stability: "pure",
  evaluator:
    () =>
    (index, ...items) => {
      if (index === null || (index as bigint) < 1n) return null;
      return items[Number(index) - 1] ?? null;
    },
  doc: {
    summary: "The argument with a number, from 1; NULL when there is none.",
    examples: [
      ["ELT(2, 'x', 'yz')", "yz"],
      ["ELT(3, 'x', 'yz')", "NULL"],
    ],
  },
});

const translate = scalar({
  name: "TRANSLATE",
  aliases: ["TRANSLATE3"],
  signature: "TRANSLATE(<CHARACTER> text, <CHARACTER> from, <CHARACTER> to)",
  resolve: (args) => {
    const types = convertAll(args, ["text", "text", "text"]);
    return types === undefined ? undefined : { type: T.string(types[0]!.nullable), args: types };
  },
  nulls: "handled",
  stability: "pure",
  evaluator: () => {
    let last: readonly (Value | undefined)[] = [];
    let table = new Map<string, string>();
    return (text, from, to) => {
      if (text === null || from === null || from === "") return text!;
      if (last[0] !== from || last[1] !== to) {
        table = translation(from as string, (to ?? "") as string);
        last = [from, to];
      }
      let result = "";
      for (const character of text as string) result += table.get(character) ?? character;
      return result;
    };
  },
  doc: {
    summary: "The text with each character of the second replaced by that of the third at the same place, or left out.",
    examples: [["TRANSLATE('banana', 'abn', 'xy')", "yxxx"]],
  },
});

function translation(from: string, to: string): Map<string, string> {
  const table = new Map<string, string>();
  const targets = [...to];
  for (const [i, character] of [...from].entries()) {
    if (!table.has(character)) table.set(character, targets[i] ?? "");
  }
  return table;
}

/** Tests on what a value would be as text; a NULL is nothing of it. */
function check(
  name: string,
  summary: string,
  ofText: (text: string) => boolean,
  ofNumber: (type: DataType) => boolean,
  examples: readonly (readonly [string, string])[],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER or NUMERIC>)`,
    resolve: (args) => {
      const [type] = typesOf(args);
      if (type === undefined || args.length !== 1 || !(isText(type) || isNumeric(type))) return undefined;
      return { type: T.boolean(false) };
    },
    nulls: "handled",
    stability: "pure",
    evaluator: (types) => {
      const [type] = types.args;
      if (isText(type!)) return (text) => text !== null && ofText(text as string);
      const result = ofNumber(type!);
      return (value) => value !== null && result;
    },
    doc: { summary, examples },
  });
}

/** What Java's Double.parseDouble reads. */
const JAVA_NUMBER =
  /^[\x00-\x20]*[+-]?(?:NaN|Infinity|(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|0[xX](?:[0-9a-fA-F]+\.?|[0-9a-fA-F]*\.[0-9a-fA-F]+)[pP][+-]?\d+)[fFdD]?)[\x00-\x20]*$/;

/** Functions of single characters and choices. */
export const codeFunctions: readonly ScalarFunction[] = [
  ascii,
  chr,
  elt,
  translate,
  check(
    "IS_ALPHA",
    "True when the text has letters only, at least one.",
    (text) => /^\p{L}+$/u.test(text),
    () => false,
    [
      ["IS_ALPHA('aé')", "TRUE"],
      ["IS_ALPHA('a1')", "FALSE"],
    ],
  ),
  check("IS_DIGIT", "True when the text has digits only, at least one.", (text) => /^\p{Nd}+$/u.test(text), isInteger, [
    ["IS_DIGIT('12')", "TRUE"],
    ["IS_DIGIT('-1')", "FALSE"],
  ]),
  check(
    "IS_DECIMAL",
    "True when the text is a number.",
    (text) => JAVA_NUMBER.test(text),
    // Flink's answer for DECIMAL.
    (type) => type.kind !== "DECIMAL",
    [
      ["IS_DECIMAL('-1.5e3')", "TRUE"],
      ["IS_DECIMAL('1,5')", "FALSE"],
    ],
  ),
];
