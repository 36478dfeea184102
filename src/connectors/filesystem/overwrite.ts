import { dirname } from "node:path";
import { OptionReader } from "../../base/options.ts";
import { systemCode, ioError } from "../../storage/files.ts";
import { thisMachine } from "../../storage/machine.ts";
import type { ConnectorContext, Overwriting, TableRequest } from "../api.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";
import { isRemote, remoteFolder } from "./remote-folder.ts";
import { tableFiles } from "./source.ts";

/**
 * INSERT OVERWRITE: takes note of the table's files before the job. What is returned removes them when the job has
 * finished: all of them, or in a partitioned table those of the partitions that were written.
 */
export async function overwriteFiles(request: TableRequest, context: ConnectorContext): Promise<Overwriting> {
  const path = new OptionReader(request.options, FILESYSTEM_OPTIONS).required("path");
  // All of its files, also those that a reader of the table is to pass over.
  const { "source.path.regex-pattern": _, ...options } = request.options;
  const list = async (): Promise<readonly string[]> => {
    const files = tableFiles({ ...request, options }, context);
    try {
      return (await files.list(true)).map((file) => file.path);
    } finally {
      await files.close();
    }
  };
  const before = await list();
  return async () => {
    const known = new Set(before);
    const written = new Set((await list()).filter((file) => !known.has(file)).map((file) => dirname(file)));
    const old = before.filter((file) => request.partitionKeys.length === 0 || written.has(dirname(file)));
    if (isRemote(path)) await removeObjects(old, path, context);
    else for (const file of old) removeFile(file, context);
  };
}

async function removeObjects(files: readonly string[], path: string, context: ConnectorContext): Promise<void> {
  const place = await remoteFolder(path, context);
  const above = place.location.length - place.path.length;
  for (const file of files) await place.storage.remove(file.slice(above));
  await place.storage.close();
}

function removeFile(file: string, context: ConnectorContext): void {
  try {
    (context.machine ?? thisMachine).filesSync.unlink(file);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw ioError("remove", file, error);
  }
}
