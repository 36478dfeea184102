import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnSync } from "node:child_process";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { APPENDING, appending, twoSinks, writeEvents } from "./scripts.ts";
import { cli, Scene, start, until, undisturbed } from "./support.ts";

const ROWS = 12_000;
const TABLES = ["windows", "copies"];
const data = mkdtempSync(join(tmpdir(), "millrace-recovery-data-"));
const input = join(data, "events.csv");
let expected: ReadonlyMap<string, string>;
let scene: Scene;

const everyRows = {
  input,
  checkpoints: "SET 'execution.checkpointing.records' = '2500'; SET 'execution.batch-rows' = '500';",
};
/** Runs for about two seconds. */
const paced = { input, checkpoints: "SET 'execution.checkpointing.interval' = '50 ms';", rowsPerSecond: ROWS / 2 };

beforeAll(async () => {
  writeEvents(input, ROWS);
  expected = await undisturbed(twoSinks({ input, checkpoints: "" }), TABLES);
});

afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

/** Every row once, in the order of the undisturbed run, and nothing left over. */
function expectEqual(): void {
  for (const [table, text] of expected) {
    expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
    expect(scene.hidden(table)).toEqual([]);
  }
}

/** Whatever happened: what readers see is how the expected rows begin. */
function expectPrefix(): void {
  for (const [table, text] of expected)
    expect(text.startsWith(scene.visible(table)), `${table} shows rows that it should not`).toBe(true);
}

describe("killed at", () => {
  const moments: readonly (readonly string[])[] = [
    ["checkpoint.before-durable"],
    ["checkpoint.before-durable:3"],
    ["checkpoint.durable-not-complete:2"],
    ["checkpoint.complete-not-committed:2"],
    ["commit.between:2"],
    ["filesystem.commit"],
    ["filesystem.commit:4"],
    ["run.before-finished"],
    ["checkpoint.complete-not-committed:2", "restore"],
    ["checkpoint.complete-not-committed:2", "restore:2"],
    ["checkpoint.complete-not-committed:2", "commit.after-restore"],
    ["checkpoint.complete-not-committed:2", "commit.after-restore:2"],
    ["commit.between:3", "filesystem.commit:2", "checkpoint.before-durable:2", "run.before-finished"],
  ];
  test.each(sampleOfTheDay(moments, 6))("%s %s %s %s", async (...faults) => {
    scene = new Scene(twoSinks(everyRows));
    for (const fault of faults) {
      expect(await scene.resume(fault)).toMatchObject({ signal: "SIGKILL", stdout: "" });
      expectPrefix();
    }
    expect(await scene.resume()).toMatchObject({ code: 0, stdout: "" });
    expectEqual();
  });
});

test("compacted files: killed while they are made and before they have their name", async () => {
  const script = twoSinks(everyRows).replaceAll(
    "'sink.rolling-policy.file-size' = '40kb'",
    "$&, 'auto-compaction' = 'true', 'compaction.file-size' = '1mb'",
  );
  scene = new Scene(script);
  for (const fault of ["filesystem.compacted", "filesystem.compacted:3", "commit.between:2"]) {
    expect(await scene.resume(fault)).toMatchObject({ signal: "SIGKILL", stdout: "" });
    expectPrefix();
  }
  expect(await scene.resume()).toMatchObject({ code: 0, stdout: "" });
  expectEqual();
});

test(
  "windows, sessions, joins, ranks, sorts: killed again and again, the same rows in the same order",
  { timeout: 90_000 },
  async () => {
    const script = appending({ ...everyRows, checkpoints: everyRows.checkpoints.replace("2500", "1000") });
    const calm = new Scene(script);
    expect(await calm.run()).toMatchObject({ code: 0 });
    scene = new Scene(script);
    for (const fault of [
      "checkpoint.complete-not-committed",
      "filesystem.commit:7",
      "checkpoint.before-durable:2",
      "checkpoint.durable-not-complete:2",
    ]) {
      expect(await scene.resume(fault)).toMatchObject({ signal: "SIGKILL" });
    }
    expect(await scene.resume()).toMatchObject({ code: 0 });
    for (const table of Object.keys(APPENDING)) {
      expect(calm.visible(table)).not.toBe("");
      expect(scene.visible(table) === calm.visible(table), `${table} differs`).toBe(true);
      expect(scene.hidden(table)).toEqual([]);
    }
    calm.remove();
  },
);

test("a run that another process works in is refused, and nothing happens to it", async () => {
  scene = new Scene(twoSinks(paced));
  const first = start(["run", scene.script]);
  await until(() => scene.checkpoints("job").length > 0);
  const second = await scene.resume();
  expect(second).toMatchObject({ code: 2, stdout: "" });
  expect(second.stderr).toContain("error[RUN_LOCKED]");
  expect(await first.ended).toMatchObject({ code: 0, stderr: "" });
  expectEqual();
});

test.each(["SIGTERM", "SIGINT"] as const)("%s: a last checkpoint, status 130, then it goes on", async (signal) => {
  scene = new Scene(twoSinks({ ...paced, checkpoints: "SET 'execution.checkpointing.interval' = '1 h';" }));
  const { child, ended } = start(["run", scene.script]);
  await until(() => scene.folders("copies").length > 0);
  child.kill(signal);
  expect(await ended).toMatchObject({ code: 130, stdout: "" });
  expect(scene.checkpoints("job")).toEqual([1]);
  expectPrefix();
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toContain("goes on from checkpoint 1 ");
  expectEqual();
});

/** A run of which two checkpoints are kept, and the first, on which the second builds; killed. Returns the folder of the run. */
async function withTwoCheckpoints(): Promise<string> {
  const retained = "SET 'execution.checkpointing.num-retained' = '2';";
  scene = new Scene(twoSinks({ ...everyRows, checkpoints: everyRows.checkpoints + retained }));
  expect(await scene.resume("checkpoint.before-durable:4")).toMatchObject({ signal: "SIGKILL" });
  expect(scene.checkpoints("job")).toEqual([1, 2, 3, 4]);
  return join(scene.directory, "checkpoints/job", scene.folders("checkpoints", "job")[0]!);
}

function damage(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 255;
  writeFileSync(path, bytes);
}

test("a damaged state file: the checkpoint before it is used", async () => {
  const run = await withTwoCheckpoints();
  const [state] = scene
    .folders("checkpoints", "job", run.split("/").at(-1)!, "chk-3")
    .filter((name) => name.includes(".state"));
  damage(join(run, "chk-3", state!));
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toContain(`note: checkpoint 3 is not used: the file ${state} of the checkpoint`);
  expect(resumed.stderr).toContain("goes on from checkpoint 2 ");
  expectVisibleEqual();
});

test("damaged metadata, and no other checkpoint: the job starts over and nothing comes twice", async () => {
  const run = await withTwoCheckpoints();
  for (const id of [1, 2, 3]) writeFileSync(join(run, `chk-${id}`, "_metadata"), "{");
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toContain("has no valid checkpoint: it starts over");
  expectVisibleEqual();
});

/** Files of rows that were written again stay under a hidden name. */
function expectVisibleEqual(): void {
  for (const [table, text] of expected) {
    expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
    expect(scene.hidden(table).filter((name) => !name.endsWith(".superseded"))).toEqual([]);
  }
}

test("a run that began with a checkpoint of another one goes on with it before it has its own", async () => {
  scene = new Scene(twoSinks(everyRows));
  expect(await scene.resume("filesystem.commit:3")).toMatchObject({ signal: "SIGKILL" });
  const run = join(scene.directory, "checkpoints/job", scene.folders("checkpoints", "job")[0]!);
  const checkpoint = join(run, `chk-${scene.checkpoints("job").at(-1)}`);
  expect(await start(["run", scene.script, "--from", checkpoint], "checkpoint.before-durable").ended).toMatchObject({
    signal: "SIGKILL",
  });
  rmSync(run, { recursive: true });
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toContain(" goes on from checkpoint ");
  for (const [table, text] of expected)
    expect(scene.visible(table).split("\n").toSorted()).toEqual(text.split("\n").toSorted());
});

test("a damaged state of the run is an error", async () => {
  const run = await withTwoCheckpoints();
  writeFileSync(join(run, "_run.json"), "{}");
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 1 });
  expect(resumed.stderr).toMatch(/^error\[CHECKPOINT_INVALID\]: .*_run\.json is damaged/);
});

test("a finished run has nothing to do", async () => {
  scene = new Scene(twoSinks(everyRows));
  expect(await scene.run()).toMatchObject({ code: 0 });
  const files = TABLES.map((table) => scene.folders(table));
  const again = await scene.resume();
  expect(again).toMatchObject({
    code: 0,
    stdout: "",
    stderr: "note: the last run of job had finished: there is nothing to do\n",
  });
  expect(TABLES.map((table) => scene.folders(table))).toEqual(files);
  expectEqual();
});

test("random kills", { timeout: 90_000 }, () => {
  scene = new Scene("");
  const script = join(import.meta.dirname, "../../scripts/kill-test.mjs");
  const done = spawnSync(process.execPath, [script, "--rows", "60000", "--kills", "5", "--rows-per-second", "30000"], {
    env: { ...process.env, MILLRACE_CLI: cli() },
    encoding: "utf8",
  });
  expect(done.stdout).toContain("5 kills, everything equal");
});
