import type * as Yaml from "yaml";
import { existsSync, readFileSync } from "node:fs";
import { SqlError } from "../base/errors.ts";
import { importModule } from "../base/import-module.ts";

const DEFAULT_FILE = "./millrace.yaml";

/** Options of a YAML file in Flink's shape: nested maps and dotted keys are the same. Throws FILE_NOT_FOUND, OPTION_INVALID. */
export async function readConfigFile(path: string | undefined): Promise<ReadonlyMap<string, string>> {
  const file = path ?? DEFAULT_FILE;
  if (!existsSync(file)) {
    if (path === undefined) return new Map();
    throw new SqlError("FILE_NOT_FOUND", `the config file '${path}' does not exist`);
  }
  const { parse } = await importModule<typeof Yaml>("yaml");
  let document: unknown;
  try {
    document = parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new SqlError(
      "OPTION_INVALID",
      `'${file}' is not YAML: ${cause instanceof Error ? cause.message.split("\n")[0] : ""}`,
      { cause },
    );
  }
  if (document !== null && (typeof document !== "object" || Array.isArray(document))) {
    throw new SqlError("OPTION_INVALID", `'${file}' is not a map of options`, {
      hint: "table.local-time-zone: Europe/Berlin",
    });
  }
  const options = new Map<string, string>();
  flatten(document, "", options);
  return options;
}

function flatten(value: unknown, prefix: string, into: Map<string, string>): void {
  if (value === null || value === undefined) return;
  if (typeof value === "object" && !Array.isArray(value)) {
    for (const [key, inner] of Object.entries(value)) flatten(inner, prefix === "" ? key : `${prefix}.${key}`, into);
    return;
  }
  into.set(prefix, Array.isArray(value) ? value.join(";") : String(value as string | number | boolean));
}
