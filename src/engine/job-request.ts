import type { SqlError } from "../base/errors.ts";
import type { JobProgress, JobServices, StateHandleOfOperator } from "../runtime/job.ts";
import type { Collector } from "../runtime/sink-task.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { JobOptions } from "./job-options.ts";
import type { Session } from "./session.ts";

/** How jobs of a script are started. */
export interface JobLauncher {
  /** `--from`: go on in the newest run, or from a named checkpoint. */
  readonly from?: { readonly latest: true } | { readonly path: string; readonly job?: string | undefined } | undefined;
  /** Notes for the user (stderr). */
  note(text: string): void;
  /**
   * For tests of recovery: asked after each batch, and when the input has ended; true: the job is given up there, as if
   * its process had died, and restored.
   */
  readonly crashes?: ((atEnd: boolean) => boolean) | undefined;
  /** For tests of rescaling: the parallelism of a job's n-th attempt (from 1); undefined: what its options say. */
  readonly parallelismOf?: ((attempt: number) => number | undefined) | undefined;
}

export type JobOutcome =
  | { readonly status: "finished" | "stopped" }
  | { readonly status: "failed"; readonly error: SqlError };

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
  readonly collector?: Collector | undefined;
}

/** A request with its name and options settled. */
export interface NamedJob extends JobRequest {
  readonly name: string;
  readonly options: JobOptions;
  readonly values: ReadonlyMap<string, string>;
}

/** What a job of this session needs around it. */
export function servicesOf(
  job: NamedJob,
  run: { readonly jobName: string; readonly runId: string; readonly attempt: number },
  stateFor: (operatorId: string) => StateHandleOfOperator,
  onRows?: (rows: number) => Promise<void> | undefined,
): JobServices {
  const { session } = job;
  return {
    functions: session.functions,
    session: session.facts(),
    compileExpressions: job.values.get("table.exec.compile-expressions")?.toLowerCase() !== "false",
    connectorOf: (table) => session.connectorOf(table),
    connectors: session.connectorContext(),
    run,
    collector: job.collector,
    stateFor,
    batchRows: job.options.batchRows,
    onRows,
  };
}
