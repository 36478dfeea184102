import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endWithOwner, freePorts, isOpen, killed, pause } from "../server-process.ts";
import { serverBinary } from "./binary.ts";

const START_MILLIS = 30_000;

/** A throw-away S3 server with its own data folder; a fraction of a second until it answers, 50 MB. */
export class S3Server {
  readonly accessKey = "testkey";
  readonly secretKey = "verysecretkey";
  readonly port: number;
  readonly folder: string;
  #child: ChildProcess | undefined;

  private constructor(folder: string, port: number) {
    this.folder = folder;
    this.port = port;
  }

  /** With empty buckets of these names. */
  static async start(...buckets: readonly string[]): Promise<S3Server> {
    const folder = mkdtempSync(join(tmpdir(), "millrace-s3-"));
    const [port = 0] = await freePorts(1);
    // A bucket is a folder.
    for (const bucket of buckets) mkdirSync(join(folder, "data", bucket), { recursive: true });
    mkdirSync(join(folder, "meta"));
    const server = new S3Server(folder, port);
    try {
      await server.restart();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Options of `s3:` for it, or for something that stands in front of it. */
  options(endpoint: string = this.endpoint): Map<string, string> {
    return new Map([
      ["s3.endpoint", endpoint],
      ["s3.access-key", this.accessKey],
      ["s3.secret-key", this.secretKey],
    ]);
  }

  /** kill -9. */
  async kill(): Promise<void> {
    await killed(this.#child);
  }

  /** Comes back on the same port and data. */
  async restart(): Promise<void> {
    const log = openSync(join(this.folder, "server.log"), "a");
    const keys = ["--access", this.accessKey, "--secret", this.secretKey, "--region", "us-east-1", "--quiet"];
    const backend = ["posix", "--sidecar", join(this.folder, "meta"), join(this.folder, "data")];
    const child = spawn(serverBinary(), ["--port", `127.0.0.1:${this.port}`, ...keys, ...backend], {
      stdio: ["ignore", log, log],
      cwd: this.folder,
      detached: true,
    });
    closeSync(log);
    child.unref();
    this.#child = child;
    endWithOwner(child, process.pid, this.folder);
    const deadline = Date.now() + START_MILLIS;
    while (!(await isOpen(this.port))) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`the S3 server ended: ${this.#log()}`);
      if (Date.now() > deadline) throw new Error(`the S3 server did not open its port: ${this.#log()}`);
      await pause(20);
    }
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #log(): string {
    return readFileSync(join(this.folder, "server.log"), "utf8").slice(-2000);
  }
}
