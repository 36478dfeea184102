import type { CatalogDatabase, CatalogFunction } from "./manager.ts";
import type { CatalogObject } from "./table.ts";

/** What CREATE CATALOG says. */
export interface CatalogDescriptor {
  readonly name: string;
  readonly comment: string | undefined;
  readonly options: ReadonlyMap<string, string>;
}

/**
 * Holds databases with their permanent tables, views and functions. Questions of names, shadowing and messages are the
 * manager's: a catalog only keeps, and says when something was there before.
 */
export interface Catalog {
  /** The database after USE CATALOG. */
  readonly defaultDatabase: string;
  /** Unsorted. */
  databaseNames(): readonly string[];
  database(name: string): CatalogDatabase | undefined;
  /** False: it exists. */
  createDatabase(database: CatalogDatabase): boolean;
  replaceDatabase(database: CatalogDatabase): void;
  /** With all that it holds. */
  dropDatabase(name: string): void;

  /** Unsorted names of the tables and views of a database. */
  objectNames(database: string): readonly string[];
  object(database: string, name: string): CatalogObject | undefined;
  /** False: there is an object of that name. */
  createObject(object: CatalogObject): boolean;
  /** Throws CATALOG_CHANGED when it is not the object that this process has read last. */
  replaceObject(object: CatalogObject): void;
  dropObject(database: string, name: string): void;

  /** Unsorted. */
  functions(database: string): readonly CatalogFunction[];
  /** False: there is a function of that name, in any case of its letters. */
  createFunction(fn: CatalogFunction): boolean;
  replaceFunction(fn: CatalogFunction): void;
  /** False: there was none. */
  dropFunction(database: string, name: string): boolean;
}

/** A kind of catalog, by its `type`. Throws OPTION_* for options that do not fit. */
export interface CatalogFactory {
  readonly type: string;
  create(descriptor: CatalogDescriptor): Catalog;
}

/** Where the catalogs themselves are written down, beside `default_catalog`. */
export interface CatalogStore {
  names(): readonly string[];
  get(name: string): CatalogDescriptor | undefined;
  /** False: there is one of that name. */
  create(descriptor: CatalogDescriptor): boolean;
  replace(descriptor: CatalogDescriptor): void;
  drop(name: string): void;
}

/** A store that lives as long as the session. */
export function createMemoryStore(): CatalogStore {
  const descriptors = new Map<string, CatalogDescriptor>();
  return {
    names: () => [...descriptors.keys()],
    get: (name) => descriptors.get(name),
    create: (descriptor) => {
      if (descriptors.has(descriptor.name)) return false;
      descriptors.set(descriptor.name, descriptor);
      return true;
    },
    replace: (descriptor) => void descriptors.set(descriptor.name, descriptor),
    drop: (name) => void descriptors.delete(name),
  };
}
