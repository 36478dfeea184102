import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { SqlError, messageOf } from "../base/errors.ts";
import { importModule } from "../base/import-module.ts";
import type { Connector } from "../connectors/api.ts";
import type { Format } from "../formats/api.ts";

/** Code of the user's that a table names: `./file.js`, `npm:package`, either with `#export` (default: the default export). */
export interface ExtensionName {
  readonly kind: "connector" | "format";
  readonly name: string;
}

/** Thrown where an extension is asked for that is not loaded: who executes the statement loads it and begins again. */
export class ExtensionNeeded extends Error {
  readonly extension: ExtensionName;

  constructor(extension: ExtensionName) {
    super(`${extension.kind} ${extension.name} is not loaded`);
    this.extension = extension;
  }
}

/** The connectors and formats of a session: those it was given, and those that its tables name as modules. */
export class Extensions {
  readonly #connectors: Map<string, Connector>;
  readonly #formats: Map<string, Format>;
  readonly #baseDirectory: string;
  readonly #loaded: ExtensionName[] = [];

  constructor(connectors: readonly Connector[], formats: readonly Format[], baseDirectory: string) {
    this.#connectors = new Map(connectors.map((one) => [one.name, one]));
    this.#formats = new Map(formats.map((one) => [one.name, one]));
    this.#baseDirectory = baseDirectory;
  }

  /** Throws ExtensionNeeded. */
  connector(name: string): Connector | undefined {
    const found = this.#connectors.get(name);
    if (found === undefined && isModuleName(name)) throw new ExtensionNeeded({ kind: "connector", name });
    return found;
  }

  /** Throws ExtensionNeeded. */
  format(name: string): Format | undefined {
    const found = this.#formats.get(name);
    if (found === undefined && isModuleName(name)) throw new ExtensionNeeded({ kind: "format", name });
    return found;
  }

  connectorNames(): readonly string[] {
    return [...this.#connectors.keys()].sort();
  }

  formatNames(): readonly string[] {
    return [...this.#formats.keys()].sort();
  }

  /** What was loaded, for threads that load it again. */
  get loaded(): readonly ExtensionName[] {
    return this.#loaded;
  }

  /** Throws FILE_NOT_FOUND, or INVALID_QUERY for what does not load or is no connector or format. */
  async load(extension: ExtensionName): Promise<void> {
    const { kind, name } = extension;
    const hash = name.lastIndexOf("#");
    const file = this.#fileOf(hash < 0 ? name : name.slice(0, hash), kind);
    const exported = hash < 0 ? "default" : name.slice(hash + 1);
    let module: Readonly<Record<string, unknown>>;
    try {
      module = await importModule<Readonly<Record<string, unknown>>>(pathToFileURL(file).href);
    } catch (cause) {
      throw new SqlError("INVALID_QUERY", `the ${kind} '${name}' does not load: ${messageOf(cause)}`, { cause });
    }
    const value = module[exported];
    if (kind === "connector" && isConnector(value)) this.#connectors.set(name, value);
    else if (kind === "format" && isFormat(value)) this.#formats.set(name, value);
    else {
      throw new SqlError("INVALID_QUERY", `the export '${exported}' of '${file}' is no ${kind}`, {
        hint: `it exports ${Object.keys(module).sort().join(", ") || "nothing"}; define${kind === "connector" ? "Connector" : "Format"}({ name, options, … }) of millrace makes one`,
      });
    }
    this.#loaded.push(extension);
  }

  #fileOf(name: string, kind: ExtensionName["kind"]): string {
    const file = name.startsWith("npm:")
      ? packageFile(name.slice("npm:".length), this.#baseDirectory)
      : resolve(this.#baseDirectory, name);
    if (file !== undefined && existsSync(file)) return file;
    throw new SqlError(
      "FILE_NOT_FOUND",
      file === undefined
        ? `there is no package '${name.slice("npm:".length)}' for the ${kind} '${name}' (looked from ${this.#baseDirectory})`
        : `the file '${file}' of the ${kind} '${name}' does not exist`,
      { hint: file === undefined ? `npm install ${name.slice("npm:".length)}` : undefined },
    );
  }
}

function isModuleName(name: string): boolean {
  return /^(\.{1,2}\/|\/|npm:)/.test(name);
}

function isConnector(value: unknown): value is Connector {
  return isNamed(value) && "metadata" in value && "sinkMode" in value;
}

function isFormat(value: unknown): value is Format {
  return isNamed(value) && "changelog" in value && ("decoder" in value || "encoder" in value);
}

function isNamed(value: unknown): value is { readonly name: string; readonly options: readonly unknown[] } {
  return (
    typeof value === "object" &&
    value !== null &&
    "name" in value &&
    typeof value.name === "string" &&
    "options" in value &&
    Array.isArray(value.options)
  );
}

/** The file that an import of the package would load; undefined: it is not installed. */
function packageFile(name: string, from: string): string | undefined {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const manifest = join(folder, "node_modules", name, "package.json");
    if (existsSync(manifest)) return entryOf(manifest, name, from);
    if (dirname(folder) === folder) return undefined;
  }
}

/** Node resolves for `require` only, where a package may have no entry. */
function entryOf(manifest: string, name: string, from: string): string | undefined {
  const { exports } = JSON.parse(readFileSync(manifest, "utf8")) as { readonly exports?: unknown };
  const entry = importEntry(exports);
  if (entry !== undefined) return join(dirname(manifest), entry);
  try {
    return createRequire(join(resolve(from), "any.js")).resolve(name);
  } catch {
    return undefined;
  }
}

/** The entry for `import` in the `exports` of a package. */
function importEntry(exports: unknown): string | undefined {
  if (typeof exports === "string") return exports;
  if (typeof exports !== "object" || exports === null) return undefined;
  const conditions = exports as Readonly<Record<string, unknown>>;
  for (const key of [".", "node", "import", "default"]) {
    const entry = importEntry(conditions[key]);
    if (entry !== undefined) return entry;
  }
  return undefined;
}
