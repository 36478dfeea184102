import type { RecordBatch } from "../../batch/record-batch.ts";
import type { OperatorState } from "../../state/api.ts";
import type { Operator } from "../operator.ts";

/** Something to wait for; undefined: nothing. */
type Wait = Promise<void> | undefined;

/**
 * `Operator.prepare` for state that may be dropped from memory: room first, then what `load` asks for. Undefined with
 * state that is all in memory, so that its batches need not wait in a queue.
 */
export function nearby(
  state: OperatorState,
  load: (input: number, batch: RecordBatch) => Wait = () => undefined,
): Operator["prepare"] {
  if (!state.behind) return undefined;
  return (input, batch) => afterRoom(state, () => (batch.rowCount === 0 ? undefined : load(input, batch)));
}

/** Makes room, then loads. */
export function afterRoom(state: OperatorState, load: () => Wait): Wait {
  const room = state.makeRoom();
  return room === undefined ? load() : room.then(load);
}

/** Both. */
export function both(first: Wait, second: Wait): Wait {
  if (first === undefined) return second;
  return second === undefined ? first : Promise.all([first, second]).then(() => undefined);
}
