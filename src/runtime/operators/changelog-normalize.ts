import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { compileCalc, type CalcProgram } from "../../expressions/calc.ts";
import { T } from "../../types/data-type.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { ChangelogNormalizeSpec } from "../spec.ts";
import { ChangeBuffer } from "./change-buffer.ts";
import { roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";

/** Beside each key: its row was passed on, because it meets the condition. */
const SHOWN = 0;

/**
 * The last row of each key: events that come twice are dropped, a row that comes is +I or an update of what is there, one
 * that goes (of which the key is enough) goes as it is known.
 */
class ChangelogNormalize implements Operator {
  readonly #spec: ChangelogNormalizeSpec;
  readonly #rows: StoredRows;
  readonly #changes: ChangeBuffer;
  readonly #identity: RowOrder;
  readonly #condition: CalcProgram | undefined;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  #dropped: number[] = [];
  /** The one live row slot of a key within the batch, by slot: the list also holds rows that are still to be freed. */
  #current: number[] = [];

  constructor(spec: ChangelogNormalizeSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#rows = new StoredRows(context.state, spec.input, spec.keys, {
      ttlMillis: spec.ttlMillis,
      names: spec.inputNames,
      fields: [{ name: "$shown", type: T.boolean(false), initial: false }],
    });
    this.#changes = new ChangeBuffer(this.#rows, undefined);
    const all = this.#rows.stored.map((column) => ({ column, descending: false, nullsFirst: true }));
    this.#identity = compileRowOrder(all, spec.input, (column) => this.#rows.positionOf(column)!);
    this.#condition =
      spec.condition === undefined
        ? undefined
        : compileCalc({ input: spec.input, projections: [spec.condition] }, context.functions, context.session, {
            compile: context.compileExpressions,
            onFallback: () => context.count("interpretedExpressions", 1),
          });
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount > 0) {
      const { table, lists } = this.#rows;
      this.#slots = roomFor(this.#slots, rowCount);
      void table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, this.#slots);
      table.touch(this.#slots, rowCount);
      for (let row = 0; row < rowCount; row++) this.#current[this.#slots[row]!] = lists.tail(this.#slots[row]!);
      this.#change(batch);
      this.#changes.flush(batch, rowCount - 1, out);
      for (const rowSlot of this.#dropped) lists.removeRow(rowSlot);
      this.#dropped = [];
      if (batch.kinds !== undefined) this.#rows.removeEmpty(this.#slots, rowCount);
    }
    this.#changes.finish(batch, out);
  }

  #change(batch: RecordBatch): void {
    const stored = this.#rows.storedColumns(batch.columns);
    const passes = this.#passes(batch);
    const { values: shown } = this.#rows.table.columns[SHOWN] as { readonly values: Uint8Array };
    for (let row = 0; row < batch.rowCount; row++) {
      const slot = this.#slots[row]!;
      const old = this.#current[slot]!;
      const wasShown = old >= 0 && shown[slot] === 1;
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) {
        if (wasShown) this.#changes.add(RowKind.Delete, row, old, 1);
        shown[slot] = 0;
        this.#replace(slot, old, -1);
        continue;
      }
      if (old >= 0 && this.#repeats(stored, row, old)) continue;
      const isShown = passes === undefined || passes(row);
      if (wasShown && !isShown) this.#changes.add(RowKind.Delete, row, old, 1);
      if (wasShown && isShown && this.#spec.updateBefore) this.#changes.add(RowKind.UpdateBefore, row, old, 1);
      const fresh = this.#rows.append(slot, stored, row);
      if (isShown) this.#changes.add(wasShown ? RowKind.UpdateAfter : RowKind.Insert, row, fresh, 1);
      shown[slot] = isShown ? 1 : 0;
      this.#replace(slot, old, fresh);
    }
  }

  /** With a time to live also a row that changes nothing renews what stands behind. */
  #repeats(stored: readonly Column[], row: number, old: number): boolean {
    return this.#spec.ttlMillis === 0 && this.#identity(stored, row, this.#rows.lists.columns, old) === 0;
  }

  #passes(batch: RecordBatch): ((row: number) => boolean) | undefined {
    const column = this.#condition?.run({ ...batch, kinds: undefined, steps: undefined })?.columns[0];
    if (column === undefined) return undefined;
    const { values, nulls } = column as { readonly values: Uint8Array; readonly nulls: Uint8Array | undefined };
    return (row) => values[row] === 1 && nulls?.[row] !== 1;
  }

  #replace(slot: number, old: number, fresh: number): void {
    if (old >= 0) this.#dropped.push(old);
    this.#current[slot] = fresh;
  }
}

/** Changes by primary key, of a source that may repeat itself or sends no -U. */
export const CHANGELOG_NORMALIZE: OperatorDefinition<ChangelogNormalizeSpec> = {
  kind: "changelog-normalize",
  create: (spec, context) => new ChangelogNormalize(spec, context),
};
