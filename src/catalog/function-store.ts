import { SqlError } from "../base/errors.ts";
import type { Span } from "../base/span.ts";
import type { CatalogFunction, CatalogManager, SearchPath } from "./manager.ts";

type FunctionStore = Pick<CatalogManager, "findFunction" | "createFunction" | "dropFunction" | "functions">;

/**
 * The functions of a catalog manager. A bare name is looked up as temporary system function, temporary function, then
 * permanent function of the search path. `checkDatabase` throws when a database does not exist.
 */
export function createFunctionStore(
  current: () => SearchPath,
  checkDatabase: (path: SearchPath, span?: Span) => unknown,
): FunctionStore {
  const store = new Map<string, CatalogFunction>();

  function candidates(name: readonly string[], searchPath: SearchPath): readonly string[] {
    const bare = (name.at(-1) ?? "").toLowerCase();
    const location = locationOf(name, searchPath);
    return [
      ...(name.length === 1 ? [keyOf(undefined, true, bare)] : []),
      keyOf(location, true, bare),
      keyOf(location, false, bare),
    ];
  }

  return {
    findFunction(name, searchPath = current()) {
      for (const key of candidates(name, searchPath)) {
        const found = store.get(key);
        if (found !== undefined) return found;
      }
      return undefined;
    },
    createFunction(fn, { ifNotExists, span } = {}) {
      if (fn.location !== undefined) checkDatabase(fn.location, span);
      const key = keyOf(fn.location, fn.temporary, fn.name.toLowerCase());
      if (store.has(key)) {
        if (ifNotExists === true) return false;
        throw new SqlError("FUNCTION_EXISTS", `Function '${fn.name}' already exists`, { span });
      }
      store.set(key, fn);
      return true;
    },
    dropFunction(name, { ifExists, temporary, system, span } = {}) {
      const bare = (name.at(-1) ?? "").toLowerCase();
      const key = keyOf(system === true ? undefined : locationOf(name, current()), temporary === true, bare);
      if (store.delete(key)) return true;
      if (ifExists === true) return false;
      throw new SqlError("FUNCTION_NOT_FOUND", `Function '${name.join(".")}' does not exist`, { span });
    },
    functions(searchPath = current()) {
      const visible = [...store.values()].filter(
        (f) =>
          f.location === undefined ||
          (f.location.catalog === searchPath.catalog && f.location.database === searchPath.database),
      );
      return visible.sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
    },
  };
}

function locationOf(name: readonly string[], searchPath: SearchPath): SearchPath {
  const database = name.length >= 2 ? name.at(-2)! : searchPath.database;
  const catalog = name.length >= 3 ? name.at(-3)! : searchPath.catalog;
  return { catalog, database };
}

function keyOf(location: SearchPath | undefined, temporary: boolean, name: string): string {
  return JSON.stringify([location?.catalog ?? null, location?.database ?? null, temporary, name]);
}
