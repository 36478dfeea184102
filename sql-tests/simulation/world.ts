import { AsyncLocalStorage } from "node:async_hooks";
import { seededRandom } from "../../src/testing/golden-run.ts";
import { SimulatedDisk } from "./disk.ts";

/** Something that will happen. */
interface Event {
  readonly atMillis: number;
  readonly number: number;
  readonly process: SimulatedProcess | undefined;
  action(): void;
}

/** A process of the simulated machine: its timers and calls are its own, and end with it. */
export class SimulatedProcess {
  readonly pid: number;
  readonly host: string;
  readonly bootId: string;
  state: "alive" | "frozen" | "dead" = "alive";
  /** What would have happened to it while it was frozen. */
  readonly held: Event[] = [];
  /** Calls on their way to the disk. */
  readonly calls = new Set<() => void>();

  constructor(pid: number, host: string, bootId: string) {
    this.pid = pid;
    this.host = host;
    this.bootId = bootId;
  }
}

const current = new AsyncLocalStorage<SimulatedProcess>();
const realSetImmediate = globalThis.setImmediate;

/** More than any run needs: a job that goes on for so long is stuck in a loop. */
const MAX_EVENTS = 200_000;

/**
 * One machine in one thread: virtual time, a disk, processes. Nothing happens at the same time: events run one after
 * another in an order that follows from the seed alone. While a world is installed, the timers, the clock and
 * Math.random of code that runs inside `SimulatedProcess`es are the world's.
 */
export class World {
  readonly random: () => number;
  readonly disk: SimulatedDisk;
  readonly processes: SimulatedProcess[] = [];
  /** Time that only goes forward. */
  millis = 0;
  /** What the wall clock shows is `millis` and this. */
  clockOffsetMillis = Date.UTC(2024, 0, 1);
  /** A digest of all that happened: the same in every run of a seed. */
  trace = 0;
  events = 0;
  /** With the environment variable SIMULATION_TRACE: all that happened. */
  readonly log: string[] = [];
  readonly #logs = process.env["SIMULATION_TRACE"] !== undefined;
  #queue: Event[] = [];
  #eventNumber = 0;
  #boots = 1;

  constructor(seed: number) {
    this.random = seededRandom(seed);
    this.disk = new SimulatedDisk(() => this.nowMillis());
  }

  nowMillis(): number {
    return this.millis + this.clockOffsetMillis;
  }

  /** A number in [from, to). */
  between(from: number, to: number): number {
    return from + this.random() * (to - from);
  }

  chance(probability: number): boolean {
    return this.random() < probability;
  }

  pick<T>(values: readonly T[]): T {
    return values[Math.floor(this.random() * values.length)]!;
  }

  /** Puts an event into the digest, and into the log where there is one. */
  note(text: string): void {
    if (this.#logs) this.log.push(`${this.millis.toFixed(3)} ${text}`);
    for (let i = 0; i < text.length; i++) this.trace = (Math.imul(this.trace, 31) + text.charCodeAt(i)) | 0;
    this.trace = (Math.imul(this.trace, 31) + Math.round(this.millis * 1000)) | 0;
  }

  /** Starts a process on a host of the machine. */
  start(host: string, main: () => Promise<void>): SimulatedProcess {
    const process = new SimulatedProcess(100 + this.processes.length, host, `boot-${this.#boots}`);
    this.processes.push(process);
    this.schedule(process, 0, () => void current.run(process, main));
    return process;
  }

  /** kill -9: its calls on the way have reached the disk or not. */
  kill(process: SimulatedProcess): void {
    if (process.state === "dead") return;
    process.state = "dead";
    for (const call of process.calls) if (this.chance(0.5)) call();
    process.calls.clear();
  }

  powerFails(model: "ordered" | "any"): void {
    for (const process of this.processes) this.kill(process);
    this.disk.crash(this.random, model);
    this.#boots += 1;
  }

  /** SIGSTOP: time passes it by. */
  freeze(process: SimulatedProcess): void {
    if (process.state === "alive") process.state = "frozen";
  }

  /** SIGCONT. */
  thaw(process: SimulatedProcess): void {
    if (process.state !== "frozen") return;
    process.state = "alive";
    for (const event of process.held.splice(0)) this.schedule(process, 0, event.action);
  }

  isRunning(pid: number, bootId: string | null): boolean {
    return bootId === `boot-${this.#boots}` && this.processes.some((p) => p.pid === pid && p.state !== "dead");
  }

  /** Lets something happen after a delay; the answer cancels it. `process`: to whom. */
  schedule(process: SimulatedProcess | undefined, delayMillis: number, action: () => void): () => void {
    const event: Event = {
      atMillis: this.millis + Math.max(0, delayMillis),
      number: this.#eventNumber++,
      process,
      action: process === undefined ? action : () => current.run(process, action),
    };
    const at = this.#queue.findIndex((other) => other.atMillis > event.atMillis);
    if (at < 0) this.#queue.push(event);
    else this.#queue.splice(at, 0, event);
    return () => {
      this.#queue = this.#queue.filter((each) => each !== event);
    };
  }

  /** Runs events until the condition holds. Throws when nothing more can happen, or it takes for ever. */
  async runUntil(condition: () => boolean): Promise<void> {
    for (;;) {
      // All that follows from the last event has then happened: promises are the only real asynchrony in here.
      await new Promise((resolve) => realSetImmediate(resolve));
      if (condition()) return;
      if (++this.events > MAX_EVENTS) throw new Error(`the job does not come to an end: ${MAX_EVENTS} events`);
      const event = this.#queue.shift();
      if (event === undefined) throw new Error("the job waits for something that never comes");
      if (event.process?.state === "dead") continue;
      if (event.process?.state === "frozen") {
        event.process.held.push(event);
        continue;
      }
      this.millis = event.atMillis;
      event.action();
    }
  }

  /** Puts the world's time in the place of the system's, for code inside simulated processes. */
  install(): () => void {
    const real = {
      setTimeout: globalThis.setTimeout,
      clearTimeout: globalThis.clearTimeout,
      setInterval: globalThis.setInterval,
      clearInterval: globalThis.clearInterval,
      setImmediate: globalThis.setImmediate,
      now: Date.now,
      performanceNow: performance.now,
      random: Math.random,
    };
    const inside = (): SimulatedProcess | undefined => current.getStore();
    const timers = globalThis as unknown as Record<string, unknown>;
    timers["setTimeout"] = (action: (...a: unknown[]) => void, delayMillis = 0, ...args: unknown[]) =>
      inside() === undefined
        ? real.setTimeout(action, delayMillis, ...args)
        : new VirtualTimer(this, inside()!, () => action(...args), delayMillis, false);
    timers["setInterval"] = (action: (...a: unknown[]) => void, delayMillis = 0, ...args: unknown[]) =>
      inside() === undefined
        ? real.setInterval(action, delayMillis, ...args)
        : new VirtualTimer(this, inside()!, () => action(...args), delayMillis, true);
    timers["setImmediate"] = (action: (...a: unknown[]) => void, ...args: unknown[]) =>
      inside() === undefined
        ? real.setImmediate(action, ...args)
        : new VirtualTimer(this, inside()!, () => action(...args), 0, false);
    for (const name of ["clearTimeout", "clearInterval"] as const)
      timers[name] = (timer: unknown) => {
        if (timer instanceof VirtualTimer) timer.cancel();
        else real[name](timer as NodeJS.Timeout);
      };
    Date.now = () => (inside() === undefined ? real.now() : Math.floor(this.nowMillis()));
    performance.now = () => (inside() === undefined ? real.performanceNow.call(performance) : this.millis);
    Math.random = () => (inside() === undefined ? real.random() : this.random());
    return () => {
      Object.assign(globalThis, {
        setTimeout: real.setTimeout,
        clearTimeout: real.clearTimeout,
        setInterval: real.setInterval,
        clearInterval: real.clearInterval,
        setImmediate: real.setImmediate,
      });
      Date.now = real.now;
      performance.now = real.performanceNow;
      Math.random = real.random;
    };
  }
}

/** The process that the calling code runs in. */
export function thisProcess(): SimulatedProcess {
  const process = current.getStore();
  if (process === undefined) throw new Error("outside of every simulated process");
  return process;
}

/** What setTimeout answers. */
class VirtualTimer {
  #cancel: () => void;

  constructor(world: World, process: SimulatedProcess, action: () => void, delayMillis: number, again: boolean) {
    const arm = (): (() => void) =>
      world.schedule(process, again ? Math.max(1, delayMillis) : delayMillis, () => {
        if (again) this.#cancel = arm();
        action();
      });
    this.#cancel = arm();
  }

  cancel(): void {
    this.#cancel();
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}
