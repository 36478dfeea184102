import { describeWithServer } from "../describe-with-server.ts";
import { MARIADB } from "./mariadb.ts";
import { POSTGRES } from "./postgres.ts";
import { SqlServer, type SqlProgram } from "./server.ts";

/** Tests of a block, which gets the server that runs while they do. */
type Body = (server: () => SqlServer) => void;

/** Tests with a PostgreSQL of their own, which they may kill. */
export function describePostgres(name: string, body: Body): void {
  describeServer(POSTGRES, `${name} (PostgreSQL)`, body);
}

/** Tests with a MariaDB of their own, which they may kill. */
export function describeMariadb(name: string, body: Body): void {
  describeServer(MARIADB, `${name} (MariaDB)`, body);
}

/** The same tests with each of both. */
export function describeDatabases(name: string, body: Body): void {
  describePostgres(name, body);
  describeMariadb(name, body);
}

function describeServer(program: SqlProgram, name: string, body: Body): void {
  const kind = { word: "JDBC", why: () => program.whyNot(), start: async () => SqlServer.start(program) };
  describeWithServer(name, kind, body);
}
