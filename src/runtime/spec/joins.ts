import type { Expr } from "../../expressions/expr.ts";
import type { ScanColumn, TableRequest } from "../../connectors/api.ts";
import type { LookupCacheSpec } from "../../connectors/lookup-options.ts";
import type { DataType, Value } from "../../types/data-type.ts";

/** Regular join of two changelogs. Output: left columns, right columns (SEMI, ANTI: left columns). */
export interface JoinSpec extends JoinedSides {
  readonly kind: "join";
  readonly type: "inner" | "left" | "right" | "full" | "semi" | "anti";
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

/** What joins of two streams have in common. */
interface JoinedSides {
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
}
