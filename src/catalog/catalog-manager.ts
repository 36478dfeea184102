import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";
import { createCatalogSet, DEFAULT_CATALOG } from "./catalog-set.ts";
import type { CatalogOptions } from "./catalog-set.ts";
import { createFunctionStore } from "./function-store.ts";
import type { CatalogDatabase, CatalogManager, SearchPath } from "./manager.ts";
import type { CatalogObject, ObjectPath } from "./table.ts";

/**
 * The catalogs of a session, the temporary objects that shadow theirs, and the search path. By default there is only
 * `default_catalog.default_database`, which lives as long as the session.
 */
export function createCatalogManager(options: CatalogOptions = {}): CatalogManager {
  /** By full name: temporary objects may live in databases that do not exist. */
  const temporary = new Map<string, CatalogObject>();
  let current: SearchPath = { catalog: DEFAULT_CATALOG, database: "default_database" };
  const catalogs = createCatalogSet(() => current.catalog, options);

  function databaseAt(path: SearchPath, span?: Span): CatalogDatabase {
    const catalog = catalogs.of(path.catalog, span);
    const database = catalog.database(path.database);
    if (database !== undefined) return database;
    throw new SqlError(
      "DATABASE_NOT_FOUND",
      `Database '${path.database}' does not exist in catalog '${path.catalog}'`,
      {
        span,
        hint: didYouMean(path.database, catalog.databaseNames()),
      },
    );
  }

  function databasePath(name: readonly string[], span?: Span): SearchPath {
    if (name.length === 1) return { catalog: current.catalog, database: name[0]! };
    if (name.length === 2) return { catalog: name[0]!, database: name[1]! };
    throw new SqlError("INVALID_QUERY", `'${name.join(".")}' is not the name of a database`, { span });
  }

  function find(path: ObjectPath): CatalogObject | undefined {
    return temporary.get(keyOf(path)) ?? findPermanent(path);
  }

  function findPermanent(path: ObjectPath): CatalogObject | undefined {
    return catalogs.find(path.catalog)?.object(path.database, path.object);
  }

  /** Objects of a database by name, temporary ones in place of those they shadow. */
  function objectsOf(path: SearchPath, span?: Span): readonly CatalogObject[] {
    databaseAt(path, span);
    const catalog = catalogs.of(path.catalog, span);
    const visible = new Map<string, CatalogObject>();
    for (const name of catalog.objectNames(path.database)) {
      const object = catalog.object(path.database, name);
      if (object !== undefined) visible.set(name, object);
    }
    for (const object of temporary.values())
      if (object.path.catalog === path.catalog && object.path.database === path.database)
        visible.set(object.path.object, object);
    return [...visible.values()].sort((a, b) => compareText(a.path.object, b.path.object));
  }

  function get(path: ObjectPath, span?: Span): CatalogObject {
    const object = find(path);
    if (object !== undefined) return object;
    databaseAt(path, span);
    const names = new Set(catalogs.of(path.catalog, span).objectNames(path.database));
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
      current = { catalog: name, database: catalogs.of(name, span).defaultDatabase };
    },
    useDatabase(name, span) {
      const path = databasePath(name, span);
      databaseAt(path, span);
      current = path;
    },
    catalogNames: catalogs.catalogNames,
    catalogDescriptor: catalogs.catalogDescriptor,
    createCatalog: catalogs.createCatalog,
    alterCatalog: catalogs.alterCatalog,
    dropCatalog: catalogs.dropCatalog,

    database: (name, span) => databaseAt(databasePath(name, span), span),
    databaseNames: (catalog = current.catalog, span) =>
      [...catalogs.of(catalog, span).databaseNames()].sort(compareText),
    createDatabase(name, properties, { ifNotExists, span } = {}) {
      const path = databasePath(name, span);
      const catalog = catalogs.of(path.catalog, span);
      if (catalog.createDatabase({ name: path.database, ...properties }) || ifNotExists === true) return;
      throw new SqlError("DATABASE_EXISTS", `Database '${path.database}' already exists in catalog '${path.catalog}'`, {
        span,
      });
    },
    alterDatabase(name, changes, span) {
      const path = databasePath(name, span);
      const database = databaseAt(path, span);
      catalogs.of(path.catalog).replaceDatabase({ ...database, options: new Map([...database.options, ...changes]) });
    },
    dropDatabase(name, { ifExists, cascade, span } = {}) {
      const path = databasePath(name, span);
      const catalog = catalogs.of(path.catalog, span);
      if (ifExists === true && catalog.database(path.database) === undefined) return;
      databaseAt(path, span);
      if (path.catalog === current.catalog && path.database === current.database)
        throw new SqlError("INVALID_QUERY", "Cannot drop a database which is currently in use.", { span });
      if (catalog.objectNames(path.database).length > 0 && cascade !== true)
        throw new SqlError("INVALID_QUERY", `Database '${path.database}' in catalog '${path.catalog}' is not empty`, {
          span,
          hint: "drop its tables first, or use DROP DATABASE … CASCADE",
        });
      catalog.dropDatabase(path.database);
    },

    resolvePath(name, searchPath = current, span) {
      const [a, b, c] = name;
      if (name.length === 1) return { ...pick(searchPath), object: a! };
      if (name.length === 2) return { catalog: searchPath.catalog, database: a!, object: b! };
      if (name.length === 3) return { catalog: a!, database: b!, object: c! };
      throw new SqlError("INVALID_QUERY", `'${name.join(".")}' is not the name of a table`, { span });
    },
    find,
    findPermanent,
    get,
    create(object, { ifNotExists, span } = {}) {
      const { path } = object;
      const key = keyOf(path);
      let created = true;
      if (object.temporary) {
        created = !temporary.has(key);
        if (created) temporary.set(key, object);
      } else {
        databaseAt(path, span);
        created = catalogs.of(path.catalog, span).createObject(object);
      }
      if (created || ifNotExists === true) return created;
      const what = object.temporary ? `Temporary ${object.kind}` : "Table (or view)";
      throw new SqlError("TABLE_EXISTS", `${what} '${pathText(path)}' already exists`, {
        span,
        hint: "use another name, or CREATE … IF NOT EXISTS",
      });
    },
    replace(object) {
      if (object.temporary) temporary.set(keyOf(object.path), object);
      else catalogs.of(object.path.catalog).replaceObject(object);
    },
    rename(path, to, span) {
      if (path.catalog !== to.catalog)
        throw new SqlError(
          "INVALID_QUERY",
          "The catalog name of the new table name must be the same as the origin catalog name.",
          { span },
        );
      const object = get(path, span);
      databaseAt(to, span);
      const catalog = catalogs.of(to.catalog, span);
      if (!catalog.createObject({ ...object, path: to }))
        throw new SqlError("TABLE_EXISTS", `Table (or view) '${pathText(to)}' already exists`, { span });
      catalog.dropObject(path.database, path.object);
    },
    drop(kind, path, { ifExists, temporary: onlyTemporary, span } = {}) {
      const shadow = temporary.get(keyOf(path));
      const home = catalogs.find(path.catalog);
      const object = onlyTemporary === true ? shadow : (findPermanent(path) ?? shadow);
      if (object === undefined || object.kind !== kind) {
        if (ifExists === true) return false;
        const what = `${onlyTemporary === true ? "Temporary " : ""}${kind === "table" ? "table" : "view"}`;
        const hint = object === undefined ? undefined : `it is a ${object.kind}: use DROP ${object.kind.toUpperCase()}`;
        const names = home?.objectNames(path.database) ?? [];
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
      else home?.dropObject(path.database, path.object);
      return true;
    },
    tableNames: (searchPath = current, span) => objectsOf(searchPath, span).map((o) => o.path.object),
    viewNames: (searchPath = current, span) =>
      objectsOf(searchPath, span)
        .filter((o) => o.kind === "view")
        .map((o) => o.path.object),

    ...createFunctionStore(() => current, catalogs, databaseAt),
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

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
