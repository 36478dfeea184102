import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { cli } from "../recovery/support.ts";
import { folderWith, millrace, until } from "./support.ts";

const SLOW_SOURCE = `CREATE TABLE ticks (id BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '50',
  'fields.id.kind' = 'sequence', 'fields.id.start' = '1', 'fields.id.end' = '1000000');`;

/** The shell on a pseudo-terminal, which `script` of util-linux makes. */
class Typist {
  readonly folder = folderWith();
  #screen = "";
  readonly #child;
  readonly ended: Promise<number | null>;

  constructor(args = "") {
    this.#child = spawn("script", ["-qefc", `'${process.execPath}' '${cli()}' ${args}`, "/dev/null"], {
      cwd: this.folder,
      env: {
        ...process.env,
        TERM: "xterm",
        COLUMNS: "100",
        LINES: "30",
        MILLRACE_HISTORY: join(this.folder, "history"),
      },
    });
    this.#child.stdout.setEncoding("utf8").on("data", (piece: string) => (this.#screen += piece));
    this.ended = once(this.#child, "close").then(([code]) => code as number | null);
    running.push(() => this.#child.kill("SIGKILL"));
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** Types a line and waits for what it brings; answers everything since the line was typed. */
  async line(line: string, expected: string | RegExp): Promise<string> {
    const start = this.#screen.length;
    this.type(`${line}\r`);
    return await this.see(expected, start);
  }

  /** Waits until the text stands on the screen after `from`. */
  async see(expected: string | RegExp, from = 0): Promise<string> {
    const seen = (): string => plain(this.#screen.slice(from));
    await until(() => (typeof expected === "string" ? seen().includes(expected) : expected.test(seen())));
    return seen();
  }

  get length(): number {
    return this.#screen.length;
  }

  async prompt(): Promise<void> {
    await this.see("millrace> ");
  }
}

const running: (() => void)[] = [];
afterEach(() => {
  for (const kill of running.splice(0)) kill();
});

/** Without what moves the cursor. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/\u001b\[[0-9;?]*[A-Za-z]/g, "").replaceAll("\r", "");
}

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const TAB = "\t";
const UP = "\u001b[A";

const hasScript = spawnSync("script", ["--version"]).stdout?.includes("util-linux") ?? false;

describe.skipIf(!hasScript)("the shell on a terminal (needs `script` of util-linux)", () => {
  test("statements of several lines, completion, errors with their place, QUIT", async () => {
    const shell = new Typist();
    await shell.prompt();
    await shell.line("SELECT 1 AS one,", "->");
    expect(await shell.line("  'x' AS two;", "finished in")).toMatch(/\| +1 \| x +\|/);
    await shell.line("CREATE TABLE orders (id BIGINT, price DOUBLE) WITH ('connector' = 'datagen');", "succeeded");
    const before = shell.length;
    shell.type(`DESCRIBE or${TAB}`);
    await shell.see("DESCRIBE orders", before);
    const described = await shell.line(";", "Received a total of 2 rows");
    expect(described).toContain("| price | DOUBLE |");
    expect(await shell.line("SELECT prize FROM orders;", "hint:")).toMatch(/error\[COLUMN_NOT_FOUND\][\s\S]*\^/);
    shell.type("quit\r");
    expect(await shell.ended).toBe(0);
  });

  test("Ctrl-C ends the query, not the shell; history keeps statements whole", async () => {
    const shell = new Typist();
    await shell.prompt();
    await shell.line(SLOW_SOURCE.replaceAll("\n", " "), "succeeded");
    await shell.line("SELECT id", "->");
    const start = shell.length;
    shell.type("FROM ticks;\r");
    await shell.see(/\| \+I \| +20 \|/, start);
    const interrupted = shell.length;
    shell.type(CTRL_C);
    await shell.see("(stopped in", interrupted);
    const after = shell.length;
    shell.type(UP);
    await shell.see("SELECT id FROM ticks;", after);
    shell.type(CTRL_C);
    expect(await shell.line("SELECT 42 AS answer;", "finished in")).toContain("42");
    shell.type(CTRL_D);
    expect(await shell.ended).toBe(0);
    expect(readFileSync(join(shell.folder, "history"), "utf8")).toContain("\nSELECT id FROM ticks;\n");
  });

  test("a result as it is now, redrawn in place", async () => {
    const shell = new Typist();
    await shell.prompt();
    await shell.line(SLOW_SOURCE.replaceAll("\n", " "), "succeeded");
    await shell.line("SET 'sql-client.execution.result-mode' = 'table';", "succeeded");
    const start = shell.length;
    shell.type("SELECT COUNT(*) AS n FROM ticks;\r");
    await shell.see(/1 row · \d+ changes? · Ctrl-C ends[\s\S]*1 row · \d+ changes · Ctrl-C ends/, start);
    shell.type(CTRL_C);
    await shell.see("1 row in set", start);
    shell.type("exit;\r");
    expect(await shell.ended).toBe(0);
  });

  test("INSERTs run in the background while other statements run; leaving stops them", async () => {
    const shell = new Typist(`-D table.local-time-zone=UTC`);
    await shell.prompt();
    await shell.line(SLOW_SOURCE.replaceAll("\n", " "), "succeeded");
    await shell.line("CREATE TABLE out (id BIGINT) WITH ('connector' = 'print');", "succeeded");
    const start = shell.length;
    shell.type("INSERT INTO out SELECT id FROM ticks;\r");
    await shell.see(/runs in the background[\s\S]*\+I\[5\]/, start);
    expect(await shell.line("SHOW JOBS;", /Received a total of \d rows?/)).toMatch(/out +\| RUNNING/);
    expect(await shell.line("EXPLAIN JOB 'out';", "node")).toMatch(/Job out: RUNNING, \d+ rows read and \d+ rows out/);
    await shell.line("STOP JOB 'out';", "[INFO] Job 'out' stopped.");
    shell.type("INSERT INTO out SELECT id FROM ticks;\r");
    await shell.see("Job 'out-2' runs");
    shell.type("quit\r");
    await shell.see("Stopping out-2.");
    expect(await shell.ended).toBe(0);
  });

  test("lines that are pasted together run one after another", async () => {
    const shell = new Typist();
    await shell.prompt();
    const start = shell.length;
    shell.type("SELECT 'first' AS a;\rSELECT 'second'\rAS b;\r");
    const seen = await shell.see(/second[\s\S]*finished in/, start);
    expect(seen.indexOf("| first |")).toBeGreaterThan(0);
    expect(seen.indexOf("| second |")).toBeGreaterThan(seen.indexOf("| first |"));
    shell.type("quit\r");
    expect(await shell.ended).toBe(0);
  });
});

test("what is piped in is a script", async () => {
  const { stdout, code } = await millrace([], { stdin: "SELECT 1;\nSELECT 'b';\n" });
  expect({ stdout, code }).toEqual({ stdout: "+I[1]\n+I[b]\n", code: 0 });
});

test("flags of run are refused by the shell's front door only when there is nothing to run", async () => {
  const { stderr, code } = await millrace(["--wrong"], { stdin: "" });
  expect(code).toBe(64);
  expect(stderr).toContain("unknown flag '--wrong'");
});
