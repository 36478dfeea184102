import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createConnection } from "mysql2/promise";
import { run, untilReady, type SqlProgram } from "./server.ts";

/** MariaDB of the system. */
export const MARIADB: SqlProgram = {
  name: "mariadb",
  whyNot: () =>
    onPath("mariadbd") === undefined || onPath("mariadb-install-db") === undefined
      ? "there is no 'mariadbd' here; 'apt-get install mariadb-server' brings it"
      : undefined,
  initialize: (folder) => {
    const options = ["--no-defaults", `--datadir=${join(folder, "data")}`, "--innodb-log-file-size=48M"];
    run(
      onPath("mariadb-install-db")!,
      [...options, "--auth-root-authentication-method=normal", "--skip-test-db"],
      folder,
    );
  },
  command: (folder, port) => [
    onPath("mariadbd")!,
    [
      "--no-defaults",
      `--datadir=${join(folder, "data")}`,
      `--port=${port}`,
      `--socket=${join(folder, "socket")}`,
      `--pid-file=${join(folder, "pid")}`,
      "--bind-address=127.0.0.1",
      // A killed process loses nothing that the system has taken; a machine that dies is not what is tested.
      "--innodb-flush-log-at-trx-commit=2",
      "--innodb-buffer-pool-size=64M",
      "--skip-name-resolve",
      "--performance-schema=off",
      `--ssl-cert=${join(folder, "server.crt")}`,
      `--ssl-key=${join(folder, "server.key")}`,
    ],
  ],
  prepare: async ({ port, user, password, database }) => {
    const admin = await untilReady(async () => createConnection({ host: "127.0.0.1", port, user: "root" }));
    await admin.query(`CREATE DATABASE ${database}`);
    await admin.query(`CREATE USER ${user} IDENTIFIED BY '${password}'`);
    await admin.query(`GRANT ALL ON ${database}.* TO ${user}`);
    await admin.query(`GRANT CONNECTION ADMIN ON *.* TO ${user}`);
    await admin.end();
  },
};

/** Servers do not lie on everybody's path. */
function onPath(name: string): string | undefined {
  return [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}
