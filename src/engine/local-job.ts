import type { CheckpointReader } from "../checkpoint/storage.ts";
import { Job } from "../runtime/job.ts";
import type { JobServices } from "../runtime/job-services.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { keyGroupsOf } from "../state/backend.ts";
import type { BackendState, OpenStateBackend } from "../state/backend.ts";
import { stateBackend } from "../state/index.ts";
import { restoredJob } from "./restored-job.ts";

export interface LocalJobSetup {
  readonly graph: JobGraph;
  readonly services: Omit<JobServices, "stateFor">;
  /** Options of the job by canonical name. */
  readonly values: ReadonlyMap<string, string>;
  /** A folder for working files of the state backend. */
  readonly workDirectory: string;
  readonly nowMillis: () => number;
  readonly maxParallelism: number;
  readonly subtask: number;
  readonly parallelism: number;
  readonly restore: CheckpointReader | undefined;
}

/** The part of a job that runs in this thread, with its state, not opened yet. */
export async function createLocalJob(
  setup: LocalJobSetup,
): Promise<{ readonly job: Job; readonly backend: OpenStateBackend }> {
  const { graph, services, values, maxParallelism, subtask, parallelism, restore } = setup;
  const backend = await stateBackend(values.get("state.backend.type") ?? "memory").open({
    options: values,
    run: { job: services.run.jobName, run: services.run.runId, attempt: services.run.attempt },
    workDirectory: setup.workDirectory,
    clock: { nowMillis: setup.nowMillis },
    maxParallelism,
    subtask,
    parallelism,
    keyGroups: keyGroupsOf(subtask, parallelism, maxParallelism),
    restore,
  });
  try {
    const states: BackendState[] = [];
    const stateFor = (operatorId: string): BackendState => {
      const state = backend.operatorState(operatorId);
      states.push(state);
      return state;
    };
    const restored = restore === undefined ? undefined : await restoredJob(restore, subtask, parallelism);
    const job = new Job(graph, { ...services, stateFor }, restored);
    for (const state of states) state.checkAllRestored(ignoresUnclaimedState(values));
    await backend.settle?.();
    return { job, backend };
  } catch (error) {
    await backend.close();
    throw error;
  }
}

/** `execution.state-recovery.ignore-unclaimed-state` */
export function ignoresUnclaimedState(values: ReadonlyMap<string, string>): boolean {
  return values.get("execution.state-recovery.ignore-unclaimed-state")?.toLowerCase() === "true";
}
