import { parseDurationMillis } from "../base/duration.ts";
import { SqlError } from "../base/errors.ts";
import { BATCH_ROWS } from "../batch/record-batch.ts";
import type { TableRequest } from "../connectors/api.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { JOB_OPTIONS_OF_TABLES, canonicalOption, checkConfigOption } from "./config.ts";

/** How a job is run and made safe; from its tables' options and the session's. */
export interface JobOptions {
  /** Millis between checkpoints; undefined: off. */
  readonly checkpointIntervalMillis: number | undefined;
  /** A checkpoint after so many input records; undefined: off. */
  readonly checkpointRecords: number | undefined;
  /** Folder (path or file: URI). */
  readonly checkpointDirectory: string;
  readonly timeoutMillis: number;
  readonly minPauseMillis: number;
  readonly tolerableFailures: number;
  readonly retained: number;
  readonly compression: "gzip" | "zstd" | "none";
  readonly maxParallelism: number;
  /** Rows that a source hands out at once. */
  readonly batchRows: number;
  readonly restart: { readonly attempts: number; readonly delayMillis: number };
}

/**
 * Options of a job, by canonical name: sink tables before source tables before the session's SET, -D, config file.
 * (Query hints are already merged into the tables' options.) Throws OPTION_CONFLICT when two tables of one level
 * disagree.
 */
export function resolveJobOptions(graph: JobGraph, session: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const resolved = new Map(session);
  const scans = graph.nodes.flatMap((n) => (n.spec.kind === "scan" ? [n.spec.table] : []));
  const sinks = graph.nodes.flatMap((n) => (n.spec.kind === "sink" && n.spec.target.type === "table" ? [n.spec.target.table] : []));
  for (const level of [scans, sinks]) {
    for (const [name, { value }] of optionsOfLevel(level)) resolved.set(name, value);
  }
  return resolved;
}

function optionsOfLevel(tables: readonly TableRequest[]): Map<string, { readonly value: string; readonly table: string }> {
  const found = new Map<string, { readonly value: string; readonly table: string }>();
  for (const table of tables) {
    for (const [key, value] of Object.entries(table.options)) {
      const name = canonicalOption(key);
      if (!JOB_OPTIONS_OF_TABLES.includes(name)) continue;
      checkConfigOption(key, value);
      const other = found.get(name);
      if (other !== undefined && other.table !== table.table && other.value.toLowerCase() !== value.toLowerCase()) {
        throw new SqlError("OPTION_CONFLICT", `tables '${other.table}' and '${table.table}' disagree about '${key}': '${other.value}' and '${value}'`, {
          hint: "give one value in a query hint /*+ OPTIONS(…) */ or make the tables agree",
        });
      }
      found.set(name, { value, table: table.table });
    }
  }
  return found;
}

/** The typed options of a job. */
export function jobOptions(values: ReadonlyMap<string, string>): JobOptions {
  const duration = (key: string, fallback: number): number => {
    const text = values.get(key);
    if (text === undefined) return fallback;
    const millis = parseDurationMillis(text);
    if (millis === undefined) throw new SqlError("OPTION_INVALID", `'${key}' is a duration such as '1s' or '1 min', not '${text}'`);
    return millis;
  };
  const integer = (key: string, fallback: number): number => Number(values.get(key) ?? fallback);
  const interval = checkpointInterval(values.get("execution.checkpointing.interval"));
  const records = values.get("execution.checkpointing.records");
  const strategy = values.get("restart-strategy.type")?.toLowerCase();
  const checkpointing = interval !== undefined || records !== undefined;
  const restarts = strategy === undefined ? checkpointing : strategy.startsWith("fixed");
  return {
    checkpointIntervalMillis: interval,
    checkpointRecords: records === undefined ? undefined : Number(records),
    checkpointDirectory: values.get("execution.checkpointing.dir") ?? "./.millrace",
    timeoutMillis: duration("execution.checkpointing.timeout", 600_000),
    minPauseMillis: duration("execution.checkpointing.min-pause", 0),
    tolerableFailures: integer("execution.checkpointing.tolerable-failed-checkpoints", 0),
    retained: integer("execution.checkpointing.num-retained", 1),
    compression: (values.get("execution.checkpointing.compression") ?? "gzip") as JobOptions["compression"],
    maxParallelism: integer("pipeline.max-parallelism", 128),
    batchRows: integer("execution.batch-rows", BATCH_ROWS),
    restart: {
      attempts: restarts ? integer("restart-strategy.fixed-delay.attempts", strategy === undefined ? Number.MAX_SAFE_INTEGER : 1) : 0,
      delayMillis: duration("restart-strategy.fixed-delay.delay", 1000),
    },
  };
}

function checkpointInterval(text: string | undefined): number | undefined {
  if (text === undefined || text.trim().toLowerCase() === "none") return undefined;
  if (text.trim().toLowerCase() === "auto") {
    throw new SqlError("UNSUPPORTED", "'execution.checkpointing.interval' = 'auto' is not supported yet", { hint: "give a duration, for example '10 s'" });
  }
  const millis = parseDurationMillis(text);
  if (millis === undefined || millis <= 0) {
    throw new SqlError("OPTION_INVALID", `'execution.checkpointing.interval' is a duration such as '1s', or none, not '${text}'`);
  }
  return millis;
}
