import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { compileCalc, type CalcProgram } from "../../expressions/calc.ts";
import { T } from "../../types/data-type.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { ChangelogNormalizeSpec } from "../spec.ts";
import { LatestRows } from "./latest-rows.ts";
import { nearby } from "./nearby.ts";

/** Beside each key: its row was passed on, because it meets the condition. */
const SHOWN = 0;

/**
 * The last row of each key: events that come twice are dropped, a row that comes is +I or an update of what is there, one
 * that goes (of which the key is enough) goes as it is known.
 */
class ChangelogNormalize implements Operator {
  readonly #spec: ChangelogNormalizeSpec;
  readonly #latest: LatestRows;
  readonly #condition: CalcProgram | undefined;
  readonly prepare: Operator["prepare"];

  constructor(spec: ChangelogNormalizeSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#latest = new LatestRows(context, spec, [{ name: "$shown", type: T.boolean(false), initial: false }]);
    this.#condition =
      spec.condition === undefined
        ? undefined
        : compileCalc({ input: spec.input, projections: [spec.condition] }, context.functions, context.session, {
            compile: context.compileExpressions,
            onFallback: () => context.count("interpretedExpressions", 1),
          });
    this.prepare = nearby(context.state, (_input, batch) => this.#latest.rows.load(batch));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    this.#latest.process(batch, out, (slots, stored) => this.#change(batch, slots, stored));
  }

  #change(batch: RecordBatch, slots: Int32Array, stored: readonly Column[]): void {
    const { rows, changes } = this.#latest;
    const passes = this.#passes(batch);
    const { values: shown } = rows.table.columns[SHOWN] as { readonly values: Uint8Array };
    for (let row = 0; row < batch.rowCount; row++) {
      const slot = slots[row]!;
      const old = this.#latest.rowOf(slot);
      const wasShown = old >= 0 && shown[slot] === 1;
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) {
        if (wasShown) changes.add(RowKind.Delete, row, old, 1);
        shown[slot] = 0;
        this.#latest.replace(slot, old, -1);
        continue;
      }
      if (old >= 0 && this.#latest.repeats(stored, row, old)) continue;
      const isShown = passes === undefined || passes(row);
      if (wasShown && !isShown) changes.add(RowKind.Delete, row, old, 1);
      if (wasShown && isShown && this.#spec.updateBefore) changes.add(RowKind.UpdateBefore, row, old, 1);
      const fresh = rows.append(slot, stored, row);
      if (isShown) changes.add(wasShown ? RowKind.UpdateAfter : RowKind.Insert, row, fresh, 1);
      shown[slot] = isShown ? 1 : 0;
      this.#latest.replace(slot, old, fresh);
    }
  }

  #passes(batch: RecordBatch): ((row: number) => boolean) | undefined {
    const column = this.#condition?.run({ ...batch, kinds: undefined, steps: undefined })?.columns[0];
    if (column === undefined) return undefined;
    const { values, nulls } = column as { readonly values: Uint8Array; readonly nulls: Uint8Array | undefined };
    return (row) => values[row] === 1 && nulls?.[row] !== 1;
  }
}

/** Changes by primary key, of a source that may repeat itself or sends no -U. */
export const CHANGELOG_NORMALIZE: OperatorDefinition<ChangelogNormalizeSpec> = {
  kind: "changelog-normalize",
  create: (spec, context) => new ChangelogNormalize(spec, context),
};
