import type { Expr } from "../../expressions/expr.ts";
import type { ScanColumn, TableRequest } from "../../connectors/api.ts";
import type { DataType, Field, Value } from "../../types/data-type.ts";

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
