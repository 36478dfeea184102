import { SqlError } from "../base/errors.ts";
import type { Json } from "../base/json.ts";
import { isEarlierFile, type CheckpointKind, type StateFile, type SubtaskSnapshot } from "./metadata.ts";
import type { Acknowledgement, Participant } from "./participant.ts";
import type { CheckpointRecord, OperatorRecord } from "./statistics.ts";
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
  readonly #stored = new Map<string, OperatorRecord>();
  readonly #now: () => number;
  readonly #attempt: number;
  #answeredMillis: number | undefined;
  #pauseMillis: number | undefined;
  /** Writes of several subtasks go on side by side: the time in which at least one did. */
  #writing = 0;
  #writeStart = 0;
  #writeMillis = 0;

  constructor(
    id: number,
    kind: CheckpointKind,
    attempt: number,
    participants: readonly Participant[],
    nowMillis: () => number,
  ) {
    this.id = id;
    this.kind = kind;
    this.triggeredMillis = nowMillis();
    this.#attempt = attempt;
    this.#participants = participants;
    this.#now = nowMillis;
  }

  /** False when the subtask has answered already or does not take part. */
  claim(acknowledgement: Acknowledgement): boolean {
    const key = subtaskKey(acknowledgement);
    if (this.#answered.has(key) || !this.#participants.some((participant) => subtaskKey(participant) === key))
      return false;
    this.#answered.set(key, acknowledgement);
    const { pauseMillis } = acknowledgement;
    if (pauseMillis !== undefined) this.#pauseMillis = Math.max(this.#pauseMillis ?? 0, pauseMillis);
    if (this.#answered.size === this.#participants.length) this.#answeredMillis = this.#now() - this.triggeredMillis;
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
      if (this.#writing++ === 0) this.#writeStart = this.#now();
      try {
        stateFiles.push(...(await state.write(this.writer)));
      } finally {
        if (--this.#writing === 0) this.#writeMillis += this.#now() - this.#writeStart;
      }
    }
    if (stateFiles.length > 0) this.#count(acknowledgement, stateFiles);
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

  #count(acknowledgement: Acknowledgement, files: readonly StateFile[]): void {
    const { operatorId, elements, estimatedBytes } = acknowledgement;
    const known = this.#stored.get(operatorId);
    const added = files.filter((file) => !isEarlierFile(file));
    this.#stored.set(operatorId, {
      operatorId,
      subtasks: (known?.subtasks ?? 0) + 1,
      bytes: sum(files.map((file) => file.bytes)) + (known?.bytes ?? 0),
      newBytes: sum(added.map((file) => file.bytes)) + (known?.newBytes ?? 0),
      rawBytes: sum(files.map((file) => file.rawBytes)) + (known?.rawBytes ?? 0),
      ...(elements === undefined ? {} : { elements: elements + (known?.elements ?? 0) }),
      ...(estimatedBytes === undefined ? {} : { estimatedBytes: estimatedBytes + (known?.estimatedBytes ?? 0) }),
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

  record(status: CheckpointRecord["status"], failure?: string): CheckpointRecord {
    const operators = [...this.#stored.values()];
    return {
      id: this.id,
      kind: this.kind,
      status,
      attempt: this.#attempt,
      triggeredMillis: this.triggeredMillis,
      durationMillis: this.#now() - this.triggeredMillis,
      answeredMillis: this.#answeredMillis,
      pauseMillis: this.#pauseMillis,
      writeMillis: this.#writeMillis,
      bytes: sum(operators.map((operator) => operator.bytes)),
      newBytes: sum(operators.map((operator) => operator.newBytes)),
      acknowledged: this.#answered.size,
      participants: this.#participants.length,
      operators,
      location: this.writer?.location,
      failure,
    };
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
