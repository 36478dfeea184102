import type { RecordBatch } from "../batch/record-batch.ts";
import type { Source } from "../connectors/api.ts";

/** Constant rows, once: `rowsFrom` makes the batch of so many rows from a row on. */
export function valuesSource(rowCount: number, rowsFrom: (from: number, count: number) => RecordBatch): Source {
  return {
    bounded: true,
    discoverSplits: async () => [{ id: "values", data: null }],
    openSplit: (_split, position) => {
      let next = typeof position === "number" ? position : 0;
      return {
        poll: (maxRows) => {
          if (next >= rowCount) return "end";
          const batch = rowsFrom(next, Math.min(maxRows, rowCount - next));
          next += batch.rowCount;
          return batch;
        },
        position: () => next,
        close: () => undefined,
      };
    },
  };
}
