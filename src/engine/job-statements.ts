import type { CheckpointJob, DescribeJob, ExplainJob, StopJob } from "../parser/index.ts";
import { successRatio } from "../checkpoint/statistics.ts";
import type { Field, Value } from "../types/data-type.ts";
import { T } from "../types/data-type.ts";
import { asSqlError } from "./failures.ts";
import { jobExplanation } from "./job-explanation.ts";
import type { JobHandle } from "./job-request.ts";
import type { Session } from "./session.ts";

/** A finished table. */
interface Rows {
  readonly fields: readonly Field[];
  readonly rows: readonly (readonly Value[])[];
}

/** Columns of SHOW JOBS, as Flink's. */
const JOB_FIELDS: readonly Field[] = [
  { name: "job id", type: T.string() },
  { name: "job name", type: T.string() },
  { name: "status", type: T.string() },
  { name: "start time", type: T.timestampLtz(3) },
];

function jobRow(job: JobHandle): readonly Value[] {
  return [job.id, job.name, job.status(), job.startedMillis];
}

/** `SHOW JOBS`: all jobs of the session, in the order of their start. */
export function showJobs(session: Session): Rows {
  return { fields: JOB_FIELDS, rows: session.jobs.list().map(jobRow) };
}

/** Beyond the columns of SHOW JOBS: how the job and its checkpoints go. */
const DESCRIPTION_FIELDS: readonly Field[] = [
  ...JOB_FIELDS,
  { name: "input rows", type: T.bigint() },
  { name: "output rows", type: T.bigint() },
  { name: "last checkpoint", type: T.bigint() },
  { name: "checkpoints completed", type: T.bigint() },
  { name: "checkpoints failed", type: T.bigint() },
  { name: "success ratio", type: T.double() },
  { name: "state bytes", type: T.bigint() },
  { name: "checkpoint interval ms", type: T.bigint() },
  { name: "expected loss ms", type: T.bigint() },
  { name: "last recovery ms", type: T.bigint() },
  // With a log of the changes: what a failure repeats at most, and how far the log is behind now.
  { name: "largest loss ms", type: T.bigint() },
  { name: "log age ms", type: T.bigint() },
];

/** `DESCRIBE JOB 'id'`. Throws JOB_NOT_FOUND. */
export function describeJob(statement: DescribeJob, session: Session): Rows {
  const job = jobOf(statement, session);
  const { rows, sinkRows, lastCheckpoint, checkpointIntervalMillis, log } = job.progress();
  const statistics = job.statistics();
  const recovery = statistics?.lastRecovery;
  const whole = (value: number | undefined): Value => (value === undefined ? null : BigInt(Math.round(value)));
  return {
    fields: DESCRIPTION_FIELDS,
    rows: [
      [
        ...jobRow(job),
        whole(rows),
        whole(sinkRows),
        whole(lastCheckpoint),
        whole(statistics?.completed),
        whole(statistics?.failed),
        (statistics === undefined ? undefined : successRatio(statistics)) ?? null,
        whole(statistics?.lastCompleted?.bytes),
        whole(checkpointIntervalMillis),
        // A failure comes, on average, half an interval after the last checkpoint.
        whole(half(log === undefined ? checkpointIntervalMillis : log.gapMillis)),
        whole(recovery === undefined ? undefined : (recovery.firstRowMillis ?? recovery.restoredMillis)),
        whole(log?.gapMillis),
        whole(log?.ageMillis),
      ],
    ],
  };
}

function half(millis: number | undefined): number | undefined {
  return millis === undefined ? undefined : millis / 2;
}

/** `EXPLAIN JOB 'id'`: where its rows are and what they wait for. Throws JOB_NOT_FOUND. */
export async function explainRunningJob(statement: ExplainJob, session: Session): Promise<Rows> {
  const job = jobOf(statement, session);
  return { fields: [{ name: "result", type: T.string() }], rows: [[await jobExplanation(job, session.nowMillis())]] };
}

/** `STOP JOB 'id' [WITH SAVEPOINT] [WITH DRAIN]`; waits until the job has ended. Throws JOB_NOT_FOUND, OPTION_MISSING, CHECKPOINT_FAILED. */
export async function stopJob(statement: StopJob, session: Session): Promise<Rows | undefined> {
  const job = jobOf(statement, session);
  if (statement.savepoint) {
    const { location } = await job.savepoint({ drain: statement.drain });
    await job.done;
    return { fields: [{ name: "savepoint path", type: T.string() }], rows: [[location]] };
  }
  job.stop();
  const outcome = await job.done;
  if (outcome.status === "failed") throw outcome.error;
  return undefined;
}

/** `CHECKPOINT JOB 'id'`; waits until the checkpoint is complete. Throws JOB_NOT_FOUND, OPTION_MISSING, CHECKPOINT_FAILED. */
export async function checkpointJob(statement: CheckpointJob, session: Session): Promise<Rows> {
  const { id, location } = await jobOf(statement, session).checkpoint();
  return {
    fields: [
      { name: "checkpoint id", type: T.bigint() },
      { name: "checkpoint path", type: T.string() },
    ],
    rows: [[BigInt(id), location]],
  };
}

function jobOf({ job }: StopJob | DescribeJob | ExplainJob | CheckpointJob, session: Session): JobHandle {
  try {
    return session.jobs.find(job.text);
  } catch (error) {
    throw asSqlError(error).at(job.span);
  }
}
