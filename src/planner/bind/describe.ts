import type { CatalogColumn, CatalogObject, CatalogTable } from "../../catalog/table.ts";
import type { Show } from "../../parser/index.ts";
import { printExpression } from "../../parser/index.ts";
import { T, withNullable, type Field, type Value } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import { visibleType } from "./table-draft.ts";

/** A finished table to show. */
export interface ShownRows {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Value[])[];
}

/** DESCRIBE: name, type, null, key, extras, watermark, and comment when there is one. */
export function describeRows(object: CatalogObject): ShownRows {
  const rows = object.kind === "table" ? object.columns.map((c) => tableRow(object, c)) : object.columns.map(viewRow);
  const commented = rows.some((r) => r.comment !== undefined);
  const fields: Field[] = ["name", "type", "null", "key", "extras", "watermark", ...(commented ? ["comment"] : [])].map(
    (name) => ({
      name,
      type: name === "null" ? T.boolean() : T.string(),
    }),
  );
  return { fields, rows: rows.map((r) => [...r.values, ...(commented ? [r.comment ?? null] : [])]) };
}

interface Row {
  readonly values: readonly Value[];
  readonly comment: string | undefined;
}

function viewRow(column: { readonly name: string; readonly type: Field["type"] }): Row {
  return {
    values: [column.name, typeText(withNullable(column.type, true)), column.type.nullable, null, null, null],
    comment: undefined,
  };
}

function tableRow(table: CatalogTable, column: CatalogColumn): Row {
  const type = visibleType(table, column);
  const key =
    table.primaryKey?.columns.includes(column.name) === true ? `PRI(${table.primaryKey.columns.join(", ")})` : null;
  const watermark = table.watermark?.column === column.name ? printExpression(table.watermark.expression) : null;
  return {
    values: [column.name, typeText(withNullable(type, true)), type.nullable, key, extrasOf(column), watermark],
    comment: column.comment,
  };
}

function extrasOf(column: CatalogColumn): string | null {
  switch (column.kind) {
    case "physical":
      return null;
    case "computed":
      return `AS ${printExpression(column.expression)}`;
    case "metadata":
      return [
        "METADATA",
        ...(column.key === undefined ? [] : [`FROM '${column.key.replaceAll("'", "''")}'`]),
        ...(column.virtual ? ["VIRTUAL"] : []),
      ].join(" ");
  }
}

/** SHOW COLUMNS: as DESCRIBE, only the columns whose name is LIKE the pattern. */
export function showColumns(object: CatalogObject, like: Show["like"]): ShownRows {
  const { fields, rows } = describeRows(object);
  if (like === undefined) return { fields, rows };
  return { fields, rows: rows.filter(([name]) => matchesLike(String(name), like)) };
}

/** LIKE of SHOW statements: `%` any text, `_` one character, `\\` takes their meaning away. */
export function matchesLike(name: string, like: Show["like"]): boolean {
  if (like === undefined) return true;
  const pattern = like.pattern.replace(
    /\\([\\%_])|[%_]|[.*+?^${}()|[\]\\]/g,
    (found: string, escaped: string | undefined) => {
      if (escaped !== undefined) return escaped === "\\" ? "\\\\" : escaped;
      if (found === "%") return ".*";
      return found === "_" ? "." : `\\${found}`;
    },
  );
  return new RegExp(`^${pattern}$`, like.insensitive ? "is" : "s").test(name) !== like.not;
}
