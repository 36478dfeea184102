import { ROW_KIND_TEXT } from "../batch/row-kind.ts";
import { readers } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
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

/** The rows that are left after changes, as a bag of texts in order of first arrival. */
export class MaterializedRows {
  readonly #counts = new Map<string, number>();

  apply(kind: string, row: string): void {
    const count = (this.#counts.get(row) ?? 0) + (kind.startsWith("+") ? 1 : -1);
    if (count === 0) this.#counts.delete(row);
    else this.#counts.set(row, count);
  }

  rows(): string[] {
    return [...this.#counts].flatMap(([row, count]) => Array.from({ length: Math.max(0, count) }, () => row));
  }
}

/** By Unicode code point, as the golden files are sorted. */
export function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a, (c) => c.codePointAt(0) ?? 0);
  const right = Array.from(b, (c) => c.codePointAt(0) ?? 0);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (left[i] !== right[i]) return left[i]! - right[i]!;
  }
  return left.length - right.length;
}
