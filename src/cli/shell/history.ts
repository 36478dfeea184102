import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Statements that are kept. */
const KEPT = 1000;

/** Statements that hold a secret are not written to disk. */
const SECRET = /password|secret|token|credential|access[._-]?key|\/\/[^/\s']*:[^/\s']*@/i;

/** The statements of former shells, in a file of one line each (`MILLRACE_HISTORY`, default `~/.millrace_history`). A file that cannot be used is no history. */
export class History {
  readonly #file: string;

  constructor(file: string = process.env["MILLRACE_HISTORY"] ?? join(homedir(), ".millrace_history")) {
    this.#file = file;
  }

  /** The newest first, as readline wants them. */
  load(): readonly string[] {
    let entries: string[];
    try {
      entries = readFileSync(this.#file, "utf8").split("\n");
    } catch {
      return [];
    }
    entries = entries.filter((entry) => entry !== "");
    if (entries.length > 2 * KEPT) this.#rewrite(entries.slice(-KEPT));
    return entries.slice(-KEPT).reverse();
  }

  add(statement: string): void {
    if (SECRET.test(statement)) return;
    try {
      appendFileSync(this.#file, `${statement}\n`, { mode: 0o600 });
    } catch {
      // A home that cannot be written to must not stop the shell.
    }
  }

  #rewrite(entries: readonly string[]): void {
    try {
      writeFileSync(this.#file, `${entries.join("\n")}\n`, { mode: 0o600 });
    } catch {
      // As above.
    }
  }
}
