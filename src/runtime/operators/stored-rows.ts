import type { Column } from "../../batch/column.ts";
import { concatColumns } from "../../batch/concat.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn, takenArrays, type TakenArrays } from "../../batch/take.ts";
import type { KeyedTable, OperatorState, RowLists, StateField, TableSpec } from "../../state/api.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { FOUND_BY_ALL_COLUMNS, rowFields, stateKeys } from "../state-names.ts";
import { viewOf } from "./join-output.ts";

/** Order of arrival, which decides between rows that are equal in the order. */
const SEQUENCE: StateField = { name: "$sequence", type: T.double(false), initial: 0 };

interface StoredRowsOptions {
  readonly ttlMillis: number;
  /** What the input columns are. */
  readonly names: readonly string[] | undefined;
  /** Rows are taken back, and found by their columns. */
  readonly retracting?: boolean | undefined;
  /** Columns beside each key. */
  readonly fields?: readonly StateField[] | undefined;
  /** Columns beside each row, behind its own and the order of arrival. */
  readonly rowFields?: readonly StateField[] | undefined;
  /** See `TableSpec.resident`. */
  readonly resident?: TableSpec["resident"];
}

/** Rows of one input by key: lists of rows without their key columns, with the order of arrival. */
export class StoredRows {
  readonly types: readonly DataType[];
  readonly keys: readonly number[];
  readonly table: KeyedTable;
  readonly lists: RowLists;
  /** Input columns that the lists hold, in order. */
  readonly stored: readonly number[];
  readonly #positions: ReadonlyMap<number, number>;
  /** For the columns of `gather`. */
  readonly #taken: readonly TakenArrays[];
  #sequence: number;

  constructor(
    state: OperatorState,
    types: readonly DataType[],
    keys: readonly number[],
    { ttlMillis, names, retracting = false, fields = [], rowFields: beside = [], resident }: StoredRowsOptions,
  ) {
    this.types = types;
    this.keys = keys;
    this.table = state.table({
      name: "keys",
      keys: stateKeys(keys, types, names),
      fields,
      ttlMillis,
      resident,
    });
    this.stored = types.map((_, i) => i).filter((i) => !keys.includes(i));
    this.#taken = takenArrays(types.length);
    this.#positions = new Map(this.stored.map((column, at) => [column, at]));
    this.lists = state.lists(this.table, "rows", [
      ...rowFields(this.stored, types, names, retracting ? FOUND_BY_ALL_COLUMNS : undefined),
      SEQUENCE,
      ...beside,
    ]);
    this.#sequence = state.number("sequence", "highest", 0, () => this.#sequence);
  }

  /** Where an input column stands in the lists; undefined: it is a key column. */
  positionOf(column: number): number | undefined {
    return this.#positions.get(column);
  }

  /** Brings the keys of a batch near; see `KeyedTable.load`. */
  load(batch: RecordBatch): Promise<void> | undefined {
    return this.table.load(this.keyColumns(batch.columns), undefined, batch.rowCount);
  }

  keyColumns(columns: readonly Column[]): Column[] {
    return this.keys.map((key) => columns[key]!);
  }

  storedColumns(columns: readonly Column[]): Column[] {
    return this.stored.map((column) => columns[column]!);
  }

  /** Stores row `row` of the stored columns; returns its row slot. */
  append(slot: number, stored: readonly Column[], row: number, sequence = this.#sequence++): number {
    const rowSlot = this.lists.append(slot, stored, row);
    this.sequences()[rowSlot] = sequence;
    return rowSlot;
  }

  /** Of these keys, those without rows go. A key may stand there more than once. */
  removeEmpty(slots: Int32Array, count: number): void {
    const { table, lists } = this;
    for (let i = 0; i < count; i++) {
      const slot = slots[i]!;
      if (table.isLive(slot) && lists.count(slot) === 0) table.remove(slot);
    }
  }

  /** Order of arrival by row slot; another array after rows were added. */
  sequences(): Float64Array {
    return (this.lists.columns[this.stored.length] as { values: Float64Array }).values;
  }

  /**
   * All input columns of stored rows. Key columns are equal to those of input rows `rows` of `columns`, through which
   * the stored rows were reached. Where a row slot is −1 the input row itself is meant. Valid until the next call.
   */
  gather(rowSlots: Int32Array, columns: readonly Column[], rows: Int32Array, count: number): Column[] {
    const inputs = rowSlots.subarray(0, count).reduce((sum, slot) => (slot < 0 ? sum + 1 : sum), 0);
    const mix =
      inputs === 0 || inputs === count
        ? undefined
        : Int32Array.from({ length: count }, (_, i) => (rowSlots[i]! < 0 ? i : count + i));
    return this.types.map((_, column) => {
      const position = this.#positions.get(column);
      const into = this.#taken[column];
      if (position === undefined || inputs === count) return takeColumn(columns[column]!, rows, count, into);
      const view = viewOf(this.lists.columns[position]!);
      if (mix === undefined) return takeColumn(view, rowSlots, count, into);
      const own = takeColumn(columns[column]!, rows, count);
      const stored = takeColumn(
        view,
        rowSlots.map((slot) => Math.max(0, slot)),
        count,
      );
      return takeColumn(
        concatColumns(
          [
            { column: own, count },
            { column: stored, count },
          ],
          own.storage,
        ),
        mix,
        count,
        into,
      );
    });
  }

  /** All input columns of stored rows whose keys are in the slots `keySlots`. */
  gatherWithKeys(rowSlots: Int32Array, keySlots: Int32Array, count: number): Column[] {
    const keys = this.table.gatherKeys(keySlots, count);
    return this.types.map((_, column) => {
      const position = this.#positions.get(column);
      return position === undefined
        ? keys[this.keys.indexOf(column)]!
        : takeColumn(viewOf(this.lists.columns[position]!), rowSlots, count);
    });
  }
}
