import { SqlError } from "../base/errors.ts";
import { validateOptions, type OptionDeclaration } from "../base/options.ts";
import { didYouMean } from "../base/suggest.ts";
import type { Format } from "../formats/api.ts";
import type { DataType } from "../types/data-type.ts";
import type { Connector, ConnectorContext, TableRequest } from "./api.ts";
import { KNOWN_FORMATS } from "./known-names.ts";
import { isOnJdbc, JDBC_TABLE_OPTIONS, JOB_TABLE_OPTIONS } from "./job-options.ts";

/** Every option that a table with this connector and these options may have, format options included. */
export function tableOptions(
  connector: Connector,
  options: Readonly<Record<string, string>>,
  context: ConnectorContext,
): OptionDeclaration[] {
  const own: OptionDeclaration[] = [
    { name: "connector", type: "string", required: true, summary: "Name of the connector." },
    ...connector.options,
  ];
  if (connector.format === true) {
    own.push({ name: "format", type: "string", required: true, summary: "Format of the records." });
    addFormatOptions(own, context.format(options["format"] ?? ""), "");
  } else if (connector.format === "key-value") {
    own.push(...KEY_VALUE_FORMATS);
    addFormatOptions(own, context.format(options["format"] ?? ""), "");
    addFormatOptions(own, context.format(options["value.format"] ?? ""), "value.");
    addFormatOptions(own, context.format(options["key.format"] ?? ""), "key.");
  }
  const names = new Set(own.map((option) => option.name));
  const ofJobs = isOnJdbc(options) ? [...JOB_TABLE_OPTIONS, ...JDBC_TABLE_OPTIONS] : JOB_TABLE_OPTIONS;
  return [...own, ...ofJobs.filter((option) => !names.has(option.name))];
}

/** Options that say in which formats the keys and values of a queue's records are. */
export const KEY_VALUE_FORMATS: readonly OptionDeclaration[] = [
  { name: "format", type: "string", summary: "Format of the values; the same as `value.format`." },
  { name: "value.format", type: "string", summary: "Format of the values." },
  { name: "key.format", type: "string", summary: "Format of the keys." },
];

function addFormatOptions(into: OptionDeclaration[], format: Format | undefined, prefix: string): void {
  for (const option of format?.options ?? []) into.push({ ...option, name: `${prefix}${format?.name}.${option.name}` });
}

/**
 * What the `validate` of every connector starts with: option names and values, format, partition columns. Throws
 * OPTION_*, FORMAT_UNKNOWN or UNSUPPORTED.
 */
export function validateDeclared(connector: Connector, request: TableRequest, context: ConnectorContext): void {
  const formatNames = connector.format === "key-value" ? KEY_VALUE_FORMATS.map(({ name }) => name) : ["format"];
  if (connector.format !== undefined && connector.format !== false)
    for (const name of formatNames) if (request.options[name] !== undefined) formatOf(request, context, name);
  const declared = tableOptions(connector, request.options, context);
  validateOptions(request.options, declared, `connector '${connector.name}'`, columnPaths(request));
  if (request.partitionKeys.length > 0 && connector.partitions !== true) {
    throw new SqlError(
      "UNSUPPORTED",
      `PARTITIONED BY on table '${request.table}': connector '${connector.name}' has no partitions`,
    );
  }
}

/** The format of a table, named by an option. Throws OPTION_MISSING or FORMAT_UNKNOWN. */
export function formatOf(request: TableRequest, context: ConnectorContext, option = "format"): Format {
  const name = request.options[option];
  const names = context.formatNames();
  if (name === undefined) {
    throw new SqlError("OPTION_MISSING", `table '${request.table}' needs the option '${option}'`, {
      hint: `one of ${names.join(", ")}`,
    });
  }
  const format = context.format(name);
  if (format === undefined) {
    if (KNOWN_FORMATS.has(name))
      throw new SqlError("UNSUPPORTED", `the format '${name}' is not supported yet; supported: ${names.join(", ")}`);
    throw new SqlError("FORMAT_UNKNOWN", `unknown format '${name}'; known formats: ${names.join(", ")}`, {
      hint: didYouMean(name, names),
    });
  }
  return format;
}

/** `a`, and what is inside: `a.b` for the fields of rows, `a.element`, `a.key`, `a.value` for collections. */
function columnPaths(request: TableRequest): string[] {
  const paths: string[] = [];
  const add = (path: string, type: DataType): void => {
    paths.push(path);
    if (type.kind === "ROW") for (const field of type.fields) add(`${path}.${field.name}`, field.type);
    else if (type.kind === "ARRAY" || type.kind === "MULTISET") add(`${path}.element`, type.element);
    else if (type.kind === "MAP") {
      add(`${path}.key`, type.key);
      add(`${path}.value`, type.value);
    }
  };
  for (const { name, type } of request.physical) add(name, type);
  return paths;
}
