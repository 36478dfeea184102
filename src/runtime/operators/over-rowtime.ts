import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch, type WatermarkSteps } from "../../batch/record-batch.ts";
import { StepsBuilder } from "../../batch/steps.ts";
import type { StateField } from "../../state/api.ts";
import { TOUCHED } from "../../state/ttl.ts";
import { T } from "../../types/data-type.ts";
import { layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { OverSpec } from "../spec.ts";
import { emitBatch, emitSteps, roomFor } from "./emit.ts";
import { viewOf } from "./join-output.ts";
import { nearby } from "./nearby.ts";
import { CAPACITY, OverFrame } from "./over-frame.ts";
import { OverFunctions } from "./over-functions.ts";
import { KeyExpiry, SlotDeadlines } from "./slot-deadlines.ts";
import { StoredRows } from "./stored-rows.ts";
import { TimeHeap } from "./time-heap.ts";
import { millisOf } from "./watermark.ts";

/** Time of the newest row of the key that came out; bounded frames take nothing that is not after it. */
const LAST: StateField = { name: "$last", type: T.double(false), initial: -Infinity };
/** RANGE over an interval: when the watermark is here, no row can see the frame any more. */
const IDLE_AT: StateField = { name: "$idle at", type: T.double(false), initial: -Infinity };

/**
 * OVER in the order of event time: rows wait until the watermark reaches their time and come out in order of time, then
 * of arrival. What fires during a batch is computed at its end in one loop, with the watermarks between the rows.
 *
 * As in Flink, a frame without a lower bound refuses rows that the watermark has passed; one with a lower bound refuses
 * rows that are not after the last row of their key.
 */
export class OverByRowtime implements Operator {
  readonly #context: OperatorContext;
  readonly #time: number;
  readonly #range: boolean;
  readonly #layout: AggregateLayout;
  readonly #rows: StoredRows;
  readonly #frame: OverFrame | undefined;
  readonly #functions: OverFunctions;
  readonly #preceding: number | "unbounded";
  readonly prepare: Operator["prepare"];
  #watermark: number;
  /** Row slots that wait; undefined: not read from the state yet. */
  #waiting: TimeHeap | undefined;
  readonly #idle = new SlotDeadlines();
  readonly #expiry: KeyExpiry | undefined;
  /** Rows of the batch that are not late, and their slots. */
  #chosen = new Int32Array(0);
  #slots = new Int32Array(0);
  /** What has fired: row slots and their times; keys (with the number of rows before them) to clear. */
  #fired = new Int32Array(256);
  #firedTimes = new Float64Array(256);
  #firedCount = 0;
  /** How many of them are of each slot, for frames with a lower bound. */
  #firedOf = new Int32Array(0);
  #cleared: { readonly before: number; readonly slot: number }[] = [];

  constructor(spec: OverSpec, time: number, context: OperatorContext) {
    this.#context = context;
    this.#time = time;
    this.#range = spec.frame.units === "RANGE";
    this.#preceding = spec.frame.preceding;
    const bounded = spec.frame.preceding !== "unbounded";
    this.#layout = layoutAggregates(spec.aggregates, context.functions, bounded, spec.inputNames);
    const fields = [
      ...this.#layout.fields,
      ...(bounded ? [LAST] : []),
      ...(bounded && this.#range ? [IDLE_AT, CAPACITY] : []),
      ...(spec.ttlMillis > 0 ? [TOUCHED] : []),
    ];
    this.#rows = new StoredRows(context.state, spec.input, spec.partition, {
      // Rows that wait never expire; keys are removed here, when none waits.
      ttlMillis: 0,
      names: spec.inputNames,
      fields,
      // Rows that wait are known by their slots; so are keys that go when their time is over.
      resident: spec.ttlMillis > 0 || (bounded && this.#range) ? "always" : (slot) => this.#rows.lists.count(slot) > 0,
    });
    const { table } = this.#rows;
    this.#frame =
      spec.frame.preceding === "unbounded"
        ? undefined
        : new OverFrame(
            context.state,
            table,
            spec,
            this.#layout,
            spec.frame.preceding,
            this.#range ? () => this.#column(CAPACITY) : undefined,
          );
    this.#functions = new OverFunctions(spec, context, this.#layout, table, fields);
    this.#expiry =
      spec.ttlMillis === 0
        ? undefined
        : new KeyExpiry(
            table,
            fields.indexOf(TOUCHED),
            spec.ttlMillis,
            () => context.nowMillis(),
            (slot) => this.#rows.lists.count(slot) > 0,
          );
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const waiting = (this.#waiting ??= this.#restoreWaiting());
    this.#expiry?.expire();
    const times = batch.rowCount === 0 ? undefined : this.#times(batch);
    const count = times === undefined ? 0 : this.#choose(batch, times);
    const steps = this.#arriveAndFire(batch, times, count, waiting);
    this.#emit(steps, out);
    this.#removeIdle();
  }

  waiting(): Waiting {
    const waiting = (this.#waiting ??= this.#restoreWaiting());
    return { what: "rows", count: waiting.size, nextMillis: waiting.first };
  }

  #times(batch: RecordBatch): Float64Array {
    const column = batch.columns[this.#time]!;
    if (column.nulls?.subarray(0, batch.rowCount).includes(1) === true)
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL");
    return millisOf(column, batch.rowCount);
  }

  /** Rows that the watermark has not passed; a frame with a lower bound asks its keys later. */
  #choose(batch: RecordBatch, times: Float64Array): number {
    const { rowCount, steps } = batch;
    this.#chosen = roomFor(this.#chosen, rowCount);
    let watermark = this.#frame === undefined ? this.#watermark : -Infinity;
    let count = 0;
    let step = 0;
    for (let row = 0; row < rowCount; row++) {
      if (this.#frame === undefined)
        while (steps !== undefined && step < steps.count && steps.rows[step]! <= row)
          watermark = steps.watermarks[step++]!;
      if (times[row]! > watermark) this.#chosen[count++] = row;
      else this.#context.late(batch, row);
    }
    return count;
  }

  /** Takes the rows in and collects what fires; returns the steps among the rows that fired. */
  #arriveAndFire(
    batch: RecordBatch,
    times: Float64Array | undefined,
    count: number,
    waiting: TimeHeap,
  ): WatermarkSteps | undefined {
    const { table } = this.#rows;
    this.#slots = roomFor(this.#slots, count);
    if (count > 0) void table.prepare(this.#rows.keyColumns(batch.columns), this.#chosen, count, this.#slots);
    table.touch(this.#slots, count);
    const stored = this.#rows.storedColumns(batch.columns);
    const builder = new StepsBuilder();
    const { steps } = batch;
    let next = 0;
    const arrive = (before: number): void => {
      for (; next < count && this.#chosen[next]! < before; next++)
        this.#arrive(this.#slots[next]!, batch, stored, this.#chosen[next]!, times![this.#chosen[next]!]!, waiting);
    };
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      arrive(steps.rows[k]!);
      this.#watermark = steps.watermarks[k]!;
      this.#fire(waiting);
      builder.add(this.#firedCount, this.#watermark);
    }
    arrive(batch.rowCount);
    return builder.finish();
  }

  #arrive(
    slot: number,
    batch: RecordBatch,
    stored: readonly Column[],
    row: number,
    time: number,
    waiting: TimeHeap,
  ): void {
    if (this.#frame !== undefined && !this.#accepts(slot, time)) {
      this.#context.late(batch, row);
      return;
    }
    this.#expiry?.renew(slot);
    waiting.push(time, this.#rows.append(slot, stored, row));
  }

  /** For frames with a lower bound. Keys that could have been removed by now are cleared first. */
  #accepts(slot: number, time: number): boolean {
    const last = this.#column(LAST);
    const preceding = this.#preceding as number;
    if (!this.#range) return time > last[slot]!;
    const idleAt = this.#column(IDLE_AT);
    if (idleAt[slot]! <= this.#watermark && last[slot]! > -Infinity && this.#isQuiet(slot)) {
      last[slot] = -Infinity;
      this.#cleared.push({ before: this.#firedCount, slot });
    }
    if (time <= last[slot]!) return false;
    if (idleAt[slot]! < time + preceding + 1) {
      idleAt[slot] = time + Math.trunc(preceding * 1.5) + 1;
      this.#idle.add(slot, idleAt[slot]!);
    }
    return true;
  }

  /** No row of the key waits. */
  #isQuiet(slot: number): boolean {
    return this.#rows.lists.count(slot) === (this.#firedOf[slot] ?? 0);
  }

  #fire(waiting: TimeHeap): void {
    const { lists, table } = this.#rows;
    while (waiting.size > 0 && waiting.first <= this.#watermark) {
      const time = waiting.first;
      const row = waiting.pop();
      if (this.#firedCount === this.#fired.length) {
        this.#fired = roomFor(this.#fired, 2 * this.#firedCount, true);
        const larger = new Float64Array(2 * this.#firedCount);
        larger.set(this.#firedTimes);
        this.#firedTimes = larger;
      }
      this.#fired[this.#firedCount] = row;
      this.#firedTimes[this.#firedCount++] = time;
      if (this.#frame === undefined) continue;
      const slot = lists.parentOf(row);
      table.touchOne(slot);
      this.#column(LAST)[slot] = time;
      this.#firedOf = roomFor(this.#firedOf, slot + 1, true);
      this.#firedOf[slot]! += 1;
    }
  }

  /** Computes and emits what has fired; rows of one time stay together, because they may be peers. */
  #emit(steps: WatermarkSteps | undefined, out: Output): void {
    const count = this.#firedCount;
    if (count === 0) emitSteps(out, steps);
    let step = 0;
    let cleared = 0;
    for (let from = 0; from < count;) {
      let to = Math.min(count, from + BATCH_ROWS);
      if (this.#range) while (to < count && this.#firedTimes[to] === this.#firedTimes[to - 1]) to += 1;
      const clears = cleared;
      while (cleared < this.#cleared.length && this.#cleared[cleared]!.before < to) cleared += 1;
      const columns = this.#compute(from, to, this.#cleared.slice(clears, cleared));
      const builder = new StepsBuilder();
      for (; steps !== undefined && step < steps.count && steps.rows[step]! <= to; step++)
        builder.add(steps.rows[step]! - from, steps.watermarks[step]!);
      emitBatch(out, { rowCount: to - from, columns, kinds: undefined, steps: builder.finish() });
      for (let k = from; k < to; k++) this.#forget(this.#fired[k]!);
      from = to;
    }
    const rest = this.#cleared.slice(cleared);
    if (rest.length > 0) this.#compute(count, count, rest);
    this.#firedCount = 0;
    this.#cleared = [];
  }

  #forget(row: number): void {
    const { lists } = this.#rows;
    if (this.#frame !== undefined) this.#firedOf[lists.parentOf(row)] = 0;
    lists.removeRow(row);
  }

  /** The output columns of fired rows `from` … `to` − 1. */
  #compute(from: number, to: number, clears: readonly { readonly before: number; readonly slot: number }[]): Column[] {
    const { lists, table } = this.#rows;
    const added = to - from;
    const rows = this.#fired.subarray(from, to);
    const slots = new Int32Array(added);
    for (let k = 0; k < added; k++) slots[k] = lists.parentOf(rows[k]!);
    table.touch(slots, added);
    const columns = this.#rows.gatherWithKeys(rows, slots, added);
    const ends = new Int32Array(this.#range ? added + clears.length : 0);
    const frame = this.#frame;
    if (frame === undefined) {
      if (this.#range) this.#runs(from, to, ends);
      const all = { columns, rows: undefined, slots, actions: undefined, count: added, ends, added };
      return [...columns, ...this.#functions.run(all)];
    }
    let clear = 0;
    let run = 0;
    for (let k = 0; k <= added; k++) {
      const breaks = clear < clears.length && clears[clear]!.before - from <= k;
      if (
        this.#range &&
        k > 0 &&
        (k === added || breaks || this.#firedTimes[from + k] !== this.#firedTimes[from + k - 1])
      )
        ends[run++] = frame.count;
      for (; clear < clears.length && clears[clear]!.before - from <= k; clear++) frame.clear(clears[clear]!.slot);
      if (k < added) frame.enter(slots[k]!, columns, k, this.#firedTimes[from + k]!);
    }
    ends[run] = frame.count;
    const { count, actions } = frame;
    const results = this.#functions.run({
      columns: frame.columns(),
      rows: frame.rows,
      slots: frame.slots,
      actions,
      count,
      ends,
      added,
    });
    frame.finish();
    return [...columns, ...results];
  }

  /** Ends of the runs of rows of one time. */
  #runs(from: number, to: number, ends: Int32Array): void {
    let run = 0;
    for (let k = from + 1; k <= to; k++)
      if (k === to || this.#firedTimes[k] !== this.#firedTimes[k - 1]) ends[run++] = k - from;
  }

  /** A column of the table beside the accumulators; another array after keys were added. */
  #column(field: StateField): Float64Array {
    const first = this.#layout.fields.length;
    return (this.#rows.table.columns[first + [LAST, IDLE_AT, CAPACITY].indexOf(field)] as { values: Float64Array })
      .values;
  }

  #removeIdle(): void {
    if (this.#frame === undefined || !this.#range) return;
    const { table, lists } = this.#rows;
    const until = (slot: number): number | undefined => {
      if (!table.isLive(slot)) return undefined;
      return lists.count(slot) > 0
        ? Math.max(this.#watermark + 1, this.#column(IDLE_AT)[slot]!)
        : this.#column(IDLE_AT)[slot]!;
    };
    this.#idle.expire(this.#watermark, until, (slot) => table.remove(slot));
  }

  #restoreWaiting(): TimeHeap {
    const { table, lists } = this.#rows;
    const found: { readonly time: number; readonly row: number }[] = [];
    const position = this.#rows.positionOf(this.#time);
    const key = this.#rows.keys.indexOf(this.#time);
    for (const slot of table.liveSlots()) {
      for (let row = lists.head(slot); row >= 0; row = lists.next(row)) {
        const column = viewOf(position === undefined ? table.keyColumns[key]! : lists.columns[position]!);
        const at = position === undefined ? slot : row;
        if (column.storage === "f64") found.push({ time: column.values[at]!, row });
      }
      if (this.#frame !== undefined && this.#range) this.#idle.add(slot, this.#column(IDLE_AT)[slot]!);
    }
    const sequences = this.#rows.sequences();
    found.sort((a, b) => sequences[a.row]! - sequences[b.row]!);
    const waiting = new TimeHeap();
    for (const { time, row } of found) waiting.push(time, row);
    return waiting;
  }
}
