import type { ObjectPath } from "../../catalog/table.ts";
import type { Identifier, Query } from "../../parser/index.ts";
import type { Binding, NameNotes } from "./context.ts";

/** The query with every table and column written in full, and `*` spelled out, as Flink stores the text of a view. */
export function qualifyQuery(query: Query, binding: Binding): Query {
  const columns = new Map<object, readonly string[]>();
  const stars = new Map<object, readonly (readonly string[])[]>();
  const tables = new Map<object, ObjectPath>();
  const notes: NameNotes = {
    column: (node, name) => void columns.set(node, name),
    star: (node, names) => void stars.set(node, names),
    table: (node, path) => void tables.set(node, path),
  };
  binding.bindQuery(query, { ...binding, notes }, undefined, "root");

  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.flatMap((item: unknown) => spelledOut(item) ?? [rewrite(item)]);
    if (typeof value !== "object" || value === null) return value;
    const column = columns.get(value);
    if (column !== undefined) return { ...value, parts: identifiers(column) };
    const copy = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, rewrite(v)]));
    const path = tables.get(value);
    if (path === undefined) return copy;
    const names = identifiers([path.catalog, path.database, path.object]);
    const span = NOWHERE;
    return {
      ...copy,
      name: { kind: "ObjectName", span, parts: names },
      alias: copy["alias"] ?? { kind: "TableAlias", span, name: names[2], columns: [] },
    };
  };
  /** The select items that a `*` stands for. */
  const spelledOut = (item: unknown): readonly unknown[] | undefined => {
    if (typeof item !== "object" || item === null || !("expression" in item)) return undefined;
    const names =
      typeof item.expression === "object" && item.expression !== null ? stars.get(item.expression) : undefined;
    return names?.map((name) => ({
      kind: "SelectItem",
      span: NOWHERE,
      expression: { kind: "ColumnRef", span: NOWHERE, parts: identifiers(name) },
      alias: undefined,
    }));
  };
  return rewrite(query) as Query;
}

const NOWHERE = { start: 0, end: 0 };

function identifiers(names: readonly string[]): readonly Identifier[] {
  return names.map((name) => ({ kind: "Identifier", span: NOWHERE, name, quoted: true }));
}
