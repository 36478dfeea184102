import type { StateBackend } from "../backend.ts";

/** State in rows of a database, with tables in memory in front; everything of it loads on first use. */
export const JDBC: StateBackend = {
  names: ["jdbc"],
  summary: "state in rows of MySQL, MariaDB or PostgreSQL, with memory in front of them; checkpoints write what is new",
  open: async (context) => (await import("./jdbc-backend.ts")).openJdbcBackend(context),
};
