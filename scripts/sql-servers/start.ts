// `npm run sql-servers`: an empty PostgreSQL and an empty MariaDB to play with, until Ctrl-C.
import { MARIADB } from "./mariadb.ts";
import { POSTGRES } from "./postgres.ts";
import { SqlServer } from "./server.ts";

const servers: SqlServer[] = [];
for (const program of [POSTGRES, MARIADB]) {
  const why = program.whyNot();
  if (why === undefined) servers.push(await SqlServer.start(program));
  else process.stdout.write(`no ${program.name}: ${why}\n`);
}
for (const server of servers) {
  process.stdout.write(`
export MILLRACE_JDBC_USER='${server.user}' MILLRACE_JDBC_PASSWORD='${server.password}'
SET 'execution.checkpointing.dir' = '${server.url("checkpoints")}';
`);
}
process.stdout.write("Ctrl-C stops them and removes their data.\n");
const alive = setInterval(() => undefined, 1 << 30);
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    clearInterval(alive);
    for (const server of servers) void server.stop();
  });
}
