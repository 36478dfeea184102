import type { Column } from "../../batch/column.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { sliceBatch } from "../../batch/take.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { FinalOverCall, FinalOverSpec, FrameSpec } from "../spec.ts";
import { emitWatermark, roomFor } from "./emit.ts";
import { canTakeBack, FrameAggregates } from "./final-over-aggregates.ts";
import { framesOf, type Frames, type OrderedRows } from "./final-over-frames.ts";
import { distinctCounts, POSITIONAL } from "./final-over-functions.ts";
import { nearby } from "./nearby.ts";
import { compileRowOrder, type RowOrder } from "./row-order.ts";
import { StoredRows } from "./stored-rows.ts";

/** Aggregates that are computed together, and where their results stand among the calls. */
interface AggregateGroup {
  readonly frame: FrameSpec;
  readonly places: readonly number[];
  readonly aggregates: FrameAggregates;
}

/**
 * Window functions of batch mode. All rows are kept until the input has ended; then they come out by partition and
 * order, with their results. Watermarks are held back, because the rows come after all of them.
 */
class FinalOver implements Operator {
  readonly #spec: FinalOverSpec;
  readonly #rows: StoredRows;
  /** Of stored rows, without the partition columns: they are the same in a partition. */
  readonly #order: RowOrder;
  /** Of keys. */
  readonly #partitionOrder: RowOrder;
  /** Of whole rows: they are peers when it is 0. */
  readonly #peers: RowOrder;
  readonly #groups: readonly AggregateGroup[];
  readonly prepare: Operator["prepare"];
  #slots = new Int32Array(0);

  constructor(spec: FinalOverSpec, context: OperatorContext) {
    const { input, partition, order, calls } = spec;
    this.#spec = spec;
    this.#rows = new StoredRows(context.state, input, partition, {
      ttlMillis: 0,
      names: spec.inputNames,
      // At the end all rows are sorted in memory.
      resident: "always",
    });
    const inRows = order.filter(({ column }) => !partition.includes(column));
    this.#order = compileRowOrder(inRows, input, (column) => this.#rows.positionOf(column)!);
    this.#peers = compileRowOrder(inRows, input, (column) => column);
    const byKey = partition.map((column) => ({ column, descending: false, nullsFirst: true }));
    this.#partitionOrder = compileRowOrder(byKey, input, (column) => partition.indexOf(column));
    this.#groups = groupsOf(calls, input, context);
    this.prepare = nearby(context.state, (_input, batch) => this.#rows.load(batch));
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    if (batch.rowCount > 0) this.#add(batch);
    const { steps } = batch;
    if (steps === undefined || steps.count === 0 || steps.watermarks[steps.count - 1] !== Infinity) return;
    this.#emitAll(out);
    emitWatermark(out, Infinity);
  }

  #add({ rowCount, columns }: RecordBatch): void {
    const { table } = this.#rows;
    const slots = (this.#slots = roomFor(this.#slots, rowCount));
    void table.prepare(this.#rows.keyColumns(columns), undefined, rowCount, slots);
    table.touch(slots, rowCount);
    const stored = this.#rows.storedColumns(columns);
    for (let row = 0; row < rowCount; row++) this.#rows.append(slots[row]!, stored, row);
  }

  /** Small partitions go together. */
  #emitAll(out: Output): void {
    const { table, lists } = this.#rows;
    const { keyColumns } = table;
    const partitions = [...table.liveSlots()];
    partitions.sort((a, b) => this.#partitionOrder(keyColumns, a, keyColumns, b));
    for (let next = 0; next < partitions.length;) {
      const from = next;
      let count = 0;
      do count += lists.count(partitions[next++]!);
      while (next < partitions.length && count + lists.count(partitions[next]!) <= BATCH_ROWS);
      this.#emit(partitions.slice(from, next), count, out);
    }
    for (const slot of partitions) table.remove(slot);
  }

  #emit(partitions: readonly number[], count: number, out: Output): void {
    const rowSlots = new Int32Array(count);
    const keySlots = new Int32Array(count);
    const starts: number[] = [];
    let filled = 0;
    for (const slot of partitions) {
      const sorted = this.#sorted(slot);
      starts.push(filled);
      rowSlots.set(sorted, filled);
      keySlots.fill(slot, filled, filled + sorted.length);
      filled += sorted.length;
    }
    const columns = this.#rows.gatherWithKeys(rowSlots, keySlots, count);
    const rows: OrderedRows = {
      columns,
      count,
      partitions: [...starts, count],
      ...this.#peersOf(columns, starts, count),
    };
    const all = { rowCount: count, columns: [...columns, ...this.#results(rows)], kinds: undefined, steps: undefined };
    for (let from = 0; from < count; from += BATCH_ROWS)
      out.batch(sliceBatch(all, from, Math.min(count, from + BATCH_ROWS)));
  }

  /** The row slots of a partition in the order of the window, then of arrival. */
  #sorted(slot: number): Int32Array {
    const { lists } = this.#rows;
    const rows = new Int32Array(lists.count(slot));
    let filled = 0;
    for (let row = lists.head(slot); row >= 0; row = lists.next(row)) rows[filled++] = row;
    const { columns } = lists;
    const sequences = this.#rows.sequences();
    return rows.sort((a, b) => this.#order(columns, a, columns, b) || sequences[a]! - sequences[b]!);
  }

  #peersOf(
    columns: readonly Column[],
    partitions: readonly number[],
    count: number,
  ): Pick<OrderedRows, "peerStarts" | "peerEnds"> {
    const peerStarts = new Int32Array(count);
    const peerEnds = new Int32Array(count);
    const firsts = new Set(partitions);
    let start = 0;
    for (let row = 1; row <= count; row++) {
      const goesOn = row < count && !firsts.has(row) && this.#peers(columns, row - 1, columns, row) === 0;
      if (goesOn) continue;
      peerStarts.fill(start, start, row);
      peerEnds.fill(row, start, row);
      start = row;
    }
    return { peerStarts, peerEnds };
  }

  #results(rows: OrderedRows): readonly Column[] {
    const { calls, input } = this.#spec;
    const known = new Map<string, Frames>();
    const frames = (frame: FrameSpec): Frames => {
      const key = frameKey(frame);
      const found = known.get(key) ?? framesOf(frame, rows, this.#distanceColumn());
      known.set(key, found);
      return found;
    };
    const results = calls.map((call): Column | undefined => {
      const positional = POSITIONAL.get(call.function);
      if (positional !== undefined) return positional(call, rows, input);
      if (!call.distinct) return undefined;
      const column = call.args[0]!;
      return distinctCounts(rows.columns[column]!, input[column]!, frames(call.frame), rows.count);
    });
    for (const { frame, places, aggregates } of this.#groups) {
      const columns = aggregates.run(rows.columns, frames(frame), rows.count);
      places.forEach((place, i) => (results[place] = columns[i]));
    }
    return results as readonly Column[];
  }

  #distanceColumn(): Parameters<typeof framesOf>[2] {
    const [column] = this.#spec.order;
    return column === undefined ? undefined : { column, type: this.#spec.input[column.column]! };
  }
}

function frameKey({ units, start, end }: FrameSpec): string {
  return `${units} ${start} ${end}`;
}

/** One group for each frame and way of computing it. */
function groupsOf(
  calls: readonly FinalOverCall[],
  input: readonly FinalOverSpec["input"][number][],
  context: OperatorContext,
): readonly AggregateGroup[] {
  const places = new Map<string, number[]>();
  calls.forEach((call, place) => {
    if (POSITIONAL.has(call.function) || call.distinct) return;
    const key = `${frameKey(call.frame)} ${canTakeBack(call)}`;
    places.set(key, [...(places.get(key) ?? []), place]);
  });
  return [...places.values()].map((group) => {
    const own = group.map((place) => calls[place]!);
    const first = own[0]!;
    const aggregates = new FrameAggregates(own, canTakeBack(first), input, context);
    return { frame: first.frame, places: group, aggregates };
  });
}

/** OVER in batch mode. */
export const FINAL_OVER: OperatorDefinition<FinalOverSpec> = {
  kind: "final-over",
  create: (spec, context) => new FinalOver(spec, context),
};
