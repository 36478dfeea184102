import type { Json } from "../base/json.ts";
import type { CompletionListener } from "../checkpoint/participant.ts";
import type { Sink, Source } from "../connectors/api.ts";

/** The sink commits what all its writers prepared; then `tellWriters` lets each of them know. */
export function sinkListener(
  operatorId: string,
  sink: Sink,
  tellWriters: (checkpointId: number) => void | Promise<void>,
): CompletionListener {
  return {
    operatorId,
    checkpointComplete: async (checkpointId, snapshots) => {
      const committables = snapshots.flatMap((s) => s.committables);
      if (committables.length > 0) await sink.commit?.(checkpointId, committables);
      await tellWriters(checkpointId);
    },
  };
}

/** The source hears where all its splits stood, whichever threads read them. */
export function sourceListener(operatorId: string, source: Source): CompletionListener {
  return {
    operatorId,
    checkpointComplete: async (checkpointId, snapshots) => {
      if (source.checkpointComplete === undefined) return;
      const positions = new Map<string, Json>(snapshots.flatMap((s) => Object.entries(s.positions)));
      await source.checkpointComplete(checkpointId, positions);
    },
  };
}
