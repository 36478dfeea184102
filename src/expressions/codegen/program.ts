import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { rowReaderOf, type Evaluate, type EvaluationInput } from "../evaluation.ts";
import { errorAt, interpret, interpretTruth } from "../interpreter.ts";
import { usedColumns } from "../walk.ts";
import { generateKernel, type Failure, type Kernel } from "./kernel.ts";
import { createOutputBuffer, outputColumn, type OutputBuffer } from "./output-buffer.ts";
import { LITERAL_BYTES } from "./source.ts";

/** So many kernels are made for different sets of columns with NULLs; then one for all of them serves. */
const MAX_VARIANTS = 8;

/** A kernel with the output arrays that the next batch may use. */
interface Variant {
  readonly kernel: Kernel;
  spare: OutputBuffer[] | undefined;
  spareCapacity: number;
}

/** Evaluates with generated loops, one for each set of used columns that have NULLs. */
export function compiledEvaluation(options: EvaluationInput): Evaluate {
  const { conditions, projections, input, transient } = options;
  const used = usedColumns([...conditions, ...projections]);
  const variants = new Map<string, Variant>();
  const variantFor = (key: string, hasNulls: readonly boolean[]): Variant => {
    let variant = variants.get(key);
    if (variant === undefined) {
      variant = {
        kernel: generateKernel(conditions, projections, { ...options, hasNulls }),
        spare: undefined,
        spareCapacity: 0,
      };
      variants.set(key, variant);
    }
    return variant;
  };
  // Generated now, so that an expression that cannot be compiled is found out before the first row.
  variantFor(used.map(() => "0").join(""), []);
  const everywhere = input.map(() => true);
  let scratch = new Int32Array(0);
  return (batch, into) => {
    let key = "";
    for (const index of used) key += batch.columns[index]!.nulls === undefined ? "0" : "1";
    const crowded = !variants.has(key) && variants.size >= MAX_VARIANTS;
    const variant = crowded
      ? variantFor("all", everywhere)
      : variantFor(
          key,
          input.map((_, index) => batch.columns[index]?.nulls !== undefined),
        );
    if (into === undefined && scratch.length < batch.rowCount) scratch = new Int32Array(batch.rowCount);
    const selected = into ?? scratch;
    const columns = crowded ? withMasks(batch, used) : batch.columns;
    const outs = outputsFor(variant, batch.rowCount);
    const count = runKernel(variant.kernel, batch, columns, selected, outs, options);
    return { count, selected, columns: finishOutputs(variant, batch, outs, transient) };
  };
}

/** The batch's columns, the used ones with a NULL mask even when no row is NULL. */
function withMasks(batch: RecordBatch, used: readonly number[]): Column[] {
  const none = new Uint8Array(batch.rowCount);
  const columns = [...batch.columns];
  for (const index of used) {
    const column = columns[index]!;
    if (column.nulls === undefined) columns[index] = { ...column, nulls: none };
  }
  return columns;
}

function outputsFor(variant: Variant, rowCount: number): OutputBuffer[] {
  if (variant.spare !== undefined && variant.spareCapacity >= rowCount) {
    for (const buffer of variant.spare) {
      buffer.anyNull = false;
      buffer.writer?.clear();
    }
    return variant.spare;
  }
  variant.spareCapacity = rowCount;
  return variant.kernel.outputs.map((plan) => createOutputBuffer(plan, rowCount));
}

function runKernel(
  kernel: Kernel,
  batch: RecordBatch,
  columns: readonly Column[],
  selected: Int32Array,
  outs: readonly OutputBuffer[],
  options: EvaluationInput,
): number {
  const failure: Failure = { row: -1 };
  try {
    return kernel.run(columns, batch.rowCount, selected, outs, failure);
  } catch (error) {
    throw explain(error, failure.row, batch, options);
  }
}

/** The error as the interpreter raises it for the row, because it knows the call; else as the kernel raised it. */
function explain(
  error: unknown,
  row: number,
  batch: RecordBatch,
  { conditions, projections, input, lookup, session }: EvaluationInput,
): SqlError {
  const raised = errorAt(error, undefined);
  if (row < 0) return raised;
  const read = rowReaderOf(batch, input, usedColumns([...conditions, ...projections]));
  read.row = row;
  try {
    if (conditions.every((expr) => interpretTruth(expr, lookup, session)(read.column))) {
      for (const expr of projections) interpret(expr, lookup, session)(read.column);
    }
  } catch (explained) {
    // Calls that differ from time to time (random numbers) may fail elsewhere now.
    if (explained instanceof SqlError && (explained.message === raised.message || raised.code === "BUG"))
      return explained;
  }
  return raised;
}

/** Columns of what was written; where they are transient, their arrays serve for the next batch too. */
function finishOutputs(variant: Variant, batch: RecordBatch, outs: OutputBuffer[], transient: boolean): Column[] {
  const { outputs, literals } = variant.kernel;
  variant.spare = transient ? outs : undefined;
  return outputs.map((plan, j) => outputColumn(plan, outs[j]!, sharedBytes(plan.shared, batch, literals)));
}

function sharedBytes(name: string | undefined, batch: RecordBatch, literals: Uint8Array): Uint8Array | undefined {
  if (name === undefined) return undefined;
  if (name === LITERAL_BYTES) return literals;
  const column = batch.columns[Number(name.slice("data".length))];
  return column?.storage === "bytes" ? column.data : undefined;
}
