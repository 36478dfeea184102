import { SqlError } from "../../base/errors.ts";
import { encodeUtf8 } from "../../batch/utf8.ts";
import type { DataType, Field } from "../../types/data-type.ts";
import type { FormatOption } from "../api.ts";
import { readOptions } from "../options.ts";

/** The options of `csv`, as Flink has them. */
export const CSV_OPTIONS: readonly FormatOption[] = [
  { name: "field-delimiter", summary: "The character between fields.", type: "char", default: "," },
  {
    name: "disable-quote-character",
    summary: "Quotes have no meaning; 'quote-character' must not be set then.",
    type: "boolean",
    default: "false",
  },
  {
    name: "quote-character",
    summary: "The character around fields that hold special characters.",
    type: "char",
    default: '"',
  },
  {
    name: "allow-comments",
    summary: "Ignore empty lines, those that begin with '#', and blanks in front of a record.",
    type: "boolean",
    default: "false",
  },
  {
    name: "ignore-parse-errors",
    summary: "Skip records that cannot be split, and make NULL of fields that do not fit their type.",
    type: "boolean",
    default: "false",
  },
  {
    name: "array-element-delimiter",
    summary: "The text between elements of ARRAY and ROW.",
    type: "string",
    default: ";",
  },
  { name: "escape-character", summary: "The character that takes the meaning of the next one away.", type: "char" },
  { name: "null-literal", summary: "The text that stands for NULL.", type: "string" },
  {
    name: "write-bigdecimal-in-scientific-notation",
    summary:
      "Write decimals as Java does, without the zeros at their end (1E-7, 1.5). `false`: in plain digits (0.0000001000, 1.50), as messages of a queue have them unless this is set.",
    type: "boolean",
    default: "true",
  },
];

/** A CSV dialect; characters as their UTF-8 bytes. */
export interface CsvDialect {
  readonly delimiter: Uint8Array;
  /** Undefined: no quoting. */
  readonly quote: Uint8Array | undefined;
  readonly escape: Uint8Array | undefined;
  readonly arrayDelimiter: Uint8Array;
  readonly nullLiteral: Uint8Array | undefined;
  readonly comments: boolean;
  readonly ignoreParseErrors: boolean;
  readonly plainDecimals: boolean;
}

/** Checks and reads the options. */
export function readCsvOptions(given: Readonly<Record<string, string>>): CsvDialect {
  const options = readOptions("csv", CSV_OPTIONS, given);
  const disabled = options.boolean("disable-quote-character");
  if (disabled && given["quote-character"] !== undefined) {
    throw new SqlError(
      "OPTION_CONFLICT",
      "'csv.quote-character' has no meaning with 'csv.disable-quote-character' = 'true'",
    );
  }
  const bytes = (text: string | undefined): Uint8Array | undefined =>
    text === undefined ? undefined : encodeUtf8(text);
  const arrayDelimiter = options.string("array-element-delimiter") ?? ";";
  if (arrayDelimiter === "")
    throw new SqlError("OPTION_INVALID", "option 'csv.array-element-delimiter' must not be empty");
  const delimiter = options.char("field-delimiter") ?? ",";
  if (delimiter === "\n" || delimiter === "\r") {
    throw new SqlError("OPTION_INVALID", "option 'csv.field-delimiter' cannot be a line end");
  }
  return {
    delimiter: encodeUtf8(delimiter),
    quote: disabled ? undefined : bytes(options.char("quote-character")),
    escape: bytes(options.char("escape-character")),
    arrayDelimiter: encodeUtf8(arrayDelimiter),
    nullLiteral: bytes(options.string("null-literal")),
    comments: options.boolean("allow-comments"),
    ignoreParseErrors: options.boolean("ignore-parse-errors"),
    plainDecimals: !options.boolean("write-bigdecimal-in-scientific-notation"),
  };
}

/** Throws UNSUPPORTED for columns that CSV cannot hold, in Flink's words. */
export function checkCsvColumn(field: Field): void {
  const { type, name } = field;
  if (type.kind === "ARRAY") return checkElement(name, type.element);
  if (type.kind === "ROW") {
    for (const inner of type.fields) checkElement(name, inner.type);
    return;
  }
  if (isSimple(type)) return;
  throw new SqlError("UNSUPPORTED", `CSV cannot hold the type ${type.kind} of column '${name}'`, {
    hint: "use 'format' = 'json' for nested values",
  });
}

function checkElement(name: string, type: DataType): void {
  if (isSimple(type)) return;
  throw new SqlError(
    "UNSUPPORTED",
    `Only simple types are supported in the second level nesting of fields '${name}' but was: ${type.kind}`,
  );
}

function isSimple(type: DataType): boolean {
  return !["ARRAY", "ROW", "MAP", "MULTISET", "VARIANT", "INTERVAL_YEAR_MONTH", "INTERVAL_DAY_TIME"].includes(
    type.kind,
  );
}
