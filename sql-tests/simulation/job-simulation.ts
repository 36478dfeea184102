import type { SqlError } from "../../src/base/errors.ts";
import { loadArrow } from "../../src/state/arrow-batches.ts";
import type { CrashModel } from "./disk.ts";
import { checkCheckpoints, checkOutput, type Output } from "./invariants.ts";
import { CHECKPOINTS, OUT, startJob, type JobProcess, type JobSetup } from "./job-process.ts";
import type { Weather } from "./machine.ts";
import { visibleOutput } from "./observer.ts";
import type { Scenario } from "./scenarios.ts";
import { World } from "./world.ts";

/** What happened in the run of a seed. */
export interface Tally {
  kills: number;
  powerFailures: number;
  /** Tasks that failed and were restarted in their process. */
  taskFailures: number;
  /** Times in which calls to the disk failed. */
  storms: number;
  clockJumps: number;
  checkpoints: number;
  /** Checkpoints that a lying disk had damaged and that were passed over. */
  passedOver: number;
}

export interface Simulated {
  /** Digest of everything that happened: the same in every run of the seed. */
  readonly trace: number;
  readonly processes: number;
  readonly tally: Tally;
  readonly output: Output;
}

/** How the world of a seed is made. */
interface Plan {
  readonly crashModel: CrashModel;
  /** The disk says of checkpoints that it has synced them, and has not. */
  readonly lies: boolean;
  /** Of a call on its way, at most. */
  readonly delayMillis: number;
  readonly disturbances: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** Errors that the outside world is answerable for. */
const OUTSIDE = new Set(["IO", "CHECKPOINT_FAILED"]);

function planOf(world: World, scenario: Scenario): Plan {
  return {
    lies: world.chance(0.2),
    crashModel: world.pick(["ordered", "any"]),
    delayMillis: world.pick([0.2, 1, 5]),
    disturbances: Math.floor(world.between(1, 7)),
    settings: {
      ...logSettings(world, scenario),
      // The short one is not enough for a slow disk.
      "execution.checkpointing.timeout": world.pick(["20 ms", "10 s"]),
      "execution.checkpointing.num-retained": world.pick(["1", "2", "3"]),
      "execution.checkpointing.tolerable-failed-checkpoints": world.pick(["0", "2"]),
      "execution.batch-rows": world.pick(["3", "7", "20"]),
      "restart-strategy.type": "fixed-delay",
      "restart-strategy.fixed-delay.attempts": world.pick(["0", "3", "1000"]),
      "restart-strategy.fixed-delay.delay": "10 ms",
    },
  };
}

/** Checkpoints, a log of what changes, or both; a log lies in one place. */
function logSettings(world: World, { inTwoPlaces }: Scenario): Readonly<Record<string, string>> {
  const interval = { "execution.checkpointing.interval": world.pick(["5 ms", "15 ms", "40 ms"]) };
  const log = {
    "state.synchronization": "continuous",
    "state.synchronization.interval": world.pick(["1 ms", "4 ms", "20 ms"]),
  };
  return inTwoPlaces === true ? interval : world.pick([interval, { ...interval, ...log }, log]);
}

/** No disturbances at all. */
const CALM: Plan = {
  crashModel: "ordered",
  lies: false,
  delayMillis: 0.2,
  disturbances: 0,
  settings: { "execution.checkpointing.interval": "10 ms", "execution.batch-rows": "3" },
};

/**
 * One job from its first process to its end, with what the seed has in store for it. Throws an Error that says which
 * promise was broken. `expected`: the output of an undisturbed run; undefined: this is the undisturbed one.
 */
export async function simulate(seed: number, scenario: Scenario, expected: Output | undefined): Promise<Simulated> {
  // A module that has to be read first would be the one thing that takes real time.
  await loadArrow();
  const world = new World(seed);
  const restore = world.install();
  try {
    return await new Run(world, scenario, expected).run();
  } catch (error) {
    if (world.log.length > 0) (error as Error).message += `\n${world.log.join("\n")}`;
    throw error;
  } finally {
    restore();
  }
}

class Run {
  readonly #world: World;
  readonly #scenario: Scenario;
  readonly #plan: Plan;
  readonly #expected: Output | undefined;
  readonly #weather: Weather;
  readonly #tally: Tally = {
    kills: 0,
    powerFailures: 0,
    taskFailures: 0,
    storms: 0,
    clockJumps: 0,
    checkpoints: 0,
    passedOver: 0,
  };
  #job: JobProcess | undefined;
  #taskFails = false;
  /** Disturbances still to come. */
  #left: number;
  /** Names of finished files have changed since they were last looked at. */
  #changed = false;
  #broken: Error | undefined;

  constructor(world: World, scenario: Scenario, expected: Output | undefined) {
    this.#world = world;
    this.#scenario = scenario;
    this.#expected = expected;
    this.#plan = expected === undefined ? CALM : planOf(world, scenario);
    this.#left = this.#plan.disturbances;
    this.#weather = { code: undefined, probability: 0, delayMillis: this.#plan.delayMillis, strike: undefined };
    world.disk.mkdir("/sim");
    world.disk.sync(world.disk.open("/", "r"));
    // Lies about the folders above would make whole runs vanish, which nobody can detect.
    world.disk.lies = (path) => this.#plan.lies && path.startsWith(CHECKPOINTS) && /\/(?:chk-|log\/)/.test(path);
    world.disk.onName = (path) => {
      if (path.startsWith(OUT)) this.#changed = true;
      if (path.endsWith("/_metadata")) this.#tally.checkpoints += 1;
    };
  }

  async run(): Promise<Simulated> {
    const world = this.#world;
    for (;;) {
      const job = startJob(world, "host", this.#setup());
      this.#job = job;
      if (this.#left > 0) this.#disturb();
      await world.runUntil(() => {
        this.#look();
        if (this.#broken !== undefined) throw this.#broken;
        return job.outcome() !== undefined || job.process.state === "dead";
      });
      const outcome = job.outcome();
      if (outcome === "finished") break;
      if (outcome !== undefined) this.#judge(outcome);
      // Somebody starts it again some time later, when the weather is better.
      world.kill(job.process);
      this.#weather.code = undefined;
      this.#weather.strike = undefined;
      world.millis += world.between(1, 100);
      if (!this.#plan.lies) await checkCheckpoints(world.disk);
    }
    const output = visibleOutput(world.disk, OUT);
    if (this.#expected !== undefined) checkOutput(output, this.#expected, "all");
    if (!this.#plan.lies) await checkCheckpoints(world.disk);
    return { trace: world.trace, processes: world.processes.length, tally: this.#tally, output };
  }

  #setup(): JobSetup {
    return {
      script: this.#scenario.script,
      // Timeouts count as disturbances, and these come to an end.
      settings:
        this.#left > 0 ? this.#plan.settings : { ...this.#plan.settings, "execution.checkpointing.timeout": "10 min" },
      weather: this.#weather,
      taskFails: () => {
        const fails = this.#taskFails;
        this.#taskFails = false;
        return fails;
      },
      heard: (text) => this.#heard(text),
    };
  }

  /** Decides what happens next, and when. */
  #disturb(): void {
    const world = this.#world;
    const process = this.#job!.process;
    this.#left -= 1;
    const next = (): void => {
      if (this.#left > 0 && process.state === "alive") this.#disturb();
    };
    switch (world.pick(["kill", "kill", "power", "power", "task", "storm", "clock"])) {
      case "kill":
        return this.#strike(() => {
          world.note("kill");
          this.#tally.kills += 1;
          world.kill(process);
        });
      case "power":
        return this.#strike(() => {
          world.note("power");
          this.#tally.powerFailures += 1;
          world.powerFails(this.#plan.crashModel);
        });
      case "task":
        return this.#later(() => {
          this.#taskFails = true;
          this.#tally.taskFailures += 1;
          next();
        });
      case "storm":
        return this.#later(() => {
          this.#weather.code = world.pick(["EIO", "ENOSPC", "EACCES"]);
          this.#weather.probability = world.pick([0.02, 0.2, 1]);
          this.#tally.storms += 1;
          world.schedule(process, world.between(0, 40), () => {
            this.#weather.code = undefined;
            next();
          });
        });
      case "clock":
        return this.#later(() => {
          world.clockOffsetMillis += world.pick([-86_400_000, -5000, 3000, 86_400_000 * 400]);
          this.#tally.clockJumps += 1;
          next();
        });
    }
  }

  #later(action: () => void): void {
    this.#world.schedule(this.#job!.process, this.#world.between(0, 60), action);
  }

  /** In the middle of some call, or between two events. */
  #strike(action: () => void): void {
    const world = this.#world;
    if (world.chance(0.3)) world.schedule(this.#job!.process, world.between(0, 60), action);
    else this.#weather.strike = { callsLeft: Math.ceil(world.between(0, 160)), before: world.chance(0.5), action };
  }

  /** Notes of the job: where the disk keeps its promises, none speaks of a damaged checkpoint. */
  #heard(text: string): void {
    this.#world.note(text.replace(/[0-9a-f]{6,}/g, ""));
    if (!/is not used:|of the log is (?:damaged|gone)/.test(text)) return;
    this.#tally.passedOver += 1;
    if (!this.#plan.lies)
      this.#broken = new Error(`a checkpoint was damaged by a disk that keeps its promises: ${text}`);
  }

  /** Throws unless the job's failure was the outside world's. */
  #judge(error: SqlError): void {
    if (OUTSIDE.has(error.code) && this.#tally.storms + this.#tally.taskFailures > 0) return;
    if (error.message.includes("was not complete after")) return;
    if (this.#plan.lies && error.code === "CHECKPOINT_INVALID") return;
    throw new Error(`the job failed though nothing outside of it did: ${error.stack ?? error.message}`);
  }

  #look(): void {
    if (!this.#changed || this.#expected === undefined) return;
    this.#changed = false;
    // Without power the disk forgets some names and keeps later ones; until they are committed again files are missing.
    const holes = this.#plan.lies || this.#tally.powerFailures + this.#tally.passedOver > 0;
    checkOutput(visibleOutput(this.#world.disk, OUT), this.#expected, holes ? "subset" : "prefix");
  }
}
