import { SqlError } from "../../base/errors.ts";
import { faultPoint } from "../../base/fault-point.ts";
import type { SyncFileSystem } from "../../storage/file-system.ts";
import { ioError, renameFile, statIfExists, syncDirectory, writeFully } from "../../storage/files.ts";
import { checkLength, deleteFile, type PendingPart } from "./part-file.ts";
import { comparePartNames, compactedName, inProgressName } from "./part-names.ts";

const COPY_BYTES = 1024 * 1024;

/**
 * Which files of a directory become one: as many as fit into `targetBytes`, at least one, in the order of writers and
 * then of their rows. The same files are always grouped in the same way, in whatever order they are given.
 */
export function compactionGroups(
  given: readonly PendingPart[],
  targetBytes: number,
): readonly (readonly PendingPart[])[] {
  const parts = [...given].sort((a, b) => comparePartNames(a.part, b.part));
  const groups: PendingPart[][] = [];
  let bytes = 0;
  for (const part of parts) {
    const group = groups.at(-1);
    if (group !== undefined && bytes + part.length <= targetBytes) {
      group.push(part);
      bytes += part.length;
    } else {
      groups.push([part]);
      bytes = part.length;
    }
  }
  return groups;
}

/**
 * Makes one visible file of several that wait for their commit, and removes those. May be called again at any time: the
 * parts are there until the whole is durable under its name. (Formats of lines: files follow each other as they are.)
 */
export function compact(parts: readonly PendingPart[], files: SyncFileSystem): void {
  const { directory, part } = parts[0]!;
  const whole = `${directory}/${compactedName(part)}`;
  const writing = `${directory}/${inProgressName(compactedName(part))}`;
  if (statIfExists(whole, files) === undefined) {
    write(parts, writing, files);
    faultPoint("filesystem.compacted");
    renameFile(writing, whole, files);
  }
  // Also of a whole that a process made which has died since: its name may not be durable yet.
  syncDirectory(directory, files);
  for (const each of parts) deleteFile(`${directory}/${inProgressName(each.part)}`, files);
}

function write(parts: readonly PendingPart[], path: string, files: SyncFileSystem): void {
  const missing = parts.find(
    ({ directory, part }) => statIfExists(`${directory}/${inProgressName(part)}`, files) === undefined,
  );
  if (missing !== undefined) {
    throw new SqlError(
      "IO",
      `the file '${missing.directory}/${inProgressName(missing.part)}' of a complete checkpoint is gone before it was compacted: its rows are lost`,
    );
  }
  const out = open(path, "w", files);
  try {
    for (const part of parts) copyInto(out, path, part, files);
    files.sync(out);
  } catch (error) {
    throw error instanceof SqlError ? error : ioError("write", path, error);
  } finally {
    files.close(out);
  }
}

function copyInto(out: number, path: string, { directory, part, length }: PendingPart, files: SyncFileSystem): void {
  const from = `${directory}/${inProgressName(part)}`;
  checkLength(from, length, files);
  const input = open(from, "r", files);
  try {
    const buffer = new Uint8Array(Math.min(COPY_BYTES, length));
    for (let at = 0; at < length;) {
      const count = files.read(input, buffer, at, Math.min(buffer.length, length - at));
      if (count === 0) throw new SqlError("IO", `the file '${from}' became shorter while it was read`);
      writeFully(out, path, buffer, count, files);
      at += count;
    }
  } finally {
    files.close(input);
  }
}

function open(path: string, flag: "r" | "w", files: SyncFileSystem): number {
  try {
    return files.open(path, flag);
  } catch (error) {
    throw ioError(flag === "r" ? "read" : "write", path, error);
  }
}
