import type { FromItem, Identifier, Query, Select, SelectItem, Star, TableAlias } from "../../parser/index.ts";
import type { Binding, NameNotes, StarColumn } from "./context.ts";
import { isChangelogFunction } from "./changelog-functions.ts";
import { isWindowTvf } from "./window-tvf.ts";

/**
 * The query with every table and column written in full, and `*` spelled out, as Flink stores the text of a view: columns that
 * its tables get later are none of its own.
 */
export function qualifyQuery(query: Query, binding: Binding): Query {
  const columns = new Map<object, readonly string[]>();
  const stars = new Map<object, readonly StarColumn[]>();
  const tables = new Map<object, readonly string[]>();
  const replaced = new Map<object, object>();
  const notes: NameNotes = {
    column: (node, name) => void columns.set(node, name),
    star: (node, names) => void stars.set(node, names),
    table: (node, name) => void tables.set(node, name),
    qualify: (node, by) => void replaced.set(node, by),
  };
  const named = withAliases(query);
  binding.bindQuery(named, { ...binding, notes }, undefined, "root");

  const rewrite = (value: unknown): unknown => {
    if (Array.isArray(value))
      return value.flatMap((item: unknown): readonly unknown[] => spelledOut(item) ?? [rewrite(item)]);
    if (typeof value !== "object" || value === null) return value;
    const instead = replaced.get(value);
    if (instead !== undefined && instead !== value) return rewrite(instead);
    const column = columns.get(value);
    if (column !== undefined) return { ...value, parts: identifiers(column) };
    const copy = Object.fromEntries(Object.entries(value).map(([key, v]) => [key, rewrite(v)]));
    const path = tables.get(value);
    if (path === undefined) return copy;
    const parts = identifiers(path);
    // The argument `TABLE t` has no alias.
    if ("kind" in value && value.kind === "ObjectName") return { ...copy, parts };
    return {
      ...copy,
      name: { kind: "ObjectName", span: NOWHERE, parts },
      alias: copy["alias"] ?? aliasOf(path.at(-1)!),
    };
  };
  /** The select items that a `*` stands for. */
  const spelledOut = (item: unknown): readonly SelectItem[] | undefined => {
    if (typeof item !== "object" || item === null || !("expression" in item)) return undefined;
    const found = typeof item.expression === "object" && item.expression !== null && stars.get(item.expression);
    if (found === undefined || found === false) return undefined;
    return found.map(({ name, alias }) => ({
      kind: "SelectItem",
      span: NOWHERE,
      expression: { kind: "ColumnRef", span: NOWHERE, parts: identifiers(name) },
      alias: alias === undefined ? undefined : identifiers([alias])[0],
    }));
  };
  return rewrite(named) as Query;
}

/** The query with a name for each derived table and window that has none, so that its columns can be told from others. */
function withAliases(query: Query): Query {
  let number = 0;
  const visit = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(visit);
    if (typeof value !== "object" || value === null) return value;
    const alias = isUnnamed(value) ? { alias: aliasOf(`EXPR$${number++}`) } : {};
    const named = { ...Object.fromEntries(Object.entries(value).map(([key, v]) => [key, visit(v)])), ...alias };
    return isOrderedSet(named) ? overDerivedTable(named, aliasOf(`EXPR$${number++}`)) : named;
  };
  return visit(query) as Query;
}

/** A set operation with ORDER BY, OFFSET or LIMIT, which Flink writes as those of a SELECT over it. */
function isOrderedSet(value: object): value is Query {
  const query = value as Query;
  if (query.kind !== "Query" || query.body.kind !== "SetOperation") return false;
  return query.orderBy.length > 0 || query.offset !== undefined || query.limit !== undefined;
}

function overDerivedTable(query: Query, alias: TableAlias): Query {
  const inner: Query = { ...query, with: [], orderBy: [], offset: undefined, limit: undefined };
  const star: Star = { kind: "Star", span: NOWHERE, qualifier: [] };
  const body: Select = {
    kind: "Select",
    span: NOWHERE,
    distinct: false,
    hints: [],
    items: [{ kind: "SelectItem", span: NOWHERE, expression: star, alias: undefined }],
    from: { kind: "DerivedTable", span: NOWHERE, query: inner, lateral: false, alias },
    where: undefined,
    groupBy: undefined,
    groupByDistinct: false,
    having: undefined,
    windows: [],
    qualify: undefined,
  };
  return { ...query, body };
}

/** Items of FROM whose columns keep their names under an alias: that of an UNNEST may be the name of its column. */
function isUnnamed(value: object): boolean {
  const item = value as FromItem | Query;
  if (item.kind === "DerivedTable") return item.alias === undefined;
  if (item.kind !== "TableFunction" || item.alias !== undefined) return false;
  const name = item.name.parts.at(-1)!.name.toUpperCase();
  return isWindowTvf(name) || isChangelogFunction(name);
}

const NOWHERE = { start: 0, end: 0 };

function aliasOf(name: string): TableAlias {
  return { kind: "TableAlias", span: NOWHERE, name: identifiers([name])[0]!, columns: [] };
}

function identifiers(names: readonly string[]): readonly Identifier[] {
  return names.map((name) => ({ kind: "Identifier", span: NOWHERE, name, quoted: true }));
}
