import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeBatch } from "../../batch/take.ts";
import type { ChildMap, KeyedTable, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, LoopInput } from "../aggregate-loops.ts";
import { layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { UpdatingWindowAggregateSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { FiringOutput } from "./emit.ts";
import { rowsField } from "./group-table.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { nearby } from "./nearby.ts";
import { ShownResults } from "./shown-results.ts";
import { TimeHeap } from "./time-heap.ts";
import { millisOf } from "./watermark.ts";
import { windowEnds } from "./window-tvf.ts";
import { slicesOf, windowClock, type WindowClock, type WindowSlices } from "./windows.ts";

/** When the window shows its result again, processing time; 0: nothing has come since the last time that was asked. */
const NEXT: StateField = { name: "$next", type: T.double(false), initial: 0 };

/**
 * Group windows with early or late results: each window of a key has accumulators of its own and remembers what it has
 * shown. It shows its result at its end and, as the spec says, before and after, until no late row may come any more.
 */
class UpdatingWindowAggregate implements FiringOperator {
  readonly #spec: UpdatingWindowAggregateSpec;
  readonly #context: OperatorContext;
  readonly #slices: WindowSlices;
  readonly #clock: WindowClock;
  readonly #layout: AggregateLayout;
  /** A row for each key and window, by key and the window's end. */
  readonly #table: KeyedTable;
  readonly #maps: readonly ChildMap[];
  readonly #distinct: DistinctEntries;
  readonly #accumulate: AccumulateLoop;
  readonly #shown: ShownResults;
  readonly prepare: Operator["prepare"];
  /** Slots by the window's end; undefined: not read from the state yet. */
  #windows: Map<number, Set<number>> | undefined;
  #timers: TimeHeap | undefined;
  #watermark: number;
  #sequence: number;

  constructor(spec: UpdatingWindowAggregateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#slices = slicesOf(spec.window, false);
    this.#clock = windowClock(spec.ltzZone);
    this.#layout = layoutAggregates(spec.aggregates, context.functions, spec.retracting, spec.inputNames);
    const fields = [...this.#layout.fields, rowsField(spec.retracting), NEXT];
    this.#table = context.state.table({
      name: "windows",
      keys: [...stateKeys(spec.keys, spec.input, spec.inputNames), { name: "$window", type: T.double(false) }],
      groupKeys: spec.keys.length,
      fields,
      ttlMillis: 0,
      resident: "always",
    });
    this.prepare = nearby(context.state);
    this.#maps = this.#layout.children.map((child) => context.state.childMap(this.#table, child));
    this.#distinct = new DistinctEntries(this.#layout);
    const loops = new AggregateLoops(this.#layout, spec.input, context.session, fields);
    const rowCount = fields.length - 2;
    this.#accumulate = loops.accumulate(rowCount);
    this.#shown = new ShownResults(spec, context.state, this.#table, rowCount, loops, {
      startOf: this.#slices.windowStart,
      timeOf: this.#clock.lastInstant,
    });
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const firing = new FiringOutput(out);
    const times = rowCount === 0 ? undefined : this.#times(batch);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) this.#add(batch, times, from, steps.rows[k]!, firing);
      from = Math.max(from, steps.rows[k]!);
      this.#advance(steps.watermarks[k]!, firing);
      firing.advance(this.#watermark);
    }
    if (times !== undefined) this.#add(batch, times, from, rowCount, firing);
    firing.finish();
  }

  nextFire(): number {
    return [...this.#openWindows().keys()].reduce((least, end) => Math.min(least, this.#clock.fireTime(end)), Infinity);
  }

  nextTimer(): number {
    return this.#openTimers().first;
  }

  onTimer(out: Output): void {
    const timers = this.#openTimers();
    const now = this.#context.nowMillis();
    const due: number[] = [];
    while (timers.first <= now) {
      const time = timers.first;
      const slot = timers.pop();
      // The window may be gone, or have shown its result at its end meanwhile.
      if (!this.#table.isLive(slot) || this.#nexts()[slot] !== time) continue;
      due.push(slot);
      const delay = this.#delayOf(this.#endsOf([slot])[0]!);
      this.#schedule(slot, delay === undefined ? 0 : time + delay);
    }
    this.#shown.show(due, out);
  }

  #times(batch: RecordBatch): Float64Array {
    const column = batch.columns[this.#spec.time]!;
    if (column.nulls?.subarray(0, batch.rowCount).includes(1) === true) {
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL", {
        hint: "filter such rows out below the window",
      });
    }
    return this.#clock.toLocal(millisOf(column, batch.rowCount), batch.rowCount);
  }

  /** Puts rows `from` … `to` − 1 into all their windows. */
  #add(batch: RecordBatch, times: Float64Array, from: number, to: number, out: Output): void {
    const rows: number[] = [];
    const ends: number[] = [];
    const held: number[] = [];
    const { latenessMillis } = this.#spec.emit;
    for (let row = from; row < to; row++) {
      const before = rows.length;
      const count = windowEnds(this.#spec.window, this.#slices, times[row]!, held);
      for (let w = 0; w < count; w++) {
        if (this.#clock.fireTime(held[w]!) + latenessMillis <= this.#watermark) continue;
        rows.push(row);
        ends.push(held[w]!);
      }
      if (rows.length === before) this.#context.late(batch, row);
    }
    const count = rows.length;
    if (count === 0) return;
    const taken = takeBatch({ ...batch, steps: undefined }, Int32Array.from(rows), count);
    const window: Column = { storage: "f64", values: Float64Array.from(ends), nulls: undefined };
    const slots = new Int32Array(count);
    void this.#table.prepare([...this.#spec.keys.map((key) => taken.columns[key]!), window], undefined, count, slots);
    this.#table.touch(slots, count);
    this.#distinct.prepare(this.#maps, taken.columns, count, undefined, slots, count);
    const input: LoopInput = {
      rows: undefined,
      slots,
      kinds: taken.kinds,
      columns: taken.columns,
      table: this.#table.columns,
      maps: this.#maps,
      entries: this.#distinct.entries,
      sequence: this.#sequence,
    };
    this.#sequence += count;
    let done = 0;
    for (let i = 0; i < count; i++) {
      this.#remember(ends[i]!, slots[i]!);
      const delay = this.#delayOf(ends[i]!);
      if (delay === undefined) continue;
      if (delay > 0) {
        if (this.#nexts()[slots[i]!] === 0) this.#schedule(slots[i]!, this.#context.nowMillis() + delay);
        continue;
      }
      this.#accumulate(input, done, i + 1);
      done = i + 1;
      this.#shown.show([slots[i]!], out);
    }
    this.#accumulate(input, done, count);
  }

  /** How long a change of a window waits to be shown; undefined: until its end. */
  #delayOf(end: number): number | undefined {
    const { earlyMillis, lateMillis } = this.#spec.emit;
    return this.#clock.fireTime(end) <= this.#watermark ? lateMillis : earlyMillis;
  }

  #advance(watermark: number, out: Output): void {
    const before = this.#watermark;
    this.#watermark = watermark;
    const windows = this.#openWindows();
    const ends = [...windows.keys()].sort((a, b) => a - b);
    for (const end of ends) {
      const fires = this.#clock.fireTime(end);
      if (fires > watermark) break;
      const slots = [...windows.get(end)!].sort((a, b) => a - b);
      if (fires > before) {
        this.#shown.show(slots, out);
        for (const slot of slots) if (this.#nexts()[slot] !== 0) this.#schedule(slot, 0);
      }
      if (fires + this.#spec.emit.latenessMillis > watermark) continue;
      for (const slot of slots) this.#table.remove(slot);
      windows.delete(end);
    }
  }

  #schedule(slot: number, time: number): void {
    this.#table.touchOne(slot);
    this.#nexts()[slot] = time;
    if (time > 0) this.#openTimers().push(time, slot);
  }

  #nexts(): Float64Array {
    return (this.#table.columns.at(-1) as { values: Float64Array }).values;
  }

  #remember(end: number, slot: number): void {
    const windows = this.#openWindows();
    const slots = windows.get(end);
    if (slots === undefined) windows.set(end, new Set([slot]));
    else slots.add(slot);
  }

  #endsOf(slots: readonly number[]): Float64Array {
    const keys = this.#table.gatherKeys(Int32Array.from(slots), slots.length);
    return (keys[this.#spec.keys.length] as { readonly values: Float64Array }).values;
  }

  #openWindows(): Map<number, Set<number>> {
    if (this.#windows !== undefined) return this.#windows;
    this.#windows = new Map();
    const slots = [...this.#table.liveSlots()];
    const ends = this.#endsOf(slots);
    slots.forEach((slot, i) => this.#remember(ends[i]!, slot));
    return this.#windows;
  }

  #openTimers(): TimeHeap {
    if (this.#timers !== undefined) return this.#timers;
    const timers = (this.#timers = new TimeHeap());
    for (const slot of this.#table.liveSlots()) if (this.#nexts()[slot]! > 0) timers.push(this.#nexts()[slot]!, slot);
    return timers;
  }
}

/** GROUP BY TUMBLE and HOP with early or late results. */
export const UPDATING_WINDOW_AGGREGATE: OperatorDefinition<UpdatingWindowAggregateSpec> = {
  kind: "updating-window-aggregate",
  create(spec, context) {
    const operator = new UpdatingWindowAggregate(spec, context);
    if (spec.processingTime !== true) return operator;
    return new InProcessingTime(operator, { time: spec.time, input: spec.input }, context);
  },
};
