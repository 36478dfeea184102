import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { takeBatch } from "../../batch/take.ts";
import { T } from "../../types/data-type.ts";
import type { KeyedTable } from "../../state/api.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { DeduplicateSpec } from "../spec.ts";
import { stateKeys } from "../state-names.ts";
import { BestRow, refusePartialRows } from "./best-row.ts";
import { bundlesNearby, bundling } from "./bundling.ts";
import { emitBatch, emitSteps, roomFor } from "./emit.ts";
import { FirstByRowtime } from "./first-by-rowtime.ts";
import { KeyBundles } from "./key-bundles.ts";
import { LatestRows } from "./latest-rows.ts";
import { nearby } from "./nearby.ts";
import { millisOf } from "./watermark.ts";

/** The first row of each key to arrive; only the keys are kept. */
class FirstByArrival implements Operator {
  readonly #spec: DeduplicateSpec;
  readonly #table: KeyedTable;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  #selected = new Int32Array(0);

  constructor(spec: DeduplicateSpec, context: OperatorContext) {
    this.#spec = spec;
    const keys = stateKeys(spec.keys, spec.input, spec.inputNames);
    this.#table = context.state.table({
      name: "keys",
      keys,
      fields: [{ name: "seen", type: T.boolean(false), initial: false }],
      ttlMillis: spec.ttlMillis,
    });
    this.prepare = nearby(context.state, (_input, batch) =>
      this.#table.load(this.#keyColumns(batch), undefined, batch.rowCount),
    );
  }

  #keyColumns(batch: RecordBatch): Column[] {
    return this.#spec.keys.map((key) => batch.columns[key]!);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount === 0) {
      emitSteps(out, batch.steps);
      return;
    }
    this.#slots = roomFor(this.#slots, rowCount);
    this.#selected = roomFor(this.#selected, rowCount);
    const slots = this.#slots;
    void this.#table.prepare(this.#keyColumns(batch), undefined, rowCount, slots);
    const { values } = this.#table.columns[0] as { values: Uint8Array };
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (values[slot] === 1) continue;
      this.#table.touchOne(slot);
      values[slot] = 1;
      this.#selected[count++] = row;
    }
    emitBatch(out, takeBatch(batch, this.#selected, count));
  }
}

/** The latest row of each key, by event time or by arrival. A key that is deleted by the input goes. */
class Last implements Operator {
  readonly #spec: DeduplicateSpec;
  readonly #latest: LatestRows;
  readonly prepare: Operator["prepare"];

  constructor(spec: DeduplicateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#latest = new LatestRows(context, spec);
    refusePartialRows(context.state);
    this.prepare = nearby(context.state, (_input, batch) => this.#latest.rows.load(batch));
  }

  /** `prepare` where rows wait before they are processed. */
  prepareRows(context: OperatorContext, waiting: () => readonly RecordBatch[]): Operator["prepare"] {
    const { rows } = this.#latest;
    return bundlesNearby(context.state, rows.table, waiting, ({ columns }) => rows.keyColumns(columns));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    this.#latest.process(batch, out, (slots, stored) => this.#change(batch, slots, stored));
  }

  #change(batch: RecordBatch, slots: Int32Array, stored: readonly Column[]): void {
    const { rows, changes } = this.#latest;
    const { time, updateBefore } = this.#spec;
    const times = time === undefined ? undefined : millisOf(batch.columns[time]!, batch.rowCount);
    for (let row = 0; row < batch.rowCount; row++) {
      const slot = slots[row]!;
      const old = this.#latest.rowOf(slot);
      if (batch.kinds !== undefined && isRetraction(batch.kinds[row]!)) {
        if (old >= 0) changes.add(RowKind.Delete, row, old, 1);
        this.#latest.replace(slot, old, -1);
        continue;
      }
      if (old >= 0) {
        if (times !== undefined && this.#timeOf(old) > times[row]!) continue;
        // By arrival Flink says nothing when nothing changes.
        if (times === undefined && this.#latest.repeats(stored, row, old)) continue;
        if (updateBefore) changes.add(RowKind.UpdateBefore, row, old, 1);
      }
      const fresh = rows.append(slot, stored, row);
      changes.add(old >= 0 ? RowKind.UpdateAfter : RowKind.Insert, row, fresh, 1);
      this.#latest.replace(slot, old, fresh);
    }
  }

  #timeOf(rowSlot: number): number {
    const { rows } = this.#latest;
    const column = rows.lists.columns[rows.positionOf(this.#spec.time!)!]!;
    return column.storage === "f64" ? column.values[rowSlot]! : 0;
  }
}

/** Without -U the row that is replaced is not asked for, and by event time only its time decides. */
function lastOfKeys(spec: DeduplicateSpec, context: OperatorContext): Last | BestRow {
  if (spec.updateBefore || spec.time === undefined) return new Last(spec, context);
  const order = [{ column: spec.time, descending: true, nullsFirst: false }];
  return new BestRow({ ...spec, order, laterOfEqual: true }, context);
}

/** In mini-batches: of a bundle only the last row of each key is looked at. */
function bundledLast(spec: DeduplicateSpec, size: number, last: Last | BestRow, context: OperatorContext): Operator {
  const bundle = new KeyBundles(spec.keys, spec.input);
  const flush = (out: Output): void => {
    if (bundle.rows.count === 0) return;
    const { batch, ends } = bundle.take();
    const times = spec.time === undefined ? undefined : millisOf(batch.columns[spec.time]!, batch.rowCount);
    const rows = ends.map((end, key) => lastOf(times, ends[key - 1] ?? 0, end));
    last.process(0, takeBatch(batch, Int32Array.from(rows), rows.length), out);
  };
  const operator = bundling({
    add(batch, from, to, out) {
      for (let at = from; at < to;) {
        const end = Math.min(to, at + size - bundle.rows.count);
        bundle.rows.add(batch, at, end);
        if (bundle.rows.count >= size) flush(out);
        at = end;
      }
    },
    flush,
  });
  return { ...operator, prepare: last.prepareRows(context, () => bundle.rows.parts) };
}

/** The row that comes last of `from` … `to` − 1, by event time if there is one. */
function lastOf(times: Float64Array | undefined, from: number, to: number): number {
  if (times === undefined) return to - 1;
  let last = from;
  for (let row = from + 1; row < to; row++) if (times[row]! >= times[last]!) last = row;
  return last;
}

/** ROW_NUMBER() = 1 over a time attribute. */
export const DEDUPLICATE: OperatorDefinition<DeduplicateSpec> = {
  kind: "deduplicate",
  create(spec, context) {
    if (spec.keep === "last") {
      const last = lastOfKeys(spec, context);
      return spec.bundleRows === undefined ? last : bundledLast(spec, spec.bundleRows, last, context);
    }
    return spec.time === undefined ? new FirstByArrival(spec, context) : new FirstByRowtime(spec, spec.time, context);
  },
};
