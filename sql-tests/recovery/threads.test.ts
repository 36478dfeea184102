import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { APPENDING, appending, twoSinks, writeEvents } from "./scripts.ts";
import { Scene, undisturbed } from "./support.ts";

const ROWS = 12_000;
const data = mkdtempSync(join(tmpdir(), "millrace-threads-data-"));
const input = join(data, "events.csv");
/** The same rows in four files, one after another: four splits. */
const parts = join(data, "parts");
/** So many rows that a job is not at its end after a few checkpoints by the clock, whatever machine it is. */
const manyParts = join(data, "many-parts");
const everyRows = "SET 'execution.checkpointing.records' = '2500'; SET 'execution.batch-rows' = '500';";
let scene: Scene;

beforeAll(() => {
  writeEvents(input, ROWS);
  writeParts(input, parts);
  const many = join(data, "many.csv");
  writeEvents(many, 8 * ROWS);
  writeParts(many, manyParts);
});
afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

function writeParts(file: string, folder: string): void {
  mkdirSync(folder);
  const lines = readFileSync(file, "utf8").trimEnd().split("\n");
  const size = lines.length / 4;
  for (let part = 0; part < 4; part++)
    writeFileSync(join(folder, `${part}.csv`), `${lines.slice(part * size, (part + 1) * size).join("\n")}\n`);
}

/** With four splits a row may only be late where it would be in one thread: here none is. */
function neverLate(script: string): string {
  return script.replace("ts - INTERVAL '5' SECOND", "ts - INTERVAL '9' SECOND");
}

function sorted(text: string): string[] {
  return text.trimEnd().split("\n").sort();
}

/** The rows of a job in one thread that nobody disturbs. */
async function undisturbedRows(script: string, tables: readonly string[]): Promise<Map<string, string[]>> {
  return new Map([...(await undisturbed(script, tables))].map(([table, text]) => [table, sorted(text)]));
}

function expectRows(expected: ReadonlyMap<string, string[]>): void {
  for (const [table, rows] of expected) {
    expect({ table, rows: sorted(scene.visible(table)) }).toEqual({ table, rows });
    expect(scene.hidden(table)).toEqual([]);
  }
}

const ALL = Object.keys(APPENDING);

describe("operators in several threads", () => {
  test.each([
    ["one split", 3],
    ["four splits", 2],
  ])("%s: the rows of one thread", async (splits, threads) => {
    const script = (source: string): string => neverLate(appending({ input: source, checkpoints: "" }));
    const source = splits === "one split" ? input : parts;
    const expected = await undisturbedRows(script(source), ALL);
    scene = new Scene(script(source));
    const { code, stderr } = await scene.run("--parallelism", String(threads));
    expect([code, stderr]).toEqual([0, stderr]);
    expectRows(expected);
  });

  test("late rows of one split are the same ones", async () => {
    const script = twoSinks({ input, checkpoints: "" });
    const expected = await undisturbedRows(script, ["windows", "copies"]);
    scene = new Scene(script);
    await scene.run("--parallelism", "3");
    expectRows(expected);
  });
});

describe("killed and restored", () => {
  const moments = [
    "checkpoint.before-durable:2",
    "checkpoint.durable-not-complete:2",
    "checkpoint.complete-not-committed:2",
    "commit.between:2",
    "filesystem.commit:3",
    "run.before-finished",
  ];
  test.each(sampleOfTheDay(moments, 2))("at %s, in two threads", async (fault) => {
    const script = neverLate(twoSinks({ input: parts, checkpoints: everyRows }));
    const expected = await undisturbedRows(script, ["windows", "copies"]);
    scene = new Scene(`SET 'parallelism.default' = '2';\n${script}`);
    expect((await scene.resume(fault)).signal).toBe("SIGKILL");
    const { code, stderr } = await scene.resume();
    expect([code, stderr]).toEqual([0, stderr]);
    expectRows(expected);
  });

  test("in one, then three, then two threads, all operators", { timeout: 120_000 }, async () => {
    const script = neverLate(appending({ input: parts, checkpoints: everyRows }));
    const expected = await undisturbedRows(script, ALL);
    scene = new Scene(script);
    const faults = ["checkpoint.complete-not-committed:2", "checkpoint.complete-not-committed", undefined];
    for (const [i, threads] of ["1", "3", "2"].entries()) {
      const fault = faults[i];
      const { code, signal, stderr } = await scene.resume(fault, "--parallelism", threads);
      expect([code, signal, stderr]).toEqual(fault === undefined ? [0, null, stderr] : [null, "SIGKILL", stderr]);
    }
    expectRows(expected);
  });
});

describe("unaligned checkpoints", () => {
  const unaligned = "SET 'execution.checkpointing.unaligned.enabled' = 'true';\n";

  test("killed and restored in as many threads, then in others, all operators", { timeout: 300_000 }, async () => {
    const script = neverLate(
      appending({
        input: manyParts,
        // The pause lets the rows get on where a checkpoint takes long.
        checkpoints:
          "SET 'execution.checkpointing.interval' = '20 ms'; SET 'execution.checkpointing.min-pause' = '50 ms'; SET 'execution.batch-rows' = '10';",
      }),
    );
    const expected = await undisturbedRows(script, ALL);
    scene = new Scene(unaligned + script);
    // Checkpoints come by the clock: one that comes before the first rows has nothing to overtake. Another one then.
    for (
      let kills = 0;
      kills < 2 || !scene.newestStateFiles("job").some((name) => name.includes("in-flight"));
      kills++
    ) {
      expect(kills, "no checkpoint has overtaken rows").toBeLessThan(20);
      const { signal } = await scene.resume("checkpoint.complete-not-committed:2", "--parallelism", "2");
      expect(signal).toBe("SIGKILL");
    }
    // Those that made it take up what it overtook; the checkpoint of that is cut short too.
    const realigned = await scene.resume("checkpoint.complete-not-committed", "--parallelism", "3");
    expect([realigned.signal, realigned.stderr]).toEqual([
      "SIGKILL",
      expect.stringContaining("the 2 threads that made it"),
    ]);
    const { code, stderr } = await scene.resume(undefined, "--parallelism", "3");
    expect([code, stderr]).toEqual([0, expect.not.stringContaining("is unaligned")]);
    expectRows(expected);
  });

  test.each([
    ["2", "2"],
    ["3", "2"],
  ])(
    "in %s, then in %s threads: late rows of one split are the same ones",
    { timeout: 120_000 },
    async (first, second) => {
      const script = twoSinks({ input, checkpoints: everyRows });
      const expected = await undisturbedRows(script, ["windows", "copies"]);
      scene = new Scene(unaligned + script);
      const killed = await scene.resume("checkpoint.complete-not-committed:2", "--parallelism", first);
      expect([killed.signal, killed.stderr]).toEqual(["SIGKILL", expect.anything()]);
      // Rows that the barrier overtook, while the threads without a split held no watermark back.
      expect(scene.newestStateFiles("job")).toContainEqual(expect.stringContaining("in-flight"));
      const { code, stderr } = await scene.resume(undefined, "--parallelism", second);
      expect([code, stderr]).toEqual([0, expect.anything()]);
      expectRows(expected);
    },
  );
});

test("at least once: barriers wait for nothing, no row is lost", async () => {
  const script = neverLate(twoSinks({ input: parts, checkpoints: everyRows }));
  const expected = await undisturbedRows(script, ["windows", "copies"]);
  scene = new Scene(
    `SET 'execution.checkpointing.mode' = 'AT_LEAST_ONCE'; SET 'parallelism.default' = '2';\n${script}`,
  );
  expect((await scene.resume("checkpoint.complete-not-committed:2")).signal).toBe("SIGKILL");
  const { code, stderr } = await scene.resume();
  expect([code, stderr]).toEqual([0, stderr]);
  // What only passes through is cut at the barrier in each thread by itself: exactly once even so.
  expect(sorted(scene.visible("copies"))).toEqual(expected.get("copies"));
  // What is exchanged may count again, in the same windows.
  const windowOf = (row: string): string => row.split(",").slice(0, 2).join(",");
  expect(new Set(sorted(scene.visible("windows")).map(windowOf))).toEqual(
    new Set(expected.get("windows")!.map(windowOf)),
  );
});

test("a thread that dies restarts the job from its checkpoint, not the process", async () => {
  const file = join(data, "dies.mjs");
  const flag = join(data, "died");
  writeFileSync(
    file,
    `import { existsSync, writeFileSync } from "node:fs";
export function through(id) {
  if (id === 9000n && !existsSync(${JSON.stringify(flag)})) { writeFileSync(${JSON.stringify(flag)}, ""); process.exit(1); }
  return id;
}
through.returns = "BIGINT";
through.parameters = ["BIGINT"];
`,
  );
  const script = twoSinks({ input, checkpoints: everyRows });
  const expected = await undisturbedRows(script, ["windows", "copies"]);
  scene = new Scene(
    `SET 'parallelism.default' = '2'; SET 'restart-strategy.type' = 'fixed-delay'; SET 'restart-strategy.fixed-delay.delay' = '10 ms';
CREATE FUNCTION through AS '${file}#through' LANGUAGE JAVASCRIPT;
${script.replace("SELECT id, k, name FROM events", "SELECT through(id), k, name FROM events")}`,
  );
  const { code, stderr } = await scene.run();
  expect(stderr).toMatch(/thread \d of the job has died/);
  expect(code).toBe(0);
  expectRows(expected);
});

test("code that cannot be handed to a thread is refused by name", async () => {
  const { createEngine } = await import("../../src/index.ts");
  const [scalar] = (await import("../../src/functions/index.ts")).SCALAR_FUNCTIONS;
  const engine = createEngine({
    config: { "parallelism.default": "2" },
    extensions: { scalars: [{ ...scalar!, name: "MY_OWN" }] },
  });
  await expect(engine.run("SELECT 1")).rejects.toMatchObject({ code: "UNSUPPORTED" });
  scene = new Scene("");
});
