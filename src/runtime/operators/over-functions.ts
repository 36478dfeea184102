import type { Column } from "../../batch/column.ts";
import type { ChildMap, KeyedTable, StateField } from "../../state/api.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import { OverAction, type OverLoop } from "../aggregate-loops.ts";
import type { AggregateLayout } from "../aggregate-layout.ts";
import type { OperatorContext } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { OverSpec } from "../spec.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { roomFor } from "./emit.ts";

/** Operations on accumulators; see `OverInput`. */
export interface OverOperations {
  readonly columns: readonly Column[];
  /** Undefined: operation k is about row k. */
  readonly rows: Int32Array | undefined;
  readonly slots: Int32Array;
  readonly actions: Uint8Array | undefined;
  readonly count: number;
  /** RANGE: where runs of rows with one result end. */
  readonly ends: Int32Array;
  /** Results that will be written. */
  readonly added: number;
}

const NO_ENDS = new Int32Array(0);

/** The functions of an OVER window in the order of time, and their accumulators by key. */
export class OverFunctions {
  readonly #layout: AggregateLayout;
  readonly #table: KeyedTable;
  readonly #maps: readonly ChildMap[];
  readonly #distinct: DistinctEntries;
  readonly #loop: OverLoop;
  readonly #columns: readonly OutputColumn[];
  #rows = new Int32Array(0);
  #slots = new Int32Array(0);

  /** `fields`: all columns of the table, the layout's first. */
  constructor(
    spec: OverSpec,
    context: OperatorContext,
    layout: AggregateLayout,
    table: KeyedTable,
    fields: readonly StateField[],
  ) {
    this.#layout = layout;
    this.#table = table;
    this.#maps = layout.children.map((child) => context.state.childMap(table, child));
    this.#distinct = new DistinctEntries(layout);
    const loops = new AggregateLoops(layout, spec.input, context.session, fields);
    this.#loop = loops.over(spec.frame.units);
    this.#columns = loops.outputColumns();
  }

  /** The results of the rows that are added; the columns are good until the next call. The slots are touched already. */
  run(operations: OverOperations): Column[] {
    const { columns, rows, slots, actions, count, ends, added } = operations;
    this.#prepareDistinct(operations);
    for (const column of this.#columns) column.reserve(added);
    this.#loop(
      {
        rows,
        slots,
        kinds: undefined,
        columns,
        table: this.#table.columns,
        maps: this.#maps,
        entries: this.#distinct.entries,
        // No two states of an OVER window are merged, so that nobody asks for the order of arrival.
        sequence: 0,
        actions,
        ends: ends.length === 0 ? NO_ENDS : ends,
      },
      count,
      this.#columns,
    );
    if (actions !== undefined) this.#forgetDistinct(operations, actions);
    return this.#columns.map((column) => column.finish(added));
  }

  #prepareDistinct({ columns, rows, slots, actions, count }: OverOperations): void {
    if (this.#layout.sets.length === 0) return;
    if (rows === undefined || actions === undefined) {
      this.#distinct.prepare(this.#maps, columns, count, undefined, slots, count);
      return;
    }
    this.#rows = roomFor(this.#rows, count);
    this.#slots = roomFor(this.#slots, count);
    let about = 0;
    let limit = 0;
    for (let k = 0; k < count; k++) {
      if (actions[k] === OverAction.Clear) continue;
      this.#rows[about] = rows[k]!;
      this.#slots[about++] = slots[k]!;
      limit = Math.max(limit, rows[k]! + 1);
    }
    this.#distinct.prepare(this.#maps, columns, limit, this.#rows, this.#slots, about);
  }

  /** Distinct values that are in no frame any more. */
  #forgetDistinct({ rows, slots, count }: OverOperations, actions: Uint8Array): void {
    this.#layout.sets.forEach((set, s) => {
      const map = this.#maps[s]!;
      const entries = this.#distinct.entries[s]!;
      const gone = new Set<number>();
      const check = (entry: number): void => {
        const counts = set.filters.map((_, bit) => (map.columns[bit] as { values: Float64Array }).values[entry]);
        if (counts.every((n) => n === 0)) gone.add(entry);
      };
      for (let k = 0; k < count; k++) {
        if (actions[k] === OverAction.Clear)
          for (let entry = map.firstOf(slots[k]!); entry >= 0; entry = map.nextOf(entry)) check(entry);
        else if (actions[k] === OverAction.Take && entries[rows![k]!]! >= 0) check(entries[rows![k]!]!);
      }
      for (const entry of gone) map.remove(entry);
    });
  }
}
