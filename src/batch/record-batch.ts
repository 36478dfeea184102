import type { Column } from "./column.ts";

/** Rows a batch holds at most (sources and operators that emit cut here). */
export const BATCH_ROWS = 4096;

/**
 * Where the watermark moves inside a batch: before row `rows[k]` (0 … rowCount; rowCount = after the last row) it
 * becomes `watermarks[k]` (epoch millis; +Infinity at the end of the input). Both ascend. The watermark is a function
 * of the row sequence, never of batch cuts.
 */
export interface WatermarkSteps {
  readonly rows: Int32Array;
  readonly watermarks: Float64Array;
  readonly count: number;
}

/** A piece of a stream: typed columns, one RowKind a row, and the watermark steps between the rows. */
export interface RecordBatch {
  readonly rowCount: number;
  readonly columns: readonly Column[];
  /** One RowKind for each row; `undefined` means every row is an insert. */
  readonly kinds: Uint8Array | undefined;
  readonly steps: WatermarkSteps | undefined;
}
