import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderWith, millrace } from "./support.ts";

const cwd = folderWith({
  "one.sql": "SELECT 1 AS a;",
  "two.sql": "SELECT b FROM (VALUES 2) AS t(b);",
  "init.sql": "CREATE VIEW v AS SELECT 7 AS x; SET 'table.local-time-zone' = 'Asia/Tokyo';",
  "uses-init.sql": "SELECT x FROM v;",
  "bad.sql": "SELECT 1;\nSELEC 2;\nSELECT 3 +;\nSELECT 4",
  "names.sql":
    "CREATE TABLE t (größe INT, color STRING) WITH ('connector' = 'datagen');\nINSERT INTO out_ SELECT 1;\nSELECT 1",
  "wide.sql": "SELECT '日本語', 'é👍', missing FROM (VALUES 1) AS t(a);",
  "tabs.sql": "SELECT\n\tcolour\nFROM (VALUES 1) AS t(color);",
  "fails.sql": "SELECT 1 AS fine;\nSELECT 1 / (a - a) AS boom FROM (VALUES 5) AS t(a);\nSELECT 3 AS never;",
});

type Row = readonly [
  title: string,
  args: readonly string[],
  code: number,
  stdout: string | RegExp,
  stderr: string | RegExp,
];

function matcher(text: string | RegExp): unknown {
  return typeof text === "string" ? text : expect.stringMatching(text);
}

const HELP: readonly Row[] = [
  ["--version", ["--version"], 0, /^\d+\.\d+\.\d+\n$/, ""],
  ["-v", ["-v"], 0, /^\d+\.\d+\.\d+\n$/, ""],
  [
    "--help",
    ["--help"],
    0,
    /^millrace <command>\n[^]*\brun FILE\.sql[^]*\btest [^]*\bexplain [^]*Examples:\n {2}millrace -e/,
    "",
  ],
  ...["run", "test", "explain", "checkpoints"].flatMap((command): Row[] => [
    [
      `${command} --help`,
      [command, "--help"],
      0,
      new RegExp(`^millrace ${command} [^]*Examples:\\n {2}millrace ${command} `),
      "",
    ],
  ]),
  ["help run", ["help", "run"], 0, /^millrace run FILE/, ""],
  [
    "help of an unknown command",
    ["frobnicate", "--help"],
    64,
    "",
    /^error\[USAGE\]: unknown command 'frobnicate'\nhint: one of run, /,
  ],
];

const WRONG_USE: readonly Row[] = [
  [
    "an unknown flag",
    ["run", "one.sql", "--formt", "json"],
    64,
    "",
    "error[USAGE]: unknown flag '--formt'\nhint: did you mean '--format'?\n",
  ],
  [
    "an unknown flag of test",
    ["test", "--accpt"],
    64,
    "",
    "error[USAGE]: unknown flag '--accpt'\nhint: did you mean '--accept'?\n",
  ],
  ["an unknown flag like no other", ["run", "--zzz"], 64, "", /^error\[USAGE\]: unknown flag '--zzz'\nhint: .*--help/],
  ["an unknown command", ["tests"], 64, "", "error[USAGE]: unknown command 'tests'\nhint: did you mean 'test'?\n"],
  [
    "an unknown format",
    ["-e", "SELECT 1", "--format", "jsn"],
    64,
    "",
    /^error\[USAGE\]: --format is one of .*not 'jsn'\nhint: did you mean 'json'\?\n$/,
  ],
  ["nothing to run", ["run"], 64, "", /^error\[USAGE\]: nothing to run\nhint: /],
  ["only an init script", ["run", "-i", "init.sql"], 64, "", /^error\[USAGE\]: nothing to run\n/],
  ["-D without a value", ["-e", "SELECT 1", "-D", "foo"], 64, "", "error[USAGE]: -D takes key=value, not 'foo'\n"],
  [
    "--max-rows of no number",
    ["-e", "SELECT 1", "--max-rows", "few"],
    64,
    "",
    /^error\[USAGE\]: --max-rows takes a number/,
  ],
  ["a flag without its value", ["run", "one.sql", "--format"], 64, "", /^error\[USAGE\]: .*--format/],
];

const REJECTED: readonly Row[] = [
  [
    "a file that is not there",
    ["run", "nothing.sql"],
    2,
    "",
    "error[FILE_NOT_FOUND]: the file 'nothing.sql' does not exist\n",
  ],
  ["gateway", ["gateway"], 2, "", /^error\[UNSUPPORTED\]: millrace gateway/],
  ["init", ["init", "demo"], 2, "", /^error\[UNSUPPORTED\]: millrace init/],
  [
    "no threads",
    ["-e", "SELECT 1", "--parallelism", "0"],
    2,
    "",
    /^error\[OPTION_INVALID\]: invalid value '0' for option 'parallelism\.default'/,
  ],
  [
    "-D of an unknown option",
    ["-e", "SELECT 1", "-D", "tabel.dml-sync=true"],
    2,
    "",
    "error[OPTION_UNKNOWN]: 'tabel.dml-sync' is not an option that millrace knows\nhint: did you mean 'table.dml-sync'?\n",
  ],
  [
    "all syntax errors of a script at once, and nothing of it runs",
    ["run", "bad.sql"],
    2,
    "",
    `error[SYNTAX]: unexpected 'SELEC', expected a statement such as SELECT, INSERT or CREATE
 --> bad.sql:2:1
2 | SELEC 2;
  | ^^^^^
hint: did you mean 'SELECT'?

error[SYNTAX]: unexpected end of the statement, expected an expression
 --> bad.sql:3:10
3 | SELECT 3 +;
  |          ^
`,
  ],
  ["a syntax error in the second script stops the first", ["run", "one.sql", "bad.sql"], 2, "", /^error\[SYNTAX\]/],
  [
    "a name is rejected where it stands",
    ["run", "names.sql"],
    2,
    "",
    /^error\[TABLE_NOT_FOUND\]: .*\n --> names\.sql:2:13\n2 \| INSERT INTO out_ SELECT 1;\n {2}\| {13}\^\^\^\^\n/,
  ],
  [
    "carets stand under wide characters",
    ["run", "wide.sql"],
    2,
    "",
    "error[COLUMN_NOT_FOUND]: Column 'missing' not found in any table\n --> wide.sql:1:22\n1 | SELECT '日本語', 'é👍', missing FROM (VALUES 1) AS t(a);\n  |                         ^^^^^^^\n",
  ],
  [
    "a tab is one column",
    ["run", "tabs.sql"],
    2,
    "",
    "error[COLUMN_NOT_FOUND]: Column 'colour' not found in any table\n --> tabs.sql:2:2\n2 |  colour\n  |  ^^^^^^\nhint: did you mean 'color'?\n",
  ],
  [
    "the command line is a file too",
    ["-e", "SELECT nope"],
    2,
    "",
    /\n --> <command line>:1:8\n1 \| SELECT nope\n {2}\| {8}\^\^\^\^\n/,
  ],
];

const RUNS: readonly Row[] = [
  ["a file", ["run", "one.sql"], 0, "+I[1]\n", ""],
  ["-f FILE, without run", ["-f", "one.sql"], 0, "+I[1]\n", ""],
  ["a file, without run", ["one.sql"], 0, "+I[1]\n", ""],
  ["several files in order", ["run", "two.sql", "one.sql"], 0, "+I[2]\n+I[1]\n", ""],
  ["-e several times", ["-e", "SELECT 1", "-e", "SELECT 2"], 0, "+I[1]\n+I[2]\n", ""],
  ["-i before", ["run", "-i", "init.sql", "uses-init.sql"], 0, "+I[7]\n", ""],
  ["-i before -e", ["-i", "init.sql", "-e", "SELECT x + 1 FROM v"], 0, "+I[8]\n", ""],
  [
    "-D is SET",
    ["-D", "table.local-time-zone=Europe/Rome", "-D", "table.exec.state.ttl=1 h", "-e", "SET"],
    0,
    "+I[table.exec.state.ttl, 1 h]\n+I[table.local-time-zone, Europe/Rome]\n",
    "",
  ],
  ["-D with a short name", ["-D", "state.backend=hashmap", "-e", "SET"], 0, "+I[state.backend.type, hashmap]\n", ""],
  [
    "a job that fails: what came before stays, what comes after does not run",
    ["run", "fails.sql"],
    1,
    "+I[1]\n",
    /^error\[DIVISION_BY_ZERO\]: .*\n --> fails\.sql:2:\d+\n2 \| SELECT 1 \/ \(a - a\)/,
  ],
  ["explain starts nothing", ["explain", "fails.sql"], 0, /Calc\(/, ""],
  ["explain -e", ["explain", "-i", "init.sql", "-e", "SELECT x FROM v"], 0, /^SELECT x FROM v\n[^]*Values\(/, ""],
  ["explain of what is rejected", ["explain", "names.sql"], 2, /^$/, /^error\[TABLE_NOT_FOUND\]/],
];

describe.each([
  ["help", HELP],
  ["wrong use", WRONG_USE],
  ["rejected", REJECTED],
  ["runs", RUNS],
] as const)("%s", (_, rows) => {
  test.concurrent.each(rows)("%s", async (_title, args, code, stdout, stderr) => {
    expect(await millrace(args, { cwd })).toEqual({
      code,
      signal: null,
      stdout: matcher(stdout),
      stderr: matcher(stderr),
    });
  });
});

test("standard input", async () => {
  expect(await millrace(["-"], { cwd, stdin: "SELECT 'ü' AS u;\nSELECT x" })).toMatchObject({
    code: 2,
    stdout: "+I[ü]\n",
    stderr: expect.stringContaining("<stdin>:2:8"),
  });
  expect(await millrace(["run", "-"], { cwd, stdin: "SELECT 5" })).toMatchObject({ code: 0, stdout: "+I[5]\n" });
});

describe("config files", () => {
  test.concurrent.each([
    [
      "nested",
      "table:\n  local-time-zone: Asia/Tokyo\n  exec:\n    state.ttl: 1 h\n",
      0,
      "+I[table.exec.state.ttl, 1 h]\n+I[table.local-time-zone, Asia/Tokyo]\n",
      "",
    ],
    [
      "dotted",
      "table.local-time-zone: Asia/Tokyo\nexecution.checkpointing.num-retained: 3\n",
      0,
      "+I[execution.checkpointing.num-retained, 3]\n+I[table.local-time-zone, Asia/Tokyo]\n",
      "",
    ],
    ["empty", "# nothing\n", 0, "", ""],
    ["no YAML", "a: [\n", 2, "", /^error\[OPTION_INVALID\]: '.*' is not YAML/],
    ["no map", "- a\n- b\n", 2, "", /^error\[OPTION_INVALID\]: '.*' is not a map of options/],
    [
      "an unknown option",
      "table.local-timezone: Asia/Tokyo\n",
      2,
      "",
      /^error\[OPTION_UNKNOWN\]: 'table\.local-timezone'.*\nhint: did you mean 'table\.local-time-zone'\?/,
    ],
  ] as const)("%s", async (_, yaml, code, stdout, stderr) => {
    const folder = folderWith({ "conf.yaml": yaml });
    expect(await millrace(["--config", join(folder, "conf.yaml"), "-e", "SET"], { cwd })).toEqual({
      code,
      signal: null,
      stdout,
      stderr: matcher(stderr),
    });
  });

  test("./millrace.yaml is read without being named; -D goes before it", async () => {
    const folder = folderWith({ "millrace.yaml": "table.local-time-zone: Asia/Tokyo\ntable.dml-sync: true\n" });
    const ended = await millrace(["-e", "SET", "-D", "table.local-time-zone=Europe/Rome"], { cwd: folder });
    expect(ended).toMatchObject({
      code: 0,
      stdout: "+I[table.dml-sync, true]\n+I[table.local-time-zone, Europe/Rome]\n",
    });
  });

  test("a file that is named must be there", async () => {
    expect(await millrace(["--config", "nothing.yaml", "-e", "SET"], { cwd })).toMatchObject({
      code: 2,
      stderr: "error[FILE_NOT_FOUND]: the config file 'nothing.yaml' does not exist\n",
    });
  });
});
