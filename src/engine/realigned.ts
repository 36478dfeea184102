import { join } from "node:path";
import type { SqlError } from "../base/errors.ts";
import { CheckpointCoordinator, commitRestored } from "../checkpoint/coordinator.ts";
import type { CheckpointReader, RunStorage } from "../checkpoint/storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import { checkpointProperties } from "./checkpoint-properties.ts";
import { createJob } from "./create-job.ts";
import { closeQuietly } from "./failures.ts";
import type { NamedJob } from "./job-request.ts";
import { participantsOf } from "./participants.ts";
import { finishRemovedSinks } from "./removed-sinks.ts";
import { ALIGNED } from "./unaligned-rescale.ts";

/**
 * An aligned checkpoint of the run, for any number of threads, made from one that only `threads` can go on from: as many
 * threads take up what was on its way, read nothing, and are cut when it has arrived. What comes of it is committed.
 * The run goes on with its next attempt. `fresh`: nothing was ever written under the run's name.
 */
export async function realigned(
  request: NamedJob,
  run: RunStorage,
  reader: CheckpointReader,
  threads: number,
  fresh: boolean,
): Promise<CheckpointReader> {
  const { name, graph, session, options, launcher } = request;
  const { metadata } = reader;
  const { maxParallelism } = metadata;
  const identity = { jobName: name, runId: run.run, attempt: run.attempt, ownerMayLive: run.ownerMayLive };
  const { job, close } = await createJob({
    request,
    run: identity,
    maxParallelism,
    workDirectory: join(run.location, "work"),
    restore: reader,
    alignedThreads: threads,
  });
  let coordinator: CheckpointCoordinator | undefined;
  try {
    await commitRestored(metadata, job.listeners());
    await finishRemovedSinks(metadata, graph, session, identity);
    await job.open(fresh);
    let fail: (error: SqlError) => void = () => undefined;
    const failed = new Promise<never>((_, reject) => (fail = reject));
    failed.catch(() => undefined);
    coordinator = new CheckpointCoordinator({
      run,
      options: {
        intervalMillis: 0,
        minPauseMillis: 0,
        timeoutMillis: options.timeoutMillis,
        tolerableFailures: 0,
        retained: options.retained,
      },
      timer: systemTimer,
      participants: participantsOf(job, () => coordinator),
      listeners: job.listeners(),
      maxParallelism,
      properties: { ...checkpointProperties(request), [ALIGNED]: true },
      firstId: (await run.highestId()) + 1,
      onFatal: fail,
      onWarning: (message) => launcher.note(message),
    });
    coordinator.start();
    job.stop();
    await Promise.race([job.run(), failed]);
    await Promise.race([coordinator.trigger("checkpoint"), failed]);
    await coordinator.stop();
    await job.close(false);
  } catch (error) {
    await coordinator?.stop();
    await closeQuietly(job);
    throw error;
  } finally {
    await close();
  }
  await run.nextAttempt();
  return (await run.newest((reason) => launcher.note(reason)))!;
}
