import type { Json } from "../../base/json.ts";
import { SqlError } from "../../base/errors.ts";
import type { CatalogDatabase, CatalogFunction } from "../../catalog/manager.ts";
import type {
  CatalogColumn,
  CatalogMaterialization,
  CatalogObject,
  CatalogTable,
  CatalogView,
  ObjectPath,
} from "../../catalog/table.ts";
import { parseExpression, parseScript, printExpression, printQuery } from "../../parser/index.ts";
import type { Expression, Query } from "../../parser/index.ts";
import type { DataType } from "../../types/data-type.ts";

/** Written into every file; files of a later one are refused. */
const FORMAT = 1;

type JsonMap = { readonly [key: string]: Json };

/** A table or view as plain data: types as they are, expressions and queries as SQL. */
export function objectRecord(object: CatalogObject, revision: number): JsonMap {
  const head = { format: FORMAT, revision, kind: object.kind, name: object.path.object };
  return compact(object.kind === "table" ? { ...head, ...tableRecord(object) } : { ...head, ...viewRecord(object) });
}

function tableRecord(table: CatalogTable): Record<string, Json | undefined> {
  return {
    comment: table.comment,
    columns: table.columns.map(columnRecord),
    watermark:
      table.watermark === undefined
        ? undefined
        : { column: table.watermark.column, expression: expressionText(table.watermark.expression) },
    primaryKey: table.primaryKey as Json | undefined,
    partitionKeys: table.partitionKeys,
    distribution: table.distribution === undefined ? undefined : compact({ ...table.distribution }),
    partitions: table.partitions?.map(({ values, options }) => ({
      values: Object.fromEntries(values),
      options: Object.fromEntries(options),
    })),
    materialized: table.materialized === undefined ? undefined : materializedRecord(table.materialized),
    options: Object.fromEntries(table.options),
  };
}

function materializedRecord(m: CatalogMaterialization): Json {
  return compact({
    query: queryText(m.query),
    searchPath: { ...m.searchPath },
    freshnessMillis: m.freshnessMillis,
    refreshMode: m.refreshMode,
    suspended: m.suspended === undefined ? undefined : compact({ ...m.suspended }),
  });
}

function viewRecord(view: CatalogView): Record<string, Json | undefined> {
  return {
    comment: view.comment,
    columns: view.columns.map(({ name, type }) => ({ name, type: type as unknown as Json })),
    explicitColumns: view.explicitColumns,
    searchPath: { ...view.searchPath },
    query: queryText(view.query),
  };
}

function columnRecord(column: CatalogColumn): Json {
  const type = column.type as unknown as Json;
  const { kind, name, comment } = column;
  switch (column.kind) {
    case "physical":
      return compact({ kind, name, type, comment });
    case "metadata":
      return compact({ kind, name, type, key: column.key, virtual: column.virtual, comment });
    case "computed":
      return compact({ kind, name, type, expression: expressionText(column.expression), comment });
  }
}

/** The object of a record, in the database that its file lies in. Throws CATALOG_CHANGED for what is no such record. */
export function objectOf(record: JsonMap, location: Omit<ObjectPath, "object">, file: string): CatalogObject {
  checkFormat(record, file);
  try {
    const path = { ...location, object: record["name"] as string };
    return record["kind"] === "view" ? viewOf(record, path) : tableOf(record, path);
  } catch (cause) {
    throw damaged(file, cause);
  }
}

function tableOf(record: JsonMap, path: ObjectPath): CatalogTable {
  const watermark = record["watermark"] as { readonly column: string; readonly expression: string } | undefined;
  const partitions = record["partitions"] as
    | readonly { readonly values: Record<string, string>; readonly options: Record<string, string> }[]
    | undefined;
  const materialized = record["materialized"] as JsonMap | undefined;
  return {
    kind: "table",
    path,
    temporary: false,
    columns: (record["columns"] as readonly JsonMap[]).map(columnOf),
    watermark:
      watermark === undefined
        ? undefined
        : { column: watermark.column, expression: parseExpression(watermark.expression) },
    primaryKey: record["primaryKey"] as CatalogTable["primaryKey"],
    partitionKeys: record["partitionKeys"] as readonly string[],
    comment: record["comment"] as string | undefined,
    options: mapOf(record["options"]),
    ...(record["distribution"] === undefined
      ? {}
      : { distribution: record["distribution"] as unknown as CatalogTable["distribution"] }),
    ...(partitions === undefined
      ? {}
      : { partitions: partitions.map((p) => ({ values: mapOf(p.values), options: mapOf(p.options) })) }),
    ...(materialized === undefined ? {} : { materialized: materializedOf(materialized) }),
  };
}

function materializedOf(record: JsonMap): CatalogMaterialization {
  return {
    query: parseQuery(record["query"] as string),
    searchPath: record["searchPath"] as unknown as CatalogMaterialization["searchPath"],
    freshnessMillis: record["freshnessMillis"] as number | undefined,
    refreshMode: record["refreshMode"] as CatalogMaterialization["refreshMode"],
    suspended: record["suspended"] as CatalogMaterialization["suspended"],
  };
}

function viewOf(record: JsonMap, path: ObjectPath): CatalogView {
  return {
    kind: "view",
    path,
    temporary: false,
    columns: record["columns"] as unknown as CatalogView["columns"],
    explicitColumns: record["explicitColumns"] === true,
    query: parseQuery(record["query"] as string),
    searchPath: record["searchPath"] as unknown as CatalogView["searchPath"],
    comment: record["comment"] as string | undefined,
  };
}

function columnOf(record: JsonMap): CatalogColumn {
  const name = record["name"] as string;
  const type = record["type"] as unknown as DataType;
  const comment = record["comment"] as string | undefined;
  switch (record["kind"]) {
    case "metadata": {
      const key = record["key"] as string | undefined;
      return { kind: "metadata", name, type, key, virtual: record["virtual"] === true, comment };
    }
    case "computed":
      return { kind: "computed", name, type, expression: parseExpression(record["expression"] as string), comment };
    default:
      return { kind: "physical", name, type, comment };
  }
}

/** A database as plain data. */
export function databaseRecord(database: CatalogDatabase, revision: number): JsonMap {
  const { name, comment } = database;
  return compact({ format: FORMAT, revision, name, comment, options: Object.fromEntries(database.options) });
}

export function databaseOf(record: JsonMap, file: string): CatalogDatabase {
  checkFormat(record, file);
  return {
    name: record["name"] as string,
    comment: record["comment"] as string | undefined,
    options: mapOf(record["options"]),
  };
}

/** A function as plain data; `directory` is where its relative file name starts. */
export function functionRecord(fn: CatalogFunction, directory: string, revision: number): JsonMap {
  const { name, identifier, language } = fn;
  return { format: FORMAT, revision, name, identifier, language, directory: fn.directory ?? directory };
}

export function functionOf(
  record: JsonMap,
  location: { readonly catalog: string; readonly database: string },
  file: string,
): CatalogFunction {
  checkFormat(record, file);
  return {
    name: record["name"] as string,
    location,
    temporary: false,
    identifier: record["identifier"] as string,
    directory: record["directory"] as string | undefined,
    language: record["language"] as string,
  };
}

function checkFormat(record: JsonMap, file: string): void {
  const { format } = record;
  if (format === FORMAT) return;
  if (typeof format !== "number") throw damaged(file, undefined);
  throw new SqlError("UNSUPPORTED", `'${file}' has format ${format}; this version reads format ${FORMAT}`, {
    hint: "it was written by a later version of millrace",
  });
}

/** A file of a catalog that does not hold what it should. */
export function damaged(file: string, cause: unknown): SqlError {
  return new SqlError("IO", `'${file}' is no file of a catalog, or is damaged`, { cause });
}

function expressionText(expression: Expression): string {
  return printExpression(expression, { exact: true });
}

function queryText(query: Query): string {
  return printQuery(query, { exact: true, lines: true });
}

function parseQuery(text: string): Query {
  const [statement] = parseScript(text);
  if (statement?.kind !== "QueryStatement") throw new SqlError("SYNTAX", "it is no query");
  return statement.query;
}

function mapOf(value: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries((value ?? {}) as Record<string, string>));
}

/** Without what is undefined. */
function compact(record: Record<string, unknown>): JsonMap {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as JsonMap;
}
