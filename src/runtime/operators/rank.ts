import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { RankSpec } from "../spec.ts";
import { BestRow, isOverwritable, refuseOtherPlaces, refusePartialRows } from "./best-row.ts";
import { ChangeBuffer, rankColumn } from "./change-buffer.ts";
import { roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import type { RankedRows } from "./ranked-rows.ts";
import { orderOf, rankStored } from "./ranking.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";
import { WindowRank } from "./window-rank.ts";

/**
 * Top-N per partition. Append-only and upserting inputs keep the best N rows; a retracting input keeps all. The ranking
 * in memory is made again from the stored rows when it is not there.
 */
class Rank implements Operator {
  readonly #spec: RankSpec;
  readonly #rows: StoredRows;
  readonly #changes: ChangeBuffer;
  readonly #order: RowOrder;
  /** Changes name ranks and so shift the rows behind; else rows only enter and leave. */
  readonly #shifts: boolean;
  /** Top-1 of an input without retractions: the new best row updates the old one. */
  readonly #single: boolean;
  /** 0: the rows are the same (on the upsert key, if there is one). */
  readonly #identity: RowOrder;
  readonly prepare: Operator["prepare"];
  #rankings: (RankedRows | undefined)[] = [];
  #slots = new Int32Array(0);
  /** Row slots to free after the changes of the batch are out. */
  #dropped: number[] = [];
  /** With a time to live: the batch in which the ranking was last compared with the stored rows, by slot. */
  #checked: number[] = [];
  #batchNumber = 0;

  constructor(spec: RankSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#rows = new StoredRows(context.state, spec.input, spec.partition, {
      ttlMillis: spec.ttlMillis,
      names: spec.inputNames,
      retracting: spec.retracting,
    });
    refusePartialRows(context.state);
    refuseOtherPlaces(spec, context.state);
    this.#rows.table.dropped = (slot) => (this.#rankings[slot] = undefined);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
    this.#changes = new ChangeBuffer(
      this.#rows,
      spec.outputRank ? (ranks, count) => [rankColumn(ranks, count)] : undefined,
    );
    this.#order = orderOf(spec, this.#rows);
    this.#single = !spec.retracting && spec.from === 1 && spec.to === 1;
    this.#shifts = spec.outputRank || spec.from > 1;
    const compared = (spec.upsertKey ?? this.#rows.stored).filter(
      (column) => this.#rows.positionOf(column) !== undefined,
    );
    const sameness = compared.map((column) => ({ column, descending: false, nullsFirst: true }));
    this.#identity = compileRowOrder(sameness, spec.input, (column) => this.#rows.positionOf(column)!);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount > 0) {
      const { table } = this.#rows;
      this.#slots = roomFor(this.#slots, rowCount);
      void table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, this.#slots);
      table.touch(this.#slots, rowCount);
      this.#batchNumber += 1;
      const stored = this.#rows.storedColumns(batch.columns);
      for (let row = 0; row < rowCount; row++) {
        const slot = this.#slots[row]!;
        const kind = batch.kinds === undefined ? RowKind.Insert : (batch.kinds[row]! as RowKind);
        if (!isRetraction(kind)) this.#accumulate(slot, stored, row);
        // An input that updates by key needs no -U.
        else if (this.#spec.retracting) this.#retract(slot, stored, row);
        if (this.#changes.count >= BATCH_ROWS) this.#changes.flush(batch, row, out);
      }
      this.#changes.flush(batch, rowCount - 1, out);
      this.#free(rowCount);
    }
    this.#changes.finish(batch, out);
  }

  #accumulate(slot: number, stored: readonly Column[], row: number): void {
    const ranking = this.#ranking(slot);
    const { upsertKey, retracting, to } = this.#spec;
    if (upsertKey !== undefined && !retracting) {
      const old = this.#placeOfKey(ranking, stored, row);
      if (old >= 0) {
        this.#update(ranking, slot, old, stored, row);
        return;
      }
    }
    const { lists } = this.#rows;
    if (!retracting && ranking.length >= to && this.#order(stored, row, lists.columns, ranking.at(to - 1)) >= 0) return;
    const place = ranking.placeAfterEqual(this.#order, stored, row, lists.columns);
    const rowSlot = this.#rows.append(slot, stored, row);
    ranking.insert(place, rowSlot);
    this.#entered(ranking, place, row);
    if (!retracting && ranking.length > to) this.#dropped.push(ranking.remove(to));
  }

  /** Emits that a row has entered at the place; the ranking holds it already. */
  #entered(ranking: RankedRows, place: number, row: number): void {
    const { to } = this.#spec;
    const before = ranking.length - 1;
    if (place >= to) return;
    if (this.#single) {
      if (before > 0) this.#updateRank(row, 0, ranking.at(1), ranking.at(0));
      else this.#emit(RowKind.Insert, row, 0, ranking.at(0));
    } else if (this.#shifts) {
      for (let at = place; at < Math.min(to, before); at++)
        this.#updateRank(row, at, ranking.at(at + 1), ranking.at(at));
      if (before < to) this.#emit(RowKind.Insert, row, before, ranking.at(before));
    } else {
      if (before >= to) this.#emit(RowKind.Delete, row, to, ranking.at(to));
      this.#emit(RowKind.Insert, row, place, ranking.at(place));
    }
  }

  #retract(slot: number, stored: readonly Column[], row: number): void {
    const ranking = this.#ranking(slot);
    const place = this.#placeOf(ranking, stored, row);
    if (place < 0) return;
    const gone = ranking.remove(place);
    this.#dropped.push(gone);
    const { to } = this.#spec;
    if (place >= to) return;
    const left = ranking.length;
    if (this.#shifts) {
      let old = gone;
      for (let at = place; at < Math.min(to, left); at++) {
        this.#updateRank(row, at, old, ranking.at(at));
        old = ranking.at(at);
      }
      if (left < to) this.#emit(RowKind.Delete, row, left, old);
    } else {
      this.#emit(RowKind.Delete, row, place, gone);
      if (left >= to) this.#emit(RowKind.Insert, row, to - 1, ranking.at(to - 1));
    }
  }

  /** A new version of a ranked row: it keeps its place when the order is the same, else it moves. */
  #update(ranking: RankedRows, slot: number, old: number, stored: readonly Column[], row: number): void {
    const { lists } = this.#rows;
    const oldSlot = ranking.at(old);
    const unmoved = this.#order(stored, row, lists.columns, oldSlot) === 0;
    const rowSlot = unmoved
      ? this.#rows.append(slot, stored, row, this.#rows.sequences()[oldSlot])
      : this.#rows.append(slot, stored, row);
    this.#dropped.push(oldSlot);
    if (unmoved) {
      ranking.replace(old, rowSlot);
      this.#updateRank(row, old, oldSlot, rowSlot);
      return;
    }
    const before = Array.from({ length: ranking.length }, (_, at) => ranking.at(at));
    ranking.remove(old);
    const place = ranking.placeAfterEqual(this.#order, stored, row, lists.columns);
    ranking.insert(place, rowSlot);
    if (!this.#shifts) {
      this.#updateRank(row, place, oldSlot, rowSlot);
      return;
    }
    for (let at = Math.min(old, place); at <= Math.max(old, place); at++)
      this.#updateRank(row, at, before[at]!, ranking.at(at));
  }

  #updateRank(row: number, place: number, old: number, fresh: number): void {
    if (this.#spec.updateBefore) this.#emit(RowKind.UpdateBefore, row, place, old);
    this.#emit(RowKind.UpdateAfter, row, place, fresh);
  }

  #emit(kind: RowKind, row: number, place: number, rowSlot: number): void {
    if (this.#shifts && (place + 1 < this.#spec.from || place >= this.#spec.to)) return;
    this.#changes.add(kind, row, rowSlot, place + 1);
  }

  /** The place of the stored row that equals the input row. */
  #placeOf(ranking: RankedRows, stored: readonly Column[], row: number): number {
    const { columns } = this.#rows.lists;
    const from = ranking.placeBeforeEqual(this.#order, stored, row, columns);
    const to = ranking.placeAfterEqual(this.#order, stored, row, columns);
    for (let place = from; place < to; place++)
      if (this.#identity(stored, row, columns, ranking.at(place)) === 0) return place;
    return -1;
  }

  #placeOfKey(ranking: RankedRows, stored: readonly Column[], row: number): number {
    const { columns } = this.#rows.lists;
    for (let place = 0; place < ranking.length; place++)
      if (this.#identity(stored, row, columns, ranking.at(place)) === 0) return place;
    return -1;
  }

  #ranking(slot: number): RankedRows {
    const known = this.#rankings[slot];
    if (known !== undefined && (this.#spec.ttlMillis === 0 || this.#checked[slot] === this.#batchNumber)) return known;
    this.#checked[slot] = this.#batchNumber;
    // Rows may have expired since.
    if (known !== undefined && known.length === this.#rows.lists.count(slot)) return known;
    const ranking = rankStored(this.#rows, this.#order, slot);
    this.#rankings[slot] = ranking;
    return ranking;
  }

  #free(rowCount: number): void {
    for (const rowSlot of this.#dropped) this.#rows.lists.removeRow(rowSlot);
    this.#dropped = [];
    if (!this.#spec.retracting) return;
    for (let i = 0; i < rowCount; i++) {
      const slot = this.#slots[i]!;
      if (!this.#rows.table.isLive(slot) || this.#rows.lists.count(slot) > 0) continue;
      this.#rankings[slot] = undefined;
      this.#rows.table.remove(slot);
    }
  }
}

/** ROW_NUMBER Top-N. */
export const RANK: OperatorDefinition<RankSpec> = {
  kind: "rank",
  create(spec, context) {
    if (spec.windowEnd !== undefined) return new WindowRank(spec, context);
    if (!isBestRow(spec)) return new Rank(spec, context);
    return new BestRow({ ...spec, keys: spec.partition, laterOfEqual: false }, context);
  },
};

/** Top-1 of rows that are never taken back or replaced, for consumers that want no -U. */
function isBestRow({ from, to, outputRank, retracting, updateBefore, upsertKey, order, input }: RankSpec): boolean {
  const single = from === 1 && to === 1 && !outputRank;
  return single && !retracting && !updateBefore && upsertKey === undefined && isOverwritable(order, input);
}
