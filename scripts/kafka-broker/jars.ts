import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheFolder } from "../server-process.ts";

const POM = join(import.meta.dirname, "pom.xml");
/** Class files of Kafka 4 need it. */
const LEAST_JAVA = 17;

/** Why no broker can be started here; undefined: one can. */
export function whyNoBroker(): string | undefined {
  const java = javaVersion();
  if (java === undefined) return "there is no 'java' on the PATH";
  if (java < LEAST_JAVA) return `'java' is version ${java}, Kafka needs ${LEAST_JAVA}`;
  if (existsSync(jarFolder()) || spawnSync("mvn", ["-v"]).status === 0) return undefined;
  return "Kafka's jars have not been fetched yet, and there is no 'mvn' on the PATH to fetch them";
}

/** The folder of Kafka's jars; the first call on a machine fetches them with Maven (43 MB). */
export function kafkaJars(): string {
  const folder = jarFolder();
  if (existsSync(folder)) return folder;
  const parent = join(folder, "..");
  mkdirSync(parent, { recursive: true });
  const fetched = mkdtempSync(join(parent, "fetching-"));
  const goals = ["-q", "-B", "-f", POM, "dependency:copy-dependencies", "-DincludeScope=runtime"];
  const run = spawnSync("mvn", [...goals, `-DoutputDirectory=${fetched}`], { encoding: "utf8", timeout: 600_000 });
  if (run.status !== 0) {
    rmSync(fetched, { recursive: true, force: true });
    throw new Error(`Maven could not fetch Kafka's jars: ${run.error?.message ?? run.stdout + run.stderr}`);
  }
  try {
    renameSync(fetched, folder);
  } catch (error) {
    // Another process was faster.
    rmSync(fetched, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

/** In the user's cache, so that fresh clones and worktrees find what was fetched once. */
function jarFolder(): string {
  const version = /<kafka.version>([^<]+)</.exec(readFileSync(POM, "utf8"))?.[1] ?? "";
  return join(cacheFolder(), "millrace-tests", `kafka-${version}`);
}

function javaVersion(): number | undefined {
  const run = spawnSync("java", ["-version"], { encoding: "utf8" });
  const version = /version "(?:1\.)?(\d+)/.exec(run.stderr ?? "")?.[1];
  return version === undefined ? undefined : Number(version);
}
