import type { RecordBatch } from "../batch/record-batch.ts";
import { remapSteps } from "../batch/steps.ts";
import { takeKinds } from "../batch/take.ts";
import { prepare, type CalcInput, type CompileOptions } from "./compile.ts";
import type { SessionFacts } from "./function-types.ts";
import type { FunctionLookup } from "./lookup.ts";

/** A compiled or interpreted filter with projections. */
export interface CalcProgram {
  readonly mode: "compiled" | "interpreted";
  /**
   * The rows that pass, projected, with their kinds and watermark steps; undefined when nothing is left of the batch.
   * Valid until the next run.
   */
  run(batch: RecordBatch): RecordBatch | undefined;
}

/** Prepares a filter with projections to run over batches: one fused generated loop, or the interpreter. */
export function compileCalc(
  calc: CalcInput,
  lookup: FunctionLookup,
  session: SessionFacts,
  options: CompileOptions = {},
): CalcProgram {
  const { mode, select, project } = prepare(calc, lookup, session, { ...options, transient: true });
  const { projections, input } = calc;
  const isIdentity =
    projections.length === input.length && projections.every((expr, i) => expr.kind === "column" && expr.index === i);
  const run = (batch: RecordBatch): RecordBatch | undefined => {
    if (batch.rowCount === 0 && batch.steps === undefined) return undefined;
    const evaluation = select(batch);
    const { count, selected } = evaluation;
    if (count === batch.rowCount) return isIdentity ? batch : { ...batch, columns: project(batch, evaluation) };
    if (count === 0 && batch.steps === undefined) return undefined;
    return {
      rowCount: count,
      columns: project(batch, evaluation),
      kinds: batch.kinds === undefined ? undefined : takeKinds(batch.kinds, selected, count),
      steps: batch.steps === undefined ? undefined : remapSteps(batch.steps, selected, count),
    };
  };
  return { mode, run };
}
