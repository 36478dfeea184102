import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import type { JobHandle } from "./job-request.ts";

/** How many jobs that have ended are still shown. */
const REMEMBERED = 100;

/** The jobs that a session has started, in order; those that have ended without what they held. */
export class JobRegistry {
  #jobs: JobHandle[] = [];

  add(job: JobHandle): void {
    this.#jobs.push(job);
    void job.done.then((outcome) => {
      const at = this.#jobs.indexOf(job);
      if (at >= 0) this.#jobs[at] = ended(job, outcome);
      const over = this.#jobs.filter((each) => each.ended()).length - REMEMBERED;
      for (let i = 0; i < over; i++)
        this.#jobs.splice(
          this.#jobs.findIndex((each) => each.ended()),
          1,
        );
    });
  }

  list(): readonly JobHandle[] {
    return this.#jobs;
  }

  /** By id or name; of several of one name the newest. Throws JOB_NOT_FOUND. */
  find(reference: string): JobHandle {
    const found =
      this.#jobs.find((job) => job.id === reference) ?? this.#jobs.findLast((job) => job.name === reference);
    if (found !== undefined) return found;
    const names = [...new Set(this.#jobs.flatMap((job) => [job.name, job.id]))];
    throw new SqlError("JOB_NOT_FOUND", `there is no job '${reference}'`, {
      hint:
        didYouMean(reference, names) ??
        (names.length === 0 ? "no job was started in this session" : "SHOW JOBS lists the jobs of this session"),
    });
  }
}

/** What is left of a job: nothing that holds its state. */
function ended(job: JobHandle, outcome: Awaited<JobHandle["done"]>): JobHandle {
  const status = job.status();
  const progress = job.progress();
  const statistics = job.statistics();
  const summaries = job.sinkSummaries();
  const refuse = async (): Promise<never> => {
    throw new SqlError("CHECKPOINT_FAILED", `the job '${job.name}' has ended (${status})`);
  };
  return {
    id: job.id,
    name: job.name,
    bounded: job.bounded,
    startedMillis: job.startedMillis,
    done: Promise.resolve(outcome),
    status: () => status,
    ended: () => true,
    stop: () => undefined,
    checkpoint: refuse,
    savepoint: refuse,
    progress: () => progress,
    inspect: async () => undefined,
    statistics: () => statistics,
    sinkSummaries: () => summaries,
  };
}
