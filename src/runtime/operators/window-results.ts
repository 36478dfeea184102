import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS } from "../../batch/record-batch.ts";
import type { KeyedTable } from "../../state/api.ts";
import type { AggregateLoops } from "../aggregate-codegen.ts";
import type { ResultLoop } from "../aggregate-loops.ts";
import type { Output } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import type { WindowProperty } from "../spec.ts";
import type { WindowTime } from "./windows.ts";

/** Emits the results of fired windows: keys, aggregates, window properties. */
export class WindowResults {
  readonly #loop: ResultLoop;
  readonly #columns: readonly OutputColumn[];
  readonly #properties: readonly WindowProperty[];
  readonly #timeOf: WindowTime;
  readonly #rowCount: number | undefined;

  /** `rowCount`: the column with the rows of a key; keys with none are not emitted. */
  constructor(
    loops: AggregateLoops,
    properties: readonly WindowProperty[],
    timeOf: WindowTime,
    rowCount: number | undefined,
  ) {
    this.#loop = loops.results();
    this.#columns = loops.outputColumns();
    this.#properties = properties;
    this.#timeOf = timeOf;
    this.#rowCount = rowCount;
  }

  /** One window, with wall-clock start and end, for all slots. */
  emit(table: KeyedTable, slots: Int32Array, start: number, end: number, out: Output): void {
    const live = this.#rowCount === undefined ? slots : this.#notEmpty(table, slots, this.#rowCount);
    for (let from = 0; from < live.length; from += BATCH_ROWS) {
      const chunk = live.subarray(from, Math.min(live.length, from + BATCH_ROWS));
      const count = chunk.length;
      for (const column of this.#columns) column.reserve(count);
      this.#loop(table.columns, chunk, count, this.#columns);
      const properties = this.#properties.map((property): Column => {
        return {
          storage: "f64",
          values: new Float64Array(count).fill(this.#valueOf(property, start, end)),
          nulls: undefined,
        };
      });
      const columns = [
        ...table.gatherKeys(chunk, count),
        ...this.#columns.map((column) => column.finish(count)),
        ...properties,
      ];
      out.batch({ rowCount: count, columns, kinds: undefined, steps: undefined });
    }
  }

  /** The value of a window property: wall clock, but for the time attribute. */
  #valueOf(property: WindowProperty, start: number, end: number): number {
    if (property === "start") return start;
    return property === "end" ? end : this.#timeOf(end);
  }

  #notEmpty(table: KeyedTable, slots: Int32Array, rowCount: number): Int32Array {
    const { values } = table.columns[rowCount] as { values: Float64Array };
    return slots.filter((slot) => values[slot]! > 0);
  }
}
