import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, until, undisturbed } from "./support.ts";

const ROWS = 12_000;
const data = mkdtempSync(join(tmpdir(), "millrace-fencing-data-"));
const input = join(data, "events.csv");
let expected: ReadonlyMap<string, string>;
let scene: Scene;

/** Runs for about three seconds. */
const paced = { input, checkpoints: "SET 'execution.checkpointing.interval' = '100 ms';", rowsPerSecond: ROWS / 3 };

beforeAll(async () => {
  writeEvents(input, ROWS);
  expected = await undisturbed(twoSinks({ input, checkpoints: "" }), ["windows", "copies"]);
});

afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

function runFolder(): string {
  return join(scene.directory, "checkpoints/job", scene.folders("checkpoints", "job")[0]!);
}

/** The owner of the run looks like a process of another machine that has been silent for two minutes. */
function presumeDead(): void {
  const lock = join(runFolder(), "_lock");
  writeFileSync(lock, JSON.stringify({ ...(JSON.parse(readFileSync(lock, "utf8")) as object), host: "elsewhere" }));
  const before = Date.now() / 1000 - 120;
  utimesSync(lock, before, before);
}

function filesOfRun(): Record<string, string> {
  return Object.fromEntries(
    readdirSync(runFolder(), { recursive: true, encoding: "utf8" })
      .filter((name) => /_metadata$|_run\.json$|_history/.test(name))
      .sort()
      .map((name) => [name, readFileSync(join(runFolder(), name), "utf8")]),
  );
}

test.each(["while the new owner works", "after the new owner has finished"])(
  "a process that wakes up %s can complete, commit and write nothing",
  { timeout: 60_000 },
  async (when) => {
    scene = new Scene(twoSinks(paced));
    const sleeper = start(["run", scene.script]);
    // Some rows are committed, some are in files that it has open.
    await until(() => scene.checkpoints("job").some((id) => id >= 3) && scene.visible("copies") !== "");
    sleeper.child.kill("SIGSTOP");
    presumeDead();
    const owner = start(["run", scene.script, "--from", "latest"]);
    const attempts = (): number =>
      (JSON.parse(readFileSync(join(runFolder(), "_run.json"), "utf8")) as { attempt: number }).attempt;
    await until(() => attempts() === 2);
    const before = scene.checkpoints("job").at(-1)!;
    await until(() => (scene.checkpoints("job").at(-1) ?? 0) > before + 2);
    if (when.startsWith("while")) sleeper.child.kill("SIGCONT");
    expect(await owner.ended).toMatchObject({ code: 0 });
    const files = filesOfRun();
    if (when.startsWith("after")) sleeper.child.kill("SIGCONT");
    const { code, stderr } = await sleeper.ended;
    expect(code).toBe(1);
    expect(stderr).toMatch(/error\[RUN_TAKEN_OVER\]: the run .* was taken over by/);
    expect(filesOfRun()).toEqual(files);
    expect(JSON.parse(files["_run.json"]!)).toMatchObject({ status: "finished", attempt: 2 });
    for (const [table, text] of expected)
      expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
  },
);
