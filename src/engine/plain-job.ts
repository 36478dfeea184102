import { randomUUID } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Acknowledgement } from "../checkpoint/participant.ts";
import { commitAnswers } from "../checkpoint/coordinator.ts";
import type { Collector } from "../runtime/sink-task.ts";
import { createJob } from "./create-job.ts";
import type { CreatedJob } from "./create-job.ts";
import { asSqlError, closeQuietly } from "./failures.ts";
import type { JobHandle, JobOutcome, NamedJob } from "./job-request.ts";

/** A job without checkpoints: what its sinks wrote becomes visible when it ends. */
export async function startPlain(request: NamedJob): Promise<JobHandle> {
  const { name, options } = request;
  const runId = randomUUID();
  const created = await createJob({
    request: { ...request, collector: settled(request.collector) },
    run: { jobName: name, runId, attempt: 1 },
    maxParallelism: options.maxParallelism,
    workDirectory: join(tmpdir(), `millrace-${runId}`),
    restore: undefined,
  });
  const { job } = created;
  await job.open(true);
  return {
    name,
    bounded: job.bounded,
    done: runPlain(created),
    stop: () => job.stop(),
    progress: () => ({ ...job.progress(), lastCheckpoint: undefined }),
    sinkSummaries: () => job.sinkSummaries(),
  };
}

/** Nothing is ever taken back, so a transactional result need not wait for the end. */
function settled(collector: Collector | undefined): Collector | undefined {
  if (collector?.commit === undefined) return collector;
  const settle = (): void => {
    void collector.prepare?.(1);
    collector.commit?.(1);
  };
  return {
    batch: (batch) => {
      const waits = collector.batch(batch);
      return waits === undefined ? settle() : waits.then(settle);
    },
  };
}

async function runPlain({ job, close }: CreatedJob): Promise<JobOutcome> {
  try {
    const status = await job.run();
    const answers: Acknowledgement[] = [];
    await job.cut(1, "final", (answer) => answers.push(answer));
    for (const { state } of answers) state?.release();
    await commitAnswers(1, answers, job.listeners());
    await job.close(false);
    return { status };
  } catch (error) {
    await closeQuietly(job);
    return { status: "failed", error: asSqlError(error) };
  } finally {
    await close();
  }
}
