import { BUILTINS } from "../../src/engine/builtin.ts";
import type { Format } from "../../src/formats/api.ts";
import { FORMATS } from "../../src/formats/index.ts";
import { typeText } from "../../src/types/type-text.ts";
import { FORMAT_NOTES } from "./connector-notes.ts";
import { optionTable } from "./connectors.ts";
import { code, codes, GENERATED, page, sentence, table } from "./markdown.ts";

/** docs/formats.md: formats, their options and metadata. */
export function formatsPage(): string {
  const takers = codes(BUILTINS.connectors.filter((connector) => connector.format === true).map(({ name }) => name));
  return page([
    GENERATED,
    "# Formats",
    `Connectors with a format (${takers}) name it in \`WITH\`: \`'format' = 'json'\`. Its options carry its name in front: \`'json.ignore-parse-errors' = 'true'\`; ` +
      "those that are not listed here are rejected, with the nearest name as a hint. A record that cannot be read fails the job, unless the format has `ignore-parse-errors` and it is set, or the table has `errors.table`.",
    table(["format", "read", "write", "carries", "records in"], FORMATS.map(overview)),
    ...FORMATS.flatMap(formatSection),
  ]);
}

function overview(format: Format): string[] {
  return [
    code(format.name),
    format.decoder === undefined ? "no" : "yes",
    format.encoder === undefined ? "no" : "yes",
    format.changelog === "full" ? "every kind of change" : "inserts",
    format.messagesOnly === true ? "messages" : "files and messages",
  ];
}

function formatSection(format: Format): string[] {
  const metadata = format.metadata ?? [];
  return [
    `## ${format.name}`,
    sentence(FORMAT_NOTES[format.name] ?? ""),
    optionTable(format.options.map((option) => ({ ...option, name: `${format.name}.${option.name}` }))),
    metadata.length === 0 ? "" : "Metadata columns (`name TYPE METADATA FROM 'key' VIRTUAL`):",
    metadata.length === 0
      ? ""
      : table(
          ["key", "type"],
          metadata.map(({ key, type }) => [code(key), code(typeText(type))]),
        ),
  ];
}
