import { readdirSync } from "node:fs";
import { basename } from "node:path";
import { SqlError } from "../../base/errors.ts";
import { didYouMean } from "../../base/suggest.ts";
import { ioError, statIfExists, systemCode } from "../../storage/files.ts";
import { globPattern, globRoot, isGlob } from "./location.ts";
import { parsePartitionName, type PartitionTexts } from "./partition-value.ts";

/** A data file of a table. */
export interface TableFile {
  /** Absolute. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedMillis: number;
  readonly partition: PartitionTexts;
}

export interface ListRequest {
  /** Absolute; a file, a directory (read with what is under it), or a glob. */
  readonly path: string;
  /** Not empty: only files below `k1=v1/k2=v2/…` directories count. */
  readonly partitionKeys: readonly string[];
  /** The directory name that stands for NULL. */
  readonly defaultPartition: string;
  readonly partitionFilter?: ((partition: PartitionTexts) => boolean) | undefined;
  /** `source.path.regex-pattern`: must match the whole path of a file. */
  readonly pattern?: RegExp | undefined;
}

/** Hidden from readers: in-progress files, markers such as `_SUCCESS`. */
export function isHidden(name: string): boolean {
  return name.startsWith(".") || name.startsWith("_");
}

/**
 * The data files of a table, sorted by path. Throws FILE_NOT_FOUND for a file that is not there, IO for a directory.
 */
export function listFiles(request: ListRequest): TableFile[] {
  const found: TableFile[] = [];
  const { path } = request;
  const status = statIfExists(path);
  if (status?.isDirectory() === true) {
    if (request.partitionKeys.length > 0) walkPartitions(path, 0, {}, request, found);
    else walk(path, {}, request, undefined, found);
  } else if (status !== undefined) {
    if (request.partitionKeys.length === 0) addFile(path, {}, request, found);
  } else if (isGlob(path)) {
    expandGlob(request, found);
  } else {
    throw notFound(path);
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function notFound(path: string): SqlError {
  const directory = path.slice(0, path.lastIndexOf("/")) || "/";
  const name = basename(path);
  const neighbours = statIfExists(directory)?.isDirectory() === true ? names(directory) : [];
  // A name like `orders.csv` is meant to be a file; a table's directory may just not have been written yet.
  const isFile = /\.[A-Za-z0-9]+$/.test(name);
  return new SqlError(isFile ? "FILE_NOT_FOUND" : "IO", `the path '${path}' of the table does not exist`, {
    hint:
      didYouMean(name, neighbours) ??
      (isFile ? undefined : "the directory appears when something is written into the table"),
  });
}

function names(directory: string): string[] {
  return readdirSync(directory).filter((name) => !isHidden(name));
}

function entries(directory: string): { readonly name: string; readonly directory: boolean }[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
      .filter((entry) => !isHidden(entry.name))
      .map((entry) => ({
        name: entry.name,
        directory: entry.isSymbolicLink()
          ? statIfExists(`${directory}/${entry.name}`)?.isDirectory() === true
          : entry.isDirectory(),
      }));
  } catch (error) {
    // A directory that vanished between two calls has no files.
    if (systemCode(error) === "ENOENT") return [];
    throw ioError("list the directory", directory, error);
  }
}

function walk(
  directory: string,
  partition: PartitionTexts,
  request: ListRequest,
  glob: RegExp | undefined,
  found: TableFile[],
): void {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  for (const entry of entries(directory)) {
    const path = prefix + entry.name;
    if (entry.directory) walk(path, partition, request, glob, found);
    else if (glob === undefined || glob.test(path)) addFile(path, partition, request, found);
  }
}

function walkPartitions(
  directory: string,
  level: number,
  partition: Record<string, string | null>,
  request: ListRequest,
  found: TableFile[],
): void {
  const key = request.partitionKeys[level];
  if (key === undefined) {
    if (request.partitionFilter === undefined || request.partitionFilter(partition))
      walk(directory, partition, request, undefined, found);
    return;
  }
  for (const entry of entries(directory)) {
    const part = entry.directory ? parsePartitionName(entry.name) : undefined;
    if (part?.key !== key) continue;
    const value = part.value === request.defaultPartition ? null : part.value;
    walkPartitions(`${directory}/${entry.name}`, level + 1, { ...partition, [key]: value }, request, found);
  }
}

function expandGlob(request: ListRequest, found: TableFile[]): void {
  const root = globRoot(request.path);
  const status = statIfExists(root);
  if (status?.isDirectory() !== true) throw notFound(root);
  const pattern = globPattern(request.path);
  walk(root, {}, request, pattern, found);
  // The glob may also name directories: everything below them counts.
  const directories = (directory: string): void => {
    for (const entry of entries(directory)) {
      if (!entry.directory) continue;
      const path = directory === "/" ? `/${entry.name}` : `${directory}/${entry.name}`;
      if (pattern.test(path)) walk(path, {}, request, undefined, found);
      else directories(path);
    }
  };
  directories(root);
  const seen = new Set<string>();
  for (let i = found.length - 1; i >= 0; i--) {
    const path = found[i]?.path ?? "";
    if (seen.has(path)) found.splice(i, 1);
    seen.add(path);
  }
}

function addFile(path: string, partition: PartitionTexts, request: ListRequest, found: TableFile[]): void {
  if (request.pattern !== undefined && !request.pattern.test(path)) return;
  const status = statIfExists(path);
  if (status === undefined || status.isDirectory()) return;
  found.push({ path, sizeBytes: status.size, modifiedMillis: Math.floor(status.mtimeMs), partition });
}
