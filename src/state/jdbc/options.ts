import type { OptionDeclaration } from "../../base/options.ts";

/** Options of the state backend jdbc (SET, -D, config file); the rest is as for the checkpoints, `jdbc.*`. */
export const JDBC_BACKEND_OPTIONS: readonly OptionDeclaration[] = [
  {
    name: "state.backend.jdbc.url",
    summary:
      "database that holds the rows of state of the backend jdbc: jdbc:postgresql://host:5432/database, jdbc:mysql://host:3306/database",
    type: "string",
  },
  { name: "state.backend.jdbc.user", summary: "default: as 'jdbc.user'", type: "string" },
  { name: "state.backend.jdbc.password", summary: "default: as 'jdbc.password'", type: "string" },
  {
    name: "state.backend.jdbc.table-name",
    summary: "table of the rows, made when it is not there; another of this name and _scopes says whose they are",
    type: "string",
    default: "millrace_state",
  },
];

/** Short names in the WITH of a table whose 'state.backend' is jdbc. */
export const JDBC_TABLE_NAMES: ReadonlyMap<string, string> = new Map([
  ["url", "state.backend.jdbc.url"],
  ["user", "state.backend.jdbc.user"],
  ["password", "state.backend.jdbc.password"],
  ["table_name", "state.backend.jdbc.table-name"],
]);
