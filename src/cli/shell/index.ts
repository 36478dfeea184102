import { SqlError } from "../../base/errors.ts";
import type { RunArguments } from "../args.ts";
import { readConfigFile } from "../config-file.ts";
import { readScripts } from "../script.ts";
import { History } from "./history.ts";
import { Shell } from "./shell.ts";

/** `millrace` on a terminal: resolves to the exit status. Throws SqlError for flags that the shell does not take. */
export async function shell(args: RunArguments): Promise<number> {
  const foreign = [
    ["--from", args.from],
    ["--stop-with-savepoint", args.stopWithSavepoint],
    ["--dry-run", args.dryRun || undefined],
    ["--format", args.format],
    ["--final", args.final || undefined],
  ].find(([, value]) => value !== undefined);
  if (foreign !== undefined)
    throw new SqlError("USAGE", `${String(foreign[0])} is a flag of 'millrace run'`, { hint: "millrace run FILE.sql" });
  const config = new Map([...(await readConfigFile(args.config)), ...args.options]);
  return await new Shell({
    terminal: { input: process.stdin, output: process.stdout },
    config,
    init: readScripts(args.init, []),
    history: new History(),
    baseDirectory: process.cwd(),
  }).run();
}
