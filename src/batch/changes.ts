import { ROW_KIND_TEXT } from "./row-kind.ts";
import { readers } from "./get.ts";
import type { RecordBatch } from "./record-batch.ts";
import type { DataType, Value } from "../types/data-type.ts";

/** One change of a result: the row kind's text (`+I`, `-U`, `+U`, `-D`) and the values. */
export interface Change {
  readonly kind: string;
  readonly row: readonly Value[];
}

/** The changes of a batch, in order. */
export function changesOf(batch: RecordBatch, types: readonly DataType[]): Change[] {
  const read = readers(batch.columns, types);
  const changes: Change[] = [];
  for (let row = 0; row < batch.rowCount; row++) {
    const kind = ROW_KIND_TEXT[(batch.kinds?.[row] ?? 0) as 0 | 1 | 2 | 3];
    changes.push({ kind, row: read.map((r) => r(row)) });
  }
  return changes;
}
