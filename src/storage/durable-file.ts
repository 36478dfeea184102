import { dirname } from "node:path";
import { faultPoint } from "../base/fault-point.ts";
import { nodeFiles } from "./file-system.ts";
import type { FileSystem } from "./file-system.ts";

/** Makes the folder's entries durable. */
export async function syncDirectory(path: string, files: FileSystem = nodeFiles): Promise<void> {
  // Windows cannot open folders; its file systems make entries durable with the file.
  if (process.platform === "win32") return;
  const directory = await files.open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/**
 * Makes the folder's own name durable, and those of the folders above it: one of them may have been made a moment ago,
 * also by a process that died before it could do this.
 */
export async function syncAncestors(path: string, files: FileSystem): Promise<void> {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    try {
      await syncDirectory(directory, files);
    } catch (error) {
      // What this process may not open it has not made.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EACCES" && code !== "EPERM") throw error;
    }
    if (directory === dirname(directory)) return;
  }
}

/** Makes the folder and those above it that are not there yet, durably. (For those that were, `syncAncestors` does it.) */
export async function makeDirectories(path: string, files: FileSystem): Promise<void> {
  try {
    await files.mkdir(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOENT" || dirname(path) === path) {
      if (await isDirectory(path, files)) return;
      throw error;
    }
    await makeDirectories(dirname(path), files);
    return await makeDirectories(path, files);
  }
  await syncDirectory(dirname(path), files);
}

async function isDirectory(path: string, files: FileSystem): Promise<boolean> {
  try {
    return (await files.stat(path)).isDirectory();
  } catch {
    return false;
  }
}

/** Writes a file of which nobody knows yet; its contents are durable afterwards, its name is not. */
export async function writeSynced(path: string, contents: string, files: FileSystem): Promise<void> {
  const file = await files.open(path, "w");
  try {
    await file.writeFile(contents);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Replaces a file as a whole: afterwards readers see the new contents, also after a power failure; before, the old
 * ones. `beforeRename` runs when the contents are durable under another name.
 */
export async function replaceFile(
  path: string,
  contents: string,
  files: FileSystem,
  beforeRename?: () => Promise<void>,
  fault?: string,
): Promise<void> {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    await writeSynced(temporary, contents, files);
    await beforeRename?.();
    if (fault !== undefined) faultPoint(fault);
    await files.rename(temporary, path);
  } catch (error) {
    await files.rm(temporary);
    throw error;
  }
  await syncDirectory(dirname(path), files);
}
