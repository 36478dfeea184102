import { dirname } from "node:path";
import { SqlError } from "../base/errors.ts";
import { nodeFilesSync } from "./file-system.ts";
import type { FileStatus, SyncFileSystem } from "./file-system.ts";

/** The error code of a failed system call (`ENOENT`), or undefined. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

/** IO error that names what was tried and the file: `cannot read '/x/y': permission denied`. */
export function ioError(action: string, path: string, error: unknown): SqlError {
  const code = systemCode(error);
  const reason = code === undefined ? String(error) : (REASONS[code] ?? code);
  return new SqlError("IO", `cannot ${action} '${path}': ${reason}`, {
    cause: error,
    retryable: code === "EAGAIN" || code === "EBUSY" || code === "EIO" || code === "ETIMEDOUT" || code === "ENOSPC",
  });
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or directory",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EISDIR: "it is a directory",
  ENOTDIR: "a part of the path is not a directory",
  ENOSPC: "no space left on the device",
  EMFILE: "too many open files",
  EROFS: "the file system is read-only",
};

/** Status of a path, or undefined when nothing is there. */
export function statIfExists(path: string, files: SyncFileSystem = nodeFilesSync): FileStatus | undefined {
  try {
    return files.stat(path);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw ioError("look at", path, error);
  }
}

/** Writes all the bytes of `data[0 .. length)` at the current position of the file. */
export function writeFully(file: number, path: string, data: Uint8Array, length: number, files: SyncFileSystem): void {
  try {
    for (let at = 0; at < length;) at += files.write(file, data, at, length - at);
  } catch (error) {
    throw ioError("write", path, error);
  }
}

/** Makes a directory's entries durable (a rename or a new file survives a crash of the machine). */
export function syncDirectory(path: string, files: SyncFileSystem): void {
  // Windows cannot open directories, and needs no such call.
  if (process.platform === "win32") return;
  let directory: number | undefined;
  try {
    directory = files.open(path, "r");
    files.sync(directory);
  } catch (error) {
    throw ioError("synchronise the directory", path, error);
  } finally {
    if (directory !== undefined) files.close(directory);
  }
}

/**
 * Makes the directory's own name durable, and those of the directories above it: one of them may have been made a moment
 * ago, also by a process that died before it could do this.
 */
export function syncAncestors(path: string, files: SyncFileSystem): void {
  for (let directory = dirname(path); ; directory = dirname(directory)) {
    try {
      syncDirectory(directory, files);
    } catch (error) {
      if (!isForeign(error)) throw error;
    }
    if (directory === dirname(directory)) return;
  }
}

/** What this process may not open it has not made. */
function isForeign(error: unknown): boolean {
  const code = systemCode(error instanceof SqlError ? error.cause : error);
  return code === "EACCES" || code === "EPERM";
}

/**
 * Makes the directory and its parents, durably; fails when a file is in the way. (For those that were there,
 * `syncAncestors` does it.)
 */
export function makeDirectory(path: string, files: SyncFileSystem): void {
  try {
    makeParents(path, files);
  } catch (error) {
    if (error instanceof SqlError) throw error;
    throw ioError("make the directory", path, error);
  }
}

function makeParents(path: string, files: SyncFileSystem): void {
  try {
    files.mkdir(path);
  } catch (error) {
    const code = systemCode(error);
    if (code !== "ENOENT" || dirname(path) === path) {
      if (statIfExists(path, files)?.isDirectory() === true) return;
      throw error;
    }
    makeParents(dirname(path), files);
    return makeParents(path, files);
  }
  syncDirectory(dirname(path), files);
}

/** Renames within a file system and replaces what is there; durable after `syncDirectory`. */
export function renameFile(from: string, to: string, files: SyncFileSystem): void {
  try {
    files.rename(from, to);
  } catch (error) {
    throw ioError("rename", from, error);
  }
}

/** Puts a whole file in place so that readers see the old content or the new one, durably. */
export function writeFileAtomic(path: string, data: Uint8Array, files: SyncFileSystem): void {
  const temporary = `${path}.${process.pid}.tmp`;
  let file: number | undefined;
  try {
    file = files.open(temporary, "w");
  } catch (error) {
    throw ioError("write", temporary, error);
  }
  try {
    writeFully(file, temporary, data, data.length, files);
    files.sync(file);
  } finally {
    files.close(file);
  }
  renameFile(temporary, path, files);
  syncDirectory(dirname(path), files);
}
