import type { ConnectorOption } from "../api.ts";
import { LOOKUP_OPTIONS } from "../lookup-options.ts";

/** Options of the filesystem connector, as in Flink. */
export const FILESYSTEM_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "path",
    type: "string",
    required: true,
    summary: "File, directory or glob to read; directory to write into.",
  },
  {
    name: "partition.default-name",
    type: "string",
    default: "__HIVE_DEFAULT_PARTITION__",
    summary: "Directory name of the partition of NULL and empty values.",
  },
  {
    name: "source.monitor-interval",
    type: "duration",
    summary: "Looks for new files this often; the table is then unbounded.",
  },
  {
    name: "source.path.regex-pattern",
    type: "string",
    summary: "Reads only files whose whole path matches this regular expression.",
  },
  {
    name: "source.report-statistics",
    type: ["NONE", "ALL"],
    default: "ALL",
    summary: "Accepted for compatibility; there are no statistics.",
  },
  {
    name: "sink.shuffle-by-partition.enable",
    type: "boolean",
    default: "false",
    summary: "Accepted for compatibility.",
  },
  {
    name: "sink.rolling-policy.file-size",
    type: "memory",
    default: "128MB",
    summary: "A part file is finished when it has grown to this size.",
  },
  {
    name: "sink.rolling-policy.rollover-interval",
    type: "duration",
    default: "30 min",
    summary: "A part file is finished at the latest this long after it was begun.",
  },
  {
    name: "sink.rolling-policy.inactivity-interval",
    type: "duration",
    default: "30 min",
    summary: "A part file is finished when nothing was written for this long.",
  },
  {
    name: "sink.rolling-policy.check-interval",
    type: "duration",
    default: "1 min",
    summary: "How often the two intervals are looked at.",
  },
  {
    name: "auto-compaction",
    type: "boolean",
    default: "false",
    summary:
      "The small files of a checkpoint (of several threads or partitions' writers) become larger ones before they are visible.",
  },
  {
    name: "compaction.file-size",
    type: "memory",
    summary: "Size up to which they are put together; default: that of 'sink.rolling-policy.file-size'.",
  },
  {
    name: "compaction.parallelism",
    type: "int",
    summary: "Accepted for compatibility: files are put together when they are committed.",
  },
  {
    name: "sink.partition-commit.trigger",
    type: ["process-time", "partition-time"],
    default: "process-time",
    summary: "What says that a partition is complete: the clock, or the watermark and the partition's values.",
  },
  {
    name: "sink.partition-commit.delay",
    type: "duration",
    default: "0 s",
    summary: "A partition is complete this long after its time.",
  },
  {
    name: "sink.partition-commit.watermark-time-zone",
    type: "string",
    default: "UTC",
    summary: "Time zone of the partition's values when the watermark is TIMESTAMP_LTZ.",
  },
  {
    name: "sink.partition-commit.policy.kind",
    type: "string",
    summary: "What a complete partition gets: 'success-file'.",
  },
  { name: "sink.partition-commit.policy.class", type: "string", summary: "Not supported." },
  {
    name: "sink.partition-commit.success-file.name",
    type: "string",
    default: "_SUCCESS",
    summary: "Name of the marker file.",
  },
  {
    name: "partition.time-extractor.kind",
    type: ["default", "custom"],
    default: "default",
    summary: "'custom' is not supported.",
  },
  { name: "partition.time-extractor.class", type: "string", summary: "Not supported." },
  {
    name: "partition.time-extractor.timestamp-pattern",
    type: "string",
    summary: "Text with $column names that gives the partition's time, e.g. '$dt $hour:00:00'.",
  },
  {
    name: "partition.time-extractor.timestamp-formatter",
    type: "string",
    default: "yyyy-MM-dd HH:mm:ss",
    summary: "How that text is read.",
  },
  ...LOOKUP_OPTIONS,
];
