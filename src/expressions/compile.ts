import { SqlError } from "../base/errors.ts";
import type { Column } from "../batch/column.ts";
import { createColumnBuilder } from "../batch/column-builder.ts";
import type { RecordBatch } from "../batch/record-batch.ts";
import { takeColumn, TakenArrays } from "../batch/take.ts";
import type { DataType } from "../types/data-type.ts";
import { compiledEvaluation } from "./codegen/program.ts";
import { interpretedEvaluation, type Evaluate, type Evaluation, type EvaluationInput } from "./evaluation.ts";
import type { Expr, LiteralExpr } from "./expr.ts";
import { foldExpr } from "./fold.ts";
import type { SessionFacts } from "./function-types.ts";
import type { FunctionLookup } from "./lookup.ts";
import { conjuncts } from "./walk.ts";

/** A filter and projections over the columns of one input. */
export interface CalcInput {
  readonly filter?: Expr | undefined;
  readonly projections: readonly Expr[];
  readonly input: readonly DataType[];
}

export interface CompileOptions {
  /** false: run the interpreter (`table.exec.compile-expressions` = false). Default true. */
  readonly compile?: boolean | undefined;
  /** The columns of a batch are valid until the next batch only: their arrays are used again. */
  readonly transient?: boolean | undefined;
  /** Called once when code could not be generated and the interpreter takes over. Absent: generation throws. */
  readonly onFallback?: ((reason: SqlError) => void) | undefined;
}

/** A filter with projections, ready to run over batches. */
export interface Prepared {
  readonly mode: "compiled" | "interpreted";
  readonly select: Evaluate;
  /** True when every row passes; then `select` writes no row numbers. */
  readonly unconditional: boolean;
  /** All projections of the selected rows; where there is a filter, valid until the next call. */
  readonly project: (batch: RecordBatch, evaluation: Evaluation) => Column[];
}

/** Folds constants, then compiles what has to be computed; plain columns and literals need no code. */
export function prepare(
  calc: CalcInput,
  lookup: FunctionLookup,
  session: SessionFacts,
  options: CompileOptions,
): Prepared {
  const fold = (expr: Expr) => foldExpr(expr, lookup, session, { statement: true });
  const conditions = calc.filter === undefined ? [] : conjuncts(fold(calc.filter)).filter((expr) => !isTrue(expr));
  const projections = calc.projections.map(fold);
  const computed = projections.filter((expr) => expr.kind === "call");
  const { evaluate, mode } = createEvaluate(
    { conditions, projections: computed, input: calc.input, lookup, session, transient: options.transient === true },
    options,
  );
  const select: Evaluate =
    conditions.length > 0 || computed.length > 0
      ? evaluate
      : (batch, into = NO_ROWS) => ({ count: batch.rowCount, selected: into, columns: [] });
  return { mode, select, unconditional: conditions.length === 0, project: createProject(projections) };
}

const NO_ROWS = new Int32Array(0);

function isTrue(expr: Expr): boolean {
  return expr.kind === "literal" && expr.value === true;
}

function createEvaluate(
  input: EvaluationInput,
  options: CompileOptions,
): { readonly evaluate: Evaluate; readonly mode: Prepared["mode"] } {
  if (options.compile === false) return { evaluate: interpretedEvaluation(input), mode: "interpreted" };
  try {
    return { evaluate: compiledEvaluation(input), mode: "compiled" };
  } catch (error) {
    const reason = error instanceof SqlError ? error : new SqlError("BUG", "code generation failed", { cause: error });
    if (options.onFallback === undefined) throw reason;
    options.onFallback(reason);
    return { evaluate: interpretedEvaluation(input), mode: "interpreted" };
  }
}

function createProject(projections: readonly Expr[]): Prepared["project"] {
  const constants = new ConstantColumns();
  const arrays: TakenArrays[] = [];
  return (batch, { count, selected, columns: computed }) => {
    const taken = new Map<number, Column>();
    const take = (index: number): Column => {
      if (count === batch.rowCount) return batch.columns[index]!;
      const column =
        taken.get(index) ?? takeColumn(batch.columns[index]!, selected, count, (arrays[index] ??= new TakenArrays()));
      taken.set(index, column);
      return column;
    };
    let next = 0;
    return projections.map((expr, i) => {
      if (expr.kind === "column") return take(expr.index);
      return expr.kind === "call" ? computed[next++]! : constants.get(i, expr, count);
    });
  };
}

/** Columns of one repeated literal; made once, because columns are immutable and may be longer than their batch. */
class ConstantColumns {
  private readonly columns = new Map<number, { readonly column: Column; readonly rows: number }>();

  get(position: number, expr: LiteralExpr, count: number): Column {
    const known = this.columns.get(position);
    if (known !== undefined && known.rows >= count) return known.column;
    const builder = createColumnBuilder(expr.type, count);
    for (let i = 0; i < count; i++) builder.append(expr.value);
    const column = builder.finish();
    this.columns.set(position, { column, rows: count });
    return column;
  }
}
