import { SqlError } from "../base/errors.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import type { Connector, RunIdentity, TableRequest } from "../connectors/api.ts";
import { tableRequest } from "../planner/physical/context.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { recordedOperators } from "./plan-record.ts";
import type { Session } from "./session.ts";

/** A sink that a script no longer writes into, but whose table it still has. */
interface RemovedSink {
  readonly request: TableRequest;
  readonly connector: Connector;
}

/** The table of a removed sink, if the script has it; undefined: it cannot be written. */
export function removedSink(
  operatorId: string,
  metadata: CheckpointMetadata,
  session: Session,
): RemovedSink | undefined {
  const path = recordedOperators(metadata).get(operatorId)?.table;
  if (path === undefined) return undefined;
  const [catalog = "", database = "", ...object] = path.split(".");
  const table = session.catalog.find({ catalog, database, object: object.join(".") });
  if (table?.kind !== "table") return undefined;
  const request = tableRequest(table, table.options, session.facts().timeZone);
  const connector = session.connectorOf(request);
  return connector.sink === undefined ? undefined : { request, connector };
}

/**
 * Commits what sinks that the script no longer has wrote before the checkpoint, open files included; again after each
 * restore from it, which is why sinks commit idempotently. Throws STATE_INCOMPATIBLE when a table is not known any more.
 */
export async function finishRemovedSinks(
  metadata: CheckpointMetadata,
  { nodes }: JobGraph,
  session: Session,
  run: Omit<RunIdentity, "operatorId">,
): Promise<void> {
  const present = new Set(nodes.map((n) => n.id));
  const removed = metadata.snapshots.filter(
    (s) => !present.has(s.operatorId) && (s.committables.length > 0 || s.sinkState !== null),
  );
  for (const operatorId of new Set(removed.map((s) => s.operatorId))) {
    const known = removedSink(operatorId, metadata, session);
    if (known === undefined) {
      throw new SqlError(
        "STATE_INCOMPATIBLE",
        `the checkpoint holds output of ${recordedOperators(metadata).get(operatorId)?.description ?? operatorId} that waits to be committed, and its table is not known any more`,
        { hint: "keep the CREATE TABLE of the sink in the script; an INSERT is not needed" },
      );
    }
    const sink = known.connector.sink!(known.request, session.connectorContext(), { ...run, operatorId });
    const own = removed.filter((s) => s.operatorId === operatorId);
    try {
      const committables = own.flatMap((s) => s.committables);
      if (committables.length > 0) await sink.commit?.(metadata.id, committables);
      await sink.begin?.();
      await sink.discardAfter?.(metadata.id);
      const states = own.flatMap((s) => (s.sinkState === null ? [] : [s.sinkState]));
      if (states.length > 0) {
        const writer = await sink.openWriter(0, states);
        const prepared = await writer.prepareCommit(metadata.id, true);
        if (prepared.committables.length > 0) await sink.commit?.(metadata.id, prepared.committables);
        await writer.close(false);
      }
    } finally {
      await sink.close?.();
    }
  }
}
