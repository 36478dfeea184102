import type { SqlError } from "../base/errors.ts";
import { CheckpointCoordinator } from "../checkpoint/coordinator.ts";
import type { CheckpointReader, RunStorage } from "../checkpoint/storage.ts";
import { systemTimer } from "../checkpoint/timer.ts";
import { checkpointProperties } from "./checkpoint-properties.ts";
import { closeQuietly } from "./failures.ts";
import type { NamedJob } from "./job-request.ts";
import { openedJob } from "./opened-job.ts";
import { participantsOf } from "./participants.ts";
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
  const { options, launcher } = request;
  const { maxParallelism } = reader.metadata;
  const setup = { maxParallelism, restore: reader, alignedThreads: threads };
  const { job, close } = await openedJob(request, run, setup, fresh);
  let coordinator: CheckpointCoordinator | undefined;
  try {
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
