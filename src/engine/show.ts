import { SqlError } from "../base/errors.ts";
import type { SearchPath } from "../catalog/manager.ts";
import type { CatalogTable } from "../catalog/table.ts";
import type { ObjectName, Show } from "../parser/index.ts";
import {
  matchesLike,
  partitionNames,
  showColumns,
  showCreateCatalog,
  showCreateTable,
  showCreateView,
} from "../planner/bind/index.ts";
import { T } from "../types/data-type.ts";
import { showJobs } from "./job-statements.ts";
import { partsOf, textRows } from "./result-rows.ts";
import type { ResultRows } from "./result-rows.ts";
import type { Session } from "./session.ts";

/** SHOW …: always a finished table. */
export function show(statement: Show, session: Session): ResultRows {
  const { catalog } = session;
  const current = catalog.current();
  const list = (column: string, names: readonly string[]): ResultRows =>
    textRows(
      column,
      names.filter((n) => matchesLike(n, statement.like)),
    );
  const searchPath = statement.name === undefined ? current : databasePath(statement.name, statement.what, session);
  const span = statement.name?.span;
  switch (statement.what) {
    case "CATALOGS":
      return list("catalog name", catalog.catalogNames());
    case "CURRENT CATALOG":
      return list("current catalog name", [current.catalog]);
    case "DATABASES":
      return list("database name", catalog.databaseNames(statement.name?.parts[0]?.name, span));
    case "CURRENT DATABASE":
      return list("current database name", [current.database]);
    case "TABLES":
      return list("table name", catalog.tableNames(searchPath, span));
    case "VIEWS":
      return list("view name", catalog.viewNames(searchPath, span));
    case "MATERIALIZED TABLES":
      return list(
        "materialized table",
        catalog.tableNames(searchPath, span).filter((n) => isMaterialized(session, { ...searchPath, object: n })),
      );
    case "MODELS":
      catalog.tableNames(searchPath, span);
      return list("model name", []);
    case "PROCEDURES":
      throw new SqlError("PLANNING", `the catalog '${searchPath.catalog}' has no procedures`, { span });
    case "JARS":
      return list("jars", []);
    case "FUNCTIONS":
      return list("function name", functionNames(session, searchPath));
    case "USER FUNCTIONS":
      return list(
        "function name",
        catalog.functions(searchPath).map((f) => f.name.toLowerCase()),
      );
    case "MODULES":
      return list(
        "module name",
        session.modules.list(false).map((m) => m.name),
      );
    case "FULL MODULES":
      return {
        kind: "rows",
        fields: [
          { name: "module name", type: T.string() },
          { name: "used", type: T.boolean() },
        ],
        rows: session.modules.list(true).map((m) => [m.name, m.used]),
      };
    case "JOBS":
      return { kind: "rows", ...showJobs(session) };
    case "CREATE CATALOG":
      return textRows("result", [
        showCreateCatalog(catalog.catalogDescriptor(partsOf(nameOf(statement))[0] ?? "", span)),
      ]);
    default:
      return showObject(statement.what, nameOf(statement), statement, session);
  }
}

/** What is shown of one table or view. */
function showObject(
  what: "COLUMNS" | "CREATE TABLE" | "CREATE VIEW" | "CREATE MATERIALIZED TABLE" | "PARTITIONS",
  name: ObjectName,
  statement: Show,
  session: Session,
): ResultRows {
  const { catalog } = session;
  const { span } = name;
  const object = catalog.get(catalog.resolvePath(partsOf(name), undefined, span), span);
  switch (what) {
    case "COLUMNS":
      return { kind: "rows", ...showColumns(object, statement.like) };
    case "CREATE TABLE":
    case "CREATE MATERIALIZED TABLE":
      return textRows("result", [showCreateTable(object, what, span, session.bindContext())]);
    case "CREATE VIEW":
      return textRows("result", [showCreateView(object, span)]);
    case "PARTITIONS":
      if (object.kind !== "table")
        throw new SqlError("PLANNING", `'${object.path.object}' is a view: it has no partitions`, { span });
      return textRows("partition name", partitionNames(object satisfies CatalogTable, statement.partition));
  }
}

function nameOf(statement: Show): ObjectName {
  if (statement.name === undefined) throw new SqlError("BUG", `SHOW ${statement.what} without a name`);
  return statement.name;
}

function isMaterialized(session: Session, path: SearchPath & { readonly object: string }): boolean {
  const object = session.catalog.find(path);
  return object?.kind === "table" && object.materialized !== undefined;
}

function functionNames(session: Session, searchPath: SearchPath): readonly string[] {
  const builtIn = session.modules.isUsed("core") ? session.functions.names() : [];
  const names = [...builtIn, ...session.catalog.functions(searchPath).map((f) => f.name)];
  return [...new Set(names.map((n) => n.toLowerCase()))].sort();
}

/** The database that `[catalog.]database` of FROM means. */
function databasePath(name: ObjectName, what: Show["what"], session: Session): SearchPath {
  const [first = "", second, third] = partsOf(name);
  const { catalog } = session.catalog.current();
  if (
    third !== undefined &&
    ["TABLES", "VIEWS", "FUNCTIONS", "USER FUNCTIONS", "MATERIALIZED TABLES", "PROCEDURES"].includes(what)
  ) {
    throw new SqlError(
      "INVALID_QUERY",
      `SHOW ${what} from/in identifier [ ${partsOf(name).join(".")} ] format error, it should be [catalog_name.]database_name.`,
      { span: name.span },
    );
  }
  return second === undefined ? { catalog, database: first } : { catalog: first, database: second };
}
