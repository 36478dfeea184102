import { RowKind } from "../../batch/row-kind.ts";
import { takeBatch } from "../../batch/take.ts";
import type { OperatorDefinition } from "../operator.ts";
import type { DropUpdateBeforeSpec } from "../spec.ts";
import { emitBatch } from "./emit.ts";

/** Lets all rows but -U through. */
export const DROP_UPDATE_BEFORE: OperatorDefinition<DropUpdateBeforeSpec> = {
  kind: "drop-update-before",
  create: () => ({
    process(_input, batch, out) {
      const { kinds, rowCount } = batch;
      if (kinds === undefined) {
        out.batch(batch);
        return;
      }
      const selected = new Int32Array(rowCount);
      let count = 0;
      for (let row = 0; row < rowCount; row++) if (kinds[row] !== RowKind.UpdateBefore) selected[count++] = row;
      emitBatch(out, takeBatch(batch, selected, count));
    },
  }),
};
