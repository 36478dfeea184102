import { SqlError } from "../base/errors.ts";
import { inspectCheckpoints } from "../engine/inspect-checkpoints.ts";
import type { CheckpointInfo, RunInfo } from "../engine/inspect-checkpoints.ts";
import { parseFlags } from "./args.ts";
import { EXIT } from "./exit.ts";

const ACTIONS = ["list", "show", "verify"] as const;
const FLAGS = { format: { type: "string" } } as const;

/** `millrace checkpoints list|show|verify DIR`: what lies in a checkpoint directory. Exit status 1: something is damaged. */
export async function checkpoints(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseFlags(argv, FLAGS);
  const [word, folder = "./.millrace"] = positionals;
  const action = ACTIONS.find((a) => a === word);
  if (action === undefined)
    throw new SqlError("USAGE", `millrace checkpoints takes list, show or verify, not '${word ?? ""}'`, {
      hint: "millrace checkpoints list .millrace",
    });
  const runs = await inspectCheckpoints(folder, action !== "list");
  if (values.format === "json") process.stdout.write(`${JSON.stringify(runs, undefined, 1)}\n`);
  else process.stdout.write(runs.map((run) => (action === "show" ? shown(run) : listed(run))).join("\n"));
  const damaged = runs.some((run) => run.checkpoints.some((c) => c.status === "invalid"));
  return damaged ? EXIT.failed : EXIT.ok;
}

function listed(run: RunInfo): string {
  const head = `${run.job}  ${run.run}  ${run.status}, attempt ${run.attempt}\n`;
  const lines = run.checkpoints.map((c) => `  ${line(c)}\n`);
  return head + (lines.length === 0 ? "  no checkpoint yet\n" : lines.join(""));
}

function line(checkpoint: CheckpointInfo): string {
  const { id, status, metadata, bytes, problem } = checkpoint;
  if (metadata === undefined) return `chk-${id}  ${status}${problem === undefined ? "" : `: ${problem}`}`;
  const took = metadata.completedMillis - metadata.triggeredMillis;
  const when = new Date(metadata.completedMillis).toISOString();
  return `chk-${id}  ${status}  ${metadata.kind}  ${when}  ${took} ms  ${size(bytes)}${problem === undefined ? "" : `  ${problem}`}`;
}

function shown(run: RunInfo): string {
  const parts = run.checkpoints.map((c) => {
    const operators = (c.metadata?.snapshots ?? []).map((s) => {
      const bytes = s.stateFiles.reduce((sum, f) => sum + f.bytes, 0);
      const raw = s.stateFiles.reduce((sum, f) => sum + f.rawBytes, 0);
      const state =
        s.stateFiles.length === 0
          ? "no state"
          : `${size(bytes)} (${size(raw)} unpacked, crc32 ${s.stateFiles.map((f) => f.crc32.toString(16)).join(" ")})`;
      const prepared = s.committables.length === 0 ? "" : `, ${s.committables.length} to commit`;
      const extra = s.extra === null ? "" : `\n        ${JSON.stringify(s.extra)}`;
      return `      ${s.operatorId}: ${state}${prepared}${extra}\n`;
    });
    return `  ${line(c)}\n    ${c.location}\n${operators.join("")}`;
  });
  return `${run.job}  ${run.run}  ${run.status}, attempt ${run.attempt}\n${parts.join("")}`;
}

function size(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
