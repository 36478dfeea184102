import { must } from "../../base/assert.ts";
import type { Column } from "../../batch/column.ts";
import { columnOf } from "../../batch/column-builder.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn, takeKinds } from "../../batch/take.ts";
import {
  compilePredicate,
  compileProjection,
  type BatchPredicate,
  type BatchProjection,
} from "../../expressions/project.ts";
import { usedColumns } from "../../expressions/walk.ts";
import { answersOf, type Answers } from "../lookup/answers.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { LookupJoinSpec } from "../spec.ts";
import { roomFor, StepCursor } from "./emit.ts";
import { padded, viewOf } from "./join-output.ts";

/** Each row meets the rows that a table holds for its keys; the keys of a batch are looked up together before it. */
class LookupJoin implements Operator {
  readonly #spec: LookupJoinSpec;
  readonly #context: OperatorContext;
  #opened: Answers | undefined;
  readonly #condition: BatchPredicate | undefined;
  readonly #conditionColumns: readonly number[];
  readonly #project: BatchProjection;
  readonly #types;
  #constants: Column[] = [];
  #constantRows = 0;
  #slots = new Int32Array(0);
  #positions = new Int32Array(0);
  #pairRows = new Int32Array(1024);
  /** Below 0: the row has no partner. */
  #pairStored = new Int32Array(1024);
  #selected = new Int32Array(0);

  constructor(spec: LookupJoinSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#context = context;
    this.#types = spec.columns.map(({ type }) => type);
    const options = {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    };
    this.#condition =
      spec.condition &&
      compilePredicate(spec.condition, [...spec.left, ...this.#types], context.functions, context.session, options);
    this.#conditionColumns = spec.condition === undefined ? [] : usedColumns([spec.condition]);
    this.#project = compileProjection(spec.projections, this.#types, context.functions, context.session, options);
  }

  mayWait = (): boolean => !this.#answers.ready();

  prepare = (_input: number, batch: RecordBatch): Promise<void> | undefined =>
    batch.rowCount === 0 ? undefined : this.#answers.prepare(this.#keys(batch), batch.rowCount);

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    const cursor = new StepCursor(batch.steps);
    if (rowCount > 0) {
      this.#findSlots(batch);
      for (let from = 0; from < rowCount;) from = this.#join(batch, from, cursor, out);
    }
    cursor.finish(out);
  }

  close(): void {
    void this.#opened?.close();
  }

  get #answers(): Answers {
    const { tables, session } = this.#context;
    return (this.#opened ??= answersOf(this.#spec, must(tables, "tables to look up"), session.timeZone));
  }

  #keys(batch: RecordBatch): Column[] {
    if (this.#constantRows < batch.rowCount) {
      this.#constantRows = Math.max(batch.rowCount, 1024);
      this.#constants = [];
    }
    return this.#spec.keys.map(({ equals }, i) =>
      "left" in equals
        ? batch.columns[equals.left]!
        : (this.#constants[i] ??= columnOf(
            equals.type,
            Array.from({ length: this.#constantRows }, () => equals.constant),
          )),
    );
  }

  /** By row the slot of its keys among the answers; −1: there are no rows for them. */
  #findSlots(batch: RecordBatch): void {
    const { rowCount } = batch;
    const keys = this.#keys(batch);
    const nulls = keys.flatMap(({ nulls: mask }) => (mask === undefined ? [] : [mask]));
    this.#slots = roomFor(this.#slots, rowCount);
    const { table } = this.#answers.rows;
    if (nulls.length === 0) {
      void table.find(keys, undefined, rowCount, this.#slots);
      return;
    }
    const rows = Int32Array.from({ length: rowCount }, (_, row) => row).filter((row) =>
      nulls.every((mask) => mask[row] === 0),
    );
    this.#positions = roomFor(this.#positions, rows.length);
    void table.find(keys, rows, rows.length, this.#positions);
    this.#slots.fill(-1, 0, rowCount);
    for (let i = 0; i < rows.length; i++) this.#slots[rows[i]!] = this.#positions[i]!;
  }

  /** Takes rows from `from` until there are enough for a batch; returns the next row. */
  #join(batch: RecordBatch, from: number, cursor: StepCursor, out: Output): number {
    const { lists } = this.#answers.rows;
    let pairs = 0;
    let to = from;
    for (; to < batch.rowCount && pairs < BATCH_ROWS; to++) {
      if (this.#slots[to]! < 0) continue;
      for (let row = lists.head(this.#slots[to]!); row >= 0; row = lists.next(row)) pairs = this.#put(pairs, to, row);
    }
    if (this.#condition !== undefined && pairs > 0) pairs = this.#filter(this.#condition, batch, pairs);
    if (this.#spec.type === "left") pairs = this.#withAlone(from, to, pairs);
    for (let at = 0; at < pairs; at += BATCH_ROWS) {
      const count = Math.min(BATCH_ROWS, pairs - at);
      const rows = this.#pairRows.subarray(at, at + count);
      const steps = cursor.among(rows, count, at + count === pairs ? to - 1 : rows[count - 1]!);
      const left = batch.columns.map((column) => takeColumn(column, rows, count));
      const right = this.#right(this.#pairStored.subarray(at, at + count), count);
      const kinds = batch.kinds === undefined ? undefined : takeKinds(batch.kinds, rows, count);
      out.batch({ rowCount: count, columns: [...left, ...right], kinds, steps });
    }
    return to;
  }

  #put(at: number, row: number, stored: number): number {
    if (at === this.#pairRows.length) {
      this.#pairRows = roomFor(this.#pairRows, 2 * at, true);
      this.#pairStored = roomFor(this.#pairStored, 2 * at, true);
    }
    this.#pairRows[at] = row;
    this.#pairStored[at] = stored;
    return at + 1;
  }

  #filter(condition: BatchPredicate, batch: RecordBatch, pairs: number): number {
    const width = this.#spec.left.length;
    const columns: Column[] = [];
    for (const column of this.#conditionColumns) {
      columns[column] =
        column < width
          ? takeColumn(batch.columns[column]!, this.#pairRows, pairs)
          : takeColumn(viewOf(this.#answers.rows.lists.columns[column - width]!), this.#pairStored, pairs);
    }
    const selected = (this.#selected = roomFor(this.#selected, pairs));
    const kept = condition({ rowCount: pairs, columns, kinds: undefined, steps: undefined }, selected);
    for (let i = 0; i < kept; i++) {
      this.#pairRows[i] = this.#pairRows[selected[i]!]!;
      this.#pairStored[i] = this.#pairStored[selected[i]!]!;
    }
    return kept;
  }

  /** Puts the rows without a partner among the pairs, in order. */
  #withAlone(from: number, to: number, pairs: number): number {
    const rows = this.#pairRows.slice(0, pairs);
    const stored = this.#pairStored.slice(0, pairs);
    let count = 0;
    let pair = 0;
    for (let row = from; row < to; row++) {
      const first = pair;
      for (; pair < pairs && rows[pair] === row; pair++) count = this.#put(count, row, stored[pair]!);
      if (pair === first) count = this.#put(count, row, -1);
    }
    return count;
  }

  #right(stored: Int32Array, count: number): Column[] {
    const { lists } = this.#answers.rows;
    const partner = stored.find((row) => row >= 0);
    if (partner === undefined) {
      return this.#spec.projections.map((e) =>
        columnOf(
          e.type,
          Array.from({ length: count }, () => null),
        ),
      );
    }
    let alone: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      if (stored[i]! >= 0) continue;
      alone ??= new Uint8Array(count);
      alone[i] = 1;
      stored[i] = partner;
    }
    const columns = this.#types.map((_, i) => takeColumn(viewOf(lists.columns[i]!), stored, count));
    const projected = this.#project({ rowCount: count, columns, kinds: undefined, steps: undefined });
    const mask = alone;
    return mask === undefined ? projected : projected.map((column) => padded(column, mask, count));
  }
}

/** Joins with what a table outside holds at the moment. */
export const LOOKUP_JOIN: OperatorDefinition<LookupJoinSpec> = {
  kind: "lookup-join",
  create: (spec, context) => new LookupJoin(spec, context),
};
