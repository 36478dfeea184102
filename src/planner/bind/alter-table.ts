import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { Span } from "../../base/span.ts";
import type { CatalogManager } from "../../catalog/manager.ts";
import type { CatalogObject, CatalogTable, ObjectPath } from "../../catalog/table.ts";
import type * as ast from "../../parser/index.ts";
import { quote } from "../../parser/index.ts";
import type { Binding } from "./context.ts";
import { columnNamesIn } from "./names.ts";
import { addPartitions, dropPartitions } from "./partitions.ts";
import { distributionText } from "./show-create.ts";
import {
  draftColumn,
  draftDistribution,
  draftOf,
  draftPrimaryKey,
  keyOfColumn,
  draftWatermark,
  finishTable,
  type DraftColumn,
  type TableDraft,
} from "./table-draft.ts";

/** ALTER TABLE; changes the catalog. */
export function alterTableStatement(node: ast.AlterTable, binding: Binding): void {
  const { catalog } = binding;
  const { span } = node.name;
  const path = catalog.resolvePath(
    node.name.parts.map((p) => p.name),
    binding.searchPath,
    span,
  );
  const table = permanentObject(catalog, path);
  if (table === undefined) {
    if (node.ifExists) return;
    throw notFound("Table", catalog, path, span);
  }
  if (table.kind !== "table")
    throw new SqlError("INVALID_QUERY", `ALTER TABLE for a view is not allowed: '${path.object}' is a view`, { span });
  if (node.change.action === "RENAME TO") {
    const { to } = node.change;
    const parts = to.parts.map((p) => p.name);
    // As in Flink the database of the new name is the old one's, whatever it says.
    const target = { ...catalog.resolvePath(parts, path, to.span), database: path.database };
    catalog.rename(path, target, to.span);
    return;
  }
  catalog.replace(finishTable(changed(table, node.change, node), path, table.temporary, binding));
}

/** What ALTER may change: temporary objects, and what they shadow, it may not. */
export function permanentObject(catalog: CatalogManager, path: ObjectPath): CatalogObject | undefined {
  return catalog.find(path)?.temporary === true ? undefined : catalog.findPermanent(path);
}

export function notFound(
  kind: "Table" | "View",
  catalog: CatalogManager,
  path: ObjectPath,
  span: Span | undefined,
): SqlError {
  const text = [path.catalog, path.database, path.object].map(quote).join(".");
  const names =
    catalog.find(path) === undefined && catalog.databaseNames(path.catalog, span).includes(path.database)
      ? catalog.tableNames(path, span)
      : [];
  return new SqlError("TABLE_NOT_FOUND", `${kind} ${text} doesn't exist or is a temporary ${kind.toLowerCase()}.`, {
    span,
    hint: didYouMean(path.object, names),
  });
}

function changed(
  table: CatalogTable,
  change: Exclude<ast.AlterTableAction, { action: "RENAME TO" }>,
  node: ast.AlterTable,
): TableDraft {
  const draft = draftOf(table);
  switch (change.action) {
    case "RENAME COLUMN":
      return renameColumn(draft, change.from, change.to);
    case "ADD":
      return addTo(draft, change);
    case "MODIFY":
      return modify(draft, change, node);
    case "DROP COLUMNS":
      return dropColumns(draft, change.columns);
    case "DROP PRIMARY KEY":
      if (draft.primaryKey === undefined)
        throw new SqlError("INVALID_QUERY", "The base table does not define any primary key.", { span: node.span });
      return { ...draft, primaryKey: undefined };
    case "DROP CONSTRAINT":
      if (draft.primaryKey?.name !== change.name.name) {
        throw new SqlError("INVALID_QUERY", `The base table does not define a constraint '${change.name.name}'`, {
          span: change.name.span,
          hint: draft.primaryKey === undefined ? undefined : `its primary key is called '${draft.primaryKey.name}'`,
        });
      }
      return { ...draft, primaryKey: undefined };
    case "DROP WATERMARK":
      if (draft.watermark === undefined)
        throw new SqlError("INVALID_QUERY", "The base table does not define any watermark strategy.", {
          span: node.span,
        });
      return { ...draft, watermark: undefined };
    case "DROP DISTRIBUTION":
      if (draft.distribution === undefined)
        throw new SqlError("INVALID_QUERY", "The base table does not have a distribution to drop.", {
          span: node.span,
        });
      return { ...draft, distribution: undefined };
    case "ADD PARTITION":
      return addPartitions(draft, change, table.path);
    case "DROP PARTITION":
      return dropPartitions(draft, change, table.path);
    case "SET":
      return {
        ...draft,
        options: new Map([...draft.options, ...change.options.map((o) => [o.key, o.value] as const)]),
      };
    case "RESET":
      checkReset(change.keys, "TABLE", "connector", node.span);
      return { ...draft, options: new Map([...draft.options].filter(([key]) => !change.keys.includes(key))) };
  }
}

function positionOf(columns: readonly DraftColumn[], name: ast.Identifier): number {
  const at = columns.findIndex((c) => c.name === name.name);
  if (at >= 0) return at;
  throw new SqlError("COLUMN_NOT_FOUND", `Column '${name.name}' does not exist in the table`, {
    span: name.span,
    hint: didYouMean(
      name.name,
      columns.map((c) => c.name),
    ),
  });
}

/** What else of the table reads a column; such a column cannot go. */
function usesOf(draft: TableDraft, name: string): string | undefined {
  const computed = draft.columns.find(
    (c) => c.kind === "computed" && c.name !== name && columnNamesIn(c.expression).has(name),
  );
  if (computed !== undefined) return `it is referenced by computed column '${computed.name}'`;
  const { watermark } = draft;
  if (watermark !== undefined && (watermark.column === name || columnNamesIn(watermark.expression).has(name)))
    return "it is referenced by the watermark";
  if (draft.partitionKeys.some((p) => p.name === name)) return "it is a partition key";
  if (draft.distribution?.columns.includes(name) === true) return "it is a distribution key";
  return undefined;
}

function renameColumn(draft: TableDraft, from: ast.Identifier, to: ast.Identifier): TableDraft {
  const at = positionOf(draft.columns, from);
  const use = usesOf(draft, from.name);
  if (use !== undefined)
    throw new SqlError("INVALID_QUERY", `Cannot rename column '${from.name}': ${use}`, { span: from.span });
  const columns = draft.columns.map((c, i) => (i === at ? { ...c, name: to.name, span: to.span } : c));
  const { primaryKey } = draft;
  const key =
    primaryKey === undefined
      ? undefined
      : { ...primaryKey, columns: primaryKey.columns.map((c) => (c === from.name ? to.name : c)) };
  return { ...draft, columns, primaryKey: key };
}

type Addition = Extract<ast.AlterTableAction, { action: "ADD" | "MODIFY" }>;

function insertAt(columns: DraftColumn[], { column, position }: ast.AlteredColumn, otherwise: number): void {
  const at = position === undefined ? otherwise : "first" in position ? 0 : positionOf(columns, position.after) + 1;
  columns.splice(at, 0, draftColumn(column));
}

function addTo(draft: TableDraft, change: Addition): TableDraft {
  const columns = [...draft.columns];
  for (const added of change.columns) {
    const { name } = added.column;
    if (columns.some((c) => c.name === name.name))
      throw new SqlError("DUPLICATE_COLUMN", `Column '${name.name}' already exists in the table.`, { span: name.span });
    insertAt(columns, added, columns.length);
  }
  if (change.watermark !== undefined && draft.watermark !== undefined) {
    throw new SqlError("INVALID_QUERY", "The base table has already defined a watermark strategy.", {
      span: change.watermark.span,
      hint: "use ALTER TABLE … MODIFY WATERMARK …",
    });
  }
  if (change.distribution !== undefined && draft.distribution !== undefined) {
    throw new SqlError(
      "INVALID_QUERY",
      `The base table has already defined the distribution 'DISTRIBUTED ${distributionText(draft.distribution)}'.`,
      { span: change.distribution.span, hint: "use ALTER TABLE … MODIFY DISTRIBUTION …" },
    );
  }
  const key = keyOf(change);
  if (key !== undefined && draft.primaryKey !== undefined) {
    throw new SqlError("INVALID_QUERY", "The base table has already defined a primary key.", {
      span: key.span,
      hint: "use ALTER TABLE … MODIFY PRIMARY KEY …",
    });
  }
  return {
    ...draft,
    columns,
    watermark: change.watermark === undefined ? draft.watermark : draftWatermark(change.watermark),
    primaryKey: key ?? draft.primaryKey,
    distribution: change.distribution === undefined ? draft.distribution : draftDistribution(change.distribution),
  };
}

function modify(draft: TableDraft, change: Addition, node: ast.AlterTable): TableDraft {
  const columns = [...draft.columns];
  const names = change.columns.map((c) => c.column.name);
  for (const [i, { name, span }] of names.entries()) {
    if (names.findIndex((n) => n.name === name) < i)
      throw new SqlError("DUPLICATE_COLUMN", `Encounter duplicate column '${name}'.`, { span });
  }
  for (const altered of change.columns) {
    const at = positionOf(columns, altered.column.name);
    const [before] = columns.splice(at, 1);
    const { column, position } = altered;
    // Behind itself is where nothing stands before it: the beginning, as in Flink.
    const isBehindItself = position !== undefined && "after" in position && position.after.name === column.name.name;
    insertAt(columns, isBehindItself ? { ...altered, position: undefined } : altered, isBehindItself ? 0 : at);
    // A column keeps its comment unless another one is given.
    const now = columns.findIndex((c) => c.name === altered.column.name.name);
    if (before?.comment !== undefined && columns[now]!.comment === undefined)
      columns[now] = { ...columns[now]!, comment: before.comment };
  }
  if (change.watermark !== undefined && draft.watermark === undefined) {
    throw new SqlError("INVALID_QUERY", "The base table does not define any watermark.", {
      span: change.watermark.span,
      hint: "use ALTER TABLE … ADD WATERMARK …",
    });
  }
  if (change.distribution !== undefined && draft.distribution === undefined) {
    throw new SqlError("INVALID_QUERY", "The base table does not define any distribution.", {
      span: change.distribution.span,
      hint: "use ALTER TABLE … ADD DISTRIBUTION …",
    });
  }
  const key = keyOf(change);
  if (key !== undefined && draft.primaryKey === undefined) {
    throw new SqlError("INVALID_QUERY", "The base table does not define any primary key constraint.", {
      span: node.span,
      hint: "use ALTER TABLE … ADD PRIMARY KEY …",
    });
  }
  return {
    ...draft,
    columns,
    watermark: change.watermark === undefined ? draft.watermark : draftWatermark(change.watermark),
    primaryKey: key ?? draft.primaryKey,
    distribution: change.distribution === undefined ? draft.distribution : draftDistribution(change.distribution),
  };
}

function keyOf(change: Addition): TableDraft["primaryKey"] {
  const key = change.primaryKey ?? change.columns.flatMap((c) => keyOfColumn(c.column))[0];
  return key === undefined ? undefined : draftPrimaryKey(key);
}

function dropColumns(draft: TableDraft, names: readonly ast.Identifier[]): TableDraft {
  for (const [i, name] of names.entries()) {
    positionOf(draft.columns, name);
    if (names.findIndex((n) => n.name === name.name) < i)
      throw new SqlError("DUPLICATE_COLUMN", `Duplicate column '${name.name}'.`, { span: name.span });
  }
  const dropped = new Set(names.map((n) => n.name));
  const rest: TableDraft = { ...draft, columns: draft.columns.filter((c) => !dropped.has(c.name)) };
  for (const { name, span } of names) {
    const use = rest.primaryKey?.columns.includes(name) === true ? "it is part of the primary key" : usesOf(rest, name);
    if (use !== undefined) throw new SqlError("INVALID_QUERY", `Cannot drop column '${name}': ${use}`, { span });
  }
  return rest;
}

/** Keys that RESET may not take away. */
export function checkReset(keys: readonly string[], object: string, fixed: string, span: Span): void {
  if (keys.length === 0)
    throw new SqlError("INVALID_QUERY", `ALTER ${object} RESET does not support empty key`, { span });
  if (keys.includes(fixed))
    throw new SqlError("INVALID_QUERY", `ALTER ${object} RESET does not support changing '${fixed}'`, { span });
}
