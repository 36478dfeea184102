import { DIALECT_NAMES } from "../parser/index.ts";
import type { ConfigOption } from "./config.ts";

/** Options of catalogs, and of how statements are read. */
export const STATEMENT_OPTIONS: readonly ConfigOption[] = [
  {
    name: "table.sql-dialect",
    summary: "the SQL that queries are written in; all but the default need the package node-sql-parser",
    type: "string",
    default: "default",
    supported: ["default", ...DIALECT_NAMES],
  },
  {
    name: "table.catalog-store.kind",
    summary: "where CREATE CATALOG writes catalogs down",
    type: ["generic_in_memory", "file"],
    default: "generic_in_memory",
  },
  {
    name: "table.catalog-store.file.path",
    summary: "folder of the file store, one YAML file a catalog",
    type: "string",
  },
];
