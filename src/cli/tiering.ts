import { setFlagsFromString } from "node:v8";

/**
 * Makes V8 compile for a job: baseline code at once, optimised code a little later than usual, when the loops have
 * seen what there is to see (otherwise they are compiled several times in the first second). Process-wide, so that it
 * is for the command line only; before anything is loaded, because compiled code is kept for one set of flags.
 */
export function compileForJobs(): void {
  setFlagsFromString("--always-sparkplug");
  setFlagsFromString("--interrupt-budget=264000");
}
