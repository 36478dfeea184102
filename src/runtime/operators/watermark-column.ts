import type { RecordBatch } from "../../batch/record-batch.ts";
import { column, type Expr } from "../../expressions/expr.ts";
import { mapExpr, someExpr } from "../../expressions/walk.ts";
import { T } from "../../types/data-type.ts";
import type { CalcSpec } from "../spec.ts";

/** A calc that reads the watermark as one more input column, and what adds that column to a batch. */
export interface WatermarkColumn {
  readonly spec: CalcSpec;
  /** Batches must come in order: the watermark goes on from one to the next. */
  extend(batch: RecordBatch): RecordBatch;
  /** Goes on at this watermark. */
  restore(watermarkMillis: number): void;
}

/** CURRENT_WATERMARK of a row is the watermark before it, NULL before the first. `undefined`: the calc does not ask. */
export function watermarkColumn(spec: CalcSpec): WatermarkColumn | undefined {
  const exprs = [...spec.projections, ...(spec.filter === undefined ? [] : [spec.filter])];
  if (!exprs.some((expr) => someExpr(expr, asksForWatermark))) return undefined;
  const index = spec.input.length;
  const rewrite = (expr: Expr): Expr =>
    mapExpr(expr, (node) => (asksForWatermark(node) ? column(index, node.type, node.span) : node));
  let watermark = -Infinity;
  return {
    spec: {
      ...spec,
      input: [...spec.input, T.timestamp(3)],
      filter: spec.filter === undefined ? undefined : rewrite(spec.filter),
      projections: spec.projections.map(rewrite),
    },
    restore: (watermarkMillis) => {
      watermark = watermarkMillis;
    },
    extend: (batch) => {
      const values = new Float64Array(batch.rowCount);
      const nulls = new Uint8Array(batch.rowCount);
      const { steps } = batch;
      let next = 0;
      for (let row = 0; row <= batch.rowCount; row++) {
        while (steps !== undefined && next < steps.count && steps.rows[next]! <= row)
          watermark = steps.watermarks[next++]!;
        if (row === batch.rowCount) break;
        if (watermark === -Infinity) nulls[row] = 1;
        else values[row] = watermark;
      }
      return { ...batch, columns: [...batch.columns, { storage: "f64", values, nulls }] };
    },
  };
}

function asksForWatermark(expr: Expr): boolean {
  return expr.kind === "call" && expr.function === "CURRENT_WATERMARK";
}
