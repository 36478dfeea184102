import { dirname } from "node:path";
import { OptionReader } from "../../base/options.ts";
import { statIfExists, systemCode, ioError } from "../../storage/files.ts";
import { thisMachine } from "../../storage/machine.ts";
import type { ConnectorContext, TableRequest } from "../api.ts";
import { listFiles } from "./listing.ts";
import { localPath } from "./location.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";

/**
 * INSERT OVERWRITE: takes note of the table's files before the job. What is returned removes them when the job has
 * finished: all of them, or in a partitioned table those of the partitions that were written.
 */
export function overwriteFiles(request: TableRequest, context: ConnectorContext): () => void {
  const options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
  const path = localPath(options.required("path"), context.baseDirectory);
  const { partitionKeys } = request;
  const list = (): readonly string[] =>
    statIfExists(path) === undefined
      ? []
      : listFiles({ path, partitionKeys, defaultPartition: options.required("partition.default-name") }).map(
          (f) => f.path,
        );
  const before = list();
  return () => {
    const known = new Set(before);
    const written = new Set(
      list()
        .filter((file) => !known.has(file))
        .map((file) => dirname(file)),
    );
    const files = (context.machine ?? thisMachine).filesSync;
    for (const file of before) {
      if (partitionKeys.length > 0 && !written.has(dirname(file))) continue;
      try {
        files.unlink(file);
      } catch (error) {
        if (systemCode(error) !== "ENOENT") throw ioError("remove", file, error);
      }
    }
  };
}
