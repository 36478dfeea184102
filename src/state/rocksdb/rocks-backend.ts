import { mkdir, readdir, rm, rmdir } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { crc32 } from "../../checkpoint/checksum.ts";
import type { CheckpointKind, StateFile } from "../../checkpoint/metadata.ts";
import type { PendingState } from "../../checkpoint/participant.ts";
import type { SnapshotTarget } from "../../checkpoint/storage.ts";
import { SqlError } from "../../base/errors.ts";
import type { BackendContext, BackendState, OpenStateBackend } from "../backend.ts";
import { capture, type Captured } from "./capture.ts";
import { CheckpointRound } from "./checkpoint-round.ts";
import type { Database } from "./database.ts";
import { exportOperator } from "./export.ts";
import { tableRange } from "./key-layout.ts";
import { encodeManifest } from "./manifest.ts";
import { MemoryLimit } from "./memory-limit.ts";
import { rocksOptions, type RocksOptions } from "./options.ts";
import type { RecordWriter } from "./record-writer.ts";
import { restoreInto } from "./restore.ts";
import { laterPath } from "./rocks-files.ts";
import { RocksOperatorState, type SharedState } from "./rocks-operator-state.ts";
import { TableRegistry } from "./table-registry.ts";

/** The state of one thread in a RocksDB database; see README.md of this folder. */
class OpenRocksBackend implements OpenStateBackend {
  readonly #context: BackendContext;
  readonly #options: RocksOptions;
  readonly #folder: string;
  readonly #shared: SharedState;
  readonly #operators: RocksOperatorState[] = [];
  #round: CheckpointRound | undefined;
  #rounds = 0;
  /** The round that was last written, and for which checkpoint. */
  #written: { readonly round: CheckpointRound; readonly checkpointId: number } | undefined;
  /** Files of the newest completed checkpoint by name, with paths as a later checkpoint names them. */
  #base: ReadonlyMap<string, StateFile>;

  constructor(
    context: BackendContext,
    options: RocksOptions,
    folder: string,
    opened: { readonly database: Database; readonly writer: RecordWriter; readonly registry: TableRegistry },
    base: ReadonlyMap<string, StateFile>,
  ) {
    this.#context = context;
    this.#options = options;
    this.#folder = folder;
    this.#base = options.incremental ? base : new Map();
    const limit = new MemoryLimit(
      options.memoryLimitBytes / context.parallelism,
      this.#operators,
      opened.writer,
      () => this.#round,
    );
    this.#shared = {
      ...opened,
      clock: context.clock,
      maxParallelism: context.maxParallelism,
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
      freeze: () => this.#freeze(state),
      checkAllRestored: (allowed) => this.#checkAllRestored(operatorId, allowed),
    };
  }

  async close(): Promise<void> {
    this.#round?.abandon("the job was ended while its state was written");
    await this.#shared.writer.flush().catch(() => undefined);
    await this.#shared.database.close();
    await rm(this.#folder, { recursive: true, force: true });
    // The last thread to leave takes the empty folder with it.
    await rmdir(dirname(this.#folder)).catch(() => undefined);
  }

  #checkAllRestored(operatorId: string, allowed: boolean): void {
    const { registry, writer } = this.#shared;
    const left = registry.unclaimed(operatorId);
    if (left.names.length === 0) return;
    if (!allowed) {
      throw new SqlError(
        "STATE_INCOMPATIBLE",
        `the checkpoint holds state that this query does not have: ${left.names.join(", ")}`,
        { hint: "set 'execution.state-recovery.ignore-unclaimed-state' = 'true' to drop it" },
      );
    }
    for (const number of left.tables) {
      const { buffer } = writer;
      const start = buffer.length;
      const [from, to] = tableRange(number);
      buffer.copy(from, 0, from.length);
      buffer.copy(to, 0, to.length);
      writer.removeRange(start, start + from.length);
    }
    registry.forget(operatorId);
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

  #newRound(): CheckpointRound {
    const folder = join(this.#folder, `copy-${++this.#rounds}`);
    const { database, writer, registry } = this.#shared;
    const samples = [...writer.samples];
    writer.restartSamples();
    const round: CheckpointRound = new CheckpointRound({
      writer,
      memberCount: this.#operators.length,
      capture: async () =>
        registry.hasTables
          ? capture({
              database,
              folder,
              rocks: this.#options,
              mark: Buffer.from(`${folder} ${process.hrtime.bigint()}`),
              samples: [...samples, ...writer.samples],
            })
          : undefined,
      discard: async (copy) => rm(copy.folder, { recursive: true, force: true }),
      picture: () => database.picture(),
      ended: () => {
        if (this.#round === round) this.#round = undefined;
      },
    });
    return round;
  }

  #pending(state: RocksOperatorState, round: CheckpointRound, numbers: Readonly<Record<string, string>>): PendingState {
    const shared = sharedOf(round);
    shared.waiting += 1;
    let done = false;
    const finish = async (): Promise<void> => {
      if (done) return;
      done = true;
      shared.waiting -= 1;
      if (shared.waiting > 0) return;
      const result = await round.result.catch(() => undefined);
      if (result?.kind === "picture") await result.picture.release();
      if (result?.kind === "copy" && result.copy !== undefined)
        await rm(result.copy.folder, { recursive: true, force: true });
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
          const copy = shared.carried ? undefined : result.copy;
          shared.carried = true;
          return await this.#writeCopy(state, numbers, copy, target, shared);
        } finally {
          await finish();
        }
      },
      completed: () => {
        // Whether the files of a savepoint stay is its owner's business; and checkpoints before it may be removed.
        if (shared.kind === "savepoint" || !this.#options.incremental) this.#base = new Map();
        else if (shared.files !== undefined) this.#base = shared.files;
        shared.files = undefined;
      },
      release: () => {
        round.abandon("the checkpoint was given up");
        void finish().catch(() => undefined);
      },
    };
  }

  /** All operators of a checkpoint are of one round; a barrier of one that was given up may have come in between. */
  #checkRound(round: CheckpointRound, checkpointId: number): void {
    const known = this.#written;
    if (known !== undefined && (known.round === round) !== (known.checkpointId === checkpointId)) {
      round.abandon("operators were frozen for another checkpoint");
      throw new SqlError("CHECKPOINT_FAILED", `checkpoint ${checkpointId} came while another one was given up`, {
        retryable: true,
      });
    }
    this.#written = { round, checkpointId };
  }

  async #writeCopy(
    state: RocksOperatorState,
    numbers: Readonly<Record<string, string>>,
    copy: Captured | undefined,
    target: SnapshotTarget,
    shared: RoundShare,
  ): Promise<readonly StateFile[]> {
    const { subtask, keyGroups, maxParallelism } = this.#context;
    const { operatorId } = state;
    const manifest = encodeManifest({
      operatorId,
      subtask,
      keyGroups,
      maxParallelism,
      tables: this.#shared.registry.tablesOf(operatorId),
      numbers,
      databaseFiles: copy?.files,
    });
    const written = [await target.writeFile(`${operatorId}#${subtask}`, pieces(manifest))];
    if (copy === undefined) return written;
    const files = new Map<string, StateFile>();
    const base = this.#base;
    for (const name of copy.files) {
      // Files with data never change under their name; the others are written anew each time.
      const known = name.endsWith(".sst") ? base.get(name) : undefined;
      const file = known ?? (await target.addFile(`rocksdb-${subtask}-${name}`, join(copy.folder, name)));
      written.push(file);
      files.set(name, laterPath(file, target.id));
    }
    // Retention may have removed the files of a checkpoint that is no longer the newest.
    if (this.#base !== base) {
      throw new SqlError(
        "CHECKPOINT_FAILED",
        "another checkpoint was completed while one that builds on the one before it was written",
        {
          retryable: true,
        },
      );
    }
    shared.files = files;
    return written;
  }
}

/** What the operators of a thread have to do together for one round. */
interface RoundShare {
  /** Operators whose state still needs the copy or picture. */
  waiting: number;
  carried: boolean;
  kind: CheckpointKind | undefined;
  files: ReadonlyMap<string, StateFile> | undefined;
}

const shares = new WeakMap<CheckpointRound, RoundShare>();

function sharedOf(round: CheckpointRound): RoundShare {
  const known = shares.get(round) ?? { waiting: 0, carried: false, kind: undefined, files: undefined };
  shares.set(round, known);
  return known;
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** Opens the backend in a folder of its own; what dead attempts left behind is removed. */
export async function openRocksBackend(context: BackendContext): Promise<OpenStateBackend> {
  const options = rocksOptions(context.options);
  // A folder that jobs share is not cleaned up for others.
  const parent =
    options.localDirectory === undefined
      ? resolve(context.workDirectory)
      : join(resolve(options.localDirectory), `millrace-${crc32(Buffer.from(resolve(context.workDirectory)))}`);
  const folder = await prepareFolder(parent, context);
  const registry = new TableRegistry();
  let database: Database | undefined;
  try {
    const restored = await restoreInto(folder, context, options, registry);
    database = restored.database;
    return new OpenRocksBackend(
      context,
      options,
      folder,
      { database, writer: restored.writer, registry },
      restored.base,
    );
  } catch (error) {
    await database?.close().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

const OWN_FOLDER = /^rocksdb-(\d+)-/;

async function prepareFolder(parent: string, { subtask, parallelism }: BackendContext): Promise<string> {
  try {
    await mkdir(parent, { recursive: true });
    for (const name of await readdir(parent)) {
      const owner = Number(OWN_FOLDER.exec(name)?.[1] ?? -1);
      const left = owner === subtask || (subtask === 0 && owner >= parallelism);
      if (left) await rm(join(parent, name), { recursive: true, force: true });
    }
    const folder = join(parent, `rocksdb-${subtask}-${process.pid}-${process.hrtime.bigint()}`);
    await mkdir(folder);
    return folder;
  } catch (error) {
    throw new SqlError(
      "IO",
      `cannot make a folder for the RocksDB database in ${parent}: ${(error as Error).message}`,
      {
        cause: error,
        retryable: true,
      },
    );
  }
}
