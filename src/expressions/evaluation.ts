import type { Column } from "../batch/column.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import { reader } from "../batch/get.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType } from "../types/data-type.ts";
import type { Expr } from "./expr.ts";
import type { SessionFacts } from "./function-types.ts";
import { interpret, interpretTruth, type RowReader } from "./interpreter.ts";
import type { FunctionLookup } from "./lookup.ts";
import { usedColumns } from "./walk.ts";

/** What filter and projections give for one batch. */
export interface Evaluation {
  /** How many rows passed; `selected` holds their numbers (it may not when there was no condition). */
  readonly count: number;
  readonly selected: Int32Array;
  /** The computed projections, `count` rows each. */
  readonly columns: readonly Column[];
}

/**
 * Evaluates conjuncts and projections over a batch. The rows that pass are written into `into` (room for all rows) when
 * it is given; else `selected` is valid until the next call.
 */
export type Evaluate = (batch: RecordBatch, into?: Int32Array) => Evaluation;

/** What `compiledEvaluation` and `interpretedEvaluation` are made from. */
export interface EvaluationInput {
  readonly conditions: readonly Expr[];
  readonly projections: readonly Expr[];
  readonly input: readonly DataType[];
  /** What is computed need only last until the next call. */
  readonly transient: boolean;
  readonly lookup: FunctionLookup;
  readonly session: SessionFacts;
}

/** The reference: row by row through the interpreter. */
export function interpretedEvaluation({ conditions, projections, input, lookup, session }: EvaluationInput): Evaluate {
  const tests = conditions.map((expr) => interpretTruth(expr, lookup, session));
  const evaluators = projections.map((expr) => interpret(expr, lookup, session));
  const used = usedColumns([...conditions, ...projections]);
  return (batch, into) => {
    const selected = into ?? new Int32Array(batch.rowCount);
    const builders = projections.map((expr) => createColumnBuilder(expr.type, batch.rowCount));
    const read = rowReaderOf(batch, input, used);
    let count = 0;
    for (let row = 0; row < batch.rowCount; row++) {
      read.row = row;
      if (!tests.every((test) => test(read.column))) continue;
      evaluators.forEach((evaluate, j) => builders[j]!.append(evaluate(read.column)));
      selected[count++] = row;
    }
    return { count, selected, columns: builders.map((builder) => builder.finish()) };
  };
}

/** Reads the columns of a batch, at the row that is set. */
export function rowReaderOf(
  batch: RecordBatch,
  input: readonly DataType[],
  used: readonly number[],
): { row: number; readonly column: RowReader } {
  const readers = new Map(used.map((index) => [index, reader(batch.columns[index]!, input[index]!)]));
  const state = { row: 0, column: (index: number) => readers.get(index)!(state.row) };
  return state;
}
