import type { ErrorCode } from "../../src/base/errors.ts";

/** For each code: what has happened, and what to do. Complete by its type. */
export const ERROR_ADVICE: Readonly<Record<ErrorCode, readonly [meaning: string, advice: string]>> = {
  SYNTAX: ["The text is not Flink SQL.", "Look at the marked place; all syntax errors of a script are shown at once."],
  TOO_DEEP: ["The statement is nested too deeply to be read.", "Split it with views."],
  UNSUPPORTED: [
    "Flink has it, or the option takes it, but this version does not execute it.",
    "The message names the part, the hint often a way around it.",
  ],
  TABLE_NOT_FOUND: [
    "No table or view of this name in the current or named database.",
    "Check the name and `USE`; the hint shows the nearest name.",
  ],
  TABLE_EXISTS: ["The table or view exists.", "`CREATE TABLE IF NOT EXISTS`, or drop it first."],
  DATABASE_NOT_FOUND: ["No database of this name.", "`CREATE DATABASE`, or check the name."],
  DATABASE_EXISTS: ["The database exists.", "`CREATE DATABASE IF NOT EXISTS`."],
  CATALOG_NOT_FOUND: [
    "No catalog of this name; `SHOW CATALOGS` lists them.",
    "`CREATE CATALOG`, or leave the catalog out of the name.",
  ],
  CATALOG_EXISTS: ["A catalog of this name exists.", "Use another name, or `CREATE CATALOG IF NOT EXISTS`."],
  CATALOG_CHANGED: [
    "Another process has changed the object of a catalog in files since this one read it.",
    "Run the statement again.",
  ],
  COLUMN_NOT_FOUND: [
    "No column or field of this name.",
    "The hint shows the nearest name; names distinguish upper and lower case.",
  ],
  AMBIGUOUS_COLUMN: ["Several tables have a column of this name.", "Write the table in front of it: `o.id`."],
  DUPLICATE_COLUMN: ["A column is named twice.", "Give one of them another name with AS."],
  FUNCTION_NOT_FOUND: [
    "No function of this name, or not with these arguments' number.",
    "`SHOW FUNCTIONS`; docs/functions.md lists all.",
  ],
  FUNCTION_EXISTS: ["The function exists.", "`CREATE FUNCTION IF NOT EXISTS`, or drop it first."],
  TYPE_MISMATCH: [
    "A function, operator, condition or column does not take a value of this type.",
    "CAST it; the message says what fits.",
  ],
  INVALID_LITERAL: [
    "A literal is not in its form, or out of range.",
    "Write it as the message says, e.g. `TIMESTAMP '2024-01-31 10:00:00'`.",
  ],
  INVALID_QUERY: [
    "The statement is well formed, but means nothing.",
    "The message is Flink's where Flink has one; the hint says what is meant to stand there.",
  ],
  GROUPING: ["A column stands neither in GROUP BY nor inside an aggregate.", "Add it to GROUP BY, or aggregate it."],
  SINK_MISMATCH: [
    "What a query gives does not fit the table that it is written into.",
    "Compare the columns in the message; name them in `INSERT INTO t (a, b)`, CAST them.",
  ],
  CHANGELOG_MODE: [
    "The query updates its results, and the sink takes inserts only.",
    "Use a window, so that each result is final, or a sink that takes updates.",
  ],
  PLANNING: [
    "The query cannot run on a stream.",
    "Follow the hint: a time attribute first in ORDER BY, ROW_NUMBER for a Top-N.",
  ],
  OPTION_UNKNOWN: [
    "An option that nobody reads.",
    "The hint shows the nearest name; docs/configuration.md and docs/connectors.md list all.",
  ],
  OPTION_INVALID: ["An option's value does not fit.", "The message says what is expected."],
  OPTION_MISSING: ["A required option is not there.", "Add it to `WITH (…)`."],
  OPTION_CONFLICT: [
    "Two options contradict each other.",
    "Remove one; a query hint `/*+ OPTIONS(…) */` wins over tables.",
  ],
  CONNECTOR_UNKNOWN: ["No connector of this name.", "docs/connectors.md lists them."],
  FORMAT_UNKNOWN: ["No format of this name.", "docs/formats.md lists them."],
  FILE_NOT_FOUND: [
    "A file of the command line, or of a table, does not exist.",
    "Relative paths of tables are seen from the script, those of the command line from the working directory.",
  ],
  USAGE: ["Wrong use of the command line.", "`millrace COMMAND --help`."],
  JOB_NOT_FOUND: [
    "No job of this id or name in this session.",
    "`SHOW JOBS` lists them; the hint shows the nearest name.",
  ],
  CHECKPOINT_NOT_FOUND: [
    "There is no completed checkpoint where one was to be read.",
    "Name a folder `chk-N` that has a `_metadata` file.",
  ],
  CHECKPOINT_INVALID: [
    "A checkpoint is damaged: a file is missing, or its checksum is wrong.",
    "An older checkpoint of the run is used when one is kept (`num-retained`); else start anew without `--from`.",
  ],
  ENCRYPTION_KEY: [
    "A checkpoint or savepoint is encrypted with a key that is not given; the message names its id. No older one is used in its place.",
    "Name the key with `execution.checkpointing.encryption-key`; after a change of keys keep the former ones behind the new one.",
  ],
  CHECKPOINT_FAILED: [
    "A checkpoint could not be completed: the disk, a time-out, or a commit.",
    "Look at the disk; `tolerable-failed-checkpoints` and `timeout` say how much is borne.",
  ],
  STATE_INCOMPATIBLE: [
    "The state of the checkpoint does not fit the script any more.",
    "Look with `--from … --dry-run`; run the script that made it, start without `--from`, or allow state to be dropped (`--allow-dropped-state`).",
  ],
  RUN_TAKEN_OVER: [
    "Another process has taken over the run of this one, which it took for dead.",
    "Nothing: the other one goes on, and this one has committed nothing since.",
  ],
  THREAD_FAILED: [
    "A worker thread of a job has died: it ran out of memory, or native code in it failed.",
    "The job restarts from its newest checkpoint by its restart strategy; look at the message for the cause.",
  ],
  RUN_LOCKED: ["Another living process owns this run.", "Stop that process (the message names it), or let it go on."],
  DIVISION_BY_ZERO: ["An integer or DECIMAL was divided by zero.", "`x / NULLIF(y, 0)`."],
  INVALID_CAST: ["A text cannot be read as the type of a CAST.", "TRY_CAST gives NULL instead."],
  VALUE_OUT_OF_RANGE: [
    "A value does not fit its column or is too large.",
    "Widen the type, or set `table.exec.sink.type-length-enforcer`.",
  ],
  INVALID_ARGUMENT: [
    "A function was called with a value that it does not take.",
    "The message names the function and the value; filter such rows, or guard the call with CASE.",
  ],
  NOT_NULL_VIOLATION: [
    "NULL for a NOT NULL column, or for an event time.",
    "Filter such rows, or set `table.exec.sink.not-null-enforcer` = `DROP`.",
  ],
  KEY_CONFLICT: [
    "A second row for a primary key, where ON CONFLICT DO ERROR stands.",
    "Group or deduplicate the rows by that key, or say which of them the table keeps: DO NOTHING, DO DEDUPLICATE.",
  ],
  BAD_RECORD: [
    "A record cannot be read.",
    "`errors.table` collects such records and goes on; `<format>.ignore-parse-errors` skips them.",
  ],
  USER_FUNCTION_FAILED: ["A JavaScript function threw an error.", "The message is that of the function."],
  IO: [
    "The file system refused to read or write.",
    "The message is that of the system. With checkpoints the job restarts by itself where that may help.",
  ],
  OUT_OF_MEMORY: [
    "State or a value does not fit into memory.",
    "Limit state with `table.exec.state.ttl` or windows; raise `NODE_OPTIONS=--max-old-space-size`.",
  ],
  CONNECTOR_UNAVAILABLE: [
    "An outside system does not answer.",
    "Look at that system; with checkpoints the job restarts by itself.",
  ],
  BUG: ["A mistake of millrace.", "Please report it with the statement; `MILLRACE_DEBUG=1` shows where it happened."],
};
