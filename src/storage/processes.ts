import { readFileSync } from "node:fs";
import { hostname } from "node:os";

/** Tells a process from every other, also from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Start of the process in clock ticks since boot; null where the system does not tell. */
  readonly processStart: string | null;
  readonly bootId: string | null;
  readonly host: string;
}

/** Who lives on this machine. */
export interface Processes {
  self(): ProcessIdentity;
  /** Whether a process of this host is alive; one of an earlier boot or with another start is not. */
  isRunning(process: ProcessIdentity): boolean;
}

/** The processes of the operating system. */
export const nodeProcesses: Processes = {
  self: () => ({
    pid: process.pid,
    processStart: processStart(process.pid),
    bootId: systemFile("/proc/sys/kernel/random/boot_id"),
    host: hostname(),
  }),
  isRunning: (other) => {
    if (other.bootId !== systemFile("/proc/sys/kernel/random/boot_id")) return false;
    try {
      process.kill(other.pid, 0);
    } catch (error) {
      // EPERM: it is there, but belongs to someone else.
      if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
    }
    return other.processStart === null || other.processStart === processStart(other.pid);
  },
};

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
