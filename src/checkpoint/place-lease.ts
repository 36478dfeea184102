import { randomBytes } from "node:crypto";
import type { SqlError } from "../base/errors.ts";
import { within, type Place } from "../storage/place.ts";
import type { Processes } from "../storage/processes.ts";
import { describeOwner, lockedBy, LOCK_FILE, parseOwner, takenOver, type Owner, type RunLock } from "./lock.ts";

/** Each is a request that may cost money. */
const HEARTBEAT_MILLIS = 15_000;
/** An owner that this machine cannot look at counts as gone when it has given no sign for this long. */
const SILENCE_MILLIS = 60_000;

/** What the lock object says. */
interface Lease extends Owner {
  /** Rises with each sign of life. */
  readonly beat: number;
  /** The owner has given the run up. */
  readonly released: boolean;
}

/**
 * Takes the lock of a run in a storage: an object that is only ever replaced if nobody else has replaced it. An owner on
 * this machine is dead when its process is gone; any other when the storage has not heard of it for a minute, by the
 * storage's own clock. Throws RUN_LOCKED while it lives. `lastAttempt`: highest attempt known from elsewhere.
 */
export async function acquireLease(run: Place, lastAttempt: number, processes: Processes): Promise<RunLock> {
  const { storage, path, location } = within(run, LOCK_FILE);
  const token = randomBytes(12).toString("hex");
  for (;;) {
    const found = await storage.read(path);
    const present = found === undefined ? undefined : leaseOf(found.bytes, location);
    if (present !== undefined && isAlive(present, found?.ageMillis, processes))
      throw lockedBy(run.location, present, processes);
    const attempt = Math.max(lastAttempt, present?.attempt ?? 0) + 1;
    const lease: Lease = { ...processes.self(), token, attempt, beat: 0, released: false };
    const version = await (found === undefined
      ? storage.create(path, encoded(lease))
      : storage.replace(path, encoded(lease), found.version));
    // Somebody else was faster.
    if (version === undefined) continue;
    const ownerMayLive = present !== undefined && !present.released && !isHere(present, processes);
    return new HeldLease(run, lease, version, ownerMayLive, processes);
  }
}

function isHere(owner: Owner, processes: Processes): boolean {
  const { host, bootId } = processes.self();
  // Machines of a cloud may have the same name.
  return owner.host === host && owner.bootId === bootId;
}

function isAlive(owner: Lease, ageMillis: number | undefined, processes: Processes): boolean {
  if (owner.released) return false;
  if (isHere(owner, processes)) return processes.isRunning(owner);
  return (ageMillis ?? 0) < SILENCE_MILLIS;
}

function leaseOf(bytes: Uint8Array, location: string): Lease {
  return parseOwner(Buffer.from(bytes).toString(), location) as Lease;
}

function encoded(lease: Lease): Uint8Array {
  return Buffer.from(JSON.stringify(lease));
}

class HeldLease implements RunLock {
  readonly ownerMayLive: boolean;
  attempt: number;
  readonly #run: Place;
  readonly #processes: Processes;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #listeners: ((error: SqlError) => void)[] = [];
  #lease: Lease;
  #version: string;
  #lost: SqlError | undefined;
  /** Replacements go one after another. */
  #beating: Promise<void> = Promise.resolve();

  constructor(run: Place, lease: Lease, version: string, ownerMayLive: boolean, processes: Processes) {
    this.#run = run;
    this.#lease = lease;
    this.#version = version;
    this.attempt = lease.attempt;
    this.ownerMayLive = ownerMayLive;
    this.#processes = processes;
    this.#heartbeat = setInterval(() => {
      this.#beating = this.#beating.then(async () => this.#beat(false)).catch(() => undefined);
    }, HEARTBEAT_MILLIS);
    this.#heartbeat.unref();
  }

  async assertOwned(): Promise<void> {
    await this.#ownVersion();
  }

  /** The lock's version, if it is this process's. */
  async #ownVersion(): Promise<string> {
    if (this.#lost !== undefined) throw this.#lost;
    const { storage, path, location } = within(this.#run, LOCK_FILE);
    const found = await storage.read(path);
    const present = found === undefined ? undefined : leaseOf(found.bytes, location);
    if (found !== undefined && present?.token === this.#lease.token) return found.version;
    const by = present === undefined ? undefined : describeOwner(present, this.#processes);
    throw this.#lose(takenOver(this.#run.location, by));
  }

  onLost(listener: (error: SqlError) => void): void {
    if (this.#lost === undefined) this.#listeners.push(listener);
    else listener(this.#lost);
  }

  raise(): number {
    this.attempt += 1;
    return this.attempt;
  }

  async release(): Promise<void> {
    clearInterval(this.#heartbeat);
    this.#listeners.length = 0;
    await this.#beating;
    try {
      // It is not removed: between a look at it and that it could have become another's.
      if (this.#lost === undefined) await this.#beat(true);
    } catch {
      // It stays, and is taken over by the next process when this one is gone.
    }
  }

  /** A storage that does not answer says nothing about owners. */
  async #beat(released: boolean): Promise<void> {
    const { storage, path } = within(this.#run, LOCK_FILE);
    const next: Lease = { ...this.#lease, attempt: this.attempt, beat: this.#lease.beat + 1, released };
    let version = await storage.replace(path, encoded(next), this.#version);
    // The answer to the one before may have been lost.
    version ??= await storage.replace(path, encoded(next), await this.#ownVersion());
    if (version === undefined) return await this.assertOwned();
    this.#version = version;
    this.#lease = next;
  }

  #lose(error: SqlError): SqlError {
    if (this.#lost !== undefined) return this.#lost;
    this.#lost = error;
    clearInterval(this.#heartbeat);
    for (const listener of this.#listeners.splice(0)) listener(error);
    return error;
  }
}
