import { SqlError } from "../../src/base/errors.ts";
import type { Json } from "../../src/base/json.ts";
import { CheckpointCoordinator, commitRestored } from "../../src/checkpoint/coordinator.ts";
import { FilesystemStorage } from "../../src/checkpoint/filesystem-storage.ts";
import type { CheckpointMetadata, StateFile } from "../../src/checkpoint/metadata.ts";
import type { CompletionListener, Participant, PendingState } from "../../src/checkpoint/participant.ts";
import type { RunStorage } from "../../src/checkpoint/storage.ts";
import { systemTimer } from "../../src/checkpoint/timer.ts";
import { checkCheckpoints } from "./invariants.ts";
import { CHECKPOINTS } from "./job-process.ts";
import { machineOf, type Weather } from "./machine.ts";
import { thisProcess, World } from "./world.ts";

/** What happened in the run of a seed. */
export interface CoordinatorTally {
  processes: number;
  attempts: number;
  completed: number;
  failed: number;
  late: number;
  declined: number;
}

/** Checkpoints that a seed is to see. */
const WANTED = 8;

/**
 * The coordinator and its storage alone, under participants that answer late, twice, never or not at all, a disk that
 * fails and is slow, commits that fail, and processes that die. Throws an Error that says which promise was broken.
 */
export async function simulateCoordinator(seed: number): Promise<CoordinatorTally & { readonly trace: number }> {
  const world = new World(seed);
  const restore = world.install();
  try {
    const run = new Run(world);
    await run.run();
    return { ...run.tally, trace: world.trace };
  } catch (error) {
    if (world.log.length > 0) (error as Error).message += `\n${world.log.join("\n")}`;
    throw error;
  } finally {
    restore();
  }
}

/** One subtask: what it prepares are numbers, one after another. */
interface Subtask {
  readonly operatorId: string;
  readonly subtask: number;
  /** The next number that it prepares. */
  next: number;
  /** The checkpoint whose file increments build on. */
  base: { readonly id: number; readonly file: StateFile } | undefined;
  /** Answers leave in order, as on one channel. */
  busyUntilMillis: number;
}

class Run {
  readonly tally: CoordinatorTally = { processes: 0, attempts: 0, completed: 0, failed: 0, late: 0, declined: 0 };
  readonly #world: World;
  readonly #weather: Weather;
  /** Numbers that became visible, by subtask. */
  readonly #committed = new Map<string, Set<number>>();
  readonly #operators: readonly { readonly id: string; readonly parallelism: number }[];
  #calm = false;
  /** Of this process; and the highest completed one of all. */
  #lastId = 0;
  #highestCompleted = 0;
  #broken: Error | undefined;
  #finished = false;

  constructor(world: World) {
    this.#world = world;
    this.#weather = {
      code: undefined,
      probability: world.pick([0, 0.01, 0.05]),
      delayMillis: world.pick([0.5, 3]),
      strike: undefined,
    };
    this.#operators = ["source", "sink-a", "sink-b"].map((id) => ({ id, parallelism: world.pick([1, 2]) }));
  }

  async run(): Promise<void> {
    const world = this.#world;
    world.disk.mkdir("/sim");
    world.disk.sync(world.disk.open("/", "r"));
    while (!this.#finished) {
      this.tally.processes += 1;
      // The disturbances come to an end.
      this.#calm = this.tally.processes > 4;
      this.#weather.code = this.#calm ? undefined : world.pick(["EIO", "ENOSPC"]);
      let ended = false;
      this.#lastId = 0;
      const process = world.start("host", async () => {
        try {
          await this.#main();
        } catch (error) {
          if (this.#calm && this.#broken === undefined) this.#broken = error as Error;
        }
        ended = true;
      });
      if (!this.#calm)
        world.schedule(process, world.between(0, 400), () =>
          world.chance(0.5) ? world.kill(process) : world.powerFails(world.pick(["ordered", "any"])),
        );
      await world.runUntil(() => {
        if (this.#broken !== undefined) throw this.#broken;
        return ended || process.state === "dead";
      });
      world.kill(process);
      await checkCheckpoints(world.disk);
    }
    // Nothing that was prepared is missing: what is visible has no holes.
    for (const [key, numbers] of this.#committed)
      for (let n = 0; n < numbers.size; n++)
        if (!numbers.has(n)) throw new Error(`${key}: ${n} was prepared and never committed`);
  }

  async #main(): Promise<void> {
    const storage = new FilesystemStorage({
      directory: CHECKPOINTS,
      compression: "none",
      nowMillis: () => this.#world.nowMillis(),
      machine: machineOf(this.#world, thisProcess(), this.#weather),
    });
    const found = await storage.newestRun("job");
    const run = found === undefined ? await storage.createRun("job") : await storage.openRun("job", found.run);
    for (;;) {
      this.tally.attempts += 1;
      const reader = await run.newest((reason) => {
        this.#broken = new Error(reason);
      });
      const attempt = new Attempt(this.#world, this.#operators, reader?.metadata, this.tally, () => this.#calm);
      const listeners = this.#listeners();
      if (reader !== undefined) await commitRestored(reader.metadata, listeners);
      if (await this.#attempt(run, attempt, listeners)) break;
      await run.nextAttempt();
    }
    await run.setStatus("finished");
    await run.release();
    this.#finished = true;
  }

  /** True: the job has come to its end; false: it has to be restarted. */
  async #attempt(run: RunStorage, attempt: Attempt, listeners: readonly CompletionListener[]): Promise<boolean> {
    const world = this.#world;
    let fail: (error: SqlError) => void = () => undefined;
    const fatal = new Promise<never>((_, reject) => (fail = reject));
    fatal.catch(() => undefined);
    const coordinator = new CheckpointCoordinator({
      run,
      options: {
        intervalMillis: world.pick([10, 30]),
        minPauseMillis: world.pick([0, 20]),
        timeoutMillis: this.#calm ? 600_000 : world.pick([15, 60]),
        tolerableFailures: world.pick([0, 1, 5]),
        retained: world.pick([1, 2]),
      },
      timer: systemTimer,
      participants: attempt.participants(
        () => coordinator,
        (id) => this.#triggered(id),
      ),
      listeners,
      maxParallelism: 128,
      properties: {},
      firstId: (await run.highestId()) + 1,
      onFatal: fail,
      onWarning: () => (this.tally.failed += 1),
    });
    coordinator.start();
    try {
      for (let i = 0; i < WANTED; i++) {
        await Promise.race([fatal, new Promise((resolve) => setTimeout(resolve, world.between(0, 40)))]);
        // By hand too, beside the periodic ones.
        if (world.chance(0.3)) coordinator.trigger("checkpoint").catch(() => undefined);
      }
      const last = await Promise.race([coordinator.trigger("final"), fatal]);
      await coordinator.stop();
      this.#broken ??= attempt.held();
      await this.#checkNewest(run, last.id);
      return true;
    } catch (error) {
      if (!(error instanceof SqlError) || error.code === "BUG") throw error;
      this.tally.failed += 1;
      await coordinator.stop();
      this.#broken ??= attempt.held();
      return false;
    }
  }

  /** The last checkpoint is there, with all that it needs. */
  async #checkNewest(run: RunStorage, id: number): Promise<void> {
    const problems: string[] = [];
    const newest = await run.newest((reason) => problems.push(reason));
    if (newest?.metadata.id !== id)
      this.#broken = new Error(`checkpoint ${id} was complete, not ${newest?.metadata.id}: ${problems.join()}`);
  }

  #triggered(id: number): void {
    this.#world.note(`trigger ${id}`);
    const before = Math.max(this.#lastId, this.#highestCompleted + 1);
    if (id < before) this.#broken = new Error(`checkpoint ${id} came after ${before}`);
    this.#lastId = id;
  }

  #listeners(): CompletionListener[] {
    const own = new Map<string, number>();
    return this.#operators.map(({ id: operatorId }) => ({
      operatorId,
      checkpointComplete: async (checkpointId, snapshots) => {
        await new Promise((resolve) => setTimeout(resolve, this.#world.between(0, 5)));
        if (!this.#calm && this.#world.chance(0.02)) throw new SqlError("IO", "the commit failed", { retryable: true });
        this.tally.completed += 1;
        this.#highestCompleted = Math.max(this.#highestCompleted, checkpointId);
        for (const { subtask, committables } of snapshots)
          for (const number of committables as readonly number[])
            this.#commit(`${operatorId}#${subtask}`, number, checkpointId, own);
      },
    }));
  }

  /** `own`: what this attempt has committed, by subtask: numbers rise, and none comes in two checkpoints. */
  #commit(key: string, number: number, checkpointId: number, own: Map<string, number>): void {
    const last = own.get(key);
    if (last !== undefined && number <= last)
      this.#broken = new Error(`${key}: ${number} was committed again, with checkpoint ${checkpointId}`);
    own.set(key, number);
    const numbers = this.#committed.get(key) ?? new Set();
    this.#committed.set(key, numbers.add(number));
  }
}

/** The participants of one attempt, as they were at the restored checkpoint. */
class Attempt {
  readonly #world: World;
  readonly #subtasks: readonly Subtask[];
  readonly #tally: CoordinatorTally;
  readonly #calm: () => boolean;
  /** States handed to the coordinator, and what became of them. */
  readonly #states: { readonly id: number; given: boolean; ended: boolean }[] = [];

  constructor(
    world: World,
    operators: readonly { readonly id: string; readonly parallelism: number }[],
    restored: CheckpointMetadata | undefined,
    tally: CoordinatorTally,
    calm: () => boolean,
  ) {
    this.#world = world;
    this.#tally = tally;
    this.#calm = calm;
    this.#subtasks = operators.flatMap(({ id, parallelism }) =>
      Array.from({ length: parallelism }, (_, subtask): Subtask => {
        const known = restored?.snapshots.find((s) => s.operatorId === id && s.subtask === subtask);
        return { operatorId: id, subtask, next: Number(known?.sinkState ?? 0), base: undefined, busyUntilMillis: 0 };
      }),
    );
  }

  participants(coordinator: () => CheckpointCoordinator, triggered: (id: number) => void): readonly Participant[] {
    return this.#subtasks.map((own) => ({
      operatorId: own.operatorId,
      subtask: own.subtask,
      trigger: ({ checkpointId }) => {
        triggered(checkpointId);
        this.#answer(own, checkpointId, coordinator);
      },
    }));
  }

  /** At the barrier it prepares; the answer comes when it comes. */
  #answer(own: Subtask, checkpointId: number, coordinator: () => CheckpointCoordinator): void {
    const world = this.#world;
    const fate = this.#calm()
      ? "answers"
      : world.pick(["answers", "answers", "answers", "answers", "slow", "twice", "never", "declines"]);
    if (fate === "never") return;
    if (fate === "declines") {
      this.#tally.declined += 1;
      setTimeout(
        () => coordinator().decline(checkpointId, new SqlError("CHECKPOINT_FAILED", "not now", { retryable: true })),
        world.between(0, 10),
      );
      return;
    }
    const committables: Json[] = [];
    if (own.operatorId !== "source") for (let n = world.pick([0, 1, 3]); n > 0; n--) committables.push(own.next++);
    const answer = {
      checkpointId,
      operatorId: own.operatorId,
      subtask: own.subtask,
      committables,
      sinkState: own.next,
      // Once there is state there always is: increments build on what the newest completed checkpoint holds.
      state: own.base !== undefined || world.chance(0.5) ? this.#state(own, checkpointId) : undefined,
    };
    if (fate === "slow") this.#tally.late += 1;
    own.busyUntilMillis = Math.max(own.busyUntilMillis, world.millis) + world.between(0, fate === "slow" ? 100 : 8);
    setTimeout(() => {
      answer.state?.given();
      coordinator().acknowledge(answer);
      if (fate === "twice") coordinator().acknowledge(answer);
    }, own.busyUntilMillis - world.millis);
  }

  /** Sometimes all of it, sometimes an increment on what the last completed checkpoint has. */
  #state(own: Subtask, id: number): PendingState & { given(): void } {
    const entry = { id, given: false, ended: false };
    this.#states.push(entry);
    const { base } = own;
    let written: StateFile | undefined;
    return {
      given: () => (entry.given = true),
      write: async (target) => {
        written = await target.writeFile(`${own.operatorId}#${own.subtask}`, pieces(`${id} of ${own.operatorId}`));
        if (base === undefined || this.#world.chance(0.4)) return [written];
        return [{ ...base.file, path: `../chk-${base.id}/${base.file.path}` }, written];
      },
      completed: () => {
        entry.ended = true;
        if (written !== undefined) own.base = { id, file: written };
      },
      release: () => {
        entry.ended = true;
      },
    };
  }

  /** Every state was given up or is part of a checkpoint: memory that a freeze holds is let go. */
  held(): Error | undefined {
    const held = this.#states.filter(({ given, ended }) => given && !ended);
    return held.length === 0
      ? undefined
      : new Error(`states of checkpoints ${held.map(({ id }) => id).join()} were never let go`);
  }
}

async function* pieces(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
