import { SqlError } from "../base/errors.ts";
import { randomUUID } from "node:crypto";
import type { RecordBatch } from "../batch/record-batch.ts";
import { Job } from "../runtime/job.ts";
import type { Cut, JobProgress, JobServices, StateHandleOfOperator } from "../runtime/job.ts";
import type { JobGraph } from "../runtime/spec.ts";
import { createOperatorState } from "../state/operator-state.ts";
import { jobOptions, resolveJobOptions } from "./job-options.ts";
import type { JobOptions } from "./job-options.ts";
import type { Session } from "./session.ts";

/** How jobs of a script are started. */
export interface JobLauncher {
  /** `--from`: go on in the newest run, or from a named checkpoint. */
  readonly from?: { readonly latest: true } | { readonly path: string; readonly job?: string | undefined } | undefined;
  /** Notes for the user (stderr). */
  note(text: string): void;
}

export type JobOutcome = { readonly status: "finished" | "stopped" } | { readonly status: "failed"; readonly error: SqlError };

/** A job that runs. */
export interface JobHandle {
  readonly name: string;
  /** Ends by itself. */
  readonly bounded: boolean;
  /** Never rejects. */
  readonly done: Promise<JobOutcome>;
  /** Stops after the batch in hand, with a final checkpoint where checkpoints are on. */
  stop(): void;
  progress(): JobProgress & { readonly lastCheckpoint: number | undefined };
  sinkSummaries(): Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}

export interface JobRequest {
  readonly session: Session;
  readonly launcher: JobLauncher;
  readonly graph: JobGraph;
  /** Target tables of the INSERTs; empty for a SELECT. */
  readonly targets: readonly string[];
  readonly collector?: ((batch: RecordBatch) => void | Promise<void>) | undefined;
}

/** Starts a job; throws SqlError when it cannot be started (options, files, state that does not fit). */
export async function startJob(request: JobRequest): Promise<JobHandle> {
  const { session, graph } = request;
  const values = resolveJobOptions(graph, session.config.values());
  const options = jobOptions(values);
  const name = jobName(request, values);
  return await startPlain(request, name, options, values);
}

/** `pipeline.name`, else the target table plus an ordinal where one table has several; a SELECT is `select-N`. */
function jobName(request: JobRequest, values: ReadonlyMap<string, string>): string {
  const base = values.get("pipeline.name") ?? request.targets[0] ?? "select";
  const { jobNames } = request.session;
  const ordinal = (jobNames.get(base) ?? 0) + 1;
  jobNames.set(base, ordinal);
  return ordinal === 1 ? base : `${base}-${ordinal}`;
}

/** What a job of this session needs around it. */
export function servicesOf<Frozen>(
  request: JobRequest,
  values: ReadonlyMap<string, string>,
  run: { readonly jobName: string; readonly runId: string; readonly attempt: number },
  stateFor: (operatorId: string) => StateHandleOfOperator<Frozen>,
): JobServices<Frozen> {
  const { session } = request;
  return {
    functions: session.functions,
    session: session.facts(),
    compileExpressions: values.get("table.exec.compile-expressions")?.toLowerCase() !== "false",
    connectorOf: (table) => session.connectorOf(table),
    connectors: session.connectorContext(),
    run,
    ...(request.collector === undefined ? {} : { collector: request.collector }),
    stateFor,
  };
}

/** A job without checkpoints: what its sinks wrote becomes visible at the end of the input. */
async function startPlain(request: JobRequest, name: string, options: JobOptions, values: ReadonlyMap<string, string>): Promise<JobHandle> {
  const { session } = request;
  const run = { jobName: name, runId: randomUUID(), attempt: 1 };
  const services = servicesOf<undefined>(request, values, run, () => ({
    state: createOperatorState({ clock: { nowMillis: () => session.nowMillis() }, maxParallelism: options.maxParallelism }),
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

async function runPlain(job: Job<undefined>): Promise<JobOutcome> {
  try {
    const status = await job.run();
    const cut: Cut<undefined> = await job.cut(1);
    await job.commit(cut);
    await job.close(false);
    return { status };
  } catch (error) {
    await closeQuietly(job);
    return { status: "failed", error: asSqlError(error) };
  }
}

/** After a failure: what closing adds to it is of no use. */
export async function closeQuietly(job: { close(aborted: boolean): Promise<void> }): Promise<void> {
  try {
    await job.close(true);
  } catch {
    // The failure that brought us here is the one to report.
  }
}

/** Any error as a SqlError: node's file errors are of the outside world, everything else is a bug of ours. */
export function asSqlError(error: unknown): SqlError {
  if (error instanceof SqlError) return error;
  if (error instanceof RangeError && /allocation|Invalid (typed )?array length|string length/i.test(error.message)) {
    return new SqlError("OUT_OF_MEMORY", `out of memory: ${error.message}`, { cause: error });
  }
  const code = (error as { readonly code?: unknown } | null)?.code;
  if (error instanceof Error && typeof code === "string") return new SqlError("IO", error.message, { cause: error, retryable: true });
  return new SqlError("BUG", error instanceof Error ? error.message : String(error), { cause: error });
}
