import { commitRestored } from "../checkpoint/coordinator.ts";
import type { CheckpointMetadata } from "../checkpoint/metadata.ts";
import type { RunStorage } from "../checkpoint/storage.ts";
import type { RunningJob } from "../runtime/job.ts";
import { createJob, type AttemptSetup, type CreatedJob } from "./create-job.ts";
import { closeQuietly } from "./failures.ts";
import type { NamedJob } from "./job-request.ts";
import { finishRemovedSinks } from "./removed-sinks.ts";

/**
 * A job of a run that is open, after what the checkpoint it goes on from had promised is committed. `fresh`: nothing was
 * ever written under the run's name. What was opened is closed again when any of it fails.
 */
export async function openedJob(
  request: NamedJob,
  storage: RunStorage,
  setup: Omit<AttemptSetup, "request" | "run" | "workDirectory">,
  fresh: boolean,
): Promise<CreatedJob> {
  const { run: runId, attempt, ownerMayLive, workDirectory } = storage;
  const run = { jobName: request.name, runId, attempt, ownerMayLive };
  const created = await createJob({ request, run, workDirectory, ...setup });
  const { job } = created;
  try {
    if (setup.restore !== undefined) await settle(request, setup.restore.metadata, job, run);
    await job.open(fresh);
  } catch (error) {
    await created.close().catch(() => undefined);
    throw error;
  }
  return created;
}

async function settle(
  { graph, session }: NamedJob,
  metadata: CheckpointMetadata,
  job: RunningJob,
  run: AttemptSetup["run"],
): Promise<void> {
  try {
    await commitRestored(metadata, job.listeners());
    await finishRemovedSinks(metadata, graph, session, run);
  } catch (error) {
    // Committing has opened connections; a job that does not open closes itself.
    await closeQuietly(job);
    throw error;
  }
}
