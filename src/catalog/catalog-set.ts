import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import { didYouMean } from "../base/suggest.ts";
import { createMemoryStore } from "./catalog.ts";
import type { Catalog, CatalogDescriptor, CatalogFactory, CatalogStore } from "./catalog.ts";
import type { CatalogManager } from "./manager.ts";
import { createMemoryCatalog } from "./memory-catalog.ts";

export const DEFAULT_CATALOG = "default_catalog";
const DEFAULT_DATABASE = "default_database";

/** What a session says about catalogs. */
export interface CatalogOptions {
  readonly factories?: readonly CatalogFactory[] | undefined;
  /** Asked each time: the store follows from settings. */
  readonly store?: (() => CatalogStore) | undefined;
}

type CatalogStatements = Pick<
  CatalogManager,
  "catalogNames" | "catalogDescriptor" | "createCatalog" | "alterCatalog" | "dropCatalog"
>;

/** The catalogs of a session: `default_catalog`, and those of the store, which are opened when they are first used. */
export interface CatalogSet extends CatalogStatements {
  /** Throws CATALOG_NOT_FOUND. */
  of(name: string, span?: Span): Catalog;
  find(name: string): Catalog | undefined;
}

/** `current`: the catalog in use, which cannot be dropped. */
export function createCatalogSet(current: () => string, options: CatalogOptions = {}): CatalogSet {
  const builtin = createMemoryCatalog(DEFAULT_DATABASE);
  const opened = new Map<string, { readonly descriptor: CatalogDescriptor; readonly catalog: Catalog }>();
  const memoryStore = createMemoryStore();
  const storeOf = options.store ?? (() => memoryStore);
  const factories = new Map((options.factories ?? []).map((f) => [f.type, f]));

  function open(descriptor: CatalogDescriptor, span?: Span): Catalog {
    const type = descriptor.options.get("type");
    if (type === undefined) {
      throw new SqlError(
        "OPTION_MISSING",
        "Catalog options do not contain an option key 'type' for discovering a catalog.",
        { span, hint: `add WITH ('type' = '…'), one of ${[...factories.keys()].sort().join(", ")}` },
      );
    }
    const factory = factories.get(type);
    if (factory !== undefined) return factory.create(descriptor);
    throw new SqlError(
      "OPTION_INVALID",
      `there is no catalog of type '${type}'; available: ${[...factories.keys()].sort().join(", ")}`,
      { span, hint: didYouMean(type, factories.keys()) },
    );
  }

  function find(name: string): Catalog | undefined {
    if (name === DEFAULT_CATALOG) return builtin;
    const descriptor = storeOf().get(name);
    if (descriptor === undefined) {
      opened.delete(name);
      return undefined;
    }
    const known = opened.get(name);
    if (known !== undefined && sameOptions(known.descriptor, descriptor)) return known.catalog;
    const catalog = open(descriptor);
    opened.set(name, { descriptor, catalog });
    return catalog;
  }

  function names(): readonly string[] {
    return [...new Set([DEFAULT_CATALOG, ...storeOf().names()])].sort();
  }

  return {
    find,
    of(name, span) {
      const catalog = find(name);
      if (catalog !== undefined) return catalog;
      throw new SqlError("CATALOG_NOT_FOUND", `A catalog with name '${name}' does not exist`, {
        span,
        hint: didYouMean(name, names()),
      });
    },
    catalogNames: names,
    catalogDescriptor(name, span) {
      const descriptor = name === DEFAULT_CATALOG ? undefined : storeOf().get(name);
      if (descriptor !== undefined) return descriptor;
      throw new SqlError("CATALOG_NOT_FOUND", `Cannot obtain metadata information from Catalog ${name}.`, {
        span,
        hint: name === DEFAULT_CATALOG ? "it is built in: no statement made it" : didYouMean(name, storeOf().names()),
      });
    },
    createCatalog(descriptor, { ifNotExists, span } = {}) {
      const { name } = descriptor;
      const exists = name === DEFAULT_CATALOG || storeOf().get(name) !== undefined;
      if (exists && ifNotExists === true) return false;
      if (!exists) {
        const catalog = open(descriptor, span);
        if (storeOf().create(descriptor)) {
          opened.set(name, { descriptor, catalog });
          return true;
        }
      }
      throw new SqlError("CATALOG_EXISTS", `Catalog ${name} already exists.`, { span });
    },
    alterCatalog(name, change, span) {
      const descriptor = name === DEFAULT_CATALOG ? undefined : storeOf().get(name);
      if (descriptor === undefined) {
        throw new SqlError("CATALOG_NOT_FOUND", `Catalog ${name} does not exist in the catalog store.`, { span });
      }
      const changed = change(descriptor);
      // What would not open is refused now.
      open(changed, span);
      storeOf().replace(changed);
    },
    dropCatalog(name, { ifExists, span } = {}) {
      if (name === current())
        throw new SqlError("INVALID_QUERY", "Cannot drop a catalog which is currently in use.", { span });
      if (name !== DEFAULT_CATALOG && storeOf().get(name) !== undefined) {
        storeOf().drop(name);
        opened.delete(name);
        return;
      }
      if (ifExists === true) return;
      const message = name === DEFAULT_CATALOG ? "The built-in catalog cannot be dropped." : undefined;
      throw new SqlError(
        message === undefined ? "CATALOG_NOT_FOUND" : "INVALID_QUERY",
        message ?? `Catalog ${name} does not exist.`,
        {
          span,
          hint: didYouMean(name, names()),
        },
      );
    },
  };
}

/** A catalog in use stays as it was opened when only its comment or what it shows has changed. */
function sameOptions(a: CatalogDescriptor, b: CatalogDescriptor): boolean {
  if (a === b) return true;
  // ALTER CATALOG tells the store; as in Flink the open catalog of a session is not opened again for it.
  return a.options.get("type") === b.options.get("type") && a.options.get("path") === b.options.get("path");
}
