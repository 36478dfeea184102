import { SqlError } from "../../base/errors.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogDescriptor } from "../../catalog/catalog.ts";
import type {
  CatalogColumn,
  CatalogDistribution,
  CatalogMaterialization,
  CatalogObject,
  ObjectPath,
} from "../../catalog/table.ts";
import { printExpression, printQuery, quote, quoteString as text } from "../../parser/index.ts";
import { withoutTimeAttribute } from "../../types/data-type.ts";
import { fullTypeText } from "../../types/type-text.ts";
import { shownValue } from "./secrets.ts";
import type { Binding } from "./context.ts";
import { qualifyQuery } from "./qualify.ts";

/** The text of SHOW CREATE [MATERIALIZED] TABLE, as Flink prints it. Throws INVALID_QUERY for another kind of object. */
export function showCreateTable(
  object: CatalogObject,
  what: "CREATE TABLE" | "CREATE MATERIALIZED TABLE",
  span: Span | undefined,
  binding: Binding,
): string {
  if (object.kind === "table" && (object.materialized !== undefined) !== (what === "CREATE MATERIALIZED TABLE")) {
    const [is, use] =
      object.materialized === undefined
        ? ["table", "CREATE TABLE"]
        : ["materialized table", "CREATE MATERIALIZED TABLE"];
    throw new SqlError("INVALID_QUERY", `SHOW ${what} does not show '${object.path.object}', which is a ${is}`, {
      span,
      hint: `use SHOW ${use}`,
    });
  }
  if (object.kind !== "table") {
    throw new SqlError(
      "INVALID_QUERY",
      `SHOW ${what} is only supported for tables, but '${object.path.object}' is a view`,
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
  const words = what.replace("CREATE ", object.temporary ? "TEMPORARY " : "");
  const { materialized } = object;
  // The columns of a materialized table are those of its query.
  const body = materialized === undefined ? [" (", `\n${lines.map((l) => `  ${l}`).join(",\n")}\n`, ")"].join("") : "";
  return [
    `CREATE ${words} ${pathText(object.path)}${body}`,
    ...(object.comment === undefined ? [] : [`COMMENT ${text(object.comment)}`]),
    ...(object.distribution === undefined ? [] : [`DISTRIBUTED ${distributionText(object.distribution)}`]),
    ...(object.partitionKeys.length === 0 ? [] : [`PARTITIONED BY (${object.partitionKeys.map(quote).join(", ")})`]),
    ...optionLines(object.options),
    ...(materialized === undefined ? [] : materializedLines(materialized, binding)),
    "",
  ].join("\n");
}

/** The text of SHOW CREATE CATALOG. */
export function showCreateCatalog({ name, comment, options }: CatalogDescriptor): string {
  return [
    `CREATE CATALOG ${quote(name)}`,
    ...(comment === undefined ? [] : [`COMMENT ${text(comment)}`]),
    ...optionLines(options),
    "",
  ].join("\n");
}

/** WITH and the options by name; secrets are not shown. */
function optionLines(options: ReadonlyMap<string, string>): readonly string[] {
  if (options.size === 0) return [];
  const lines = [...options]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `  ${text(key)} = ${text(shownValue(key, value))}`);
  return [`WITH (\n${lines.join(",\n")}\n)`];
}

function materializedLines(
  { query, searchPath, freshnessMillis, refreshMode }: CatalogMaterialization,
  binding: Binding,
): readonly string[] {
  const freshness = freshnessMillis === undefined ? [] : [`FRESHNESS = INTERVAL '${freshnessMillis / 1000}' SECOND`];
  return [
    ...freshness,
    `REFRESH_MODE = ${refreshMode ?? "CONTINUOUS"}`,
    `AS ${printQuery(qualifyQuery(query, { ...binding, searchPath }), { lines: true })}`,
  ];
}

/** `BY HASH(`a`) INTO 3 BUCKETS` */
export function distributionText({ strategy, columns, buckets }: CatalogDistribution): string {
  const keys = `(${columns.map(quote).join(", ")})`;
  const by = columns.length === 0 ? [] : [`BY ${strategy === undefined ? keys : strategy + keys}`];
  return [...by, ...(buckets === undefined ? [] : [`INTO ${buckets} BUCKETS`])].join(" ");
}

/** The text of SHOW CREATE VIEW, whose query has every name written in full. Throws INVALID_QUERY for a table. */
export function showCreateView(object: CatalogObject, span: Span | undefined): string {
  if (object.kind !== "view") {
    throw new SqlError(
      "INVALID_QUERY",
      `SHOW CREATE VIEW is only supported for views, but '${object.path.object}' is a table`,
      { span, hint: "use SHOW CREATE TABLE" },
    );
  }
  return [
    `CREATE ${object.temporary ? "TEMPORARY " : ""}VIEW ${pathText(object.path)} (`,
    object.columns.map((c) => `  ${quote(c.name)}`).join(",\n"),
    ")",
    ...(object.comment === undefined ? [] : [`COMMENT ${text(object.comment)}`]),
    `AS ${printQuery(object.query, { lines: true })}`,
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
