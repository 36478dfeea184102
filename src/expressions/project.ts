import type { Column } from "../batch/column.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import type { DataType } from "../types/data-type.ts";
import { prepare, type CompileOptions } from "./compile.ts";
import type { Expr } from "./expr.ts";
import type { SessionFacts } from "./function-types.ts";
import type { FunctionLookup } from "./lookup.ts";

/** Evaluates expressions over every row of a batch. */
export type BatchProjection = (batch: RecordBatch) => Column[];

/** Writes the numbers of the rows that pass into `selected` (room for `rowCount`) and returns how many there are. */
export type BatchPredicate = (batch: RecordBatch, selected: Int32Array) => number;

/** The expressions as a function of batches. */
export function compileProjection(
  exprs: readonly Expr[],
  input: readonly DataType[],
  lookup: FunctionLookup,
  session: SessionFacts,
  options: CompileOptions = {},
): BatchProjection {
  const { select, project } = prepare({ projections: exprs, input }, lookup, session, options);
  return (batch) => project(batch, select(batch));
}

/** The condition as a selection of rows; NULL does not pass. */
export function compilePredicate(
  expr: Expr,
  input: readonly DataType[],
  lookup: FunctionLookup,
  session: SessionFacts,
  options: CompileOptions = {},
): BatchPredicate {
  const { select, unconditional } = prepare({ filter: expr, projections: [], input }, lookup, session, options);
  return (batch, selected) => {
    const { count } = select(batch, selected);
    if (unconditional) for (let i = 0; i < count; i++) selected[i] = i;
    return count;
  };
}
