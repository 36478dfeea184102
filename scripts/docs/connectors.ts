import type { Connector, ConnectorContext, ConnectorOption, TableRequest } from "../../src/connectors/api.ts";
import { JDBC_TABLE_OPTIONS, JOB_TABLE_OPTIONS } from "../../src/connectors/job-options.ts";
import { BUILTINS } from "../../src/engine/builtin.ts";
import type { FormatOption } from "../../src/formats/api.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { typeText } from "../../src/types/type-text.ts";
import { CONNECTOR_NOTES } from "./connector-notes.ts";
import { code, codes, GENERATED, page, sentence, table } from "./markdown.ts";

/** docs/connectors.md: connectors, options of every table. */
export function connectorsPage(): string {
  return page([
    GENERATED,
    "# Connectors",
    "A table names its connector and format in `WITH`; options that are not listed here are rejected, with the nearest name as a hint. Options of a " +
      "format (docs/formats.md) carry its name in front: `'json.ignore-parse-errors' = 'true'`. A query may override options of a table: " +
      "`FROM t /*+ OPTIONS('scan.rows-per-second' = '100') */`.",
    table(["connector", "read", "write", "delivers", "format", "partitions"], BUILTINS.connectors.map(overview)),
    ...BUILTINS.connectors.flatMap(connectorSection),
    "## Options of every table",
    "They configure each job that reads or writes the table; docs/configuration.md says which value wins.",
    optionTable(JOB_TABLE_OPTIONS),
    "With `'state.backend' = 'jdbc'` also, unless the connector has options of these names itself (docs/operations.md):",
    optionTable(JDBC_TABLE_OPTIONS),
  ]);
}

const SINK_MODES: Readonly<Record<Connector["sinkMode"], string>> = {
  append: "inserts only",
  upsert: "inserts, updates and deletes by key",
  all: "every kind of change",
  retract: "every kind of change, as a log",
  none: "no",
};

function overview(connector: Connector): string[] {
  return [
    code(connector.name),
    connector.source === undefined ? "no" : "yes",
    connector.sink === undefined ? "no" : SINK_MODES[connector.sinkMode],
    guaranteeOf(connector),
    connector.format === "key-value" ? "for values, for keys" : connector.format === true ? "required" : "–",
    connector.partitions === true ? "yes" : "no",
  ];
}

/** What the sink itself promises. */
function guaranteeOf(connector: Connector): string {
  if (connector.sink === undefined) return "–";
  // What depends on an option says so.
  if (connector.options.some(({ name }) => name === "sink.delivery-guarantee"))
    return "as `sink.delivery-guarantee` says";
  const request: TableRequest = {
    table: "default_catalog.default_database.t",
    physical: [],
    primaryKey: [],
    partitionKeys: [],
    options: { connector: connector.name, format: "json", path: "out" },
    timeZone: "UTC",
  };
  const run = { jobName: "job", runId: "run", attempt: 1, operatorId: "sink" };
  return connector.sink(request, CONTEXT, run).guarantee;
}

const CONTEXT: ConnectorContext = {
  format: (name) => FORMATS.find((f) => f.name === name),
  formatNames: () => FORMATS.map((f) => f.name),
  stdout: () => undefined,
  stderr: () => undefined,
  nowMillis: () => 0,
  baseDirectory: "/",
};

function connectorSection(connector: Connector): string[] {
  const metadata = connector.metadata.map(({ key, type }) => [code(key), code(typeText(type))]);
  return [
    `## ${connector.name}`,
    CONNECTOR_NOTES[connector.name] ?? "",
    connector.options.length === 0 ? "No options of its own." : optionTable(connector.options),
    metadata.length === 0 ? "" : "Metadata columns (`name TYPE METADATA FROM 'key' VIRTUAL`):",
    metadata.length === 0 ? "" : table(["key", "type"], metadata),
  ];
}

/** Options as a table. */
export function optionTable(options: readonly (ConnectorOption | FormatOption)[]): string {
  return table(
    ["option", "value", "default", "meaning"],
    options.map((option) => [
      code(option.name),
      typeof option.type === "string" ? option.type : codes(option.type),
      "required" in option && option.required === true
        ? "**required**"
        : option.default === undefined
          ? "–"
          : code(option.default),
      sentence(option.summary),
    ]),
  );
}
