import type { SqlError } from "../base/errors.ts";
import type { CompletedCheckpoint } from "../checkpoint/coordinator.ts";
import type { CheckpointStatistics } from "../checkpoint/statistics.ts";
import type { Overwriting } from "../connectors/api.ts";
import type { SegmentLogStatus } from "../checkpoint/storage.ts";
import type { JobProgress } from "../runtime/job.ts";
import type { NodeInspection } from "../runtime/inspection.ts";
import type { JobServices } from "../runtime/job-services.ts";
import type { Collector } from "../runtime/sink-task.ts";
import type { JobGraph } from "../runtime/spec.ts";
import type { JobOptions } from "./job-options.ts";
import type { RestorePlan } from "./restore-plan.ts";
import type { Session } from "./session.ts";

/** How jobs of a script are started. */
export interface JobLauncher {
  /** `--from`: go on in the newest run, or from a named checkpoint. */
  readonly from?: { readonly latest: true } | { readonly path: string; readonly job?: string | undefined } | undefined;
  /** Jobs are not started: this is told what a start would do. */
  readonly onPlan?: ((plan: RestorePlan) => void) | undefined;
  /** A job of one thread does not run in this one either, which stays free to answer its user. */
  readonly ownThread?: boolean | undefined;
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

/** As Flink names them; CANCELED is a job that was stopped and can go on. */
export type JobStatus = "RUNNING" | "RESTARTING" | "FINISHED" | "CANCELED" | "FAILED";

/** Progress, and what is known of checkpoints. */
export interface JobProgressNow extends JobProgress {
  readonly lastCheckpoint: number | undefined;
  /** Time between periodic checkpoints, millis; undefined: there are none. */
  readonly checkpointIntervalMillis?: number | undefined;
  /** Where the log of changes stands (`state.synchronization`); undefined: there is none. */
  readonly log?: SegmentLogStatus | undefined;
}

/** A running job from inside. */
export interface JobInspection {
  readonly graph: JobGraph;
  readonly nodes: readonly NodeInspection[];
}

/** A job that runs. */
export interface JobHandle {
  /** Of this run: the name of the run's folder, where there is one. */
  readonly id: string;
  readonly name: string;
  readonly startedMillis: number;
  status(): JobStatus;
  ended(): boolean;
  /** Ends by itself. */
  readonly bounded: boolean;
  /** It starts other jobs at their times, and has no state to save. */
  readonly schedule?: JobSchedule | undefined;
  /** Never rejects. */
  readonly done: Promise<JobOutcome>;
  /** Stops after the batch in hand, with a final checkpoint where checkpoints are on. */
  stop(): void;
  /** A checkpoint now; resolves when it is complete and committed. Throws OPTION_MISSING when the job takes none, CHECKPOINT_FAILED. */
  checkpoint(): Promise<CompletedCheckpoint>;
  /**
   * Stops with a savepoint in the folder, by default in `execution.checkpointing.savepoint-dir`. `drain`: event time
   * ends first, so that all windows fire. Resolves, when the job has ended, to the savepoint. When it fails the job goes
   * on from its last checkpoint (without checkpoints it fails). Throws OPTION_MISSING, CHECKPOINT_FAILED.
   */
  savepoint(options?: SavepointOptions): Promise<CompletedCheckpoint>;
  progress(): JobProgressNow;
  /** How each node is doing; undefined: nothing runs. */
  inspect(): Promise<JobInspection | undefined>;
  statistics(): CheckpointStatistics | undefined;
  sinkSummaries(): Readonly<Record<string, Readonly<Record<string, string | number>>>>;
}

/** What starts one job after another. */
export interface JobSchedule {
  /** Starts a job beside those of the schedule, when the one that is running has ended; none is started until it has ended too. */
  alone(start: () => Promise<JobHandle>): Promise<JobHandle>;
}

export interface SavepointOptions {
  readonly directory?: string | undefined;
  readonly drain?: boolean | undefined;
}

export interface JobRequest {
  readonly session: Session;
  readonly launcher: JobLauncher;
  readonly graph: JobGraph;
  /** Target tables of the INSERTs; empty for a SELECT. */
  readonly targets: readonly string[];
  readonly collector?: Collector | undefined;
  /** Called once when the job has finished by itself, before its end is told; what it throws fails the job. */
  readonly onFinished?: Overwriting | undefined;
  /** Settings of the job where the session says nothing. */
  readonly defaults?: ReadonlyMap<string, string> | undefined;
  /** The statement as SQL, for checkpoints. */
  readonly statement?: string | undefined;
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
  run: JobServices["run"],
  onRows?: (rows: number) => Promise<void> | undefined,
): Omit<JobServices, "stateFor"> {
  const { session } = job;
  return {
    functions: session.functions,
    session: session.facts(),
    compileExpressions: job.values.get("table.exec.compile-expressions")?.toLowerCase() !== "false",
    connectorOf: (table) => session.connectorOf(table),
    connectors: session.connectorContext(),
    run,
    collector: job.collector,
    batchRows: job.options.batchRows,
    onRows,
  };
}
