import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { takeBatch } from "../../batch/take.ts";
import type { OperatorState } from "../../state/api.ts";
import { compileCopyRow, type CopyRowKernel } from "../../state/row-kernel.ts";
import { storageOf, type DataType } from "../../types/data-type.ts";
import type { Operator, OperatorContext, Output } from "../operator.ts";
import type { SortColumn } from "../spec.ts";
import { bundlesNearby } from "./bundling.ts";
import { emitBatch, emitSteps, kindsOf, roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";

/** What decides which row of a key stays. */
export interface BestRowSpec {
  readonly input: readonly DataType[];
  readonly inputNames?: readonly string[] | undefined;
  readonly keys: readonly number[];
  /** The row that stands first in this order. */
  readonly order: readonly SortColumn[];
  /** Of rows that are equal in the order the last to arrive, else the first. */
  readonly laterOfEqual: boolean;
  readonly ttlMillis: number;
}

/** True when `BestRow` can keep the columns of the order: they are overwritten in place, which text cannot be. */
export function isOverwritable(order: readonly SortColumn[], types: readonly DataType[]): boolean {
  return order.every(({ column }) => storageOf(types[column]!) !== "bytes" && storageOf(types[column]!) !== "any");
}

/**
 * The best row of each key of an input that only inserts, for consumers that want no -U. A row that is better than the
 * best so far comes out as it is, so that of the best only the columns of the order are stored. The state has the columns
 * of whole rows nevertheless, most of them NULL: it is the same with and without -U, and what was stored with whole rows
 * goes on here. The way back is refused (`refusePartialRows`).
 */
export class BestRow implements Operator {
  readonly #rows: StoredRows;
  readonly #order: RowOrder;
  readonly #laterOfEqual: boolean;
  /** Input columns that are stored, and where. */
  readonly #compared: readonly { readonly column: number; readonly position: number }[];
  readonly #store: CopyRowKernel;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  #selected = new Int32Array(0);

  constructor(spec: BestRowSpec, context: OperatorContext) {
    const { input, keys, inputNames: names, ttlMillis } = spec;
    this.#rows = new StoredRows(context.state, input, keys, { ttlMillis, names });
    this.#laterOfEqual = spec.laterOfEqual;
    const order = spec.order.filter(({ column }) => this.#rows.positionOf(column) !== undefined);
    this.#compared = order.map(({ column }) => ({ column, position: this.#rows.positionOf(column)! }));
    this.#order = compileRowOrder(order, input, (column) => order.findIndex((sorted) => sorted.column === column));
    this.#store = compileCopyRow(order.map(({ column }) => storageOf(input[column]!)));
    context.state.number(PARTIAL_ROWS, "highest", 0, () => 1);
    refuseOtherPlaces({ from: 1, to: 1, retracting: false }, context.state);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
  }

  /** `prepare` where rows wait before they are processed. */
  prepareRows(context: OperatorContext, waiting: () => readonly RecordBatch[]): Operator["prepare"] {
    return bundlesNearby(context.state, this.#rows.table, waiting, ({ columns }) => this.#rows.keyColumns(columns));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount === 0) {
      emitSteps(out, batch.steps);
      return;
    }
    const { table } = this.#rows;
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    void table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, slots);
    table.touch(slots, rowCount);
    const kinds = new Uint8Array(rowCount);
    const count = this.#change(batch, kinds);
    emitBatch(out, { ...takeBatch(batch, this.#selected, count), kinds: kindsOf(kinds, count) });
  }

  /** Stores what is better, and selects it; `kinds` of the selected rows. */
  #change({ columns, rowCount, kinds: inputKinds }: RecordBatch, kinds: Uint8Array): number {
    const slots = this.#slots;
    const selected = (this.#selected = roomFor(this.#selected, rowCount));
    const { lists } = this.#rows;
    const fresh = this.#compared.map(({ column }) => columns[column]!);
    const stored = this.#compared.map(({ position }) => lists.columns[position]!);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      if (inputKinds !== undefined && isRetraction(inputKinds[row]!))
        throw new SqlError("BUG", "a row is taken back from an input that only inserts");
      const slot = slots[row]!;
      let best = lists.tail(slot);
      if (best < 0) {
        best = this.#rows.append(slot, NO_COLUMNS, row);
        kinds[count] = RowKind.Insert;
      } else {
        const compared = this.#order(fresh, row, stored, best);
        if (compared > 0 || (compared === 0 && !this.#laterOfEqual)) continue;
        lists.touchRow(best);
        kinds[count] = RowKind.UpdateAfter;
      }
      this.#store(stored, fresh, row, best);
      selected[count++] = row;
    }
    return count;
  }
}

const NO_COLUMNS: readonly Column[] = [];

/** Name of the number that says whether stored rows have no more than the columns of their order. */
const PARTIAL_ROWS = "partial-rows";

/** For operators that read whole stored rows: throws when the state is that of a `BestRow`. */
export function refusePartialRows(state: OperatorState): void {
  if (state.number(PARTIAL_ROWS, "highest", 0, () => 0) === 0) return;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    "the checkpoint holds of each row only what its order needs, because no sink wanted the row before an update; now one does",
    { hint: "go on with a sink that takes no -U (upsert, blackhole), or start without '--from'" },
  );
}

/**
 * Remembers which places a Top-N gives out. Over rows that are taken back it stores all of them, and what it has given out
 * follows from the places: with other ones it would take back rows that it never gave out, so that is refused.
 */
export function refuseOtherPlaces(
  { from, to, retracting }: { readonly from: number; readonly to: number; readonly retracting: boolean },
  state: OperatorState,
): void {
  const first = state.number("first-place", "highest", from, () => from);
  const last = state.number("last-place", "highest", to, () => to);
  if (!retracting || (first === from && last === to)) return;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    `the checkpoint is of a Top-N that gave out the places ${first} to ${last}, not ${from} to ${to}, of rows that may be taken back`,
    { hint: "go on with the places that it had, or start without '--from'" },
  );
}
