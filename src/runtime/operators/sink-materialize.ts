import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { valueAt } from "../../batch/get.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { valueText } from "../../types/value-text.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { SinkMaterializeSpec } from "../spec.ts";
import { ChangeBuffer } from "./change-buffer.ts";
import { roomFor } from "./emit.ts";
import { nearby } from "./nearby.ts";
import { StoredRows } from "./stored-rows.ts";

/**
 * Makes a changelog by the sink's primary key of one that is not: per key all rows in order of arrival, of which the
 * sink holds the last (as Flink's SinkUpsertMaterializer), or the first (ON CONFLICT DO NOTHING). With DO ERROR a key has
 * one row at any moment.
 */
class SinkMaterialize implements Operator {
  readonly #rows: StoredRows;
  readonly #changes: ChangeBuffer;
  readonly #compared: readonly number[];
  readonly #keepsFirst: boolean;
  /** There may be one row of a key: another fails the job. */
  readonly #only: boolean;
  readonly #zone: string;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  /** Stored rows that changes of the running batch refer to. */
  readonly #awaited = new Set<number>();

  constructor(spec: SinkMaterializeSpec, context: OperatorContext) {
    this.#rows = new StoredRows(context.state, spec.input, spec.keys, {
      ttlMillis: spec.ttlMillis,
      names: spec.inputNames,
      retracting: true,
    });
    this.#changes = new ChangeBuffer(this.#rows, undefined);
    this.#keepsFirst = spec.keep === "first";
    this.#only = spec.keep === "only";
    this.#zone = context.session.timeZone;
    this.#compared = this.#rows.stored.map((_, at) => at);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount > 0) {
      const { table } = this.#rows;
      this.#slots = roomFor(this.#slots, rowCount);
      void table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, this.#slots);
      table.touch(this.#slots, rowCount);
      const stored = this.#rows.storedColumns(batch.columns);
      for (let row = 0; row < rowCount; row++) {
        const slot = this.#slots[row]!;
        if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) {
          this.#retract(batch, slot, stored, row, out);
        } else {
          const isFirst = this.#rows.lists.count(slot) === 0;
          if (this.#only && !isFirst) throw this.#conflict(batch, row);
          this.#rows.append(slot, stored, row);
          if (isFirst || !this.#keepsFirst)
            this.#changes.add(isFirst ? RowKind.Insert : RowKind.UpdateAfter, row, -1, 1);
        }
      }
      this.#flush(batch, rowCount - 1, out);
      this.#rows.removeEmpty(this.#slots, rowCount);
    }
    this.#changes.finish(batch, out);
  }

  #retract(batch: RecordBatch, slot: number, stored: readonly Column[], row: number, out: Output): void {
    const { lists } = this.#rows;
    const found = lists.findRow(slot, stored, row, this.#compared);
    if (found < 0) return;
    if (lists.count(slot) === 1) {
      this.#changes.add(RowKind.Delete, row, -1, 1);
    } else if (found === (this.#keepsFirst ? lists.head(slot) : lists.tail(slot))) {
      const held = this.#keepsFirst ? lists.next(found) : lists.previous(found);
      this.#changes.add(RowKind.UpdateAfter, row, held, 1);
      this.#awaited.add(held);
    }
    // What is freed loses its contents, and may not be gone before it is emitted.
    if (this.#awaited.has(found)) this.#flush(batch, row, out);
    lists.removeRow(found);
  }

  #conflict(batch: RecordBatch, row: number): SqlError {
    const { keys, types } = this.#rows;
    const key = keys.map((column) =>
      valueText(valueAt(batch.columns[column]!, row, types[column]!), types[column]!, this.#zone),
    );
    return new SqlError("KEY_CONFLICT", `a second row for the primary key (${key.join(", ")})`, {
      hint: "ON CONFLICT DO NOTHING keeps the first row of a key, DO DEDUPLICATE the last",
    });
  }

  #flush(batch: RecordBatch, row: number, out: Output): void {
    this.#changes.flush(batch, row, out);
    this.#awaited.clear();
  }
}

/** Upsert materialisation before a sink. */
export const SINK_MATERIALIZE: OperatorDefinition<SinkMaterializeSpec> = {
  kind: "sink-materialize",
  create: (spec, context) => new SinkMaterialize(spec, context),
};
