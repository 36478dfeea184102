import { posix } from "node:path";
import { openCheckpoint, readMetadata } from "../../src/checkpoint/checkpoint-directory.ts";
import { verifyFiles } from "../../src/checkpoint/checkpoint-reader.ts";
import { logInfo } from "../../src/checkpoint/log/log-info.ts";
import { diskLog } from "../../src/checkpoint/log/log-views.ts";
import type { SimulatedDisk } from "./disk.ts";
import { CHECKPOINTS } from "./job-process.ts";
import { calmFiles } from "./observer.ts";

/** The text of each folder of output. */
export type Output = ReadonlyMap<string, string>;

/** What must be true of what readers see: at the end everything, before how it begins, or (`holes`) some of it once. */
export type Expected = "all" | "prefix" | "subset";

/** Throws when readers see what they must not. */
export function checkOutput(got: Output, want: Output, expected: Expected): void {
  for (const folder of new Set([...got.keys(), ...(expected === "all" ? want.keys() : [])])) {
    const [actual, whole] = [got.get(folder) ?? "", want.get(folder) ?? ""];
    const fine =
      expected === "all"
        ? got.has(folder) && want.has(folder) && actual === whole
        : want.has(folder) && (whole.startsWith(actual) || (expected === "subset" && isSubset(actual, whole)));
    if (fine) continue;
    const what = expected === "all" ? "is not the output of the undisturbed run" : "shows what it should not";
    throw new Error(`${folder} ${what}:\n${actual}\ninstead of\n${whole}`);
  }
}

function isSubset(part: string, whole: string): boolean {
  const counts = new Map<string, number>();
  for (const line of whole.split("\n")) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of part.split("\n")) {
    const left = (counts.get(line) ?? 0) - 1;
    if (left < 0 && line !== "") return false;
    counts.set(line, left);
  }
  return true;
}

/** Throws when a checkpoint that says that it is complete, or a segment of a log, cannot be read. */
export async function checkCheckpoints(disk: SimulatedDisk): Promise<void> {
  const files = calmFiles(disk);
  const job = posix.join(CHECKPOINTS, "job");
  if (!disk.exists(job)) return;
  for (const run of await files.readdir(job)) {
    const damaged = (await logInfo(diskLog(posix.join(job, run), files), true))?.problems ?? [];
    if (damaged.length > 0) throw new Error(`the log of ${run} is damaged: ${damaged.join("; ")}`);
    for (const name of await files.readdir(posix.join(job, run))) {
      const directory = posix.join(job, run, name);
      if (!name.startsWith("chk-") || (await readMetadata(directory, files)) === undefined) continue;
      await verifyFiles(await openCheckpoint(directory, files));
    }
  }
}
