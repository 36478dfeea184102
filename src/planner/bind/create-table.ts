import { SqlError } from "../../base/errors.ts";
import type { CatalogObject, CatalogTable, ObjectPath } from "../../catalog/table.ts";
import type * as ast from "../../parser/index.ts";
import { canImplicitlyCast } from "../../types/coerce.ts";
import { withoutTimeAttribute } from "../../types/data-type.ts";
import { typeText } from "../../types/type-text.ts";
import type { Sink } from "../logical/algebra.ts";
import type { Binding } from "./context.ts";
import { buildSink, writableColumns } from "./insert.ts";
import { mergeLike } from "./like.ts";
import { uniqueNames } from "../logical/unique-names.ts";
import type { Relation } from "./scope.ts";
import {
  draftColumn,
  draftDistribution,
  draftPrimaryKey,
  draftOf,
  draftWatermark,
  finishTable,
  keyOfColumn,
  type DraftColumn,
  type TableDraft,
} from "./table-draft.ts";

/** A table to create, and for CREATE TABLE AS the plan that fills it. */
export interface BoundCreateTable {
  readonly table: CatalogTable;
  readonly insert: Sink | undefined;
}

/** CREATE TABLE, with LIKE and AS. */
export function bindCreateTableStatement(node: ast.CreateTable, binding: Binding): BoundCreateTable {
  const path = binding.catalog.resolvePath(
    node.name.parts.map((p) => p.name),
    binding.searchPath,
    node.name.span,
  );
  const own = ownDraft(node);
  if (node.as !== undefined) return bindCreateTableAs(node, node.as, own, path, binding);
  if (node.like === undefined) return { table: finishTable(own, path, node.temporary, binding), insert: undefined };
  const source = binding.catalog.get(
    binding.catalog.resolvePath(
      node.like.source.parts.map((p) => p.name),
      binding.searchPath,
      node.like.source.span,
    ),
    node.like.source.span,
  );
  if (source.kind !== "table") {
    throw new SqlError("INVALID_QUERY", `Source table '${source.path.object}' of the LIKE clause can not be a VIEW`, {
      span: node.like.source.span,
    });
  }
  const merged = mergeLike(own, source, node.like);
  // A key makes columns of this statement NOT NULL, and not those of the other table.
  refuseNullableKey(own, draftOf(source).columns, `declare the key of '${source.path.object}' there`);
  return { table: finishTable(merged, path, node.temporary, binding), insert: undefined };
}

/** Throws INVALID_QUERY for a key over columns that come from elsewhere and may be NULL. */
function refuseNullableKey(own: TableDraft, inherited: readonly DraftColumn[], hint: string): void {
  const names = own.primaryKey?.columns ?? [];
  const nullable = inherited.find((c) => c.kind !== "computed" && c.type.nullable && names.includes(c.name));
  if (nullable === undefined) return;
  throw new SqlError(
    "INVALID_QUERY",
    `Invalid primary key '${own.primaryKey?.name ?? ""}'. Column '${nullable.name}' is nullable.`,
    { span: own.primaryKey?.span, hint },
  );
}

function ownDraft(node: ast.CreateTable): TableDraft {
  const [watermark, second] = node.watermarks;
  if (second !== undefined)
    throw new SqlError("INVALID_QUERY", "Multiple WATERMARK statements is not supported yet.", { span: second.span });
  const options = new Map<string, string>();
  // As in Flink the last of several values of one option counts.
  for (const { key, value } of node.options) options.set(key, value);
  return {
    columns: node.columns.map(draftColumn),
    watermark: watermark === undefined ? undefined : draftWatermark(watermark),
    primaryKey: primaryKeyOf(node),
    partitionKeys: node.partitionedBy.map((p) => ({ name: p.name, span: p.span })),
    comment: node.comment,
    options,
    ...(node.distribution === undefined ? {} : { distribution: draftDistribution(node.distribution) }),
  };
}

function primaryKeyOf(node: ast.CreateTable): TableDraft["primaryKey"] {
  const [key, second] = [
    ...node.columns.flatMap(keyOfColumn),
    ...(node.primaryKey === undefined ? [] : [node.primaryKey]),
  ];
  if (second !== undefined)
    throw new SqlError("INVALID_QUERY", "Duplicate primary key definition", { span: second.span });
  return key === undefined ? undefined : draftPrimaryKey(key);
}

/**
 * The declared columns that the query does not have, then those of the query, which may be declared to give them another type; a list of
 * names alone puts the query's in order.
 */
function bindCreateTableAs(
  node: ast.CreateTable,
  query: ast.Query,
  own: TableDraft,
  path: ObjectPath,
  binding: Binding,
): BoundCreateTable {
  const { plan, names } = binding.bindQuery(query, binding, undefined, "root");
  const relation: Relation = { plan, names: uniqueNames(names) };
  const produced = relation.names.map((name, i): DraftColumn => ({
    kind: "physical",
    name,
    type: withoutTimeAttribute(relation.plan.schema.fields[i]!.type),
    span: query.span,
  }));
  const declared = new Map(own.columns.map((c) => [c.name, c]));
  for (const column of produced) {
    const other = declared.get(column.name);
    if (other === undefined || column.kind === "computed") continue;
    if (other.kind === "computed")
      throw new SqlError(
        "DUPLICATE_COLUMN",
        `A column named '${column.name}' already exists: it is computed, and the query has it too`,
        { span: other.span },
      );
    if (!canImplicitlyCast(column.type, other.type)) {
      throw new SqlError(
        "SINK_MISMATCH",
        `Incompatible types for sink column '${column.name}': ${typeText(column.type)} of the query and ${typeText(other.type)}`,
        { span: other.span },
      );
    }
  }
  const added = produced.filter((c) => !declared.has(c.name));
  // A column of the query keeps its type, so that a key does not make it NOT NULL.
  refuseNullableKey(own, added, "select COALESCE(column, …), or leave out rows with NULL");
  const others = own.columns.filter((c) => !relation.names.includes(c.name));
  const columns =
    node.columnNames.length > 0
      ? reordered(produced, node.columnNames)
      : [...others, ...produced.map((c) => declared.get(c.name) ?? c)];
  const table = finishTable({ ...own, columns }, path, node.temporary, binding);
  return { table, insert: fill(table, relation, node) };
}

/** CREATE TABLE IF NOT EXISTS … AS over a table that is there: the query is written into it, by position. */
export function bindTableAsInsert(object: CatalogObject, node: ast.CreateTable, binding: Binding): Sink {
  if (object.kind === "view" || node.as === undefined) {
    throw new SqlError("SINK_MISMATCH", `Cannot insert into view '${object.path.object}'`, { span: node.name.span });
  }
  return buildSink({
    table: object,
    query: binding.bindQuery(node.as, binding, undefined, "root"),
    targets: writableColumns(object).map((c) => c.name),
    constants: new Map(),
    options: object.options,
    span: node.name.span,
    querySpan: node.as.span,
  });
}

function reordered(produced: readonly DraftColumn[], names: readonly ast.Identifier[]): readonly DraftColumn[] {
  const columns = names.map(({ name, span }) => {
    const found = produced.find((c) => c.name === name);
    if (found === undefined)
      throw new SqlError("COLUMN_NOT_FOUND", `Column '${name}' not found in the source schema`, { span });
    return found;
  });
  if (columns.length === produced.length) return columns;
  throw new SqlError("INVALID_QUERY", "The column list must name every column of the query", { span: names[0]!.span });
}

function fill(table: CatalogTable, relation: Relation, node: ast.CreateTable): Sink {
  const writable = new Set(writableColumns(table).map((c) => c.name));
  const other = relation.names.find((n) => !writable.has(n));
  if (other !== undefined)
    throw new SqlError("SINK_MISMATCH", `Column '${other}' of the query cannot be written`, { span: node.span });
  return buildSink({
    table,
    query: relation,
    targets: relation.names,
    constants: new Map(),
    options: table.options,
    span: node.name.span,
    querySpan: node.as!.span,
  });
}
