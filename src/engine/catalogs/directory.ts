import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Json } from "../../base/json.ts";
import { SqlError } from "../../base/errors.ts";
import { nodeFilesSync } from "../../storage/file-system.ts";
import { ioError, systemCode, writeFileAtomic } from "../../storage/files.ts";
import { nodeProcesses } from "../../storage/processes.ts";
import type { ProcessIdentity } from "../../storage/processes.ts";
import { damaged } from "./record.ts";

/** How long a change waits for one of another process. */
const WAIT_MILLIS = 10_000;
const PAUSE_MILLIS = 10;
/** A change takes milliseconds; what is as old as this, and cannot be asked whether it lives, was left behind. */
const STALE_MILLIS = 30_000;

interface Owner extends ProcessIdentity {
  readonly token: string;
}

/** A name as the name of a file: nothing in it is special to any file system, and no two names become one. */
export function fileName(name: string): string {
  return encodeURIComponent(name)
    .replaceAll("*", "%2A")
    .replace(/^[._]/, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** The names whose files of that ending lie in a directory; none when it does not exist. */
export function namesIn(directory: string, ending: string): readonly string[] {
  let entries: readonly string[];
  try {
    entries = readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw ioError("list", directory, error);
  }
  return entries
    .filter((entry) => entry.endsWith(ending) && !/^[._]/.test(entry))
    .map((entry) => decodeURIComponent(entry.slice(0, entry.length - ending.length)));
}

/** The text of a file; undefined: there is none. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw ioError("read", file, error);
  }
}

/** A file of JSON; undefined: there is none. */
export function readJson(file: string): { readonly [key: string]: Json } | undefined {
  const text = readText(file);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as { readonly [key: string]: Json };
  } catch (cause) {
    throw damaged(file, cause);
  }
}

/** Replaces the whole file, durably; readers see the old one or the new one. */
export function writeText(file: string, text: string): void {
  writeFileAtomic(file, Buffer.from(text), nodeFilesSync);
}

export function makeDirectories(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (error) {
    throw ioError("make the directory", path, error);
  }
}

/**
 * Carries out a change while no other process changes anything below the directory. A lock whose process has died is
 * taken away; a guard file lets only one process do so.
 */
export function changing<T>(directory: string, change: () => T): T {
  const path = join(directory, "_lock");
  const token = randomBytes(12).toString("hex");
  const temporary = `${path}.${token}`;
  makeDirectories(directory);
  writeText(temporary, JSON.stringify({ ...nodeProcesses.self(), token } satisfies Owner));
  try {
    acquire(directory, path, temporary);
  } finally {
    rmSync(temporary, { force: true });
  }
  try {
    return change();
  } finally {
    rmSync(path, { force: true });
  }
}

function acquire(directory: string, path: string, temporary: string): void {
  for (let waited = 0; ; waited += PAUSE_MILLIS) {
    try {
      linkSync(temporary, path);
      return;
    } catch (error) {
      if (systemCode(error) !== "EEXIST") throw ioError("lock", directory, error);
    }
    removeDead(path);
    if (waited > WAIT_MILLIS) {
      throw new SqlError("CATALOG_CHANGED", `the catalog in '${directory}' is being changed by another process`, {
        hint: `try again; if no process works there, remove '${path}'`,
      });
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MILLIS);
  }
}

function removeDead(path: string): void {
  const dead = readText(path);
  if (dead === undefined || isAlive(dead, path)) return;
  const guard = `${path}.takeover`;
  try {
    nodeFilesSync.close(nodeFilesSync.open(guard, "r"));
    // Someone else is at it, or died over it.
    if (ageMillis(guard) > STALE_MILLIS) rmSync(guard, { force: true });
    return;
  } catch {
    // There is none.
  }
  const own = `${guard}.${process.pid}`;
  try {
    writeText(own, "");
    linkSync(own, guard);
  } catch {
    return;
  } finally {
    rmSync(own, { force: true });
  }
  try {
    if (readText(path) === dead) rmSync(path, { force: true });
  } finally {
    rmSync(guard, { force: true });
  }
}

function isAlive(text: string, path: string): boolean {
  let owner: Owner;
  try {
    owner = JSON.parse(text) as Owner;
  } catch {
    return ageMillis(path) < STALE_MILLIS;
  }
  return owner.host === nodeProcesses.self().host ? nodeProcesses.isRunning(owner) : ageMillis(path) < STALE_MILLIS;
}

function ageMillis(path: string): number {
  try {
    return Date.now() - statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
