import { parseArgs } from "node:util";
import type { ParseArgsConfig } from "node:util";
import { SqlError } from "../base/errors.ts";
import { didYouMean } from "../base/suggest.ts";
import { RESULT_FORMATS } from "../output/format.ts";
import type { ResultFormat } from "../output/format.ts";

/** What `millrace run` was asked for. */
export interface RunArguments {
  readonly files: readonly string[];
  readonly statements: readonly string[];
  readonly init: readonly string[];
  readonly options: ReadonlyMap<string, string>;
  readonly config: string | undefined;
  readonly from: string | undefined;
  /** Folder in which jobs leave a savepoint when a signal stops them. */
  readonly stopWithSavepoint: string | undefined;
  /** Nothing starts: what would become of the state is shown. */
  readonly dryRun: boolean;
  readonly format: ResultFormat | undefined;
  readonly final: boolean;
  readonly maxRows: number;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Flags of `run` (and of `explain`, which ignores those about results). */
export const RUN_FLAGS = {
  file: { type: "string", short: "f", multiple: true },
  execute: { type: "string", short: "e", multiple: true },
  init: { type: "string", short: "i", multiple: true },
  define: { type: "string", short: "D", multiple: true },
  config: { type: "string" },
  parallelism: { type: "string" },
  from: { type: "string" },
  "stop-with-savepoint": { type: "string" },
  "dry-run": { type: "boolean" },
  "allow-dropped-state": { type: "boolean" },
  format: { type: "string" },
  final: { type: "boolean" },
  "max-rows": { type: "string" },
  quiet: { type: "boolean", short: "q" },
  verbose: { type: "boolean" },
} as const;

/** Reads flags with `node:util` parseArgs (yargs, which costs 100 ms, only prints help). Throws SqlError USAGE. */
export function parseRunArguments(argv: readonly string[]): RunArguments {
  const { values, positionals } = parseFlags(argv, RUN_FLAGS);
  const options = definedOptions(values.define ?? []);
  if (values["allow-dropped-state"] === true) options.set("execution.state-recovery.ignore-unclaimed-state", "true");
  if (values.parallelism !== undefined) options.set("parallelism.default", values.parallelism);
  const maxRows = values["max-rows"] === undefined ? -1 : Number(values["max-rows"]);
  if (!Number.isInteger(maxRows) || (values["max-rows"] !== undefined && maxRows < 0)) {
    throw new SqlError("USAGE", `--max-rows takes a number, not '${values["max-rows"] ?? ""}'`);
  }
  const format = RESULT_FORMATS.find((f) => f === values.format);
  if (values.format !== undefined && format === undefined) {
    throw new SqlError("USAGE", `--format is one of ${RESULT_FORMATS.join(", ")}, not '${values.format}'`, {
      hint: didYouMean(values.format, RESULT_FORMATS),
    });
  }
  return {
    files: [...(values.file ?? []), ...positionals],
    statements: values.execute ?? [],
    init: values.init ?? [],
    options,
    config: values.config,
    from: values.from,
    stopWithSavepoint: values["stop-with-savepoint"],
    dryRun: values["dry-run"] ?? false,
    format,
    final: values.final ?? false,
    maxRows,
    quiet: values.quiet ?? false,
    verbose: values.verbose ?? false,
  };
}

/** The options of `-D key=value`. Throws SqlError USAGE. */
export function definedOptions(pairs: readonly string[]): Map<string, string> {
  const options = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    if (at <= 0) throw new SqlError("USAGE", `-D takes key=value, not '${pair}'`);
    options.set(pair.slice(0, at).trim(), pair.slice(at + 1).trim());
  }
  return options;
}

type Flags = NonNullable<ParseArgsConfig["options"]>;

/** `parseArgs` with errors in our words. */
export function parseFlags<const F extends Flags>(
  argv: readonly string[],
  flags: F,
): ReturnType<typeof parseArgs<{ args: string[]; options: F; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...argv], options: flags, allowPositionals: true });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const unknown = /Unknown option '(-+[^'\s]+)'/.exec(message)?.[1];
    if (unknown === undefined) throw new SqlError("USAGE", message.split(". ")[0] ?? message, { cause });
    const names = Object.keys(flags).map((name) => `--${name}`);
    throw new SqlError("USAGE", `unknown flag '${unknown}'`, {
      hint: didYouMean(unknown, names) ?? "millrace --help lists the flags",
      cause,
    });
  }
}
