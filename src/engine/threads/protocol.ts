import type { MessagePort } from "node:worker_threads";
import type { CatalogFunction } from "../../catalog/manager.ts";
import type { CheckpointKind, StateFile } from "../../checkpoint/metadata.ts";
import type { Acknowledgement } from "../../checkpoint/participant.ts";
import type { NumberedSplit } from "../../runtime/source-state.ts";
import type { JobProgress, SinkSummaries } from "../../runtime/job.ts";
import type { NodeInspection } from "../../runtime/inspection.ts";
import type { JobServices } from "../../runtime/job-services.ts";
import type { JobGraph } from "../../runtime/spec.ts";
import type { ExtensionName } from "../extensions.ts";
import type { Transferred } from "./rpc.ts";

/** What a thread begins with (`workerData`). */
export interface ThreadSetup {
  readonly graph: JobGraph;
  /** Options of the job, and settings of the session. */
  readonly values: ReadonlyMap<string, string>;
  readonly sessionValues: ReadonlyMap<string, string>;
  readonly baseDirectory: string;
  /** User functions, to be loaded again in the thread. */
  readonly functions: readonly CatalogFunction[];
  readonly extensions: readonly ExtensionName[];
  readonly run: JobServices["run"];
  readonly batchRows: number;
  readonly subtask: number;
  readonly parallelism: number;
  readonly maxParallelism: number;
  readonly workDirectory: string;
  /** Folder of the checkpoint to begin with. */
  readonly restore: string | undefined;
  readonly freshRun: boolean;
  /** The splits of this thread by source; after a restore the checkpoint says which. */
  readonly splits: Readonly<Record<string, readonly NumberedSplit[]>>;
  /** To the other threads, by their number. */
  readonly ports: readonly (MessagePort | undefined)[];
  readonly alignBarriers: boolean;
  readonly unalignedBarriers: boolean;
  /** Rows of a SELECT are wanted. */
  readonly collects: boolean;
  /** Each batch that was read is reported, and waited for. */
  readonly reportsRows: boolean;
  /** A clock that stands still; undefined: the real one. */
  readonly fixedMillis: number | undefined;
}

/** An answer to a barrier; its state stays in the thread until it is asked for by key. */
export type ThreadAnswer = Omit<Acknowledgement, "state"> & { readonly stateKey: number | undefined };

export interface ThreadProgress {
  readonly progress: JobProgress;
  readonly summaries: SinkSummaries;
  readonly pauseMillis: number;
}

/** What the coordinating thread asks of a thread. */
export interface ThreadMethods {
  open(none: undefined): Promise<{ readonly bounded: boolean }>;
  run(none: undefined): Promise<"finished" | "stopped">;
  /** Answers when nothing more will be read. */
  stop(request: { readonly drain: boolean }): void;
  cut(request: { readonly checkpointId: number; readonly kind: CheckpointKind }): Promise<void>;
  addSplits(request: { readonly sourceId: string; readonly splits: readonly NumberedSplit[] }): void;
  writeState(request: {
    readonly key: number;
    readonly checkpointId: number;
    readonly kind: CheckpointKind;
    readonly isSegment: boolean;
  }): Promise<readonly StateFile[]>;
  stateCompleted(request: { readonly key: number }): void;
  releaseState(request: { readonly key: number }): void;
  /** The sink has committed a checkpoint: its writer hears of it. */
  committed(request: { readonly sinkId: string; readonly checkpointId: number }): Promise<void>;
  /** The next piece of a file that is being written. */
  nextPiece(request: { readonly stream: number }): Promise<Transferred<Uint8Array> | undefined>;
  progress(none: undefined): ThreadProgress;
  inspect(none: undefined): Promise<readonly NodeInspection[]>;
  close(request: { readonly aborted: boolean }): Promise<void>;
}

/** What a thread asks of the coordinating one. */
export interface CoordinatorMethods {
  answer(answer: ThreadAnswer): void;
  writeFile(request: { readonly key: number; readonly name: string; readonly stream: number }): Promise<StateFile>;
  addFile(request: { readonly key: number; readonly name: string; readonly path: string }): Promise<StateFile>;
  stdout(text: string): unknown;
  stderr(text: string): void;
  /** Rows of a SELECT, encoded. */
  collect(buffer: ArrayBuffer): void | Promise<void>;
  prepareCollected(checkpointId: number): void | Promise<void>;
  rows(rows: number): void | Promise<void>;
  progress(progress: ThreadProgress): void;
}
