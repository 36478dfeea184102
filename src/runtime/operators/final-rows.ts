import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction } from "../../batch/row-kind.ts";
import type { KeyedTable, StateField } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { FinalRowsSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { emitWatermark, roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";

/** How often the row is there. */
const COUNT: StateField = { name: "$count", type: T.double(false), initial: 0 };
/** Order of arrival: of the row's first. */
const SEQUENCE: StateField = { name: "$sequence", type: T.double(false), initial: 0 };

/**
 * The rows that are left when the input has ended, as inserts, in order. Batch mode: what a query answers is its last
 * state. Watermarks are held back, because the rows come after all of them.
 */
class FinalRows implements Operator {
  readonly #table: KeyedTable;
  readonly #order: RowOrder;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  #sequence: number;

  constructor(spec: FinalRowsSpec, context: OperatorContext) {
    const columns = spec.input.map((_, column) => column);
    const keys = stateKeys(columns, spec.input, spec.inputNames);
    this.#table = context.state.table({
      name: "rows",
      keys,
      // What has an order is all in one thread.
      ...(spec.order.length > 0 ? { groupKeys: 0 } : {}),
      fields: [COUNT, SEQUENCE],
      ttlMillis: 0,
      // At the end all rows are sorted in memory.
      resident: "always",
    });
    this.#order = compileRowOrder(spec.order, spec.input, (column) => column);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
    this.prepare = nearby(context.state, (_input, batch) => this.#table.load(batch.columns, undefined, batch.rowCount));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    if (batch.rowCount > 0) this.#add(batch);
    const { steps } = batch;
    if (steps === undefined || steps.count === 0 || steps.watermarks[steps.count - 1] !== Infinity) return;
    this.#emit(out);
    emitWatermark(out, Infinity);
  }

  #add({ rowCount, columns, kinds }: RecordBatch): void {
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    void this.#table.prepare(columns, undefined, rowCount, slots);
    this.#table.touch(slots, rowCount);
    const counts = this.#values(0);
    const sequences = this.#values(1);
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (counts[slot] === 0) sequences[slot] = this.#sequence + row;
      counts[slot]! += kinds !== undefined && isRetraction(kinds[row]!) ? -1 : 1;
    }
    this.#sequence += rowCount;
    // After the batch: later rows of it may bring one back.
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (this.#table.isLive(slot) && counts[slot] === 0) this.#table.remove(slot);
    }
  }

  #values(field: number): Float64Array {
    return (this.#table.columns[field] as { readonly values: Float64Array }).values;
  }

  #emit(out: Output): void {
    const counts = this.#values(0);
    const sequences = this.#values(1);
    const { keyColumns } = this.#table;
    const slots = [...this.#table.liveSlots()];
    slots.sort((a, b) => this.#order(keyColumns, a, keyColumns, b) || sequences[a]! - sequences[b]!);
    const chunk = new Int32Array(BATCH_ROWS);
    let filled = 0;
    const flush = (): void => {
      if (filled === 0) return;
      const columns: Column[] = this.#table.gatherKeys(chunk, filled);
      out.batch({ rowCount: filled, columns, kinds: undefined, steps: undefined });
      filled = 0;
    };
    for (const slot of slots) {
      for (let copies = counts[slot]!; copies > 0; copies--) {
        chunk[filled++] = slot;
        if (filled === BATCH_ROWS) flush();
      }
    }
    flush();
    for (const slot of slots) this.#table.remove(slot);
  }
}

/** Batch mode: the rows that are left at the end. */
export const FINAL_ROWS: OperatorDefinition<FinalRowsSpec> = {
  kind: "final-rows",
  create: (spec, context) => new FinalRows(spec, context),
};
