import type { DataType, Value } from "../../types/data-type.ts";
import type { WindowAggregateSpec } from "./windows.ts";

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
