import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { link, open, readFile, rename, rm, stat, writeFile, type FileHandle } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";

const LOCK_FILE = "_lock";
const HEARTBEAT_MILLIS = 5_000;
/** A process on another machine counts as gone when it has given no sign for this long. */
const SILENCE_MILLIS = 60_000;
/** Taking a lock over takes milliseconds; a guard this old was left behind. */
const STALE_GUARD_MILLIS = 10_000;

/** Who holds a lock. Start time and boot tell a process from a later one with the same number. */
interface Owner {
  readonly pid: number;
  /** Start of the process in clock ticks since boot; null where the system does not tell. */
  readonly processStart: string | null;
  readonly bootId: string | null;
  readonly host: string;
  /** Tells this lock from every other. */
  readonly token: string;
  readonly attempt: number;
}

/** The hold of this process on a run's folder. */
export interface RunLock {
  readonly attempt: number;
  /** Throws RUN_LOCKED when another process has taken the run over: fencing before every commit. */
  assertOwned(): Promise<void>;
  /** The owner before was on another machine and silent: it may wake up. */
  readonly ownerMayLive: boolean;
  /** Tells, once, when another process has taken the run over. */
  onLost(listener: (error: SqlError) => void): void;
  /** The same hold under a higher attempt number, which the caller writes down. */
  raise(): number;
  release(): Promise<void>;
}

/**
 * Takes the lock of a run. An owner that is dead (its process is gone, the machine was restarted, or, on another
 * machine, it was silent for a minute) is replaced, and the attempt number rises. Throws RUN_LOCKED otherwise.
 * `lastAttempt`: highest attempt known from elsewhere.
 */
export async function acquireLock(directory: string, lastAttempt: number): Promise<RunLock> {
  const path = join(directory, LOCK_FILE);
  const token = randomBytes(12).toString("hex");
  const temporary = `${path}.${token}`;
  const guard = `${path}.takeover`;
  try {
    for (;;) {
      const present = await readOwner(path);
      if (present !== undefined && (await isAlive(present, path))) throw locked(directory, present);
      const owner = { ...thisProcess(), token, attempt: Math.max(lastAttempt, present?.attempt ?? 0) + 1 };
      await writeFile(temporary, JSON.stringify(owner), { flush: true });
      if (
        await (present === undefined ? linkExclusively(temporary, path) : replaceDead(temporary, path, present, guard))
      ) {
        return await holdLock(path, directory, owner, present !== undefined && present.host !== owner.host);
      }
    }
  } finally {
    await rm(temporary, { force: true });
  }
}

async function linkExclusively(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Puts the new lock in the place of a dead one; a guard file lets only one process do so. False: try again from the start. */
async function replaceDead(temporary: string, path: string, dead: Owner, guard: string): Promise<boolean> {
  try {
    await (await open(guard, "wx")).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    const age = await ageMillis(guard);
    if (age !== undefined && age > STALE_GUARD_MILLIS) await rm(guard, { force: true });
    else await new Promise((resolve) => setTimeout(resolve, 20));
    return false;
  }
  try {
    if ((await readOwner(path))?.token !== dead.token) return false;
    await rename(temporary, path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

async function holdLock(path: string, directory: string, owner: Owner, ownerMayLive: boolean): Promise<RunLock> {
  let { attempt } = owner;
  // The handle stays on this lock's file, also when another process has put its own in this place.
  let handle: FileHandle | undefined = await open(path, "r+");
  const assertOwned = async (): Promise<void> => {
    const present = await readOwner(path);
    if (present?.token === owner.token) return;
    throw new SqlError(
      "RUN_LOCKED",
      `the run ${directory} was taken over by ${present === undefined ? "someone who removed its lock" : describe(present)}`,
      {
        hint: "this process has stopped committing; the other one goes on",
      },
    );
  };
  let lost: SqlError | undefined;
  const listeners: ((error: SqlError) => void)[] = [];
  const look = async (): Promise<void> => {
    try {
      await assertOwned();
    } catch (error) {
      // A disk that does not answer says nothing about owners.
      if (!(error instanceof SqlError && error.code === "RUN_LOCKED") || handle === undefined || lost !== undefined)
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
      await open.close();
      if ((await readOwner(path))?.token === owner.token) await rm(path, { force: true });
    },
  };
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Owner;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new SqlError("CHECKPOINT_INVALID", `the lock ${path} cannot be read`, {
      cause: error,
      hint: "remove it if no process works in this run",
    });
  }
}

async function isAlive(owner: Owner, path: string): Promise<boolean> {
  const here = thisProcess();
  if (owner.host !== here.host) {
    const age = await ageMillis(path);
    return age !== undefined && age < SILENCE_MILLIS;
  }
  if (owner.bootId !== here.bootId) return false;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: it is there, but belongs to someone else.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  return owner.processStart === null || owner.processStart === processStart(owner.pid);
}

async function ageMillis(path: string): Promise<number | undefined> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

function thisProcess(): Omit<Owner, "token" | "attempt"> {
  return {
    pid: process.pid,
    processStart: processStart(process.pid),
    bootId: systemFile("/proc/sys/kernel/random/boot_id"),
    host: hostname(),
  };
}

/** Field 22 of /proc/PID/stat; a zombie counts as gone. */
function processStart(pid: number): string | null {
  const text = systemFile(`/proc/${pid}/stat`);
  if (text === null) return null;
  // The second field is the command in parentheses and may hold anything.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" || fields[0] === "X" ? null : (fields[19] ?? null);
}

function systemFile(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}

function locked(directory: string, owner: Owner): SqlError {
  return new SqlError("RUN_LOCKED", `the run ${directory} belongs to ${describe(owner)}, which is alive`, {
    hint: "stop that process first, or start without '--from' for a run of its own",
  });
}

function describe(owner: Owner): string {
  return `process ${owner.pid}${owner.host === hostname() ? "" : ` on ${owner.host}`} (attempt ${owner.attempt})`;
}
