import type { DataType } from "../../types/data-type.ts";
import type { AggregateCallSpec, AggregatePhases } from "./aggregates.ts";

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
