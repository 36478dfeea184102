// Rules about the source as a whole, that no single test can hold.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { ERRORS } from "./base/errors.ts";
import { CONNECTORS } from "./connectors/index.ts";
import { JOB_TABLE_OPTIONS } from "./connectors/job-options.ts";
import { canonicalOption, CONFIG_OPTIONS, JOB_OPTIONS_OF_TABLES, SYNONYMS } from "./engine/config.ts";
import { FORMATS } from "./formats/index.ts";
import { AGGREGATES, SCALAR_FUNCTIONS } from "./functions/index.ts";
import * as api from "./index.ts";
import { OPERATORS } from "./runtime/operators/index.ts";

const SRC = import.meta.dirname;
const ROOT = join(SRC, "..");

/** Files below a folder of the project, by path from the root. */
function filesOf(folder: string, pattern: RegExp): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && pattern.test(entry.name))
      found.set(relative(ROOT, path).split(sep).join("/"), readFileSync(path, "utf8"));
  }
  return found;
}

const IS_TEST = /\.(test|test-helper|test-util)\.ts$|\/test-support\.ts$/;
const source = new Map([...filesOf("src", /\.ts$/)].filter(([path]) => !IS_TEST.test(path)));
const allSource = ["src", "scripts", "bench"].flatMap((folder) => [...filesOf(folder, /\.(ts|mjs)$/)]);

/** The exported values of a module that look like a definition. */
async function definitionsIn(path: string, keys: readonly string[]): Promise<object[]> {
  const module = (await import(pathToFileURL(join(ROOT, path)).href)) as Readonly<Record<string, unknown>>;
  return Object.values(module).filter(
    (value): value is object => typeof value === "object" && value !== null && keys.every((key) => key in value),
  );
}

async function definitionsBelow(paths: readonly string[], keys: readonly string[]): Promise<Set<object>> {
  const lists = await Promise.all(paths.map((path) => definitionsIn(path, keys)));
  return new Set(lists.flat());
}

describe("lists and folders agree", () => {
  const paths = [...source.keys()];

  test("operators", async () => {
    const files = paths.filter((path) => path.startsWith("src/runtime/operators/") && !path.endsWith("/index.ts"));
    expect(new Set<object>(OPERATORS)).toEqual(await definitionsBelow(files, ["kind", "create"]));
    const specs = paths.filter((path) => path.startsWith("src/runtime/spec/"));
    const spec = specs.map((path) => source.get(path)).join("\n");
    const kinds = [...spec.matchAll(/^ {2}readonly kind: "([a-z-]+)";$/gm)].map((match) => match[1]);
    expect(OPERATORS.map((operator) => operator.kind).sort()).toEqual(
      kinds.filter((kind) => kind !== "scan" && kind !== "values" && kind !== "sink").sort(),
    );
  });

  test("connectors", async () => {
    const files = paths.filter((path) => /^src\/connectors\/([^/]+|[^/]+\/index)\.ts$/.test(path));
    const lists = files.filter((path) => path !== "src/connectors/index.ts");
    expect(new Set<object>(CONNECTORS)).toEqual(await definitionsBelow(lists, ["name", "options", "sinkMode"]));
  });

  test("formats", async () => {
    const files = paths.filter((path) => /^src\/formats\/[^/]+\/[^/]+\.ts$/.test(path));
    expect(new Set<object>(FORMATS)).toEqual(await definitionsBelow(files, ["name", "options", "changelog"]));
  });

  test("every larger folder has a README", () => {
    const folders = new Map<string, number>();
    for (const path of paths) {
      const folder = path.split("/").slice(0, 2).join("/");
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
    const large = [...folders].filter(([, files]) => files > 3).map(([folder]) => folder);
    expect(large.filter((folder) => folder !== "src/base" && !existsSync(join(ROOT, folder, "README.md")))).toEqual([]);
  });
});

describe("functions", () => {
  /** No SQL text calls these. */
  const INTERNAL = new Set(["$SUM0", "$AVG", "SINGLE_VALUE"]);
  const all = [...SCALAR_FUNCTIONS, ...AGGREGATES];

  test("all have a signature, a summary and examples", () => {
    expect(all.filter((f) => f.signature === "" || !/\S.*[.…]$/.test(f.doc.summary)).map((f) => f.name)).toEqual([]);
    expect(all.filter((f) => f.doc.examples.length === 0 && !INTERNAL.has(f.name)).map((f) => f.name)).toEqual([]);
  });

  test("no name is taken twice", () => {
    for (const list of [SCALAR_FUNCTIONS, AGGREGATES]) {
      const names = list.flatMap((f) => [f.name, ...(f.aliases ?? [])]);
      expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
      expect(names.filter((name) => name !== name.toUpperCase())).toEqual([]);
    }
  });
});

describe("errors", () => {
  /** Codes that nothing raises yet, and why they are there. */
  const RESERVED: Readonly<Record<string, string>> = {};

  test("every code that is raised is in the catalogue", () => {
    const raised = [...source.values()].flatMap((text) =>
      [...text.matchAll(/new SqlError\(\s*"([A-Z_]+)"/g)].map((match) => match[1] ?? ""),
    );
    expect(raised.length).toBeGreaterThan(200);
    expect(raised.filter((code) => !(code in ERRORS))).toEqual([]);
  });

  test("every code of the catalogue is raised, or explained here", () => {
    const texts = [...source].filter(([path]) => path !== "src/base/errors.ts").map(([, text]) => text);
    const unused = Object.keys(ERRORS).filter((code) => !texts.some((text) => text.includes(`"${code}"`)));
    expect(unused).toEqual(Object.keys(RESERVED));
  });

  test("nothing throws a plain Error", () => {
    expect(linesWith(source, /throw new (Error|TypeError|RangeError)\(/)).toEqual([]);
  });
});

describe("options", () => {
  /** Declared, read nowhere by name, and why that is right. */
  const UNREAD: Readonly<Record<string, string>> = {};

  /** Flink's own names. */
  const ODD_NAMES: ReadonlySet<string> = new Set(["timestamp_mapping.legacy"]);

  test("names are kebab-case, defaults are among the values", () => {
    const declared = [
      ...CONFIG_OPTIONS,
      ...JOB_TABLE_OPTIONS,
      ...CONNECTORS.flatMap((c) => c.options),
      ...FORMATS.flatMap((f) => f.options),
    ];
    expect(
      declared
        .map((o) => o.name)
        .filter((name) => !ODD_NAMES.has(name))
        .filter((name) => !/^[a-z0-9#*]+(-[a-z0-9]+)*(\.[a-z0-9#*]+(-[a-z0-9]+)*)*$/.test(name)),
    ).toEqual([]);
    expect(declared.filter((o) => o.summary.trim() === "").map((o) => o.name)).toEqual([]);
    const odd = declared.filter(
      (o) => typeof o.type === "object" && o.default !== undefined && !o.type.includes(o.default),
    );
    expect(odd.map((o) => o.name)).toEqual([]);
  });

  test("synonyms lead to options, options of tables are options", () => {
    const names = new Set(CONFIG_OPTIONS.map((o) => o.name));
    expect([...SYNONYMS.values(), ...JOB_OPTIONS_OF_TABLES].filter((name) => !names.has(name))).toEqual([]);
    expect([...SYNONYMS.keys()].filter((name) => names.has(name))).toEqual([]);
  });

  test("an option of SET is read, refused, or said to have no effect", () => {
    const readers = [...source].filter(([path]) => path !== "src/engine/config.ts").map(([, text]) => text);
    const silent = CONFIG_OPTIONS.filter((o) => o.effect !== "none" && (o.supported?.length ?? 2) > 1)
      .map((o) => o.name)
      .filter((name) => !readers.some((text) => text.includes(name)));
    expect(silent.sort()).toEqual(Object.keys(UNREAD));
  });

  test("an option of every table is read, refused, or said to have no effect", () => {
    const readers = [...source].filter(([path]) => path !== "src/connectors/job-options.ts").map(([, text]) => text);
    const silent = JOB_TABLE_OPTIONS.filter(
      (o) =>
        !o.summary.startsWith("No effect") &&
        !(typeof o.type === "object" && o.type.length === 1) &&
        !JOB_OPTIONS_OF_TABLES.includes(canonicalOption(o.name)) &&
        !readers.some((text) => text.includes(`"${o.name}"`)),
    );
    expect(silent.map((o) => o.name)).toEqual([]);
  });
});

describe("text of the source", () => {
  test("no file has more than 500 lines, blank ones and comments apart", () => {
    const long = [...source].map(([path, text]) => [path, codeLines(text)] as const).filter(([, lines]) => lines > 500);
    expect(long).toEqual([]);
  });

  test("nothing is left to do", () => {
    expect(linesWith(new Map(allSource), /\b(TO)DO\b|\b(FIX)ME\b|\b(XX)X\b/)).toEqual([]);
  });

  test("no path of a machine", () => {
    const documents = [
      ...filesOf("docs", /\.md$/),
      ...filesOf("sql-tests", /\.(sql|out)$/),
      ...filesOf("demo", /\.sql$/),
      ...filesOf("src", /\.md$/),
      ...["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"].map(
        (name) => [name, readFileSync(join(ROOT, name), "utf8")] as const,
      ),
    ];
    const machine = /(?<![\w.])\/(work|root|Users|home)\/[\w-]/;
    expect(linesWith(new Map([...allSource, ...documents]), machine)).toEqual([]);
  });
});

test("the public interface", () => {
  expect(Object.keys(api).sort()).toEqual([
    "ERRORS",
    "SqlError",
    "SqlErrors",
    "columnOf",
    "columnReader",
    "createColumnBuilder",
    "createEngine",
    "defineConnector",
    "defineFormat",
    "valueAt",
  ]);
  const text = source.get("src/index.ts") ?? "";
  const types = [...text.matchAll(/export type \{([^}]*)\}/g)].flatMap((match) => (match[1] ?? "").split(","));
  expect(
    types
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .sort(),
  ).toEqual([
    "BadRecord",
    "Column",
    "Connector",
    "ConnectorContext",
    "ConnectorOption",
    "DataType",
    "DecodeRequest",
    "Decoded",
    "Decoder",
    "EncodeRequest",
    "Encoder",
    "Engine",
    "EngineOptions",
    "ErrorCode",
    "Field",
    "Format",
    "FormatOption",
    "MessageRows",
    "Messages",
    "Polled",
    "Prepared",
    "ProjectedField",
    "RecordBatch",
    "RowWriter",
    "RunIdentity",
    "ScanColumn",
    "ScanRequest",
    "Sink",
    "SinkWriter",
    "Source",
    "Split",
    "SplitReader",
    "StatementOutcome",
    "TableRequest",
    "Value",
  ]);
});

function codeLines(text: string): number {
  let inComment = false;
  return text.split("\n").filter((raw) => {
    const line = raw.trim();
    if (inComment) {
      inComment = !line.includes("*/");
      return false;
    }
    if (line.startsWith("/*")) {
      inComment = !line.includes("*/");
      return false;
    }
    return line !== "" && !line.startsWith("//");
  }).length;
}

/** `path:line` of every line that matches. */
function linesWith(files: ReadonlyMap<string, string>, pattern: RegExp): string[] {
  return [...files].flatMap(([path, text]) =>
    text
      .split("\n")
      .flatMap((line, i) => (pattern.test(line) && path !== "src/meta.test.ts" ? [`${path}:${i + 1}`] : [])),
  );
}
