import type { CheckpointKind, StateFile } from "../../checkpoint/metadata.ts";
import type { PendingState } from "../../checkpoint/participant.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import { SqlError } from "../../base/errors.ts";
import type { BackendContext, BackendState, OpenStateBackend } from "../backend.ts";
import { CheckpointRound } from "./checkpoint-round.ts";
import type { Reading, RecordStore } from "./database.ts";
import { exportOperator } from "./export.ts";
import { tableRange } from "./key-layout.ts";
import type { OperatorManifest } from "./manifest.ts";
import { MemoryLimit } from "./memory-limit.ts";
import type { RecordWriter } from "./record-writer.ts";
import { RocksOperatorState, type SharedState } from "./rocks-operator-state.ts";
import type { TableRegistry } from "./table-registry.ts";

/** A picture of the records that is held for a while. */
export interface HeldReading extends Reading {
  release(): Promise<void>;
}

/** Where the records of a thread lie, and how a checkpoint holds them. `Copy`: the records as of a checkpoint; `Carried`: what is known of them once the checkpoint has them. */
export interface RecordMedium<Copy, Carried> {
  readonly store: RecordStore;
  /** The records of this moment; nothing is written meanwhile. `samples`: keys of some of them. */
  capture(samples: readonly Uint8Array[]): Promise<Copy>;
  /** The copy is not needed any more. */
  discard(copy: Copy): Promise<void>;
  picture(): HeldReading;
  /** Puts the copy, and what says where it is, into a checkpoint; without a copy: an operator whose records another one brings. */
  carry(
    manifest: OperatorManifest,
    copy: Copy | undefined,
    target: SnapshotTarget,
  ): Promise<{ readonly files: readonly StateFile[]; readonly carried: Carried | undefined }>;
  /** A checkpoint is complete; `carried`: undefined when it was told before. */
  completed(kind: CheckpointKind | undefined, carried: Carried | undefined): void;
  close(): Promise<void>;
}

/** What a backend of records is opened with. */
export interface RecordBackendSetup<Copy, Carried> {
  readonly context: BackendContext;
  readonly medium: RecordMedium<Copy, Carried>;
  readonly writer: RecordWriter;
  readonly registry: TableRegistry;
  /** Bytes that the tables in memory may take, all threads of the job together. */
  readonly memoryLimitBytes: number;
}

/** The state of one thread: tables in memory in front of records; see README.md of this folder. */
export class OpenRecordBackend<Copy, Carried> implements OpenStateBackend {
  readonly #context: BackendContext;
  readonly #medium: RecordMedium<Copy, Carried>;
  readonly #shared: SharedState;
  readonly #operators: RocksOperatorState[] = [];
  readonly #shares = new WeakMap<CheckpointRound<Copy>, RoundShare<Carried>>();
  #round: CheckpointRound<Copy> | undefined;
  /** The round that was last written, and for which checkpoint. */
  #written: { readonly round: CheckpointRound<Copy>; readonly checkpointId: number } | undefined;

  constructor({ context, medium, writer, registry, memoryLimitBytes }: RecordBackendSetup<Copy, Carried>) {
    this.#context = context;
    this.#medium = medium;
    const limit = new MemoryLimit(memoryLimitBytes / context.parallelism, this.#operators, writer, () => this.#round);
    this.#shared = {
      database: medium.store,
      writer,
      registry,
      clock: context.clock,
      maxParallelism: context.maxParallelism,
      keyGroups: context.keyGroups,
      isShort: (operator) => limit.isShort(operator),
      makeRoom: (operator) => limit.makeRoom(operator),
    };
  }

  operatorState(operatorId: string): BackendState {
    const state = new RocksOperatorState(operatorId, this.#shared);
    this.#operators.push(state);
    return {
      state,
      // Known once the operator has declared its states: one without tables waits for nothing.
      get mayWait() {
        return state.hasTables ? () => state.mayWait() : undefined;
      },
      isNear: () => state.isNear,
      freeze: () => this.#freeze(state),
      checkAllRestored: (allowed) => this.#checkAllRestored(operatorId, allowed),
    };
  }

  async settle(): Promise<void> {
    for (const operator of this.#operators) await operator.evolve();
    const { registry, writer } = this.#shared;
    for (const number of registry.dropUndeclared()) writer.removeRange(...tableRange(number));
    await writer.flush();
  }

  async close(): Promise<void> {
    this.#round?.abandon("the job was ended while its state was written");
    await this.#shared.writer.flush().catch(() => undefined);
    await this.#medium.close();
  }

  #checkAllRestored(operatorId: string, allowed: boolean): void {
    const left = this.#shared.registry.unclaimed(operatorId, isWhole(this.#context));
    if (left.length === 0 || allowed) return;
    throw new SqlError(
      "STATE_INCOMPATIBLE",
      `the checkpoint holds state that this query does not have: ${left.join(", ")}`,
      { hint: "set 'execution.state-recovery.ignore-unclaimed-state' = 'true' to drop it" },
    );
  }

  #freeze(state: RocksOperatorState): PendingState | undefined {
    // A checkpoint that comes while the one before is still being written gives that up.
    if (this.#round !== undefined && (this.#round.isOver || this.#round.has(state))) {
      this.#round.abandon("the next checkpoint came while this one was written");
      this.#round = undefined;
    }
    const round = (this.#round ??= this.#newRound());
    const numbers = state.freeze();
    const pending = state.hasState ? this.#pending(state, round, numbers) : undefined;
    round.join(state);
    return pending;
  }

  #newRound(): CheckpointRound<Copy> {
    const medium = this.#medium;
    const { writer, registry } = this.#shared;
    const samples = [...writer.samples];
    writer.restartSamples();
    const round: CheckpointRound<Copy> = new CheckpointRound<Copy>({
      writer,
      memberCount: this.#operators.length,
      capture: async () => (registry.hasTables ? medium.capture([...samples, ...writer.samples]) : undefined),
      discard: async (copy) => medium.discard(copy),
      picture: () => medium.picture(),
      ended: () => {
        if (this.#round === round) this.#round = undefined;
      },
    });
    return round;
  }

  #pending(
    state: RocksOperatorState,
    round: CheckpointRound<Copy>,
    numbers: Readonly<Record<string, string>>,
  ): PendingState {
    const shared = this.#sharedOf(round);
    shared.waiting += 1;
    let done = false;
    const finish = async (): Promise<void> => {
      if (done) return;
      done = true;
      shared.waiting -= 1;
      if (shared.waiting > 0) return;
      const result = await round.result.catch(() => undefined);
      if (result?.kind === "picture") await result.picture.release();
      if (result?.kind === "copy" && result.copy !== undefined) await this.#medium.discard(result.copy);
    };
    return {
      write: async (target) => {
        try {
          this.#checkRound(round, target.id);
          shared.kind = target.kind;
          round.ask(target.kind);
          const result = await round.result;
          if (result.kind === "picture")
            return await exportOperator(state.operatorId, this.#context, this.#shared, result.picture, numbers, target);
          // The first to come brings the files that all share.
          const copy = shared.carriedOnce ? undefined : result.copy;
          shared.carriedOnce = true;
          const { files, carried } = await this.#medium.carry(this.#manifest(state, numbers), copy, target);
          shared.carried ??= carried;
          return files;
        } finally {
          await finish();
        }
      },
      completed: () => {
        this.#medium.completed(shared.kind, shared.carried);
        shared.carried = undefined;
      },
      release: () => {
        round.abandon("the checkpoint was given up");
        void finish().catch(() => undefined);
      },
    };
  }

  /** All operators of a checkpoint are of one round; a barrier of one that was given up may have come in between. */
  #checkRound(round: CheckpointRound<Copy>, checkpointId: number): void {
    const known = this.#written;
    if (known !== undefined && (known.round === round) !== (known.checkpointId === checkpointId)) {
      round.abandon("operators were frozen for another checkpoint");
      throw new SqlError("CHECKPOINT_FAILED", `checkpoint ${checkpointId} came while another one was given up`, {
        retryable: true,
      });
    }
    this.#written = { round, checkpointId };
  }

  #manifest({ operatorId }: RocksOperatorState, numbers: Readonly<Record<string, string>>): OperatorManifest {
    const { subtask, keyGroups, maxParallelism } = this.#context;
    const tables = this.#shared.registry.tablesOf(operatorId);
    return { operatorId, subtask, keyGroups, maxParallelism, tables, numbers, databaseFiles: undefined };
  }

  #sharedOf(round: CheckpointRound<Copy>): RoundShare<Carried> {
    const known = this.#shares.get(round) ?? { waiting: 0, carriedOnce: false, kind: undefined, carried: undefined };
    this.#shares.set(round, known);
    return known;
  }
}

/** The thread has all key groups. */
function isWhole({ keyGroups, maxParallelism }: BackendContext): boolean {
  return keyGroups.from === 0 && keyGroups.to === maxParallelism;
}

/** What the operators of a thread have to do together for one round. */
interface RoundShare<Carried> {
  /** Operators whose state still needs the copy or picture. */
  waiting: number;
  /** An operator has put the copy into the checkpoint, or is about to. */
  carriedOnce: boolean;
  kind: CheckpointKind | undefined;
  carried: Carried | undefined;
}
