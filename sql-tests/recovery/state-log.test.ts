import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, undisturbed, until, type Ended } from "./support.ts";

const ROWS = 6000;
const TABLES = ["windows", "copies"];
const data = mkdtempSync(join(tmpdir(), "millrace-state-log-data-"));
const input = join(data, "events.csv");
let expected: ReadonlyMap<string, string>;
let scene: Scene;

const LOG = "SET 'state.synchronization' = 'continuous'; SET 'state.synchronization.interval' = '20 ms';";
/** With full checkpoints between the segments, so that the log is cut off. */
const BOTH = `${LOG} SET 'execution.checkpointing.interval' = '200 ms';`;

/** Goes on for so long that whatever it is to die of comes first; files are small, so that something is visible by then. */
function script(settings: string): string {
  return twoSinks({ input, checkpoints: settings, rowsPerSecond: ROWS / 12 }).replaceAll("40kb", "4kb");
}

beforeAll(async () => {
  writeEvents(input, ROWS);
  expected = await undisturbed(twoSinks({ input, checkpoints: "" }), TABLES);
});
afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

/** From now on the job goes as fast as it can. */
function hurry(): void {
  writeFileSync(scene.script, readFileSync(scene.script, "utf8").replace(/, 'scan.rows-per-second' = '\d+'/, ""));
}

async function finish(): Promise<Ended> {
  hurry();
  return scene.resume();
}

function expectEqual(hidden: (name: string) => boolean = () => true): void {
  for (const [table, text] of expected) {
    expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
    expect(scene.hidden(table).filter(hidden)).toEqual([]);
  }
}

function expectPrefix(): void {
  for (const [table, text] of expected)
    expect(text.startsWith(scene.visible(table)), `${table} shows rows that it should not`).toBe(true);
}

/** Every row once, in any order. */
function expectSameRows(): void {
  for (const [table, text] of expected)
    expect(scene.visible(table).split("\n").toSorted()).toEqual(text.split("\n").toSorted());
}

function segments(): string[] {
  const [run = ""] = scene.folders("checkpoints", "job");
  return scene.folders("checkpoints", "job", run, "log").filter((name) => !name.startsWith("."));
}

test("encrypted: killed, refused without the key, and gone on with", { timeout: 120_000 }, async () => {
  const variable = "MILLRACE_LOG_KEY";
  scene = new Scene(script(`${BOTH} SET 'execution.checkpointing.encryption-key' = 'env:${variable}';`));
  process.env[variable] = Buffer.alloc(32, 9).toString("base64");
  expect(await scene.resume("log.durable-not-acknowledged:3")).toMatchObject({ signal: "SIGKILL" });
  const [run = ""] = scene.folders("checkpoints", "job");
  for (const name of segments()) {
    const bytes = readFileSync(join(scene.directory, "checkpoints", "job", run, "log", name), "latin1");
    expect(bytes).not.toMatch(/positions|committables|windows/);
  }
  process.env[variable] = Buffer.alloc(32, 8).toString("base64");
  const refused = await scene.resume();
  expect([refused.code, refused.stderr]).toEqual([
    expect.any(Number),
    expect.stringContaining("error[ENCRYPTION_KEY]"),
  ]);
  expect(await start(["checkpoints", "list", join(scene.directory, "checkpoints")]).ended).toMatchObject({ code: 0 });
  process.env[variable] = Buffer.alloc(32, 9).toString("base64");
  const { code, stderr } = await finish();
  expect([code, stderr]).toEqual([0, expect.anything()]);
  expectEqual();
});

describe("killed at", () => {
  const moments: readonly (readonly [string, ...string[]])[] = [
    ["log alone", "log.before-segment:3"],
    ["log alone", "log.not-durable:3"],
    ["log alone", "log.durable-not-acknowledged:3"],
    ["log alone", "checkpoint.complete-not-committed:3"],
    ["log alone", "commit.between:3"],
    ["log alone", "filesystem.commit:2"],
    ["log and checkpoints", "log.truncating"],
    ["log and checkpoints", "log.truncating:3"],
    ["log and checkpoints", "checkpoint.durable-not-complete"],
    ["log alone", "log.durable-not-acknowledged:2", "restore"],
    ["log alone", "log.durable-not-acknowledged:2", "commit.after-restore", "checkpoint.before-durable"],
    [
      "log and checkpoints",
      "log.not-durable:3",
      "log.truncating",
      "log.durable-not-acknowledged",
      "run.before-finished",
    ],
  ];
  test.each(sampleOfTheDay(moments, 5))("%s: %s %s %s", { timeout: 60_000 }, async (settings, ...faults) => {
    scene = new Scene(script(settings === "log alone" ? LOG : BOTH));
    for (const fault of faults) {
      const { signal, stderr } = await scene.resume(fault);
      expect([signal, stderr]).toEqual(["SIGKILL", expect.anything()]);
      expectPrefix();
    }
    expect(await finish()).toMatchObject({ code: 0, stdout: "" });
    expectEqual();
  });
});

test.each(["false", "true"])(
  "another machine goes on, in another number of threads (unaligned: %s)",
  { timeout: 60_000 },
  async (unaligned) => {
    const threads = `SET 'parallelism.default' = '2'; SET 'execution.checkpointing.unaligned.enabled' = '${unaligned}';`;
    scene = new Scene(script(`${LOG} ${threads}`));
    expect(await scene.resume("log.durable-not-acknowledged:2")).toMatchObject({ signal: "SIGKILL" });
    // What the first machine had on its disk is not there, but for the tables.
    cpSync(join(scene.directory, "checkpoints"), join(scene.directory, "elsewhere"), { recursive: true });
    rmSync(join(scene.directory, "checkpoints"), { recursive: true });
    const moved = readFileSync(scene.script, "utf8").replace("/checkpoints'", "/elsewhere'");
    for (const [threads, fault] of [
      [3, "log.not-durable"],
      [1, undefined],
    ] as const) {
      writeFileSync(scene.script, moved.replace("'parallelism.default' = '2'", `'parallelism.default' = '${threads}'`));
      const resumed = await (fault === undefined ? finish() : scene.resume(fault));
      expect([resumed.signal, resumed.code, resumed.stderr]).toEqual(
        fault === undefined ? [null, 0, expect.anything()] : ["SIGKILL", null, expect.anything()],
      );
      expect(resumed.stderr).toMatch(/goes on from checkpoint \d+ of .*elsewhere/);
    }
    expectSameRows();
  },
);

test("a damaged segment: what comes before it is used, and nothing comes twice", { timeout: 60_000 }, async () => {
  scene = new Scene(script(LOG));
  expect(await scene.resume("log.durable-not-acknowledged:4")).toMatchObject({ signal: "SIGKILL" });
  const names = segments();
  const [run] = scene.folders("checkpoints", "job");
  const path = join(scene.directory, "checkpoints/job", run!, "log", names.at(-2)!);
  const bytes = readFileSync(path);
  bytes[bytes.length >> 1]! ^= 255;
  writeFileSync(path, bytes);
  const resumed = await finish();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toContain(`${names.at(-2)} of the log is damaged`);
  expectEqual((name) => !name.endsWith(".superseded"));
});

test("where the log stands, and a start from one of its segments", { timeout: 60_000 }, async () => {
  scene = new Scene(script(LOG));
  expect(await scene.resume("log.durable-not-acknowledged:4")).toMatchObject({ signal: "SIGKILL" });
  const listed = await start(["checkpoints", "list", join(scene.directory, "checkpoints")]).ended;
  expect([listed.code, listed.stdout]).toEqual([
    0,
    expect.stringMatching(
      /log: 4 segments, .*\n {2}its last segment is checkpoint 4 of .* ago: .*000000000004\n {2}a failure repeats the work of at most/,
    ),
  ]);
  const [run] = scene.folders("checkpoints", "job");
  const segment = join(scene.directory, "checkpoints/job", run!, "log", segments().at(-1)!);
  const shown = await start(["state", "show", segment]).ended;
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("WindowAggregate")]);
  hurry();
  const more = await start(["run", scene.script, "--from", segment]).ended;
  expect([more.code, more.stderr]).toEqual([0, expect.stringContaining("begins a new run with checkpoint 4 ")]);
  expectSameRows();
});

test("a savepoint in between, and a job that goes on without the log", { timeout: 60_000 }, async () => {
  scene = new Scene(script(`${LOG} SET 'execution.checkpointing.savepoint-dir' = '\${tmp}/saves';`));
  const { child, ended } = start([
    "run",
    scene.script,
    "--from",
    "latest",
    "--stop-with-savepoint",
    join(scene.directory, "saves"),
  ]);
  await until(() => segments().length > 3);
  child.kill("SIGTERM");
  expect((await ended).signal).toBeNull();
  expectPrefix();
  writeFileSync(
    scene.script,
    readFileSync(scene.script, "utf8").replace(LOG, "SET 'execution.checkpointing.interval' = '50 ms';"),
  );
  expect(await finish()).toMatchObject({ code: 0 });
  expectEqual();
});

test("a log, then no log: its newest cut is gone on from", { timeout: 60_000 }, async () => {
  scene = new Scene(script(LOG));
  expect(await scene.resume("log.durable-not-acknowledged:4")).toMatchObject({ signal: "SIGKILL" });
  const plain = readFileSync(scene.script, "utf8").replace(LOG, "SET 'execution.checkpointing.interval' = '50 ms';");
  writeFileSync(scene.script, plain);
  const resumed = await scene.resume("checkpoint.complete-not-committed:2");
  expect(resumed).toMatchObject({ signal: "SIGKILL" });
  expect(resumed.stderr).toContain("goes on from checkpoint 4 ");
  writeFileSync(scene.script, plain.replace("SET 'execution.checkpointing.interval' = '50 ms';", LOG));
  expect(await finish()).toMatchObject({ code: 0 });
  expectEqual();
});
