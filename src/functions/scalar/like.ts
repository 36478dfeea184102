import { SqlError } from "../../base/errors.ts";
import type { Value } from "../../types/data-type.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { LINE_END } from "./java-regex/translate.ts";
import { checkEscape, quoted, similarPattern } from "./similar.ts";
import { booleanResult, fixedArguments } from "./text-arguments.ts";

type Test = (text: string) => boolean;

/** The test of a pattern; a pattern that changes from row to row is compiled once for each value in a row. */
function patternFunction(
  name: "LIKE" | "SIMILAR TO",
  compile: (pattern: string, escape: string | undefined) => Test,
  doc: ScalarFunction["doc"],
): ScalarFunction {
  return scalar({
    name,
    signature: `<CHARACTER> ${name} <CHARACTER> [ESCAPE <CHARACTER>]`,
    resolve: (args) => {
      const [, pattern, escape] = args;
      if (typeof escape?.literal === "string") checkEscapes(name, pattern?.literal, escape.literal);
      return fixedArguments(["text", "text", "text"], booleanResult, "arguments", 2)(args);
    },
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => {
      const [, pattern, escape] = types.literals;
      if (typeof pattern === "string" && (types.args.length === 2 || typeof escape === "string")) {
        const test = compile(pattern, typeof escape === "string" ? escape : undefined);
        return (text) => test(text as string);
      }
      let last: Test | undefined;
      let lastPattern: Value | undefined;
      let lastEscape: Value | undefined;
      return (text, pattern, escape) => {
        if (last === undefined || pattern !== lastPattern || escape !== lastEscape) {
          last = compile(pattern as string, escape as string | undefined);
          lastPattern = pattern;
          lastEscape = escape;
        }
        return last(text as string);
      };
    },
    callable: false,
    doc,
  });
}

/** `%` stands for any text, `_` for one character, as Flink's pattern has it none that ends a line; the escape character makes them plain. */
function likePattern(pattern: string, escape: string | undefined): Test {
  const escapeCharacter = checkEscape(escape);
  let source = "";
  const characters = [...pattern];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i]!;
    if (character === escapeCharacter) {
      const next = characters[++i];
      if (next === undefined || (next !== "%" && next !== "_" && next !== escapeCharacter)) {
        throw new SqlError("INVALID_ARGUMENT", `Invalid escape sequence '${pattern}', ${i - 1}`);
      }
      source += quoted(next);
    } else {
      source += character === "%" ? "[^]*" : character === "_" ? NO_LINE_END : quoted(character);
    }
  }
  const regexp = new RegExp(`^${source}$`, "u");
  return (text) => regexp.test(text);
}

const NO_LINE_END = `[^${LINE_END}]`;

/** What is wrong with escapes of literals is known before the query runs. */
function checkEscapes(name: string, pattern: Value | undefined, escape: string): void {
  try {
    checkEscape(escape);
    if (name === "LIKE" && typeof pattern === "string") likePattern(pattern, escape);
  } catch (error) {
    if (error instanceof SqlError) throw new SqlError("INVALID_LITERAL", error.message, { cause: error });
    throw error;
  }
}

/** LIKE and SIMILAR TO. */
export const likeFunctions: readonly ScalarFunction[] = [
  patternFunction("LIKE", likePattern, {
    summary: "True when the text fits the pattern: `%` stands for any text, `_` for one character.",
    examples: [
      ["'flink' LIKE 'f%k'", "TRUE"],
      ["'a_c' LIKE '%!_%' ESCAPE '!'", "TRUE"],
    ],
  }),
  patternFunction("SIMILAR TO", similarPattern, {
    summary: "True when the text fits the SQL pattern: `%`, `_`, `|`, `*`, `+`, `?`, `{n,m}`, `(…)`, `[…]`.",
    examples: [["'aab' SIMILAR TO '(a|b)+c?'", "TRUE"]],
  }),
];
