import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join, relative, resolve } from "node:path";
import { SqlError } from "../base/errors.ts";
import type { Comparison } from "./blocks.ts";

/** A golden case: a script with its expected outcome beside it, or a folder with a pipeline. */
export interface GoldenCase {
  readonly name: string;
  readonly script: string;
  /** The `.out` file; of a pipeline the folder. */
  readonly expectedFile: string;
  /** A folder with `pipeline.sql`, inputs and expected outputs of its tables. */
  readonly pipeline: boolean;
  /** What `${dir}` stands for: the folder of the corpus. */
  readonly corpus: string;
  readonly comparison: Comparison;
  readonly clockMillis: number | undefined;
  readonly seed: number | undefined;
}

/** The script of a case that is a folder. */
const PIPELINE = "pipeline.sql";

/** The cases below the paths (`.sql` files with their `.out`, folders of them), in order. Throws FILE_NOT_FOUND, USAGE. */
export function findCases(paths: readonly string[]): readonly GoldenCase[] {
  return paths.flatMap((path) => {
    if (!existsSync(path)) throw new SqlError("FILE_NOT_FOUND", `there is no '${path}'`);
    const full = resolve(path);
    const corpus = corpusOf(full);
    return statSync(full).isDirectory()
      ? sqlFiles(full).map((file) => readCase(file, corpus))
      : [readCase(full, corpus)];
  });
}

function sqlFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(
      (name) =>
        name.endsWith(".sql") && (basename(name) === PIPELINE || !existsSync(join(folder, dirname(name), PIPELINE))),
    )
    .sort()
    .map((name) => join(folder, name));
}

/** The corpus is the folder with `data/`: the one that is named, or the one above; so a part of it runs as the whole does. */
function corpusOf(path: string): string {
  const own = statSync(path).isDirectory() ? path : dirname(path);
  const folder = existsSync(join(own, PIPELINE)) ? dirname(own) : own;
  const above = dirname(folder);
  return !existsSync(join(folder, "data")) && existsSync(join(above, "data")) ? above : folder;
}

function readCase(file: string, corpus: string): GoldenCase {
  const script = readFileSync(file, "utf8");
  const header = headerOf(script);
  const comparison = header.get("compare") ?? "changelog";
  if (comparison !== "changelog" && comparison !== "final" && comparison !== "multiset") {
    throw new SqlError("USAGE", `${file}: '-- compare: ${comparison}' is not changelog, final or multiset`);
  }
  const pipeline = basename(file) === PIPELINE;
  return {
    name: relative(corpus, pipeline ? dirname(file) : file.replace(/\.sql$/, "")),
    script,
    expectedFile: pipeline ? dirname(file) : file.replace(/\.sql$/, ".out"),
    pipeline,
    corpus,
    comparison,
    clockMillis: numberOf(file, "clock", header.get("clock"), Date.parse),
    seed: numberOf(file, "seed", header.get("seed"), Number),
  };
}

function numberOf(
  file: string,
  key: string,
  text: string | undefined,
  parse: (text: string) => number,
): number | undefined {
  const value = text === undefined ? undefined : parse(text);
  if (Number.isNaN(value))
    throw new SqlError("USAGE", `${file}: '-- ${key}: ${text ?? ""}' cannot be read`, {
      hint: "-- clock: 2024-01-01T00:00:00Z, -- seed: 42",
    });
  return value;
}

/** `-- key: value` lines at the top. */
function headerOf(script: string): ReadonlyMap<string, string> {
  const header = new Map<string, string>();
  for (const line of script.split("\n")) {
    const match = /^--\s*(\w+)\s*:\s*(.*)$/.exec(line);
    if (match !== null) header.set(match[1]!, match[2]!.trim());
    else if (line.trim() !== "" && !line.startsWith("--")) break;
  }
  return header;
}
