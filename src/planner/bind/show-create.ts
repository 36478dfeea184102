import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogColumn, CatalogObject, ObjectPath } from "../../catalog/table.ts";
import { printExpression, printQuery, quote, quoteString as text } from "../../parser/index.ts";
import { withoutTimeAttribute } from "../../types/data-type.ts";
import { fullTypeText } from "../../types/type-text.ts";
import type { Binding } from "./context.ts";
import { qualifyQuery } from "./qualify.ts";

/** The text of SHOW CREATE TABLE, as Flink prints it. Throws INVALID_QUERY for a view. */
export function showCreateTable(object: CatalogObject, span: Span | undefined): string {
  if (object.kind !== "table") {
    throw new SqlError(
      "INVALID_QUERY",
      `SHOW CREATE TABLE is only supported for tables, but '${object.path.object}' is a view`,
      { span, hint: "use SHOW CREATE VIEW" },
    );
  }
  const lines = object.columns.map((c) => columnLine(c));
  if (object.watermark !== undefined) {
    lines.push(`WATERMARK FOR ${quote(object.watermark.column)} AS ${printExpression(object.watermark.expression)}`);
  }
  if (object.primaryKey !== undefined) {
    lines.push(
      `CONSTRAINT ${quote(object.primaryKey.name)} PRIMARY KEY (${object.primaryKey.columns.map(quote).join(", ")}) NOT ENFORCED`,
    );
  }
  const options = [...object.options]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `  ${text(key)} = ${text(value)}`);
  return [
    `CREATE ${object.temporary ? "TEMPORARY " : ""}TABLE ${pathText(object.path)} (`,
    lines.map((l) => `  ${l}`).join(",\n"),
    ")",
    ...(object.comment === undefined ? [] : [`COMMENT ${text(object.comment)}`]),
    ...(object.partitionKeys.length === 0 ? [] : [`PARTITIONED BY (${object.partitionKeys.map(quote).join(", ")})`]),
    ...(options.length === 0 ? [] : [`WITH (\n${options.join(",\n")}\n)`]),
    "",
  ].join("\n");
}

/** The text of SHOW CREATE VIEW: the query with every name written in full. Throws INVALID_QUERY for a table. */
export function showCreateView(object: CatalogObject, span: Span | undefined, binding: Binding): string {
  if (object.kind !== "view") {
    throw new SqlError(
      "INVALID_QUERY",
      `SHOW CREATE VIEW is only supported for views, but '${object.path.object}' is a table`,
      { span, hint: "use SHOW CREATE TABLE" },
    );
  }
  const query = printQuery(qualifyQuery(object.query, { ...binding, searchPath: object.searchPath }), { lines: true });
  return [
    `CREATE ${object.temporary ? "TEMPORARY " : ""}VIEW ${pathText(object.path)} (`,
    object.columns.map((c) => `  ${quote(c.name)}`).join(",\n"),
    ")",
    ...(object.comment === undefined ? [] : [`COMMENT ${text(object.comment)}`]),
    `AS ${query}`,
    "",
  ].join("\n");
}

function columnLine(column: CatalogColumn): string {
  const comment = column.comment === undefined ? "" : ` COMMENT ${text(column.comment)}`;
  switch (column.kind) {
    case "physical":
      return `${quote(column.name)} ${fullTypeText(withoutTimeAttribute(column.type))}${comment}`;
    case "metadata": {
      const from = column.key === undefined ? "" : ` FROM ${text(column.key)}`;
      return `${quote(column.name)} ${fullTypeText(column.type)} METADATA${from}${column.virtual ? " VIRTUAL" : ""}${comment}`;
    }
    case "computed":
      return `${quote(column.name)} AS ${printExpression(column.expression)}${comment}`;
  }
}

function pathText(path: ObjectPath): string {
  return [path.catalog, path.database, path.object].map(quote).join(".");
}
