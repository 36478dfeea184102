import type { Span } from "../base/span.ts";
import type { CatalogDescriptor } from "./catalog.ts";
import type { CatalogObject, CatalogTable, CatalogView, ObjectPath } from "./table.ts";

/** Where one- and two-part names resolve. */
export interface SearchPath {
  readonly catalog: string;
  readonly database: string;
}

/** A user function, registered by CREATE FUNCTION. */
export interface CatalogFunction {
  /** As written; found without regard to case. */
  readonly name: string;
  /** Undefined: a temporary system function, found under its bare name everywhere. */
  readonly location: SearchPath | undefined;
  readonly temporary: boolean;
  /** `'./file.js#name'`. */
  readonly identifier: string;
  /** Against which a relative identifier resolves; undefined: the session's. */
  readonly directory?: string | undefined;
  readonly language: string;
}

export interface CatalogDatabase {
  readonly name: string;
  readonly comment: string | undefined;
  readonly options: ReadonlyMap<string, string>;
}

export interface CreateOptions {
  readonly ifNotExists?: boolean | undefined;
  readonly span?: Span | undefined;
}

export interface DropOptions {
  readonly ifExists?: boolean | undefined;
  readonly span?: Span | undefined;
}

/**
 * Everything that statements define: catalogs, databases, tables, views, functions. Names are case sensitive,
 * temporary objects shadow permanent ones. All methods throw SqlError with the span they are given.
 */
export interface CatalogManager {
  /** The present search path. */
  current(): SearchPath;
  useCatalog(name: string, span?: Span): void;
  /** `db` or `catalog.db`. */
  useDatabase(name: readonly string[], span?: Span): void;
  /** Sorted. */
  catalogNames(): readonly string[];
  /** What CREATE CATALOG said. Throws CATALOG_NOT_FOUND, also for the built-in catalog, which no statement made. */
  catalogDescriptor(name: string, span?: Span): CatalogDescriptor;
  /** False: there was one (`ifNotExists`). Throws CATALOG_EXISTS, OPTION_*. */
  createCatalog(descriptor: CatalogDescriptor, options?: CreateOptions): boolean;
  alterCatalog(name: string, change: (descriptor: CatalogDescriptor) => CatalogDescriptor, span?: Span): void;
  dropCatalog(name: string, options?: DropOptions): void;

  /** The database of `db` or `catalog.db`. */
  database(name: readonly string[], span?: Span): CatalogDatabase;
  /** Sorted; of the current catalog unless said otherwise. */
  databaseNames(catalog?: string, span?: Span): readonly string[];
  createDatabase(
    name: readonly string[],
    properties: Pick<CatalogDatabase, "comment" | "options">,
    options?: CreateOptions,
  ): void;
  /** Adds and overwrites options. */
  alterDatabase(name: readonly string[], options: ReadonlyMap<string, string>, span?: Span): void;
  /** RESTRICT (no `cascade`) refuses a database that holds anything. */
  dropDatabase(name: readonly string[], options?: DropOptions & { readonly cascade?: boolean | undefined }): void;

  /** Fills one- and two-part names up; nothing is looked up. */
  resolvePath(name: readonly string[], searchPath?: SearchPath, span?: Span): ObjectPath;
  /** The object that the name means, temporary ones first. */
  find(path: ObjectPath): CatalogObject | undefined;
  /** Without temporary objects. */
  findPermanent(path: ObjectPath): CatalogObject | undefined;
  /** As `find`; throws TABLE_NOT_FOUND with a suggestion. */
  get(path: ObjectPath, span?: Span): CatalogObject;
  /** Throws TABLE_EXISTS; with `ifNotExists` does nothing and answers false. */
  create(object: CatalogObject, options?: CreateOptions): boolean;
  /** Puts an altered object in place of the one with its path and temporariness. */
  replace(object: CatalogTable | CatalogView): void;
  rename(path: ObjectPath, to: ObjectPath, span?: Span): void;
  /** False: there was nothing to drop (`ifExists`). */
  drop(
    kind: CatalogObject["kind"],
    path: ObjectPath,
    options?: DropOptions & { readonly temporary?: boolean | undefined },
  ): boolean;
  /** Tables and views of a database, temporary ones included; sorted. */
  tableNames(searchPath?: SearchPath, span?: Span): readonly string[];
  /** Sorted. */
  viewNames(searchPath?: SearchPath, span?: Span): readonly string[];

  /** The user function that a name of one to three parts means. */
  findFunction(name: readonly string[], searchPath?: SearchPath): CatalogFunction | undefined;
  createFunction(fn: CatalogFunction, options?: CreateOptions): boolean;
  /** Throws FUNCTION_NOT_FOUND; with `ifExists` answers false. */
  replaceFunction(fn: CatalogFunction, options?: DropOptions): boolean;
  dropFunction(
    name: readonly string[],
    options?: DropOptions & { readonly temporary?: boolean | undefined; readonly system?: boolean | undefined },
  ): boolean;
  /** Functions visible from the search path, sorted by name; names in lower case, as Flink lists them. */
  functions(searchPath?: SearchPath): readonly CatalogFunction[];
}
