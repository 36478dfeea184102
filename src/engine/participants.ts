import type { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import type { Participant } from "../checkpoint/participant.ts";
import type { RunningJob } from "../runtime/job.ts";
import { asSqlError } from "./failures.ts";

/** The subtasks of a job as the coordinator knows them: a trigger is one cut through all nodes, then each answers for itself. */
export function participantsOf(
  job: RunningJob,
  coordinator: () => CheckpointCoordinator | undefined,
): readonly Participant[] {
  const trigger: NonNullable<Participant["trigger"]> = ({ checkpointId, kind }) => {
    job
      .cut(checkpointId, kind, (answer) => coordinator()?.acknowledge(answer))
      .catch((error: unknown) => coordinator()?.decline(checkpointId, asSqlError(error)));
  };
  return job.subtasks().map((subtask, i): Participant => ({ ...subtask, ...(i === 0 ? { trigger } : {}) }));
}
