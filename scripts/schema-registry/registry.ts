import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cached, endWithOwner, filledOnce, freePorts, killed, pause, whyNoJava } from "../server-process.ts";

/** Apicurio with Confluent's REST interface; 3.3 needs Java 21. */
const VERSION = "3.0.9";
const FOLDER = `apicurio-${VERSION}`;
const LEAST_JAVA = 17;
const START_MILLIS = 120_000;

/** Why no registry can be started here; undefined: one can. */
export function whyNoRegistry(): string | undefined {
  const why = whyNoJava(LEAST_JAVA, "Apicurio");
  if (why !== undefined) return why;
  if (existsSync(cached(FOLDER)) || spawnSync("mvn", ["-v"]).status === 0) return undefined;
  return "Apicurio has not been fetched yet, and there is no 'mvn' on the PATH to fetch it";
}

/** The folder of the registry; the first call on a machine fetches it with Maven (109 MB). */
function fetchRegistry(): string {
  return filledOnce(FOLDER, (folder) => {
    const artifact = `io.apicurio:apicurio-registry-app:${VERSION}:tar.gz:all`;
    const run = spawnSync(
      "mvn",
      ["-q", "-B", "dependency:unpack", `-Dartifact=${artifact}`, `-DoutputDirectory=${folder}`],
      { cwd: folder, encoding: "utf8", timeout: 600_000 },
    );
    if (run.status !== 0)
      throw new Error(`Maven could not fetch Apicurio: ${run.error?.message ?? run.stdout + run.stderr}`);
  });
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
    endWithOwner(child, process.pid, directory);
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
    await killed(this.child);
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
  await pause(100);
  return false;
}
