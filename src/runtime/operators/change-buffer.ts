import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch, type WatermarkSteps } from "../../batch/record-batch.ts";
import type { RowKind } from "../../batch/row-kind.ts";
import { StepsBuilder } from "../../batch/steps.ts";
import type { Output } from "../operator.ts";
import { emitWatermark, kindsOf, roomFor } from "./emit.ts";
import type { StoredRows } from "./stored-rows.ts";

/** Collects the changes that the rows of one batch make to stored rows, and emits them between the batch's steps. */
export class ChangeBuffer {
  readonly #rows: StoredRows;
  readonly #more: ((numbers: Int32Array, count: number) => readonly Column[]) | undefined;
  #kinds = new Uint8Array(256);
  #sources = new Int32Array(256);
  #slots = new Int32Array(256);
  #numbers = new Int32Array(256);
  #step = 0;
  count = 0;

  /** `more`: further output columns, made of the numbers of the changes (ranks). */
  constructor(rows: StoredRows, more: ((numbers: Int32Array, count: number) => readonly Column[]) | undefined) {
    this.#rows = rows;
    this.#more = more;
  }

  /** One change: input row `source` made it, stored row `rowSlot` (−1: the input row itself) is what is emitted. */
  add(kind: RowKind, source: number, rowSlot: number, number: number): void {
    const at = this.count;
    if (at === this.#kinds.length) this.#grow();
    this.#kinds[at] = kind;
    this.#sources[at] = source;
    this.#slots[at] = rowSlot;
    this.#numbers[at] = number;
    this.count = at + 1;
  }

  /** Emits what is there; input rows up to `lastRow` are done. */
  flush(batch: RecordBatch, lastRow: number, out: Output): void {
    for (let from = 0; from < this.count; from += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, this.count - from);
      const sources = this.#sources.subarray(from, from + count);
      const columns = this.#rows.gather(this.#slots.subarray(from, from + count), batch.columns, sources, count);
      if (this.#more !== undefined) columns.push(...this.#more(this.#numbers.subarray(from, from + count), count));
      const steps = this.#stepsFor(
        batch.steps,
        sources,
        count,
        from + count === this.count ? lastRow : sources[count - 1]!,
      );
      out.batch({ rowCount: count, columns, kinds: kindsOf(this.#kinds.subarray(from, from + count), count), steps });
    }
    this.count = 0;
  }

  /** Emits the watermark of the steps that no row followed; the next batch may begin. */
  finish(batch: RecordBatch, out: Output): void {
    const { steps } = batch;
    if (steps !== undefined && this.#step < steps.count) emitWatermark(out, steps.watermarks[steps.count - 1]!);
    this.#step = 0;
  }

  #stepsFor(
    steps: WatermarkSteps | undefined,
    sources: Int32Array,
    count: number,
    lastRow: number,
  ): WatermarkSteps | undefined {
    if (steps === undefined) return undefined;
    const builder = new StepsBuilder();
    let position = 0;
    for (; this.#step < steps.count && steps.rows[this.#step]! <= lastRow; this.#step++) {
      while (position < count && sources[position]! < steps.rows[this.#step]!) position += 1;
      builder.add(position, steps.watermarks[this.#step]!);
    }
    return builder.finish();
  }

  #grow(): void {
    const size = 2 * this.#kinds.length;
    const kinds = new Uint8Array(size);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
    this.#sources = roomFor(this.#sources, size, true);
    this.#slots = roomFor(this.#slots, size, true);
    this.#numbers = roomFor(this.#numbers, size, true);
  }
}

/** Ranks as a BIGINT column. */
export function rankColumn(ranks: Int32Array, count: number): Column {
  const values = new BigInt64Array(count);
  for (let i = 0; i < count; i++) values[i] = BigInt(ranks[i]!);
  return { storage: "i64", values, nulls: undefined };
}
