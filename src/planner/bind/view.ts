import { SqlError } from "../../base/errors.ts";
import type { CatalogView } from "../../catalog/table.ts";
import type { AlterView, CreateView, Identifier, Query } from "../../parser/index.ts";
import { notFound, permanentObject } from "./alter-table.ts";
import type { Binding } from "./context.ts";
import { renamed } from "./from.ts";
import { repeatedAt } from "./nodes.ts";
import { qualifyQuery } from "./qualify.ts";

/** CREATE VIEW: the query is bound now, so that errors show now, and again wherever the view is used. */
export function bindCreateViewStatement(node: CreateView, binding: Binding): CatalogView {
  const path = binding.catalog.resolvePath(
    node.name.parts.map((p) => p.name),
    binding.searchPath,
    node.name.span,
  );
  return {
    kind: "view",
    path,
    temporary: node.temporary,
    ...boundView(node.query, node.columns, binding),
    explicitColumns: node.columns.length > 0,
    searchPath: binding.searchPath,
    comment: node.comment,
  };
}

/** The query with all names in full, and the columns that it gives. */
function boundView(
  given: Query,
  columns: readonly Identifier[],
  binding: Binding,
): Pick<CatalogView, "query" | "columns"> {
  const query = qualifyQuery(given, binding);
  const relation = binding.bindQuery(query, binding, undefined, "nested");
  const names = columns.length === 0 ? relation.names : renamed(relation.names, columns, columns[0]!);
  const at = repeatedAt(names);
  if (at >= 0) {
    throw new SqlError("DUPLICATE_COLUMN", `Duplicate column '${names[at]}' in the view`, {
      span: given.span,
      hint: "give one of them another name: … AS x",
    });
  }
  return { query, columns: names.map((name, i) => ({ name, type: relation.plan.schema.fields[i]!.type })) };
}

/** ALTER VIEW … RENAME TO, AS query; changes the catalog. */
export function alterViewStatement(node: AlterView, binding: Binding): void {
  const path = binding.catalog.resolvePath(
    node.name.parts.map((p) => p.name),
    binding.searchPath,
    node.name.span,
  );
  const view = permanentObject(binding.catalog, path);
  if (view === undefined) throw notFound("View", binding.catalog, path, node.name.span);
  if (view.kind !== "view")
    throw new SqlError("INVALID_QUERY", `ALTER VIEW for a table is not allowed: '${path.object}' is a table`, {
      span: node.name.span,
    });
  if (node.change.action === "RENAME TO") {
    const to = node.change.to;
    binding.catalog.rename(
      path,
      binding.catalog.resolvePath(
        to.parts.map((p) => p.name),
        path,
        to.span,
      ),
      to.span,
    );
    return;
  }
  const openViews = [`${path.catalog}.${path.database}.${path.object}`];
  const bound = boundView(node.change.query, [], { ...binding, openViews });
  binding.catalog.replace({ ...view, ...bound, explicitColumns: false, searchPath: binding.searchPath });
}
