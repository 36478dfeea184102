import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn, takenArrays, type TakenArrays } from "../../batch/take.ts";
import type { ChildMap, KeyedTable } from "../../state/api.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { ChangeOutput, LoopInput, UpdateLoop } from "../aggregate-loops.ts";
import { layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import { accumulatorColumns, partialColumns, type PartialColumns } from "../partial-results.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { GroupAggregateSpec } from "../spec.ts";
import { bundledGroupAggregate } from "./bundled-group-aggregate.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { emitBatch, emitSteps, kindsOf, roomFor, stepsAmong } from "./emit.ts";
import { groupTable } from "./group-table.ts";
import { nearby } from "./nearby.ts";

/** GROUP BY without a window: every row changes the result of its key at once. */
class GroupAggregate implements Operator {
  readonly #spec: GroupAggregateSpec;
  readonly #layout: AggregateLayout;
  readonly #table: KeyedTable;
  readonly #maps: readonly ChildMap[];
  readonly #distinct: DistinctEntries;
  readonly #loop: UpdateLoop;
  readonly #output: ChangeOutput;
  /** Keys of a batch that is given out. */
  readonly #taken: readonly TakenArrays[];
  readonly #chunkRows: number;
  /** The input are partial results. */
  readonly #partial: PartialColumns | undefined;
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);
  /** Rows seen, for functions that depend on the order of arrival. */
  #sequence: number;

  constructor(spec: GroupAggregateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#layout = layoutAggregates(spec.aggregates, context.functions, spec.retracting, spec.inputNames);
    const { table, fields } = groupTable(spec, this.#layout, context.state);
    this.#table = table;
    this.#maps = this.#layout.children.map((child) => context.state.childMap(this.#table, child));
    this.#distinct = new DistinctEntries(this.#layout);
    const loops = new AggregateLoops(this.#layout, spec.input, context.session, fields);
    this.#partial = spec.phases === "merges" ? partialColumns(spec.keys.length, false) : undefined;
    const from = this.#partial === undefined ? "rows" : "accumulators";
    this.#loop = loops.update(fields.length - 1, spec.updateBefore, spec.ttlMillis > 0, from);
    this.#chunkRows = spec.updateBefore ? BATCH_ROWS / 2 : BATCH_ROWS;
    const columns = loops.outputColumns();
    for (const column of columns) column.reserve(BATCH_ROWS + 2);
    this.#output = { columns, kinds: new Uint8Array(BATCH_ROWS + 2), rows: new Int32Array(BATCH_ROWS + 2) };
    this.#taken = takenArrays(spec.keys.length);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
    this.prepare = nearby(context.state, (_input, batch) =>
      this.#table.load(this.#keyColumns(batch), undefined, batch.rowCount),
    );
  }

  #keyColumns(batch: RecordBatch): Column[] {
    return this.#spec.keys.map((key, i) => batch.columns[this.#partial === undefined ? key : i]!);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    if (rowCount === 0) {
      emitSteps(out, batch.steps);
      return;
    }
    this.#slots = roomFor(this.#slots, rowCount);
    void this.#table.prepare(this.#keyColumns(batch), undefined, rowCount, this.#slots);
    this.#table.touch(this.#slots, rowCount);
    this.#distinct.prepare(this.#maps, batch.columns, rowCount, undefined, this.#slots, rowCount);
    const input: LoopInput = {
      rows: undefined,
      slots: this.#slots,
      kinds: batch.kinds,
      columns:
        this.#partial === undefined
          ? batch.columns
          : (accumulatorColumns(batch.columns, this.#partial.accumulators, rowCount) as readonly Column[]),
      table: this.#table.columns,
      maps: this.#maps,
      entries: this.#distinct.entries,
      sequence: this.#sequence,
    };
    for (let from = 0; from < rowCount; from += this.#chunkRows) {
      this.#emit(input, batch, from, Math.min(rowCount, from + this.#chunkRows), out);
    }
    this.#sequence += rowCount;
    if (this.#spec.retracting) this.#removeEmpty(rowCount);
  }

  #emit(input: LoopInput, batch: RecordBatch, from: number, to: number, out: Output): void {
    const { columns, kinds, rows } = this.#output;
    for (const column of columns) column.reserve(BATCH_ROWS + 2);
    const count = this.#loop(input, from, to, this.#output);
    const steps = stepsAmong(batch.steps, from, to, batch.rowCount, rows, count);
    if (count === 0) {
      emitSteps(out, steps);
      return;
    }
    const keys = this.#keyColumns(batch).map((key, k): Column => takeColumn(key, rows, count, this.#taken[k]));
    emitBatch(out, {
      rowCount: count,
      columns: [...keys, ...columns.map((column) => column.finish(count))],
      kinds: kindsOf(kinds, count),
      steps,
    });
  }

  /** Keys and distinct values that lost their last row go after the batch, because later rows of it may bring them back. */
  #removeEmpty(rowCount: number): void {
    this.#distinct.emptied(this.#maps, rowCount).forEach((entries, s) => {
      for (const entry of entries) this.#maps[s]!.remove(entry);
    });
    const live = (this.#table.columns[this.#layout.fields.length] as { values: Float64Array }).values;
    for (let i = 0; i < rowCount; i++) {
      const slot = this.#slots[i]!;
      if (live[slot] === 0 && this.#table.isLive(slot)) this.#table.remove(slot);
    }
  }
}

/** Updating aggregate. */
export const GROUP_AGGREGATE: OperatorDefinition<GroupAggregateSpec> = {
  kind: "group-aggregate",
  create: (spec, context) =>
    spec.miniBatch === undefined ? new GroupAggregate(spec, context) : bundledGroupAggregate(spec, context),
};
