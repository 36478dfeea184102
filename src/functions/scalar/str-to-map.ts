import { SqlError } from "../../base/errors.ts";
import { T, type SqlMap, type Value } from "../../types/data-type.ts";
import { inHashOrder, javaStringHash } from "../../types/hash-order.ts";
import { scalar, type ScalarFunction } from "../define.ts";
import { javaSplit } from "./java-regex/split.ts";
import { compileJavaRegex, type JavaRegex } from "./java-regex/translate.ts";
import { fixedArguments } from "./text-arguments.ts";

const strToMap = scalar({
  name: "STR_TO_MAP",
  signature: "STR_TO_MAP(<CHARACTER>[, <CHARACTER> pair separator, <CHARACTER> key separator])",
  resolve: (args) => {
    if (args.length === 2) return undefined;
    return fixedArguments(["text", "text", "text"], () => T.map(T.string(), T.string()), "always", 1)(args);
  },
  nulls: "propagate",
  stability: "pure",
  evaluator: () => {
    const [pairSeparator, keySeparator] = [separator(), separator()];
    return (text, pairs = ",", keys = "=") => toMap(text as string, pairSeparator(pairs!), keySeparator(keys!));
  },
  doc: {
    summary: "The text `a=1,b=2` as a map; the separators are regular expressions (of Java).",
    examples: [["STR_TO_MAP('a=1,b=2,c')", "{a=1, b=2, c=NULL}"]],
  },
});

/** The pattern of a separator, compiled when it changes. */
function separator(): (source: Value) => JavaRegex {
  let last: Value | undefined;
  let compiled: JavaRegex | undefined;
  return (source) => {
    if (compiled !== undefined && last === source) return compiled;
    compiled = compileJavaRegex(source as string);
    last = source;
    if (compiled === undefined) {
      throw new SqlError("INVALID_ARGUMENT", `The separator '${source as string}' is no regular expression`);
    }
    return compiled;
  };
}

function toMap(text: string, pairs: JavaRegex, keys: JavaRegex): SqlMap {
  if (text === "") return [];
  const map = new Map<string, string | null>();
  const parts = javaSplit(text, pairs);
  for (const pair of parts) {
    const [key, value] = javaSplit(pair, keys, 2);
    if (value === undefined) map.set(pair, null);
    else map.set(key!, value);
  }
  let capacity = 1;
  while (capacity < parts.length) capacity *= 2;
  return inHashOrder([...map], capacity, javaStringHash);
}

/** STR_TO_MAP. */
export const strToMapFunctions: readonly ScalarFunction[] = [strToMap];
