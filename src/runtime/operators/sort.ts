import { SqlError } from "../../base/errors.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { SortSpec } from "../spec.ts";
import { FiringOutput } from "./emit.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { nearby } from "./nearby.ts";
import type { RankedRows } from "./ranked-rows.ts";
import { rankStored } from "./ranking.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";
import { millisOf } from "./watermark.ts";

/** Rows wait until the watermark reaches their time, and come out in order of time, then of the other columns. */
class SortByTime implements FiringOperator {
  readonly #context: OperatorContext;
  readonly #time: number;
  readonly #rows: StoredRows;
  readonly #order: RowOrder;
  readonly prepare: Operator["prepare"];
  #ranking: RankedRows | undefined;
  #watermark: number;
  /** Time of the last row that came out; rows not after it are late. */
  #emitted: number;
  readonly #slots = new Int32Array(1);

  constructor(spec: SortSpec, time: number, context: OperatorContext) {
    this.#context = context;
    this.#time = time;
    this.#rows = new StoredRows(context.state, spec.input, [], { ttlMillis: 0, names: spec.inputNames });
    this.prepare = nearby(context.state);
    const byTime = { column: time, descending: false, nullsFirst: true };
    this.#order = compileRowOrder(
      [byTime, ...spec.order.filter(({ column }) => column !== time)],
      spec.input,
      (column) => column,
    );
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    // All rows are in one of several threads; nothing ever came out of the others.
    this.#emitted = context.state.number("emitted", "highest", -Infinity, () => this.#emitted);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const times = rowCount === 0 ? undefined : this.#times(batch);
    const ranking = this.#waiting();
    const firing = new FiringOutput(out);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) from = this.#add(batch, times, from, steps.rows[k]!, ranking);
      this.#watermark = steps.watermarks[k]!;
      this.#fire(ranking, firing);
      firing.advance(this.#watermark);
    }
    if (times !== undefined) this.#add(batch, times, from, rowCount, ranking);
    firing.finish();
  }

  waiting(): Waiting {
    return { what: "rows", count: this.#rows.lists.liveCount, nextMillis: this.nextFire() };
  }

  nextFire(): number {
    const ranking = this.#waiting();
    return ranking.length === 0 ? Infinity : this.#storedTimes()[ranking.at(0)]!;
  }

  /** All rows stand below one key. */
  #waiting(): RankedRows {
    if (this.#ranking === undefined) {
      void this.#rows.table.prepare([], undefined, 1, this.#slots);
      this.#ranking = rankStored(this.#rows, this.#order, 0);
    }
    return this.#ranking;
  }

  #times(batch: RecordBatch): Float64Array {
    const column = batch.columns[this.#time]!;
    if (column.nulls?.subarray(0, batch.rowCount).includes(1) === true)
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL");
    return millisOf(column, batch.rowCount);
  }

  #add(batch: RecordBatch, times: Float64Array, from: number, to: number, ranking: RankedRows): number {
    for (let row = from; row < to; row++) {
      if (times[row]! <= this.#emitted) {
        this.#context.late(batch, row);
        continue;
      }
      const { columns } = this.#rows.lists;
      const place = ranking.placeAfterEqual(this.#order, batch.columns, row, columns);
      ranking.insert(place, this.#rows.append(0, batch.columns, row));
    }
    return Math.max(from, to);
  }

  #storedTimes(): Float64Array {
    const column = this.#rows.lists.columns[this.#time]!;
    return column.storage === "f64" ? column.values : new Float64Array(0);
  }

  #fire(ranking: RankedRows, out: Output): void {
    const times = this.#storedTimes();
    const due = ranking.countWhile((row) => times[row]! <= this.#watermark);
    if (due === 0) return;
    const rows = ranking.removeFirst(due);
    this.#emitted = times[rows[due - 1]!]!;
    const zeros = new Int32Array(Math.min(due, BATCH_ROWS));
    for (let at = 0; at < due; at += BATCH_ROWS) {
      const chunk = Int32Array.from(rows.slice(at, at + BATCH_ROWS));
      const columns = this.#rows.gatherWithKeys(chunk, zeros, chunk.length);
      out.batch({ rowCount: chunk.length, columns, kinds: undefined, steps: undefined });
    }
    for (const row of rows) this.#rows.lists.removeRow(row);
  }
}

/** ORDER BY a time attribute. */
export const SORT: OperatorDefinition<SortSpec> = {
  kind: "sort",
  create(spec, context) {
    const { time, input } = spec;
    // By processing time alone rows are in order as they come.
    if (time === undefined) return { process: (_input, batch, out) => out.batch(batch) };
    const operator = new SortByTime(spec, time, context);
    if (spec.processingTime !== true) return operator;
    return new InProcessingTime(operator, { time, input, firesAtEnd: true }, context);
  },
};
