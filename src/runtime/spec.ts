import type { Expr } from "../expressions/expr.ts";
import type { ScanColumn, TableRequest } from "../connectors/api.ts";
import type { LookupCacheSpec } from "../connectors/lookup-options.ts";
import type { DataType, Field, Value } from "../types/data-type.ts";

/**
 * The vocabulary between planner and runtime: plain data, printed by EXPLAIN and stored with a checkpoint. Column
 * numbers refer to the columns of the (given) input. Output columns are stated at each kind.
 */
export type OperatorSpec =
  | ScanSpec
  | ValuesSpec
  | CalcSpec
  | WatermarkSpec
  | MiniBatchSpec
  | UnionSpec
  | LocalAggregateSpec
  | GroupAggregateSpec
  | WindowAggregateSpec
  | UpdatingWindowAggregateSpec
  | SessionAggregateSpec
  | WindowTvfSpec
  | SessionTvfSpec
  | JoinSpec
  | IntervalJoinSpec
  | WindowJoinSpec
  | TemporalJoinSpec
  | LookupJoinSpec
  | RankSpec
  | DeduplicateSpec
  | MatchSpec
  | OverSpec
  | LimitSpec
  | SortSpec
  | FinalRowsSpec
  | FinalOverSpec
  | DropUpdateBeforeSpec
  | SinkMaterializeSpec
  | ChangelogNormalizeSpec
  | ToChangelogSpec
  | FromChangelogSpec
  | ExpandSpec
  | CorrelateSpec
  | SinkSpec;

/** Reads a table. Output: `columns`. */
export interface ScanSpec {
  readonly kind: "scan";
  readonly table: TableRequest;
  readonly columns: readonly ScanColumn[];
  readonly bounded: boolean;
  /** Which changes it gives; absent: inserts only. */
  readonly changes?: "full" | "upsert" | undefined;
  /** Rows per second at most (`scan.rows-per-second`). */
  readonly rowsPerSecond?: number | undefined;
  /** Splits that are further ahead in event time than this wait for the others (`scan.watermark.alignment.max-drift`). */
  readonly maxDriftMillis?: number | undefined;
  /** Name of the node (a sink) that takes bad records: raw STRING, reason STRING, source STRING, position BIGINT. */
  readonly errorsTo?: string | undefined;
  /** Partitions for which this is not TRUE need not be read: over their values as text (STRING), in order of `partitionKeys`. */
  readonly partitionPredicate?: Expr | undefined;
}

/** Constant rows, emitted once. Output: `types`. */
export interface ValuesSpec {
  readonly kind: "values";
  readonly types: readonly DataType[];
  readonly rows: readonly (readonly Value[])[];
}

/** Filter and projection. Output: the projections. Row kinds are kept. */
export interface CalcSpec {
  readonly kind: "calc";
  readonly input: readonly DataType[];
  readonly filter?: Expr | undefined;
  readonly projections: readonly Expr[];
}

/** Output: as the input; makes the watermark steps. `expression` over the input columns gives epoch millis or NULL. */
export interface WatermarkSpec {
  readonly kind: "watermark";
  readonly input: readonly DataType[];
  readonly rowtime: number;
  readonly expression: Expr;
  /** `pipeline.auto-watermark-interval`: a step is made after a row when the watermark has moved by more than this. */
  readonly intervalMillis: number;
  /** `scan.watermark.emit.strategy` = on-event: a step after every row that moves the watermark. */
  readonly onEvent: boolean;
  /** Batch mode: time stands still until the input ends, so that no row is late. */
  readonly atEnd?: true | undefined;
  /** 0: never idle. */
  readonly idleTimeoutMillis: number;
}

/** Bag union of any number of inputs. Output: the common types. */
export interface UnionSpec {
  readonly kind: "union";
  readonly types: readonly DataType[];
}

/** One aggregate call over columns (arguments and filter are plain columns that a calc below has computed). */
export interface AggregateCallSpec {
  /** Upper-case name in the function registry. */
  readonly function: string;
  readonly args: readonly number[];
  readonly argTypes: readonly DataType[];
  /** Values of arguments that are literals. */
  readonly literals: readonly (Value | undefined)[];
  readonly distinct: boolean;
  /** Column of type BOOLEAN: only rows with TRUE count. */
  readonly filter?: number | undefined;
  readonly result: DataType;
  /** What it is (`SUM(price)`): the name of its accumulators in state. */
  readonly name: string;
}

/** Updating aggregate. Output: keys, then aggregates. Changes: +I, -U, +U, -D as Flink; nothing when a result is unchanged. */
export interface GroupAggregateSpec {
  readonly kind: "group-aggregate";
  readonly input: readonly DataType[];
  /** What the input columns are (`price`, `UPPER(name)`), whatever the query calls them: names of state. */
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCallSpec[];
  /** The input carries -U/-D. */
  readonly retracting: boolean;
  /** false: downstream needs no -U (upsert). */
  readonly updateBefore: boolean;
  readonly ttlMillis: number;
  /** Undefined: row by row. */
  readonly miniBatch?: GroupMiniBatch | undefined;
  readonly phases?: AggregatePhases | undefined;
}

/**
 * `splits`: with several threads rows may be added up in front of the exchange (a local aggregate, which `local-phases.ts`
 * puts there). `merges`: that was done, the input is the output of a local aggregate; `input` and all numbers of columns
 * are still those of the rows.
 */
export type AggregatePhases = "splits" | "merges";

/**
 * The first phase of an aggregate, in front of the exchange to the threads that own its keys: rows are added up in this
 * thread, and now and then what has come together goes on; at the latest before a watermark that fires a window of
 * theirs, and before a barrier. Output: keys; of windows the last moment of the slice (wall clock) and the number of
 * rows; accumulators. All of it is inserts.
 */
export interface LocalAggregateSpec {
  readonly kind: "local-aggregate";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCallSpec[];
  /** Undefined: no windows. */
  readonly window?: Pick<WindowAggregateSpec, "window" | "time" | "attached" | "ltzZone"> | undefined;
  /** In mini-batches: rows of a bundle, which a watermark ends too. Undefined: it goes on after some millis. */
  readonly bundleRows?: number | undefined;
}

/** `size` rows make a bundle; in two phases the keys of such bundles make another of as many. */
export interface GroupMiniBatch {
  readonly size: number;
  readonly twoPhase: boolean;
}

/**
 * Ends mini-batches by watermarks, where operators behind take rows together. `clock`: at multiples of the interval, and
 * no other watermarks; `events`: the first watermark in each interval of event time. Output: as the input.
 */
export interface MiniBatchSpec {
  readonly kind: "mini-batch";
  readonly input: readonly DataType[];
  readonly intervalMillis: number;
  readonly by: "clock" | "events";
}

export type WindowSpec =
  | { readonly type: "tumble"; readonly sizeMillis: number; readonly offsetMillis: number }
  | { readonly type: "hop"; readonly sizeMillis: number; readonly slideMillis: number; readonly offsetMillis: number }
  | {
      readonly type: "cumulate";
      readonly maxMillis: number;
      readonly stepMillis: number;
      readonly offsetMillis: number;
    }
  | { readonly type: "session"; readonly gapMillis: number };

/** `start`, `end`: TIMESTAMP(3) wall clock; `time`: end − 1 ms, type of the time attribute; in processing time: now. */
export type WindowProperty = "start" | "end" | "time";

/**
 * Append-only aggregate per TUMBLE, HOP or CUMULATE window on event time. Output: keys, aggregates, then `properties`.
 * Where the input already carries windows (cascading: `windowEnd` is set) rows are grouped by their attached window.
 */
export interface WindowAggregateSpec {
  readonly kind: "window-aggregate";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly window: Exclude<WindowSpec, { readonly type: "session" }>;
  /** Column of the time attribute. */
  readonly time: number;
  /** Columns of attached window start and end (a window TVF whose windows were assigned below a projection); then `window` only tells the type. */
  readonly attached?: { readonly start: number; readonly end: number } | undefined;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCallSpec[];
  readonly retracting: boolean;
  readonly properties: readonly WindowProperty[];
  /** The time attribute is TIMESTAMP_LTZ: windows align to wall clock in this zone; undefined: TIMESTAMP. */
  readonly ltzZone?: string | undefined;
  /** The time is that of the clock when a row comes; the clock fires the windows. */
  readonly processingTime?: true | undefined;
  readonly phases?: AggregatePhases | undefined;
}

/** Results of a window beside the one at its end: millis after a change; 0: at once; undefined: none. */
export interface WindowEmit {
  readonly earlyMillis: number | undefined;
  readonly lateMillis: number | undefined;
  /** How long after its end a window takes late rows. */
  readonly latenessMillis: number;
}

/** Updating aggregate per TUMBLE or HOP window on event time. Output: keys, aggregates, then `properties`. */
export interface UpdatingWindowAggregateSpec {
  readonly kind: "updating-window-aggregate";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly window: Exclude<WindowSpec, { readonly type: "session" }>;
  readonly time: number;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCallSpec[];
  readonly retracting: boolean;
  readonly properties: readonly WindowProperty[];
  readonly ltzZone?: string | undefined;
  readonly emit: WindowEmit;
  /** The window ends by the clock. */
  readonly processingTime?: true | undefined;
  readonly updateBefore: boolean;
}

/** SESSION windows per key. Output: keys, aggregates, then `properties`. */
export interface SessionAggregateSpec {
  readonly kind: "session-aggregate";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly gapMillis: number;
  readonly time: number;
  /** Grouping keys; the session is per `partition` (indices into `keys`), which for a TVF are its PARTITION BY columns. */
  readonly keys: readonly number[];
  readonly partition: readonly number[];
  readonly aggregates: readonly AggregateCallSpec[];
  /** The input carries -U/-D; absent: it does not. */
  readonly retracting?: boolean | undefined;
  readonly properties: readonly WindowProperty[];
  readonly ltzZone?: string | undefined;
  readonly processingTime?: true | undefined;
}

/** Window TVF (but SESSION) without an aggregate on top. Output: input columns, window_start, window_end, window_time. */
export interface WindowTvfSpec {
  readonly kind: "window-tvf";
  readonly input: readonly DataType[];
  readonly window: Exclude<WindowSpec, { readonly type: "session" }>;
  readonly time: number;
  readonly ltzZone?: string | undefined;
  readonly processingTime?: true | undefined;
}

/** SESSION TVF without an aggregate on top; a row comes out when its session closes. Output: as `WindowTvfSpec`. */
export interface SessionTvfSpec {
  readonly kind: "session-tvf";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly gapMillis: number;
  readonly time: number;
  readonly partition: readonly number[];
  readonly ltzZone?: string | undefined;
  readonly processingTime?: true | undefined;
}

/** Regular join of two changelogs. Output: left columns, right columns (SEMI, ANTI: left columns). */
export interface JoinSpec {
  readonly kind: "join";
  readonly type: "inner" | "left" | "right" | "full" | "semi" | "anti";
  readonly left: readonly DataType[];
  readonly right: readonly DataType[];
  /** As `inputNames`. */
  readonly leftNames?: readonly string[] | undefined;
  readonly rightNames?: readonly string[] | undefined;
  /** Equal positions must be equal; NULL never matches unless `nullSafe[i]`. Empty: cross product on one key. */
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly nullSafe: readonly boolean[];
  /** Rest of the condition over left ++ right columns. */
  readonly condition?: Expr | undefined;
  readonly leftRetracting: boolean;
  readonly rightRetracting: boolean;
  readonly ttlMillis: readonly [left: number, right: number];
}

/**
 * Join of two append-only inputs whose condition bounds how far their times are apart: a row is forgotten when the
 * watermark has passed all times that it can match. Append-only; the watermark that goes on is held back by the longest
 * wait. Output: left columns, right columns.
 */
export interface IntervalJoinSpec extends JoinedSides {
  readonly kind: "interval-join";
  readonly type: "inner" | "left" | "right" | "full";
  /** Columns of the event times. */
  readonly leftTime: number;
  readonly rightTime: number;
  /** A match has `leftTime − rightTime` from `fromMillis` to `toMillis`, both included. */
  readonly fromMillis: number;
  readonly toMillis: number;
  /** The times are those at which rows come; what waits when the inputs end never comes out. */
  readonly processingTime?: true | undefined;
}

/**
 * Join of rows of one window, when the watermark passes its end. Both inputs carry their windows, whose start and end are
 * among the keys. Append-only. Output: left columns, right columns (SEMI, ANTI: left columns).
 */
export interface WindowJoinSpec extends JoinedSides {
  readonly kind: "window-join";
  readonly type: JoinSpec["type"];
  /** Which of the keys is the window's end. */
  readonly windowEnd: number;
  /** The time attribute is TIMESTAMP_LTZ: window ends are wall clock in this zone. */
  readonly ltzZone?: string | undefined;
}

/**
 * `FOR SYSTEM_TIME AS OF` an event time: a left row meets the version of its key that was valid at its time, once the
 * watermark has reached that time. Row kinds of the left rows are kept. Output: left columns, right columns.
 */
export interface TemporalJoinSpec extends JoinedSides {
  readonly kind: "temporal-join";
  readonly type: "inner" | "left";
  readonly leftTime: number;
  /** From when a right row is valid. */
  readonly rightTime: number;
  /** Left rows have kinds other than insert, which come out with them. */
  readonly leftRetracting: boolean;
  /** Versions end by -D. */
  readonly rightRetracting: boolean;
  readonly ttlMillis: number;
}

/**
 * `FOR SYSTEM_TIME AS OF` a processing time: each left row meets the rows that a table holds for its keys when it passes.
 * Row kinds of the left rows are kept. Output: left columns, then `projections`, NULL where there is no such row.
 */
export interface LookupJoinSpec {
  readonly kind: "lookup-join";
  readonly type: "inner" | "left";
  readonly left: readonly DataType[];
  readonly table: TableRequest;
  /** The columns of the table that are looked up. */
  readonly columns: readonly ScanColumn[];
  /** Which of them must equal what: a left column, or a constant. */
  readonly keys: readonly {
    readonly column: number;
    readonly equals: { readonly left: number } | { readonly constant: Value; readonly type: DataType };
  }[];
  /** Rest of the condition over left columns ++ `columns`. */
  readonly condition?: Expr | undefined;
  /** Over `columns`. */
  readonly projections: readonly Expr[];
  readonly cache: LookupCacheSpec;
  /** A look-up that failed is tried again so often. */
  readonly maxRetries: number;
  /** A look-up that found nothing is tried again. */
  readonly retryMiss?: { readonly delayMillis: number; readonly attempts: number } | undefined;
  /** An answer must come within this time; 0: whenever. */
  readonly timeoutMillis: number;
}

/** What the joins on time have in common with each other; see `JoinSpec`. */
interface JoinedSides {
  readonly left: readonly DataType[];
  readonly right: readonly DataType[];
  readonly leftNames?: readonly string[] | undefined;
  readonly rightNames?: readonly string[] | undefined;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  readonly nullSafe: readonly boolean[];
  readonly condition?: Expr | undefined;
}

export interface SortColumn {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** ROW_NUMBER Top-N per partition. Output: input columns, then the rank (BIGINT) when `outputRank`. */
export interface RankSpec {
  readonly kind: "rank";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly partition: readonly number[];
  readonly order: readonly SortColumn[];
  /** Ranks `from` … `to` (from 1, inclusive). */
  readonly from: number;
  readonly to: number;
  readonly outputRank: boolean;
  readonly retracting: boolean;
  readonly updateBefore: boolean;
  /** Unique key of the input when it updates by key (update-fast strategies); undefined: compare whole rows. */
  readonly upsertKey?: readonly number[] | undefined;
  readonly ttlMillis: number;
  /** Window Top-N: partition holds these window columns; rows are emitted when the watermark passes the window end, append-only. */
  readonly windowEnd?: number | undefined;
  /** Window Top-N over a TIMESTAMP_LTZ time attribute: window ends are wall clock in this zone. */
  readonly ltzZone?: string | undefined;
}

/** ROW_NUMBER = 1 ordered by a time attribute. Output: input columns (rank 1 is added by a calc when asked). */
export interface DeduplicateSpec {
  readonly kind: "deduplicate";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  /** Column of the rowtime; undefined: processing time (arrival order). */
  readonly time?: number | undefined;
  readonly keep: "first" | "last";
  readonly updateBefore: boolean;
  readonly ttlMillis: number;
  /** In mini-batches of so many rows: of each the last row of a key counts; undefined: row by row. */
  readonly bundleRows?: number | undefined;
}

/**
 * An end of a frame, counted from the row on: rows, or how far in the order column (in the unit of its storage); below 0
 * it is in front of the row. 0 is the row, in RANGE with its peers.
 */
export type FrameBound = number | bigint | "unbounded";

/** The rows around each row that a window function sees. */
export interface FrameSpec {
  readonly units: "ROWS" | "RANGE";
  readonly start: FrameBound;
  readonly end: FrameBound;
}

/**
 * Aggregates over a window that ends at each row (OVER). Output: input columns, then aggregates. In time order the
 * input only inserts and so does the output; in the order of a column each row changes the results of those behind it.
 */
export interface OverSpec {
  readonly kind: "over";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly partition: readonly number[];
  readonly order:
    /** Rows wait for the watermark. */
    | { readonly by: "rowtime"; readonly column: number }
    /** Order of arrival. */
    | { readonly by: "proctime" }
    | { readonly by: "column"; readonly column: SortColumn };
  /** `preceding` is a number of rows, or millis of RANGE; ordered by a column it is "unbounded". */
  readonly frame: { readonly units: "ROWS" | "RANGE"; readonly preceding: number | "unbounded" };
  readonly aggregates: readonly AggregateCallSpec[];
  /** Ordered by a column: the input carries -U/-D. */
  readonly retracting: boolean;
  readonly ttlMillis: number;
}

/** LIMIT without ORDER BY. Output: input columns. */
export interface LimitSpec {
  readonly kind: "limit";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly offset: number;
  /** −1: no limit. */
  readonly fetch: number;
  readonly retracting: boolean;
}

/**
 * Which row of a match an expression means: that row of the variable, counted from its first one or back from its last.
 * `variable` −1: any row of the match; from the number of variables on: the rows of a subset. Without `final`, rows behind
 * the present one are not there yet.
 */
export interface MatchRowReference {
  readonly variable: number;
  readonly from: "first" | "last";
  readonly offset: number;
  /** So many rows further on in the partition (below 0: back), whatever match they belong to. */
  readonly shift?: number | undefined;
  readonly final?: boolean | undefined;
}

/** What an expression of MATCH_RECOGNIZE reads instead of columns. */
export type MatchReference =
  /** A column of a row; NULL when there is none. */
  | (MatchRowReference & { readonly kind: "row"; readonly column: number })
  /** The name of the variable that the row was taken for; NULL when there is no row, or it is not of the match. */
  | (MatchRowReference & { readonly kind: "classifier" })
  /** An aggregate over the rows of a variable; `ofNames`: its arguments are the names of the rows' variables. */
  | {
      readonly kind: "aggregate";
      readonly variable: number;
      readonly call: AggregateCallSpec;
      readonly final?: boolean | undefined;
      readonly ofNames?: boolean | undefined;
    }
  /** The event time of the row at which a condition is asked, or a match comes out. */
  | { readonly kind: "time" }
  /** The number of the match in its partition, from 1. */
  | { readonly kind: "number" }
  /** A column of the row that comes out, which an empty match has too: its first one that it did not take. */
  | { readonly kind: "present"; readonly column: number };

/** Expressions whose columns are references. */
export interface MatchExpressions {
  readonly references: readonly MatchReference[];
  readonly types: readonly DataType[];
  readonly expressions: readonly Expr[];
}

export interface MatchVariable {
  readonly name: string;
  /** How many rows of it every match has at least. */
  readonly minimum: number;
  /** −1: no end. */
  readonly maximum: number;
  readonly reluctant: boolean;
  /** One condition; undefined: every row. */
  readonly condition: MatchExpressions | undefined;
}

/** A pattern as SQL:2016 has it: of several ways to match, the one that is written first or longer is preferred. */
export type MatchPattern =
  | { readonly kind: "variable"; readonly variable: number }
  | { readonly kind: "sequence"; readonly items: readonly MatchPattern[] }
  | { readonly kind: "alternation"; readonly branches: readonly MatchPattern[] }
  | {
      readonly kind: "repetition";
      readonly pattern: MatchPattern;
      readonly minimum: number;
      /** −1: no end. */
      readonly maximum: number;
      readonly reluctant: boolean;
    }
  /** Its rows do not come out with the others of the match. */
  | { readonly kind: "exclusion"; readonly pattern: MatchPattern };

/** Where the search goes on after a match. */
export type MatchSkip =
  | { readonly to: "past-last" }
  | { readonly to: "next" }
  | { readonly to: "first" | "last"; readonly variable: number };

/** MATCH_RECOGNIZE. Output: partition columns, then the measures; a row for each match, or for each row of each match. */
export interface MatchSpec {
  readonly kind: "match";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  /** Columns that nothing but the partitioning reads. */
  readonly partition: readonly number[];
  /** Column of the rowtime; undefined: processing time, rows are matched as they come. */
  readonly time?: number | undefined;
  /** Between rows of one time. */
  readonly order: readonly SortColumn[];
  readonly variables: readonly MatchVariable[];
  /** Undefined: the variables one after another, matched as Flink does, whose greedy loops give no row back. */
  readonly pattern?: MatchPattern | undefined;
  /** Variables of subsets; they are numbered on behind the variables. */
  readonly subsets?: readonly (readonly number[])[] | undefined;
  /** All rows of a match come out; whether empty matches do. Undefined: one row each, empty ones included. */
  readonly allRows?: { readonly emptyMatches: boolean } | undefined;
  /** Matches are counted, for as long as the job lives. */
  readonly numbered?: boolean | undefined;
  readonly skip: MatchSkip;
  /** A match must end before this much time has passed since its first row; 0: whenever. */
  readonly withinMillis: number;
  readonly measures: MatchExpressions;
}

/** ORDER BY whose first column is an ascending time attribute: rows wait for the watermark. Append-only. Output: input columns. */
export interface SortSpec {
  readonly kind: "sort";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  /** Column of the time attribute; undefined: processing time alone, the order in which rows come. */
  readonly time?: number | undefined;
  /** `time` is that of the clock: rows that come in one millisecond are in order of the rest. */
  readonly processingTime?: true | undefined;
  readonly order: readonly SortColumn[];
}

/** Batch mode: the rows that are left when the input has ended, as inserts, in order. Output: input columns. */
export interface FinalRowsSpec {
  readonly kind: "final-rows";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly order: readonly SortColumn[];
}

/** A window function of `FinalOverSpec`; `args` are columns, `literals` those of them that are constant. */
export interface FinalOverCall extends AggregateCallSpec {
  readonly frame: FrameSpec;
}

/**
 * Batch mode: window functions over all rows of each partition, when the input has ended. It only inserts. Output: input
 * columns, then results, by partition and order.
 */
export interface FinalOverSpec {
  readonly kind: "final-over";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly partition: readonly number[];
  readonly order: readonly SortColumn[];
  readonly calls: readonly FinalOverCall[];
}

/** Takes away -U rows for consumers that work by key. Output: input columns. */
export interface DropUpdateBeforeSpec {
  readonly kind: "drop-update-before";
  readonly input: readonly DataType[];
}

/** Upsert materialisation before a sink whose primary key is not the upsert key of the input. Output: input columns. */
export interface SinkMaterializeSpec {
  readonly kind: "sink-materialize";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  /** The sink holds the first row of each key; "only": a second one fails the job; absent: the last. */
  readonly keep?: "first" | "only" | undefined;
  readonly ttlMillis: number;
}

/**
 * The last row of each key of a source that may repeat events, or that sends no -U and deletes by key alone. Of the rows only
 * those that meet `condition` are passed on. Output: input columns.
 */
export interface ChangelogNormalizeSpec {
  readonly kind: "changelog-normalize";
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  readonly condition?: Expr | undefined;
  readonly updateBefore: boolean;
  readonly ttlMillis: number;
}

/** TO_CHANGELOG. Output: input columns, then the code of the row's kind; all inserts. */
export interface ToChangelogSpec {
  readonly kind: "to-changelog";
  readonly input: readonly DataType[];
  /** By kind; null: rows of the kind are dropped. */
  readonly codes: readonly (string | null)[];
}

/** FROM_CHANGELOG: each row gets the kind that its column of codes says. Output: input columns. */
export interface FromChangelogSpec {
  readonly kind: "from-changelog";
  readonly input: readonly DataType[];
  readonly column: number;
  readonly codes: readonly (readonly [code: string, kind: number])[];
  /** What becomes of a row with another code: it fails the job, or is dropped and counted. */
  readonly invalid: "fail" | "log" | "skip";
}

/** GROUPING SETS: each row once per set, keys outside the set NULL. Output: `expressions` of the set (over input columns). */
export interface ExpandSpec {
  readonly kind: "expand";
  readonly input: readonly DataType[];
  readonly sets: readonly (readonly Expr[])[];
}

/**
 * Each row once for every row that a table function gives for it. Output: input columns, then `columns`. Row kinds are
 * kept. `left`: a row without any is kept with NULLs.
 */
export interface CorrelateSpec {
  readonly kind: "correlate";
  readonly type: "inner" | "left";
  readonly input: readonly DataType[];
  /** Upper-case name in the function registry. */
  readonly function: string;
  /** Over the input columns. */
  readonly args: readonly Expr[];
  /** With the number of the row (INT, from 1) as the last. */
  readonly columns: readonly DataType[];
  readonly withOrdinality: boolean;
  /** `left` only: which of the function's rows match; over input ++ function columns. */
  readonly condition?: Expr | undefined;
}

/** Writes into a table, or collects for a SELECT. No output. */
export interface SinkSpec {
  readonly kind: "sink";
  readonly fields: readonly Field[];
  readonly target:
    | { readonly type: "table"; readonly table: TableRequest }
    /** Result of a SELECT: rows go to the caller. */
    | { readonly type: "collect" };
  /** NOT NULL columns to enforce (`table.exec.sink.not-null-enforcer`). */
  readonly notNull: readonly number[];
  readonly notNullMode: "error" | "drop";
  /** CHAR/VARCHAR/BINARY length enforcement (`table.exec.sink.type-length-enforcer`). */
  readonly lengthMode: "ignore" | "trim-pad" | "error";
  /**
   * Both hold inside of values too: the types of the columns in the table; `collections`: also inside of arrays, maps
   * and multisets (`table.exec.sink.nested-constraint-enforcer`).
   */
  readonly inside?: { readonly types: readonly DataType[]; readonly collections: boolean } | undefined;
}

/** How rows travel between two nodes; with one thread every exchange is a direct call. */
export type Exchange =
  | { readonly kind: "forward" }
  /** By key group of these input columns, in this order; of none: all rows go to the first thread. */
  | { readonly kind: "hash"; readonly keys: readonly number[] };

/** Plain data from here on: printed, stored with a savepoint, sent to a worker. */
export interface PhysicalNode {
  /** Follows from what the state is (tables, keys, kind), not from the query around it; checkpoints address state by it. */
  readonly id: string;
  /** A short hash of the tables that the rows reach: it tells nodes apart that are otherwise the same state. */
  readonly branch?: string | undefined;
  readonly spec: OperatorSpec;
  readonly inputs: readonly { readonly from: string; readonly exchange: Exchange }[];
  /** Name of the node (a sink) that takes rows which the operator drops because they are late: operator STRING, watermark TIMESTAMP(3), row STRING. */
  readonly lateTo?: string | undefined;
  /** The line of EXPLAIN, e.g. `GroupAggregate(groupBy=[product], select=[product, COUNT(*) AS n])`. */
  readonly description: string;
  /** Output columns. */
  readonly fields: readonly Field[];
}

/** A job: nodes in topological order (inputs first). */
export interface JobGraph {
  readonly nodes: readonly PhysicalNode[];
}
