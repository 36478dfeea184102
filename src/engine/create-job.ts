import type { CheckpointReader } from "../checkpoint/storage.ts";
import type { RunningJob } from "../runtime/job.ts";
import type { JobServices } from "../runtime/job-services.ts";
import { createLocalJob } from "./local-job.ts";
import { servicesOf } from "./job-request.ts";
import type { NamedJob } from "./job-request.ts";

/** A job that is made and not opened yet, with what has to be closed after it. */
export interface CreatedJob {
  readonly job: RunningJob;
  /** Working files and memory of the state; after the job. */
  close(): Promise<void>;
}

export interface AttemptSetup {
  readonly request: NamedJob;
  readonly run: JobServices["run"];
  readonly maxParallelism: number;
  /** A folder for working files of the state backend. */
  readonly workDirectory: string;
  readonly restore: CheckpointReader | undefined;
  /** After each batch that was read: rows of the run so far. No more is read before a returned promise is settled. */
  readonly onRows?: ((rows: number) => Promise<void> | undefined) | undefined;
  /** As many threads, whatever the options say, whose barriers overtake nothing. */
  readonly alignedThreads?: number | undefined;
}

/** How many threads an attempt of a job has. */
export function parallelismOf({ launcher, options }: NamedJob, attempt: number): number {
  return launcher.parallelismOf?.(attempt) ?? options.parallelism;
}

/** Makes the job in this thread, or in as many others as `parallelism.default` says. Throws SqlError when it cannot be made. */
export async function createJob(setup: AttemptSetup): Promise<CreatedJob> {
  const { request, run, maxParallelism, workDirectory, restore, onRows, alignedThreads } = setup;
  const { graph, values, session, options } = request;
  const parallelism = alignedThreads ?? parallelismOf(request, run.attempt);
  const services = servicesOf(request, run, onRows);
  if (parallelism === 1 && request.launcher.ownThread !== true) {
    const { job, backend } = await createLocalJob({
      graph,
      services,
      values,
      workDirectory,
      nowMillis: () => session.nowMillis(),
      maxParallelism,
      subtask: 0,
      parallelism,
      restore,
    });
    return { job, close: async () => await backend.close() };
  }
  // Threads are loaded when a job has several.
  const { ThreadedJob } = await import("./threads/threaded-job.ts");
  const { portableSession } = await import("./threads/portable.ts");
  const job = new ThreadedJob({
    graph,
    values,
    session: portableSession(session),
    services,
    parallelism: Math.min(parallelism, maxParallelism),
    maxParallelism,
    workDirectory,
    restore,
    alignBarriers: options.alignBarriers || alignedThreads !== undefined,
    unalignedBarriers: options.unalignedBarriers && alignedThreads === undefined,
    reportsRows: options.checkpointRecords !== undefined || request.launcher.crashes !== undefined,
  });
  return { job, close: async () => undefined };
}
