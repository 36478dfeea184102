import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import type { FileSystem, OpenFile } from "../storage/file-system.ts";
import { thisMachine } from "../storage/machine.ts";
import type { Machine } from "../storage/machine.ts";
import type { ProcessIdentity, Processes } from "../storage/processes.ts";
import { writeSynced } from "../storage/durable-file.ts";

export const LOCK_FILE = "_lock";
const HEARTBEAT_MILLIS = 5_000;
/** A process on another machine counts as gone when it has given no sign for this long. */
const SILENCE_MILLIS = 60_000;
/** Taking a lock over takes milliseconds; a guard this old was left behind. */
const STALE_GUARD_MILLIS = 10_000;
/** Between two looks at a guard. */
const GUARD_WAIT_MILLIS = 20;

/** Who holds a lock. */
export interface Owner extends ProcessIdentity {
  /** Tells this lock from every other. */
  readonly token: string;
  readonly attempt: number;
}

/** The hold of this process on a run's folder. */
export interface RunLock {
  readonly attempt: number;
  /** Throws RUN_TAKEN_OVER when another process has taken the run over: fencing before every commit. */
  assertOwned(): Promise<void>;
  /** The owner before was on another machine and silent: it may wake up. */
  readonly ownerMayLive: boolean;
  /** Tells, once, when another process has taken the run over. */
  onLost(listener: (error: SqlError) => void): void;
  /** The same hold under a higher attempt number, which the caller writes down. */
  raise(): number;
  /** Never fails. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a run. An owner that is dead (its process is gone, the machine was restarted, or, on another
 * machine, it was silent for a minute) is replaced, and the attempt number rises. Throws RUN_LOCKED otherwise.
 * `lastAttempt`: highest attempt known from elsewhere.
 */
export async function acquireLock(
  directory: string,
  lastAttempt: number,
  { files, processes }: Machine = thisMachine,
): Promise<RunLock> {
  const path = join(directory, LOCK_FILE);
  const token = randomBytes(12).toString("hex");
  const temporary = `${path}.${token}`;
  const guard = `${path}.takeover`;
  try {
    // Waited for the guard of someone else. Its age alone would not do: the clock may have been set back since.
    for (let waitedMillis = 0; ; waitedMillis += GUARD_WAIT_MILLIS) {
      const present = await readOwner(path, files);
      if (present !== undefined && (await isAlive(present, path, files, processes)))
        throw lockedBy(directory, present, processes);
      const owner = { ...processes.self(), token, attempt: Math.max(lastAttempt, present?.attempt ?? 0) + 1 };
      await writeSynced(temporary, JSON.stringify(owner), files);
      if (
        await (present === undefined
          ? linkExclusively(temporary, path, files)
          : replaceDead(temporary, path, present, { path: guard, waitedMillis }, files))
      ) {
        const ownerMayLive = present !== undefined && present.host !== owner.host;
        return await holdLock(path, directory, owner, ownerMayLive, files, processes);
      }
    }
  } finally {
    await files.rm(temporary);
  }
}

async function linkExclusively(temporary: string, path: string, files: FileSystem): Promise<boolean> {
  try {
    await files.link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Puts the new lock in the place of a dead one; a guard file lets only one process do so. False: try again from the start. */
async function replaceDead(
  temporary: string,
  path: string,
  dead: Owner,
  guard: { readonly path: string; readonly waitedMillis: number },
  files: FileSystem,
): Promise<boolean> {
  try {
    await (await files.open(guard.path, "wx")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const age = Math.max(guard.waitedMillis, (await ageMillis(guard.path, files)) ?? 0);
    if (age > STALE_GUARD_MILLIS) await files.rm(guard.path);
    else await new Promise((resolve) => setTimeout(resolve, GUARD_WAIT_MILLIS));
    return false;
  }
  try {
    if ((await readOwner(path, files))?.token !== dead.token) return false;
    await files.rename(temporary, path);
    return true;
  } finally {
    await files.rm(guard.path);
  }
}

async function holdLock(
  path: string,
  directory: string,
  owner: Owner,
  ownerMayLive: boolean,
  files: FileSystem,
  processes: Processes,
): Promise<RunLock> {
  let { attempt } = owner;
  // The handle stays on this lock's file, also when another process has put its own in this place.
  let handle: OpenFile | undefined = await files.open(path, "r+");
  const assertOwned = async (): Promise<void> => {
    const present = await readOwner(path, files);
    if (present?.token === owner.token) return;
    throw takenOver(directory, present === undefined ? undefined : describeOwner(present, processes));
  };
  let lost: SqlError | undefined;
  const listeners: ((error: SqlError) => void)[] = [];
  const look = async (): Promise<void> => {
    try {
      await assertOwned();
    } catch (error) {
      // A disk that does not answer says nothing about owners.
      if (!(error instanceof SqlError && error.code === "RUN_TAKEN_OVER") || handle === undefined || lost !== undefined)
        return;
      lost = error;
      for (const listener of listeners.splice(0)) listener(error);
    }
  };
  const heartbeat = setInterval(() => {
    const now = new Date();
    handle?.utimes(now, now).catch(() => undefined);
    void look();
  }, HEARTBEAT_MILLIS);
  heartbeat.unref();
  return {
    ownerMayLive,
    onLost: (listener) => {
      if (lost === undefined) listeners.push(listener);
      else listener(lost);
    },
    get attempt() {
      return attempt;
    },
    assertOwned,
    raise: () => {
      attempt += 1;
      return attempt;
    },
    release: async () => {
      clearInterval(heartbeat);
      const open = handle;
      handle = undefined;
      if (open === undefined) return;
      try {
        await open.close();
        if ((await readOwner(path, files))?.token === owner.token) await files.rm(path);
      } catch {
        // It stays, and is taken over by the next process when this one is gone.
      }
    },
  };
}

async function readOwner(path: string, files: FileSystem): Promise<Owner | undefined> {
  let text: string;
  try {
    text = Buffer.from(await files.readFile(path)).toString();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return parseOwner(text, path);
}

/** The owner that a lock names. Throws CHECKPOINT_INVALID. */
export function parseOwner(text: string, path: string): Owner {
  try {
    return JSON.parse(text) as Owner;
  } catch (cause) {
    throw new SqlError("CHECKPOINT_INVALID", `the lock ${path} cannot be read`, {
      cause,
      hint: "remove it if no process works in this run",
    });
  }
}

async function isAlive(owner: Owner, path: string, files: FileSystem, processes: Processes): Promise<boolean> {
  if (owner.host !== processes.self().host) {
    const age = await ageMillis(path, files);
    return age !== undefined && age < SILENCE_MILLIS;
  }
  return processes.isRunning(owner);
}

async function ageMillis(path: string, files: FileSystem): Promise<number | undefined> {
  try {
    return Date.now() - (await files.stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

/** Somebody else has taken the run over: `by`, or undefined, who removed its lock. */
export function takenOver(location: string, by: string | undefined): SqlError {
  const other = by ?? "someone who removed its lock";
  return new SqlError("RUN_TAKEN_OVER", `the run ${location} was taken over by ${other}`, {
    hint: "this process has stopped committing; the other one goes on",
  });
}

/** The run has an owner that lives. */
export function lockedBy(location: string, owner: Owner, processes: Processes): SqlError {
  return new SqlError(
    "RUN_LOCKED",
    `the run ${location} belongs to ${describeOwner(owner, processes)}, which is alive`,
    {
      hint: "stop that process first, or start without '--from' for a run of its own",
    },
  );
}

/** An owner in words. */
export function describeOwner(owner: Owner, processes: Processes): string {
  const { host, pid, attempt } = owner;
  return `process ${pid}${host === processes.self().host ? "" : ` on ${host}`} (attempt ${attempt})`;
}
