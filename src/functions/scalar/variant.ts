import { SqlError } from "../../base/errors.ts";
import { isText, T } from "../../types/data-type.ts";
import { scalar, type Argument, type Resolution, type ScalarFunction } from "../define.ts";
import { JsonSyntaxError } from "./json/document.ts";
import { variantText } from "./json/variant-text.ts";
import { anyNullable, typesOf } from "./shared.ts";

function resolveParse(args: readonly Argument[], tolerant: boolean): Resolution | undefined {
  const types = typesOf(args);
  const [text, flag] = types;
  if (text === undefined || types.length > 2 || !isText(text)) return undefined;
  if (flag !== undefined && flag.kind !== "BOOLEAN") return undefined;
  return { type: T.variant(tolerant || anyNullable(types)) };
}

const parseJson = scalar({
  name: "PARSE_JSON",
  signature: "PARSE_JSON(<CHARACTER>[, <BOOLEAN> allow duplicate keys])",
  resolve: (args) => resolveParse(args, false),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, lastKeyWins) => {
    try {
      return variantText(text as string, lastKeyWins === true);
    } catch (error) {
      if (!(error instanceof JsonSyntaxError)) throw error;
      throw new SqlError("INVALID_ARGUMENT", `'${text as string}' cannot be read as VARIANT: ${error.message}`, {
        hint: "TRY_PARSE_JSON gives NULL instead",
      });
    }
  },
  doc: {
    summary:
      "A JSON text as VARIANT; of equal keys the last one wins if the second argument is TRUE, else they are an error.",
    examples: [
      [`PARSE_JSON('{"b": 1.50, "a": [null, "x"]}')`, `{"a":[null,"x"],"b":1.5}`],
      [`PARSE_JSON('{"a": 1, "a": 2}', TRUE)`, `{"a":2}`],
      ["PARSE_JSON(CAST(NULL AS STRING))", "NULL"],
      ["PARSE_JSON('null') IS NULL", "FALSE"],
    ],
  },
});

const tryParseJson = scalar({
  name: "TRY_PARSE_JSON",
  signature: "TRY_PARSE_JSON(<CHARACTER>[, <BOOLEAN> allow duplicate keys])",
  resolve: (args) => resolveParse(args, true),
  nulls: "propagate",
  stability: "pure",
  evaluator: () => (text, lastKeyWins) => {
    try {
      return variantText(text as string, lastKeyWins === true);
    } catch (error) {
      if (error instanceof JsonSyntaxError) return null;
      throw error;
    }
  },
  doc: {
    summary: "A JSON text as VARIANT; NULL when it is none.",
    examples: [
      ["TRY_PARSE_JSON('[1, 2')", "NULL"],
      [`TRY_PARSE_JSON('{"a": 1, "a": 2}')`, "NULL"],
      ["TRY_PARSE_JSON(' 1e2 ')", "100.0"],
      ["TRY_PARSE_JSON(CAST(NULL AS STRING))", "NULL"],
    ],
  },
});

/** Functions that make a VARIANT. */
export const variantFunctions: readonly ScalarFunction[] = [parseJson, tryParseJson];
