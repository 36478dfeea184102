import type { Value } from "../../types/data-type.ts";
import { scalar, type CallTypes, type Evaluator, type ScalarFunction } from "../define.ts";
import { checkLength, convertAll, fixedArguments, stringResult, varyingOf } from "./text-arguments.ts";

type Side = "BOTH" | "LEADING" | "TRAILING";
type Examples = readonly (readonly [sql: string, result: string])[];

/** The text without the characters of a set at its ends. */
function trimmer(side: Side): (text: string, characters: string) => string {
  return (text, characters) => {
    if (characters.length === 1) return trimOne(side, text, characters.charCodeAt(0));
    const set = new Set(characters);
    const units = [...text];
    let start = 0;
    let end = units.length;
    if (side !== "TRAILING") while (start < end && set.has(units[start]!)) start += 1;
    if (side !== "LEADING") while (end > start && set.has(units[end - 1]!)) end -= 1;
    return units.slice(start, end).join("");
  };
}

function trimOne(side: Side, text: string, unit: number): string {
  let start = 0;
  let end = text.length;
  if (side !== "TRAILING") while (start < end && text.charCodeAt(start) === unit) start += 1;
  if (side !== "LEADING") while (end > start && text.charCodeAt(end - 1) === unit) end -= 1;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** Trims blanks when there is no second argument. */
function trimEvaluator(side: Side, types: CallTypes): Evaluator {
  const trim = trimmer(side);
  if (types.args.length === 1) return (text) => trim(text as string, " ");
  return (text, characters) => trim(text as string, characters as string);
}

const trim = scalar({
  name: "TRIM",
  signature: "TRIM([BOTH | LEADING | TRAILING] [<CHARACTER>] FROM <CHARACTER>)",
  resolve: (args) => {
    const types = convertAll(args, ["text", "text", "text"]);
    if (types === undefined || typeof args[0]!.literal !== "string") return undefined;
    return { type: { ...varyingOf(2)(types), nullable: types[1]!.nullable || types[2]!.nullable }, args: types };
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const trim = trimmer(sideOf(types.literals[0]));
    return (_, characters, text) => trim(text as string, characters as string);
  },
  doc: {
    summary: "The text without blanks, or without the characters of the first text, at its ends.",
    examples: [
      ["TRIM('  a ')", "a"],
      ["TRIM(LEADING 'x' FROM 'xxaxx')", "axx"],
    ],
  },
});

function sideOf(word: Value | undefined): Side {
  return word === "LEADING" || word === "TRAILING" ? word : "BOTH";
}

function trimOneSide(name: "LTRIM" | "RTRIM", side: Side, summary: string, examples: Examples): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER>[, <CHARACTER> characters])`,
    resolve: fixedArguments(["text", "text"], varyingOf(0), "arguments", 1),
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => trimEvaluator(side, types),
    doc: { summary, examples },
  });
}

const btrim = scalar({
  name: "BTRIM",
  signature: "BTRIM(<CHARACTER>[, <CHARACTER> characters])",
  resolve: fixedArguments(["text?", "text?"], stringResult, "arguments", 1),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => trimEvaluator("BOTH", types),
  doc: {
    summary: "The text without blanks, or the given characters, at both ends.",
    examples: [["BTRIM('xyaxy', 'xy')", "a"]],
  },
});

function padding(name: "LPAD" | "RPAD", summary: string, examples: Examples): ScalarFunction {
  const pad = (text: string, length: number, filling: string): string | null => {
    if (length < 0 || filling === "") return null;
    if (text.length >= length) return text.slice(0, length);
    checkLength(length);
    return name === "LPAD" ? text.padStart(length, filling) : text.padEnd(length, filling);
  };
  return scalar({
    name,
    signature: `${name}(<CHARACTER>, <INTEGER> length, <CHARACTER> filling)`,
    resolve: fixedArguments(["text", "integer", "text"], stringResult),
    nulls: "propagate",
    stability: "pure",
    evaluator: () => pad as Evaluator,
    doc: { summary, examples },
  });
}

/** Functions that take characters away from the ends of a text, or add some. */
export const paddingFunctions: readonly ScalarFunction[] = [
  trim,
  trimOneSide("LTRIM", "LEADING", "The text without blanks, or the given characters, at its beginning.", [
    ["LTRIM('xxa', 'x')", "a"],
  ]),
  trimOneSide("RTRIM", "TRAILING", "The text without blanks, or the given characters, at its end.", [
    ["RTRIM('a  ')", "a"],
  ]),
  btrim,
  padding("LPAD", "The text filled up on the left, or cut, to a length. NULL for a negative length.", [
    ["LPAD('ab', 5, 'xyz')", "xyzab"],
    ["LPAD('abc', 2, '-')", "ab"],
  ]),
  padding("RPAD", "The text filled up on the right, or cut, to a length. NULL for a negative length.", [
    ["RPAD('ab', 5, '-')", "ab---"],
  ]),
];
