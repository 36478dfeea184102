import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import type { Waiting } from "../inspection.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { WindowJoinSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { JoinSide } from "./join-side.ts";
import { nearby } from "./nearby.ts";
import { OpenWindows } from "./open-windows.ts";
import { RowMarks } from "./row-marks.ts";
import { StoredPairs } from "./stored-pairs.ts";
import { millisOf } from "./watermark.ts";
import { windowClock, type WindowClock } from "./windows.ts";

/** Rows of both inputs wait for the end of their window, are joined there once, and forgotten. */
class WindowJoin implements Operator {
  readonly #spec: WindowJoinSpec;
  readonly #context: OperatorContext;
  readonly #sides: readonly [left: JoinSide, right: JoinSide];
  readonly #pairs: StoredPairs;
  readonly #clock: WindowClock;
  readonly #semi: boolean;
  readonly #leftMarks = new RowMarks();
  readonly #rightMarks = new RowMarks();
  readonly prepare: Operator["prepare"];
  /** Slots of the keys of each window end; undefined: not read from the state yet. */
  #windows: OpenWindows | undefined;
  #watermark: number;
  #slots = new Int32Array(0);

  constructor(spec: WindowJoinSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#semi = spec.type === "semi" || spec.type === "anti";
    const { state } = context;
    const table = state.table({
      name: "keys",
      keys: stateKeys(spec.leftKeys, spec.left, spec.leftNames),
      fields: [],
      ttlMillis: 0,
      // Windows know their keys by the slots.
      resident: "always",
    });
    const options = { countsMatches: false, retracting: false };
    this.#sides = [
      new JoinSide(state, table, "left", spec.left, spec.leftKeys, { ...options, names: spec.leftNames }),
      new JoinSide(state, table, "right", spec.right, spec.rightKeys, { ...options, names: spec.rightNames }),
    ];
    this.#pairs = new StoredPairs(spec, this.#sides, context);
    this.#clock = windowClock(spec.ltzZone);
    this.#watermark = state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.prepare = nearby(state);
  }

  process(input: number, batch: RecordBatch, out: Output): void {
    const side = this.#sides[input]!;
    const { rowCount, steps } = batch;
    const windows = this.#openWindows();
    const ends = rowCount === 0 ? undefined : millisOf(batch.columns[side.keys[this.#spec.windowEnd]!]!, rowCount);
    const firing = new FiringOutput(out);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      // Rows in front of the step may open a window that it fires, and are late by the watermark before it.
      if (ends !== undefined) from = this.#add(side, batch, ends, from, steps.rows[k]!, windows);
      const watermark = steps.watermarks[k]!;
      windows.close(watermark, (slots) => this.#fire(slots, firing));
      this.#watermark = watermark;
      firing.advance(watermark);
    }
    if (ends !== undefined) this.#add(side, batch, ends, from, rowCount, windows);
    firing.finish();
  }

  waiting(): Waiting {
    const { count, nextFire } = this.#openWindows();
    return { what: "windows", count, nextMillis: nextFire };
  }

  #add(side: JoinSide, batch: RecordBatch, ends: Float64Array, from: number, to: number, windows: OpenWindows): number {
    if (to <= from) return from;
    const chosen = new Int32Array(to - from);
    let count = 0;
    for (let row = from; row < to; row++) {
      if (this.#clock.fireTime(ends[row]!) > this.#watermark) chosen[count++] = row;
      else this.#context.late(batch, row, this.#sides.indexOf(side));
    }
    this.#slots = roomFor(this.#slots, count);
    void side.table.prepare(side.keyColumns(batch.columns), chosen, count, this.#slots);
    side.table.touch(this.#slots, count);
    const stored = side.storedColumns(batch.columns);
    for (let i = 0; i < count; i++) {
      const slot = this.#slots[i]!;
      side.lists.append(slot, stored, chosen[i]!);
      windows.add(ends[chosen[i]!]!, slot);
    }
    return to;
  }

  #fire(slots: readonly number[], out: Output): void {
    this.#join(slots, out);
    for (const slot of slots) this.#sides[0].table.remove(slot);
  }

  #join(slots: readonly number[], out: Output): void {
    const { type } = this.#spec;
    const [left, right] = this.#sides;
    this.#leftMarks.clear();
    this.#rightMarks.clear();
    for (const slot of slots) {
      if (right.lists.count(slot) === 0 || this.#hasNullKey(slot)) continue;
      for (let l = left.lists.head(slot); l >= 0; l = left.lists.next(l)) {
        if (this.#semi && this.#spec.condition === undefined) {
          this.#leftMarks.mark(l);
          continue;
        }
        for (let r = right.lists.head(slot); r >= 0; r = right.lists.next(r))
          if (this.#pairs.add(l, r, slot) === BATCH_ROWS) this.#match(out);
      }
    }
    this.#match(out);
    // Pairs of a firing come first, then the rows that stand alone.
    if (type === "semi") this.#unmatched(0, slots, (row) => this.#leftMarks.has(row), out);
    if (type === "left" || type === "full" || type === "anti")
      this.#unmatched(0, slots, (row) => !this.#leftMarks.has(row), out);
    if (type === "right" || type === "full") this.#unmatched(1, slots, (row) => !this.#rightMarks.has(row), out);
  }

  /** The pairs collected so far: those that match come out. */
  #match(out: Output): void {
    const pairs = this.#pairs;
    pairs.filter();
    if (this.#spec.type !== "inner") {
      for (let i = 0; i < pairs.count; i++) {
        this.#leftMarks.mark(pairs.left[i]!);
        this.#rightMarks.mark(pairs.right[i]!);
      }
    }
    if (this.#semi) pairs.clear();
    else pairs.flush(out);
  }

  /** Rows of one side that are chosen, alone. */
  #unmatched(input: 0 | 1, slots: readonly number[], chosen: (row: number) => boolean, out: Output): void {
    const { lists } = this.#sides[input];
    for (const slot of slots) {
      for (let row = lists.head(slot); row >= 0; row = lists.next(row)) {
        if (!chosen(row)) continue;
        const count = input === 0 ? this.#pairs.add(row, -1, slot) : this.#pairs.add(-1, row, slot);
        if (count === BATCH_ROWS) this.#pairs.flush(out);
      }
    }
    this.#pairs.flush(out);
  }

  #hasNullKey(slot: number): boolean {
    const { nullSafe } = this.#spec;
    return this.#sides[0].table.keyColumns.some((column, i) => nullSafe[i] !== true && column.nulls[slot] === 1);
  }

  #openWindows(): OpenWindows {
    if (this.#windows !== undefined) return this.#windows;
    const windows = (this.#windows = new OpenWindows(this.#clock));
    const { table } = this.#sides[0];
    const live = table.liveSlots();
    if (live.length === 0) return windows;
    const ends = millisOf(table.keyColumns[this.#spec.windowEnd]! as Column, table.slotLimit);
    for (const slot of live) windows.add(ends[slot]!, slot);
    return windows;
  }
}

/** Joins on the window of both sides. */
export const WINDOW_JOIN: OperatorDefinition<WindowJoinSpec> = {
  kind: "window-join",
  create: (spec, context) => new WindowJoin(spec, context),
};
