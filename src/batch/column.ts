import type { Value } from "../types/data-type.ts";

/**
 * One column of a batch. `nulls[i] === 1` means row i is NULL; `undefined` means no row is. Values under a NULL are
 * unspecified. Arrays may be longer than the batch's `rowCount`; batches and their columns are immutable once emitted,
 * so that several consumers can share them.
 */
export type Column =
  /** BOOLEAN: 0 or 1. */
  | { readonly storage: "bool"; readonly values: Uint8Array; readonly nulls: Uint8Array | undefined }
  /** TINYINT, SMALLINT, INT, DATE (days), TIME (millis of the day), INTERVAL YEAR TO MONTH (months). */
  | { readonly storage: "i32"; readonly values: Int32Array; readonly nulls: Uint8Array | undefined }
  /** BIGINT; DECIMAL(p ≤ 18) as unscaled value. */
  | { readonly storage: "i64"; readonly values: BigInt64Array; readonly nulls: Uint8Array | undefined }
  /** FLOAT, DOUBLE, INTERVAL DAY TO SECOND (millis), TIMESTAMP and TIMESTAMP_LTZ with precision ≤ 3 (epoch millis). */
  | { readonly storage: "f64"; readonly values: Float64Array; readonly nulls: Uint8Array | undefined }
  /**
   * DECIMAL(p > 18) as unscaled value, TIMESTAMP(_LTZ)(p > 3) as epoch nanoseconds: two words a row, the low one
   * (`values[2 * i]`, read it with `BigInt.asUintN(64, …)`) and the high one (`values[2 * i + 1]`, signed).
   */
  | { readonly storage: "i128"; readonly values: BigInt64Array; readonly nulls: Uint8Array | undefined }
  /**
   * CHAR, VARCHAR (UTF-8) and BINARY, VARBINARY: row i is `data[starts[i] .. starts[i] + lengths[i])`. A view: rows may
   * share bytes, stand in any order and point into a scanner's input buffer, so that filtering never copies text.
   */
  | {
      readonly storage: "bytes";
      readonly starts: Int32Array;
      readonly lengths: Int32Array;
      readonly data: Uint8Array;
      readonly nulls: Uint8Array | undefined;
    }
  /** ARRAY, MAP, MULTISET, ROW as JavaScript values (`Value`); a NULL is also `null` in `values`. */
  | { readonly storage: "any"; readonly values: readonly Value[]; readonly nulls: Uint8Array | undefined };

export type ColumnOf<S extends Column["storage"]> = Extract<Column, { storage: S }>;
