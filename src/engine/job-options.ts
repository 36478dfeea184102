import { parseDurationMillis } from "../base/duration.ts";
import { SqlError } from "../base/errors.ts";
import { BATCH_ROWS } from "../batch/record-batch.ts";
import { parseCompression } from "../checkpoint/compression.ts";
import type { TableRequest } from "../connectors/api.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { AutoIntervalBounds } from "./auto-interval.ts";
import { isOnJdbc } from "../connectors/job-options.ts";
import { shownValue } from "../planner/bind/index.ts";
import { JDBC_TABLE_NAMES } from "../state/jdbc/options.ts";
import { isContinuous } from "./checkpoint-location.ts";
import { checkConflicts } from "./option-conflicts.ts";
import { JOB_OPTIONS_OF_TABLES, canonicalOption, checkConfigOption } from "./config.ts";

/** How a job is run and made safe; from its tables' options and the session's. */
export interface JobOptions {
  /** Millis between checkpoints; undefined: off. */
  readonly checkpointIntervalMillis: number | undefined;
  /** The interval follows from the load, within these bounds; `checkpointIntervalMillis` is the first one. */
  readonly autoInterval?: AutoIntervalBounds | undefined;
  /** A checkpoint after so many input records; undefined: off. */
  readonly checkpointRecords: number | undefined;
  /** Folder (path or file: URI). */
  readonly checkpointDirectory: string;
  /** Millis from one segment of the log to the next (`state.synchronization` = `continuous`); undefined: there is none. */
  readonly logIntervalMillis: number | undefined;
  readonly timeoutMillis: number;
  readonly minPauseMillis: number;
  readonly tolerableFailures: number;
  readonly retained: number;
  readonly compression: "gzip" | "zstd" | "none";
  readonly maxParallelism: number;
  /** Threads. */
  readonly parallelism: number;
  /** At a barrier inputs that are ahead wait (exactly-once). */
  readonly alignBarriers: boolean;
  /** Barriers overtake what waits in front of operators. */
  readonly unalignedBarriers: boolean;
  /** Rows that a source hands out at once. */
  readonly batchRows: number;
}

/** A value that some table or hint gives for a job option. */
interface TableOption {
  readonly name: string;
  readonly key: string;
  readonly value: string;
  readonly table: string;
  readonly hinted: boolean;
}

/**
 * Options of a job, by canonical name: query hints before sink tables before source tables before the session's SET, -D,
 * config file. Throws OPTION_CONFLICT when two tables of one level disagree.
 */
export function resolveJobOptions(graph: JobGraph, session: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const resolved = new Map(session);
  const scans = graph.nodes.flatMap((n) => (n.spec.kind === "scan" ? [n.spec.table] : []));
  const sinks = graph.nodes.flatMap((n) =>
    n.spec.kind === "sink" && n.spec.target.type === "table" ? [n.spec.target.table] : [],
  );
  const sources = scans.flatMap(optionsOf);
  const targets = sinks.flatMap(optionsOf);
  const own = (option: TableOption): boolean => !option.hinted;
  const levels = [sources.filter(own), targets.filter(own), [...sources, ...targets].filter((option) => option.hinted)];
  const winners = new Map<string, TableOption>();
  for (const level of levels) for (const [name, option] of agreed(level)) winners.set(name, option);
  for (const { name, key, value } of winners.values()) {
    checkConfigOption(JDBC_TABLE_NAMES.has(key) ? name : key, value);
    resolved.set(name, value);
  }
  return resolved;
}

function optionsOf(table: TableRequest): readonly TableOption[] {
  const onJdbc = isOnJdbc(table.options);
  return Object.entries(table.options)
    .map(([key, value]): TableOption => ({
      name: (onJdbc ? JDBC_TABLE_NAMES.get(key) : undefined) ?? canonicalOption(key),
      key,
      value,
      table: table.table,
      hinted: table.hinted?.includes(key) === true,
    }))
    .filter(({ name }) => JOB_OPTIONS_OF_TABLES.includes(name));
}

/** The one value of each option on a level. */
function agreed(level: readonly TableOption[]): ReadonlyMap<string, TableOption> {
  const found = new Map<string, TableOption>();
  for (const option of level) {
    const other = found.get(option.name);
    if (other !== undefined && comparable(other) !== comparable(option)) {
      throw new SqlError(
        "OPTION_CONFLICT",
        `tables '${other.table}' and '${option.table}' disagree about '${option.key}': '${shown(other)}' and '${shown(option)}'`,
        {
          hint: "give one value in a query hint /*+ OPTIONS(…) */ or make the tables agree",
        },
      );
    }
    found.set(option.name, option);
  }
  return found;
}

function shown({ name, value }: TableOption): string {
  return shownValue(name, value);
}

/** Spellings of one value compare equal. */
function comparable({ name, value }: TableOption): string {
  const isExact =
    [".dir", "-dir", ".replicas"].some((end) => name.endsWith(end)) || name.startsWith("state.backend.jdbc.");
  if (isExact) return value;
  const word = value.trim().toLowerCase().replaceAll("_", "-");
  if (name.endsWith(".interval")) return String(parseDurationMillis(word) ?? word);
  return BACKEND_WORDS.get(word) ?? word;
}

/** Other words for state backends. */
const BACKEND_WORDS: ReadonlyMap<string, string> = new Map([
  ["hashmap", "memory"],
  ["fs", "filesystem"],
]);

/** The typed options of a job. */
export function jobOptions(values: ReadonlyMap<string, string>): JobOptions {
  checkConflicts(values);
  const duration = (key: string, fallback: number): number => {
    const text = values.get(key);
    if (text === undefined) return fallback;
    const millis = parseDurationMillis(text);
    if (millis === undefined)
      throw new SqlError("OPTION_INVALID", `'${key}' is a duration such as '1s' or '1 min', not '${text}'`);
    return millis;
  };
  const integer = (key: string, fallback: number): number => Number(values.get(key) ?? fallback);
  const text = values.get("execution.checkpointing.interval");
  const auto =
    text?.trim().toLowerCase() === "auto"
      ? autoInterval(
          duration("execution.checkpointing.auto.min-interval", 1000),
          duration("execution.checkpointing.auto.max-interval", 600_000),
        )
      : undefined;
  const interval = auto?.minMillis ?? checkpointInterval(text);
  const records = values.get("execution.checkpointing.records");
  return {
    checkpointIntervalMillis: interval,
    autoInterval: auto,
    checkpointRecords: records === undefined ? undefined : Number(records),
    checkpointDirectory: checkpointDirectory(values),
    logIntervalMillis: isContinuous(values) ? logInterval(duration("state.synchronization.interval", 500)) : undefined,
    timeoutMillis: duration("execution.checkpointing.timeout", 600_000),
    minPauseMillis: duration("execution.checkpointing.min-pause", 0),
    tolerableFailures: integer("execution.checkpointing.tolerable-failed-checkpoints", 0),
    retained: integer("execution.checkpointing.num-retained", 1),
    compression: parseCompression(values.get("execution.checkpointing.compression")?.trim() ?? "gzip"),
    maxParallelism: integer("pipeline.max-parallelism", 128),
    parallelism: parallelismOf(values),
    unalignedBarriers:
      values.get("execution.checkpointing.unaligned.enabled")?.toLowerCase() === "true" &&
      !isAtLeastOnce(values.get("execution.checkpointing.mode")),
    alignBarriers: !isAtLeastOnce(values.get("execution.checkpointing.mode")),
    batchRows: integer("execution.batch-rows", BATCH_ROWS),
  };
}

/** Throws OPTION_INVALID. */
function logInterval(millis: number): number {
  if (millis >= 1) return millis;
  throw new SqlError("OPTION_INVALID", `'state.synchronization.interval' is at least 1 ms, not ${millis} ms`);
}

/** A backend that is named after a storage has its checkpoints there; that of a database, unless they have a place. Throws OPTION_MISSING. */
function checkpointDirectory(values: ReadonlyMap<string, string>): string {
  const backend = values.get("state.backend.type")?.trim().toLowerCase();
  const ownPlace = backend === "jdbc" ? values.get("state.backend.jdbc.url") : undefined;
  const directory = values.get("execution.checkpointing.dir") ?? ownPlace ?? "./.millrace";
  const there = STORAGES_OF_BACKENDS.get(backend ?? "");
  if (there !== undefined && !there.scheme.test(directory)) {
    const { name, example } = there;
    throw new SqlError("OPTION_MISSING", `the state backend ${backend} needs a place for its checkpoints in ${name}`, {
      hint: `SET 'execution.checkpointing.dir' = '${example}'`,
    });
  }
  return directory;
}

/** Backends that are named after a storage. */
const STORAGES_OF_BACKENDS = new Map([
  ["s3", { name: "S3", scheme: /^s3[ap]?:/i, example: "s3://bucket/folder" }],
  ["hdfs", { name: "HDFS", scheme: /^s?(?:web)?hdfs:/i, example: "hdfs://namenode:9000/folder" }],
]);

/** `table.exec.resource.default-parallelism` where it is set (−1: it is not), else `parallelism.default`. */
function parallelismOf(values: ReadonlyMap<string, string>): number {
  const own = Number(values.get("table.exec.resource.default-parallelism") ?? -1);
  return own > 0 ? own : Number(values.get("parallelism.default") ?? 1);
}

function isAtLeastOnce(mode: string | undefined): boolean {
  return mode?.trim().toLowerCase().replaceAll("_", "-") === "at-least-once";
}

function autoInterval(minMillis: number, maxMillis: number): AutoIntervalBounds {
  if (minMillis >= 1 && minMillis <= maxMillis) return { minMillis, maxMillis };
  throw new SqlError(
    "OPTION_INVALID",
    `'execution.checkpointing.auto.min-interval' (${minMillis} ms) is at least 1 ms and at most 'execution.checkpointing.auto.max-interval' (${maxMillis} ms)`,
  );
}

function checkpointInterval(text: string | undefined): number | undefined {
  if (text === undefined || text.trim().toLowerCase() === "none") return undefined;
  const millis = parseDurationMillis(text);
  if (millis === undefined || millis <= 0) {
    throw new SqlError(
      "OPTION_INVALID",
      `'execution.checkpointing.interval' is a duration such as '1s', auto or none, not '${text}'`,
    );
  }
  return millis;
}
