import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jarsOf, whyNoJava, whyNoMaven } from "../server-process.ts";

const POM = join(import.meta.dirname, "pom.xml");
/** Class files of Kafka 4 need it. */
const LEAST_JAVA = 17;

/** Why no broker can be started here; undefined: one can. */
export function whyNoBroker(): string | undefined {
  return whyNoJava(LEAST_JAVA, "Kafka") ?? whyNoMaven(jarFolder(), "Kafka");
}

/** The folder of Kafka's jars; the first call on a machine fetches them with Maven (43 MB). */
export function kafkaJars(): string {
  return jarsOf(POM, jarFolder());
}

function jarFolder(): string {
  const version = /<kafka.version>([^<]+)</.exec(readFileSync(POM, "utf8"))?.[1] ?? "";
  return `kafka-${version}`;
}
