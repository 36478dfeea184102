import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { JoinSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { emitBatch, kindsOf, roomFor, StepCursor } from "./emit.ts";
import { inputColumn, storedColumn } from "./join-output.ts";
import { JoinSide } from "./join-side.ts";
import { MetPairs } from "./met-pairs.ts";
import { both, nearby } from "./nearby.ts";

/** What the operator does with the rows of one input. */
interface Role {
  readonly own: JoinSide;
  readonly other: JoinSide;
  readonly isLeft: boolean;
  /** Rows without a match come out padded with NULL. */
  readonly ownOuter: boolean;
  readonly otherOuter: boolean;
  readonly ownCounts: boolean;
  readonly otherCounts: boolean;
}

/** Joins two changelogs; both inputs are kept, and each row meets what the other side holds at that moment. */
class Join implements Operator {
  readonly #spec: JoinSpec;
  readonly #roles: readonly [Role, Role];
  readonly #semi: boolean;
  readonly #simple: boolean;
  /** Candidate pairs, then those that match. */
  readonly #pairs: MetPairs;
  readonly prepare: Operator["prepare"];
  #positions = new Int32Array(0);
  #slots = new Int32Array(0);
  #otherSlots = new Int32Array(0);
  #rows = new Int32Array(0);
  // Changes to emit: kind, input row, stored row, and whether the input side or the stored side is padded.
  #kinds = new Uint8Array(1024);
  #outRows = new Int32Array(1024);
  #outStored = new Int32Array(1024);
  #padInput = new Uint8Array(1024);
  #padStored = new Uint8Array(1024);
  #count = 0;
  #padded = false;
  /** Steps of the running batch. */
  #steps = new StepCursor(undefined);

  constructor(spec: JoinSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#pairs = new MetPairs(spec, context);
    const { type } = spec;
    this.#semi = type === "semi" || type === "anti";
    const leftOuter = type === "left" || type === "full";
    const rightOuter = type === "right" || type === "full";
    this.#simple = type === "inner" && !spec.leftRetracting && !spec.rightRetracting;
    const [leftTtl, rightTtl] = spec.ttlMillis;
    // One table for both sides finds the key once; with different times to live each side needs its own.
    const shared = leftTtl === rightTtl;
    const leftTable = context.state.table({
      name: shared ? "keys" : "left-keys",
      keys: stateKeys(spec.leftKeys, spec.left, spec.leftNames),
      fields: [],
      ttlMillis: leftTtl,
    });
    const rightTable = shared
      ? leftTable
      : context.state.table({
          name: "right-keys",
          keys: stateKeys(spec.rightKeys, spec.right, spec.rightNames),
          fields: [],
          ttlMillis: rightTtl,
        });
    const left = new JoinSide(context.state, leftTable, "left", spec.left, spec.leftKeys, {
      countsMatches: leftOuter || this.#semi,
      retracting: spec.leftRetracting,
      names: spec.leftNames,
    });
    const right = new JoinSide(context.state, rightTable, "right", spec.right, spec.rightKeys, {
      countsMatches: rightOuter,
      retracting: spec.rightRetracting,
      names: spec.rightNames,
    });
    this.#roles = [
      {
        own: left,
        other: right,
        isLeft: true,
        ownOuter: leftOuter,
        otherOuter: rightOuter,
        ownCounts: leftOuter || this.#semi,
        otherCounts: rightOuter,
      },
      {
        own: right,
        other: left,
        isLeft: false,
        ownOuter: rightOuter,
        otherOuter: leftOuter,
        ownCounts: rightOuter,
        otherCounts: leftOuter || this.#semi,
      },
    ];
    // Savepoints of older versions hold it.
    context.state.number("watermark", "lowest", -Infinity, () => -Infinity);
    this.prepare = nearby(context.state, (input, batch) => this.#load(this.#roles[input]!, batch));
  }

  #load({ own, other }: Role, batch: RecordBatch): Promise<void> | undefined {
    const keys = own.keyColumns(batch.columns);
    const first = own.table.load(keys, undefined, batch.rowCount);
    return other.table === own.table ? first : both(first, other.table.load(keys, undefined, batch.rowCount));
  }

  process(input: number, batch: RecordBatch, out: Output): void {
    const role = this.#roles[input]!;
    const { rowCount } = batch;
    this.#steps = new StepCursor(batch.steps);
    if (rowCount > 0) {
      this.#findSlots(role, batch);
      for (let from = 0; from < rowCount;) from = this.#processRows(role, batch, from, out);
      this.#dropEmptyKeys(role.own, rowCount);
    }
    this.#steps.finish(out);
  }

  /** Slots of the rows' keys on both sides, by row; −1: no such key (or a NULL that matches nothing). */
  #findSlots(role: Role, batch: RecordBatch): void {
    const { rowCount } = batch;
    const { own, other } = role;
    const keys = own.keyColumns(batch.columns);
    this.#slots = roomFor(this.#slots, rowCount);
    this.#otherSlots = roomFor(this.#otherSlots, rowCount);
    const nulls = keys.flatMap((column, i) =>
      column.nulls === undefined || this.#spec.nullSafe[i] === true ? [] : [column.nulls],
    );
    if (nulls.length === 0) {
      void own.table.prepare(keys, undefined, rowCount, this.#slots);
      own.table.touch(this.#slots, rowCount);
      if (other.table === own.table) this.#otherSlots.set(this.#slots.subarray(0, rowCount));
      else void other.table.find(keys, undefined, rowCount, this.#otherSlots);
      return;
    }
    this.#rows = roomFor(this.#rows, rowCount);
    this.#positions = roomFor(this.#positions, rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) if (!nulls.some((mask) => mask[row] === 1)) this.#rows[count++] = row;
    const scatter = (into: Int32Array): void => {
      into.fill(-1, 0, rowCount);
      for (let i = 0; i < count; i++) into[this.#rows[i]!] = this.#positions[i]!;
    };
    void own.table.prepare(keys, this.#rows, count, this.#positions);
    own.table.touch(this.#positions, count);
    scatter(this.#slots);
    if (other.table !== own.table) void other.table.find(keys, this.#rows, count, this.#positions);
    scatter(this.#otherSlots);
  }

  /** Takes rows from `from` until there are enough pairs for a batch; returns the next row. */
  #processRows(role: Role, batch: RecordBatch, from: number, out: Output): number {
    const { lists } = role.other;
    const pairs = this.#pairs;
    pairs.count = 0;
    let to = from;
    for (; to < batch.rowCount && pairs.count < BATCH_ROWS; to++) {
      const slot = this.#otherSlots[to]!;
      if (slot < 0) continue;
      for (let stored = lists.head(slot); stored >= 0; stored = lists.next(stored)) pairs.add(to, stored);
    }
    pairs.filter(role, batch);
    if (this.#simple) {
      this.#store(role, batch, from, to);
      this.#emitPairs(role, batch, to, out);
    } else if (this.#semi) {
      this.#changeSemi(role, batch, from, to, out);
    } else {
      this.#change(role, batch, from, to, out);
    }
    return to;
  }

  /** Appends rows to their lists: the fast path, where nothing is ever taken away. */
  #store(role: Role, batch: RecordBatch, from: number, to: number): void {
    role.own.lists.appendRows(this.#slots, role.own.storedColumns(batch.columns), from, to);
  }

  #emitPairs(role: Role, batch: RecordBatch, to: number, out: Output): void {
    const pairs = this.#pairs;
    for (let at = 0; at < pairs.count; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, pairs.count - at);
      const rows = at === 0 ? pairs.rows : pairs.rows.subarray(at);
      const stored = at === 0 ? pairs.stored : pairs.stored.subarray(at);
      const columns = pairs.columns(role, batch, rows, stored, count);
      const steps = this.#steps.among(rows, count, at + count === pairs.count ? to - 1 : rows[count - 1]!);
      out.batch({ rowCount: count, columns, kinds: undefined, steps });
    }
  }

  /** Inner and outer joins of changelogs, row by row as Flink's StreamingJoinOperator. */
  #change(role: Role, batch: RecordBatch, from: number, to: number, out: Output): void {
    const pairs = this.#pairs;
    const { own, other, ownOuter, otherOuter } = role;
    const stored = own.storedColumns(batch.columns);
    const inner = !ownOuter && !otherOuter;
    let pair = 0;
    for (let row = from; row < to; row++) {
      const kind = batch.kinds === undefined ? RowKind.Insert : (batch.kinds[row]! as RowKind);
      const minus = isRetraction(kind);
      const first = pair;
      while (pair < pairs.count && pairs.rows[pair] === row) pair += 1;
      const slot = this.#slots[row]!;
      if (minus) this.#retract(own, slot, stored, row);
      else if (slot >= 0) this.#append(role, slot, stored, row, pair - first);
      if (pair === first) {
        if (ownOuter) this.#emit(minus ? RowKind.Delete : RowKind.Insert, row, -1, false, true);
        continue;
      }
      if (!minus && otherOuter) this.#adoptPadded(other, row, first, pair);
      const pairKind = inner ? kind : minus ? (ownOuter ? RowKind.Delete : kind) : RowKind.Insert;
      for (let p = first; p < pair; p++) this.#emit(pairKind, row, pairs.stored[p]!, false, false);
      if (minus && otherOuter) this.#abandon(other, row, first, pair);
      if (this.#count >= BATCH_ROWS) this.#flush(role, batch, row, out);
    }
    this.#flush(role, batch, to - 1, out);
  }

  /** Stored rows that get a match: those that had none were out with NULLs, which are taken back. */
  #adoptPadded(other: JoinSide, row: number, first: number, end: number): void {
    const matches = other.matches();
    for (let p = first; p < end; p++) {
      const stored = this.#pairs.stored[p]!;
      if (matches[stored] === 0) this.#emit(RowKind.Delete, row, stored, true, false);
      other.lists.touchRow(stored);
      matches[stored]! += 1;
    }
  }

  /** Stored rows that lose a match: those that have none left come out with NULLs. */
  #abandon(other: JoinSide, row: number, first: number, end: number): void {
    const matches = other.matches();
    for (let p = first; p < end; p++) {
      const stored = this.#pairs.stored[p]!;
      if (matches[stored] === 1) this.#emit(RowKind.Insert, row, stored, true, false);
      other.lists.touchRow(stored);
      matches[stored]! -= 1;
    }
  }

  /** Semi and anti joins, as Flink's StreamingSemiAntiJoinOperator: left rows come out as they have matches or none. */
  #changeSemi(role: Role, batch: RecordBatch, from: number, to: number, out: Output): void {
    const pairs = this.#pairs;
    const { own, other } = role;
    const anti = this.#spec.type === "anti";
    const stored = own.storedColumns(batch.columns);
    let pair = 0;
    for (let row = from; row < to; row++) {
      const kind = batch.kinds === undefined ? RowKind.Insert : (batch.kinds[row]! as RowKind);
      const minus = isRetraction(kind);
      const first = pair;
      while (pair < pairs.count && pairs.rows[pair] === row) pair += 1;
      const slot = this.#slots[row]!;
      if (role.isLeft && pair > first !== anti) this.#emit(kind, row, -1, false, false);
      if (minus) this.#retract(own, slot, stored, row);
      else if (slot >= 0) this.#append(role, slot, stored, row, pair - first);
      if (!role.isLeft && pair > first) {
        const matches = other.matches();
        for (let p = first; p < pair; p++) {
          const left = pairs.stored[p]!;
          if (!minus && matches[left] === 0) this.#emit(anti ? RowKind.Delete : kind, row, left, false, false);
          if (minus && matches[left] === 1) this.#emit(anti ? RowKind.Insert : kind, row, left, false, false);
          other.lists.touchRow(left);
          matches[left]! += minus ? -1 : 1;
        }
      }
      if (this.#count >= BATCH_ROWS) this.#flush(role, batch, row, out);
    }
    this.#flush(role, batch, to - 1, out);
  }

  #append(role: Role, slot: number, stored: readonly Column[], row: number, matches: number): void {
    const rowSlot = role.own.lists.append(slot, stored, row);
    if (role.ownCounts) role.own.matches()[rowSlot] = matches;
  }

  #retract(own: JoinSide, slot: number, stored: readonly Column[], row: number): void {
    if (slot < 0) return;
    const found = own.find(slot, stored, row);
    if (found >= 0) own.lists.removeRow(found);
  }

  #emit(kind: RowKind, row: number, stored: number, padInput: boolean, padStored: boolean): void {
    const at = this.#count;
    if (at === this.#kinds.length) this.#growChanges();
    this.#kinds[at] = kind;
    this.#outRows[at] = row;
    this.#outStored[at] = stored < 0 ? 0 : stored;
    this.#padInput[at] = padInput ? 1 : 0;
    this.#padStored[at] = padStored ? 1 : 0;
    if (padInput || padStored) this.#padded = true;
    this.#count = at + 1;
  }

  #growChanges(): void {
    const size = 2 * this.#kinds.length;
    const grow = (from: Uint8Array): Uint8Array<ArrayBuffer> => {
      const to = new Uint8Array(size);
      to.set(from);
      return to;
    };
    this.#kinds = grow(this.#kinds);
    this.#padInput = grow(this.#padInput);
    this.#padStored = grow(this.#padStored);
    this.#outRows = roomFor(this.#outRows, size, true);
    this.#outStored = roomFor(this.#outStored, size, true);
  }

  /** Emits the changes so far; `lastRow`: the last input row that is done. */
  #flush(role: Role, batch: RecordBatch, lastRow: number, out: Output): void {
    const total = this.#count;
    for (let at = 0; at < total; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, total - at);
      const rows = this.#outRows.subarray(at, at + count);
      const columns = this.#changeColumns(role, batch, rows, at, count);
      const steps = this.#steps.among(rows, count, at + count === total ? lastRow : rows[count - 1]!);
      emitBatch(out, { rowCount: count, columns, kinds: kindsOf(this.#kinds.subarray(at, at + count), count), steps });
    }
    this.#count = 0;
    this.#padded = false;
  }

  #changeColumns(role: Role, batch: RecordBatch, rows: Int32Array, at: number, count: number): Column[] {
    const stored = this.#outStored.subarray(at, at + count);
    if (this.#semi) {
      return this.#spec.left.map((_, column) =>
        role.isLeft
          ? inputColumn(batch.columns, column, rows, count, undefined)
          : storedColumn(role, column, stored, batch.columns, rows, count, undefined),
      );
    }
    const padInput = this.#padded ? this.#padInput.subarray(at, at + count) : undefined;
    const padStored = this.#padded ? this.#padStored.subarray(at, at + count) : undefined;
    return this.#pairs.columns(role, batch, rows, stored, count, padInput, padStored);
  }

  /** Keys without rows on either side leave the state; only retractions make such keys. */
  #dropEmptyKeys(own: JoinSide, rowCount: number): void {
    if (this.#simple) return;
    for (let i = 0; i < rowCount; i++) if (this.#slots[i]! >= 0) this.#dropKey(own, this.#slots[i]!);
  }

  #dropKey(side: JoinSide, slot: number): void {
    if (!side.table.isLive(slot)) return;
    for (const { own } of this.#roles) if (own.table === side.table && own.lists.count(slot) > 0) return;
    side.table.remove(slot);
  }
}

/** Regular joins, semi and anti joins. */
export const JOIN: OperatorDefinition<JoinSpec> = {
  kind: "join",
  create: (spec, context) => new Join(spec, context),
};
