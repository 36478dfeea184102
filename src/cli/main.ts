import { createRequire } from "node:module";
import { errorText } from "../base/code-frame.ts";
import { SqlError } from "../base/errors.ts";
import { asSqlError } from "../engine/failures.ts";
import { didYouMean } from "../base/suggest.ts";
import { EXIT } from "./exit.ts";

/** Commands of a later milestone: refused by name. */
const LATER: Readonly<Record<string, string>> = {
  gateway: "millrace gateway (the REST server)",
  init: "millrace init",
};

const BUG_HINT =
  "hint: this is a bug of millrace; please report it with the statement (MILLRACE_DEBUG=1 shows where it happened)\n";

const COMMANDS = ["run", "test", "explain", "checkpoints", "state", ...Object.keys(LATER)];

/** Runs one command line; resolves to the exit status. Nothing is thrown. */
export async function main(argv: readonly string[]): Promise<number> {
  // A reader that has seen enough (`| head`) is not an error.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(EXIT.ok);
    throw error;
  });
  try {
    return await dispatch(argv);
  } catch (error) {
    const known = asSqlError(error);
    process.stderr.write(errorText(known));
    if (known.code === "BUG") process.stderr.write(BUG_HINT);
    if (process.env["MILLRACE_DEBUG"] !== undefined && error instanceof Error)
      process.stderr.write(`${error.stack ?? ""}\n`);
    if (known.code === "USAGE") return EXIT.usage;
    return known.phase === "runtime" ? EXIT.failed : EXIT.rejected;
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const [command, ...rest] = argv;
  if (argv.includes("--help") || argv.includes("-h") || command === "help") {
    const about = command === "help" ? rest[0] : command;
    if (about === undefined || about.startsWith("-") || COMMANDS.includes(about)) return await help(about);
    throw unknownCommand(about);
  }
  if (command === "--version" || command === "-v") {
    process.stdout.write(`${version()}\n`);
    return EXIT.ok;
  }
  switch (command) {
    case undefined:
      return await bare(argv);
    case "run":
      return await (await import("./run.ts")).run(rest);
    case "explain":
      return await (await import("./explain.ts")).explain(rest);
    case "checkpoints":
      return await (await import("./checkpoints.ts")).checkpoints(rest);
    case "state":
      return await (await import("./state.ts")).state(rest);
    case "test":
      return await (await import("./test.ts")).test(rest);
    default: {
      const later = LATER[command];
      if (later !== undefined) throw new SqlError("UNSUPPORTED", `${later} is not supported yet`);
      if (command.startsWith("-") || command.endsWith(".sql")) return await bare(argv);
      throw unknownCommand(command);
    }
  }
}

/** Without a command: `run` where there is something to run, else the shell; what is piped in is a script. */
async function bare(argv: readonly string[]): Promise<number> {
  const args = (await import("./args.ts")).parseRunArguments(argv);
  if (args.files.length > 0 || args.statements.length > 0) return await (await import("./run.ts")).run(argv);
  if (process.stdin.isTTY !== true || process.stdout.isTTY !== true)
    return await (await import("./run.ts")).run([...argv, "-"]);
  return await (await import("./shell/index.ts")).shell(args);
}

function unknownCommand(command: string): SqlError {
  return new SqlError("USAGE", `unknown command '${command}'`, {
    hint: didYouMean(command, COMMANDS) ?? `one of ${COMMANDS.join(", ")}`,
  });
}

async function help(command: string | undefined): Promise<number> {
  const text = await (await import("./help.ts")).helpText(command);
  process.stdout.write(text);
  return EXIT.ok;
}

/** The version in package.json. */
function version(): string {
  return (createRequire(import.meta.url)("millrace/package.json") as { readonly version: string }).version;
}
