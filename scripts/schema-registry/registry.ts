import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { filledOnce, freePorts, killed, startServer, whyNoJava, whyNoMaven } from "../server-process.ts";

/** Apicurio with Confluent's REST interface; 3.3 needs Java 21. */
const VERSION = "3.0.9";
const FOLDER = `apicurio-${VERSION}`;
const LEAST_JAVA = 17;
const START_MILLIS = 120_000;

/** Why no registry can be started here; undefined: one can. */
export function whyNoRegistry(): string | undefined {
  return whyNoJava(LEAST_JAVA, "Apicurio") ?? whyNoMaven(FOLDER, "Apicurio");
}

/** The folder of the registry; the first call on a machine fetches it with Maven (109 MB). */
export function fetchRegistry(): string {
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
    const options = {
      "quarkus.http.host": "127.0.0.1",
      "quarkus.http.port": port,
      "quarkus.management.host": "127.0.0.1",
      "quarkus.management.port": management,
      "apicurio.storage.kind": "sql",
    };
    const url = `http://127.0.0.1:${port}/apis/ccompat/v7`;
    const jvm = ["-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    const settings = Object.entries(options).map(([name, value]) => `-D${name}=${value}`);
    try {
      const child = await startServer({
        name: "the registry",
        command: "java",
        args: [...jvm, ...settings, "-jar", join(home, jar)],
        folder: directory,
        owner: process.pid,
        patienceMillis: START_MILLIS,
        isReady: async () => answers(`${url}/subjects`),
      });
      return new RegistryProcess(url, child, directory);
    } catch (error) {
      rmSync(directory, { recursive: true, force: true });
      throw error;
    }
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
    return response.ok;
  } catch {
    // Its port is not open yet.
    return false;
  }
}
