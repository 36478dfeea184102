import type { RecordBatch } from "../../batch/record-batch.ts";
import { encodeBatch } from "../../runtime/exchange/batch-codec.ts";
import type { Collector } from "../../runtime/sink-task.ts";

/** What the coordinating thread does for the collector of a thread. */
export interface CollectorCalls {
  collect(buffer: ArrayBuffer): Promise<void>;
  prepareCollected(checkpointId: number): Promise<void>;
}

/**
 * Rows of a SELECT go from a thread to the coordinating thread, which also commits them. They all come from one thread,
 * and only its barrier says which of them belong to a checkpoint: the other threads meet theirs at other moments, and
 * have nothing to prepare.
 */
export function threadCollector({ collect, prepareCollected }: CollectorCalls): Collector {
  let hasRows = false;
  return {
    batch: (batch: RecordBatch) => {
      if (batch.rowCount === 0) return;
      hasRows = true;
      return collect(encodeBatch(batch, undefined, batch.rowCount, undefined));
    },
    prepare: async (checkpointId) => {
      if (hasRows) await prepareCollected(checkpointId);
    },
    commit: () => undefined,
  };
}
