import yargs from "yargs";

/** Help of a command (or of all), drawn by yargs. */
export async function helpText(command: string | undefined): Promise<string> {
  const parser = yargs([])
    .scriptName("millrace")
    .locale("en")
    .version(false)
    .help(false)
    .wrap(110)
    .usage(USAGE[command ?? ""] ?? USAGE[""]!);
  for (const [flag, summary] of FLAGS[command ?? ""] ?? []) parser.option(flag, { describe: summary });
  if (FLAGS[command ?? ""] === undefined) for (const [line, summary] of COMMANDS) parser.command(line, summary);
  for (const [line, summary] of EXAMPLES[command ?? ""] ?? EXAMPLES[""]!) parser.example(line, summary);
  return `${await parser.getHelp()}\n`;
}

const RUN_HELP: readonly (readonly [string, string])[] = [
  ["file", "-f FILE: a script (- is stdin); the same as naming it"],
  ["execute", "-e SQL: statements on the command line"],
  ["init", "-i FILE: statements (DDL, SET) before the script"],
  ["define", "-D key=value: the same as SET; may be repeated"],
  ["config", "YAML file in Flink's shape; default ./millrace.yaml when it is there"],
  ["parallelism", "worker threads of a job"],
  ["from", "latest, or the path of a checkpoint: go on from there"],
  ["stop-with-savepoint", "DIR: SIGINT and SIGTERM stop the jobs with a savepoint there instead of a checkpoint"],
  ["dry-run", "with --from: say what would be kept, converted, dropped; start nothing"],
  ["allow-dropped-state", "state that the script no longer has is dropped"],
  ["format", "tableau, print, json, csv, arrow, golden"],
  ["final", "only the rows that are left at the end"],
  ["max-rows", "show at most N rows, then stop the query"],
  ["quiet", "no progress and no notes"],
  ["verbose", "what sinks say of themselves (checksums) at the end"],
];

const PLACE_HELP: readonly (readonly [string, string])[] = [
  ["define", "-D key=value: execution.checkpointing.encryption-key=env:NAME, s3.…; may be repeated"],
  ["config", "YAML file with such options; default ./millrace.yaml when it is there"],
];

const COMMANDS: readonly (readonly [line: string, summary: string])[] = [
  ["$0", "the interactive shell (what is piped in is a script)"],
  ["run FILE.sql…", "run a script (also -f FILE, -e 'SQL', - for stdin)"],
  ["test [PATH…]", "golden tests"],
  ["explain FILE.sql", "plans of all queries, nothing started"],
  ["checkpoints list|show|verify DIR", "what lies in a checkpoint directory"],
  ["state show PATH [OPERATOR [STATE]]", "the state in a checkpoint or savepoint, as rows"],
];

const USAGE: Readonly<Record<string, string>> = {
  "": "millrace <command>",
  run: "millrace run FILE.sql…\n\nRuns scripts: statements in order; SELECTs print their result, bounded INSERTs are awaited.",
  explain: "millrace explain FILE.sql\n\nPrints the plans of all queries; nothing is started.",
  checkpoints:
    "millrace checkpoints list|show|verify [DIR]\n\nLooks into a checkpoint directory (default ./.millrace), a job's, a run's, or one checkpoint; verify reads every file.",
  state:
    "millrace state show PATH [OPERATOR [STATE]]\n\nLooks into a checkpoint or savepoint (a folder with _metadata): its operators and their states, or the rows of one state. An operator is named by its id or the beginning of it.",
  test: "millrace test [PATH…]\n\nRuns golden tests: NAME.sql beside NAME.out, or folders with pipeline.sql.",
};

const FLAGS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  run: RUN_HELP,
  explain: RUN_HELP.slice(0, 5),
  state: [...PLACE_HELP, ["format", "tableau, print, json, csv, arrow"], ["max-rows", "show at most N rows"]],
  checkpoints: [...PLACE_HELP, ["format", "text, json: everything that is known"]],
  test: [
    ["accept", "rewrite the expected output"],
    ["chaos", "run every case again in all modes; --chaos=N: a rotating sample of N"],
    ["junit", "write a JUnit report to this file"],
  ],
};

const EXAMPLES: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  "": [["millrace -e 'SELECT 1'", "one statement"]],
  run: [
    ["millrace run pipeline.sql --from latest", "go on after a stop or a crash"],
    ["millrace run pipeline.sql --from latest --dry-run", "does the changed script fit?"],
  ],
  explain: [["millrace explain pipeline.sql", "look before you run"]],
  checkpoints: [["millrace checkpoints verify .millrace", "every state file is read and its checksum compared"]],
  state: [
    ["millrace state show .millrace/totals/RUN/chk-14 group-agg groups --format json", "the groups of an aggregate"],
  ],
  test: [["millrace test sql-tests --chaos=2", "every case, and two chaos modes of each"]],
};
