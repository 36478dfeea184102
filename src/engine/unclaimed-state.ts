import { SqlError } from "../base/errors.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import { ignoresUnclaimedState } from "./local-job.ts";
import type { NamedJob } from "./job-request.ts";

/** State that a checkpoint holds and the script no longer has is never dropped silently: throws STATE_INCOMPATIBLE. */
export function checkClaimed({ graph, values }: NamedJob, { snapshots }: CheckpointMetadata): void {
  const held = snapshots.filter((s) => s.stateFiles.length > 0).map((s) => s.operatorId);
  const claimed = new Set(graph.nodes.map((node) => node.id));
  const lost = [...new Set(held)].filter((id) => !claimed.has(id));
  if (lost.length === 0 || ignoresUnclaimedState(values)) return;
  throw new SqlError(
    "STATE_INCOMPATIBLE",
    `the checkpoint holds state of operators that this script does not have: ${lost.join(", ")}`,
    {
      hint: "run the script that made the checkpoint, start without --from, or drop that state with --allow-dropped-state ('execution.state-recovery.ignore-unclaimed-state' = 'true')",
    },
  );
}
