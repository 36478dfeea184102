import type { Expr } from "../../expressions/expr.ts";
import type { DataType } from "../../types/data-type.ts";

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
