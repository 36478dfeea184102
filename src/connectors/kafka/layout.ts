import { SqlError } from "../../base/errors.ts";
import { invalidOption, optionsWithPrefix } from "../../base/options.ts";
import type { Format } from "../../formats/api.ts";
import type { Field } from "../../types/data-type.ts";
import type { ConnectorContext, ConnectorOption, TableRequest } from "../api.ts";
import { formatOf } from "../validate.ts";

/** The key or the value of a record: its format, and which columns of the table are in it. */
export interface Side {
  readonly format: Format;
  /** The format's options, without prefix. */
  readonly options: Readonly<Record<string, string>>;
  /** Where these options stand in the table's, for messages: `json.`, `value.json.`, `key.json.`. */
  readonly optionPrefix: string;
  /** The columns as the format names them. */
  readonly fields: readonly Field[];
  /** For each field its name in the table. */
  readonly columns: readonly string[];
}

export interface RecordLayout {
  readonly key: Side | undefined;
  readonly value: Side;
}

/** What source and sink know of their table. */
export interface KafkaTable {
  readonly layout: RecordLayout;
  readonly declared: readonly ConnectorOption[];
  /** upsert-kafka: read from the beginning, and a NULL value deletes the row of its key. */
  readonly upsert: boolean;
}

/**
 * Divides the columns over key and value, as Flink does. `upsert`: the key is the primary key. Throws OPTION_* with
 * what does not fit together.
 */
export function recordLayout(request: TableRequest, context: ConnectorContext, upsert: boolean): RecordLayout {
  const { options, physical } = request;
  const keyNames = upsert ? [...request.primaryKey] : keyFieldNames(request);
  const prefix = options["key.fields-prefix"] ?? "";
  checkPrefix(keyNames, prefix, options);
  if (options["key.format"] !== undefined && !upsert) checkKeyFormat(formatOf(request, context, "key.format"));
  const exceptKey = options["value.fields-include"]?.toUpperCase() === "EXCEPT_KEY";
  const keyFields = keyNames.map((name) => physical.find((field) => field.name === name)!);
  const valueFields = exceptKey ? physical.filter(({ name }) => !keyNames.includes(name)) : physical;
  return {
    key:
      options["key.format"] === undefined
        ? undefined
        : side(request, context, "key.format", keyFields, (name) => name.slice(prefix.length)),
    value: side(request, context, valueFormatOption(request), valueFields, (name) => name),
  };
}

/** The option that names the format of the values. */
function valueFormatOption({ options }: TableRequest): "format" | "value.format" {
  return options["format"] === undefined ? "value.format" : "format";
}

/** The format of the values. Throws OPTION_MISSING or FORMAT_UNKNOWN. */
export function valueFormat(request: TableRequest, context: ConnectorContext): Format {
  return formatOf(request, context, valueFormatOption(request));
}

function side(
  request: TableRequest,
  context: ConnectorContext,
  option: string,
  columns: readonly Field[],
  nameInFormat: (name: string) => string,
): Side {
  const format = formatOf(request, context, option);
  const optionPrefix = `${option.slice(0, -"format".length)}${format.name}.`;
  return {
    format,
    options: { ...impliedOptions(request, format, option), ...optionsWithPrefix(request.options, optionPrefix) },
    optionPrefix,
    fields: columns.map(({ name, type }) => ({ name: nameInFormat(name), type })),
    columns: columns.map(({ name }) => name),
  };
}

/** The subject of a schema registry follows from the topic, as Confluent's naming of subjects says. */
function impliedOptions({ options }: TableRequest, format: Format, option: string): Record<string, string> {
  const { topic } = options;
  if (topic === undefined || topic.includes(";") || !format.options.some(({ name }) => name === "subject")) return {};
  return { subject: `${topic}-${option === "key.format" ? "key" : "value"}` };
}

function checkKeyFormat({ name, changelog }: Format): void {
  if (changelog === "insert-only") return;
  throw new SqlError(
    "OPTION_INVALID",
    `A key format should only deal with INSERT-only records. But ${name} has a changelog mode of [INSERT, UPDATE_BEFORE, UPDATE_AFTER, DELETE].`,
  );
}

function keyFieldNames({ options, physical }: TableRequest): string[] {
  const text = options["key.fields"];
  const names = (text ?? "")
    .split(";")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (options["key.format"] === undefined) {
    if (text === undefined) return [];
    throw new SqlError(
      "OPTION_INVALID",
      "The option 'key.fields' can only be declared if a key format is defined using 'key.format'.",
    );
  }
  if (names.length === 0) {
    throw new SqlError(
      "OPTION_MISSING",
      "A key format 'key.format' requires the declaration of one or more of key fields using 'key.fields'.",
    );
  }
  for (const name of names) {
    if (physical.some((field) => field.name === name)) continue;
    throw new SqlError(
      "OPTION_INVALID",
      `Could not find the field '${name}' in the table schema for usage in the key format. A key field must be a regular, physical column. The following columns can be selected in the 'key.fields' option: [${physical.map((field) => field.name).join(", ")}]`,
    );
  }
  return names;
}

function checkPrefix(names: readonly string[], prefix: string, options: TableRequest["options"]): void {
  if (prefix === "") return;
  const unlike = names.find((name) => !name.startsWith(prefix));
  if (unlike !== undefined) {
    throw new SqlError(
      "OPTION_INVALID",
      `All fields in 'key.fields' must be prefixed with '${prefix}' when option 'key.fields-prefix' is set but field '${unlike}' is not prefixed.`,
    );
  }
  if (options["value.fields-include"]?.toUpperCase() !== "EXCEPT_KEY") {
    throw invalidOption(
      "key.fields-prefix",
      prefix,
      "no prefix: a key prefix is not allowed when option 'value.fields-include' is set to 'ALL'. Set it to 'EXCEPT_KEY' instead to avoid field overlaps",
    );
  }
}
