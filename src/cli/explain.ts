import { dirname, resolve } from "node:path";
import { SqlError, SqlErrors } from "../base/errors.ts";
import { BUILTINS } from "../engine/builtin.ts";
import { execute, planStatement } from "../engine/execute.ts";
import { physicalText } from "../engine/explain.ts";
import { asSqlError } from "../engine/failures.ts";
import { Session } from "../engine/session.ts";
import { parseRunArguments } from "./args.ts";
import { readConfigFile } from "./config-file.ts";
import { EXIT } from "./exit.ts";
import { readScripts, reportText, statementsOf } from "./script.ts";
import { DialectInForce } from "../parser/index.ts";
import type { Script } from "./script.ts";

/** `millrace explain`: DDL and SET are executed, queries only planned. */
export async function explain(argv: readonly string[]): Promise<number> {
  const args = parseRunArguments(argv);
  const scripts = [...readScripts(args.init, []), ...readScripts(args.files, args.statements)];
  if (scripts.length === 0) throw new SqlError("USAGE", "nothing to explain", { hint: "millrace explain FILE.sql" });
  const session = new Session({
    builtins: BUILTINS,
    config: new Map([...(await readConfigFile(args.config)), ...args.options]),
    baseDirectory: args.files[0] === undefined ? process.cwd() : dirname(resolve(args.files[0])),
    stdout: (text) => process.stdout.write(text),
    stderr: (text) => process.stderr.write(text),
  });
  for (const script of scripts) {
    const status = await explainScript(script, session);
    if (status !== EXIT.ok) return status;
  }
  return EXIT.ok;
}

async function explainScript(script: Script, session: Session): Promise<number> {
  for (const parsed of statementsOf(script, new DialectInForce(session.config.get("table.sql-dialect")))) {
    try {
      if ("error" in parsed) throw parsed.error;
      const { statement } = parsed;
      const planned = planStatement(statement, session);
      if (planned !== undefined) {
        process.stdout.write(
          `${script.text.slice(statement.span.start, statement.span.end).split("\n")[0]}\n${physicalText(planned.graph)}\n`,
        );
      } else if (!(statement.kind === "CreateTable" && statement.as !== undefined)) {
        await execute(statement, session, { note: () => undefined }, { onQuery: () => ({ batch: () => undefined }) });
      }
    } catch (error) {
      process.stderr.write(reportText(error instanceof SqlErrors ? error : asSqlError(error), script));
      return EXIT.rejected;
    }
  }
  return EXIT.ok;
}
