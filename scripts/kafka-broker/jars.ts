import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { cached, filledOnce, whyNoJava } from "../server-process.ts";

const POM = join(import.meta.dirname, "pom.xml");
/** Class files of Kafka 4 need it. */
const LEAST_JAVA = 17;

/** Why no broker can be started here; undefined: one can. */
export function whyNoBroker(): string | undefined {
  const why = whyNoJava(LEAST_JAVA, "Kafka");
  if (why !== undefined) return why;
  if (existsSync(cached(jarFolder())) || spawnSync("mvn", ["-v"]).status === 0) return undefined;
  return "Kafka's jars have not been fetched yet, and there is no 'mvn' on the PATH to fetch them";
}

/** The folder of Kafka's jars; the first call on a machine fetches them with Maven (43 MB). */
export function kafkaJars(): string {
  return filledOnce(jarFolder(), (folder) => {
    const goals = ["-q", "-B", "-f", POM, "dependency:copy-dependencies", "-DincludeScope=runtime"];
    const run = spawnSync("mvn", [...goals, `-DoutputDirectory=${folder}`], { encoding: "utf8", timeout: 600_000 });
    if (run.status !== 0)
      throw new Error(`Maven could not fetch Kafka's jars: ${run.error?.message ?? run.stdout + run.stderr}`);
  });
}

function jarFolder(): string {
  const version = /<kafka.version>([^<]+)</.exec(readFileSync(POM, "utf8"))?.[1] ?? "";
  return `kafka-${version}`;
}
