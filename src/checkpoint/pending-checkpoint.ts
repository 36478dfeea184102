import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import type { CheckpointKind, StateFile, SubtaskSnapshot } from "./metadata.ts";
import type { Acknowledgement, Participant } from "./participant.ts";
import type { CheckpointRecord } from "./statistics.ts";
import type { CheckpointWriter } from "./storage.ts";

/** Name of a subtask in maps. */
export function subtaskKey({ operatorId, subtask }: { readonly operatorId: string; readonly subtask: number }): string {
  return `${operatorId}#${subtask}`;
}

/** A checkpoint between its trigger and its end: who has answered, and what their state became in storage. */
export class PendingCheckpoint {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly triggeredMillis: number;
  /** `committing`: the metadata is being written; from here on a timeout does not undo it. */
  phase: "collecting" | "committing" | "ended" = "collecting";
  /** Undefined until the storage has opened it. */
  writer: CheckpointWriter | undefined;
  readonly #participants: readonly Participant[];
  readonly #snapshots = new Map<string, SubtaskSnapshot>();
  readonly #answered = new Map<string, Acknowledgement>();
  #bytes = 0;

  constructor(id: number, kind: CheckpointKind, triggeredMillis: number, participants: readonly Participant[]) {
    this.id = id;
    this.kind = kind;
    this.triggeredMillis = triggeredMillis;
    this.#participants = participants;
  }

  /** False when the subtask has answered already or does not take part. */
  claim(acknowledgement: Acknowledgement): boolean {
    const key = subtaskKey(acknowledgement);
    if (this.#answered.has(key) || !this.#participants.some((participant) => subtaskKey(participant) === key))
      return false;
    this.#answered.set(key, acknowledgement);
    return true;
  }

  /** Answers by subtask, stored or not. */
  get answered(): ReadonlyMap<string, Acknowledgement> {
    return this.#answered;
  }

  /** Writes the state of an answer. `carried`: what earlier, aborted checkpoints of the subtask left to commit. */
  async store(acknowledgement: Acknowledgement, carried: readonly Json[]): Promise<void> {
    const { operatorId, subtask, state } = acknowledgement;
    const stateFiles: StateFile[] = [...(acknowledgement.stateFiles ?? [])];
    if (state !== undefined) {
      if (this.writer === undefined)
        throw new SqlError("BUG", `checkpoint ${this.id} was answered before it was triggered`);
      stateFiles.push(...(await state.write(this.writer)));
    }
    for (const file of stateFiles) this.#bytes += file.bytes;
    this.#snapshots.set(subtaskKey(acknowledgement), {
      operatorId,
      subtask,
      stateFiles,
      positions: acknowledgement.positions ?? {},
      committables: [...carried, ...(acknowledgement.committables ?? [])],
      sinkState: acknowledgement.sinkState ?? null,
      extra: acknowledgement.extra ?? null,
    });
  }

  get isComplete(): boolean {
    return this.#snapshots.size === this.#participants.length;
  }

  /** Snapshots in the order of the participants. */
  snapshots(): SubtaskSnapshot[] {
    return this.#participants.flatMap((participant) => this.#snapshots.get(subtaskKey(participant)) ?? []);
  }

  /** Who has not answered. */
  missing(): string[] {
    return this.#participants.map(subtaskKey).filter((key) => !this.#answered.has(key));
  }

  record(status: CheckpointRecord["status"], nowMillis: number, failure?: string): CheckpointRecord {
    return {
      id: this.id,
      kind: this.kind,
      status,
      triggeredMillis: this.triggeredMillis,
      durationMillis: nowMillis - this.triggeredMillis,
      bytes: this.#bytes,
      acknowledged: this.#answered.size,
      participants: this.#participants.length,
      failure,
    };
  }
}
