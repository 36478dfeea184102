import type { ConnectorOption } from "./api.ts";

/**
 * Options that every table takes, whatever its connector: they configure each job that reads or writes the table, or
 * the scan of it.
 */
export const JOB_TABLE_OPTIONS: readonly ConnectorOption[] = [
  {
    name: "state.backend",
    type: "string",
    summary: "State backend of jobs on this table: memory, filesystem, rocksdb, jdbc, …",
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
  {
    name: "scan.parallelism",
    type: "int",
    minimum: 1,
    summary: "Number of splits of a generated table (datagen, nexmark); no effect on others.",
  },
  { name: "scan.watermark.emit.strategy", type: ["on-periodic", "on-event"], summary: "When watermarks are emitted." },
  {
    name: "scan.watermark.emit.on-event.gap",
    type: ["1"],
    default: "1",
    summary: "With on-event: a watermark after so many rows; only 1 is executed.",
  },
  {
    name: "scan.watermark.idle-timeout",
    type: "duration",
    summary: "A source without rows for this long does not hold back watermarks.",
  },
  {
    name: "scan.watermark.alignment.group",
    type: "string",
    summary:
      "Partitions of the table that are too far ahead wait for the others; of several sources the one furthest behind in event time always reads next.",
  },
  {
    name: "scan.watermark.alignment.max-drift",
    type: "duration",
    summary: "With a group: how far in event time a partition may be ahead of the one furthest behind.",
  },
  {
    name: "scan.watermark.alignment.update-interval",
    type: "duration",
    summary: "No effect: alignment is looked at before every read.",
  },
  {
    name: "sink.parallelism",
    type: "int",
    minimum: 1,
    summary: "No effect: a sink writes in the threads of its job.",
  },
  { name: "property-version", type: "int", summary: "No effect: version of the options." },
  {
    name: "errors.table",
    type: "string",
    summary: "Table that takes the records which cannot be read, instead of failing the job.",
  },
  {
    name: "late-rows.table",
    type: "string",
    summary: "Table that takes the rows which come behind the watermark and are dropped by windows, OVER and the like.",
  },
];

/** Where rows of state lie in a database, which a table says beside `'state.backend' = 'jdbc'`. */
export const JDBC_TABLE_OPTIONS: readonly ConnectorOption[] = [
  { name: "url", type: "string", summary: "Database of the state: `jdbc:mysql://localhost:3306/flink`." },
  { name: "user", type: "string", summary: "User of the database." },
  { name: "password", type: "string", summary: "Its password; never shown." },
  { name: "table_name", type: "string", summary: "Table for the rows of state." },
];

/** Does the table say that its jobs have their state in a database? */
export function isOnJdbc(options: Readonly<Record<string, string>>): boolean {
  return (options["state.backend"] ?? "").trim().toLowerCase() === "jdbc";
}
