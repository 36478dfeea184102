import type { ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts, isOpen, killed, startServer } from "../server-process.ts";
import { serverBinary } from "./binary.ts";

/** What nothing may print. */
export const S3_SECRET_KEY = "verysecretkey";

const START_MILLIS = 30_000;

/** A throw-away S3 server with its own data folder; a fraction of a second until it answers, 50 MB. */
export class S3Server {
  readonly accessKey = "testkey";
  readonly secretKey = S3_SECRET_KEY;
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
    const keys = ["--access", this.accessKey, "--secret", this.secretKey, "--region", "us-east-1", "--quiet"];
    const backend = ["posix", "--sidecar", join(this.folder, "meta"), join(this.folder, "data")];
    this.#child = await startServer({
      name: "the S3 server",
      command: serverBinary(),
      args: ["--port", `127.0.0.1:${this.port}`, ...keys, ...backend],
      folder: this.folder,
      owner: process.pid,
      patienceMillis: START_MILLIS,
      isReady: async () => isOpen(this.port),
    });
  }

  /** Stops it and removes its data. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
