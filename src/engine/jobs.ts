import type { Overwriting } from "../connectors/api.ts";
import type { JobGraph, SinkSpec } from "../runtime/spec.ts";
import { finishedHandle, startCheckpointed } from "./checkpointed-job.ts";
import { jobOptions, resolveJobOptions } from "./job-options.ts";
import { asSqlError } from "./failures.ts";
import type { JobHandle, JobLauncher, JobOutcome, JobRequest, NamedJob } from "./job-request.ts";
import { startPlain } from "./plain-job.ts";
import { hasStart } from "./start-point.ts";
import { previewRestore } from "./restore-preview.ts";

/** Between checkpoints of an unbounded job into files that sets no interval: without them nothing would ever be visible. */
const DEFAULT_INTERVAL_MILLIS = 10_000;

/** Starts a job; throws SqlError when it cannot be started (options, files, state that does not fit). */
export async function startJob(request: JobRequest): Promise<JobHandle> {
  const { session, graph } = request;
  const values = resolveJobOptions(graph, new Map([...(request.defaults ?? []), ...session.config.values()]));
  const options = jobOptions(values);
  const name = jobName(request, values);
  const job: NamedJob = {
    ...request,
    launcher: withRecoveryPath(request.launcher, values),
    name,
    options,
    values,
  };
  const { launcher } = job;
  if (launcher.onPlan !== undefined) {
    const checkpointed = isCheckpointed(job) || needsCheckpoints(graph) || (await hasStart(job));
    launcher.onPlan(await previewRestore(job, checkpointed));
    return finishedHandle(name, undefined);
  }
  const handle = finishing(await start(job), request.onFinished);
  session.jobs.add(handle);
  return handle;
}

/** The handle of a job after whose end something is left to do. */
function finishing(handle: JobHandle, onFinished: Overwriting | undefined): JobHandle {
  if (onFinished === undefined) return handle;
  const done = handle.done.then(async (outcome): Promise<JobOutcome> => {
    if (outcome.status !== "finished") return outcome;
    try {
      await onFinished();
      return outcome;
    } catch (error) {
      return { status: "failed", error: asSqlError(error) };
    }
  });
  return { ...handle, done };
}

function isCheckpointed({ options }: NamedJob): boolean {
  const { checkpointIntervalMillis, checkpointRecords, logIntervalMillis } = options;
  return checkpointIntervalMillis !== undefined || checkpointRecords !== undefined || logIntervalMillis !== undefined;
}

async function start(job: NamedJob): Promise<JobHandle> {
  const { name, options, graph, launcher } = job;
  if (isCheckpointed(job)) return await startCheckpointed(job);
  if (await hasStart(job)) return await startCheckpointed(job);
  if (!needsCheckpoints(graph)) return await startPlain(job);
  launcher.note(
    `${name} does not end by itself, and what it writes is visible only after a checkpoint: checkpoints every 10 s ('execution.checkpointing.interval' is not set)`,
  );
  return await startCheckpointed({
    ...job,
    options: { ...options, checkpointIntervalMillis: DEFAULT_INTERVAL_MILLIS },
  });
}

/** `pipeline.name`, else the target table plus an ordinal where one table has several; a SELECT is `select`. */
function jobName(request: JobRequest, values: ReadonlyMap<string, string>): string {
  const base = values.get("pipeline.name") ?? request.targets[0] ?? "select";
  const { jobNames } = request.session;
  const ordinal = (jobNames.get(base) ?? 0) + 1;
  jobNames.set(base, ordinal);
  return ordinal === 1 ? base : `${base}-${ordinal}`;
}

/** What it writes is visible only after a checkpoint, and it does not end by itself. */
function needsCheckpoints(graph: JobGraph): boolean {
  const unbounded = graph.nodes.some((n) => n.spec.kind === "scan" && !n.spec.bounded);
  return unbounded && graph.nodes.some(({ spec }) => spec.kind === "sink" && commitsWithCheckpoints(spec));
}

function commitsWithCheckpoints({ target }: SinkSpec): boolean {
  if (target.type !== "table") return false;
  const { options } = target.table;
  return options["connector"] === "filesystem" || options["sink.delivery-guarantee"]?.toLowerCase() === "exactly-once";
}

/** `execution.state-recovery.path` is a `--from PATH` of the script; the command line wins. */
function withRecoveryPath(launcher: JobLauncher, values: ReadonlyMap<string, string>): JobLauncher {
  const path = values.get("execution.state-recovery.path");
  if (launcher.from !== undefined || path === undefined) return launcher;
  return { ...launcher, from: { path } };
}
