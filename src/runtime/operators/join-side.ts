import type { Column } from "../../batch/column.ts";
import type { KeyedTable, OperatorState, RowLists, StateField } from "../../state/api.ts";
import { T, type DataType } from "../../types/data-type.ts";
import { FOUND_BY_ALL_COLUMNS, rowFields } from "../state-names.ts";

/** One number beside each stored row. */
export interface RowNumber {
  readonly name: string;
  readonly initial: number;
  /** See `StateField`. */
  readonly missing?: string | undefined;
}

/** How many rows of the other side match the row; only kept where it decides what is emitted. */
const MATCHES: RowNumber = {
  name: "$matches",
  initial: 0,
  missing: "the matches of stored rows were not counted before",
};

interface JoinSideOptions {
  readonly countsMatches: boolean;
  /** A number beside each row, instead of its matches. */
  readonly number?: RowNumber | undefined;
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
    { countsMatches, number = countsMatches ? MATCHES : undefined, retracting, names }: JoinSideOptions,
  ) {
    this.types = types;
    this.keys = keys;
    this.table = table;
    this.stored = types.map((_, i) => i).filter((i) => !keys.includes(i));
    this.#storedAt = new Map(this.stored.map((column, at) => [column, at]));
    this.#compared = this.stored.map((_, at) => at);
    const fields = rowFields(this.stored, types, names, retracting ? FOUND_BY_ALL_COLUMNS : undefined);
    const numbered: StateField[] = number === undefined ? [] : [{ ...number, type: T.double(false) }];
    this.lists = state.lists(table, name, [...fields, ...numbered]);
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

  /** Matches of the stored rows, where the side counts them. */
  matches(): Float64Array {
    return this.numbers();
  }

  /** The numbers beside the stored rows; another array after rows were added. */
  numbers(): Float64Array {
    return (this.lists.columns[this.stored.length] as { values: Float64Array }).values;
  }
}
