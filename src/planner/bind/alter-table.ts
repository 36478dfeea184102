import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import type * as ast from "../../parser/index.ts";
import type { Binding } from "./context.ts";
import { columnNamesIn } from "./names.ts";
import {
  draftColumn,
  draftOf,
  draftPrimaryKey,
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
  if (node.ifExists && catalog.find(path) === undefined) return;
  const table = catalog.get(path, span);
  if (table.kind !== "table")
    throw new SqlError("INVALID_QUERY", `ALTER TABLE for a view is not allowed: '${path.object}' is a view`, { span });
  if (node.change.action === "RENAME TO") {
    const { to } = node.change;
    catalog.rename(
      path,
      catalog.resolvePath(
        to.parts.map((p) => p.name),
        path,
        to.span,
      ),
      to.span,
    );
    return;
  }
  catalog.replace(finishTable(changed(table, node.change, node), path, table.temporary, binding));
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
    case "SET":
      return {
        ...draft,
        options: new Map([...draft.options, ...change.options.map((o) => [o.key, o.value] as const)]),
      };
    case "RESET":
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
  };
}

function modify(draft: TableDraft, change: Addition, node: ast.AlterTable): TableDraft {
  const columns = [...draft.columns];
  for (const altered of change.columns) {
    const at = positionOf(columns, altered.column.name);
    const [before] = columns.splice(at, 1);
    insertAt(columns, altered, at);
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
  };
}

function keyOf(change: Addition): TableDraft["primaryKey"] {
  if (change.primaryKey !== undefined) return draftPrimaryKey(change.primaryKey);
  const inline = change.columns.find((c) => c.column.kind === "PhysicalColumn" && c.column.primaryKey);
  return inline === undefined
    ? undefined
    : { name: `PK_${inline.column.name.name}`, columns: [inline.column.name.name], span: inline.span };
}

function dropColumns(draft: TableDraft, names: readonly ast.Identifier[]): TableDraft {
  for (const name of names) positionOf(draft.columns, name);
  const dropped = new Set(names.map((n) => n.name));
  const rest: TableDraft = { ...draft, columns: draft.columns.filter((c) => !dropped.has(c.name)) };
  for (const { name, span } of names) {
    const use = rest.primaryKey?.columns.includes(name) === true ? "it is part of the primary key" : usesOf(rest, name);
    if (use !== undefined) throw new SqlError("INVALID_QUERY", `Cannot drop column '${name}': ${use}`, { span });
  }
  return rest;
}
