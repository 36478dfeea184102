import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";
import { createFunctionStore } from "./function-store.ts";
import type { CatalogDatabase, CatalogManager, SearchPath } from "./manager.ts";
import type { CatalogObject, ObjectPath } from "./table.ts";

const DEFAULT_CATALOG = "default_catalog";
const DEFAULT_DATABASE = "default_database";

interface Database extends CatalogDatabase {
  readonly permanent: Map<string, CatalogObject>;
}

/** A catalog manager that lives as long as the session, with `default_catalog.default_database`. */
export function createCatalogManager(): CatalogManager {
  const catalogs = new Map<string, Map<string, Database>>([
    [DEFAULT_CATALOG, new Map([[DEFAULT_DATABASE, emptyDatabase(DEFAULT_DATABASE)]])],
  ]);
  /** By full name: temporary objects may live in databases that do not exist. */
  const temporary = new Map<string, CatalogObject>();
  let current: SearchPath = { catalog: DEFAULT_CATALOG, database: DEFAULT_DATABASE };

  function catalogOf(name: string, span?: Span): Map<string, Database> {
    const catalog = catalogs.get(name);
    if (catalog !== undefined) return catalog;
    throw new SqlError("CATALOG_NOT_FOUND", `A catalog with name '${name}' does not exist`, {
      span,
      hint: didYouMean(name, catalogs.keys()),
    });
  }

  function databaseAt(path: SearchPath, span?: Span): Database {
    const catalog = catalogOf(path.catalog, span);
    const database = catalog.get(path.database);
    if (database !== undefined) return database;
    throw new SqlError(
      "DATABASE_NOT_FOUND",
      `Database '${path.database}' does not exist in catalog '${path.catalog}'`,
      {
        span,
        hint: didYouMean(path.database, catalog.keys()),
      },
    );
  }

  function databasePath(name: readonly string[], span?: Span): SearchPath {
    if (name.length === 1) return { catalog: current.catalog, database: name[0]! };
    if (name.length === 2) return { catalog: name[0]!, database: name[1]! };
    throw new SqlError("INVALID_QUERY", `'${name.join(".")}' is not the name of a database`, { span });
  }

  function find(path: ObjectPath): CatalogObject | undefined {
    return temporary.get(keyOf(path)) ?? catalogs.get(path.catalog)?.get(path.database)?.permanent.get(path.object);
  }

  /** Objects of a database by name, temporary ones in place of those they shadow. */
  function objectsOf(path: SearchPath, span?: Span): readonly CatalogObject[] {
    const visible = new Map(databaseAt(path, span).permanent);
    for (const object of temporary.values())
      if (object.path.catalog === path.catalog && object.path.database === path.database)
        visible.set(object.path.object, object);
    return [...visible.values()].sort((a, b) => compareText(a.path.object, b.path.object));
  }

  function get(path: ObjectPath, span?: Span): CatalogObject {
    const object = find(path);
    if (object !== undefined) return object;
    const database = databaseAt(path, span);
    const names = new Set(database.permanent.keys());
    for (const other of temporary.values())
      if (other.path.catalog === path.catalog && other.path.database === path.database) names.add(other.path.object);
    throw new SqlError("TABLE_NOT_FOUND", `Object '${path.object}' not found`, {
      span,
      hint: didYouMean(path.object, names),
    });
  }

  return {
    current: () => current,
    useCatalog(name, span) {
      const catalog = catalogOf(name, span);
      const [first] = catalog.keys();
      current = {
        catalog: name,
        database: catalog.has(DEFAULT_DATABASE) ? DEFAULT_DATABASE : (first ?? DEFAULT_DATABASE),
      };
    },
    useDatabase(name, span) {
      const path = databasePath(name, span);
      databaseAt(path, span);
      current = path;
    },
    catalogNames: () => [...catalogs.keys()].sort(compareText),

    database: (name, span) => databaseAt(databasePath(name, span), span),
    databaseNames: (catalog = current.catalog, span) => [...catalogOf(catalog, span).keys()].sort(compareText),
    createDatabase(name, properties, { ifNotExists, span } = {}) {
      const path = databasePath(name, span);
      const catalog = catalogOf(path.catalog, span);
      if (catalog.has(path.database)) {
        if (ifNotExists === true) return;
        throw new SqlError(
          "DATABASE_EXISTS",
          `Database '${path.database}' already exists in catalog '${path.catalog}'`,
          { span },
        );
      }
      catalog.set(path.database, { ...emptyDatabase(path.database), ...properties });
    },
    alterDatabase(name, options, span) {
      const path = databasePath(name, span);
      const database = databaseAt(path, span);
      catalogOf(path.catalog).set(path.database, { ...database, options: new Map([...database.options, ...options]) });
    },
    dropDatabase(name, { ifExists, cascade, span } = {}) {
      const path = databasePath(name, span);
      const catalog = catalogOf(path.catalog, span);
      if (ifExists === true && !catalog.has(path.database)) return;
      const database = databaseAt(path, span);
      if (path.catalog === current.catalog && path.database === current.database)
        throw new SqlError("INVALID_QUERY", "Cannot drop a database which is currently in use.", { span });
      if (database.permanent.size > 0 && cascade !== true)
        throw new SqlError("INVALID_QUERY", `Database '${path.database}' in catalog '${path.catalog}' is not empty`, {
          span,
          hint: "drop its tables first, or use DROP DATABASE … CASCADE",
        });
      catalog.delete(path.database);
    },

    resolvePath(name, searchPath = current, span) {
      const [a, b, c] = name;
      if (name.length === 1) return { ...pick(searchPath), object: a! };
      if (name.length === 2) return { catalog: searchPath.catalog, database: a!, object: b! };
      if (name.length === 3) return { catalog: a!, database: b!, object: c! };
      throw new SqlError("INVALID_QUERY", `'${name.join(".")}' is not the name of a table`, { span });
    },
    find,
    get,
    create(object, { ifNotExists, span } = {}) {
      const { path } = object;
      const home = object.temporary ? undefined : databaseAt(path, span);
      const key = keyOf(path);
      const exists = home === undefined ? temporary.has(key) : home.permanent.has(path.object);
      if (exists) {
        if (ifNotExists === true) return false;
        const what = object.temporary ? `Temporary ${object.kind}` : "Table (or view)";
        throw new SqlError("TABLE_EXISTS", `${what} '${pathText(path)}' already exists`, {
          span,
          hint: "use another name, or CREATE … IF NOT EXISTS",
        });
      }
      if (home === undefined) temporary.set(key, object);
      else home.permanent.set(path.object, object);
      return true;
    },
    replace(object) {
      if (object.temporary) temporary.set(keyOf(object.path), object);
      else databaseAt(object.path).permanent.set(object.path.object, object);
    },
    rename(path, to, span) {
      const object = get(path, span);
      if (path.catalog !== to.catalog)
        throw new SqlError(
          "INVALID_QUERY",
          "The catalog name of the new table name must be the same as the origin catalog name.",
          { span },
        );
      const target = databaseAt(to, span);
      if (object.temporary ? temporary.has(keyOf(to)) : target.permanent.has(to.object))
        throw new SqlError("TABLE_EXISTS", `Table (or view) '${pathText(to)}' already exists`, { span });
      const renamed = { ...object, path: to };
      if (object.temporary) {
        temporary.delete(keyOf(path));
        temporary.set(keyOf(to), renamed);
      } else {
        databaseAt(path, span).permanent.delete(path.object);
        target.permanent.set(to.object, renamed);
      }
    },
    drop(kind, path, { ifExists, temporary: onlyTemporary, span } = {}) {
      const shadow = temporary.get(keyOf(path));
      const home = catalogs.get(path.catalog)?.get(path.database)?.permanent;
      const object = onlyTemporary === true ? shadow : (home?.get(path.object) ?? shadow);
      if (object === undefined || object.kind !== kind) {
        if (ifExists === true) return false;
        const what = `${onlyTemporary === true ? "Temporary " : ""}${kind === "table" ? "table" : "view"}`;
        const hint = object === undefined ? undefined : `it is a ${object.kind}: use DROP ${object.kind.toUpperCase()}`;
        const names = [...(home?.values() ?? [])].filter((o) => o.kind === kind).map((o) => o.path.object);
        throw new SqlError(
          "TABLE_NOT_FOUND",
          `${what} '${pathText(path)}' does not exist`.replace(/^./, (c) => c.toUpperCase()),
          {
            span,
            hint: hint ?? didYouMean(path.object, names),
          },
        );
      }
      if (onlyTemporary !== true && shadow !== undefined)
        throw new SqlError(
          "INVALID_QUERY",
          `Temporary ${shadow.kind} '${pathText(path)}' exists. Drop it first before removing the permanent ${kind}.`,
          { span, hint: `use DROP TEMPORARY ${shadow.kind.toUpperCase()}` },
        );
      if (object.temporary) temporary.delete(keyOf(path));
      else home?.delete(path.object);
      return true;
    },
    tableNames: (searchPath = current, span) => objectsOf(searchPath, span).map((o) => o.path.object),
    viewNames: (searchPath = current, span) =>
      objectsOf(searchPath, span)
        .filter((o) => o.kind === "view")
        .map((o) => o.path.object),

    ...createFunctionStore(() => current, databaseAt),
  };
}

/** `catalog.database.object`, for messages. */
export function pathText(path: ObjectPath): string {
  return `${path.catalog}.${path.database}.${path.object}`;
}

function keyOf(path: ObjectPath): string {
  return JSON.stringify([path.catalog, path.database, path.object]);
}

function pick(path: SearchPath): SearchPath {
  return { catalog: path.catalog, database: path.database };
}

function emptyDatabase(name: string): Database {
  return { name, comment: undefined, options: new Map(), permanent: new Map() };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
