import { dirname, resolve } from "node:path";
import { SqlError, SqlErrors } from "../base/errors.ts";
import { BUILTINS } from "../engine/builtin.ts";
import { execute } from "../engine/execute.ts";
import { asSqlError } from "../engine/failures.ts";
import type { StatementResult } from "../engine/execute.ts";
import type { JobHandle, JobLauncher, JobOutcome } from "../engine/job-request.ts";
import { restorePlanText } from "../engine/restore-plan.ts";
import type { RestorePlan } from "../engine/restore-plan.ts";
import { Session } from "../engine/session.ts";
import { resultWriter, showRows } from "../output/format.ts";
import type { ResultOptions, ResultWriter } from "../output/format.ts";
import { DialectInForce } from "../parser/index.ts";
import type { Statement } from "../parser/index.ts";
import { parseRunArguments } from "./args.ts";
import type { RunArguments } from "./args.ts";
import { readConfigFile } from "./config-file.ts";
import { EXIT } from "./exit.ts";
import { byHand, stopWithSavepoint } from "./job-signals.ts";
import { showProgress } from "./progress.ts";
import { readScripts, reportText, statementsOf } from "./script.ts";
import type { Script } from "./script.ts";
import { explainSilence } from "./silence.ts";
import { TextOutput } from "./text-output.ts";

/** `millrace run`: resolves to the exit status. Throws SqlError for wrong use. */
export async function run(argv: readonly string[]): Promise<number> {
  const args = parseRunArguments(argv);
  const scripts = [...readScripts(args.init, []), ...readScripts(args.files, args.statements)];
  if (scripts.length === args.init.length)
    throw new SqlError("USAGE", "nothing to run", { hint: "millrace run FILE.sql, or millrace -e 'SELECT 1'" });
  if (args.dryRun && args.format === "golden")
    throw new SqlError("USAGE", "--dry-run shows no results", { hint: "leave --format out, or use --format json" });
  const config = new Map([...(await readConfigFile(args.config)), ...args.options]);
  return args.format === "golden"
    ? await runGolden(args, scripts, config)
    : await new ScriptRun(args, config).run(scripts);
}

/** `--format golden`: the whole outcome on stdout, in the form of golden files; errors on stderr as well. */
async function runGolden(
  args: RunArguments,
  scripts: readonly Script[],
  config: ReadonlyMap<string, string>,
): Promise<number> {
  const { goldenRun } = await import("../testing/golden-run.ts");
  const script: Script = { file: scripts.at(-1)!.file, text: scripts.map((s) => s.text).join("\n;\n") };
  const outcome = await goldenRun(script.text, {
    baseDirectory: baseDirectory(args),
    config,
    launcher: { from: restoreFrom(args.from), note: () => undefined },
  });
  process.stdout.write(outcome.text);
  if (outcome.error === undefined) return EXIT.ok;
  process.stderr.write(reportText(outcome.error, script));
  return statusOf(outcome.error);
}

function baseDirectory(args: RunArguments): string {
  return args.files[0] === undefined || args.files[0] === "-" ? process.cwd() : dirname(resolve(args.files[0]));
}

function statusOf(error: SqlError): number {
  return error.phase === "runtime" ? EXIT.failed : EXIT.rejected;
}

/** One `run`: a session, the jobs that it started, and where results go. */
class ScriptRun {
  readonly #args: RunArguments;
  readonly #session: Session;
  readonly #launcher: JobLauncher;
  readonly #output = new TextOutput(process.stdout);
  /** Ends of the jobs that run beside the script. */
  readonly #background: Promise<void>[] = [];
  readonly #running = new Set<JobHandle>();
  /** Jobs that stop with a savepoint. */
  readonly #savepoints: Promise<void>[] = [];
  readonly #queries = new WeakSet<JobHandle>();
  #interrupted = false;
  #rejected = false;
  #status: number = EXIT.ok;

  constructor(args: RunArguments, config: ReadonlyMap<string, string>) {
    this.#args = args;
    this.#session = new Session({
      builtins: BUILTINS,
      config,
      baseDirectory: baseDirectory(args),
      stdout: (text) => this.#output.write(text),
      stderr: (text) => process.stderr.write(text),
    });
    this.#launcher = {
      from: restoreFrom(args.from),
      note: (text) => this.#note(text),
      ...(args.dryRun ? { onPlan: (plan) => this.#plan(plan) } : {}),
    };
  }

  async run(scripts: readonly Script[]): Promise<number> {
    const onSignal = (): void => this.#interrupt();
    process.on("SIGINT", onSignal);
    process.on("SIGTERM", onSignal);
    const onCheckpoint = (): void => {
      for (const job of this.#running) void byHand(job, (text) => process.stderr.write(text));
    };
    // Node keeps SIGUSR1 for its debugger; Windows has neither.
    if (process.platform !== "win32") process.on("SIGUSR2", onCheckpoint);
    try {
      await this.#scripts(scripts);
      await Promise.all(this.#background);
      await Promise.all(this.#savepoints);
    } finally {
      process.off("SIGINT", onSignal);
      process.off("SIGTERM", onSignal);
      process.off("SIGUSR2", onCheckpoint);
    }
    return this.#status === EXIT.ok && this.#interrupted ? EXIT.interrupted : this.#status;
  }

  async #scripts(scripts: readonly Script[]): Promise<void> {
    const dialects = new DialectInForce(this.#session.config.get("table.sql-dialect"));
    const parsed = scripts.map((script) => ({ script, statements: statementsOf(script, dialects) }));
    // All syntax errors at once, before anything runs.
    for (const { script, statements } of parsed) {
      const errors = statements.flatMap((s) => ("error" in s ? [s.error] : []));
      if (errors.length > 0) this.#reject(new SqlErrors(errors), script);
    }
    for (const { script, statements } of parsed) {
      for (const one of statements) {
        // A dry run shows what stands in the way of all jobs.
        if (this.#rejected || this.#interrupted || (this.#status !== EXIT.ok && !this.#args.dryRun)) return;
        if ("statement" in one) await this.#statement(one.statement, script);
      }
    }
  }

  async #statement(statement: Statement, script: Script): Promise<void> {
    let writer: ResultWriter | undefined;
    let result: StatementResult;
    let full = false;
    let job: JobHandle | undefined;
    const onFull = (): void => {
      full = true;
      job?.stop();
    };
    try {
      result = await execute(statement, this.#session, this.#launcher, {
        onQuery: (fields, order) => {
          writer = resultWriter(fields, { ...this.#resultOptions(), order, onFull });
          return writer;
        },
      });
    } catch (error) {
      this.#reject(error instanceof SqlErrors ? error : asSqlError(error), script);
      return;
    }
    switch (result.kind) {
      case "done":
        return;
      case "job":
        if (this.#args.dryRun) return;
        job = result.job;
        if (full) job.stop();
        await this.#job(job, result.query, writer, { script, statement });
        return;
      case "rows":
        showRows(result.fields, result.rows, this.#resultOptions());
    }
  }

  /** `--dry-run`: exit status 2 when a job would not start. */
  #plan(plan: RestorePlan): void {
    void this.#output.write(this.#args.format === "json" ? `${JSON.stringify(plan)}\n` : restorePlanText(plan));
    if (!plan.startable) this.#status = EXIT.rejected;
  }

  async #job(job: JobHandle, query: boolean, writer: ResultWriter | undefined, place: Place): Promise<void> {
    this.#running.add(job);
    if (query) this.#queries.add(job);
    // The signal came while the job was starting.
    if (this.#interrupted) this.#stop(job);
    const finish = this.#args.quiet || query ? () => undefined : showProgress(job, process.stderr);
    const hush = this.#args.quiet ? () => undefined : explainSilence(job, (text) => this.#note(text));
    const sync = query || job.bounded || this.#session.config.get("table.dml-sync")?.toLowerCase() === "true";
    const ended = job.done.then((outcome) => {
      finish();
      hush();
      if (outcome.status !== "failed") writer?.end();
      this.#report(outcome, place, job);
    });
    if (sync) await ended;
    else this.#background.push(ended);
  }

  #report(outcome: JobOutcome, { script, statement }: Place, job: JobHandle): void {
    this.#running.delete(job);
    if (this.#args.verbose) {
      for (const [sink, summary] of Object.entries(job.sinkSummaries()))
        process.stderr.write(`${sink}: ${JSON.stringify(summary)}\n`);
      process.stderr.write(`${job.name}: ${JSON.stringify(job.progress())}\n`);
    }
    if (outcome.status !== "failed") return;
    process.stderr.write(reportText(outcome.error.at(statement.span), script));
    this.#status = statusOf(outcome.error);
  }

  /** The script ends here; jobs that run beside it are stopped. */
  #reject(error: SqlError | SqlErrors, script: Script): void {
    const first = error instanceof SqlErrors ? error.errors[0]! : error;
    process.stderr.write(reportText(error, script));
    this.#rejected = true;
    this.#status = statusOf(first);
    for (const job of this.#running) job.stop();
  }

  #interrupt(): void {
    if (this.#interrupted) process.exit(EXIT.interrupted);
    this.#interrupted = true;
    this.#output.release();
    for (const job of this.#running) this.#stop(job);
  }

  /** A signal stops the job. What a query has shown is not gone on with, so only INSERTs leave savepoints. */
  #stop(job: JobHandle): void {
    const directory = this.#args.stopWithSavepoint;
    if (directory === undefined || this.#queries.has(job) || job.schedule !== undefined) {
      job.stop();
      return;
    }
    this.#savepoints.push(
      stopWithSavepoint(job, directory, (text) => process.stderr.write(text)).then((taken) => {
        if (!taken) this.#status = EXIT.failed;
      }),
    );
  }

  #note(text: string): void {
    if (!this.#args.quiet) process.stderr.write(`note: ${text}\n`);
  }

  #resultOptions(): ResultOptions {
    const format = this.#args.format ?? (process.stdout.isTTY === true ? "tableau" : "print");
    return {
      format: format === "golden" ? "print" : format,
      zone: this.#session.facts().timeZone,
      final: this.#args.final,
      maxRows: this.#args.maxRows,
      write: (text) => this.#output.write(text),
      writeBytes: (bytes) => this.#output.write(bytes),
    };
  }
}

/** Where a job comes from. */
interface Place {
  readonly script: Script;
  readonly statement: Statement;
}

function restoreFrom(from: string | undefined): JobLauncher["from"] {
  if (from === undefined) return undefined;
  if (from === "latest") return { latest: true };
  const at = from.indexOf("=");
  return at > 0 && !from.slice(0, at).includes("/")
    ? { path: from.slice(at + 1), job: from.slice(0, at) }
    : { path: from };
}
