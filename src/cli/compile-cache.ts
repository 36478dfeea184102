import { isAscii } from "node:buffer";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { Script } from "node:vm";
import { threadId } from "node:worker_threads";

/** Files of builds and Node versions that have not been written for so long are removed. */
const KEPT_MILLIS = 30 * 24 * 60 * 60 * 1000;

/** A module, and what leaves its compiled code behind for the next start; to be called when all that is used was used. */
export interface Compiled<T> {
  readonly module: T;
  readonly leave: () => void;
}

/**
 * Loads a bundled CommonJS module with the code that V8 made of it the last time, which is most of what a start costs.
 * The first process leaves it behind at its end, with all functions that it used; V8 itself refuses what other versions
 * or flags have made. `build`: a name that is another one for each content of the file; `purpose`: for which
 * other functions are used. Without a folder that can be written everything works as well, and is compiled.
 */
export function loadCompiled<T>(file: string, build: string, purpose: string): Compiled<T> {
  const name = `${build}-${process.version}-${process.arch}-${purpose}`;
  const folder = cacheFolder();
  const compiled = folder === undefined ? undefined : readIfThere(join(folder, name));
  const script = new Script(
    `(function (exports, require, module, moduleUrl, moduleImport) {${textOf(readFileSync(file))}\n})`,
    {
      filename: file,
      cachedData: compiled,
    },
  );
  const module: { exports: unknown } = { exports: {} };
  const evaluate = script.runInThisContext() as (...wrapped: unknown[]) => void;
  // Packages and URLs, which are the same from here.
  const importHere = (specifier: string): Promise<unknown> => import(specifier);
  evaluate(module.exports, createRequire(file), module, pathToFileURL(file).href, importHere);
  const known = folder === undefined || (compiled !== undefined && script.cachedDataRejected !== true);
  return { module: module.exports as T, leave: () => (known ? undefined : leave(folder, name, script)) };
}

/** UTF-8; what is plain ASCII, as bundles are, takes a tenth of the time. */
function textOf(bytes: Buffer): string {
  return isAscii(bytes) ? bytes.toString("latin1") : bytes.toString("utf8");
}

/** Not a folder that others can write to: what lies there is run. */
function cacheFolder(): string | undefined {
  const given = process.env["MILLRACE_COMPILE_CACHE"];
  if (given !== undefined) return given === "" || given === "0" ? undefined : given;
  try {
    return join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "millrace");
  } catch {
    // A user without a home.
    return undefined;
  }
}

function readIfThere(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

function leave(folder: string, name: string, script: Script): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const part = join(folder, `${name}.${process.pid}.${threadId}`);
    writeFileSync(part, script.createCachedData(), { mode: 0o600 });
    renameSync(part, join(folder, name));
    for (const other of readdirSync(folder)) {
      const file = join(folder, other);
      if (Date.now() - statSync(file).mtimeMs > KEPT_MILLIS) rmSync(file);
    }
  } catch {
    // The next start is as slow as this one.
  }
}
