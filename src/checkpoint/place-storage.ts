import { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import { thisMachine, type Machine } from "../storage/machine.ts";
import { newestCheckpoint } from "./newest-checkpoint.ts";
import { pathName } from "./path-name.ts";
import { acquireLease } from "./place-lease.ts";
import { checkpointsAt, giveUpUnfinished, idsOf, PlaceRun } from "./place-run.ts";
import {
  decodeRunState,
  encodeRunState,
  newRunName,
  newRunState,
  RUN_FILE,
  withoutState,
  type RunState,
} from "./run-state.ts";
import type { CheckpointReader, CheckpointStorage, FoundRun, RunStorage } from "./storage.ts";
import type { StoredAs } from "./stored-form.ts";

export interface PlaceStorageOptions extends StoredAs {
  /** `execution.checkpointing.dir`. */
  readonly place: Place;
  nowMillis(): number;
  /** Default: this one. */
  readonly machine?: Machine | undefined;
  /** Opens a savepoint by its location. */
  readonly open: (location: string) => Promise<CheckpointReader>;
}

/** Checkpoints as objects of a storage: `<place>/<job>/<run>/chk-N/` with data files and `_metadata`. */
export class PlaceStorage implements CheckpointStorage {
  readonly #options: PlaceStorageOptions;
  readonly #machine: Machine;

  constructor(options: PlaceStorageOptions) {
    this.#options = options;
    this.#machine = options.machine ?? thisMachine;
  }

  async createRun(job: string): Promise<RunStorage> {
    const startedMillis = this.#options.nowMillis();
    const run = newRunName(startedMillis);
    const place = this.#place(job, run);
    const state = newRunState(job, run, startedMillis);
    const { storage, path } = within(place, RUN_FILE);
    const version = await storage.create(path, Buffer.from(encodeRunState(state)));
    if (version === undefined) throw new SqlError("CHECKPOINT_FAILED", `there is a run ${place.location} already`);
    await assertConditional(within(place, RUN_FILE), encodeRunState(state), version);
    return this.#own(place, state);
  }

  async newestRun(job: string): Promise<FoundRun | undefined> {
    const { storage, path } = within(this.#options.place, pathName(job));
    const names = (await storage.children(path)).filter((name) => name.endsWith("/")).map((name) => name.slice(0, -1));
    let newest: RunState | undefined;
    for (const name of names.sort().reverse()) {
      // Names begin with the second in which a run began.
      if (newest !== undefined && !name.startsWith(newest.run.slice(0, newest.run.indexOf("-")))) break;
      const found = await this.#state(job, name);
      if (found === undefined && (await idsOf(this.#place(job, name))).length > 0)
        throw withoutState(this.#place(job, name).location);
      if (found === undefined) continue;
      if (newest === undefined || found.state.startedMillis > newest.startedMillis) newest = found.state;
    }
    return newest === undefined ? undefined : { run: newest.run, state: newest };
  }

  async newestOf(
    found: FoundRun,
    onInvalid: (reason: string) => void,
    verify: boolean,
  ): Promise<CheckpointReader | undefined> {
    return newestCheckpoint(checkpointsAt(this.#place(found.state.job, found.run), this.#options.keys), onInvalid, {
      verify,
    });
  }

  locationOf({ state, run }: FoundRun): string {
    return this.#place(state.job, run).location;
  }

  async openRun(job: string, run: string): Promise<RunStorage> {
    const place = this.#place(job, run);
    const found = await this.#state(job, run);
    if (found === undefined) throw new SqlError("CHECKPOINT_NOT_FOUND", `there is no run ${place.location}`);
    const owned = await this.#own(place, found.state);
    // After the lock has changed hands: whoever looked at it before is too late from here on.
    await giveUpUnfinished(place);
    return owned;
  }

  async #own(place: Place, found: RunState): Promise<RunStorage> {
    const { compression, keys, open } = this.#options;
    const lock = await acquireLease(place, found.attempt, this.#machine.processes);
    const state = { ...found, attempt: lock.attempt, status: "running" as const };
    const { storage, path } = within(place, RUN_FILE);
    await storage.put(path, Buffer.from(encodeRunState(state)));
    const version = (await storage.read(path))?.version ?? "";
    return new PlaceRun({ place, lock, state, version, compression, keys, machine: this.#machine, open });
  }

  async #state(job: string, run: string): Promise<{ readonly state: RunState } | undefined> {
    const { storage, path, location } = within(this.#place(job, run), RUN_FILE);
    const found = await storage.read(path);
    return found === undefined ? undefined : { state: decodeRunState(Buffer.from(found.bytes).toString(), location) };
  }

  #place(job: string, run: string): Place {
    return within(this.#options.place, pathName(job), run);
  }
}

/** Some servers ignore conditions: nothing would keep two engines apart there. Throws UNSUPPORTED. `version`: of what stands there. */
async function assertConditional({ storage, path }: Place, contents: string, version: string): Promise<void> {
  const other = Buffer.from(`${contents}\n`);
  const refused =
    (await storage.create(path, other)) === undefined &&
    (await storage.replace(path, other, version)) !== undefined &&
    (await storage.replace(path, Buffer.from(contents), version)) === undefined;
  if (refused) return;
  throw new SqlError("UNSUPPORTED", `${storage.name} does not refuse to overwrite: it ignores conditional writes`, {
    hint: "checkpoints need a server with If-None-Match and If-Match, such as Amazon S3, MinIO or versitygw",
  });
}
