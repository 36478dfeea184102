import { existsSync, readFileSync } from "node:fs";
import { errorText } from "../base/code-frame.ts";
import { SqlError, SqlErrors } from "../base/errors.ts";
import type { DialectInForce, Statement } from "../parser/index.ts";
import { parseStatementsTolerant } from "../parser/index.ts";

/** SQL text and where it came from. */
export interface Script {
  readonly file: string;
  readonly text: string;
}

/** The scripts of a command line, in order. Throws FILE_NOT_FOUND, USAGE. */
export function readScripts(files: readonly string[], statements: readonly string[]): readonly Script[] {
  const scripts = files.map((file): Script => {
    if (file === "-") return { file: "<stdin>", text: readFileSync(0, "utf8") };
    if (!existsSync(file)) throw new SqlError("FILE_NOT_FOUND", `the file '${file}' does not exist`);
    return { file, text: readFileSync(file, "utf8") };
  });
  return [...scripts, ...statements.map((text) => ({ file: "<command line>", text }))];
}

/** The statements of a script; errors stand at their place. `dialects` goes on from script to script. */
export function statementsOf(
  script: Script,
  dialects: DialectInForce,
): readonly ({ readonly statement: Statement } | { readonly error: SqlError })[] {
  return parseStatementsTolerant(script.text, dialects).statements;
}

/** An error, or several, as text with code frames. */
export function reportText(error: SqlError | SqlErrors, script: Script): string {
  const errors = error instanceof SqlErrors ? error.errors : [error];
  return errors.map((e) => errorText(e, script)).join("\n");
}
