import type { Json } from "../base/json.ts";
import type { CheckpointKind, StateFile, SubtaskSnapshot } from "./metadata.ts";

/** State that is still to be written; writing ends the freeze it came from. */
interface PendingState {
  /** The file in pieces, in the background. */
  write(): AsyncIterable<Uint8Array>;
  /** Gives the state up unwritten. */
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

/** An operator that acts once a checkpoint is complete: a sink commits, a source reports its positions. */
export interface CompletionListener {
  readonly operatorId: string;
  /** Must be idempotent: after a restore it is called again with the same snapshots. A failure fails the job. */
  checkpointComplete(checkpointId: number, snapshots: readonly SubtaskSnapshot[]): void | Promise<void>;
}
