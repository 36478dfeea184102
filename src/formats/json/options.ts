import { SqlError } from "../../base/errors.ts";
import type { FormatOption } from "../api.ts";
import { readOptions } from "../options.ts";

/** The options of `json`, as Flink has them. */
export const JSON_OPTIONS: readonly FormatOption[] = [
  {
    name: "fail-on-missing-field",
    summary: "A record without one of the fields that are read is an error.",
    type: "boolean",
    default: "false",
  },
  {
    name: "ignore-parse-errors",
    summary: "Skip records that are not JSON, and make NULL of fields that do not fit their type.",
    type: "boolean",
    default: "false",
  },
  {
    name: "timestamp-format.standard",
    summary:
      "How timestamps are written: '2024-01-02 03:04:05.678' or '2024-01-02T03:04:05.678'; TIMESTAMP_LTZ with a Z.",
    type: ["SQL", "ISO-8601", "ISO-8601-WITH-OFFSET"],
    default: "SQL",
  },
  {
    name: "map-null-key.mode",
    summary: "What happens to a NULL key of a MAP that is written.",
    type: ["FAIL", "DROP", "LITERAL"],
    default: "FAIL",
  },
  {
    name: "map-null-key.literal",
    summary: "The key that is written for NULL with mode LITERAL.",
    type: "string",
    default: "null",
  },
  {
    name: "encode.decimal-as-plain-number",
    summary: "Write decimals in plain digits with all of their scale (0.0000001000, 1000.00), and not 1E-7, 1E+3.",
    type: "boolean",
    default: "false",
  },
  {
    name: "encode.ignore-null-fields",
    summary: "Leave out the fields that are NULL.",
    type: "boolean",
    default: "false",
  },
  {
    name: "decode.json-parser.enabled",
    summary: "`false`: a record that is null, or has nothing but blanks, makes no row and is no error.",
    type: "boolean",
    default: "true",
  },
];

export interface JsonOptions {
  readonly failOnMissingField: boolean;
  readonly ignoreParseErrors: boolean;
  readonly iso: boolean;
  readonly mapNullKey: "FAIL" | "DROP" | "LITERAL";
  readonly mapNullKeyLiteral: string;
  readonly plainDecimals: boolean;
  readonly ignoreNullFields: boolean;
  /** A record that is null makes no row; otherwise it is a bad one. */
  readonly nullIsNoRow: boolean;
}

/** Checks and reads the options; throws OPTION_INVALID, OPTION_CONFLICT, UNSUPPORTED. */
export function readJsonOptions(
  given: Readonly<Record<string, string>>,
  format = "json",
  declared: readonly FormatOption[] = JSON_OPTIONS,
): JsonOptions {
  const options = readOptions(format, declared, given);
  const standard = options.string("timestamp-format.standard");
  if (standard === "ISO-8601-WITH-OFFSET") {
    throw new SqlError(
      "UNSUPPORTED",
      `'${format}.timestamp-format.standard' = 'ISO-8601-WITH-OFFSET' is not supported`,
      {
        hint: "use 'ISO-8601', which reads and writes TIMESTAMP_LTZ in UTC with a Z",
      },
    );
  }
  const failOnMissingField = options.boolean("fail-on-missing-field");
  const ignoreParseErrors = options.boolean("ignore-parse-errors");
  if (failOnMissingField && ignoreParseErrors) {
    throw new SqlError(
      "OPTION_CONFLICT",
      `'${format}.fail-on-missing-field' and '${format}.ignore-parse-errors' cannot both be 'true'`,
    );
  }
  return {
    failOnMissingField,
    ignoreParseErrors,
    iso: standard === "ISO-8601",
    mapNullKey: (options.string("map-null-key.mode") ?? "FAIL") as JsonOptions["mapNullKey"],
    mapNullKeyLiteral: options.string("map-null-key.literal") ?? "null",
    plainDecimals: options.boolean("encode.decimal-as-plain-number"),
    ignoreNullFields: options.boolean("encode.ignore-null-fields"),
    nullIsNoRow: options.string("decode.json-parser.enabled")?.toLowerCase() === "false",
  };
}
