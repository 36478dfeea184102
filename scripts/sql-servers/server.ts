import { type ChildProcess, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, isOpen, killed, pause, startServer } from "../server-process.ts";

const START_MILLIS = 60_000;

/** Who runs the servers, which refuse root: nobody, or who runs the tests. */
const NOBODY = 65_534;
export const isRoot = process.getuid?.() === 0;
const runAs = isRoot ? { uid: NOBODY, gid: NOBODY } : undefined;

/** A kind of database server. */
export interface SqlProgram {
  readonly name: "postgresql" | "mariadb";
  /** Why none can be started here; undefined: one can. */
  whyNot(): string | undefined;
  /** Fills the empty folder `data` of a server's folder, which also has `server.crt` and `server.key`. */
  initialize(folder: string): void;
  command(folder: string, port: number): readonly [program: string, args: readonly string[]];
  /** Makes the database and the user, once the server runs. */
  prepare(server: SqlServer): Promise<void>;
}

/** A throw-away database server with its own data folder. */
export class SqlServer {
  readonly user = "flink";
  readonly password = "very&secret word";
  readonly database = "flink";
  readonly port: number;
  readonly folder: string;
  readonly program: SqlProgram;
  #child: ChildProcess | undefined;

  private constructor(program: SqlProgram, folder: string, port: number) {
    this.program = program;
    this.folder = folder;
    this.port = port;
  }

  static async start(program: SqlProgram): Promise<SqlServer> {
    // Short: paths of sockets are at most 107 bytes long.
    const folder = mkdtempSync(join(tmpdir(), "millrace-sql-"));
    const [port = 0] = await freePorts(1);
    const server = new SqlServer(program, folder, port);
    try {
      makeCertificate(folder);
      program.initialize(folder);
      await server.restart();
      await program.prepare(server);
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** `jdbc:` location of a folder in it, or in something that stands in front of it. */
  url(folder = "", port = this.port): string {
    return `jdbc:${this.program.name}://127.0.0.1:${port}/${this.database}${folder === "" ? "" : `/${folder}`}`;
  }

  /** Options of `jdbc:` for it. */
  options(): Map<string, string> {
    return new Map([
      ["jdbc.user", this.user],
      ["jdbc.password", this.password],
    ]);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await killed(this.#child);
  }

  /** Comes back on the same port and data. */
  async restart(): Promise<void> {
    const [command, args] = this.program.command(this.folder, this.port);
    const deadline = Date.now() + START_MILLIS;
    for (;;) {
      try {
        this.#child = await startServer({
          name: this.program.name,
          command,
          args,
          folder: this.folder,
          owner: process.pid,
          runAs,
          patienceMillis: START_MILLIS,
          isReady: async () => isOpen(this.port),
        });
        return;
      } catch (error) {
        // What a killed server has left running holds the data for a moment.
        if (Date.now() > deadline) throw error;
        await pause(200);
      }
    }
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Runs a program to its end, as the servers run. */
export function run(program: string, args: readonly string[], cwd: string): void {
  const result = spawnSync(program, args, { encoding: "utf8", cwd, ...runAs });
  if (result.status !== 0) throw new Error(`${program}: ${result.error?.message ?? result.stderr}`);
}

/** For 127.0.0.1 and localhost, signed by itself; the key is the server's alone. */
function makeCertificate(folder: string): void {
  chmodSync(folder, 0o755);
  if (isRoot) chownSync(folder, NOBODY, NOBODY);
  const names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
  const files = ["-keyout", join(folder, "server.key"), "-out", join(folder, "server.crt")];
  const subject = ["-subj", "/CN=localhost", "-addext", names, "-days", "2"];
  run("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...files, ...subject], folder);
  chmodSync(join(folder, "server.key"), 0o600);
}

/** Waits until the call goes well. */
export async function untilReady<T>(call: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + START_MILLIS;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await pause(50);
    }
  }
}
