import type { Json } from "../base/json.ts";
import type { Column } from "../batch/column.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { BadRecord, Format } from "../formats/api.ts";
import type { Machine } from "../storage/machine.ts";
import type { DataType, Field } from "../types/data-type.ts";

/** A column that a scan delivers: a path into the physical columns, or a metadata key. */
export type ScanColumn =
  | { readonly kind: "physical"; readonly path: readonly string[]; readonly type: DataType }
  | { readonly kind: "metadata"; readonly key: string; readonly type: DataType };

/** Plain data that describes a table to its connector. */
export interface TableRequest {
  /** `catalog.database.table`, for messages and names. */
  readonly table: string;
  /** Physical columns in order (the ones that a file holds), partition columns included. */
  readonly physical: readonly Field[];
  readonly primaryKey: readonly string[];
  readonly partitionKeys: readonly string[];
  /** What an INSERT writes, in order: physical columns, and metadata that is not VIRTUAL; absent: the physical columns. */
  readonly written?: readonly ScanColumn[] | undefined;
  /** The table's options, `connector` included, query hints merged in. */
  readonly options: Readonly<Record<string, string>>;
  /** Keys of options that a query hint gave another value than the table has. */
  readonly hinted?: readonly string[] | undefined;
  readonly timeZone: string;
}

export interface ScanRequest extends TableRequest {
  /** The columns of the batches, in order. */
  readonly columns: readonly ScanColumn[];
  /**
   * Simple conditions on partition columns and file metadata that may prune what is read (pruning is optional:
   * the filter itself stays in the plan). `value` in text form.
   */
  readonly partitionFilter?: ((partition: Readonly<Record<string, string | null>>) => boolean) | undefined;
  /** Where bad records go when the table has `errors.table`. */
  readonly onBadRecord?: ((record: BadRecord & { readonly source: string }) => void) | undefined;
}

/** `"end"`: the bounded split is exhausted. `"idle"`: nothing now, ask again later. */
export type Polled = RecordBatch | "end" | "idle";

/**
 * Reads one split. `poll` answers synchronously whenever it can (a file does), so that the hot path awaits nothing.
 * A batch is valid until the next `poll` on the same reader: its text may point into the reader's buffer.
 */
export interface SplitReader {
  /** At most `maxRows` rows. */
  poll(maxRows: number): Polled | Promise<Polled>;
  /** The position just after the last batch; plain JSON, in a checkpoint. */
  position(): Json;
  close(): void | Promise<void>;
}

/** A split is plain JSON data with a stable identity; `id` is its key in the checkpoint. */
export interface Split {
  readonly id: string;
  readonly data: Json;
}

export interface Source {
  readonly bounded: boolean;
  /**
   * Its splits are read side by side, each with an event time of its own (partitions of a queue); absent: one after the
   * other, in their order. `poll` of such a split answers `"idle"` at once when nothing has arrived.
   */
  readonly sideBySide?: boolean | undefined;
  /** Called once, before splits are opened: `wake` is to be called when rows have arrived for a reader that was idle. */
  onReady?(wake: () => void): void;
  /**
   * The present list, in the order in which one reader would read them; asked again from time to time when unbounded.
   * `known`: ids of splits that the job has already (from a checkpoint too); a source that was divided once stays so.
   */
  discoverSplits(known: ReadonlySet<string>): Promise<readonly Split[]>;
  openSplit(split: Split, position: Json | undefined): SplitReader | Promise<SplitReader>;
  /**
   * After a checkpoint is complete, e.g. to commit consumer offsets; after a restore again, before anything is read.
   * `positions`: by split id, where each split stood that had been begun and those that ended in this run, over all
   * threads. With several threads it is called in the coordinating one, whose source reads nothing.
   */
  checkpointComplete?(checkpointId: number, positions: ReadonlyMap<string, Json>): Promise<void>;
  /** Counters for the progress line and metrics, e.g. skipped records. */
  counters?(): Readonly<Record<string, number>>;
  /** The job is over: connections are closed. After the readers. */
  close?(): void | Promise<void>;
}

/** A table that rows of a stream look up by key at the moment they pass (FOR SYSTEM_TIME AS OF a processing time). */
export interface LookupRequest extends TableRequest {
  /** The columns of the answers, in order. */
  readonly columns: readonly ScanColumn[];
  /** Which of them are asked for by their values. */
  readonly keys: readonly number[];
}

/**
 * How a connector answers look-ups. `table`: it has to be read whole, through its `source`; `version` is another text
 * when it may hold other rows than before, and is cheap. `keys`: it finds the rows of given keys itself.
 */
export type Lookup =
  | { readonly kind: "table"; version(): string }
  | {
      readonly kind: "keys";
      /**
       * The rows with these keys: one column for each key, no NULLs, no two keys equal. Asked once for all rows of a
       * batch; several batches are not asked for at once. An error is tried again (`lookup.max-retries`).
       */
      find(keys: readonly Column[], count: number): LookupAnswer | Promise<LookupAnswer>;
      close?(): void | Promise<void>;
    };

/** Valid until the next question. */
export interface LookupAnswer {
  /** All rows that were found, with the columns of the request. */
  readonly rows: RecordBatch;
  /** For each of them the number of the key that it answers. */
  readonly keyOf: Int32Array;
}

export interface Prepared {
  /** To be committed once the checkpoint is complete. */
  readonly committables: readonly Json[];
  /** What this writer needs to go on after a restore (an open file and its length). */
  readonly state: Json;
}

export interface SinkWriter {
  /**
   * Takes what it needs of the batch before it returns (its bytes are reused). A promise is back-pressure: the task
   * awaits it before it reads more. Row kinds other than insert only reach sinks whose `changelogMode` accepts them.
   */
  write(batch: RecordBatch): void | Promise<void>;
  /** The watermark has moved (partition commit). */
  watermark?(millis: number): void;
  /** At a barrier: what was written so far becomes durable, not yet visible. `final`: the input has ended. */
  prepareCommit(checkpointId: number, final: boolean): Prepared | Promise<Prepared>;
  /**
   * The checkpoint is complete and the sink's `commit` for it has returned. Not called for a checkpoint that failed (its
   * committables come with a later one), nor after a restore for the one that was restored. A failure fails the job.
   */
  committed?(checkpointId: number): void | Promise<void>;
  /** Without checkpoints or after the final commit. `aborted`: discard what is not prepared. */
  close(aborted: boolean): void | Promise<void>;
}

export interface Sink {
  readonly guarantee: "at-least-once" | "exactly-once";
  /**
   * Once for each attempt of the job, in the coordinating thread: what the restored checkpoint holds has been committed
   * again, and nothing is written yet. Takes what only one job may have, and clears what dead attempts have left open.
   */
  begin?(): Promise<void>;
  openWriter(subtask: number, restored: readonly Json[]): SinkWriter | Promise<SinkWriter>;
  /**
   * Once per sink and checkpoint after it completed, with what all subtasks prepared; again after a restore, before the
   * first new write. Idempotent. Markers for readers (`_SUCCESS`) come last.
   */
  commit?(checkpointId: number, committables: readonly Json[]): Promise<void>;
  /**
   * After a restore (or a fresh start in a run that had no checkpoint: `undefined`): discards what was prepared later
   * than this checkpoint and any in-progress leftovers of this run; found by the sink's own naming (`runId`).
   */
  discardAfter?(checkpointId: number | undefined): Promise<void>;
  /** The attempt is over: connections are closed. After the writers, in each thread that has the sink. */
  close?(): void | Promise<void>;
  /** For `EXPLAIN JOB` / `--verbose`, e.g. the checksum of blackhole. */
  summary?(): Readonly<Record<string, string | number>>;
}

/** Identity of the job's run, for names of in-progress files and transactions. */
export interface RunIdentity {
  readonly jobName: string;
  /** Stable over restarts of the same run. */
  readonly runId: string;
  /** Rises with each restart of the run. */
  readonly attempt: number;
  /** An earlier owner of the run may be alive and wake up: what it has open is not to be written into. */
  readonly ownerMayLive?: boolean | undefined;
  /** Name of the sink inside the job (its operator id). */
  readonly operatorId: string;
}

export interface ConnectorContext {
  format(name: string): Format | undefined;
  formatNames(): readonly string[];
  /** Where connectors that print write to (the golden runner captures it). A promise is back-pressure. */
  stdout(text: string): unknown;
  stderr(text: string): void;
  nowMillis(): number;
  /** Folder against which relative paths resolve. */
  readonly baseDirectory: string;
  /** Threads of the job, for sources that can be divided at will; undefined: one. */
  readonly parallelism?: number | undefined;
  /** Whose disks sinks write to; default: this machine's. */
  readonly machine?: Machine | undefined;
  /** Options of the session: of storages that are not disks (`s3.*`), of the checkpoints that a connector reads. */
  readonly sessionOptions?: ReadonlyMap<string, string> | undefined;
}

export interface ConnectorOption {
  readonly name: string;
  readonly summary: string;
  readonly required?: boolean | undefined;
  readonly type: "string" | "boolean" | "int" | "duration" | "memory" | readonly string[];
  readonly default?: string | undefined;
  /** The least that an integer may be. */
  readonly minimum?: number | undefined;
}

export interface MetadataColumnInfo {
  readonly key: string;
  readonly type: DataType;
}

/**
 * `append`: inserts only. `upsert`: +I, +U and -D by primary key; a -U comes only where the row's key may change, and deletes.
 * `all`: whatever the query gives. `retract`: whatever it gives, and never by key (a log of changes).
 */
export type SinkMode = "append" | "upsert" | "all" | "retract" | "none";

/** `full`: every kind; `upsert`: +I, +U and -D by primary key, no -U, and a -D may hold the key alone. */
export type SourceMode = "insert-only" | "full" | "upsert";

/** Takes away what was in a table before a job. */
export type Overwriting = () => void | Promise<void>;

export interface Connector {
  readonly name: string;
  /** Declared options; `format` options are added by prefix. A pattern like `fields.#.kind` matches any column name for `#`. */
  readonly options: readonly ConnectorOption[];
  /** Needs a `format`; `"key-value"`: one for values and perhaps one for keys. */
  readonly format?: boolean | "key-value" | undefined;
  /** Supports PARTITIONED BY. */
  readonly partitions?: boolean | undefined;
  readonly metadata: readonly MetadataColumnInfo[];
  /** Which of the metadata an INSERT may write; absent: none. */
  readonly writableMetadata?: readonly string[] | undefined;
  /** Which changes the sink takes. */
  readonly sinkMode: SinkMode;
  /** The same where it depends on the table (its format). */
  sinkModeOf?(request: TableRequest, context: ConnectorContext): SinkMode;
  /** Which changes a scan gives; absent: inserts only. */
  sourceMode?(request: TableRequest, context: ConnectorContext): SourceMode;
  /** Throws SqlError OPTION_* when the table's options do not fit; called when a statement uses the table. */
  validate?(request: TableRequest, context: ConnectorContext): void;
  /** True when a scan of this table ends by itself. */
  isBounded?(request: TableRequest): boolean;
  source?(request: ScanRequest, context: ConnectorContext): Source;
  /**
   * INSERT OVERWRITE, in batch mode: called before the job; what is returned is called once when it has finished, and
   * takes away what was there before. Absent: the sink only adds.
   */
  overwrite?(request: TableRequest, context: ConnectorContext): Overwriting | Promise<Overwriting>;
  sink?(request: TableRequest, context: ConnectorContext, run: RunIdentity): Sink;
  /** Absent: the table cannot be looked up. Its options hold `LOOKUP_OPTIONS` where the cache may be chosen. */
  lookup?(request: LookupRequest, context: ConnectorContext): Lookup;
}
