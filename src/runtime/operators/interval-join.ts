import { BATCH_ROWS, type RecordBatch, type WatermarkSteps } from "../../batch/record-batch.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { IntervalJoinSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { FiringOutput, roomFor, StepCursor } from "./emit.ts";
import { InProcessingTime, type FiringOperator } from "./in-processing-time.ts";
import { JoinSide } from "./join-side.ts";
import { MetPairs } from "./met-pairs.ts";
import { nearby } from "./nearby.ts";
import { StoredPairs } from "./stored-pairs.ts";
import { TimedRows, type RowTimes } from "./timed-rows.ts";
import { millisOf } from "./watermark.ts";

/** What the operator does with the rows of one input. */
interface Role {
  readonly own: JoinSide;
  readonly other: JoinSide;
  readonly isLeft: boolean;
  readonly time: number;
  /** A row of time t matches rows of the other side from t − `lookBack` to t + `lookAhead`. */
  readonly lookBack: number;
  readonly lookAhead: number;
  /** Rows without a match come out padded with NULL. */
  readonly ownOuter: boolean;
  readonly otherOuter: boolean;
  readonly ownRows: TimedRows;
  readonly otherRows: TimedRows;
}

/**
 * A row waits until the watermark has passed the latest time that it can match, and until then meets every row of the
 * other side that comes. The watermark behind is held back by the longest wait, since rows come out that much later.
 */
class IntervalJoin implements FiringOperator {
  readonly #spec: IntervalJoinSpec;
  readonly #context: OperatorContext;
  readonly #roles: readonly [Role, Role];
  readonly #delay: number;
  readonly #alone: StoredPairs;
  /** Candidate pairs, then those that match. */
  readonly #pairs: MetPairs;
  readonly prepare: Operator["prepare"];
  #watermark: number;
  #slots = new Int32Array(0);
  /** Keys of which a side has lost its last row in the running batch. */
  readonly #emptied: number[] = [];
  #positions = new Int32Array(0);
  #rows = new Int32Array(0);
  /** 1: the row waits for partners to come. */
  #waits = new Int32Array(0);

  constructor(spec: IntervalJoinSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#pairs = new MetPairs(spec, context);
    this.#context = context;
    const { type, fromMillis, toMillis } = spec;
    const { state } = context;
    this.#delay = Math.max(0, -fromMillis, toMillis);
    const table = state.table({
      name: "keys",
      keys: stateKeys(spec.leftKeys, spec.left, spec.leftNames),
      fields: [],
      ttlMillis: 0,
      // Rows that go by time are known by their slots.
      resident: "always",
    });
    const leftOuter = type === "left" || type === "full";
    const rightOuter = type === "right" || type === "full";
    const side = (isLeft: boolean): JoinSide =>
      new JoinSide(
        state,
        table,
        isLeft ? "left" : "right",
        isLeft ? spec.left : spec.right,
        isLeft ? spec.leftKeys : spec.rightKeys,
        {
          countsMatches: isLeft ? leftOuter : rightOuter,
          retracting: false,
          names: isLeft ? spec.leftNames : spec.rightNames,
        },
      );
    const [left, right] = [side(true), side(false)];
    const leftRows = new TimedRows(left, spec.leftTime, leftOuter);
    const rightRows = new TimedRows(right, spec.rightTime, rightOuter);
    this.#roles = [
      {
        own: left,
        other: right,
        isLeft: true,
        time: spec.leftTime,
        lookBack: toMillis,
        lookAhead: -fromMillis,
        ownOuter: leftOuter,
        otherOuter: rightOuter,
        ownRows: leftRows,
        otherRows: rightRows,
      },
      {
        own: right,
        other: left,
        isLeft: false,
        time: spec.rightTime,
        lookBack: -fromMillis,
        lookAhead: toMillis,
        ownOuter: rightOuter,
        otherOuter: leftOuter,
        ownRows: rightRows,
        otherRows: leftRows,
      },
    ];
    this.#alone = new StoredPairs({ ...spec, condition: undefined }, [left, right], context);
    this.#watermark = state.number("watermark", "lowest", -Infinity, () => this.#watermark);
    this.prepare = nearby(state);
  }

  process(input: number, batch: RecordBatch, out: Output): void {
    const role = this.#roles[input]!;
    const { rowCount } = batch;
    if (rowCount > 0) this.#findSlots(role, batch);
    const times = rowCount === 0 ? new Float64Array(0) : millisOf(batch.columns[role.time]!, rowCount);
    if (this.#spec.type === "inner") this.#inner(role, batch, times, out);
    else this.#outer(role, batch, times, out);
    // Keys of which nothing was stored, or whose last row has gone.
    for (let row = 0; row < rowCount; row++) if (this.#slots[row]! >= 0) this.#dropKey(this.#slots[row]!);
    for (const slot of this.#emptied.splice(0)) this.#dropKey(slot);
  }

  nextFire(): number {
    if (this.#spec.type === "inner") return Infinity;
    return Math.min(...this.#roles.map(({ ownRows, lookAhead }) => ownRows.first + lookAhead + 1));
  }

  /** No row comes out by the watermark alone, so that a batch need not be cut at its steps. */
  #inner(role: Role, batch: RecordBatch, times: Float64Array, out: Output): void {
    const { steps, rowCount } = batch;
    const cursor = new StepCursor(steps && this.#held(steps));
    if (rowCount > 0) this.#meet(role, batch, times, 0, rowCount, cursor, out);
    cursor.finish(out);
    if (steps === undefined) return;
    this.#watermark = steps.watermarks[steps.count - 1]!;
    for (const { own, ownRows, lookAhead } of this.#roles) {
      for (const row of ownRows.due(this.#watermark - lookAhead - 1)) this.#remove(own, row);
    }
  }

  #outer(role: Role, batch: RecordBatch, times: Float64Array, out: Output): void {
    const { steps, rowCount } = batch;
    const firing = new FiringOutput(out);
    const rows = { ...batch, steps: undefined };
    const none = new StepCursor(undefined);
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      const to = steps.rows[k]!;
      if (to > from) this.#meet(role, rows, times, from, to, none, firing);
      from = Math.max(from, to);
      this.#watermark = steps.watermarks[k]!;
      this.#expire(firing);
      firing.advance(this.#watermark - this.#delay);
    }
    if (rowCount > from) this.#meet(role, rows, times, from, rowCount, none, firing);
    firing.finish();
  }

  /** The steps of the watermark that goes on. */
  #held(steps: WatermarkSteps): WatermarkSteps {
    return { ...steps, watermarks: steps.watermarks.map((watermark) => watermark - this.#delay) };
  }

  /** Slots of the rows' keys, by row; −1: a NULL that matches nothing. */
  #findSlots(role: Role, batch: RecordBatch): void {
    const { rowCount } = batch;
    const { table } = role.own;
    const keys = role.own.keyColumns(batch.columns);
    this.#slots = roomFor(this.#slots, rowCount);
    const nulls = keys.flatMap((column, i) =>
      column.nulls === undefined || this.#spec.nullSafe[i] === true ? [] : [column.nulls],
    );
    const noTime = batch.columns[role.time]!.nulls;
    if (noTime !== undefined) nulls.push(noTime);
    if (nulls.length === 0) {
      void table.prepare(keys, undefined, rowCount, this.#slots);
      table.touch(this.#slots, rowCount);
      return;
    }
    this.#rows = roomFor(this.#rows, rowCount);
    this.#positions = roomFor(this.#positions, rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) if (!nulls.some((mask) => mask[row] === 1)) this.#rows[count++] = row;
    void table.prepare(keys, this.#rows, count, this.#positions);
    table.touch(this.#positions, count);
    this.#slots.fill(-1, 0, rowCount);
    for (let i = 0; i < count; i++) this.#slots[this.#rows[i]!] = this.#positions[i]!;
  }

  /** Rows `from` … `to` − 1 meet the stored rows of the other side, then wait for those to come. */
  #meet(
    role: Role,
    batch: RecordBatch,
    times: Float64Array,
    from: number,
    to: number,
    cursor: StepCursor,
    out: Output,
  ): void {
    this.#waits = roomFor(this.#waits, to);
    const { steps } = batch;
    const pairs = this.#pairs;
    const others = role.otherRows.times();
    let step = 0;
    for (let start = from; start < to;) {
      pairs.count = 0;
      let row = start;
      for (; row < to && pairs.count < BATCH_ROWS; row++) {
        while (steps !== undefined && step < steps.count && steps.rows[step]! <= row)
          this.#watermark = steps.watermarks[step++]!;
        const slot = this.#slots[row]!;
        if (slot < 0) {
          this.#waits[row] = 0;
          continue;
        }
        this.#waits[row] = this.#watermark < times[row]! + role.lookAhead ? 1 : 0;
        this.#candidates(role, others, slot, row, times[row]!);
      }
      pairs.filter(role, batch);
      if (role.otherOuter) this.#countMatches(role.other);
      this.#emitPairs(role, batch, row - 1, cursor, out);
      this.#store(role, batch, times, start, row, out);
      start = row;
    }
  }

  /** Adds the pairs of one row with the rows of the other side that are near it in time. */
  #candidates(role: Role, { values, byKey }: RowTimes, slot: number, row: number, time: number): void {
    const { lists } = role.other;
    // What the watermark has put out of reach is no longer there, whether or not its place was cleared.
    const low = Math.max(time, this.#watermark) - role.lookBack;
    const high = time + role.lookAhead;
    for (let stored = lists.head(slot); stored >= 0; stored = lists.next(stored)) {
      const other = values[byKey ? slot : stored]!;
      if (other >= low && other <= high) this.#pairs.add(row, stored);
    }
  }

  /** Stored rows of an outer side that have met a partner will not come out alone. */
  #countMatches(other: JoinSide): void {
    const matches = other.matches();
    for (let i = 0; i < this.#pairs.count; i++) {
      const stored = this.#pairs.stored[i]!;
      if (matches[stored] !== 0) continue;
      other.lists.touchRow(stored);
      matches[stored] = 1;
    }
  }

  #emitPairs(role: Role, batch: RecordBatch, lastRow: number, cursor: StepCursor, out: Output): void {
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.count; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, pairs.count - at);
      const rows = pairs.rows.subarray(at, at + count);
      const stored = pairs.stored.subarray(at, at + count);
      const steps = cursor.among(rows, count, at + count === pairs.count ? lastRow : rows[count - 1]!);
      const columns = pairs.columns(role, batch, rows, stored, count);
      out.batch({ rowCount: count, columns, kinds: undefined, steps });
    }
  }

  /** Stores the rows that can still match; of the others those of an outer side without a match come out alone. */
  #store(role: Role, batch: RecordBatch, times: Float64Array, from: number, to: number, out: Output): void {
    const { own, ownOuter, ownRows } = role;
    const pairs = this.#pairs;
    const stored = own.storedColumns(batch.columns);
    const alone = (this.#rows = roomFor(this.#rows, to - from));
    let pair = 0;
    let count = 0;
    for (let row = from; row < to; row++) {
      const first = pair;
      while (pair < pairs.count && pairs.rows[pair] === row) pair += 1;
      if (this.#waits[row] === 1) {
        const rowSlot = own.lists.append(this.#slots[row]!, stored, row);
        if (ownOuter) own.matches()[rowSlot] = pair > first ? 1 : 0;
        ownRows.add(rowSlot, times[row]!);
      } else if (pair === first) {
        // Of an outer side they come out, if without a match.
        if (ownOuter) alone[count++] = row;
        if (this.#slots[row]! >= 0) {
          if (ownOuter) this.#context.count("lateRows", 1);
          else this.#context.late(batch, row, role.isLeft ? 0 : 1);
        }
      }
    }
    if (count === 0) return;
    const mask = new Uint8Array(count).fill(1);
    const columns = pairs.columns(role, batch, alone, new Int32Array(count), count, undefined, mask);
    out.batch({ rowCount: count, columns, kinds: undefined, steps: undefined });
  }

  /** Rows that nothing can match any more go; those of an outer side that never met a partner come out alone. */
  #expire(out: Output): void {
    for (const { own, ownOuter, ownRows, lookAhead, isLeft } of this.#roles) {
      const due = ownRows.due(this.#watermark - lookAhead - 1);
      if (ownOuter) {
        const matches = own.matches();
        for (const row of due) {
          if (matches[row] !== 0) continue;
          const slot = own.lists.parentOf(row);
          if (this.#alone.add(isLeft ? row : -1, isLeft ? -1 : row, slot) === BATCH_ROWS) this.#alone.flush(out);
        }
        this.#alone.flush(out);
      }
      for (const row of due) this.#remove(own, row);
    }
  }

  #remove(side: JoinSide, row: number): void {
    const slot = side.lists.parentOf(row);
    side.lists.removeRow(row);
    // A later row of the running batch may have the key.
    if (side.lists.count(slot) === 0) this.#emptied.push(slot);
  }

  #dropKey(slot: number): void {
    const [{ own: left }, { own: right }] = this.#roles;
    if (left.table.isLive(slot) && left.lists.count(slot) === 0 && right.lists.count(slot) === 0)
      left.table.remove(slot);
  }
}

/** Joins of rows whose times are near each other. */
export const INTERVAL_JOIN: OperatorDefinition<IntervalJoinSpec> = {
  kind: "interval-join",
  create(spec, context) {
    const join = new IntervalJoin(spec, context);
    if (spec.processingTime !== true) return join;
    return new InProcessingTime(join, { time: [spec.leftTime, spec.rightTime], input: spec.left }, context);
  },
};
