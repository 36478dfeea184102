import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { CatalogSet } from "./catalog-set.ts";
import type { CatalogFunction, CatalogManager, SearchPath } from "./manager.ts";

type FunctionStore = Pick<
  CatalogManager,
  "findFunction" | "createFunction" | "replaceFunction" | "dropFunction" | "functions"
>;

/**
 * The functions of a catalog manager. A bare name is looked up as temporary system function, temporary function, then
 * permanent function of the search path. `checkDatabase` throws when a database does not exist.
 */
export function createFunctionStore(
  current: () => SearchPath,
  catalogs: CatalogSet,
  checkDatabase: (path: SearchPath, span?: Span) => unknown,
): FunctionStore {
  /** Temporary ones, which live in the session. */
  const temporary = new Map<string, CatalogFunction>();

  function permanent(location: SearchPath, bare: string): CatalogFunction | undefined {
    return catalogs
      .find(location.catalog)
      ?.functions(location.database)
      .find((f) => f.name.toLowerCase() === bare);
  }

  return {
    findFunction(name, searchPath = current()) {
      const bare = (name.at(-1) ?? "").toLowerCase();
      const location = locationOf(name, searchPath);
      const system = name.length === 1 ? temporary.get(keyOf(undefined, bare)) : undefined;
      return system ?? temporary.get(keyOf(location, bare)) ?? permanent(location, bare);
    },
    createFunction(fn, { ifNotExists, span } = {}) {
      if (fn.location !== undefined) checkDatabase(fn.location, span);
      let created: boolean;
      if (fn.temporary || fn.location === undefined) {
        const key = keyOf(fn.location, fn.name.toLowerCase());
        created = !temporary.has(key);
        if (created) temporary.set(key, fn);
      } else created = catalogs.of(fn.location.catalog, span).createFunction(fn);
      if (created || ifNotExists === true) return created;
      throw new SqlError("FUNCTION_EXISTS", `Function '${fn.name}' already exists`, { span });
    },
    replaceFunction(fn, { ifExists, span } = {}) {
      const location = fn.location ?? current();
      if (permanent(location, fn.name.toLowerCase()) === undefined) {
        if (ifExists === true) return false;
        throw new SqlError("FUNCTION_NOT_FOUND", `Function '${fn.name}' does not exist`, { span });
      }
      catalogs.of(location.catalog, span).replaceFunction(fn);
      return true;
    },
    dropFunction(name, { ifExists, temporary: isTemporary, system, span } = {}) {
      const bare = (name.at(-1) ?? "").toLowerCase();
      const location = locationOf(name, current());
      const dropped =
        isTemporary === true
          ? temporary.delete(keyOf(system === true ? undefined : location, bare))
          : catalogs.find(location.catalog)?.dropFunction(location.database, bare) === true;
      if (dropped) return true;
      if (ifExists === true) return false;
      throw new SqlError("FUNCTION_NOT_FOUND", `Function '${name.join(".")}' does not exist`, { span });
    },
    functions(searchPath = current()) {
      const own = [...temporary.values()].filter(
        (f) =>
          f.location === undefined ||
          (f.location.catalog === searchPath.catalog && f.location.database === searchPath.database),
      );
      const visible = [...own, ...(catalogs.find(searchPath.catalog)?.functions(searchPath.database) ?? [])];
      return visible.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    },
  };
}

function locationOf(name: readonly string[], searchPath: SearchPath): SearchPath {
  const database = name.length >= 2 ? name.at(-2)! : searchPath.database;
  const catalog = name.length >= 3 ? name.at(-3)! : searchPath.catalog;
  return { catalog, database };
}

function keyOf(location: SearchPath | undefined, name: string): string {
  return JSON.stringify([location?.catalog ?? null, location?.database ?? null, name]);
}
