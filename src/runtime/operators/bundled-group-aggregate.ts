import type { Column } from "../../batch/column.ts";
import { concatColumns } from "../../batch/concat.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { isRetraction, RowKind } from "../../batch/row-kind.ts";
import { takeBatch, takeColumn } from "../../batch/take.ts";
import type { ChildMap, KeyedTable } from "../../state/api.ts";
import { AggregateLoops } from "../aggregate-codegen.ts";
import type { AccumulateLoop, MergeLoop, ResultLoop } from "../aggregate-loops.ts";
import { changeMarkers, layoutAggregates, type AggregateLayout } from "../aggregate-layout.ts";
import type { OperatorContext, Operator, Output } from "../operator.ts";
import type { OutputColumn } from "../output-columns.ts";
import { accumulatorColumns, partialColumns, type PartialColumns } from "../partial-results.ts";
import type { GroupAggregateSpec } from "../spec.ts";
import { bundlesNearby, bundling } from "./bundling.ts";
import { DistinctEntries } from "./distinct-entries.ts";
import { kindsOf, roomFor } from "./emit.ts";
import { groupTable } from "./group-table.ts";
import { KeyBundles } from "./key-bundles.ts";
import { RowBundle } from "./row-bundle.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";

/**
 * GROUP BY in mini-batches: all rows of a bundle are added up first, and each key changes once. In two phases the rows
 * are bundled before they reach the keys, too, so that the second bundle counts keys of first bundles and not rows.
 */
class BundledGroupAggregate {
  readonly #spec: GroupAggregateSpec;
  readonly #layout: AggregateLayout;
  readonly #markers: readonly number[];
  readonly #table: KeyedTable;
  readonly #maps: readonly ChildMap[];
  readonly #distinct: DistinctEntries;
  readonly #accumulate: AccumulateLoop;
  /** The input are partial results, the keys of first bundles, which this loop adds. */
  readonly #partial: PartialColumns | undefined;
  readonly #addPartial: MergeLoop | undefined;
  readonly #results: ResultLoop;
  readonly #columns: readonly OutputColumn[];
  readonly #order: RowOrder;
  readonly #local: KeyBundles | undefined;
  readonly #bundle = new RowBundle();
  /** Elements in the bundle: rows, or keys of first bundles. */
  #elements = 0;
  #sequence: number;
  #slots = new Int32Array(0);

  constructor(spec: GroupAggregateSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#layout = layoutAggregates(spec.aggregates, context.functions, spec.retracting, spec.inputNames);
    this.#markers = changeMarkers(this.#layout);
    const { table, fields } = groupTable(spec, this.#layout, context.state);
    this.#table = table;
    this.#maps = this.#layout.children.map((child) => context.state.childMap(table, child));
    this.#distinct = new DistinctEntries(this.#layout);
    const loops = new AggregateLoops(this.#layout, spec.input, context.session, fields);
    this.#accumulate = loops.accumulate(fields.length - 1);
    this.#results = loops.results();
    this.#columns = loops.outputColumns();
    const types = spec.aggregates.map((call) => call.result);
    const every = types.map((_, column) => ({ column, descending: false, nullsFirst: true }));
    this.#order = compileRowOrder(every, types, (column) => column);
    this.#sequence = context.state.number("sequence", "highest", 0, () => this.#sequence);
    if (spec.phases === "merges") {
      this.#partial = partialColumns(spec.keys.length, false);
      this.#addPartial = new AggregateLoops(this.#layout, spec.input, context.session, this.#layout.fields).merge();
    } else if (spec.miniBatch!.twoPhase) this.#local = new KeyBundles(spec.keys, spec.input);
  }

  operator(context: OperatorContext): Operator {
    const waiting = (): readonly RecordBatch[] => [...(this.#local?.rows.parts ?? []), ...this.#bundle.parts];
    const prepare = bundlesNearby(context.state, this.#table, waiting, ({ columns }) => this.#keysOf(columns));
    const bundles = bundling({
      add: (batch, from, to, out) => this.#add(batch, from, to, out),
      flush: (out) => this.#flush(out),
    });
    return { ...bundles, prepare };
  }

  #keysOf(columns: readonly Column[]): Column[] {
    return this.#spec.keys.map((key, i) => columns[this.#partial === undefined ? key : i]!);
  }

  #add(batch: RecordBatch, from: number, to: number, out: Output): void {
    const { size } = this.#spec.miniBatch!;
    for (let at = from; at < to;) {
      const end = Math.min(to, at + size - (this.#local?.rows.count ?? this.#elements));
      if (this.#local === undefined) {
        this.#bundle.add(batch, at, end);
        this.#elements += end - at;
        if (this.#elements >= size) this.#flushKeys(out);
      } else {
        this.#local.rows.add(batch, at, end);
        if (this.#local.rows.count >= size) this.#flushLocal(this.#local, out);
      }
      at = end;
    }
  }

  #flush(out: Output): void {
    if (this.#local !== undefined) this.#flushLocal(this.#local, out);
    this.#flushKeys(out);
  }

  /** The keys of the first bundle are elements of the second. */
  #flushLocal(local: KeyBundles, out: Output): void {
    if (local.rows.count === 0) return;
    const { batch, ends } = local.take();
    let from = 0;
    for (const end of ends) {
      if (++this.#elements < this.#spec.miniBatch!.size) continue;
      this.#bundle.add(batch, from, end);
      from = end;
      this.#flushKeys(out);
    }
    this.#bundle.add(batch, from, batch.rowCount);
  }

  #flushKeys(out: Output): void {
    this.#elements = 0;
    if (this.#bundle.count === 0) return;
    const batch = this.#bundle.take();
    const { rowCount } = batch;
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    void this.#table.prepare(this.#keysOf(batch.columns), undefined, rowCount, slots);
    this.#table.touch(slots, rowCount);
    this.#change(this.#withoutUnknown(batch, slots), slots, out);
    this.#sequence += rowCount;
  }

  /** The rows of each key, by slot. */
  #live(): Float64Array {
    return (this.#table.columns[this.#layout.fields.length] as { values: Float64Array }).values;
  }

  /** Without the rows that take something back of a key that does not exist; `slots` are those of the rest then. */
  #withoutUnknown(batch: RecordBatch, slots: Int32Array): RecordBatch {
    const { kinds, rowCount } = batch;
    if (kinds === undefined) return batch;
    const live = this.#live();
    const inserted = new Set<number>();
    const kept = new Int32Array(rowCount);
    let count = 0;
    for (let row = 0; row < rowCount; row++) {
      const slot = slots[row]!;
      if (!isRetraction(kinds[row]!)) inserted.add(slot);
      else if (live[slot] === 0 && !inserted.has(slot)) continue;
      slots[count] = slot;
      kept[count++] = row;
    }
    return count === rowCount ? batch : takeBatch(batch, kept, count);
  }

  #change(batch: RecordBatch, slots: Int32Array, out: Output): void {
    const { rowCount } = batch;
    if (rowCount === 0) return;
    const keys = distinctKeys(slots, rowCount);
    const existed = Uint8Array.from(keys.slots, (slot) => (this.#live()[slot] === 0 ? 0 : 1));
    const marks = Array.from(keys.slots, (slot) => (this.#spec.ttlMillis > 0 ? undefined : this.#markOf(slot)));
    const before = this.#resultsOf(keys.slots, true);
    this.#addRows(batch, slots);
    if (!this.#spec.retracting) for (const slot of keys.slots) this.#live()[slot] = 1;
    const after = this.#resultsOf(keys.slots, false);
    this.#emit(batch, { ...keys, existed, marks }, before, after, out);
    if (this.#spec.retracting) this.#removeEmpty(keys.slots, rowCount);
  }

  #addRows(batch: RecordBatch, slots: Int32Array): void {
    const { rowCount } = batch;
    if (this.#partial !== undefined) {
      const from = accumulatorColumns(batch.columns, this.#partial.accumulators, rowCount);
      const rows = Int32Array.from({ length: rowCount }, (_, row) => row);
      this.#addPartial!(from, rows, this.#table.columns, slots, rowCount);
      return;
    }
    this.#distinct.prepare(this.#maps, batch.columns, rowCount, undefined, slots, rowCount);
    this.#accumulate(
      {
        rows: undefined,
        slots,
        kinds: batch.kinds,
        columns: batch.columns,
        table: this.#table.columns,
        maps: this.#maps,
        entries: this.#distinct.entries,
        sequence: this.#sequence,
      },
      0,
      rowCount,
    );
  }

  /** What makes an update of a key even where its results stay; while state lives for a time each update is one. */
  #markOf(slot: number): string {
    if (this.#markers.length === 0) return "";
    return this.#markers.map((index) => (this.#table.columns[index] as { values: BigInt64Array }).values[slot]).join();
  }

  /** `own`: in memory of their own, so that they stay when the accumulators move on. */
  #resultsOf(slots: Int32Array, own: boolean): Column[] {
    const count = slots.length;
    for (const column of this.#columns) column.reserve(count);
    this.#results(this.#table.columns, slots, count, this.#columns);
    return this.#columns.map((output) => {
      const column = output.finish(count);
      return own ? concatColumns([{ column, count }], column.storage, true) : column;
    });
  }

  #emit(
    batch: RecordBatch,
    keys: Keys & { readonly existed: Uint8Array; readonly marks: readonly (string | undefined)[] },
    before: readonly Column[],
    after: readonly Column[],
    out: Output,
  ): void {
    const { existed, marks } = keys;
    const count = keys.slots.length;
    const results = before.map((column, i) =>
      concatColumns(
        [
          { column, count },
          { column: after[i]!, count },
        ],
        column.storage,
      ),
    );
    const kinds = new Uint8Array(2 * count);
    /** Which of the results, and the input row with the key. */
    const sources = new Int32Array(2 * count);
    const rows = new Int32Array(2 * count);
    let size = 0;
    const add = (kind: RowKind, source: number, key: number): void => {
      kinds[size] = kind;
      sources[size] = source;
      rows[size++] = keys.rows[key]!;
    };
    const live = this.#live();
    for (let key = 0; key < count; key++) {
      const slot = keys.slots[key]!;
      const exists = live[slot]! > 0;
      if (existed[key] === 0) {
        if (exists) add(RowKind.Insert, count + key, key);
      } else if (!exists) add(RowKind.Delete, key, key);
      else if (marks[key] !== this.#markOf(slot) || this.#order(before, key, after, key) !== 0) {
        if (this.#spec.updateBefore) add(RowKind.UpdateBefore, key, key);
        add(RowKind.UpdateAfter, count + key, key);
      }
    }
    const keyColumns = this.#keysOf(batch.columns);
    for (let from = 0; from < size; from += BATCH_ROWS) {
      const to = Math.min(size, from + BATCH_ROWS);
      out.batch({
        rowCount: to - from,
        columns: [
          ...keyColumns.map((column) => takeColumn(column, rows.subarray(from, to), to - from)),
          ...results.map((column) => takeColumn(column, sources.subarray(from, to), to - from)),
        ],
        kinds: kindsOf(kinds.subarray(from, to), to - from),
        steps: undefined,
      });
    }
  }

  #removeEmpty(slots: Int32Array, rowCount: number): void {
    this.#distinct.emptied(this.#maps, rowCount).forEach((entries, s) => {
      for (const entry of entries) this.#maps[s]!.remove(entry);
    });
    const live = this.#live();
    for (const slot of slots) if (live[slot]! <= 0) this.#table.remove(slot);
  }
}

/** Different slots, in order of their first rows. */
interface Keys {
  readonly slots: Int32Array;
  readonly rows: Int32Array;
}

function distinctKeys(slots: Int32Array, rowCount: number): Keys {
  const firsts = new Map<number, number>();
  for (let row = 0; row < rowCount; row++) if (!firsts.has(slots[row]!)) firsts.set(slots[row]!, row);
  return { slots: Int32Array.from(firsts.keys()), rows: Int32Array.from(firsts.values()) };
}

/** The operator of a GROUP BY in mini-batches. */
export function bundledGroupAggregate(spec: GroupAggregateSpec, context: OperatorContext): Operator {
  return new BundledGroupAggregate(spec, context).operator(context);
}
