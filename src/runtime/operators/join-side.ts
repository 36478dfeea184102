import type { Column } from "../../batch/column.ts";
import type { KeyedTable, OperatorState, RowLists, StateField } from "../../state/api.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { FOUND_BY_ALL_COLUMNS, rowFields } from "../state-names.ts";

/** How many rows of the other side match the row; only kept where it decides what is emitted. */
const MATCHES: StateField = {
  name: "$matches",
  type: T.double(false),
  initial: 0,
  missing: "the matches of stored rows were not counted before",
};

interface JoinSideOptions {
  readonly countsMatches: boolean;
  /** The input takes rows back. */
  readonly retracting: boolean;
  /** What its columns are. */
  readonly names: readonly string[] | undefined;
}

/** The stored rows of one input of a join: per key a list of rows without their key columns. */
export class JoinSide {
  readonly types: readonly DataType[];
  readonly keys: readonly number[];
  readonly table: KeyedTable;
  readonly lists: RowLists;
  /** Input columns that the lists hold, in order. */
  readonly stored: readonly number[];
  readonly #storedAt: ReadonlyMap<number, number>;
  readonly #compared: readonly number[];

  constructor(
    state: OperatorState,
    table: KeyedTable,
    name: string,
    types: readonly DataType[],
    keys: readonly number[],
    { countsMatches, retracting, names }: JoinSideOptions,
  ) {
    this.types = types;
    this.keys = keys;
    this.table = table;
    this.stored = types.map((_, i) => i).filter((i) => !keys.includes(i));
    this.#storedAt = new Map(this.stored.map((column, at) => [column, at]));
    this.#compared = this.stored.map((_, at) => at);
    const fields = rowFields(this.stored, types, names, retracting ? FOUND_BY_ALL_COLUMNS : undefined);
    this.lists = state.lists(table, name, countsMatches ? [...fields, MATCHES] : fields);
  }

  /** Key columns of a batch of this side. */
  keyColumns(columns: readonly Column[]): Column[] {
    return this.keys.map((key) => columns[key]!);
  }

  /** The columns of a batch that the lists hold. */
  storedColumns(columns: readonly Column[]): Column[] {
    return this.stored.map((column) => columns[column]!);
  }

  /** Position in the lists of an input column; undefined: it is a key column. */
  positionOf(column: number): number | undefined {
    return this.#storedAt.get(column);
  }

  /** The stored row that equals row `row` of the stored columns, or −1. */
  find(slot: number, stored: readonly Column[], row: number): number {
    return this.lists.findRow(slot, stored, row, this.#compared);
  }

  /** Number of matches of a stored row; the side counts them. */
  matches(): Float64Array {
    return (this.lists.columns[this.stored.length] as { values: Float64Array }).values;
  }
}
