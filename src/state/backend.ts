import type { StateFile, SubtaskSnapshot } from "../checkpoint/metadata.ts";
import type { PendingState } from "../checkpoint/participant.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import type { OperatorState } from "./api.ts";
import type { KeyGroupRange } from "./restored-state.ts";
import type { Clock } from "./ttl.ts";

/** What a backend is opened with: for one attempt of one job, in one thread. */
export interface BackendContext {
  /** Options of the job by canonical name (`state.backend.*`, `state.memory.limit`). */
  readonly options: ReadonlyMap<string, string>;
  /** Which attempt it is. */
  readonly run: { readonly job: string; readonly run: string; readonly attempt: number };
  /** A folder of the run for working files; it may hold what an earlier, dead attempt left. */
  readonly workDirectory: string;
  readonly clock: Clock;
  /** Number of key groups; a restored checkpoint brings its own, which wins. */
  readonly maxParallelism: number;
  readonly subtask: number;
  readonly parallelism: number;
  /** The key groups of this thread. */
  readonly keyGroups: KeyGroupRange;
  /** The checkpoint or savepoint to begin with, made by any backend and parallelism. */
  readonly restore: CheckpointReader | undefined;
}

/** How much state there is, without looking at the values. */
export interface StateSize {
  /** Keys, list rows and map entries. */
  readonly elements: number;
  /** Number of elements × size of their type; see `typeBytes`. */
  readonly estimatedBytes: number;
}

/** The state of one operator in one thread. */
export interface BackendState {
  readonly state: OperatorState;
  /** Before each batch: true when `Operator.prepare` has to be called for it, and may wait. Absent: never. */
  readonly mayWait?: (() => boolean) | undefined;
  /** False until what the operator keeps references into is in memory: it must not look there. Absent: it always is. */
  readonly isNear?: (() => boolean) | undefined;
  /** The state of this moment, between two batches; undefined: there is nothing to write. */
  freeze(): PendingState | undefined;
  /** Undefined: the backend does not know it cheaply. */
  size?(): StateSize | undefined;
  /** After all states are declared: throws STATE_INCOMPATIBLE when the checkpoint holds states that nobody declared, unless allowed. */
  checkAllRestored(allowNonRestoredState: boolean): void;
}

/** A backend at work. */
export interface OpenStateBackend {
  operatorState(operatorId: string): BackendState;
  /**
   * All operators have declared their states, and before the first batch: what was restored gets the form in which it is
   * declared, and what nobody has declared goes. Absent: there is nothing to do.
   */
  settle?(): Promise<void>;
  close(): Promise<void>;
}

/** Where state lives that is not at hand; in front of every backend stand the same tables in memory. */
export interface StateBackend {
  /** Names of `state.backend.type`; the first is the usual one. */
  readonly names: readonly string[];
  readonly summary: string;
  /** Throws SqlError: UNSUPPORTED, CHECKPOINT_INVALID, STATE_INCOMPATIBLE, IO. */
  open(context: BackendContext): Promise<OpenStateBackend>;
}

/** The files of a snapshot that hold state; rows in flight are no state. */
export function stateFilesOf(snapshot: SubtaskSnapshot): readonly StateFile[] {
  return snapshot.stateFiles.filter((file) => file.role === undefined);
}

/**
 * The snapshots of each operator that concern this thread: its own where the parallelism is what it was, else those of
 * all former subtasks (of which it takes its key groups).
 */
export function restoredSnapshots({ restore, subtask, parallelism }: BackendContext): Map<string, SubtaskSnapshot[]> {
  const all = new Map<string, SubtaskSnapshot[]>();
  for (const snapshot of restore?.metadata.snapshots ?? [])
    all.set(snapshot.operatorId, [
      ...(all.get(snapshot.operatorId) ?? []),
      { ...snapshot, stateFiles: stateFilesOf(snapshot) },
    ]);
  for (const [operatorId, snapshots] of all)
    if (snapshots.length === parallelism)
      all.set(
        operatorId,
        snapshots.filter((s) => s.subtask === subtask),
      );
  return all;
}

/** Key groups of a subtask: contiguous, all of them together 0 … maxParallelism − 1. */
export function keyGroupsOf(subtask: number, parallelism: number, maxParallelism: number): KeyGroupRange {
  return {
    from: Math.ceil((subtask * maxParallelism) / parallelism),
    to: Math.ceil(((subtask + 1) * maxParallelism) / parallelism),
  };
}

/** The subtask that a key group belongs to. */
export function subtaskOf(keyGroup: number, parallelism: number, maxParallelism: number): number {
  return Math.floor((keyGroup * parallelism) / maxParallelism);
}
