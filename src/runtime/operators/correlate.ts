import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { createColumnBuilder, type ColumnBuilder } from "../../batch/column-builder.ts";
import { readers } from "../../batch/get.ts";
import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { takeColumn } from "../../batch/take.ts";
import { compilePredicate, compileProjection, type BatchPredicate } from "../../expressions/project.ts";
import type { RowCollector } from "../../functions/define.ts";
import type { DataType, Value } from "../../types/data-type.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { CorrelateSpec } from "../spec.ts";
import { emitSteps, roomFor, stepsAmong } from "./emit.ts";

/** Rows of a table function as columns, each with the input row that it belongs to. */
class FunctionRows implements RowCollector {
  count = 0;
  /** By output row: the input row. */
  sources = new Int32Array(64);
  readonly #builders: readonly ColumnBuilder[];
  readonly #ordinals: ColumnBuilder | undefined;
  #source = 0;
  #ordinal = 0;

  /** With `withOrdinality` the last of the columns is the number of the row within its call. */
  constructor(types: readonly DataType[], withOrdinality: boolean) {
    const builders = types.map((type) => createColumnBuilder(type, 64));
    this.#ordinals = withOrdinality ? builders.pop() : undefined;
    this.#builders = builders;
  }

  /** Rows from now on belong to this input row. */
  startOf(source: number): void {
    this.#source = source;
    this.#ordinal = 0;
  }

  row(values: readonly Value[]): void {
    for (let c = 0; c < this.#builders.length; c++) this.#builders[c]!.append(values[c] ?? null);
    this.#finishRow();
  }

  value(value: Value): void {
    this.#builders[0]!.append(value);
    this.#finishRow();
  }

  /** A row of NULLs for the present input row. */
  pad(): void {
    this.appendNulls();
    this.#ordinals?.appendNull();
    this.#addSource();
  }

  appendNulls(): void {
    for (const builder of this.#builders) builder.appendNull();
  }

  /** The columns; `nullRow`: with one more row of NULLs behind the last. The collector is empty afterwards. */
  finish(nullRow = false): Column[] {
    if (nullRow) {
      this.appendNulls();
      this.#ordinals?.appendNull();
    }
    this.count = 0;
    const columns = this.#builders.map((builder) => builder.finish());
    return this.#ordinals === undefined ? columns : [...columns, this.#ordinals.finish()];
  }

  #finishRow(): void {
    this.#ordinals?.append(++this.#ordinal);
    this.#addSource();
  }

  #addSource(): void {
    this.sources = roomFor(this.sources, this.count + 1, true);
    this.sources[this.count++] = this.#source;
  }
}

/** Each row with the rows that a table function gives for it, its kind kept; as LEFT a row without any is padded with NULLs. */
export const CORRELATE: OperatorDefinition<CorrelateSpec> = {
  kind: "correlate",
  create(spec, context) {
    const options = {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    };
    const fn = context.functions.table(spec.function);
    if (fn === undefined) throw new SqlError("BUG", `there is no table function ${spec.function}`);
    const argTypes = spec.args.map((arg) => arg.type);
    const columns = spec.withOrdinality ? spec.columns.slice(0, -1) : spec.columns;
    const evaluate = fn.evaluator({ args: argTypes, columns }, context.session);
    const project = compileProjection(spec.args, spec.input, context.functions, context.session, options);
    const padded = spec.type === "left";
    const predicate =
      spec.condition === undefined
        ? undefined
        : compilePredicate(
            spec.condition,
            [...spec.input, ...spec.columns],
            context.functions,
            context.session,
            options,
          );
    const rows = new FunctionRows(spec.columns, spec.withOrdinality);

    return {
      process(_input, batch, out) {
        const { rowCount } = batch;
        if (rowCount === 0) {
          emitSteps(out, batch.steps);
          return;
        }
        const argOf = readers(project(batch), argTypes);
        const args: Value[] = argTypes.map(() => null);
        let from = 0;
        const emit = (to: number): void => {
          const joined =
            predicate === undefined ? joinedRows(batch, rows) : matchedRows(batch, rows, predicate, from, to);
          const { count, sources } = joined;
          const steps = stepsAmong(batch.steps, from, to, rowCount, sources, count);
          from = to;
          if (count === 0) {
            emitSteps(out, steps);
            return;
          }
          const kinds =
            batch.kinds === undefined
              ? undefined
              : Uint8Array.from(sources.subarray(0, count), (row) => batch.kinds![row]!);
          out.batch({ rowCount: count, columns: joined.columns, kinds, steps });
        };
        for (let row = 0; row < rowCount; row++) {
          rows.startOf(row);
          const before = rows.count;
          let hasNull = false;
          for (let i = 0; i < args.length; i++) {
            const value = argOf[i]!(row);
            args[i] = value;
            hasNull ||= value === null;
          }
          if (!hasNull || fn.nulls === "handled") evaluate(args, rows);
          if (padded && predicate === undefined && rows.count === before) rows.pad();
          if (rows.count >= BATCH_ROWS) emit(row + 1);
        }
        if (from < rowCount) emit(rowCount);
      },
    };
  },
};

interface JoinedRows {
  readonly count: number;
  readonly columns: readonly Column[];
  /** By output row: the input row. */
  readonly sources: Int32Array;
}

/** The collected rows beside their input rows. */
function joinedRows(batch: RecordBatch, rows: FunctionRows): JoinedRows {
  const { count } = rows;
  const sources = rows.sources.slice(0, count);
  const left = batch.columns.map((column) => takeColumn(column, sources, count));
  return { count, sources, columns: [...left, ...rows.finish()] };
}

/** Those of the collected rows that match, and a padded one for each of the input rows `from` … `to` − 1 where none does. */
function matchedRows(
  batch: RecordBatch,
  rows: FunctionRows,
  predicate: BatchPredicate,
  from: number,
  to: number,
): JoinedRows {
  const { count } = rows;
  const all = rows.sources.slice(0, count);
  const right = rows.finish(true);
  const left = batch.columns.map((column) => takeColumn(column, all, count));
  const selected = new Int32Array(count);
  const matches = predicate(
    { rowCount: count, columns: [...left, ...right], kinds: undefined, steps: undefined },
    selected,
  );
  const sources = new Int32Array(matches + to - from);
  const order = new Int32Array(sources.length);
  let next = 0;
  let length = 0;
  for (let row = from; row < to; row++) {
    const before = length;
    for (; next < matches && all[selected[next]!] === row; next++) {
      sources[length] = row;
      order[length++] = selected[next]!;
    }
    if (length > before) continue;
    sources[length] = row;
    order[length++] = count;
  }
  return {
    count: length,
    sources,
    columns: [
      ...batch.columns.map((column) => takeColumn(column, sources, length)),
      ...right.map((column) => takeColumn(column, order, length)),
    ],
  };
}
