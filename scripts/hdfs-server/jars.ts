import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jarsOf, whyNoJava, whyNoMaven } from "../server-process.ts";

const POM = join(import.meta.dirname, "pom.xml");
const LEAST_JAVA = 11;
/** Later ones have no security manager any more, which Hadoop 3.4 asks for the user. */
const MOST_JAVA = 22;

/** Why no HDFS can be started here; undefined: one can. */
export function whyNoHdfs(): string | undefined {
  return whyNoJava(LEAST_JAVA, "HDFS", MOST_JAVA) ?? whyNoMaven(jarFolder(), "HDFS");
}

/** The folder of Hadoop's jars; the first call on a machine fetches them with Maven (89 MB). */
export function hdfsJars(): string {
  return jarsOf(POM, jarFolder());
}

function jarFolder(): string {
  const version = /<hadoop.version>([^<]+)</.exec(readFileSync(POM, "utf8"))?.[1] ?? "";
  return `hdfs-${version}`;
}
