import type { Catalog } from "./catalog.ts";
import type { CatalogDatabase, CatalogFunction } from "./manager.ts";
import type { CatalogObject } from "./table.ts";

interface Content {
  readonly database: CatalogDatabase;
  readonly objects: Map<string, CatalogObject>;
  /** By their names in lower case. */
  readonly functions: Map<string, CatalogFunction>;
}

/** A catalog that lives as long as the session, with one empty database. */
export function createMemoryCatalog(defaultDatabase: string): Catalog {
  const contents = new Map<string, Content>();
  const add = (database: CatalogDatabase): void =>
    void contents.set(database.name, { database, objects: new Map(), functions: new Map() });
  add({ name: defaultDatabase, comment: undefined, options: new Map() });
  return {
    defaultDatabase,
    databaseNames: () => [...contents.keys()],
    database: (name) => contents.get(name)?.database,
    createDatabase: (database) => {
      if (contents.has(database.name)) return false;
      add(database);
      return true;
    },
    replaceDatabase: (database) => {
      const content = contents.get(database.name);
      if (content !== undefined) contents.set(database.name, { ...content, database });
    },
    dropDatabase: (name) => void contents.delete(name),

    objectNames: (database) => [...(contents.get(database)?.objects.keys() ?? [])],
    object: (database, name) => contents.get(database)?.objects.get(name),
    createObject: (object) => {
      const objects = contents.get(object.path.database)?.objects;
      if (objects?.has(object.path.object) === true) return false;
      objects?.set(object.path.object, object);
      return true;
    },
    replaceObject: (object) => void contents.get(object.path.database)?.objects.set(object.path.object, object),
    dropObject: (database, name) => void contents.get(database)?.objects.delete(name),

    functions: (database) => [...(contents.get(database)?.functions.values() ?? [])],
    createFunction: (fn) => {
      const functions = contents.get(fn.location?.database ?? "")?.functions;
      if (functions?.has(fn.name.toLowerCase()) === true) return false;
      functions?.set(fn.name.toLowerCase(), fn);
      return true;
    },
    replaceFunction: (fn) => void contents.get(fn.location?.database ?? "")?.functions.set(fn.name.toLowerCase(), fn),
    dropFunction: (database, name) => contents.get(database)?.functions.delete(name.toLowerCase()) === true,
  };
}
