import { T, type DataType, type Value } from "../../types/data-type.ts";
import { scalar, type CallTypes, type ScalarFunction } from "../define.ts";
import { compileJavaRegex, type JavaRegex } from "./java-regex/translate.ts";
import { booleanResult, fixedArguments, intResult, stringResult } from "./text-arguments.ts";

type Pattern = JavaRegex | undefined;

/** The compiled pattern (argument 1) of a call; one that changes from row to row is compiled when it changes. */
function patternOf(types: CallTypes): (pattern: Value | undefined) => Pattern {
  const literal = types.literals[1];
  let last: Value | undefined;
  let compiled: Pattern;
  if (typeof literal === "string") {
    last = literal;
    compiled = compileJavaRegex(literal);
  }
  return (pattern) => {
    if (pattern !== last) {
      compiled = compileJavaRegex(pattern as string);
      last = pattern;
    }
    return compiled;
  };
}

/** The first match; the state of the pattern does not matter. */
function firstMatch(pattern: JavaRegex, text: string): RegExpExecArray | null {
  pattern.regexp.lastIndex = 0;
  return pattern.regexp.exec(text);
}

const regexp = scalar({
  name: "REGEXP",
  signature: "REGEXP(<CHARACTER>, <CHARACTER> pattern)",
  resolve: fixedArguments(["text", "text"], booleanResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const patterns = patternOf(types);
    return (text, source) => {
      const pattern = source === "" ? undefined : patterns(source);
      return pattern !== undefined && firstMatch(pattern, text as string) !== null;
    };
  },
  doc: {
    summary: "True when a part of the text matches the regular expression (of Java); false for an empty or wrong one.",
    examples: [["REGEXP('abc', '^a.c$')", "TRUE"]],
  },
});

const regexpExtract = scalar({
  name: "REGEXP_EXTRACT",
  signature: "REGEXP_EXTRACT(<CHARACTER>, <CHARACTER> pattern[, <INTEGER> group])",
  resolve: fixedArguments(["text", "text", "integer"], stringResult, "always", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const patterns = patternOf(types);
    return (text, source, group = 0) => {
      const pattern = patterns(source);
      const index = pattern?.groups[group as number];
      if (pattern === undefined || index === undefined) return null;
      return firstMatch(pattern, text as string)?.[index] ?? null;
    };
  },
  doc: {
    summary: "What the group of the first match holds (0, the default: the whole match); NULL without a match.",
    examples: [
      ["REGEXP_EXTRACT('abc123', '([a-z]+)(\\d+)', 2)", "123"],
      ["REGEXP_EXTRACT('abc', '\\d')", "NULL"],
    ],
  },
});

const regexpExtractAll = scalar({
  name: "REGEXP_EXTRACT_ALL",
  signature: "REGEXP_EXTRACT_ALL(<CHARACTER>, <CHARACTER> pattern[, <INTEGER> group])",
  resolve: fixedArguments(["text?", "text?", "integer?"], () => T.array(T.string()), "always", 2),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const patterns = patternOf(types);
    return (text, source, group = 1) => {
      const pattern = patterns(source);
      const index = pattern?.groups[group as number];
      if (pattern === undefined || index === undefined) return null;
      return Array.from((text as string).matchAll(pattern.regexp), (match) => match[index] ?? null);
    };
  },
  doc: {
    summary: "What the group (1 by default; 0: the whole match) holds in each match.",
    examples: [["REGEXP_EXTRACT_ALL('a1b2', '([a-z])(\\d)', 2)", "[1, 2]"]],
  },
});

/** A function of all matches, NULL for a pattern that is wrong. */
function ofMatches(
  name: string,
  result: () => DataType,
  summary: string,
  apply: (pattern: JavaRegex, text: string) => Value,
  example: readonly [string, string],
): ScalarFunction {
  return scalar({
    name,
    signature: `${name}(<CHARACTER>, <CHARACTER> pattern)`,
    resolve: fixedArguments(["text?", "text?"], result, "always"),
    nulls: "propagate",
    stability: "pure",
    evaluator: (types) => {
      const patterns = patternOf(types);
      return (text, source) => {
        const pattern = patterns(source);
        return pattern === undefined ? null : apply(pattern, text as string);
      };
    },
    doc: { summary, examples: [example] },
  });
}

function countMatches(pattern: JavaRegex, text: string): number {
  let count = 0;
  const { regexp } = pattern;
  regexp.lastIndex = 0;
  for (let match = regexp.exec(text); match !== null; match = regexp.exec(text)) {
    count += 1;
    if (match[0] === "") regexp.lastIndex += (text.codePointAt(regexp.lastIndex) ?? 0) > 0xffff ? 2 : 1;
  }
  return count;
}

const regexpReplace = scalar({
  name: "REGEXP_REPLACE",
  signature: "REGEXP_REPLACE(<CHARACTER>, <CHARACTER> pattern, <CHARACTER> replacement)",
  resolve: fixedArguments(["text", "text", "text"], stringResult),
  nulls: "propagate",
  stability: "pure",
  evaluator: (types) => {
    const patterns = patternOf(types);
    return (text, source, replacement) => {
      const pattern = patterns(source);
      if (pattern === undefined) return null;
      const parts = replacementParts(replacement as string, pattern);
      return (text as string).replaceAll(pattern.regexp, (...match: unknown[]) => {
        let result = "";
        for (const part of parts)
          result += typeof part === "string" ? part : ((match[part] as string | undefined) ?? "");
        return result;
      });
    };
  },
  doc: {
    summary: "The text with each match replaced; `$1` in the replacement is what the first group holds.",
    examples: [
      ["REGEXP_REPLACE('a1b22', '\\d+', '#')", "a#b#"],
      ["REGEXP_REPLACE('x-y', '(\\w)-(\\w)', '$2-$1')", "y-x"],
    ],
  },
});

/** Plain text and numbers of groups (in JavaScript). What names no group is plain text. */
function replacementParts(replacement: string, pattern: JavaRegex): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  let plain = "";
  for (let i = 0; i < replacement.length;) {
    const match = /^\$(?:(\d)|\{([A-Za-z][A-Za-z0-9]*)\})/.exec(replacement.slice(i, i + 64));
    let group = match?.[1] === undefined ? pattern.names.get(match?.[2] ?? "") : Number(match[1]);
    if (match === null || group === undefined || group > pattern.groupCount) {
      plain += replacement.charAt(i++);
      continue;
    }
    i += match[0].length;
    if (match[1] !== undefined) {
      while (/\d/.test(replacement.charAt(i)) && group * 10 + Number(replacement.charAt(i)) <= pattern.groupCount) {
        group = group * 10 + Number(replacement.charAt(i++));
      }
    }
    parts.push(plain, pattern.groups[group]!);
    plain = "";
  }
  return [...parts, plain];
}

/** Functions with regular expressions in Java's syntax. */
export const regexpFunctions: readonly ScalarFunction[] = [
  regexp,
  regexpExtract,
  regexpExtractAll,
  ofMatches("REGEXP_COUNT", intResult, "The number of matches.", countMatches, ["REGEXP_COUNT('a1b22', '\\d')", "3"]),
  ofMatches(
    "REGEXP_INSTR",
    intResult,
    "Where the first match begins, from 1; 0 without a match.",
    (pattern, text) => (firstMatch(pattern, text)?.index ?? -1) + 1,
    ["REGEXP_INSTR('abc123', '\\d')", "4"],
  ),
  ofMatches(
    "REGEXP_SUBSTR",
    stringResult,
    "The first match; NULL without one.",
    (pattern, text) => firstMatch(pattern, text)?.[0] ?? null,
    ["REGEXP_SUBSTR('abc123', '[0-9]+')", "123"],
  ),
  regexpReplace,
];
