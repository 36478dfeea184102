import { createHash } from "node:crypto";
import { SqlError } from "../../base/errors.ts";
import { faultPoint } from "../../base/fault-point.ts";
import type { Json } from "../../base/json.ts";
import { invalidOption, OptionReader, optionsWithPrefix } from "../../base/options.ts";
import type { SyncFileSystem } from "../../storage/file-system.ts";
import {
  ioError,
  makeDirectory,
  renameFile,
  statIfExists,
  syncAncestors,
  syncDirectory,
  systemCode,
  writeFileAtomic,
} from "../../storage/files.ts";
import { thisMachine } from "../../storage/machine.ts";
import type { Format } from "../../formats/api.ts";
import type { ConnectorContext, RunIdentity, Sink, TableRequest } from "../api.ts";
import { compact, compactionGroups } from "./compaction.ts";
import { isGlob, localPath } from "./location.ts";
import { FILESYSTEM_OPTIONS } from "./options.ts";
import {
  checkLength,
  copyPrefix,
  cutFile,
  deleteFile,
  PartFile,
  type PartState,
  type PendingPart,
} from "./part-file.ts";
import { inProgressName, parsePartName, partName, sinkUid, supersededName } from "./part-names.ts";
import { partitionCommitPolicy, type PartitionCommitPolicy } from "./partition-commit.ts";
import { rollingPolicy } from "./rolling.ts";
import { mergedPartitions } from "./table-partitions.ts";
import { FileWriter, type Committable, type WriterSettings, type WriterState } from "./writer.ts";

/**
 * Writes a table's directory exactly once: rows go to hidden in-progress files, a checkpoint makes them durable, and a
 * rename after the checkpoint makes finished files visible.
 */
export class FileSink implements Sink {
  readonly guarantee = "exactly-once";
  private readonly request: TableRequest;
  private readonly context: ConnectorContext;
  private readonly run: RunIdentity;
  private readonly format: Format;
  private readonly options: OptionReader;
  private readonly directory: string;
  private readonly uid: string;
  private readonly partitionCommit: PartitionCommitPolicy;
  private readonly files: SyncFileSystem;
  /** The checkpoint that this attempt started from. */
  private restoredCheckpoint = 0;

  constructor(request: TableRequest, context: ConnectorContext, run: RunIdentity, format: Format) {
    this.request = request;
    this.context = context;
    this.run = run;
    this.format = format;
    this.options = new OptionReader(request.options, FILESYSTEM_OPTIONS);
    this.directory = localPath(this.options.required("path"), context.baseDirectory);
    this.uid = sinkUid(run);
    this.partitionCommit = partitionCommitPolicy(this.options);
    this.files = (context.machine ?? thisMachine).filesSync;
  }

  openWriter(subtask: number, restored: readonly Json[]): FileWriter {
    this.checkDirectory();
    const states = restored.filter((state) => state !== null) as unknown as readonly WriterState[];
    const checkpoint = Math.max(this.restoredCheckpoint, ...states.map((state) => state.checkpoint));
    const open = new Map<string, PartFile>();
    const pending: PendingPart[] = [];
    const settings = this.settings(subtask);
    const restoredFiles = states.flatMap(({ open: parts, form = settings.form }) =>
      parts.map((part) => ({ part, sameForm: form === settings.form })),
    );
    restoredFiles.forEach(({ part, sameForm }, i) => {
      const file = this.restore(part, { subtask, checkpoint, copy: i });
      // After a change of parallelism a writer may get several files of one partition: it goes on with the first.
      if (file !== undefined && (!sameForm || open.has(file.directory))) pending.push(file.finish());
      else if (file !== undefined) open.set(file.directory, file);
    });
    return new FileWriter(settings, {
      checkpoint,
      // Copies of restored files come first, also in the order of names.
      firstNumber: restoredFiles.length,
      pending,
      open: [...open.values()],
      partitions: mergedPartitions(states.flatMap((state) => state.partitions)),
    });
  }

  async commit(_checkpointId: number, committables: readonly Json[]): Promise<void> {
    const list = committables as unknown as readonly Committable[];
    const parts = list.filter((item) => item.kind === "file");
    for (const { compactBytes, ...part } of parts) {
      if (compactBytes !== undefined) continue;
      commitFile(part, this.files);
      faultPoint("filesystem.commit");
    }
    for (const directory of new Set(parts.map((part) => part.directory))) {
      const small = parts.filter((part) => part.directory === directory && part.compactBytes !== undefined);
      for (const group of compactionGroups(small, small[0]?.compactBytes ?? 0)) compact(group, this.files);
      syncDirectory(directory, this.files);
    }
    const { successFile } = this.partitionCommit;
    if (successFile !== undefined) {
      for (const item of list) {
        if (item.kind === "partition")
          writeFileAtomic(`${item.directory}/${successFile}`, new Uint8Array(0), this.files);
      }
    }
  }

  async discardAfter(checkpointId: number | undefined): Promise<void> {
    const from = checkpointId ?? 0;
    this.restoredCheckpoint = from;
    const superseded: string[] = [];
    this.eachPart(this.directory, (directory, name) => {
      const parsed = parsePartName(name);
      // Files begun before the checkpoint are in its state, or were pending in it and are committed again.
      if (parsed?.identity.uid !== this.uid || parsed.identity.checkpoint < from) return;
      if (parsed.inProgress) {
        deleteFile(`${directory}/${name}`, this.files);
      } else {
        renameFile(`${directory}/${name}`, `${directory}/${supersededName(parsed.part)}`, this.files);
        superseded.push(name);
      }
    });
    if (superseded.length > 0) {
      this.context.stderr(
        `note: table ${this.request.table}: the job goes on from an older checkpoint than the newest output; ` +
          `${superseded.length} finished files were hidden (renamed to .part-….superseded) because their rows are written again\n`,
      );
    }
  }

  private settings(subtask: number): WriterSettings {
    const { request, options, format, run, context } = this;
    return {
      ...tableSettings(request, format, options),
      directory: this.directory,
      uid: this.uid,
      attempt: run.attempt,
      subtask,
      compactBytes: compactBytes(options),
      partitionCommit: this.partitionCommit,
      files: this.files,
      nowMillis: () => context.nowMillis(),
    };
  }

  private checkDirectory(): void {
    const status = statIfExists(this.directory, this.files);
    if (status !== undefined && !status.isDirectory()) {
      throw invalidOption(
        "path",
        this.directory,
        "a directory: the path is a file, and a table that is written into is a directory",
      );
    }
    if (status === undefined && isGlob(this.directory))
      throw invalidOption("path", this.directory, "a directory to write into, not a pattern");
    makeDirectory(this.directory, this.files);
    // Files in a directory that is gone after a power failure are gone too, however durable they were.
    syncAncestors(this.directory, this.files);
  }

  /** Brings an open file of a checkpoint back to its recorded length; undefined when there is nothing left to go on with. */
  private restore(state: PartState, at: { subtask: number; checkpoint: number; copy: number }): PartFile | undefined {
    const { directory, part, length } = state;
    const now = this.context.nowMillis();
    const inProgress = `${directory}/${inProgressName(part)}`;
    const finished = `${directory}/${part}`;
    const superseded = `${directory}/${supersededName(part)}`;
    const own = parsePartName(part)?.identity.uid === this.uid;
    const source =
      [inProgress, finished, superseded].find((path) => statIfExists(path, this.files) !== undefined) ?? inProgress;
    checkLength(source, length, this.files);
    const fenced = own && source === inProgress && this.run.ownerMayLive === true;
    if (own && source === inProgress && !fenced) return PartFile.reopen(state, now, this.files);
    // Another run has finished the file since: the rows up to the checkpoint are visible already.
    if (!own && source === finished) return undefined;
    // Another run's file stays as it is. This run's own file may have been finished after the checkpoint: then it is
    // hidden, and only its rows up to the checkpoint go on.
    const copy = partName({
      uid: this.uid,
      attempt: this.run.attempt,
      checkpoint: at.checkpoint,
      subtask: at.subtask,
      number: at.copy,
    });
    copyPrefix(source, `${directory}/${inProgressName(copy)}`, length, this.files);
    // A former owner that wakes up goes on writing into the file that it has open: that one is no longer part of anything.
    if (source === finished || fenced) {
      renameFile(source, superseded, this.files);
      syncDirectory(directory, this.files);
    }
    return PartFile.reopen({ ...state, part: copy }, now, this.files);
  }

  private eachPart(directory: string, visit: (directory: string, name: string) => void): void {
    let entries: ReturnType<SyncFileSystem["readdir"]>;
    try {
      entries = this.files.readdir(directory);
    } catch (error) {
      if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return;
      throw ioError("list the directory", directory, error);
    }
    for (const entry of entries) {
      if (entry.isDirectory()) this.eachPart(`${directory}/${entry.name}`, visit);
      else visit(directory, entry.name);
    }
  }
}

/** What a writer's settings have of the table. Throws UNSUPPORTED for a format that cannot be written. */
export function tableSettings(
  { table, physical, partitionKeys, options: texts, timeZone }: TableRequest,
  format: Format,
  options: OptionReader,
): Pick<WriterSettings, "fields" | "partitionColumns" | "defaultPartition" | "rolling" | "encoder" | "form"> {
  if (format.encoder === undefined)
    throw new SqlError("UNSUPPORTED", `format '${format.name}' of table '${table}' cannot be written`);
  const fields = physical.filter((field) => !partitionKeys.includes(field.name));
  const formatOptions = optionsWithPrefix(texts, `${format.name}.`);
  return {
    fields: physical,
    partitionColumns: partitionKeys.map((key) => physical.findIndex((field) => field.name === key)),
    defaultPartition: options.required("partition.default-name"),
    rolling: rollingPolicy(options),
    encoder: format.encoder({ fields, options: formatOptions, timeZone }),
    form: digestOf([format.name, Object.entries(formatOptions).toSorted(), fields]),
  };
}

function digestOf(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

/** `compaction.file-size`, by default the size at which files are rolled; undefined: no compaction. */
function compactBytes(options: OptionReader): number | undefined {
  if (options.boolean("auto-compaction") !== true) return undefined;
  return options.bytes("compaction.file-size") ?? options.bytes("sink.rolling-policy.file-size");
}

/** Renames one file; done already is fine, and nothing is ever replaced. */
function commitFile({ directory, part, length }: PendingPart, files: SyncFileSystem): void {
  const from = `${directory}/${inProgressName(part)}`;
  const to = `${directory}/${part}`;
  const waiting = statIfExists(from, files) !== undefined;
  const finished = statIfExists(to, files) !== undefined;
  if (waiting && finished) throw new SqlError("IO", `cannot finish '${from}': '${to}' exists already`);
  if (finished) return;
  if (!waiting) {
    throw new SqlError(
      "IO",
      `the file '${from}' of a complete checkpoint is gone, and so is '${to}': its rows are lost`,
    );
  }
  if (checkLength(from, length, files) > length) cutFile(from, length, files);
  renameFile(from, to, files);
}
