import { SqlError } from "../../base/errors.ts";
import type { Column } from "../../batch/column.ts";
import { readInt128 } from "../../batch/get.ts";
import type { RecordBatch } from "../../batch/record-batch.ts";
import { StepsBuilder } from "../../batch/steps.ts";
import { compileProjection, type BatchProjection } from "../../expressions/project.ts";
import { SplitMarks } from "../split-marks.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../operator.ts";
import type { WatermarkSpec } from "../spec.ts";
import { emitBatch, emitWatermark } from "./emit.ts";

/**
 * Makes watermarks as Flink's assigner does: both marks start at 0, and one goes out after a row when the highest has
 * moved by more than the interval since the last. Watermarks from below are replaced, but for the end of the input.
 */
export class WatermarkOperator implements Operator {
  readonly #rowtime: number;
  readonly #interval: number;
  readonly #atEnd: boolean;
  readonly #project: BatchProjection;
  #current: number;
  #emitted: number;
  #splits: SplitMarks | undefined;

  constructor(spec: WatermarkSpec, context: OperatorContext) {
    this.#rowtime = spec.rowtime;
    this.#atEnd = spec.atEnd === true;
    this.#interval = spec.onEvent ? 0 : spec.intervalMillis;
    this.#project = compileProjection([spec.expression], spec.input, context.functions, context.session, {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    });
    this.#current = context.state.number("current", "lowest", 0, () => this.#current);
    this.#emitted = context.state.number("emitted", "lowest", 0, () => this.#emitted);
  }

  process(_input: number, batch: RecordBatch, out: Output): void {
    const { rowCount } = batch;
    const steps = new StepsBuilder();
    if (rowCount > 0 && !this.#atEnd)
      this.#mark(this.#project(batch)[0]!, batch.columns[this.#rowtime]!, rowCount, steps);
    if (batch.steps !== undefined && batch.steps.watermarks[batch.steps.count - 1] === Infinity)
      steps.add(rowCount, Infinity);
    emitBatch(out, { rowCount, columns: batch.columns, kinds: batch.kinds, steps: steps.finish() });
  }

  /** Passes on what the interval holds back; called by a timer when the input is silent. */
  advance(out: Output): void {
    if (this.#atEnd) return;
    if (this.#splits !== undefined) this.#current = Math.max(this.#current, this.#splits.lowest);
    if (this.#current <= this.#emitted) return;
    this.#emitted = this.#current;
    emitWatermark(out, this.#current);
  }

  bySplit(): SplitMarks {
    return (this.#splits ??= new SplitMarks());
  }

  #mark(marks: Column, rowtime: Column, rowCount: number, steps: StepsBuilder): void {
    if (rowtime.nulls !== undefined && rowtime.nulls.subarray(0, rowCount).includes(1)) {
      throw new SqlError("NOT_NULL_VIOLATION", "the event time of a row is NULL", {
        hint: "filter such rows out below the watermark, or give the column a value with COALESCE",
      });
    }
    const millis = millisOf(marks, rowCount);
    const nulls = marks.nulls;
    const splits = this.#splits;
    const interval = this.#interval;
    let current = this.#current;
    let emitted = this.#emitted;
    for (let i = 0; i < rowCount; i++) {
      let mark = millis[i]!;
      if (mark > current && (nulls === undefined || nulls[i] === 0)) {
        if (splits !== undefined) {
          mark = splits.raise(mark);
          if (mark <= current) continue;
        }
        current = mark;
        if (current - emitted > interval) {
          emitted = current;
          steps.add(i + 1, emitted);
        }
      }
    }
    this.#current = current;
    this.#emitted = emitted;
  }
}

/** Epoch millis of a time column of any precision; values under a NULL are unspecified. */
export function millisOf(column: Column, rowCount: number): Float64Array {
  switch (column.storage) {
    case "f64":
      return column.values;
    case "i64":
      return Float64Array.from({ length: rowCount }, (_, i) => Number(column.values[i]!));
    case "i128":
      return Float64Array.from({ length: rowCount }, (_, i) => Number(floorMillis(readInt128(column.values, i))));
    default:
      throw new SqlError("BUG", `a time in storage ${column.storage}`);
  }
}

function floorMillis(nanos: bigint): bigint {
  return nanos >= 0n ? nanos / 1_000_000n : -((-nanos + 999_999n) / 1_000_000n);
}

/** WATERMARK FOR … AS … */
export const WATERMARK: OperatorDefinition<WatermarkSpec> = {
  kind: "watermark",
  create: (spec, context) => new WatermarkOperator(spec, context),
};
