import { SqlError } from "../../base/errors.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import type { Expr } from "../../expressions/expr.ts";
import { someExpr } from "../../expressions/walk.ts";
import type { StateColumn } from "../../state/api.ts";
import { T } from "../../types/data-type.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { MatchSpec } from "../spec.ts";
import { FiringOutput, roomFor } from "./emit.ts";
import { compileConditions, type Conditions } from "./match-conditions.ts";
import { MatchMeasures } from "./match-measures.ts";
import { FirstMatchSearch, hasOneWay } from "./match-first-search.ts";
import type { MatchListener, Partition, PartitionSearch } from "./match-partition.ts";
import { MatchSearch } from "./match-search.ts";
import { PreferredSearch } from "./match-preferred-search.ts";
import { MatchStore } from "./match-store.ts";
import { nearby } from "./nearby.ts";
import type { RankedRows } from "./ranked-rows.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { compilePattern } from "./pattern-automaton.ts";
import { StoredRows } from "./stored-rows.ts";
import { TimeHeap } from "./time-heap.ts";
import { millisOf } from "./watermark.ts";

/**
 * MATCH_RECOGNIZE. In event time rows wait until the watermark reaches them and are then matched partition by partition in
 * order of time; rows behind the watermark are late. In processing time they are matched as they come. Rows leave the
 * state with the last match that may need them, which WITHIN bounds.
 */
class MatchRecognize implements Operator {
  readonly #spec: MatchSpec;
  readonly #context: OperatorContext;
  readonly #rows: StoredRows;
  readonly #store: MatchStore;
  readonly #measures: MatchMeasures;
  readonly #search: PartitionSearch;
  readonly #order: RowOrder;
  /** Column of the time in the stored rows. */
  readonly #time: number | undefined;
  readonly prepare: Operator["prepare"];
  #waiting: RankedRows | undefined;
  /** Partitions by the time at which their first match has taken too long. */
  #timeouts = new TimeHeap();
  #watermark: number;
  #slots = new Int32Array(0);
  /** Partition that is being searched, and where its matches go. */
  #key = -1;
  #out: Output | undefined;

  constructor(spec: MatchSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#rows = new StoredRows(context.state, spec.input, spec.partition, {
      ttlMillis: 0,
      names: spec.inputNames,
      fields: [{ name: "matches", type: T.string(), initial: null, storage: "any" }],
      // Waiting rows and those of matches are held by their slots.
      resident: (slot) => this.#rows.lists.count(slot) > 0,
    });
    const { table, lists } = this.#rows;
    const stored = spec.input.map((_, column): StateColumn | undefined => {
      const position = this.#rows.positionOf(column);
      return position === undefined ? undefined : lists.columns[position];
    });
    let aggregates = 0;
    const nextAggregate = (): number => aggregates++;
    this.#measures = new MatchMeasures(spec, stored, context, nextAggregate);
    const listener: MatchListener = {
      match: (view) => {
        this.#measures.add(view, this.#key, () => this.#measures.flush(table, this.#out!));
      },
      keep: (slot, number) => this.#store.keep(slot, number),
      drop: (slot) => lists.removeRow(slot),
    };
    const conditions = compileConditions(spec, stored, context, nextAggregate);
    this.#search = this.#createSearch(conditions, listener);
    this.#store = new MatchStore(this.#rows, this.#search);
    this.#time = spec.time === undefined ? undefined : this.#rows.positionOf(spec.time);
    const byTime = spec.time === undefined ? [] : [{ column: spec.time, descending: false, nullsFirst: true }];
    this.#order = compileRowOrder(
      [...byTime, ...spec.order],
      spec.input,
      (column) => this.#rows.positionOf(column) ?? 0,
    );
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
    this.#watermark = context.state.number("watermark", "lowest", -Infinity, () => this.#watermark);
  }

  #createSearch(conditions: Conditions, listener: MatchListener): PartitionSearch {
    const spec = this.#spec;
    const timeOf = spec.time === undefined ? undefined : (row: number): number => this.#times()[row]!;
    if (spec.pattern !== undefined) return new PreferredSearch(spec, spec.pattern, conditions, listener, timeOf);
    const automaton = compilePattern(spec.variables);
    const one = spec.skip.to === "past-last" && hasOneWay(automaton) && isRepeatable(spec, this.#context);
    return one && timeOf !== undefined
      ? new FirstMatchSearch(spec, automaton, conditions, listener, timeOf)
      : new MatchSearch(spec, automaton, conditions, listener);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount, steps } = batch;
    this.#slots = roomFor(this.#slots, Math.max(1, rowCount));
    const waiting = (this.#waiting ??= this.#readState());
    // A task without rows must not make the one key of no columns: another has it, and both would be restored.
    if (rowCount > 0)
      void this.#rows.table.prepare(this.#rows.keyColumns(batch.columns), undefined, rowCount, this.#slots);
    const firing = new FiringOutput(out);
    this.#out = firing;
    let from = 0;
    for (let k = 0; steps !== undefined && k < steps.count; k++) {
      from = this.#add(batch, from, steps.rows[k]!, waiting);
      this.#watermark = steps.watermarks[k]!;
      if (this.#time !== undefined) this.#fire(waiting);
      if (this.#watermark === Infinity) this.#finish();
      this.#measures.flush(this.#rows.table, firing);
      firing.advance(this.#watermark);
    }
    this.#add(batch, from, rowCount, waiting);
    this.#measures.flush(this.#rows.table, firing);
    this.#store.save();
    this.#store.dropUnused(this.#slots, rowCount);
    firing.finish();
  }

  /** In processing time a match may be known when its time is over, though no row comes. Flink's waits for the next row. */
  nextTimer(): number {
    if (this.#spec.pattern === undefined || this.#time !== undefined || this.#spec.withinMillis === 0) return Infinity;
    this.#waiting ??= this.#readState();
    return this.#timeouts.size === 0 ? Infinity : this.#timeouts.first;
  }

  onTimer(out: Output): void {
    this.#out = out;
    this.#timeOut(this.#context.nowMillis());
    this.#measures.flush(this.#rows.table, out);
    this.#store.save();
  }

  #add(batch: RecordBatch, from: number, to: number, waiting: RankedRows): number {
    if (to <= from) return from;
    if (this.#time === undefined) this.#matchNow(batch, from, to);
    else this.#wait(batch, from, to, waiting);
    return to;
  }

  /** Event time: rows wait for the watermark. */
  #wait(batch: RecordBatch, from: number, to: number, waiting: RankedRows): void {
    const column = batch.columns[this.#spec.time!]!;
    if (column.nulls?.subarray(0, batch.rowCount).includes(1) === true)
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL");
    const times = millisOf(column, batch.rowCount);
    const stored = this.#rows.storedColumns(batch.columns);
    const { lists } = this.#rows;
    for (let row = from; row < to; row++) {
      if (times[row]! <= this.#watermark) {
        this.#context.late(batch, row);
        continue;
      }
      const slot = this.#rows.append(this.#slots[row]!, stored, row);
      waiting.insert(waiting.placeAfterEqual(this.#order, stored, row, lists.columns), slot);
    }
  }

  /** Processing time: rows of one batch have come together, and are ordered only by the other columns. */
  #matchNow(batch: RecordBatch, from: number, to: number): void {
    const now = this.#context.nowMillis();
    const stored = this.#rows.storedColumns(batch.columns);
    const rows = Array.from({ length: to - from }, (_, i) => from + i);
    if (this.#spec.order.length > 0) rows.sort((a, b) => this.#order(stored, a, stored, b) || a - b);
    this.#timeOut(now);
    for (const row of rows) {
      const key = this.#slots[row]!;
      const partition = this.#enter(key);
      this.#search.advance(partition, now);
      this.#search.step(partition, this.#rows.append(key, stored, row), now);
      this.#leave(key, partition);
    }
  }

  /** Matches all rows that the watermark has reached: partitions in the order of their first rows. */
  #fire(waiting: RankedRows): void {
    const { lists } = this.#rows;
    const times = this.#times();
    const due = waiting.countWhile((row) => times[row]! <= this.#watermark);
    const byKey = new Map<number, number[]>();
    for (const row of due === 0 ? [] : waiting.removeFirst(due)) {
      const key = lists.parentOf(row);
      const rows = byKey.get(key);
      if (rows === undefined) byKey.set(key, [row]);
      else rows.push(row);
    }
    for (const [key, rows] of byKey) {
      const partition = this.#enter(key);
      for (const row of rows) {
        const time = this.#times()[row]!;
        this.#search.advance(partition, time);
        this.#search.step(partition, row, time);
      }
      this.#search.advance(partition, this.#watermark);
      this.#leave(key, partition);
    }
    this.#timeOut(this.#watermark);
  }

  /** All rows have come. */
  #finish(): void {
    const open = [...this.#store.known].filter(([, partition]) => partition.startTime < Infinity);
    open.sort(([, a], [, b]) => a.startTime - b.startTime);
    for (const [key] of open) {
      const partition = this.#enter(key);
      this.#search.finish(partition);
      this.#leave(key, partition);
    }
  }

  #times(): Float64Array {
    const column = this.#rows.lists.columns[this.#time!]!;
    return column.storage === "f64" ? column.values : new Float64Array(0);
  }

  #enter(key: number): Partition {
    this.#key = key;
    return this.#store.partition(key);
  }

  #leave(key: number, partition: Partition): void {
    this.#search.dropUnneeded(partition);
    this.#store.changed(key);
    const { withinMillis } = this.#spec;
    const { firstTime } = partition;
    if (withinMillis === 0 || partition.timeoutMillis !== Infinity || firstTime === Infinity) return;
    partition.timeoutMillis = firstTime + withinMillis;
    this.#timeouts.push(partition.timeoutMillis, key);
  }

  /** Lets go of the matches that have taken too long in partitions without new rows. */
  #timeOut(timeMillis: number): void {
    while (this.#timeouts.size > 0 && this.#timeouts.first <= timeMillis) {
      const dueMillis = this.#timeouts.first;
      const key = this.#timeouts.pop();
      if (!this.#store.isKnown(key)) continue;
      const partition = this.#enter(key);
      partition.timeoutMillis = Infinity;
      // The match that it was for is over, and another one has begun: its turn is later, whatever else is due by now.
      if (this.#spec.pattern !== undefined && partition.firstTime + this.#spec.withinMillis > dueMillis) {
        this.#leave(key, partition);
        continue;
      }
      this.#search.advance(partition, timeMillis);
      this.#leave(key, partition);
    }
  }

  /** What a restored job goes on with. */
  #readState(): RankedRows {
    const { waiting, partitions } = this.#store.read(this.#order);
    for (const [key, partition] of partitions) this.#leave(key, partition);
    return waiting;
  }
}

/** Whether a condition gives the same answer when it is asked again. */
function isRepeatable(spec: MatchSpec, { functions }: OperatorContext): boolean {
  const isVolatile = (node: Expr): boolean =>
    node.kind === "call" && functions.scalar(node.function)?.stability === "row";
  return !spec.variables.some(({ condition }) => condition?.expressions.some((e) => someExpr(e, isVolatile)) === true);
}

/** MATCH_RECOGNIZE. */
export const MATCH: OperatorDefinition<MatchSpec> = {
  kind: "match",
  create: (spec, context) => new MatchRecognize(spec, context),
};
