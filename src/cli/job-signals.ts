import { errorText } from "../base/code-frame.ts";
import { asSqlError } from "../engine/failures.ts";
import type { JobHandle } from "../engine/job-request.ts";

/** SIGUSR2: a checkpoint of the job now; says on stderr what became of it. Never rejects. */
export async function byHand(job: JobHandle, write: (text: string) => void): Promise<void> {
  try {
    const { id, location } = await job.checkpoint();
    write(`checkpoint ${id} of ${job.name} complete: ${location}\n`);
  } catch (error) {
    write(errorText(asSqlError(error)));
  }
}

/**
 * Stops the job with a savepoint in the folder. False: there is none, which is said on stderr, and the job stops with a
 * checkpoint where it has them. Never rejects.
 */
export async function stopWithSavepoint(
  job: JobHandle,
  directory: string,
  write: (text: string) => void,
): Promise<boolean> {
  try {
    const { location } = await job.savepoint({ directory });
    write(`savepoint of ${job.name} complete: ${location}\n`);
    return true;
  } catch (error) {
    write(errorText(asSqlError(error)));
    job.stop();
    return false;
  }
}
