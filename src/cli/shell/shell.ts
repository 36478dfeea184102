import { LiveTable } from "../../output/live-table.ts";
import { resultWriter, showRows } from "../../output/format.ts";
import type { ResultOptions, ResultWriter } from "../../output/format.ts";
import { SqlErrors } from "../../base/errors.ts";
import { BUILTINS } from "../../engine/builtin.ts";
import { execute } from "../../engine/execute.ts";
import type { StatementResult } from "../../engine/execute.ts";
import { asSqlError } from "../../engine/failures.ts";
import type { JobHandle, JobLauncher } from "../../engine/job-request.ts";
import { Session } from "../../engine/session.ts";
import { DialectInForce, oneLine, splitStatements } from "../../parser/index.ts";
import type { Statement } from "../../parser/index.ts";
import type { Field } from "../../types/data-type.ts";
import { EXIT } from "../exit.ts";
import { reportText, statementsOf } from "../script.ts";
import type { Script } from "../script.ts";
import { explainSilence } from "../silence.ts";
import { completer } from "./completion.ts";
import { commandOf } from "./commands.ts";
import { HELP, WELCOME } from "./help-text.ts";
import type { History } from "./history.ts";
import { LineEditor, sizeOf } from "./line-editor.ts";
import type { Terminal } from "./line-editor.ts";

const PROMPT = "millrace> ";
const CONTINUED = "       -> ";

export interface ShellOptions {
  readonly terminal: Terminal;
  readonly config: ReadonlyMap<string, string>;
  /** Run before the first prompt. */
  readonly init: readonly Script[];
  readonly history: History;
  readonly baseDirectory: string;
}

/**
 * The interactive shell: one session, statements as they are typed. Each job runs in a thread of its own, so that the
 * shell stays awake; Ctrl-C ends the query that is shown, and never the shell.
 */
export class Shell {
  readonly #options: ShellOptions;
  readonly #session: Session;
  readonly #editor: LineEditor;
  readonly #launcher: JobLauncher;
  /** The statement so far, while its last line is not there. */
  #typed = "";
  /** The job whose end the user waits for. */
  #shown: JobHandle | undefined;
  readonly #background = new Set<JobHandle>();
  #interrupts = 0;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#session = new Session({
      builtins: BUILTINS,
      config: options.config,
      baseDirectory: options.baseDirectory,
      stdout: (text) => this.#editor.print(text),
      stderr: (text) => this.#editor.print(text),
    });
    this.#editor = new LineEditor({
      ...options.terminal,
      history: options.history.load(),
      complete: completer(this.#session, () => this.#typed),
      onInterrupt: () => this.#interrupt(),
    });
    this.#launcher = { ownThread: true, note: (text) => this.#say(`note: ${text}`) };
  }

  /** Until QUIT or the end of the input; resolves to the exit status. */
  async run(): Promise<number> {
    this.#say(WELCOME);
    try {
      for (const script of this.#options.init) {
        for (const text of splitStatements(`${script.text}\n;`).complete) await this.#statement(text);
      }
      for (;;) {
        const line = await this.#editor.next(this.#typed === "" ? PROMPT : CONTINUED);
        if (line === undefined || !(await this.#line(line))) break;
      }
      await this.#leave();
    } finally {
      this.#editor.close();
    }
    return EXIT.ok;
  }

  /** False: the shell is to end. */
  async #line(line: string): Promise<boolean> {
    if (this.#typed === "") {
      switch (commandOf(line)) {
        case "quit":
          return false;
        case "help":
          this.#say(HELP);
          return true;
        case "clear":
          this.#write("\u001b[2J\u001b[H");
          return true;
        case undefined:
      }
    }
    const { complete, rest, open } = splitStatements(`${this.#typed}${line}\n`);
    this.#typed = open ? rest.trimStart() : "";
    if (complete.length > 0) this.#remember(complete);
    for (const text of complete) await this.#statement(text);
    return true;
  }

  #remember(statements: readonly string[]): void {
    const text = statements.map(oneLine).join(" ");
    this.#editor.remember(text);
    this.#options.history.add(text);
  }

  async #statement(text: string): Promise<void> {
    const script = { file: "<shell>", text };
    const started = performance.now();
    this.#interrupts = 0;
    for (const parsed of statementsOf(script, new DialectInForce(this.#session.config.get("table.sql-dialect")))) {
      if ("error" in parsed) this.#say(reportText(parsed.error, script));
      else await this.#execute(parsed.statement, script, started);
    }
  }

  async #execute(statement: Statement, script: Script, started: number): Promise<void> {
    let writer: ResultWriter | undefined;
    let result: StatementResult;
    try {
      result = await execute(statement, this.#session, this.#launcher, {
        onQuery: (fields, order) => (writer = this.#writer(fields, order)),
      });
    } catch (error) {
      this.#say(reportText(error instanceof SqlErrors ? error : asSqlError(error), script));
      return;
    }
    switch (result.kind) {
      case "done":
        this.#say("[INFO] Execute statement succeeded.");
        return;
      case "rows":
        showRows(result.fields, result.rows, this.#resultOptions());
        return;
      case "job":
        if (result.query || this.#flag("table.dml-sync", false)) await this.#await(result.job, writer, script, started);
        else this.#beside(result.job, script);
    }
  }

  async #await(job: JobHandle, writer: ResultWriter | undefined, script: Script, started: number): Promise<void> {
    this.#shown = job;
    if (this.#interrupts > 0) job.stop();
    const hush = explainSilence(job, (text) => this.#say(text));
    const outcome = await job.done;
    hush();
    this.#shown = undefined;
    this.#editor.overlay = undefined;
    writer?.end();
    if (outcome.status === "failed") {
      this.#say(reportText(outcome.error, script));
      return;
    }
    const how = outcome.status === "stopped" ? "stopped" : "finished";
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    const cost = this.#flag("sql-client.display.print-time-cost", true) ? ` in ${seconds} s` : "";
    if (writer === undefined) this.#say(`[INFO] Job '${job.name}' ${how}${cost}.`);
    else if (cost !== "") this.#say(`(${how}${cost})`);
  }

  #beside(job: JobHandle, script: Script): void {
    this.#background.add(job);
    this.#say(`[INFO] Job '${job.name}' runs in the background (${job.id}); SHOW JOBS lists it, STOP JOB ends it.`);
    void job.done.then((outcome) => {
      this.#background.delete(job);
      if (outcome.status === "failed")
        this.#say(`[ERROR] Job '${job.name}' failed.\n${reportText(outcome.error, script)}`);
      else this.#say(`[INFO] Job '${job.name}' ${outcome.status}.`);
    });
  }

  /** Ctrl-C: ends what is shown; else gives up what is being typed. */
  #interrupt(): void {
    this.#interrupts += 1;
    const shown = this.#shown;
    if (shown !== undefined) {
      shown.stop();
      if (this.#interrupts === 2) this.#say("stopping; the rows in hand are still being processed");
      return;
    }
    if (this.#typed === "" && this.#interrupts === 2) this.#say("QUIT; leaves the shell");
    this.#typed = "";
    this.#editor.discardLine();
  }

  async #leave(): Promise<void> {
    const jobs = [...this.#background];
    if (jobs.length === 0) return;
    this.#say(`Stopping ${jobs.map((job) => job.name).join(", ")}.`);
    for (const job of jobs) job.stop();
    await Promise.all(jobs.map(async (job) => await job.done));
  }

  #writer(fields: readonly Field[], order: ResultOptions["order"]): ResultWriter {
    const mode = this.#session.config.get("sql-client.execution.result-mode")?.toLowerCase();
    if (mode !== "table") return resultWriter(fields, { ...this.#resultOptions(), order });
    const { output } = this.#options.terminal;
    const live = new LiveTable(fields, {
      zone: this.#session.facts().timeZone,
      write: (text) => this.#write(text),
      size: () => sizeOf(output),
      maxRows: this.#number("sql-client.execution.max-table-result.rows", 1_000_000),
      maxWidth: this.#columnWidth(),
    });
    this.#editor.overlay = live;
    return live;
  }

  #resultOptions(): ResultOptions {
    return {
      format: "tableau",
      zone: this.#session.facts().timeZone,
      final: false,
      maxRows: -1,
      maxWidth: this.#columnWidth(),
      write: (text) => this.#write(text),
    };
  }

  #columnWidth(): number {
    return this.#number("sql-client.display.max-column-width", 30);
  }

  #number(option: string, otherwise: number): number {
    return Number(this.#session.config.get(option) ?? otherwise);
  }

  #flag(option: string, otherwise: boolean): boolean {
    return (this.#session.config.get(option) ?? String(otherwise)).toLowerCase() === "true";
  }

  #say(text: string): void {
    this.#editor.print(text);
  }

  #write(text: string): void {
    this.#options.terminal.output.write(text);
  }
}
