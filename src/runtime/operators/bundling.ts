import type { RecordBatch } from "../../batch/record-batch.ts";
import type { KeyedTable, OperatorState } from "../../state/api.ts";
import type { Operator, Output } from "../operator.ts";
import { FiringOutput } from "./emit.ts";
import { both } from "./nearby.ts";

/** What an operator does that works on bundles of rows. */
interface Bundles {
  /** Takes in rows `from` … `to` − 1; full bundles come out. */
  add(batch: RecordBatch, from: number, to: number, out: Output): void;
  /** Works on what is there. */
  flush(out: Output): void;
}

/**
 * An operator in mini-batches: rows wait until their bundle is full, a watermark comes (which the assigner of mini-batches
 * makes at the end of each interval), or a barrier: nothing waits in a checkpoint.
 */
export function bundling(bundles: Bundles): Operator {
  return {
    process(_input, batch, out) {
      const { rowCount, steps } = batch;
      const firing = new FiringOutput(out);
      let from = 0;
      for (let k = 0; steps !== undefined && k < steps.count; k++) {
        bundles.add(batch, from, steps.rows[k]!, firing);
        from = steps.rows[k]!;
        bundles.flush(firing);
        firing.advance(steps.watermarks[k]!);
      }
      bundles.add(batch, from, rowCount, firing);
      firing.finish();
    },
    beforeBarrier: (out) => bundles.flush(out),
  };
}

/** `Operator.prepare`: the keys of all rows that a flush works on, since it may come with any batch, or with a barrier after it. */
export function bundlesNearby(
  state: OperatorState,
  table: KeyedTable,
  waiting: () => readonly RecordBatch[],
  keyColumns: (batch: RecordBatch) => Parameters<KeyedTable["load"]>[0],
): Operator["prepare"] {
  if (!state.behind) return undefined;
  return (_input, batch) => {
    const loading = (): Promise<void> | undefined =>
      [...waiting(), batch].reduce<Promise<void> | undefined>(
        (wait, part) =>
          part.rowCount === 0 ? wait : both(wait, table.load(keyColumns(part), undefined, part.rowCount)),
        undefined,
      );
    const room = state.makeRoom();
    return room === undefined ? loading() : room.then(loading);
  };
}
