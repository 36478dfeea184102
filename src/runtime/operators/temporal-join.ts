import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { T } from "../../types/data-type.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { TemporalJoinSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { JoinSide } from "./join-side.ts";
import { nearby } from "./nearby.ts";
import { StoredPairs } from "./stored-pairs.ts";
import { TimeHeap } from "./time-heap.ts";
import { millisOf } from "./watermark.ts";

/** When rows of the key are next looked at: the earliest time of those that came since the last look. */
const DUE = { name: "$due", type: T.double(true), initial: null };

/**
 * Left rows wait until the watermark reaches their time, so that the version that was valid then is known, and come out
 * in order of arrival. Of the versions of a key those stay that are newer than the watermark, and the last before.
 */
class TemporalJoin implements Operator {
  readonly #spec: TemporalJoinSpec;
  readonly #left: JoinSide;
  readonly #right: JoinSide;
  readonly #pairs: StoredPairs;
  readonly prepare: Operator["prepare"];
  /** Slots of keys by the time at which they are due; undefined: not read from the state yet. */
  #waiting: TimeHeap | undefined;
  #slots = new Int32Array(0);
  #chosen = new Int32Array(0);
  // The versions of the key that is looked at, in order of time; those of one time in order of arrival.
  readonly #versions: number[] = [];
  #versionTimes = new Float64Array(16);

  constructor(spec: TemporalJoinSpec, context: OperatorContext) {
    this.#spec = spec;
    const { state } = context;
    const table = state.table({
      name: "keys",
      keys: stateKeys(spec.leftKeys, spec.left, spec.leftNames),
      fields: [DUE],
      ttlMillis: spec.ttlMillis,
      // Keys that are due are known by their slots; the others have what was valid last, and may be many.
      resident: (slot) => table.columns[0]!.nulls[slot] === 0,
    });
    this.#left = new JoinSide(state, table, "left", spec.left, spec.leftKeys, {
      countsMatches: false,
      number: spec.leftRetracting ? { name: "$kind", initial: RowKind.Insert } : undefined,
      retracting: false,
      names: spec.leftNames,
    });
    this.#right = new JoinSide(state, table, "right", spec.right, spec.rightKeys, {
      countsMatches: false,
      number: spec.rightRetracting ? { name: "$deleted", initial: 0 } : undefined,
      retracting: false,
      names: spec.rightNames,
    });
    this.#pairs = new StoredPairs(spec, [this.#left, this.#right], context);
    this.prepare = nearby(state, (input, batch) =>
      table.load((input === 0 ? this.#left : this.#right).keyColumns(batch.columns), undefined, batch.rowCount),
    );
  }

  process(input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    const waiting = (this.#waiting ??= this.#readWaiting());
    const side = input === 0 ? this.#left : this.#right;
    const times =
      rowCount === 0
        ? undefined
        : millisOf(batch.columns[input === 0 ? this.#spec.leftTime : this.#spec.rightTime]!, rowCount);
    const firing = new FiringOutput(out);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      if (times !== undefined) from = this.#add(side, batch, times, from, steps.rows[k]!, waiting);
      const watermark = steps.watermarks[k]!;
      if (waiting.first <= watermark) this.#fire(watermark, waiting, firing);
      firing.advance(watermark);
    }
    if (times !== undefined) this.#add(side, batch, times, from, rowCount, waiting);
    firing.finish();
  }

  waiting(): Waiting {
    const { first } = (this.#waiting ??= this.#readWaiting());
    return { what: "rows", count: this.#left.lists.liveCount, nextMillis: first };
  }

  #add(side: JoinSide, batch: RecordBatch, times: Float64Array, from: number, to: number, waiting: TimeHeap): number {
    if (to <= from) return from;
    const isLeft = side === this.#left;
    const noTime = batch.columns[isLeft ? this.#spec.leftTime : this.#spec.rightTime]!.nulls;
    const chosen = (this.#chosen = roomFor(this.#chosen, to - from));
    let count = 0;
    for (let row = from; row < to; row++) {
      // The row that takes the place of an old version says from when it is valid; a version without a time never is.
      if (isLeft || (batch.kinds?.[row] !== RowKind.UpdateBefore && noTime?.[row] !== 1)) chosen[count++] = row;
    }
    this.#slots = roomFor(this.#slots, count);
    void side.table.prepare(side.keyColumns(batch.columns), chosen, count, this.#slots);
    side.table.touch(this.#slots, count);
    const stored = side.storedColumns(batch.columns);
    const numbered = isLeft ? this.#spec.leftRetracting : this.#spec.rightRetracting;
    for (let i = 0; i < count; i++) {
      const row = chosen[i]!;
      const slot = this.#slots[i]!;
      const kind = batch.kinds?.[row] ?? RowKind.Insert;
      const rowSlot = side.lists.append(slot, stored, row);
      if (numbered) side.numbers()[rowSlot] = isLeft ? kind : Number(kind === RowKind.Delete);
      if (this.#spec.ttlMillis > 0) this.#renew(slot);
      this.#schedule(slot, noTime?.[row] === 1 ? -Infinity : times[row]!, waiting);
    }
    return to;
  }

  /** The key is looked at when the watermark reaches this time, if not sooner. */
  #schedule(slot: number, time: number, waiting: TimeHeap): void {
    const { table } = this.#left;
    const due = table.columns[0]! as { values: Float64Array; nulls: Uint8Array };
    if (due.nulls[slot] === 0 && due.values[slot]! <= time) return;
    table.touchOne(slot);
    due.values[slot] = time;
    due.nulls[slot] = 0;
    waiting.push(time, slot);
  }

  /** All rows of a key live as long as the key is in use. */
  #renew(slot: number): void {
    for (const { lists } of [this.#left, this.#right])
      for (let row = lists.head(slot); row >= 0; row = lists.next(row)) lists.touchRow(row);
  }

  #fire(watermark: number, waiting: TimeHeap, out: Output): void {
    const { table } = this.#left;
    const due = table.columns[0]! as { values: Float64Array; nulls: Uint8Array };
    const found = new Set<number>();
    while (waiting.size > 0 && waiting.first <= watermark) {
      const time = waiting.first;
      const slot = waiting.pop();
      // An earlier time may have taken the place of the one that was put in, or another key that of its key.
      if (table.isLive(slot) && due.nulls[slot] === 0 && due.values[slot] === time) found.add(slot);
    }
    // By the earliest row of each key, as Flink's timers are.
    const slots = [...found].sort((a, b) => due.values[a]! - due.values[b]! || a - b);
    const done: number[] = [];
    for (const slot of slots) this.#join(slot, watermark, waiting, done, out);
    this.#flush(out);
    for (const row of done) this.#left.lists.removeRow(row);
    for (const slot of slots) this.#dropKey(slot);
  }

  #join(slot: number, watermark: number, waiting: TimeHeap, done: number[], out: Output): void {
    const { table, lists } = this.#left;
    const due = table.columns[0]! as { values: Float64Array; nulls: Uint8Array };
    table.touchOne(slot);
    due.nulls[slot] = 1;
    this.#readVersions(slot);
    const noMatch = this.#hasNullKey(slot);
    const kinds = this.#spec.leftRetracting ? this.#left.numbers() : undefined;
    let next = Infinity;
    for (let row = lists.head(slot); row >= 0; row = lists.next(row)) {
      const time = this.#timeOf(this.#left, this.#spec.leftTime, row, slot);
      if (time > watermark) {
        next = Math.min(next, time);
        continue;
      }
      done.push(row);
      const version = noMatch ? -1 : this.#versionAt(time);
      if (version < 0 && this.#spec.type === "inner") continue;
      if (this.#pairs.add(row, version, slot, kinds?.[row] ?? RowKind.Insert) === BATCH_ROWS) this.#flush(out);
    }
    // Pairs refer to rows of the state: they go out before versions that they hold are forgotten.
    if (this.#forgetCount(watermark) > 0) {
      this.#flush(out);
      this.#forget(this.#forgetCount(watermark));
    }
    if (next < Infinity) this.#schedule(slot, next, waiting);
  }

  #flush(out: Output): void {
    if (this.#spec.type === "inner") this.#pairs.filter();
    else this.#pairs.padUnmatched();
    this.#pairs.flush(out);
  }

  #readVersions(slot: number): void {
    const { lists } = this.#right;
    this.#versions.length = 0;
    let sorted = true;
    for (let row = lists.head(slot), last = -Infinity; row >= 0; row = lists.next(row)) {
      const time = this.#timeOf(this.#right, this.#spec.rightTime, row, slot);
      if (time < last) sorted = false;
      last = time;
      this.#versions.push(row);
    }
    const timeOf = (row: number): number => this.#timeOf(this.#right, this.#spec.rightTime, row, slot);
    if (!sorted) this.#versions.sort((a, b) => timeOf(a) - timeOf(b));
    if (this.#versionTimes.length < this.#versions.length)
      this.#versionTimes = new Float64Array(2 * this.#versions.length);
    for (let i = 0; i < this.#versions.length; i++) this.#versionTimes[i] = timeOf(this.#versions[i]!);
  }

  /** The number of versions that are valid from this time or before. */
  #countUpTo(time: number): number {
    let low = 0;
    let high = this.#versions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#versionTimes[middle]! <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The stored version that was valid at a time; −1: there was none. */
  #versionAt(time: number): number {
    const count = this.#countUpTo(time);
    if (count === 0) return -1;
    const row = this.#versions[count - 1]!;
    return this.#isDeleted(row) ? -1 : row;
  }

  #isDeleted(row: number): boolean {
    return this.#spec.rightRetracting && this.#right.numbers()[row] === 1;
  }

  /** How many versions no left row can meet any more that is not late. */
  #forgetCount(watermark: number): number {
    const passed = this.#countUpTo(watermark);
    if (passed === 0) return 0;
    // That there is nothing is known without the version that says so.
    return this.#isDeleted(this.#versions[passed - 1]!) ? passed : passed - 1;
  }

  #forget(count: number): void {
    for (let i = 0; i < count; i++) this.#right.lists.removeRow(this.#versions[i]!);
  }

  #timeOf(side: JoinSide, column: number, row: number, slot: number): number {
    const position = side.positionOf(column);
    const stored =
      position === undefined ? side.table.keyColumns[side.keys.indexOf(column)]! : side.lists.columns[position]!;
    const at = position === undefined ? slot : row;
    if (stored.storage !== "f64" || stored.nulls[at] === 1) return -Infinity;
    return stored.values[at]!;
  }

  #hasNullKey(slot: number): boolean {
    const { nullSafe } = this.#spec;
    return this.#left.table.keyColumns.some((column, i) => nullSafe[i] !== true && column.nulls[slot] === 1);
  }

  #dropKey(slot: number): void {
    const { table } = this.#left;
    if (table.isLive(slot) && this.#left.lists.count(slot) === 0 && this.#right.lists.count(slot) === 0)
      table.remove(slot);
  }

  #readWaiting(): TimeHeap {
    const heap = new TimeHeap();
    const { table } = this.#left;
    const due = table.columns[0]! as { values: Float64Array; nulls: Uint8Array };
    for (const slot of table.liveSlots()) if (due.nulls[slot] === 0) heap.push(due.values[slot]!, slot);
    return heap;
  }
}

/** Joins with the version of a table that was valid at the time of a row. */
export const TEMPORAL_JOIN: OperatorDefinition<TemporalJoinSpec> = {
  kind: "temporal-join",
  create: (spec, context) => new TemporalJoin(spec, context),
};
