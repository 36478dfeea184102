import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SqlError } from "../base/errors.ts";
import { parseScript } from "../parser/index.ts";
import { BUILTINS } from "./builtin.ts";
import { execute } from "./execute.ts";
import type { RestorePlan } from "./restore-plan.ts";
import { Session } from "./session.ts";

/** What a run of a script came to. */
export interface Outcome {
  /** What print sinks wrote. */
  readonly rows: readonly string[];
  readonly notes: readonly string[];
  readonly plans: readonly RestorePlan[];
  /** `CODE message`, of a statement or a job. */
  readonly error: string | undefined;
}

export interface RunOptions {
  /** `latest`, or a path. */
  readonly from?: string | undefined;
  readonly dryRun?: boolean | undefined;
  readonly allowDropped?: boolean | undefined;
  readonly config?: Readonly<Record<string, string>> | undefined;
}

/** Runs scripts with a checkpoint after every ten rows, all of which are kept. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), "millrace-evolution-"));
  /** Settings of every run. */
  config: Readonly<Record<string, string>> = {};

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  async run(sql: string, { from, dryRun, allowDropped, config = {} }: RunOptions = {}): Promise<Outcome> {
    const rows: string[] = [];
    const notes: string[] = [];
    const plans: RestorePlan[] = [];
    const session = new Session({
      builtins: BUILTINS,
      config: new Map(
        Object.entries({
          "execution.checkpointing.dir": join(this.folder, "checkpoints"),
          "execution.checkpointing.records": "10",
          "execution.checkpointing.num-retained": "100",
          "execution.batch-rows": "5",
          "restart-strategy.type": "none",
          ...(allowDropped === true ? { "execution.state-recovery.ignore-unclaimed-state": "true" } : {}),
          ...this.config,
          ...config,
        }),
      ),
      baseDirectory: this.folder,
      stdout: (text) => rows.push(...text.split("\n").filter((line) => line !== "")),
      stderr: (text) => notes.push(text),
    });
    const launcher = {
      note: (text: string) => notes.push(text),
      ...(from === undefined ? {} : { from: from === "latest" ? { latest: true as const } : { path: from } }),
      ...(dryRun === true ? { onPlan: (plan: RestorePlan) => plans.push(plan) } : {}),
    };
    let error: string | undefined;
    const failed = (cause: unknown): void => {
      if (!(cause instanceof SqlError)) throw cause;
      error = `${cause.code} ${cause.message}`;
    };
    for (const statement of parseScript(sql)) {
      try {
        const result = await execute(statement, session, launcher, { onQuery: () => ({ batch: () => undefined }) });
        if (result.kind !== "job") continue;
        const outcome = await result.job.done;
        if (outcome.status === "failed") failed(outcome.error);
      } catch (cause) {
        failed(cause);
      }
    }
    return { rows, notes, plans, error };
  }

  /** Runs a script that must succeed; answers the folder of the first checkpoint of its job. */
  async prepared(sql: string, job: string, options: RunOptions = {}): Promise<string> {
    const { error } = await this.run(sql, options);
    if (error !== undefined) throw new SqlError("BUG", error);
    return this.checkpoint(job, 1);
  }

  /** The folder of a checkpoint of the newest run of a job. */
  checkpoint(job: string, id: number): string {
    const runs = this.runs(job);
    return join(this.folder, "checkpoints", job, runs.at(-1) ?? "", `chk-${id}`);
  }

  /** Runs of a job, oldest first. */
  runs(job: string): readonly string[] {
    const folder = join(this.folder, "checkpoints", job);
    if (!existsSync(folder)) return [];
    const started = (run: string): number =>
      (JSON.parse(readFileSync(join(folder, run, "_run.json"), "utf8")) as { readonly startedMillis: number })
        .startedMillis;
    return readdirSync(folder).sort((a, b) => started(a) - started(b));
  }
}
