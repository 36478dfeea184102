import { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import { verifyFiles } from "./checkpoint-reader.ts";
import type { EncryptionKeys } from "./encryption-keys.ts";
import { newestCheckpoint, type RunCheckpoints } from "./newest-checkpoint.ts";
import { pathName } from "./path-name.ts";
import { checkpointsAt } from "./place-run.ts";
import { ReplicatedRun } from "./replicated-run.ts";
import { isVoid, joinedRestores, readRestores, type Restore } from "./restore-record.ts";
import { decodeRunState, encodeRunState, RUN_FILE, type RunState } from "./run-state.ts";
import type { CheckpointReader, CheckpointStorage, FoundRun, RunStorage } from "./storage.ts";

/** Attempts of a lost run that its copies may not have heard of. */
const UNHEARD_ATTEMPTS = 100;

export interface ReplicatedStorageOptions {
  /** `execution.checkpointing.dir`, which rules. */
  readonly main: CheckpointStorage;
  /** The same as a place of bytes. */
  readonly place: Place;
  /** `execution.checkpointing.replicas`, in the order in which they are asked. */
  readonly replicas: readonly {
    readonly place: Place;
    readonly storage: CheckpointStorage;
  }[];
  readonly keys: EncryptionKeys | undefined;
  readonly minPlaces: number;
  readonly timeoutMillis: number;
  readonly open: (location: string) => Promise<CheckpointReader>;
}

/** Checkpoints in several places, each of which is a checkpoint directory of its own: `<place>/<job>/<run>/chk-N/`. */
export class ReplicatedStorage implements CheckpointStorage {
  readonly #options: ReplicatedStorageOptions;

  constructor(options: ReplicatedStorageOptions) {
    this.#options = options;
  }

  async createRun(job: string): Promise<RunStorage> {
    const run = this.#replicated(await this.#options.main.createRun(job));
    try {
      await run.known();
    } catch (error) {
      await run.release();
      throw error;
    }
    return run;
  }

  /** The newest of all places. Throws IO when the ruling place has none and another one cannot be asked. */
  async newestRun(job: string): Promise<FoundRun | undefined> {
    const { main, replicas } = this.#options;
    let newest: FoundRun | undefined;
    let damaged: SqlError | undefined;
    try {
      newest = await main.newestRun(job);
    } catch (error) {
      if (!isInvalid(error)) throw error;
      damaged = error;
    }
    const own = newest;
    for (const { storage } of replicas) {
      let found: FoundRun | undefined;
      try {
        found = await storage.newestRun(job);
      } catch (error) {
        // To begin anew would repeat what a run has done that may lie there.
        if (own === undefined) throw error;
      }
      if (found !== undefined && found.state.startedMillis > (newest?.state.startedMillis ?? -1)) newest = found;
    }
    if (newest === undefined && damaged !== undefined) throw damaged;
    return newest;
  }

  async openRun(job: string, run: string): Promise<RunStorage> {
    const { main, place } = this.#options;
    const own = within(place, pathName(job), run, RUN_FILE);
    if (!(await hasState(own))) {
      const state = await this.#stateElsewhere(job, run);
      // Should it be written by two at once, the lock tells them apart.
      if (state !== undefined)
        await own.storage.put(
          own.path,
          Buffer.from(encodeRunState({ ...state, attempt: state.attempt + UNHEARD_ATTEMPTS })),
        );
    }
    return this.#replicated(await main.openRun(job, run));
  }

  async #stateElsewhere(job: string, run: string): Promise<RunState | undefined> {
    for (const { place } of this.#options.replicas) {
      const { storage, path, location } = within(place, pathName(job), run, RUN_FILE);
      const found = await storage.read(path);
      if (found !== undefined) return decodeRunState(Buffer.from(found.bytes).toString(), location);
    }
    return undefined;
  }

  #replicated(main: RunStorage): ReplicatedRun {
    const { place, replicas, keys, minPlaces, timeoutMillis, open } = this.#options;
    const runIn = (each: Place): Place => within(each, pathName(main.job), main.run);
    const places = replicas.map((replica) => runIn(replica.place));
    return new ReplicatedRun({ main, source: runIn(place), places, keys, minPlaces, timeoutMillis, open });
  }

  /** Of all places; one that does not answer is left out, but not the ruling one. */
  async newestOf(
    found: FoundRun,
    onInvalid: (reason: string) => void,
    verify: boolean,
  ): Promise<CheckpointReader | undefined> {
    const { place, replicas, keys } = this.#options;
    const runs = [place, ...replicas.map((replica) => replica.place)].map((each) =>
      within(each, pathName(found.state.job), found.run),
    );
    const restores: (readonly Restore[])[] = [];
    const all: RunCheckpoints[] = [];
    const ids = new Set<number>();
    for (const [i, run] of runs.entries()) {
      const checkpoints = checkpointsAt(run, keys);
      try {
        restores.push(await readRestores(run));
        for (const id of await checkpoints.ids()) ids.add(id);
        all.push(checkpoints);
      } catch (error) {
        if (i === 0) throw error;
        onInvalid(`${run.location} is left out: ${(error as Error).message}`);
      }
    }
    const known = joinedRestores(restores);
    const open = async (id: number): Promise<CheckpointReader | undefined> => {
      let invalid: unknown;
      for (const [i, checkpoints] of all.entries()) {
        try {
          const reader = await checkpoints.open(id);
          if (reader === undefined || (i > 0 && isVoid(reader.metadata, known))) continue;
          if (verify) await verifyFiles(reader);
          return reader;
        } catch (error) {
          if (!(error instanceof SqlError) || error.code !== "CHECKPOINT_INVALID") throw error;
          invalid ??= error;
        }
      }
      if (invalid !== undefined) throw invalid;
      return undefined;
    };
    const checkpoints: RunCheckpoints = { ids: async () => [...ids].sort((a, b) => a - b), open };
    return newestCheckpoint(checkpoints, onInvalid, { verify: false });
  }

  locationOf(found: FoundRun): string {
    return this.#options.main.locationOf(found);
  }
}

async function hasState({ storage, path, location }: Place): Promise<boolean> {
  const found = await storage.read(path);
  if (found === undefined) return false;
  try {
    decodeRunState(Buffer.from(found.bytes).toString(), location);
    return true;
  } catch (error) {
    if (isInvalid(error)) return false;
    throw error;
  }
}

function isInvalid(error: unknown): error is SqlError {
  return error instanceof SqlError && error.code === "CHECKPOINT_INVALID";
}
