import type { DataType } from "../../types/data-type.ts";
import type { AggregateCallSpec } from "./aggregates.ts";

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
