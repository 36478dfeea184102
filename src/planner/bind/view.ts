import { SqlError } from "../../base/errors.ts";
import type { CatalogView } from "../../catalog/table.ts";
import type { AlterView, CreateView, Identifier, Query } from "../../parser/index.ts";
import { notFound, permanentObject } from "./alter-table.ts";
import type { Binding } from "./context.ts";
import { renamed } from "./from.ts";

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
    columns: viewColumns(node.query, node.columns, binding),
    explicitColumns: node.columns.length > 0,
    query: node.query,
    searchPath: binding.searchPath,
    comment: node.comment,
  };
}

function viewColumns(query: Query, columns: readonly Identifier[], binding: Binding): CatalogView["columns"] {
  const relation = binding.bindQuery(query, binding, undefined, "nested");
  const names = columns.length === 0 ? relation.names : renamed(relation.names, columns, columns[0]!);
  for (const [i, name] of names.entries()) {
    if (names.indexOf(name) < i)
      throw new SqlError("DUPLICATE_COLUMN", `Duplicate column '${name}' in the view`, {
        span: columns[i]?.span ?? query.span,
        hint: "give one of them another name with AS",
      });
  }
  return names.map((name, i) => ({ name, type: relation.plan.schema.fields[i]!.type }));
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
  const { query } = node.change;
  const columns = viewColumns(query, [], {
    ...binding,
    openViews: [`${path.catalog}.${path.database}.${path.object}`],
  });
  binding.catalog.replace({ ...view, query, columns, explicitColumns: false, searchPath: binding.searchPath });
}
