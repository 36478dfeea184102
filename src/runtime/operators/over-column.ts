import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { valueAt } from "../../batch/get.ts";
import { takeColumn } from "../../batch/take.ts";
import type { StateColumn } from "../../state/api.ts";
import { AggregateLoops, sameValue } from "../aggregate-codegen.ts";
import type { AdvanceLoop, ResultAt } from "../aggregate-loops.ts";
import { layoutAggregates } from "../aggregate-layout.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { OverSpec, SortColumn } from "../spec.ts";
import { ChangeBuffer } from "./change-buffer.ts";
import { roomFor } from "./emit.ts";
import { viewOf } from "./join-output.ts";
import { nearby } from "./nearby.ts";
import type { RankedRows } from "./ranked-rows.ts";
import { rankStored } from "./ranking.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";

/**
 * OVER in the order of a column, from the first row on. All rows are kept, each with the accumulators of the rows up to
 * it; a row that comes or goes changes those behind it, until one is met that stays as it was.
 */
export class OverByColumn implements Operator {
  readonly #spec: OverSpec;
  readonly #rows: StoredRows;
  readonly #order: RowOrder;
  /** 0: the rows are the same. */
  readonly #identity: RowOrder;
  readonly #advance: AdvanceLoop;
  readonly #resultAt: ResultAt;
  readonly #results: readonly OutputColumn[];
  readonly #changes: ChangeBuffer;
  readonly #accumulators: readonly StateColumn[];
  /** The stored rows as input columns; aggregates read no partition columns here. */
  readonly #inputs: readonly (StateColumn | undefined)[];
  readonly prepare: Operator["prepare"];
  #rankings: (RankedRows | undefined)[] = [];
  #slots = new Int32Array(0);
  #resultCount = 0;
  /** Rows that went; freed when the changes are out. */
  #dropped: number[] = [];
  /** With a time to live: the batch in which the ranking was last compared with the stored rows, by slot. */
  #checked: number[] = [];
  #batchNumber = 0;

  constructor(spec: OverSpec, order: SortColumn, context: OperatorContext) {
    this.#spec = spec;
    const layout = layoutAggregates(spec.aggregates, context.functions, false, spec.inputNames);
    this.#rows = new StoredRows(context.state, spec.input, spec.partition, {
      ttlMillis: spec.ttlMillis,
      names: spec.inputNames,
      retracting: spec.retracting,
      // The sums of rows that are there already would lack them.
      rowFields: layout.fields.map((field) => ({
        ...field,
        name: `${field.name} OVER`,
        missing: "rows stored before have no value for it",
      })),
    });
    this.#rows.table.dropped = (slot) => (this.#rankings[slot] = undefined);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
    const position = (column: number): number => this.#rows.positionOf(column)!;
    const stored = (column: number): boolean => this.#rows.positionOf(column) !== undefined;
    // In the order of a partition column all rows are peers.
    this.#order = compileRowOrder(stored(order.column) ? [order] : [], spec.input, position);
    const all = this.#rows.stored.map((column) => ({ column, descending: false, nullsFirst: true }));
    this.#identity = compileRowOrder(all, spec.input, position);
    this.#accumulators = this.#rows.lists.columns.slice(this.#rows.stored.length + 1);
    this.#inputs = spec.input.map((_, column) =>
      stored(column) ? this.#rows.lists.columns[position(column)] : undefined,
    );
    const loops = new AggregateLoops(layout, spec.input, context.session, layout.fields);
    this.#advance = loops.advance();
    this.#resultAt = loops.resultAt();
    this.#results = loops.outputColumns();
    this.#changes = new ChangeBuffer(this.#rows, (numbers, count) =>
      this.#results.map((column) => takeColumn(column.finish(this.#resultCount), numbers, count)),
    );
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
      this.#reserve();
      for (let row = 0; row < rowCount; row++) {
        const kind = batch.kinds === undefined ? RowKind.Insert : (batch.kinds[row]! as RowKind);
        if (isRetraction(kind)) this.#remove(batch, stored, row, out);
        else this.#insert(batch, stored, row, kind, out);
      }
      this.#flush(batch, rowCount - 1, out);
      this.#free(rowCount);
    }
    this.#changes.finish(batch, out);
  }

  #insert(batch: RecordBatch, stored: readonly Column[], row: number, kind: RowKind, out: Output): void {
    const slot = this.#slots[row]!;
    const ranking = this.#ranking(slot);
    const { columns } = this.#rows.lists;
    const place = ranking.placeAfterEqual(this.#order, stored, row, columns);
    const first =
      this.#spec.frame.units === "RANGE" ? ranking.placeBeforeEqual(this.#order, stored, row, columns) : place;
    const old = place > first ? this.#result(ranking.at(place - 1)) : -1;
    const fresh = this.#rows.append(slot, stored, row);
    ranking.insert(place, fresh);
    this.#move(ranking, place);
    const current = this.#result(fresh);
    if (place > first && this.#differs(ranking.at(place - 1), fresh)) {
      for (let at = first; at < place; at++) this.#update(row, ranking.at(at), old, current);
    }
    this.#changes.add(kind, row, fresh, current);
    this.#room(batch, row, out);
    this.#follow(batch, row, ranking, place + 1, out);
  }

  #remove(batch: RecordBatch, stored: readonly Column[], row: number, out: Output): void {
    const slot = this.#slots[row]!;
    const ranking = this.#ranking(slot);
    const { columns } = this.#rows.lists;
    let first = ranking.placeBeforeEqual(this.#order, stored, row, columns);
    let behind = ranking.placeAfterEqual(this.#order, stored, row, columns);
    let place = first;
    while (place < behind && this.#identity(stored, row, columns, ranking.at(place)) !== 0) place += 1;
    if (place >= behind) return;
    if (this.#spec.frame.units === "ROWS") {
      first = place;
      behind = place + 1;
    }
    const gone = ranking.at(place);
    const old = this.#result(ranking.at(behind - 1));
    this.#dropped.push(gone);
    if (behind - first === 1) {
      ranking.remove(place);
      this.#changes.add(RowKind.Delete, row, gone, old);
      this.#room(batch, row, out);
      this.#follow(batch, row, ranking, place, out);
      return;
    }
    this.#removePeer(ranking, place, first, behind, { row, gone, old });
    this.#room(batch, row, out);
    this.#follow(batch, row, ranking, behind - 1, out);
  }

  /** A row of RANGE goes, and its peers `first` … `behind` − 1 stay with another result. */
  #removePeer(
    ranking: RankedRows,
    place: number,
    first: number,
    behind: number,
    { row, gone, old }: { readonly row: number; readonly gone: number; readonly old: number },
  ): void {
    const last = ranking.at(behind - 1);
    ranking.remove(place);
    let changed = false;
    for (let at = place; at < behind - 1; at++) changed = this.#move(ranking, at);
    // Without the last of them, the one before it says the result of all.
    if (gone === last) changed = this.#differs(ranking.at(behind - 2), gone);
    const current = changed ? this.#result(ranking.at(behind - 2)) : old;
    for (let at = first; at < behind; at++) {
      if (at === place) this.#changes.add(RowKind.Delete, row, gone, old);
      if (changed && at < behind - 1) this.#update(row, ranking.at(at), old, current);
    }
  }

  /** Brings the rows from a place on up to date, until one stays as it was. */
  #follow(batch: RecordBatch, row: number, ranking: RankedRows, from: number, out: Output): void {
    const { columns } = this.#rows.lists;
    const range = this.#spec.frame.units === "RANGE";
    for (let at = from; at < ranking.length;) {
      let behind = at + 1;
      if (range)
        while (behind < ranking.length && this.#order(columns, ranking.at(at), columns, ranking.at(behind)) === 0)
          behind += 1;
      const last = ranking.at(behind - 1);
      const old = this.#result(last);
      let changed = false;
      for (let peer = at; peer < behind; peer++) changed = this.#move(ranking, peer);
      if (!changed) {
        this.#resultCount -= 1;
        return;
      }
      const current = this.#result(last);
      for (let peer = at; peer < behind; peer++) this.#update(row, ranking.at(peer), old, current);
      this.#room(batch, row, out);
      at = behind;
    }
  }

  #update(row: number, rowSlot: number, old: number, current: number): void {
    this.#changes.add(RowKind.UpdateBefore, row, rowSlot, old);
    this.#changes.add(RowKind.UpdateAfter, row, rowSlot, current);
  }

  /** Computes the accumulators of the row at the place from those before it; true when they changed. */
  #move(ranking: RankedRows, place: number): boolean {
    const rowSlot = ranking.at(place);
    this.#rows.lists.touchRow(rowSlot);
    return this.#advance(this.#inputs, this.#accumulators, place === 0 ? -1 : ranking.at(place - 1), rowSlot);
  }

  /** The accumulators of two rows are not the same. */
  #differs(a: number, b: number): boolean {
    return !this.#accumulators.every((column) => {
      const view = viewOf(column);
      return sameValue(valueAt(view, a, column.type), valueAt(view, b, column.type));
    });
  }

  /** Writes the result at the row; returns where. */
  #result(rowSlot: number): number {
    this.#resultAt(this.#accumulators, rowSlot, this.#resultCount, this.#results);
    return this.#resultCount++;
  }

  #reserve(): void {
    this.#resultCount = 0;
    for (const column of this.#results) column.reserve(2 * BATCH_ROWS);
  }

  /** Results have room for the next change and its peers. */
  #room(batch: RecordBatch, row: number, out: Output): void {
    if (this.#changes.count >= BATCH_ROWS || this.#resultCount >= BATCH_ROWS) this.#flush(batch, row, out);
  }

  #flush(batch: RecordBatch, row: number, out: Output): void {
    this.#changes.flush(batch, row, out);
    this.#reserve();
  }

  #ranking(slot: number): RankedRows {
    const known = this.#rankings[slot];
    if (known !== undefined && (this.#spec.ttlMillis === 0 || this.#checked[slot] === this.#batchNumber)) return known;
    this.#checked[slot] = this.#batchNumber;
    // Rows may have expired since.
    if (known !== undefined && known.length === this.#rows.lists.count(slot)) return known;
    return (this.#rankings[slot] = rankStored(this.#rows, this.#order, slot));
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
