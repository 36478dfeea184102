import { SqlError } from "../../base/errors.ts";
import type { CatalogFunction } from "../../catalog/manager.ts";
import { BUILTINS } from "../builtin.ts";
import type { ExtensionName } from "../extensions.ts";
import type { Builtins, Session } from "../session.ts";

/** What threads are told of a session, which they make again for themselves. */
export interface PortableSession {
  readonly values: ReadonlyMap<string, string>;
  readonly baseDirectory: string;
  readonly functions: readonly CatalogFunction[];
  /** Connectors and formats that tables name as modules, to be loaded again. */
  readonly extensions: readonly ExtensionName[];
  readonly fixedMillis: number | undefined;
}

/** Throws UNSUPPORTED when the session holds code that cannot be handed to a thread. */
export function portableSession(session: Session): PortableSession {
  const { builtins, connectorFor, nowMillis, random, baseDirectory } = session.options;
  if (connectorFor !== undefined) throw notPortable("tables whose connector is replaced");
  if (random !== undefined) throw notPortable("random numbers from a seed");
  for (const family of ["scalars", "aggregates", "tables", "connectors", "formats"] as const)
    if (!isBuiltin(builtins, family)) throw notPortable(`${family} given as objects`);
  return {
    values: session.config.values(),
    baseDirectory,
    functions: session.catalog.functions(),
    extensions: session.extensions.loaded,
    fixedMillis: nowMillis?.(),
  };
}

function isBuiltin(builtins: Builtins, family: keyof Builtins): boolean {
  const [given, known] = [builtins[family], BUILTINS[family]] as [readonly unknown[], readonly unknown[]];
  return given.length === known.length && given.every((each, i) => each === known[i]);
}

function notPortable(what: string): SqlError {
  return new SqlError(
    "UNSUPPORTED",
    `'parallelism.default' > 1 does not go together with ${what}: threads cannot share them`,
    {
      hint: "set 'parallelism.default' = '1', or give functions as files: CREATE FUNCTION f AS './file.js#name'",
    },
  );
}
