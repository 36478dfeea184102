import { restoredSnapshots } from "./backend.ts";
import type { BackendContext, BackendState, OpenStateBackend, StateBackend } from "./backend.ts";
import { MemoryOperatorState } from "./operator-state.ts";
import { readSnapshots, type RestoredState } from "./restored-state.ts";

/** Everything in memory; a checkpoint holds all of it. */
class OpenMemoryBackend implements OpenStateBackend {
  readonly #context: BackendContext;
  readonly #restored: ReadonlyMap<string, RestoredState>;

  constructor(context: BackendContext, restored: ReadonlyMap<string, RestoredState>) {
    this.#context = context;
    this.#restored = restored;
  }

  operatorState(operatorId: string): BackendState {
    const { clock, maxParallelism, subtask, keyGroups } = this.#context;
    const restore = this.#restored.get(operatorId);
    const state = new MemoryOperatorState({ clock, maxParallelism, restore, keyGroups });
    return {
      state,
      freeze: () => {
        const frozen = state.freeze();
        if (frozen.isEmpty) {
          frozen.release();
          return undefined;
        }
        return {
          write: async (target) => [await target.writeFile(`${operatorId}#${subtask}`, frozen.write())],
          release: () => frozen.release(),
        };
      },
      checkAllRestored: (allowed) => state.checkAllRestored(allowed),
    };
  }

  async close(): Promise<void> {
    // Memory goes with the attempt.
  }
}

async function open(context: BackendContext): Promise<OpenStateBackend> {
  const { restore, keyGroups } = context;
  const restored = new Map<string, RestoredState>();
  for (const [operatorId, snapshots] of restoredSnapshots(context)) {
    const files: Uint8Array[] = [];
    for (const file of snapshots.flatMap((s) => s.stateFiles)) files.push(await restore!.readFile(file));
    if (files.length > 0) restored.set(operatorId, await readSnapshots(files, keyGroups));
  }
  return new OpenMemoryBackend(context, restored);
}

export const MEMORY: StateBackend = {
  names: ["memory", "hashmap"],
  summary: "all state in memory; checkpoints hold all of it",
  open,
};

export const FILESYSTEM: StateBackend = {
  names: ["filesystem", "fs"],
  summary: "as memory, with checkpoints in files: the tables are the same, only the checkpoint directory is required",
  open,
};
