import type { Column } from "../../batch/column.ts";
import { concatColumns } from "../../batch/concat.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import { RowKind } from "../../batch/row-kind.ts";
import { takeColumn } from "../../batch/take.ts";
import type { KeyedTable, OperatorState, RowLists } from "../../state/api.ts";
import type { AggregateLoops } from "../aggregate-codegen.ts";
import type { ResultLoop } from "../aggregate-loops.ts";
import type { Output } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { UpdatingWindowAggregateSpec, WindowProperty } from "../spec.ts";
import { kindsOf } from "./emit.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";

interface WindowTimes {
  startOf(end: number): number;
  timeOf(end: number): number;
}

/** What each row of a table of windows has shown last, in state, so that it can be taken back. */
export class ShownResults {
  readonly #spec: UpdatingWindowAggregateSpec;
  readonly #table: KeyedTable;
  readonly #rowCount: number;
  readonly #times: WindowTimes;
  readonly #results: ResultLoop;
  readonly #columns: readonly OutputColumn[];
  readonly #shown: RowLists;
  readonly #order: RowOrder;

  /** `rowCount`: the column with the rows of a window; one with none shows nothing. */
  constructor(
    spec: UpdatingWindowAggregateSpec,
    state: OperatorState,
    table: KeyedTable,
    rowCount: number,
    loops: AggregateLoops,
    times: WindowTimes,
  ) {
    this.#spec = spec;
    this.#table = table;
    this.#rowCount = rowCount;
    this.#times = times;
    this.#results = loops.results();
    this.#columns = loops.outputColumns();
    const fields = spec.aggregates.map(({ name, result }, i) => {
      const before = spec.aggregates.slice(0, i).filter((other) => other.name === name).length;
      return { name: before === 0 ? name : `${name} #${before + 1}`, type: result, initial: null };
    });
    this.#shown = state.lists(table, "shown", fields);
    const types = spec.aggregates.map(({ result }) => result);
    const every = types.map((_, column) => ({ column, descending: false, nullsFirst: true }));
    this.#order = compileRowOrder(every, types, (column) => column);
  }

  /** Emits how the results of the slots differ from what they have shown. */
  show(slots: readonly number[], out: Output): void {
    for (let from = 0; from < slots.length; from += BATCH_ROWS / 2)
      this.#show(Int32Array.from(slots.slice(from, from + BATCH_ROWS / 2)), out);
  }

  #show(slots: Int32Array, out: Output): void {
    const count = slots.length;
    for (const column of this.#columns) column.reserve(count);
    this.#results(this.#table.columns, slots, count, this.#columns);
    const fresh = this.#columns.map((column) => column.finish(count));
    const old = slots.map((slot) => this.#shown.head(slot));
    const live = (this.#table.columns[this.#rowCount] as { values: Float64Array }).values;
    const kinds = new Uint8Array(2 * count);
    const owners = new Int32Array(2 * count);
    const sources = new Int32Array(2 * count);
    let size = 0;
    const add = (kind: RowKind, i: number, source: number): void => {
      kinds[size] = kind;
      owners[size] = slots[i]!;
      sources[size++] = source;
    };
    const before = this.#gather(old);
    for (let i = 0; i < count; i++) {
      const exists = live[slots[i]!]! > 0;
      if (old[i]! < 0) {
        if (exists) add(RowKind.Insert, i, count + i);
      } else if (!exists) add(RowKind.Delete, i, i);
      else if (this.#order(before, i, fresh, i) !== 0) {
        if (this.#spec.updateBefore) add(RowKind.UpdateBefore, i, i);
        add(RowKind.UpdateAfter, i, count + i);
      }
    }
    if (size === 0) return;
    this.#emit(kinds, owners, sources, size, [before, fresh], count, out);
    for (let i = 0; i < count; i++) {
      if (old[i]! >= 0) this.#shown.removeRow(old[i]!);
      if (live[slots[i]!]! > 0) this.#shown.append(slots[i]!, fresh, i);
    }
  }

  /** The rows; anything where there is none (−1). */
  #gather(rowSlots: Int32Array): Column[] {
    const some = rowSlots.find((slot) => slot >= 0);
    // Without any row the columns only keep the places of what is never taken.
    if (some === undefined) return this.#columns.map((column) => column.finish(rowSlots.length));
    return this.#shown.gather(
      rowSlots.map((slot) => (slot < 0 ? some : slot)),
      rowSlots.length,
    );
  }

  #emit(
    kinds: Uint8Array,
    owners: Int32Array,
    sources: Int32Array,
    size: number,
    [before, fresh]: readonly [readonly Column[], readonly Column[]],
    count: number,
    out: Output,
  ): void {
    const keys = this.#table.gatherKeys(owners, size);
    const { values: ends } = keys[this.#spec.keys.length] as { readonly values: Float64Array };
    const results = before.map((column, i) => {
      const both = [
        { column, count },
        { column: fresh[i]!, count },
      ];
      return takeColumn(concatColumns(both, column.storage), sources, size);
    });
    const properties = this.#spec.properties.map((property): Column => ({
      storage: "f64",
      values: Float64Array.from({ length: size }, (_, i) => this.#propertyOf(property, ends[i]!)),
      nulls: undefined,
    }));
    out.batch({
      rowCount: size,
      columns: [...keys.slice(0, this.#spec.keys.length), ...results, ...properties],
      kinds: kindsOf(kinds, size),
      steps: undefined,
    });
  }

  #propertyOf(property: WindowProperty, end: number): number {
    if (property === "start") return this.#times.startOf(end);
    return property === "end" ? end : this.#times.timeOf(end);
  }
}
