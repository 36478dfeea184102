import { basename } from "node:path";
import { must } from "../../base/assert.ts";
import { SqlError } from "../../base/errors.ts";
import type { Json } from "../../base/json.ts";
import { invalidOption, OptionReader, optionsWithPrefix } from "../../base/options.ts";
import type { DecodeRequest, Format, ProjectedField } from "../../formats/api.ts";
import { T, type DataType, type Value } from "../../types/data-type.ts";
import type {
  ConnectorContext,
  MetadataColumnInfo,
  ScanRequest,
  Source,
  Split,
  SplitReader,
  TableRequest,
} from "../api.ts";
import { isCompressed } from "./byte-input.ts";
import type { ListRequest, TableFile } from "./listing.ts";
import { localPath } from "./location.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";
import { partitionValue } from "./partition-value.ts";
import { chunkBuffer, FileReader, type ReaderColumn, type Workbench } from "./reader.ts";
import { RemoteFiles } from "./remote-files.ts";
import { isRemote, remoteFolder } from "./remote-folder.ts";
import { LocalFiles, type FileSplit, type OpenedSplit, type TableFiles } from "./table-files.ts";

/** Plain files of lines larger than this are read as several splits. */
const SPLIT_BYTES = 64 * 1024 * 1024;

/** Metadata columns of a file table. */
export const FILE_METADATA: readonly MetadataColumnInfo[] = [
  { key: "file.path", type: T.string(false) },
  { key: "file.name", type: T.string(false) },
  { key: "file.size", type: T.bigint(false) },
  { key: "file.modification-time", type: T.timestampLtz(3, false) },
];

/** Reads the files of a table. Splits are in path, then offset order. */
export class FileSource implements Source {
  readonly bounded: boolean;
  private readonly request: ScanRequest;
  private readonly context: ConnectorContext;
  private readonly format: Format;
  private readonly files: TableFiles;
  private readonly splitBytes: number;
  private readonly monitorMillis: number | undefined;
  private listed: readonly Split[] = [];
  private listedAtMillis = Number.NEGATIVE_INFINITY;
  private readonly workbenches: Workbench[] = [];

  constructor(request: ScanRequest, context: ConnectorContext, format: Format, splitBytes = SPLIT_BYTES) {
    const options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
    this.request = request;
    this.context = context;
    this.format = format;
    for (const column of request.columns) if (column.kind === "metadata") checkMetadata(column.key, format);
    this.splitBytes = isLineFormat(format, request.options) ? splitBytes : Number.POSITIVE_INFINITY;
    this.monitorMillis = options.millis("source.monitor-interval");
    this.bounded = this.monitorMillis === undefined;
    this.files = tableFiles(request, context, request.partitionFilter);
  }

  async discoverSplits(): Promise<readonly Split[]> {
    const now = this.context.nowMillis();
    if (now - this.listedAtMillis >= (this.monitorMillis ?? 0)) {
      this.listed = (await this.files.list()).flatMap((file) => this.splitsOf(file));
      this.listedAtMillis = now;
    }
    return this.listed;
  }

  private splitsOf(file: TableFile): Split[] {
    const { path, sizeBytes: size, modifiedMillis: modified, partition } = file;
    const splits: Split[] = [];
    const whole = isCompressed(path) || size <= this.splitBytes;
    const step = whole ? Number.POSITIVE_INFINITY : this.splitBytes;
    for (let start = 0; start === 0 || start < size; start += step) {
      const end = Math.min(start + step, size);
      splits.push({
        id: start === 0 ? path : `${path}@${start}`,
        data: { path, start, end, size, modified, partition },
      });
    }
    return splits;
  }

  openSplit(split: Split, position: Json | undefined): SplitReader | Promise<SplitReader> {
    const data = split.data as unknown as FileSplit;
    const opened = this.files.open(data, offsetOf(position));
    return opened instanceof Promise ? opened.then((o) => this.reader(data, o)) : this.reader(data, opened);
  }

  async close(): Promise<void> {
    await this.files.close();
  }

  private reader(data: FileSplit, { input, offset }: OpenedSplit): FileReader {
    const columns: ReaderColumn[] = [];
    const projection: ProjectedField[] = [];
    for (const column of this.request.columns) {
      const name = column.kind === "physical" ? (column.path[0] ?? "") : "";
      if (column.kind === "metadata" && isFileMetadata(column.key)) {
        columns.push({ kind: "constant", type: column.type, value: metadataValue(column.key, column.type, data) });
      } else if (this.request.partitionKeys.includes(name)) {
        const text = data.partition[name] ?? null;
        const value = text === null ? null : partitionValue(text, column.type, name);
        columns.push({ kind: "constant", type: column.type, value });
      } else {
        columns.push({ kind: "decoded", index: projection.length });
        projection.push(
          column.kind === "physical"
            ? { path: column.path, type: column.type }
            : { path: [], type: column.type, metadata: formatKey(column.key) },
        );
      }
    }
    let workbench = this.workbenches.find(({ reader }) => reader === undefined);
    if (workbench === undefined) {
      workbench = this.workbench(projection);
      this.workbenches.push(workbench);
    }
    return new FileReader(data.path, input, offset, workbench, columns);
  }

  counters(): Readonly<Record<string, number>> {
    let skippedRecords = 0;
    let skippedFields = 0;
    for (const { decoder } of this.workbenches) {
      skippedRecords += decoder.skippedRecords;
      skippedFields += decoder.skippedFields;
    }
    return { skippedRecords, skippedFields };
  }

  private workbench(projection: readonly ProjectedField[]): Workbench {
    const give = this.request.onBadRecord;
    const place = (): FileReader => must(workbench.reader, "reader at the workbench");
    const workbench: Workbench = {
      decoder: this.decoder({
        physical: this.request.physical.filter((field) => !this.request.partitionKeys.includes(field.name)),
        projection,
        options: optionsWithPrefix(this.request.options, `${this.format.name}.`),
        timeZone: this.request.timeZone,
        onBadRecord:
          give && ((record) => give({ ...record, offset: place().bufferOffset + record.offset, source: place().path })),
      }),
      buffer: chunkBuffer(),
      reader: undefined,
    };
    return workbench;
  }

  private decoder(request: DecodeRequest): ReturnType<NonNullable<Format["decoder"]>> {
    if (this.format.decoder === undefined) {
      throw new SqlError("UNSUPPORTED", `format '${this.format.name}' of table '${this.request.table}' cannot be read`);
    }
    return this.format.decoder(request);
  }
}

function isFileMetadata(key: string): boolean {
  return FILE_METADATA.some((metadata) => metadata.key === key);
}

/** The format's own key: behind `value.` too, as tables of message queues have it. */
function formatKey(key: string): string {
  return key.startsWith("value.") ? key.slice("value.".length) : key;
}

function checkMetadata(key: string, format: Format): void {
  const own = format.metadata?.map((metadata) => metadata.key) ?? [];
  if (isFileMetadata(key) || own.includes(formatKey(key))) return;
  throw new SqlError("COLUMN_NOT_FOUND", `the filesystem connector has no metadata key '${key}'`, {
    hint: `it has ${[...FILE_METADATA.map((metadata) => metadata.key), ...own].join(", ")}`,
  });
}

/** The files of a table, on this machine or in a storage. */
export function tableFiles(
  request: TableRequest,
  context: ConnectorContext,
  partitionFilter?: ListRequest["partitionFilter"],
): TableFiles {
  const options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
  const path = options.required("path");
  const what = {
    partitionKeys: request.partitionKeys,
    defaultPartition: options.required("partition.default-name"),
    pattern: pathPattern(options.text("source.path.regex-pattern")),
    partitionFilter,
  };
  return isRemote(path)
    ? new RemoteFiles(remoteFolder(path, context), what)
    : new LocalFiles({ ...what, path: localPath(path, context.baseDirectory) });
}

/** Names, sizes and times of the files of a table: another text when one was added, removed or written. Throws UNSUPPORTED for a storage. */
export function fileVersions(request: TableRequest, context: ConnectorContext): string {
  const files = tableFiles(request, context);
  if (!(files instanceof LocalFiles)) {
    throw new SqlError(
      "UNSUPPORTED",
      `table '${request.table}': look-ups in files of a storage are not supported yet`,
      {
        hint: "join it as a stream, or keep the table on a local path",
      },
    );
  }
  return files
    .list()
    .map(({ path, sizeBytes, modifiedMillis }) => `${path} ${sizeBytes} ${modifiedMillis}`)
    .join("\n");
}

/** True when a record never holds a line end, so that a file may be cut at any line. */
function isLineFormat(format: Format, options: Readonly<Record<string, string>>): boolean {
  // Changes of one row must stay in order.
  if (format.changelog === "full") return false;
  if (format.name === "csv") return options["csv.disable-quote-character"]?.toLowerCase() === "true";
  if (format.name === "raw") return /^utf-?8$/i.test(options["raw.charset"] ?? "UTF-8");
  return format.name === "json";
}

function pathPattern(text: string | undefined): RegExp | undefined {
  if (text === undefined) return undefined;
  try {
    return new RegExp(`^(?:${text})$`, "u");
  } catch (error) {
    throw invalidOption("source.path.regex-pattern", text, `a regular expression (${String(error)})`);
  }
}

function offsetOf(position: Json | undefined): number | undefined {
  if (position === undefined || position === null) return undefined;
  if (typeof position === "object" && "offset" in position && typeof position["offset"] === "number")
    return position["offset"];
  throw new SqlError("CHECKPOINT_INVALID", `not a position in a file: ${JSON.stringify(position)}`);
}

function metadataValue(key: string, type: DataType, split: FileSplit): Value {
  switch (key) {
    case "file.path":
      return split.path;
    case "file.name":
      return basename(split.path);
    case "file.size":
      return BigInt(split.size);
    case "file.modification-time":
      return "precision" in type && type.precision > 3 ? BigInt(split.modified) * 1_000_000n : split.modified;
    default:
      throw new SqlError("COLUMN_NOT_FOUND", `the filesystem connector has no metadata key '${key}'`);
  }
}
