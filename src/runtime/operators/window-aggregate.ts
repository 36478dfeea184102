import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { ChildMap, SlicedTable, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, MergeLoop } from "../aggregate-loops.ts";
import { layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output, Unfinished } from "../operator.ts";
import { accumulatorColumns, partialColumns, type PartialColumns } from "../partial-results.ts";
import type { WindowAggregateSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { AccumulatorMerge } from "./accumulator-merge.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { afterRoom, both, nearby } from "./nearby.ts";
import { sliceTimes } from "./slice-times.ts";
import { WindowResults } from "./window-results.ts";
import { slicesOf, windowClock, windowTime, type WindowClock, type WindowSlices } from "./windows.ts";

/** Rows of the key in the slice; only kept when rows may be taken away. */
const ROW_COUNT: StateField = {
  name: "rows",
  type: T.double(false),
  initial: 0,
  missing: "the input takes rows back now, and the rows of each key were not counted before",
};

/** Name of the bucket that slices are merged into while a window fires; it never outlives the call. */
const MERGED = -Infinity;

/** The rows of the running batch that go to one slice. */
interface Bucket {
  /** Rows with a time in [low, high) belong here. */
  readonly low: number;
  readonly high: number;
  /** The slice to write to; undefined: all windows of these rows have fired, they are late. */
  readonly target: number | undefined;
  rows: Int32Array;
  count: number;
}

/** Steps of a batch: gives what is to be waited for in front of the next one. */
type Work<Result = void> = Generator<() => Promise<void> | undefined, Result, undefined>;

/** Aggregates per window and key, emitted once when the watermark passes the window's end. */
class WindowAggregate implements FiringOperator {
  readonly #spec: WindowAggregateSpec;
  readonly #context: OperatorContext;
  readonly #windows: WindowSlices;
  readonly #clock: WindowClock;
  readonly #layout: AggregateLayout;
  readonly #slices: SlicedTable;
  readonly #distinct: DistinctEntries;
  readonly #accumulate: AccumulateLoop;
  readonly #merge: AccumulatorMerge;
  /** The input are partial results, which this loop adds. */
  readonly #partial: PartialColumns | undefined;
  readonly #addPartial: MergeLoop | undefined;
  readonly #keys: readonly number[];
  readonly #results: WindowResults;
  /** Rows come with windows that the clock has passed: each firing takes what is there. */
  readonly #neverLate: boolean;
  readonly prepare: Operator["prepare"];
  #watermark: number;
  #sequence: number;
  /** The watermark that fires the next window; undefined: not known yet. */
  #nextFire: number | undefined;
  #buckets: Bucket[] = [];
  /** The bucket of the row before. */
  #lastBucket: Bucket | undefined;
  #slots = new Int32Array(0);
  #unfinished: Unfinished | undefined;

  constructor(spec: WindowAggregateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#windows = slicesOf(spec.window, spec.attached !== undefined);
    this.#clock = windowClock(spec.ltzZone);
    this.#layout = layoutAggregates(spec.aggregates, context.functions, spec.retracting, spec.inputNames);
    const fields = spec.retracting ? [...this.#layout.fields, ROW_COUNT] : this.#layout.fields;
    const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
    this.#slices = context.state.slices({ name: "slices", keys, fields, ttlMillis: 0 }, this.#layout.children);
    this.prepare = nearby(context.state, (_input, batch) => this.#load(batch));
    this.#distinct = new DistinctEntries(this.#layout);
    const loops = new AggregateLoops(this.#layout, spec.input, context.session, fields);
    const rowCount = spec.retracting ? fields.length - 1 : undefined;
    this.#accumulate = loops.accumulate(rowCount);
    this.#merge = new AccumulatorMerge(this.#layout, loops);
    this.#partial = spec.phases === "merges" ? partialColumns(spec.keys.length, true) : undefined;
    this.#keys = this.#partial === undefined ? spec.keys : spec.keys.map((_, key) => key);
    this.#addPartial = this.#partial && loops.merge();
    const timeOf = windowTime(this.#clock, spec.processingTime, () => context.nowMillis());
    this.#results = new WindowResults(loops, spec.properties, timeOf, rowCount);
    this.#neverLate = spec.processingTime === true && spec.attached !== undefined;
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    this.#goOn(this.#work(batch, new FiringOutput(out)));
  }

  get unfinished(): Unfinished | undefined {
    return this.#unfinished;
  }

  #goOn(work: Work): void {
    const { value: prepare } = work.next();
    this.#unfinished = prepare instanceof Function ? { prepare, resume: () => this.#goOn(work) } : undefined;
  }

  *#work(batch: RecordBatch, firing: FiringOutput): Work {
    const { rowCount, steps } = batch;
    const times = rowCount === 0 ? undefined : this.#times(batch);
    let step = 0;
    let from = 0;
    while (steps !== undefined && step < steps.count) {
      const watermark = steps.watermarks[step]!;
      // The rows in front of the step decide whether it fires something: they may open the window.
      if (times !== undefined) from = this.#assign(batch, times, from, steps.rows[step]!);
      if (watermark >= this.#fireTime()) {
        this.#flush(batch);
        const waited = yield* this.#fire(watermark, firing);
        // What was near for the batch may have gone meanwhile.
        if (waited) yield () => this.prepare?.(0, batch);
        this.#forgetBuckets();
      }
      this.#watermark = watermark;
      firing.advance(watermark);
      step += 1;
    }
    if (times !== undefined) {
      this.#assign(batch, times, from, rowCount);
      this.#flush(batch);
      this.#sequence += rowCount;
    }
    this.#forgetBuckets();
    firing.finish();
  }

  /** What lies elsewhere of the keys in the slices that these rows go to. */
  #load(batch: RecordBatch): Promise<void> | undefined {
    if (!this.#slices.ends().some((end) => this.#slices.mayMiss(end))) return undefined;
    const times = this.#times(batch);
    const rows = new Map<number, number[]>();
    const add = (end: number, row: number): void => {
      const known = rows.get(end);
      if (known !== undefined) known.push(row);
      else if (this.#slices.mayMiss(end)) rows.set(end, [row]);
    };
    for (let row = 0; row < batch.rowCount; row++) {
      const end = this.#windows.sliceEnd(times[row]!);
      add(end, row);
      if (this.#windows.type !== "cumulate") continue;
      // It may be late for its own.
      const first = this.#firstSlice(end);
      if (first !== end) add(first, row);
    }
    const keys = this.#keys.map((key) => batch.columns[key]!);
    let waits: Promise<void> | undefined;
    for (const [end, list] of rows)
      waits = both(waits, this.#slices.slice(end).load(keys, Int32Array.from(list), list.length));
    return waits;
  }

  waiting(): Waiting {
    return { what: "windows", count: this.#slices.ends().length, nextMillis: this.nextFire() };
  }

  nextFire(): number {
    return this.#fireTime();
  }

  #times(batch: RecordBatch): Float64Array {
    const { time } = this.#partial ?? {};
    if (time === undefined) return sliceTimes(this.#spec, this.#clock, batch);
    return (batch.columns[time] as Extract<Column, { storage: "f64" }>).values;
  }

  /** Puts rows `from` … `to` − 1 into their buckets; returns `to`. */
  #assign(batch: RecordBatch, times: Float64Array, from: number, to: number): number {
    let bucket = this.#lastBucket;
    for (let i = from; i < to; i++) {
      const time = times[i]!;
      if (bucket === undefined || time < bucket.low || time >= bucket.high) bucket = this.#bucketOf(time);
      if (bucket.target === undefined) {
        this.#late(batch, i);
        continue;
      }
      if (bucket.count === bucket.rows.length) {
        const rows = new Int32Array(2 * bucket.count);
        rows.set(bucket.rows);
        bucket.rows = rows;
      }
      bucket.rows[bucket.count++] = i;
    }
    this.#lastBucket = bucket;
    return to;
  }

  #late(batch: RecordBatch, row: number): void {
    this.#context.late(batch, row);
    if (this.#partial === undefined) return;
    const { values } = batch.columns[this.#partial.rows!] as Extract<Column, { storage: "f64" }>;
    this.#context.count("lateRows", values[row]! - 1);
  }

  #forgetBuckets(): void {
    this.#buckets = [];
    this.#lastBucket = undefined;
  }

  #bucketOf(time: number): Bucket {
    for (const bucket of this.#buckets) if (time >= bucket.low && time < bucket.high) return bucket;
    const end = this.#windows.sliceEnd(time);
    const target = this.#target(end);
    const bucket: Bucket = {
      low: end - this.#windows.sliceMillis,
      high: end,
      target,
      rows: new Int32Array(target === undefined ? 0 : 1024),
      count: 0,
    };
    this.#buckets.push(bucket);
    if (target !== undefined) this.#nextFire = Math.min(this.#fireTime(), this.#nextFireOf(target));
    return bucket;
  }

  /** The slice that rows of the slice go to at the present watermark. */
  #target(end: number): number | undefined {
    const last = this.#windows.lastWindow(end);
    if (this.#windows.firstWindow(end) > last || this.#isPast(last)) return undefined;
    const isBehind = this.#windows.type === "cumulate" && this.#isPast(end);
    return isBehind ? this.#firstSlice(end) : end;
  }

  /** The watermark has fired a window with this end. */
  #isPast(end: number): boolean {
    return !this.#neverLate && this.#clock.fireTime(end) <= this.#watermark;
  }

  /** The slice that a CUMULATE window's slices are merged into. */
  #firstSlice(end: number): number {
    return this.#windows.windowStart(end) + this.#windows.sliceMillis;
  }

  /** Adds the rows of all buckets to their slices. */
  #flush(batch: RecordBatch): void {
    for (const bucket of this.#buckets) {
      const { target, count } = bucket;
      if (target === undefined || count === 0) continue;
      const table = this.#slices.slice(target);
      const rows = count === batch.rowCount ? undefined : bucket.rows;
      const slots = (this.#slots = roomFor(this.#slots, count));
      void table.prepare(
        this.#keys.map((key) => batch.columns[key]!),
        rows,
        count,
        slots,
      );
      table.touch(slots, count);
      bucket.count = 0;
      if (this.#partial !== undefined) {
        const from = accumulatorColumns(batch.columns, this.#partial.accumulators, batch.rowCount);
        this.#addPartial!(from, bucket.rows, table.columns, slots, count);
        continue;
      }
      const maps = this.#maps(target);
      this.#distinct.prepare(maps, batch.columns, batch.rowCount, rows, slots, count);
      const { entries } = this.#distinct;
      this.#accumulate(
        {
          rows,
          slots,
          kinds: batch.kinds,
          columns: batch.columns,
          table: table.columns,
          maps,
          entries,
          sequence: this.#sequence,
        },
        0,
        count,
      );
    }
  }

  #maps(end: number): ChildMap[] {
    return this.#layout.children.map((child) => this.#slices.childMap(end, child.name));
  }

  #fireTime(): number {
    this.#nextFire ??= this.#slices.ends().reduce((next, end) => Math.min(next, this.#nextFireOf(end)), Infinity);
    return this.#nextFire;
  }

  #nextFireOf(end: number): number {
    const window = this.#nextWindow(end, -Infinity);
    return window === undefined ? Infinity : this.#clock.fireTime(window);
  }

  /** The first window above `after` of the slice that the present watermark has not fired. */
  #nextWindow(end: number, after: number): number | undefined {
    const last = this.#windows.lastWindow(end);
    const fired = this.#neverLate ? after : Math.max(after, this.#clock.firedUpTo(this.#watermark));
    let window = this.#windows.windowAfter(fired, end);
    while (window <= last && this.#isPast(window)) window = this.#windows.windowAfter(window, end);
    return window <= last ? window : undefined;
  }

  /** Fires all windows up to the watermark, in order of their end; true when something was waited for. */
  *#fire(watermark: number, out: Output): Work<boolean> {
    let fired = -Infinity;
    let waited = false;
    for (;;) {
      let window = Infinity;
      for (const end of this.#slices.ends()) window = Math.min(window, this.#nextWindow(end, fired) ?? Infinity);
      if (window === Infinity || this.#clock.fireTime(window) > watermark) break;
      waited = (yield* this.#fireWindow(window, out)) || waited;
      fired = window;
    }
    this.#watermark = watermark;
    this.#nextFire = undefined;
    return waited;
  }

  #fireWindow(window: number, out: Output): Work<boolean> {
    const start = this.#windows.windowStart(window);
    switch (this.#windows.type) {
      case "tumble":
        return this.#fireTumble(start, window, out);
      case "hop":
        return this.#fireHop(start, window, out);
      case "cumulate":
        return this.#fireCumulate(start, window, out);
    }
  }

  *#fireTumble(start: number, window: number, out: Output): Work<boolean> {
    const table = this.#slices.slice(window);
    const waited = yield* this.#inParts([window], (slots, free) => {
      this.#results.emit(table, slots(window), start, window, out);
      free(window);
    });
    this.#slices.drop(window);
    return waited;
  }

  *#fireHop(start: number, window: number, out: Output): Work<boolean> {
    // Newest slice first, as Flink merges them; it shows in the order of LISTAGG.
    const ends = this.#slices
      .ends()
      .filter((end) => end > start && end <= window)
      .reverse();
    const last = ends.filter((end) => this.#windows.lastWindow(end) <= window);
    const waited = yield* this.#inParts(ends, (slots, free) => {
      if (ends.length === 1) {
        this.#results.emit(this.#slices.slice(ends[0]!), slots(ends[0]!), start, window, out);
      } else if (ends.length > 1) {
        for (const end of ends) this.#addSlice(end, slots(end), MERGED);
        const merged = this.#slices.slice(MERGED);
        this.#results.emit(merged, merged.liveSlots(), start, window, out);
        this.#slices.drop(MERGED);
      }
      for (const end of last) free(end);
    });
    for (const end of last) this.#slices.drop(end);
    return waited;
  }

  *#fireCumulate(start: number, window: number, out: Output): Work<boolean> {
    const first = this.#firstSlice(window);
    const table = this.#slices.slice(first);
    const ends = window !== first && this.#slices.has(window) ? [first, window] : [first];
    const isLast = window === this.#windows.lastWindow(first);
    const waited = yield* this.#inParts(ends, (slots, free) => {
      if (ends.length > 1) {
        this.#addSlice(window, slots(window), first);
        free(window);
      }
      this.#results.emit(table, slots(first), start, window, out);
      if (isLast) free(first);
    });
    if (ends.length > 1) this.#slices.drop(window);
    if (isLast) this.#slices.drop(first);
    return waited;
  }

  /** Acts on all keys of the slices: at once where they are in memory, otherwise on some after the other, and then gives true. */
  *#inParts(
    ends: readonly number[],
    act: (slots: (end: number) => Int32Array, free: (end: number) => void) => void,
  ): Work<boolean> {
    const parts = this.#slices.parts(ends);
    if (parts === undefined) {
      act(
        (end) => this.#slices.slice(end).liveSlots(),
        () => undefined,
      );
      return false;
    }
    for (const part of parts) {
      yield () => afterRoom(this.#context.state, () => part.load());
      act(
        (end) => part.slots(end),
        (end) => part.free(end),
      );
    }
    return true;
  }

  #addSlice(from: number, slots: Int32Array, into: number): void {
    this.#merge.addKeys(this.#slices.slice(from), this.#maps(from), slots, this.#slices.slice(into), this.#maps(into));
  }
}

/** GROUP BY window_start, window_end, … over TUMBLE, HOP and CUMULATE. */
export const WINDOW_AGGREGATE: OperatorDefinition<WindowAggregateSpec> = {
  kind: "window-aggregate",
  create(spec, context) {
    const operator = new WindowAggregate(spec, context);
    if (spec.processingTime !== true) return operator;
    const { time, input } = spec;
    return new InProcessingTime(operator, { time, input, attached: spec.attached !== undefined }, context);
  },
};
