import type { Json } from "../base/json.ts";
import type { CheckpointKind, StateFile, SubtaskSnapshot } from "./metadata.ts";
import type { SnapshotTarget } from "./storage.ts";

/** State that is still to be written; writing ends the freeze it came from. */
export interface PendingState {
  /**
   * Writes what is not in storage yet, in the background, and answers all files that make up the state: new ones, and
   * files of earlier, completed checkpoints of the run (`../chk-N/…`) that an increment builds on.
   */
  write(target: SnapshotTarget): Promise<readonly StateFile[]>;
  /**
   * The checkpoint that it was written for is complete: later increments may build on it. Called before the subtask is
   * asked for its next snapshot, since older files may be removed from here on. After a savepoint `release` is called
   * instead.
   */
  completed?(): void;
  /** Gives the state up: before it was written, or when its checkpoint failed. Idempotent. */
  release(): void;
}

/** A subtask's answer to a trigger: its part of the checkpoint, as of its barrier. */
export interface Acknowledgement {
  readonly checkpointId: number;
  readonly operatorId: string;
  readonly subtask: number;
  /** State in this thread, which the coordinator writes. */
  readonly state?: PendingState | undefined;
  /** State that the subtask has written itself. */
  readonly stateFiles?: readonly StateFile[] | undefined;
  readonly positions?: { readonly [splitId: string]: Json } | undefined;
  readonly committables?: readonly Json[] | undefined;
  readonly sinkState?: Json | undefined;
  readonly extra?: Json | undefined;
  /** How many elements the state has. */
  readonly elements?: number | undefined;
  /** What they take by the sizes of their types: number of elements × size of type. */
  readonly estimatedBytes?: number | undefined;
  /** How long the subtask stood still at its barrier, millis. */
  readonly pauseMillis?: number | undefined;
}

interface CheckpointTrigger {
  readonly checkpointId: number;
  readonly kind: CheckpointKind;
}

/** A subtask that takes part in every checkpoint, as the coordinator knows it. */
export interface Participant {
  readonly operatorId: string;
  readonly subtask: number;
  /** Asks a source to send a barrier after what it has read; the others answer when the barrier has reached them. */
  trigger?(trigger: CheckpointTrigger): void;
  /** The checkpoint will not complete. */
  aborted?(checkpointId: number): void;
}

/** The part of a subtask's snapshot that is acted on once the checkpoint is complete. */
export type CommittedSnapshot = Pick<SubtaskSnapshot, "operatorId" | "subtask" | "committables" | "positions">;

/** An operator that acts once a checkpoint is complete: a sink commits, a source reports its positions. */
export interface CompletionListener {
  readonly operatorId: string;
  /** Must be idempotent: after a restore it is called again with the same snapshots. A failure fails the job. */
  checkpointComplete(checkpointId: number, snapshots: readonly CommittedSnapshot[]): void | Promise<void>;
}
