import { randomUUID } from "node:crypto";
import { commitAnswers } from "../checkpoint/coordinator.ts";
import { Job } from "../runtime/job.ts";
import type { Collector } from "../runtime/sink-task.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { asSqlError, closeQuietly } from "./failures.ts";
import { servicesOf } from "./job-request.ts";
import type { JobHandle, JobOutcome, NamedJob } from "./job-request.ts";

/** A job without checkpoints: what its sinks wrote becomes visible when it ends. */
export async function startPlain(request: NamedJob): Promise<JobHandle> {
  const { session, name, options } = request;
  const run = { jobName: name, runId: randomUUID(), attempt: 1 };
  const services = servicesOf({ ...request, collector: settled(request.collector) }, run, () => ({
    state: createOperatorState({
      clock: { nowMillis: () => session.nowMillis() },
      maxParallelism: options.maxParallelism,
    }),
    freeze: () => undefined,
  }));
  const job = new Job(request.graph, services);
  await job.open(undefined, true);
  return {
    name,
    bounded: job.bounded,
    done: runPlain(job),
    stop: () => job.stop(),
    progress: () => ({ ...job.progress(), lastCheckpoint: undefined }),
    sinkSummaries: () => job.sinkSummaries(),
  };
}

/** Nothing is ever taken back, so a transactional result need not wait for the end. */
function settled(collector: Collector | undefined): Collector | undefined {
  if (collector?.commit === undefined) return collector;
  const settle = (): void => {
    collector.prepare?.(1);
    collector.commit?.(1);
  };
  return {
    batch: (batch) => {
      const waits = collector.batch(batch);
      return waits === undefined ? settle() : waits.then(settle);
    },
  };
}

async function runPlain(job: Job): Promise<JobOutcome> {
  try {
    const status = await job.run();
    const { answers } = await job.cut(1);
    await commitAnswers(1, answers, job.listeners());
    await job.close(false);
    return { status };
  } catch (error) {
    await closeQuietly(job);
    return { status: "failed", error: asSqlError(error) };
  }
}
