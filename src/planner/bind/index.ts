import type { Span } from "../../base/span.ts";
import type { CatalogObject, CatalogColumn, CatalogTable, CatalogView } from "../../catalog/table.ts";
import type { AlterTable, AlterView, CreateTable, CreateView, Expression, Insert, Query } from "../../parser/index.ts";
import type { Collect, Sink } from "../logical/algebra.ts";
import { alterTableStatement } from "./alter-table.ts";
import type { BindContext, Binding } from "./context.ts";
import { bindCreateTableStatement, bindTableAsInsert, type BoundCreateTable } from "./create-table.ts";
import { bindExpression } from "./expression.ts";
import { bindMaterializedInsert, widenColumns, type PartitionText } from "./materialized.ts";
import { bindInsertStatement } from "./insert.ts";
import { collect } from "./nodes.ts";
import { bindQueryExpression } from "./query.ts";
import { EMPTY_SCOPE } from "./scope.ts";
import { showCreateTable as showCreateTableText } from "./show-create.ts";
import { alterViewStatement, bindCreateViewStatement } from "./view.ts";

export type { BindContext } from "./context.ts";
export { checkReset } from "./alter-table.ts";
export type { BoundCreateTable } from "./create-table.ts";
export type { PartitionText } from "./materialized.ts";
export { describeRows, matchesLike, showColumns } from "./describe.ts";
export { partitionNames } from "./partitions.ts";
export { shownValue } from "./secrets.ts";
export { showCreateCatalog, showCreateView } from "./show-create.ts";

/** Names → catalog objects, types and functions: a query as a plan with Collect at its root. Throws SqlError. */
export function bindQuery(query: Query, context: BindContext): Collect {
  return collect(bindQueryExpression(query, bindingOf(context), undefined, "root").plan);
}

/** INSERT INTO as a plan with Sink at its root. */
export function bindInsert(insert: Insert, context: BindContext): Sink {
  return bindInsertStatement(insert, bindingOf(context));
}

/** The table that CREATE TABLE describes (and what fills it, for AS); the catalog stays as it is. */
export function bindCreateTable(statement: CreateTable, context: BindContext): BoundCreateTable {
  return bindCreateTableStatement(statement, bindingOf(context));
}

/** What CREATE TABLE IF NOT EXISTS … AS writes into the table that is there. */
export function bindTableAs(object: CatalogObject, statement: CreateTable, context: BindContext): Sink {
  return bindTableAsInsert(object, statement, bindingOf(context));
}

/** What fills a materialized table, or one partition of it; `options` are those of its sink. */
export function bindMaterialized(
  table: CatalogTable,
  options: ReadonlyMap<string, string>,
  context: BindContext,
  partition: readonly PartitionText[] = [],
): Sink {
  return bindMaterializedInsert(table, options, bindingOf(context), partition);
}

/**
 * The columns of a materialized table with another query: those that it has, and what is new in the query. Throws for a
 * query that drops, moves or changes one.
 */
export function widenedColumns(table: CatalogTable, query: Query, context: BindContext): readonly CatalogColumn[] {
  return widenColumns(table, query, bindingOf(context));
}

/** The milliseconds of an interval of days to seconds; undefined: it is none. */
export function bindInterval(expression: Expression, context: BindContext): number | undefined {
  const bound = bindExpression(expression, { binding: bindingOf(context), scope: EMPTY_SCOPE, clause: "FRESHNESS" });
  const isInterval = bound.kind === "literal" && bound.type.kind === "INTERVAL_DAY_TIME";
  return isInterval && bound.value !== null ? Number(bound.value) : undefined;
}

/** The view that CREATE VIEW describes; the catalog stays as it is. */
export function bindCreateView(statement: CreateView, context: BindContext): CatalogView {
  return bindCreateViewStatement(statement, bindingOf(context));
}

/** Carries ALTER TABLE out in the catalog. */
export function alterTable(statement: AlterTable, context: BindContext): void {
  alterTableStatement(statement, bindingOf(context));
}

/** Carries ALTER VIEW out in the catalog. */
export function alterView(statement: AlterView, context: BindContext): void {
  alterViewStatement(statement, bindingOf(context));
}

/** The text of SHOW CREATE [MATERIALIZED] TABLE. Throws INVALID_QUERY for another kind of object. */
export function showCreateTable(
  object: CatalogObject,
  what: "CREATE TABLE" | "CREATE MATERIALIZED TABLE",
  span: Span | undefined,
  context: BindContext,
): string {
  return showCreateTableText(object, what, span, bindingOf(context));
}

function bindingOf(context: BindContext): Binding {
  return {
    ...context,
    searchPath: context.catalog.current(),
    commonTables: new Map(),
    openViews: [],
    bindQuery: bindQueryExpression,
  };
}
