import { SqlError } from "../../base/errors.ts";
import { OptionReader } from "../../base/options.ts";
import type { Connector } from "../api.ts";
import { formatOf, validateDeclared } from "../validate.ts";
import { localPath } from "./location.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";
import { overwriteFiles } from "./overwrite.ts";
import { partitionCommitPolicy } from "./partition-commit.ts";
import { checkPartitionType } from "./partition-value.ts";
import { isRemote, remoteFolder } from "./remote-folder.ts";
import { RemoteFileSink } from "./remote-sink.ts";
import { FileSink } from "./sink.ts";
import { FILE_METADATA, FileSource, fileVersions } from "./source.ts";

/** Files of a local directory or of a storage such as S3, read and (exactly once) written. */
export const filesystem: Connector = {
  name: "filesystem",
  options: FILESYSTEM_OPTIONS,
  format: true,
  partitions: true,
  metadata: FILE_METADATA,
  sinkMode: "append",
  sinkModeOf: (request, context) => (formatOf(request, context).changelog === "full" ? "retract" : "append"),
  sourceMode: (request, context) => formatOf(request, context).changelog,
  validate(request, context) {
    validateDeclared(filesystem, request, context);
    const format = formatOf(request, context);
    if (format.messagesOnly === true) {
      throw new SqlError("UNSUPPORTED", `the format '${format.name}' reads and writes messages, no files`, {
        hint: "it is for connectors of message queues, such as 'kafka'",
      });
    }
    const options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
    const path = options.required("path");
    if (!isRemote(path)) localPath(path, context.baseDirectory);
    partitionCommitPolicy(options);
    for (const key of request.partitionKeys) {
      const field = request.physical.find(({ name }) => name === key);
      if (field !== undefined) checkPartitionType(key, field.type);
    }
  },
  isBounded: (request) => request.options["source.monitor-interval"] === undefined,
  source: (request, context) => new FileSource(request, context, formatOf(request, context)),
  lookup: (request, context) => ({ kind: "table", version: () => fileVersions(request, context) }),
  overwrite: overwriteFiles,
  sink: (request, context, run) => {
    const format = formatOf(request, context);
    const path = request.options["path"] ?? "";
    return isRemote(path)
      ? new RemoteFileSink(request, context, run, { format, place: remoteFolder(path, context) })
      : new FileSink(request, context, run, format);
  },
};
