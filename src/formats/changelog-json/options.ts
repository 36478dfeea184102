import { SqlError } from "../../base/errors.ts";
import type { FormatOption } from "../api.ts";
import { JSON_OPTIONS, readJsonOptions, type JsonOptions } from "../json/options.ts";
import { readOptions } from "../options.ts";
import type { CanalFilter } from "./canal.ts";

const SHARED = new Set([
  "ignore-parse-errors",
  "timestamp-format.standard",
  "map-null-key.mode",
  "map-null-key.literal",
  "encode.decimal-as-plain-number",
  "encode.ignore-null-fields",
]);

/** The options of all changelog formats. */
export const CHANGELOG_OPTIONS: readonly FormatOption[] = JSON_OPTIONS.filter(({ name }) => SHARED.has(name));

/** The options of `debezium-json`. */
export const DEBEZIUM_OPTIONS: readonly FormatOption[] = [
  {
    name: "schema-include",
    summary: 'Records are {"schema": …, "payload": …} (Kafka Connect with value.converter.schemas.enable).',
    type: "boolean",
    default: "false",
  },
  ...CHANGELOG_OPTIONS,
];

/** The options of `canal-json`. */
export const CANAL_OPTIONS: readonly FormatOption[] = [
  {
    name: "database.include",
    summary: "Read only records whose database matches this regular expression.",
    type: "string",
  },
  { name: "table.include", summary: "Read only records whose table matches this regular expression.", type: "string" },
  ...CHANGELOG_OPTIONS,
];

/** Checks the options of a format and reads those that it shares with `json`. */
export function readShared(
  format: string,
  declared: readonly FormatOption[],
  given: Readonly<Record<string, string>>,
): JsonOptions {
  return readJsonOptions(given, format, declared);
}

/** `schema-include`; a sink must not have it. */
export function schemaInclude(given: Readonly<Record<string, string>>, use: "source" | "sink"): boolean {
  const include = readOptions("debezium-json", DEBEZIUM_OPTIONS, given).boolean("schema-include");
  if (include && use === "sink") {
    throw new SqlError(
      "OPTION_INVALID",
      "Debezium JSON serialization doesn't support 'debezium-json.schema-include' option been set to true.",
    );
  }
  return include;
}

/** `database.include` and `table.include`. */
export function canalFilter(given: Readonly<Record<string, string>>): CanalFilter {
  const options = readOptions("canal-json", CANAL_OPTIONS, given);
  const pattern = (name: string): RegExp | undefined => {
    const text = options.string(name);
    if (text === undefined) return undefined;
    try {
      return new RegExp(`^(?:${text})$`, "su");
    } catch (error) {
      throw new SqlError("OPTION_INVALID", `'canal-json.${name}' is no regular expression: ${String(error)}`);
    }
  };
  return { database: pattern("database.include"), table: pattern("table.include") };
}
