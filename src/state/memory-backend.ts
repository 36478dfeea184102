import { SqlError } from "../base/errors.ts";
import type { CheckpointReader } from "../checkpoint/storage.ts";
import { restoredSnapshots } from "./backend.ts";
import type { BackendContext, BackendState, OpenStateBackend, StateBackend } from "./backend.ts";
import { MemoryOperatorState } from "./operator-state.ts";
import { readSnapshots, type RestoredState } from "./restored-state.ts";
import { manifestOwner, type RecordBackendName } from "./manifest-magic.ts";
import { SnapshotChain } from "./snapshot-chain.ts";

/** Increments are on unless this says `false`. */
const INCREMENTAL = "execution.checkpointing.incremental";

/** Everything in memory; a checkpoint holds all of it, in a base and increments. */
class OpenMemoryBackend implements OpenStateBackend {
  readonly #context: BackendContext;
  /** Taken out by the operators, so that the files' memory goes with the last of them. */
  readonly #restored: Map<string, RestoredState>;

  constructor(context: BackendContext, restored: Map<string, RestoredState>) {
    this.#context = context;
    this.#restored = restored;
  }

  operatorState(operatorId: string): BackendState {
    const { clock, maxParallelism, subtask, options, keyGroups } = this.#context;
    const restore = this.#restored.get(operatorId);
    const state = new MemoryOperatorState({ clock, maxParallelism, restore, keyGroups });
    this.#restored.delete(operatorId);
    const chain = new SnapshotChain(`${operatorId}#${subtask}`, options.get(INCREMENTAL)?.toLowerCase() !== "false");
    return {
      state,
      freeze: () => {
        const frozen = state.freeze(chain.since);
        if (!frozen.isEmpty) return chain.pending(frozen);
        chain.skipped(frozen);
        frozen.release();
        return undefined;
      },
      size: () => state.size(),
      checkAllRestored: (allowed) => state.checkAllRestored(allowed),
    };
  }

  async close(): Promise<void> {
    // Memory goes with the attempt.
  }
}

/** Reads the state files of all operators: for each former subtask the base, then its increments. */
async function open(context: BackendContext): Promise<OpenStateBackend> {
  const { restore, keyGroups } = context;
  const restored = new Map<string, RestoredState>();
  for (const [operatorId, snapshots] of restoredSnapshots(context)) {
    const files: Uint8Array[] = [];
    for (const file of snapshots.flatMap((s) => s.stateFiles)) {
      const bytes = await restore!.readFile(file);
      const owner = manifestOwner(bytes);
      if (owner !== undefined) throw ofAnother(owner, restore!);
      files.push(bytes);
    }
    if (files.length > 0) restored.set(operatorId, await readSnapshots(files, keyGroups));
  }
  return new OpenMemoryBackend(context, restored);
}

/** A checkpoint that only another backend reads. */
export function ofAnother(owner: RecordBackendName, { location }: CheckpointReader): SqlError {
  return new SqlError(
    "STATE_INCOMPATIBLE",
    `the checkpoint ${location} was made with the state backend ${owner}, and holds state in a form that only that one reads`,
    {
      hint: `go on with 'state.backend.type' = '${owner}', or take a savepoint with it, which every backend reads`,
    },
  );
}

export const MEMORY: StateBackend = {
  names: ["memory", "hashmap"],
  summary: "all state in memory; checkpoints hold all of it, as a base and increments",
  open,
};

/** The job's options see to it that its checkpoints lie there. */
export const S3: StateBackend = {
  names: ["s3"],
  summary: "as memory, with checkpoints in S3",
  open,
};

/** The same. */
export const HDFS: StateBackend = {
  names: ["hdfs"],
  summary: "as memory, with checkpoints in HDFS",
  open,
};

export const FILESYSTEM: StateBackend = {
  names: ["filesystem", "fs"],
  summary: "as memory, with checkpoints in files: the tables are the same, only the checkpoint directory is required",
  open,
};
