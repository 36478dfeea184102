import type { ConnectorOption } from "./api.ts";

/**
 * Options that every table takes, whatever its connector: they configure each job that reads or writes the table, or
 * the scan of it.
 */
export const JOB_TABLE_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "state.backend",
    type: "string",
    summary: "State backend of jobs on this table: memory, filesystem, rocksdb, …",
  },
  {
    name: "state.synchronization",
    type: ["none", "continuous"],
    summary: "Copies changes of state to the checkpoint storage continuously.",
  },
  {
    name: "checkpointing.mode",
    type: ["exactly-once", "at-least-once", "exactly_once", "at_least_once"],
    summary: "Guarantee of checkpoints of jobs on this table.",
  },
  {
    name: "checkpointing.interval",
    type: "string",
    summary: "Time between checkpoints (`1s`, `5000`, `1 min`), `auto` or `none`.",
  },
  { name: "checkpointing.dir", type: "string", summary: "Where checkpoints are kept (a URI)." },
  { name: "checkpointing.savepoint-dir", type: "string", summary: "Where savepoints are kept (a URI)." },
  { name: "checkpointing.records", type: "int", summary: "Takes a checkpoint after so many input records." },
  {
    name: "checkpointing.replicas",
    type: "string",
    summary: "Further places for copies of checkpoints, comma separated.",
  },
  { name: "scan.rows-per-second", type: "int", summary: "Reads at most so many rows per second." },
  { name: "scan.parallelism", type: "int", summary: "Parallelism of the scan." },
  { name: "scan.watermark.emit.strategy", type: ["on-periodic", "on-event"], summary: "When watermarks are emitted." },
  { name: "scan.watermark.emit.on-event.gap", type: "int", summary: "With on-event: a watermark after so many rows." },
  {
    name: "scan.watermark.idle-timeout",
    type: "duration",
    summary: "A source without rows for this long does not hold back watermarks.",
  },
  { name: "scan.watermark.alignment.group", type: "string", summary: "Sources of one group are read in step." },
  {
    name: "scan.watermark.alignment.max-drift",
    type: "duration",
    summary: "How far a source of the group may run ahead.",
  },
  {
    name: "scan.watermark.alignment.update-interval",
    type: "duration",
    summary: "How often the group's watermark is looked at.",
  },
  { name: "sink.parallelism", type: "int", summary: "Parallelism of the sink." },
  {
    name: "errors.table",
    type: "string",
    summary: "Table that takes the records which cannot be read, instead of failing the job.",
  },
];
