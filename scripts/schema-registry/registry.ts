import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

/** Apicurio with Confluent's REST interface; 3.3 needs Java 21. */
const VERSION = "3.0.9";
const LEAST_JAVA = 17;
const START_MILLIS = 120_000;

/** Why no registry can be started here; undefined: one can. */
export function whyNoRegistry(): string | undefined {
  const version = /version "(?:1\.)?(\d+)/.exec(
    spawnSync("java", ["-version"], { encoding: "utf8" }).stderr ?? "",
  )?.[1];
  if (version === undefined) return "there is no 'java' on the PATH";
  if (Number(version) < LEAST_JAVA) return `'java' is version ${version}, Apicurio needs ${LEAST_JAVA}`;
  if (existsSync(folder()) || spawnSync("mvn", ["-v"]).status === 0) return undefined;
  return "Apicurio has not been fetched yet, and there is no 'mvn' on the PATH to fetch it";
}

/** In the user's cache, so that fresh clones and worktrees find what was fetched once. */
function folder(): string {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(cache, "millrace-tests", `apicurio-${VERSION}`);
}

/** The folder of the registry; the first call on a machine fetches it with Maven (109 MB). */
function fetchRegistry(): string {
  const target = folder();
  if (existsSync(target)) return target;
  mkdirSync(join(target, ".."), { recursive: true });
  const fetched = mkdtempSync(join(target, "..", "fetching-"));
  const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
  const run = spawnSync(
    "mvn",
    ["-q", "-B", "dependency:unpack", `-Dartifact=${artifact}`, `-DoutputDirectory=${fetched}`],
    {
      cwd: fetched,
      encoding: "utf8",
      timeout: 600_000,
    },
  );
  if (run.status !== 0) {
    rmSync(fetched, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Apicurio: ${run.error?.message ?? run.stdout + run.stderr}`);
  }
  try {
    renameSync(fetched, target);
  } catch (error) {
    // Another process was faster.
    rmSync(fetched, { recursive: true, force: true });
    if (!existsSync(target)) throw error;
  }
  return target;
}

/** A throw-away schema registry that keeps everything in memory; about 4 s until it answers, 250 MB. */
export class RegistryProcess {
  readonly url: string;
  private readonly child: ChildProcess;
  private readonly directory: string;

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url;
    this.child = child;
    this.directory = directory;
  }

  static async start(): Promise<RegistryProcess> {
    const home = fetchRegistry();
    const directory = mkdtempSync(join(tmpdir(), "millrace-registry-"));
    const [port = 0, management = 0] = await freePorts(2);
    const jar = readdirSync(home).find((name) => name.endsWith("-runner.jar"));
    if (jar === undefined) throw new Error(`there is no runner in ${home}`);
    const log = openSync(join(directory, "registry.log"), "a");
    const options = {
      "quarkus.http.host": "127.0.0.1",
      "quarkus.http.port": port,
      "quarkus.management.host": "127.0.0.1",
      "quarkus.management.port": management,
      "apicurio.storage.kind": "sql",
    };
    const child = spawn(
      "java",
      [
        "-Xmx384m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        ...Object.entries(options).map(([name, value]) => `-D${name}=${value}`),
        "-jar",
        join(home, jar),
      ],
      { stdio: ["ignore", log, log], cwd: directory },
    );
    closeSync(log);
    // Ends it when its owner has gone without stopping it.
    const guard = `while kill -0 ${process.pid} 2>/dev/null; do kill -0 ${child.pid} 2>/dev/null || exit 0; sleep 1; done; kill -9 ${child.pid}; rm -rf "${directory}"`;
    spawn("sh", ["-c", guard], { stdio: "ignore", detached: true }).unref();
    const registry = new RegistryProcess(`http://127.0.0.1:${port}/apis/ccompat/v7`, child, directory);
    const deadline = Date.now() + START_MILLIS;
    while (!(await answers(`${registry.url}/subjects`))) {
      if (child.exitCode === null && Date.now() < deadline) continue;
      const said = readFileSync(join(directory, "registry.log"), "utf8").slice(-2000);
      await registry.stop();
      throw new Error(`the registry did not start: ${said}`);
    }
    return registry;
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child.exitCode === null && child.signalCode === null) {
      const gone = new Promise((resolve) => {
        child.once("exit", resolve);
      });
      child.kill("SIGKILL");
      await gone;
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.text();
    if (response.ok) return true;
  } catch {
    // Its port is not open yet.
  }
  await new Promise((resolve) => {
    setTimeout(resolve, 100);
  });
  return false;
}

/** All at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve, reject) => {
        server.once("error", reject).listen(0, "127.0.0.1", () => resolve(server));
      });
    }),
  );
  const ports = servers.map((server) => (server.address() as { readonly port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
