import { SqlError } from "../base/errors.ts";
import { inspectCheckpoints } from "../engine/inspect-checkpoints.ts";
import type { RunInfo } from "../engine/inspect-checkpoints.ts";
import { listedRun, shownRun } from "./checkpoint-text.ts";
import { parseFlags } from "./args.ts";
import { EXIT } from "./exit.ts";
import { PLACE_FLAGS, placeOptions } from "./place-options.ts";

const ACTIONS = ["list", "show", "verify"] as const;
const FLAGS = { ...PLACE_FLAGS, format: { type: "string" } } as const;

/** `millrace checkpoints list|show|verify DIR`: what lies in a checkpoint directory. Exit status 1: something is damaged, or cannot be verified. */
export async function checkpoints(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(argv, FLAGS);
  const [word, folder = "./.millrace"] = positionals;
  const action = ACTIONS.find((a) => a === word);
  if (action === undefined)
    throw new SqlError("USAGE", `millrace checkpoints takes list, show or verify, not '${word ?? ""}'`, {
      hint: "millrace checkpoints list .millrace",
    });
  if (values.format !== undefined && values.format !== "json" && values.format !== "text")
    throw new SqlError("USAGE", `--format is text or json, not '${values.format}'`);
  const runs = await inspectCheckpoints(folder, action !== "list", await placeOptions(values));
  if (values.format === "json") process.stdout.write(`${JSON.stringify(runs, undefined, 1)}\n`);
  else process.stdout.write(textOf(runs, action));
  const damaged = runs.some(
    ({ checkpoints: found, log }) =>
      found.some((c) => c.status === "invalid" || (c.status === "encrypted" && action === "verify")) ||
      (log?.problems ?? []).length > 0,
  );
  return damaged ? EXIT.failed : EXIT.ok;
}

function textOf(runs: readonly RunInfo[], action: (typeof ACTIONS)[number]): string {
  return runs.map((run) => (action === "show" ? shownRun(run) : listedRun(run))).join("\n");
}
