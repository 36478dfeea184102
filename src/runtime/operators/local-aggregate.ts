import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { sliceColumn } from "../../batch/take.ts";
import type { StateColumn, StateField } from "../../state/api.ts";
import { createStoredColumn } from "../../state/columns.ts";
import { ScratchTable } from "../../state/scratch-table.ts";
import { T } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop } from "../aggregate-loops.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import { partialFields } from "../partial-results.ts";
import type { LocalAggregateSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { emitBatch, FiringOutput, roomFor } from "./emit.ts";
import { HeldSlices } from "./held-slices.ts";

/** So many different keys are held at most before they go on: few enough for a processor's cache. */
const MAX_KEYS = 2 * BATCH_ROWS;
/** When each key had less than so many rows, holding them was not worth the look-ups. */
const MIN_ROWS_PER_KEY = 1.5;
/** Then so many rows go on one by one before it is tried again. */
const SINGLE_ROWS = 100 * MAX_KEYS;

const ROWS: StateField = { name: "rows", type: T.double(false), initial: 0 };

/** Adds up rows by key in front of an exchange; see `LocalAggregateSpec`. Nothing of it is in a checkpoint: it is empty then. */
class LocalAggregate implements Operator {
  readonly #keys: readonly number[];
  readonly #bundleRows: number | undefined;
  readonly #slices: HeldSlices | undefined;
  readonly #fields: readonly StateField[];
  /** By key, and slice. */
  readonly #table: ScratchTable;
  readonly #accumulate: AccumulateLoop;
  /** Rows that are held. */
  #rows = 0;
  /** Rows that still go on one by one. */
  #singleRows = 0;
  #slots = new Int32Array(0);
  #order = new Int32Array(0);
  readonly flush: Operator["flush"];

  constructor(spec: LocalAggregateSpec, context: OperatorContext) {
    this.#keys = spec.keys;
    this.#bundleRows = spec.bundleRows;
    this.#slices = spec.window && new HeldSlices(spec.window);
    const layout = layoutAggregates(spec.aggregates, context.functions, false, spec.inputNames);
    const windowed = spec.window !== undefined;
    this.#fields = windowed ? [...layout.fields, ROWS] : layout.fields;
    const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
    const slice = partialFields(spec, context.functions).slice(keys.length, keys.length + 1);
    this.#table = new ScratchTable(windowed ? [...keys, ...slice] : keys, this.#fields);
    const loops = new AggregateLoops(layout, spec.input, context.session, this.#fields);
    this.#accumulate = loops.accumulate(windowed ? layout.fields.length : undefined);
    // A mini-batch waits for its watermark.
    if (spec.bundleRows === undefined) this.flush = (out) => this.#flush(out);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const moments = rowCount === 0 ? undefined : this.#slices?.lastMoments(batch);
    const keys = this.#keysOf(batch, moments);
    const firing = new FiringOutput(out);
    let [from, held] = [0, 0];
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      const [row, watermark] = [steps.rows[k]!, steps.watermarks[k]!];
      if (moments !== undefined) this.#slices!.hold(moments, held, row);
      held = row;
      if (this.#mustGo(watermark)) {
        this.#add(batch, keys, from, row, firing);
        from = row;
        this.#flush(firing);
      }
      this.#slices?.advance(watermark);
      firing.advance(watermark);
    }
    if (moments !== undefined) this.#slices!.hold(moments, held, rowCount);
    this.#add(batch, keys, from, rowCount, firing);
    if (this.#bundleRows === undefined && this.#table.count >= MAX_KEYS) this.#flush(firing);
    firing.finish();
  }

  #mustGo(watermark: number): boolean {
    return this.#slices === undefined ? this.#bundleRows !== undefined : this.#slices.mustGo(watermark);
  }

  #keysOf({ columns, rowCount }: RecordBatch, moments: Float64Array | undefined): readonly Column[] {
    if (rowCount === 0) return [];
    const keys = this.#keys.map((key) => columns[key]!);
    return moments === undefined ? keys : [...keys, { storage: "f64", values: moments, nulls: undefined }];
  }

  #add(batch: RecordBatch, keys: readonly Column[], from: number, to: number, out: Output): void {
    for (let at = from; at < to;) {
      const end = this.#bundleRows === undefined ? to : Math.min(to, at + this.#bundleRows - this.#rows);
      if (this.#singleRows > 0) this.#passOn(batch, keys, at, end, out);
      else this.#hold(batch, keys, at, end);
      if (this.#rows === this.#bundleRows) this.#flush(out);
      at = end;
    }
  }

  #hold(batch: RecordBatch, keys: readonly Column[], from: number, to: number): void {
    const count = to - from;
    const rows = from === 0 ? undefined : this.#numbers(to).subarray(from, to);
    const slots = (this.#slots = roomFor(this.#slots, count));
    this.#table.prepare(keys, rows, count, slots);
    this.#accumulateRows(batch, rows, count, slots, this.#table.columns);
    this.#rows += count;
  }

  /** Each row by itself, as the accumulators that it alone makes. */
  #passOn(batch: RecordBatch, keys: readonly Column[], from: number, to: number, out: Output): void {
    for (let at = from; at < to; at += BATCH_ROWS) {
      const end = Math.min(to, at + BATCH_ROWS);
      const count = end - at;
      const table = this.#fields.map((field) => createStoredColumn(field, count));
      const numbers = this.#numbers(end);
      this.#accumulateRows(batch, numbers.subarray(at, end), count, numbers, table);
      const accumulators = table.map((column) => column.page(0, count, false));
      this.#emit(
        keys.map((key) => sliceColumn(key, at, end)),
        accumulators,
        count,
        out,
      );
      this.#singleRows -= count;
    }
    this.#slices?.clear();
  }

  #accumulateRows(
    batch: RecordBatch,
    rows: Int32Array | undefined,
    count: number,
    slots: Int32Array,
    table: readonly StateColumn[],
  ): void {
    const { columns } = batch;
    this.#accumulate({ rows, slots, kinds: undefined, columns, table, maps: [], entries: [], sequence: 0 }, 0, count);
  }

  /** 0, 1, 2, … */
  #numbers(count: number): Int32Array {
    if (this.#order.length < count) this.#order = Int32Array.from({ length: Math.max(count, BATCH_ROWS) }, (_, i) => i);
    return this.#order;
  }

  beforeBarrier(out: Output): void {
    this.#flush(out);
  }

  #flush(out: Output): void {
    if (this.#rows === 0) return;
    const { count } = this.#table;
    for (let from = 0; from < count; from += BATCH_ROWS) {
      const to = Math.min(count, from + BATCH_ROWS);
      const { keys, columns } = this.#table.page(from, to);
      this.#emit(keys, columns, to - from, out);
    }
    this.#table.clear();
    const hardlyMet = count >= MAX_KEYS && this.#rows < count * MIN_ROWS_PER_KEY;
    if (hardlyMet && this.#bundleRows === undefined) this.#singleRows = SINGLE_ROWS;
    this.#rows = 0;
    this.#slices?.clear();
  }

  /** Columns in the order of `partialColumns`; of windows the number of rows comes last here. */
  #emit(keys: readonly Column[], accumulators: readonly Column[], rowCount: number, out: Output): void {
    const columns =
      this.#slices === undefined
        ? [...keys, ...accumulators]
        : [...keys, accumulators.at(-1)!, ...accumulators.slice(0, -1)];
    emitBatch(out, { rowCount, columns, kinds: undefined, steps: undefined });
  }
}

/** The first of two phases of an aggregate. */
export const LOCAL_AGGREGATE: OperatorDefinition<LocalAggregateSpec> = {
  kind: "local-aggregate",
  create: (spec, context) => new LocalAggregate(spec, context),
};
