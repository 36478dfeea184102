import type { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import type { Acknowledgement, Participant } from "../checkpoint/participant.ts";
import type { Job } from "../runtime/job.ts";
import type { StateSize } from "../state/backend.ts";
import { asSqlError } from "./failures.ts";

/**
 * The subtasks of a job as the coordinator knows them: a trigger is one cut through all nodes, then each answers for
 * itself. `sizeOf`: how much state an operator has now.
 */
export function participantsOf(
  job: Job,
  coordinator: () => CheckpointCoordinator | undefined,
  sizeOf: (operatorId: string) => StateSize | undefined,
): readonly Participant[] {
  const cut = (checkpointId: number): void => {
    void job.cut(checkpointId).then(
      ({ answers, pauseMillis }) => {
        for (const answer of answers) coordinator()?.acknowledge(measured(answer, pauseMillis, sizeOf));
      },
      (error: unknown) => coordinator()?.decline(checkpointId, asSqlError(error)),
    );
  };
  return job.subtasks().map((subtask, i): Participant => ({
    ...subtask,
    ...(i === 0 ? { trigger: ({ checkpointId }) => cut(checkpointId) } : {}),
  }));
}

function measured(
  answer: Acknowledgement,
  pauseMillis: number,
  sizeOf: (operatorId: string) => StateSize | undefined,
): Acknowledgement {
  const size = answer.state === undefined ? undefined : sizeOf(answer.operatorId);
  return { ...answer, pauseMillis, elements: size?.elements, estimatedBytes: size?.estimatedBytes };
}
