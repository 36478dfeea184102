import { SqlError } from "../base/errors.ts";
import type { OptionDeclaration } from "../base/options.ts";
import { validateOptions } from "../base/options.ts";
import { didYouMean } from "../base/suggest.ts";
import { KEY_OPTION, parseKeyOption } from "../checkpoint/encryption-keys.ts";
import { isSessionZone } from "../types/timezone.ts";
import { ROCKSDB_OPTIONS } from "./rocksdb-options.ts";
import { CONTROL_OPTIONS } from "./config-control.ts";
import { STATEMENT_OPTIONS } from "./config-statements.ts";
import { JOIN_OPTIONS } from "./config-joins.ts";
import { PLAN_OPTIONS } from "./config-plan.ts";
import { SINK_OPTIONS } from "./config-sinks.ts";
import { JDBC_BACKEND_OPTIONS } from "../state/jdbc/options.ts";
import { STORAGE_OPTIONS, STORAGE_SYNONYMS } from "./config-storage.ts";

/**
 * A configuration option (SET, -D, config file). `effect` "none": accepted because Flink scripts carry it and it changes
 * nothing that a single process could do otherwise (object reuse, chaining, slot sharing).
 */
export interface ConfigOption extends OptionDeclaration {
  readonly effect?: "none" | undefined;
  /** The only values that are executed today; others answer UNSUPPORTED. */
  readonly supported?: readonly string[] | undefined;
  /** Least value of a number. */
  readonly minimum?: number | undefined;
}

const MODES = ["exactly-once", "at-least-once", "exactly_once", "at_least_once"] as const;

/** Every option that SET takes. What is not here is an error, so that a typing mistake is never silently ignored. */
export const CONFIG_OPTIONS: readonly ConfigOption[] = [
  {
    name: "execution.runtime-mode",
    summary: "streaming or batch",
    type: ["streaming", "batch"],
    default: "streaming",
  },
  {
    name: "execution.batch-rows",
    summary: "rows that a source hands out at once",
    type: "int",
    default: "4096",
    minimum: 1,
  },
  { name: "parallelism.default", summary: "worker threads of a job", type: "int", default: "1", minimum: 1 },
  { name: "pipeline.name", summary: "name of the next jobs, their identity for --from", type: "string" },
  { name: "pipeline.max-parallelism", summary: "number of key groups", type: "int", default: "128", minimum: 1 },
  {
    name: "pipeline.auto-watermark-interval",
    summary: "event time between two watermarks",
    type: "duration",
    default: "200 ms",
  },
  {
    name: "pipeline.object-reuse",
    summary: "no effect: rows are never copied between operators",
    type: "boolean",
    effect: "none",
  },
  {
    name: "pipeline.operator-chaining.enabled",
    summary: "no effect: a thread is one chain",
    type: "boolean",
    effect: "none",
  },
  { name: "table.local-time-zone", summary: "session time zone", type: "string", default: "UTC" },
  {
    name: "table.dml-sync",
    summary: "INSERT waits for its job even when a source is unbounded",
    type: "boolean",
    default: "false",
  },
  {
    name: "table.dynamic-table-options.enabled",
    summary: "OPTIONS hints are allowed",
    type: "boolean",
    default: "true",
  },
  {
    name: "table.exec.state.ttl",
    summary: "idle state is dropped after this time; 0: never",
    type: "duration",
    default: "0 ms",
  },
  {
    name: "table.exec.source.idle-timeout",
    summary: "a silent source no longer holds back watermarks after this time; 0: never",
    type: "duration",
    default: "0 ms",
  },
  {
    name: "table.exec.source.cdc-events-duplicate",
    summary: "a changelog source may send an event twice: its changes are brought in order by primary key",
    type: "boolean",
    default: "false",
  },
  ...SINK_OPTIONS,
  {
    name: "table.exec.legacy-cast-behaviour",
    summary: "a failing CAST gives NULL",
    type: ["ENABLED", "DISABLED"],
    default: "DISABLED",
  },
  {
    name: "table.exec.compile-expressions",
    summary: "false: run the interpreter, without generated code",
    type: "boolean",
    default: "true",
  },
  ...PLAN_OPTIONS,
  {
    name: "table.exec.rank.topn-cache-size",
    summary: "no effect: Top-N state is in memory",
    type: "int",
    effect: "none",
  },
  {
    name: "table.exec.resource.default-parallelism",
    summary: "worker threads of a job; -1: as parallelism.default says",
    type: "int",
    default: "-1",
  },
  {
    name: "table.exec.uid.generation",
    summary: "no effect: operator ids always follow from the plan",
    type: "string",
    effect: "none",
  },
  { name: "table.exec.simplify-operator-name-enabled", summary: "no effect", type: "boolean", effect: "none" },
  {
    name: "table.optimizer.reuse-sub-plan-enabled",
    summary: "no effect: equal work is always done once",
    type: "boolean",
    effect: "none",
  },
  {
    name: "table.optimizer.reuse-source-enabled",
    summary: "no effect: equal work is always done once",
    type: "boolean",
    effect: "none",
  },
  { name: "table.optimizer.multi-join.enabled", summary: "no effect on results", type: "boolean", effect: "none" },
  {
    name: "table.plan.force-recompile",
    summary: "COMPILE PLAN overwrites a plan that is there",
    type: "boolean",
    default: "false",
  },
  {
    name: "execution.checkpointing.interval",
    summary: "time between checkpoints; auto: snapshot size / data rate; none: off",
    type: "string",
  },
  ...CONTROL_OPTIONS,
  ...STATEMENT_OPTIONS,
  ...JOIN_OPTIONS,
  {
    name: "execution.checkpointing.records",
    summary: "a checkpoint after so many input records; the stream waits until it is complete",
    type: "int",
    minimum: 1,
  },
  {
    name: "execution.checkpointing.mode",
    summary:
      "guarantee; in one thread at-least-once gets exactly-once as well, in several its barriers wait for nothing",
    type: MODES,
    default: "exactly-once",
  },
  { name: "execution.checkpointing.dir", summary: "where checkpoints lie", type: "string", default: "./.millrace" },
  {
    name: "execution.checkpointing.timeout",
    summary: "a checkpoint that takes longer is given up",
    type: "duration",
    default: "10 min",
  },
  {
    name: "execution.checkpointing.min-pause",
    summary: "least time between two checkpoints",
    type: "duration",
    default: "0 ms",
  },
  {
    name: "execution.checkpointing.max-concurrent-checkpoints",
    summary: "checkpoints in progress at once",
    type: "int",
    default: "1",
    supported: ["1"],
  },
  {
    name: "execution.checkpointing.tolerable-failed-checkpoints",
    summary: "failed checkpoints in a row before the job fails",
    type: "int",
    default: "0",
    minimum: 0,
  },
  {
    name: "execution.checkpointing.num-retained",
    summary: "completed checkpoints kept",
    type: "int",
    default: "1",
    minimum: 1,
  },
  {
    name: "execution.checkpointing.compression",
    summary: "compression of state files",
    type: ["gzip", "zstd", "none"],
    default: "gzip",
  },
  {
    name: "execution.checkpointing.encryption-key",
    summary:
      "checkpoints and savepoints are encrypted with this key: env:NAME or file:PATH, then former keys after commas",
    type: "string",
  },
  {
    name: "execution.checkpointing.checkpoints-after-tasks-finish.enabled",
    summary: "always on",
    type: "boolean",
    supported: ["true"],
  },
  {
    name: "execution.checkpointing.unaligned.enabled",
    summary:
      "with several threads: barriers overtake the rows that wait in front of operators, which become part of the checkpoint",
    type: "boolean",
    default: "false",
  },
  {
    name: "execution.checkpointing.incremental",
    summary: "checkpoints hold what changed since the one before; every now and then all of it",
    type: "boolean",
    default: "true",
  },
  { name: "execution.checkpointing.storage", summary: "filesystem", type: "string", supported: ["filesystem"] },
  {
    name: "execution.checkpointing.replicas",
    summary: "further places (URIs, separated by commas) that keep every checkpoint, too",
    type: "string",
  },
  {
    name: "execution.checkpointing.min-replicas",
    summary:
      "so many places must have a checkpoint before sinks commit, the checkpoint directory among them; with replicas 2 unless set",
    type: "int",
    minimum: 1,
  },
  {
    name: "execution.state-recovery.ignore-unclaimed-state",
    summary: "state that the script no longer has is dropped on restore",
    type: "boolean",
    default: "false",
  },
  {
    name: "state.backend.type",
    summary:
      "memory (hashmap), filesystem (fs), rocksdb, s3 or hdfs (memory, with checkpoints there), jdbc (memory in front of a database)",
    type: "string",
    default: "memory",
  },
  ...ROCKSDB_OPTIONS,
  ...STORAGE_OPTIONS,
  {
    name: "state.synchronization",
    summary: "copies changes of state to the checkpoint storage continuously",
    type: ["none", "continuous"],
    default: "none",
  },
  {
    name: "state.synchronization.interval",
    summary:
      "with state.synchronization = continuous: from one segment of the log to the next; what a failure repeats at most, plus the time that a segment takes",
    type: "duration",
    default: "500 ms",
  },
  {
    name: "restart-strategy.type",
    summary: "when a failed job restarts; default: none without checkpoints, exponential-delay with them",
    type: [
      "none",
      "off",
      "disable",
      "fixed-delay",
      "fixeddelay",
      "exponential-delay",
      "exponentialdelay",
      "failure-rate",
      "failurerate",
    ],
  },
  {
    name: "restart-strategy.fixed-delay.attempts",
    summary: "restarts before the job fails",
    type: "int",
    default: "1",
    minimum: 0,
  },
  { name: "restart-strategy.fixed-delay.delay", summary: "wait before a restart", type: "duration", default: "1 s" },
  {
    name: "restart-strategy.failure-rate.max-failures-per-interval",
    summary: "failures borne within the interval",
    type: "int",
    default: "1",
    minimum: 0,
  },
  {
    name: "restart-strategy.failure-rate.failure-rate-interval",
    summary: "time over which failures are counted",
    type: "duration",
    default: "1 min",
  },
  { name: "restart-strategy.failure-rate.delay", summary: "wait before a restart", type: "duration", default: "1 s" },
  {
    name: "restart-strategy.exponential-delay.initial-backoff",
    summary: "wait before the first restart",
    type: "duration",
    default: "1 s",
  },
  {
    name: "restart-strategy.exponential-delay.max-backoff",
    summary: "longest wait before a restart",
    type: "duration",
    default: "1 min",
  },
  {
    name: "restart-strategy.exponential-delay.backoff-multiplier",
    summary: "each wait is so many times the one before",
    type: "string",
    default: "1.5",
  },
  {
    name: "restart-strategy.exponential-delay.reset-backoff-threshold",
    summary: "time without a failure after which waits start over",
    type: "duration",
    default: "1 h",
  },
  {
    name: "restart-strategy.exponential-delay.jitter-factor",
    summary: "part of the wait by which it varies",
    type: "string",
    default: "0.1",
  },
  {
    name: "restart-strategy.exponential-delay.attempts-before-reset-backoff",
    summary: "restarts before the job fails; infinite",
    type: "string",
    default: "infinite",
  },
  {
    name: "sql-client.execution.result-mode",
    summary:
      "how the shell shows a SELECT: its changes in a box, or the result as it is now (table); scripts: --format",
    type: ["tableau", "table", "changelog"],
    default: "tableau",
  },
  {
    name: "sql-client.execution.max-table-result.rows",
    summary: "rows that the shell keeps of a result in 'table' mode; the oldest go first",
    type: "int",
    default: "1000000",
    minimum: 1,
  },
  {
    name: "sql-client.display.max-column-width",
    summary: "widest column of a result in the shell, in characters of a terminal",
    type: "int",
    default: "30",
    minimum: 4,
  },
  {
    name: "sql-client.display.print-time-cost",
    summary: "the shell says how long a statement took",
    type: "boolean",
    default: "true",
  },
  { name: "sql-client.verbose", summary: "no effect: errors are always complete", type: "boolean", effect: "none" },
];

/** Old and short names, and what they are called now. The short names are also table options. */
export const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["state.backend", "state.backend.type"],
  ["checkpointing.mode", "execution.checkpointing.mode"],
  ["checkpointing.interval", "execution.checkpointing.interval"],
  ["checkpointing.dir", "execution.checkpointing.dir"],
  ["checkpointing.records", "execution.checkpointing.records"],
  ["checkpointing.savepoint-dir", "execution.checkpointing.savepoint-dir"],
  ["checkpointing.replicas", "execution.checkpointing.replicas"],
  ["state.checkpoints.dir", "execution.checkpointing.dir"],
  ["state.savepoints.dir", "execution.checkpointing.savepoint-dir"],
  ["state.checkpoints.num-retained", "execution.checkpointing.num-retained"],
  ["state.checkpoint-storage", "execution.checkpointing.storage"],
  ["state.backend.incremental", "execution.checkpointing.incremental"],
  ["execution.savepoint.path", "execution.state-recovery.path"],
  ["restart-strategy", "restart-strategy.type"],
  ...STORAGE_SYNONYMS,
]);

/** Table options that configure every job that reads or writes the table (short and canonical names). */
export const JOB_OPTIONS_OF_TABLES: readonly string[] = [
  "state.backend.type",
  "execution.checkpointing.mode",
  "execution.checkpointing.interval",
  "execution.checkpointing.dir",
  "execution.checkpointing.records",
  "execution.checkpointing.savepoint-dir",
  "execution.checkpointing.replicas",
  "state.synchronization",
  ...JDBC_BACKEND_OPTIONS.map(({ name }) => name),
];

/** The present name of an option. */
export function canonicalOption(key: string): string {
  return SYNONYMS.get(key) ?? key;
}

/** Checks one option; throws OPTION_UNKNOWN, OPTION_INVALID, or UNSUPPORTED for a value that cannot be executed yet. */
export function checkConfigOption(key: string, value: string): void {
  const option = knownOption(key);
  const { name } = option;
  validateOptions({ [name]: value }, [option], "the configuration");
  if (option.supported !== undefined && !option.supported.some((s) => s.toLowerCase() === value.trim().toLowerCase())) {
    throw new SqlError(
      "UNSUPPORTED",
      `'${key}' = '${value}' is not supported yet${option.supported.length === 0 ? "" : `; supported: ${option.supported.join(", ")}`}`,
    );
  }
  if (name === "state.backend.type") checkBackend(value);
  if (name === KEY_OPTION) parseKeyOption(value);
  if (name === "table.local-time-zone" && value !== "default" && !isSessionZone(value)) {
    throw new SqlError("OPTION_INVALID", `'${value}' is not a time zone`, {
      hint: "for example 'UTC', 'Europe/Berlin' or 'GMT+08:00'",
    });
  }
}

function knownOption(key: string): ConfigOption {
  const name = canonicalOption(key);
  const option = CONFIG_OPTIONS.find((o) => o.name === name);
  if (option !== undefined) return option;
  const names = [...CONFIG_OPTIONS.map((o) => o.name), ...SYNONYMS.keys()];
  throw new SqlError("OPTION_UNKNOWN", `'${key}' is not an option that millrace knows`, {
    hint: didYouMean(key, names),
  });
}

/** Which state backends run. */
export function checkBackend(value: string): void {
  const word = value.trim().toLowerCase();
  if (["memory", "hashmap", "filesystem", "fs", "rocksdb", "s3", "hdfs", "jdbc"].includes(word)) return;
  if (word === "forst") {
    throw new SqlError(
      "UNSUPPORTED",
      `the state backend '${value}' is not supported yet; supported: memory, filesystem, rocksdb, s3, hdfs, jdbc`,
    );
  }
  throw new SqlError("OPTION_INVALID", `'${value}' is not a state backend`, {
    hint: didYouMean(word, ["memory", "filesystem", "rocksdb", "s3", "hdfs", "jdbc"]),
  });
}

/** SET values of a session, by canonical name. */
export class Config {
  readonly #values = new Map<string, string>();
  readonly #initial: ReadonlyMap<string, string>;

  constructor(initial: ReadonlyMap<string, string> = new Map()) {
    for (const [key, value] of initial) this.set(key, value);
    this.#initial = new Map(this.#values);
  }

  set(key: string, value: string): void {
    checkConfigOption(key, value);
    this.#values.set(canonicalOption(key), value);
  }

  /** Back to what the command line or the config file gave; throws OPTION_UNKNOWN. */
  reset(key?: string): void {
    const names =
      key === undefined ? [...new Set([...this.#values.keys(), ...this.#initial.keys()])] : [knownOption(key).name];
    for (const name of names) {
      const initial = this.#initial.get(name);
      if (initial === undefined) this.#values.delete(name);
      else this.#values.set(name, initial);
    }
  }

  get(key: string): string | undefined {
    const name = canonicalOption(key);
    return this.#values.get(name);
  }

  /** What was set, without defaults. */
  values(): ReadonlyMap<string, string> {
    return this.#values;
  }
}
