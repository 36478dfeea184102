import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { WindowAggregateSpec } from "../spec.ts";
import { millisOf } from "./watermark.ts";
import type { WindowClock } from "./windows.ts";

/** Wall-clock times of the rows of a batch; of rows with attached windows, the last moment of the window. */
export function sliceTimes(
  { time, attached }: Pick<WindowAggregateSpec, "time" | "attached">,
  clock: WindowClock,
  batch: RecordBatch,
): Float64Array {
  const column = batch.columns[attached === undefined ? time : attached.end]!;
  if (column.nulls !== undefined && column.nulls.subarray(0, batch.rowCount).includes(1)) {
    throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL", {
      hint: "filter such rows out below the window",
    });
  }
  const millis = millisOf(column, batch.rowCount);
  return attached === undefined ? clock.toLocal(millis, batch.rowCount) : millis.map((end) => end - 1);
}
