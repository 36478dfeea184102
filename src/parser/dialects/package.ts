import { createRequire } from "node:module";
import { SqlError } from "../../base/errors.ts";
import type { DialectName } from "./dialect.ts";

/** The part of `node-sql-parser` that is used. Its trees are read by `TreeReader`, which trusts none of their types. */
export interface ForeignParser {
  astify(sql: string, options: { readonly parseOptions: { readonly includeLocations: boolean } }): unknown;
}

const INSTALL = "npm install node-sql-parser@^5.4.0";

/** Where the package comes from; tests put something else here. */
type Loader = (name: DialectName) => unknown;

const require = createRequire(import.meta.url);

/** One grammar each (0.2 to 0.3 MB of the 92 MB that the package takes on disk); synchronous, because a script is parsed at once. */
const GRAMMARS: Readonly<Record<DialectName, () => unknown>> = {
  postgresql: () => require("node-sql-parser/build/postgresql"),
  mysql: () => require("node-sql-parser/build/mysql"),
  mariadb: () => require("node-sql-parser/build/mariadb"),
  bigquery: () => require("node-sql-parser/build/bigquery"),
  snowflake: () => require("node-sql-parser/build/snowflake"),
  trino: () => require("node-sql-parser/build/trino"),
};

const parsers = new Map<DialectName, ForeignParser>();

/** The parser of a dialect, loaded on first use. Throws UNSUPPORTED, with the line that mends it, when the package is not there. */
export function foreignParser(name: DialectName): ForeignParser {
  let parser = parsers.get(name);
  if (parser === undefined) parsers.set(name, (parser = loadParser(name)));
  return parser;
}

export function loadParser(name: DialectName, load: Loader = (grammar) => GRAMMARS[grammar]()): ForeignParser {
  let loaded: unknown;
  try {
    loaded = load(name);
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const missing = code === "MODULE_NOT_FOUND" && message.includes("node-sql-parser");
    throw new SqlError(
      "UNSUPPORTED",
      missing
        ? `'table.sql-dialect' = '${name}' needs the package node-sql-parser, which is not installed`
        : `the package node-sql-parser does not load: ${message}`,
      { hint: `run '${INSTALL}', or write the query in Flink SQL`, cause },
    );
  }
  const { Parser } = loaded as { readonly Parser?: new () => ForeignParser };
  if (typeof Parser !== "function")
    throw new SqlError("UNSUPPORTED", "the package node-sql-parser is not the one that is expected", {
      hint: `run '${INSTALL}'`,
    });
  return new Parser();
}
