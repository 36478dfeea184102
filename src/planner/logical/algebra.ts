import type { Span } from "../../base/span.ts";
import type { CatalogTable } from "../../catalog/table.ts";
import type { Expr } from "../../expressions/expr.ts";
import type {
  FrameSpec,
  MatchExpressions,
  MatchPattern,
  MatchSkip,
  MatchVariable,
  WindowProperty,
  WindowSpec,
} from "../../runtime/spec.ts";
import type { DataType, Field, Schema, Value } from "../../types/data-type.ts";

interface Node<Kind extends string, Inputs extends readonly LogicalPlan[]> {
  readonly kind: Kind;
  readonly schema: Schema;
  /** Inputs live here and nowhere else, so that walking and rewriting need no code per kind. */
  readonly inputs: Inputs;
}

/**
 * Reads a table: its physical columns, then its metadata columns, in declared order (computed columns are a Project
 * above, the watermark a Watermark above that). `options` has query hints merged in.
 */
export interface Scan extends Node<"Scan", readonly []> {
  readonly table: CatalogTable;
  readonly options: ReadonlyMap<string, string>;
  readonly span: Span | undefined;
  /**
   * Set by projection push-down: which columns and nested paths are really read, in the order of `schema`. Undefined:
   * all physical then metadata columns.
   */
  readonly columns?: readonly ScanField[] | undefined;
  /** Its changes are brought in order by primary key, whose columns are always read. */
  readonly normalized?: boolean | undefined;
}

export type ScanField =
  | { readonly kind: "physical"; readonly path: readonly string[]; readonly type: DataType }
  | { readonly kind: "metadata"; readonly key: string; readonly type: DataType };

/** Rows of expressions over no input. No columns and one row: the FROM of `SELECT 1`. */
export interface Values extends Node<"Values", readonly []> {
  readonly rows: readonly (readonly Expr[])[];
}

export interface Project extends Node<"Project", readonly [LogicalPlan]> {
  readonly expressions: readonly Expr[];
}

export interface Filter extends Node<"Filter", readonly [LogicalPlan]> {
  readonly predicate: Expr;
}

/** Makes column `rowtime` an event-time attribute. */
export interface Watermark extends Node<"Watermark", readonly [LogicalPlan]> {
  readonly rowtime: number;
  readonly expression: Expr;
  /** The table's options: `scan.watermark.*`. */
  readonly options: ReadonlyMap<string, string>;
}

/** An aggregate call over the input's columns. */
export interface AggregateCall {
  readonly function: string;
  /** Arguments, already coerced; the lowering puts them in a calc. */
  readonly args: readonly Expr[];
  readonly literals: readonly (Value | undefined)[];
  readonly distinct: boolean;
  readonly filter: Expr | undefined;
  readonly type: DataType;
  readonly name: string;
}

/** GROUP BY. Schema: keys, then aggregates. Grouping sets are an Expand below with the set id as one more key. */
export interface Aggregate extends Node<"Aggregate", readonly [LogicalPlan]> {
  /** Column numbers of the input. */
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  /** STATE_TTL of the input; undefined: as the configuration says. */
  readonly ttlMillis?: number | undefined;
}

/** Window TVF: schema = input columns, window_start, window_end, window_time. */
export interface WindowTvf extends Node<"WindowTvf", readonly [LogicalPlan]> {
  readonly window: WindowSpec;
  readonly time: number;
  /** SESSION … PARTITION BY columns. */
  readonly partition: readonly number[];
  /** It is a group window, GROUP BY TUMBLE(ts, …), and no table function. */
  readonly group?: true | undefined;
}

/**
 * Aggregate per window, made from Aggregate over WindowTvf by the rules (keys without the window columns). Schema:
 * keys, aggregates, window properties.
 */
export interface WindowAggregate extends Node<"WindowAggregate", readonly [LogicalPlan]> {
  readonly window: WindowSpec;
  readonly time: number;
  readonly attached: { readonly start: number; readonly end: number } | undefined;
  /** See `WindowTvf`. */
  readonly group?: true | undefined;
  readonly keys: readonly number[];
  readonly partition: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly properties: readonly WindowProperty[];
}

/** Schema: left ++ right (SEMI, ANTI: left). The condition is over left ++ right columns. */
export interface Join extends Node<"Join", readonly [left: LogicalPlan, right: LogicalPlan]> {
  readonly type: "inner" | "left" | "right" | "full" | "semi" | "anti";
  readonly condition: Expr;
  /** FOR SYSTEM_TIME AS OF a time attribute of the left side. */
  readonly asOf?: AsOf | undefined;
  /** STATE_TTL of the sides; undefined: as the configuration says. */
  readonly ttlMillis?: readonly [left: number | undefined, right: number | undefined] | undefined;
}

/** Event time: the version valid then, by a column of each input. Processing time: what the table holds at that moment. */
export type AsOf =
  | { readonly kind: "rowtime"; readonly leftTime: number; readonly rightTime: number; readonly span: Span | undefined }
  | { readonly kind: "proctime"; readonly span: Span | undefined; readonly hint?: LookupHint | undefined };

/** What a LOOKUP hint asks for; the rest of it changes the cost alone. */
export interface LookupHint {
  readonly retryMiss: { readonly delayMillis: number; readonly attempts: number } | undefined;
  readonly timeoutMillis: number | undefined;
}

/** Bag union (UNION without ALL is an Aggregate above). */
export interface Union extends Node<"Union", readonly LogicalPlan[]> {}

export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** A window function with the rows around each row that it sees. */
export interface OverCall extends AggregateCall {
  readonly frame: FrameSpec;
}

/** Window functions of one partitioning and order. Schema: input columns, then one column per function. */
export interface Over extends Node<"Over", readonly [LogicalPlan]> {
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  /** In streaming mode they have one frame. */
  readonly functions: readonly OverCall[];
  readonly span: Span | undefined;
}

/** Made by the rules from Filter(rank ≤ n) over Over(ROW_NUMBER). Schema: input columns, then the rank when `outputRank`. */
export interface Rank extends Node<"Rank", readonly [LogicalPlan]> {
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly from: number;
  readonly to: number;
  readonly outputRank: boolean;
}

/**
 * MATCH_RECOGNIZE. The input has just the columns that it reads. Schema: partition columns, then the measures (with all
 * rows of a match also the other columns of the input).
 */
export interface Match extends Node<"Match", readonly [LogicalPlan]> {
  readonly partition: readonly number[];
  /** The time attribute first. */
  readonly order: readonly SortKey[];
  readonly variables: readonly MatchVariable[];
  /** See `MatchSpec.pattern`. */
  readonly pattern: MatchPattern | undefined;
  /** They are numbered on behind the variables. */
  readonly subsets: readonly { readonly name: string; readonly variables: readonly number[] }[];
  /** See `MatchSpec.allRows`. */
  readonly allRows: { readonly emptyMatches: boolean } | undefined;
  readonly skip: MatchSkip;
  /** 0: none. */
  readonly withinMillis: number;
  readonly measures: MatchExpressions;
  readonly span: Span | undefined;
}

export interface Sort extends Node<"Sort", readonly [LogicalPlan]> {
  readonly order: readonly SortKey[];
  readonly span: Span | undefined;
}

/** LIMIT / OFFSET / FETCH; over a Sort it is a Top-N. `fetch` −1: none. */
export interface Limit extends Node<"Limit", readonly [LogicalPlan]> {
  readonly offset: number;
  readonly fetch: number;
}

/** Each input row once per set. */
export interface Expand extends Node<"Expand", readonly [LogicalPlan]> {
  readonly sets: readonly (readonly Expr[])[];
}

/** A call of a table function. */
export interface TableCall {
  readonly function: string;
  /** Over the columns of the row that it stands beside, already coerced. */
  readonly args: readonly Expr[];
  /** With the number of the row as the last when `withOrdinality`. */
  readonly columns: readonly Field[];
  readonly withOrdinality: boolean;
}

/** Each row with the rows that a table function gives for it. Schema: input columns, then the function's. */
export interface Correlate extends Node<"Correlate", readonly [LogicalPlan]> {
  readonly type: "inner" | "left";
  readonly call: TableCall;
  /** `left` only: which of the function's rows match; over the whole schema. */
  readonly condition: Expr | undefined;
}

/**
 * `to`: the kind of each change as a code in one more column, at the end. `from`: rows become changes of the kind that
 * `column` says; with an `upsertKey` updates come without their -U. Rows of which no code is known are dropped, or fail.
 */
export interface Changelog extends Node<"Changelog", readonly [LogicalPlan]> {
  readonly direction: "to" | "from";
  readonly column: number;
  /** Codes and the numbers of the row kinds that they stand for. */
  readonly codes: readonly (readonly [code: string, kind: number])[];
  readonly invalid: "fail" | "log" | "skip";
  readonly upsertKey: readonly number[] | undefined;
}

/** The root of an INSERT: the input has exactly the sink's writable columns. */
export interface Sink extends Node<"Sink", readonly [LogicalPlan]> {
  readonly table: CatalogTable;
  /** Of several rows of one primary key the table keeps the first, or the last, or the job fails; undefined: as the session says. */
  readonly onConflict?: "first" | "last" | "error" | undefined;
  readonly options: ReadonlyMap<string, string>;
  readonly span: Span | undefined;
}

/** The root of a SELECT. */
export interface Collect extends Node<"Collect", readonly [LogicalPlan]> {}

/** The whole algebra, closed on purpose: adding a kind makes every exhaustive switch fail. */
export type LogicalPlan =
  | Scan
  | Values
  | Project
  | Filter
  | Watermark
  | Aggregate
  | WindowTvf
  | WindowAggregate
  | Join
  | Union
  | Over
  | Rank
  | Match
  | Sort
  | Limit
  | Expand
  | Correlate
  | Changelog
  | Sink
  | Collect;
