import { spawn } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cli } from "../recovery/support.ts";
import { ENDLESS, folderWith, millrace, start, until } from "./support.ts";

const SINK = "CREATE TABLE h (n BIGINT) WITH ('connector' = 'blackhole');";

describe("signals", () => {
  test("SIGINT ends an endless SELECT: 130, whole lines", async () => {
    const { child, text, ended } = start(["-e", `${ENDLESS} SELECT n FROM endless;`]);
    await until(() => text.stdout !== "");
    child.kill("SIGINT");
    const { code, stdout, stderr } = await ended;
    expect([code, stderr]).toEqual([130, ""]);
    expect(stdout).toMatch(/^(\+I\[1\]\n)+$/);
  });

  test("SIGINT while nobody reads the output", async () => {
    const { child, text, ended } = start(["-e", `${ENDLESS} SELECT n FROM endless;`]);
    await until(() => text.stdout !== "");
    child.stdout?.pause();
    await new Promise((resolve) => setTimeout(resolve, 500));
    child.kill("SIGINT");
    setTimeout(() => child.stdout?.resume(), 300);
    expect(await ended).toMatchObject({ code: 130, stderr: "" });
  });

  test("SIGTERM stops a job in files with its last checkpoint; --from latest goes on", async () => {
    const cwd = folderWith();
    const script = `SET 'execution.checkpointing.interval' = '1 min';
CREATE TABLE slow (n BIGINT) WITH ('connector' = 'datagen', 'rows-per-second' = '1000', 'fields.n.kind' = 'sequence', 'fields.n.start' = '1', 'fields.n.end' = '1000000');
CREATE TABLE f (n BIGINT) WITH ('connector' = 'filesystem', 'path' = 'out', 'format' = 'csv', 'sink.rolling-policy.file-size' = '1kb');
INSERT INTO f SELECT n FROM slow;`;
    const first = start(["-e", script], { cwd });
    const out = join(cwd, "out");
    await until(() => existsSync(out) && readdirSync(out).length > 1);
    first.child.kill("SIGTERM");
    expect(await first.ended).toMatchObject({ code: 130, stdout: "" });
    const lines = (): number[] =>
      readdirSync(join(cwd, "out"))
        .filter((name) => !name.startsWith("."))
        .flatMap((name) =>
          readFileSync(join(cwd, "out", name), "utf8")
            .trim()
            .split("\n")
            .map(Number),
        );
    const before = lines().length;
    expect(before).toBeGreaterThan(0);
    const entries = readdirSync(out).length;
    const second = start(["-e", script, "--from", "latest"], { cwd });
    await until(() => second.text.stderr.includes("goes on from checkpoint") && readdirSync(out).length > entries);
    second.child.kill("SIGTERM");
    expect(await second.ended).toMatchObject({ code: 130 });
    const all = lines().sort((a, b) => a - b);
    expect(all.length).toBeGreaterThan(before);
    expect(all).toEqual(all.map((_, i) => i + 1));
  });

  test("a second SIGINT does not wait", async () => {
    const { child, text, ended } = start([
      "-e",
      `${ENDLESS} ${SINK} INSERT INTO h SELECT n FROM endless; SELECT n FROM endless;`,
    ]);
    await until(() => text.stdout !== "");
    child.kill("SIGINT");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130 });
  });
});

describe("jobs beside each other", () => {
  test("an endless INSERT runs beside a bounded one, and ends with the script's end when it is stopped", async () => {
    const { child, text, ended } = start([
      "-e",
      `${ENDLESS} ${SINK} INSERT INTO h SELECT n FROM endless; SELECT 'after' AS a;`,
      "--verbose",
    ]);
    await until(() => text.stdout === "+I[after]\n");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stderr: expect.stringMatching(/"rows":[1-9]\d*/) });
  });

  test("table.dml-sync: the INSERT is waited for", async () => {
    const { child, text, ended } = start([
      "-e",
      `SET 'table.dml-sync' = 'true'; ${ENDLESS} ${SINK} INSERT INTO h SELECT n FROM endless; SELECT 'after' AS a;`,
    ]);
    // Nothing tells when the job runs; before, the signal would end the process.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ code: 130, stdout: "" });
    expect(text.stdout).toBe("");
  });

  test("a rejected statement ends the script and the jobs beside it", async () => {
    const ended = await millrace(["-e", `${ENDLESS} ${SINK} INSERT INTO h SELECT n FROM endless; SELECT nope;`]);
    expect(ended).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^error\[COLUMN_NOT_FOUND\]/) });
  });

  test("a job that fails is reported at once, with its statement, while another goes on", async () => {
    const { child, text, ended } = start([
      "-e",
      `${ENDLESS} ${SINK}
INSERT INTO h SELECT n FROM endless;
INSERT INTO h SELECT 10 / (n - 1) FROM endless;`,
    ]);
    await until(() => text.stderr.includes("\n"));
    expect(text.stderr).toMatch(/^error\[DIVISION_BY_ZERO\]: .*\n --> <command line>:3:\d+\n/);
    expect(child.exitCode).toBeNull();
    child.kill("SIGINT");
    expect((await ended).code).toBe(1);
  });
});

describe("readers of the output", () => {
  test("a reader that stops early is no error", async () => {
    const child = spawn("sh", [
      "-c",
      '"$0" "$1" -e "$2" | head -n 2; echo "done"',
      process.execPath,
      cli(),
      `${ENDLESS} SELECT n FROM endless;`,
    ]);
    let text = "";
    let errors = "";
    child.stdout.on("data", (piece: Buffer) => (text += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (errors += piece.toString()));
    await new Promise((resolve) => child.on("close", resolve));
    expect([text, errors]).toEqual(["+I[1]\n+I[1]\ndone\n", ""]);
  });

  test("a slow reader holds the query back: memory stays small", async () => {
    const { child, ended } = start(["-e", `${ENDLESS} SELECT n, s FROM endless;`]);
    child.stdout?.removeAllListeners("data").pause();
    let bytes = 0;
    let most = 0;
    const until = Date.now() + 2500;
    while (Date.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      bytes += (child.stdout?.read(64 * 1024) as string | null)?.length ?? 0;
      const rss = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${child.pid ?? 0}/status`, "utf8"))?.[1];
      most = Math.max(most, Number(rss) / 1024);
    }
    child.kill("SIGINT");
    child.stdout?.resume();
    expect((await ended).code).toBe(130);
    expect(bytes).toBeGreaterThan(100_000);
    expect(most).toBeLessThan(150);
  });

  test("no colours and no rewriting of lines without a terminal", async () => {
    const ended = await millrace(["-e", "SELECT nope"]);
    // oxlint-disable-next-line no-control-regex
    expect(ended.stderr + ended.stdout).not.toMatch(/[\u001b\r]/);
  });
});

describe("millrace test", () => {
  const CASE = "SELECT k, COUNT(*) AS n FROM (VALUES 'x', 'y', 'x') AS t(k) GROUP BY k;";
  const OUT =
    "changelog\n+I[x, 1]\n+I[y, 1]\n-U[x, 1]\n+U[x, 2]\nfinal\n[x, 2]\n[y, 1]\ncolumns\nk CHAR(1) NOT NULL\nn BIGINT NOT NULL\n";

  test("passes, fails with a difference by rows, reports, accepts", async () => {
    const cwd = folderWith({
      "good.sql": CASE,
      "good.out": OUT,
      "bad.sql": CASE,
      "bad.out": OUT.replaceAll("x, 2", "x, 3"),
    });
    const failed = await millrace(["test", ".", "--junit", "report.xml"], { cwd });
    expect(failed).toEqual({
      code: 1,
      signal: null,
      stdout:
        "FAIL bad\n  block 1: - [x, 3]\n  block 1: + [x, 2]\n  block 1: - +U[x, 3]\n  block 1: + +U[x, 2]\n1 passed, 1 failed, 0 skipped\n",
      stderr: "",
    });
    expect(readFileSync(join(cwd, "report.xml"), "utf8")).toMatch(
      /^<\?xml [^]*<testsuite name="millrace" tests="2" failures="1">\n {2}<testcase name="bad \[plain\]" time="[\d.]+"><failure>block 1: - \[x, 3\]\n[^]*<testcase name="good \[plain\]" time="[\d.]+"\/>\n<\/testsuite>\n$/,
    );
    expect(await millrace(["test", "bad.sql", "--accept"], { cwd })).toMatchObject({
      code: 0,
      stdout: "1 accepted\n1 passed, 0 failed, 0 skipped\n",
    });
    expect(readFileSync(join(cwd, "bad.out"), "utf8")).toBe(OUT);
    expect(await millrace(["test", ".", "--chaos=1"], { cwd })).toMatchObject({
      code: 0,
      stdout: "4 passed, 0 failed, 0 skipped\n",
    });
  });

  test("a folder that is not there, and a case without outcome", async () => {
    const cwd = folderWith();
    expect(await millrace(["test", "nothing"], { cwd })).toMatchObject({
      code: 2,
      stderr: "error[FILE_NOT_FOUND]: there is no 'nothing'\n",
    });
    expect(await millrace(["test", ".", "--chaos=many"], { cwd })).toMatchObject({
      code: 64,
      stderr: expect.stringMatching(/^error\[USAGE\]: --chaos takes a number/),
    });
    writeFileSync(join(cwd, "new.sql"), CASE);
    expect(await millrace(["test", "."], { cwd })).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^FAIL new\n {2}there is no .*new\.out: run with --accept\n/),
    });
  });
});

test("one script starts endless jobs, looks at them, and stops them with savepoints", async () => {
  const cwd = folderWith();
  const { code, stdout, stderr } = await millrace(
    [
      "-e",
      `SET 'execution.checkpointing.savepoint-dir' = 'savepoints';
       ${ENDLESS} ${SINK} INSERT INTO h SELECT n FROM endless;
       SET 'execution.checkpointing.interval' = '1 h'; INSERT INTO h SELECT n FROM endless;
       CHECKPOINT JOB 'h-2'; STOP JOB h WITH SAVEPOINT; STOP JOB 'h-2' WITH SAVEPOINT WITH DRAIN; SHOW JOBS;`,
    ],
    { cwd },
  );
  expect([code, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^\+I\[1, .*\/h-2\/.*\/chk-1\]\n\+I\[.*\/savepoints\/savepoint-h-[0-9a-f]{6}\]\n\+I\[.*\/savepoints\/savepoint-h-2-.*\]\n\+I\[.*, h, FINISHED, .*\]\n\+I\[.*, h-2, FINISHED, .*\]\n$/,
  );
  expect(readdirSync(join(cwd, "savepoints")).length).toBe(2);
  const looked = await millrace(["checkpoints", "verify", "savepoints"], { cwd });
  expect(looked).toMatchObject({ code: 0, stdout: expect.stringMatching(/chk-1  completed  savepoint/) });
});
