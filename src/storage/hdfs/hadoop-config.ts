import { readFileSync } from "node:fs";
import { join } from "node:path";
import { SqlError } from "../../base/errors.ts";
import { systemCode } from "../files.ts";
import { elementsOf, textOf } from "../xml.ts";

/** Later files win. */
const FILES = ["core-site.xml", "hdfs-site.xml"];

/** What Hadoop's own files in a folder (`HADOOP_CONF_DIR`) set; files that are not there set nothing. Throws IO. */
export function hadoopConfig(folder: string | undefined): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  if (folder === undefined || folder === "") return values;
  for (const file of FILES.map((name) => join(folder, name)))
    for (const property of elementsOf(textIn(file).replaceAll(/<!--.*?-->/gs, ""), "property")) {
      const name = textOf(property, "name")?.trim();
      if (name !== undefined) values.set(name, textOf(property, "value")?.trim() ?? "");
    }
  return values;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw new SqlError("IO", `${file} (HADOOP_CONF_DIR) cannot be read: ${(error as Error).message}`, { cause: error });
  }
}
