import { mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, until, undisturbed } from "./support.ts";

const ROWS = 8000;
const data = mkdtempSync(join(tmpdir(), "millrace-savepoint-data-"));
const input = join(data, "events.csv");
let expected: ReadonlyMap<string, string>;
let scene: Scene;

/** Runs for about two seconds. */
const paced = { input, checkpoints: "SET 'execution.checkpointing.interval' = '100 ms';", rowsPerSecond: ROWS / 2 };

beforeAll(async () => {
  writeEvents(input, ROWS);
  expected = await undisturbed(twoSinks({ input, checkpoints: "" }), ["windows", "copies"]);
});

afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

function expectEqual(): void {
  for (const [table, text] of expected)
    expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
}

function sorted(text: string): string[] {
  return text.split("\n").toSorted();
}

/** Runs the script, and stops it with a savepoint as soon as a checkpoint is there. */
async function stopped(fault?: string): Promise<{ readonly stderr: string; readonly code: number | null }> {
  const { child, ended } = start(
    ["run", scene.script, "--stop-with-savepoint", join(scene.directory, "savepoints")],
    fault,
  );
  await until(() => scene.checkpoints("job").length > 0 && scene.folders("copies").length > 0);
  child.kill("SIGTERM");
  return await ended;
}

function savepoint(): string {
  const [name = ""] = scene.folders("savepoints");
  return join(scene.directory, "savepoints", name);
}

test("--stop-with-savepoint: status 130, the path is said, and both ways go on from it", async () => {
  scene = new Scene(twoSinks(paced));
  const { code, stderr } = await stopped();
  expect(code).toBe(130);
  expect(stderr).toBe(`savepoint of job complete: ${savepoint()}\n`);
  const resumed = await scene.resume();
  expect(resumed).toMatchObject({ code: 0 });
  expect(resumed.stderr).toMatch(/note: job started from checkpoint \d+ in \d+ ms \(restored in \d+ ms, first rows/);
  expectEqual();
});

test("a savepoint is gone on from when its run is gone, and when it was moved", async () => {
  scene = new Scene(twoSinks(paced));
  expect(await stopped()).toMatchObject({ code: 130 });
  rmSync(join(scene.directory, "checkpoints"), { recursive: true });
  const moved = join(scene.directory, "moved");
  renameSync(savepoint(), moved);
  const resumed = await scene.run("--from", moved);
  expect(resumed).toMatchObject({ code: 0 });
  for (const [table, text] of expected) expect(sorted(scene.visible(table))).toEqual(sorted(text));
  const metadata = JSON.parse(readFileSync(join(moved, "_metadata"), "utf8")) as {
    kind: string;
    properties: { statement: string };
  };
  expect(metadata.kind).toBe("savepoint");
  expect(metadata.properties.statement).toContain("INSERT INTO `windows`");
});

describe("killed at", () => {
  test.each([["savepoint.durable-not-complete"], ["savepoint.complete-not-committed"], ["filesystem.commit:9"]])(
    "%s of a stop with a savepoint: nothing is lost, nothing comes twice",
    async (fault) => {
      scene = new Scene(twoSinks({ ...paced, checkpoints: paced.checkpoints.replace("100 ms", "300 ms") }));
      await stopped(fault);
      for (const [table, text] of expected) expect(text.startsWith(scene.visible(table))).toBe(true);
      expect(await scene.resume()).toMatchObject({ code: 0 });
      expectEqual();
    },
  );

  test("savepoint.complete-not-committed, and gone on from by its path: the commit is done by the restore", async () => {
    scene = new Scene(twoSinks(paced));
    await stopped("savepoint.complete-not-committed");
    expect(await scene.run("--from", savepoint())).toMatchObject({ code: 0 });
    for (const [table, text] of expected) expect(sorted(scene.visible(table))).toEqual(sorted(text));
  });
});

test("a folder that cannot be written: said, stopped with a checkpoint, status 1", async () => {
  scene = new Scene(twoSinks(paced));
  const { child, ended } = start(["run", scene.script, "--stop-with-savepoint", "/dev/null/savepoints"]);
  await until(() => scene.checkpoints("job").length > 0 && scene.folders("copies").length > 0);
  child.kill("SIGTERM");
  const { code, stderr } = await ended;
  expect(code).toBe(1);
  expect(stderr).toContain("error[CHECKPOINT_FAILED]: cannot write the savepoint /dev/null/savepoints/savepoint-job-");
  expect(await scene.resume()).toMatchObject({ code: 0 });
  expectEqual();
});

test("SIGUSR2: a checkpoint of every job, said on stderr, and the job goes on", async () => {
  scene = new Scene(twoSinks({ ...paced, checkpoints: "SET 'execution.checkpointing.interval' = '1 h';" }));
  const { child, ended } = start(["run", scene.script]);
  await until(() => scene.folders("copies").length > 0);
  child.kill("SIGUSR2");
  await until(() => scene.checkpoints("job").length > 0);
  const { code, stderr } = await ended;
  expect([code, stderr]).toEqual([0, expect.stringMatching(/^checkpoint 1 of job complete: .*\/chk-1\n$/)]);
  expectEqual();
});
