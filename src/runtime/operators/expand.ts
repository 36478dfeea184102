import { BATCH_ROWS, type RecordBatch } from "../../batch/record-batch.ts";
import { concatColumns } from "../../batch/concat.ts";
import { sliceBatch, takeColumn } from "../../batch/take.ts";
import { compileProjection } from "../../expressions/project.ts";
import type { OperatorDefinition, Output } from "../operator.ts";
import type { ExpandSpec } from "../spec.ts";
import { emitSteps, stepsAmong } from "./emit.ts";

/** Each row once for each grouping set, its versions one after another. */
export const EXPAND: OperatorDefinition<ExpandSpec> = {
  kind: "expand",
  create(spec, context) {
    const options = {
      compile: context.compileExpressions,
      onFallback: () => context.count("interpretedExpressions", 1),
    };
    const projections = spec.sets.map((set) =>
      compileProjection(set, spec.input, context.functions, context.session, options),
    );
    const setCount = projections.length;
    const rowsAtOnce = Math.max(1, Math.floor(BATCH_ROWS / setCount));

    const expand = (batch: RecordBatch, out: Output): void => {
      const { rowCount } = batch;
      const count = rowCount * setCount;
      const versions = projections.map((project) => project(batch));
      const order = new Int32Array(count);
      const sources = new Int32Array(count);
      for (let i = 0; i < count; i++) {
        sources[i] = Math.floor(i / setCount);
        order[i] = (i % setCount) * rowCount + sources[i]!;
      }
      const columns = spec.sets[0]!.map((_, c) => {
        const storage = versions[0]![c]!.storage;
        return takeColumn(
          concatColumns(
            versions.map((version) => ({ column: version[c]!, count: rowCount })),
            storage,
          ),
          order,
          count,
        );
      });
      const kinds = batch.kinds === undefined ? undefined : Uint8Array.from(sources, (row) => batch.kinds![row]!);
      out.batch({
        rowCount: count,
        columns,
        kinds,
        steps: stepsAmong(batch.steps, 0, rowCount, rowCount, sources, count),
      });
    };

    return {
      process(_input, batch, out) {
        if (batch.rowCount === 0) emitSteps(out, batch.steps);
        for (let from = 0; from < batch.rowCount; from += rowsAtOnce)
          expand(sliceBatch(batch, from, Math.min(batch.rowCount, from + rowsAtOnce)), out);
      },
    };
  },
};
