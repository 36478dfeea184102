import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn } from "../../batch/take.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { WindowTvfSpec } from "../spec.ts";
import { emitSteps, roomFor, stepsAmong } from "./emit.ts";
import { atTime } from "./in-processing-time.ts";
import { millisOf } from "./watermark.ts";
import { slicesOf, windowClock, windowTime, type WindowSlices } from "./windows.ts";

/** The ends of the windows that hold a time: HOP from the latest, CUMULATE from the earliest. */
export function windowEnds(spec: WindowTvfSpec["window"], slices: WindowSlices, time: number, into: number[]): number {
  const slice = slices.sliceEnd(time);
  const last = slices.lastWindow(slice);
  let count = 0;
  if (spec.type === "hop") {
    for (let end = last; end >= slices.firstWindow(slice); end -= spec.slideMillis) into[count++] = end;
  } else {
    const step = spec.type === "cumulate" ? spec.stepMillis : spec.sizeMillis;
    for (let end = slices.firstWindow(slice); end <= last; end += step) into[count++] = end;
  }
  return count;
}

/** Rows with their windows: one row for each window that holds it. Rows without a time are dropped. */
export const WINDOW_TVF: OperatorDefinition<WindowTvfSpec> = {
  kind: "window-tvf",
  create(spec, context) {
    const slices = slicesOf(spec.window, false);
    const clock = windowClock(spec.ltzZone);
    const timeOf = windowTime(clock, spec.processingTime, () => context.nowMillis());
    const ends: number[] = [];
    let sources = new Int32Array(BATCH_ROWS);
    let windows = new Float64Array(BATCH_ROWS);

    const columnsOf = (batch: RecordBatch, count: number): Column[] => {
      const column = (valueOf: (end: number) => number): Column => {
        const values = new Float64Array(count);
        for (let i = 0; i < count; i++) values[i] = valueOf(windows[i]!);
        return { storage: "f64", values, nulls: undefined };
      };
      const rows = batch.columns.map((input) => takeColumn(input, sources, count));
      return [...rows, column(slices.windowStart), column((end) => end), column(timeOf)];
    };

    return {
      process(_input, given, out) {
        const { rowCount } = given;
        const batch = spec.processingTime === true ? atTime(given, spec.time, context.nowMillis()) : given;
        if (rowCount === 0) {
          emitSteps(out, batch.steps);
          return;
        }
        const timeColumn = batch.columns[spec.time]!;
        const times = clock.toLocal(millisOf(timeColumn, rowCount), rowCount);
        let from = 0;
        let count = 0;
        const emit = (to: number): void => {
          const steps = stepsAmong(batch.steps, from, to, rowCount, sources, count);
          if (count === 0) emitSteps(out, steps);
          else {
            const kinds =
              batch.kinds === undefined
                ? undefined
                : Uint8Array.from(sources.subarray(0, count), (row) => batch.kinds![row]!);
            out.batch({ rowCount: count, columns: columnsOf(batch, count), kinds, steps });
          }
          from = to;
          count = 0;
        };
        for (let row = 0; row < rowCount; row++) {
          if (timeColumn.nulls?.[row] === 1) {
            context.count("nullTimeRows", 1);
            continue;
          }
          const windowCount = windowEnds(spec.window, slices, times[row]!, ends);
          if (count > 0 && count + windowCount > BATCH_ROWS) emit(row);
          if (count + windowCount > sources.length) {
            sources = roomFor(sources, count + windowCount, true);
            const larger = new Float64Array(sources.length);
            larger.set(windows);
            windows = larger;
          }
          for (let w = 0; w < windowCount; w++) {
            sources[count] = row;
            windows[count++] = ends[w]!;
          }
        }
        emit(rowCount);
      },
    };
  },
};
