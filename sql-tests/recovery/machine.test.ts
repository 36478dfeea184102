import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { twoSinks, writeEvents } from "./scripts.ts";
import { cli, Scene, start, until, type Ended, undisturbed } from "./support.ts";

// Faults of the machine that the tests run on: two processes, a full disk, permissions, the clock.

const ROWS = 6000;
const TABLES = ["windows", "copies"];
/** Root may do everything: what is forbidden is tried as somebody else. */
const NOBODY = 65_534;
const asRoot = process.getuid?.() === 0;

const data = mkdtempSync(join(tmpdir(), "millrace-machine-"));
const input = join(data, "events.csv");
let expected: ReadonlyMap<string, string>;
let scene: Scene;

const byRows = "SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';";
/** A restart would only try the same again. */
const noRestart = "SET 'restart-strategy.type' = 'none';";
/** Runs for about two seconds. */
const paced = { input, checkpoints: "SET 'execution.checkpointing.interval' = '50 ms';", rowsPerSecond: ROWS / 2 };

beforeAll(async () => {
  writeEvents(input, ROWS);
  chmodSync(data, 0o755);
  expected = await undisturbed(twoSinks({ input, checkpoints: "" }), TABLES);
});
afterEach(() => scene.remove());
afterAll(() => rmSync(data, { recursive: true }));

function expectEqual(): void {
  for (const [table, text] of expected)
    expect(scene.visible(table) === text, `${table} differs from the undisturbed run`).toBe(true);
}

describe("two processes on one run", () => {
  test("the second is refused while the first is alive, and takes over when it is dead", async () => {
    scene = new Scene(twoSinks(paced));
    const first = start(["run", scene.script]);
    await until(() => scene.checkpoints("job").length > 0);
    const second = await scene.resume();
    expect(second).toMatchObject({ code: 2, stdout: "" });
    expect(second.stderr).toContain("error[RUN_LOCKED]");
    first.child.kill("SIGKILL");
    await first.ended;
    expect(await scene.resume()).toMatchObject({ code: 0 });
    expectEqual();
    expect(TABLES.flatMap((table) => scene.hidden(table))).toEqual([]);
  });

  test("one that was stopped, given up for dead, and wakes up, commits nothing more", async () => {
    scene = new Scene(twoSinks(paced));
    const first = start(["run", scene.script]);
    await until(() => scene.checkpoints("job").length > 0);
    first.child.kill("SIGSTOP");
    // To others it looks like a process of another machine that has been silent for minutes.
    const [run = ""] = scene.folders("checkpoints", "job");
    const lock = join(scene.directory, "checkpoints/job", run, "_lock");
    const owner = JSON.parse(readFileSync(lock, "utf8")) as object;
    writeFileSync(lock, JSON.stringify({ ...owner, host: "elsewhere" }));
    const longAgo = new Date(Date.now() - 300_000);
    utimesSync(lock, longAgo, longAgo);
    expect(await scene.resume()).toMatchObject({ code: 0 });
    expectEqual();
    first.child.kill("SIGCONT");
    const ended = await first.ended;
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain("error[RUN_TAKEN_OVER]");
    expectEqual();
  });
});

/** Runs `sh` in a mount namespace of its own, in which `folder` is a small disk; undefined: that is not possible here. */
async function onSmallDisk(folder: string, sizeKilobytes: number, script: string): Promise<Ended | undefined> {
  const mount = `mount -t tmpfs -o size=${sizeKilobytes}k tmpfs ${folder}`;
  const unshare = asRoot ? ["-m"] : ["-rm"];
  if (spawnSync("unshare", [...unshare, "sh", "-c", mount]).status !== 0) return undefined;
  const child = spawn("unshare", [...unshare, "sh", "-c", `${mount} && ${script}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece: Buffer) => (text.stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (text.stderr += piece.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, ...text };
}

test.for([
  ["out", 64],
  ["checkpoints", 24],
] as const)(
  "the disk of the %s gets full: it fails clearly, and goes on when there is room",
  async ([what, roomKilobytes], context) => {
    scene = new Scene("");
    const small = join(scene.directory, "small");
    mkdirSync(small);
    const script = twoSinks({ input, checkpoints: `${byRows} ${noRestart}` }).replaceAll(
      what === "out" ? /\$\{tmp\}(?=\/(windows|copies))/g : "${tmp}/checkpoints",
      what === "out" ? small : `${small}/checkpoints`,
    );
    writeFileSync(scene.script, script.replaceAll("${tmp}", scene.directory));
    const run = `${process.execPath} ${cli()} run ${scene.script} --from latest`;
    // The small disk goes with its namespace: everything is done in there, then the tables are carried out.
    const ended = await onSmallDisk(
      small,
      4096,
      `head -c $(( (4096 - ${roomKilobytes}) * 1024 )) /dev/zero > ${small}/ballast; ${run}; echo "status $?"; rm ${small}/ballast; ${run}; echo "status $?"; ` +
        `cp -r ${small}/. ${scene.directory}/`,
    );
    if (ended === undefined) return context.skip("a small disk cannot be mounted here");
    expect(ended.stdout).toBe("status 1\nstatus 0\n");
    expect(ended.stderr).toMatch(/error\[(IO|CHECKPOINT_FAILED)\]: .*(no space left on (the )?device)/i);
    expectEqual();
  },
);

/** `millrace run` as somebody who is not root. */
async function asNobody(...args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, [cli(), "run", scene.script, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    ...(asRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.on("data", (piece: Buffer) => (text.stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (text.stderr += piece.toString()));
  const [code, signal] = (await once(child, "close")) as [number | null, string | null];
  return { code, signal, ...text };
}

/** Gives the scene's folder to whom `asNobody` runs as; false: that one cannot even read the executable. */
function handOver(): boolean {
  if (!asRoot) return true;
  for (const path of [scene.directory, scene.script]) chownSync(path, NOBODY, NOBODY);
  const probe = spawnSync(process.execPath, [cli(), "run", "-e", "SELECT 1"], { uid: NOBODY, gid: NOBODY, cwd: "/" });
  return probe.status === 0;
}

test.for(["windows", "checkpoints"])(
  "no permission to write into %s: it fails clearly, and runs once there is",
  async (folder, context) => {
    scene = new Scene(twoSinks({ input, checkpoints: byRows }));
    const forbidden = join(scene.directory, folder);
    mkdirSync(forbidden);
    if (asRoot) chownSync(forbidden, NOBODY, NOBODY);
    chmodSync(forbidden, 0o555);
    if (!handOver()) return context.skip("somebody else cannot read the executable");
    const refused = await asNobody("--from", "latest");
    expect([1, 2]).toContain(refused.code);
    expect(refused.stderr).toMatch(/error\[(IO|CHECKPOINT_FAILED)\]: .*permission denied/i);
    expect(refused.stderr).toContain(forbidden);
    chmodSync(forbidden, 0o755);
    expect(await asNobody("--from", "latest")).toMatchObject({ code: 0 });
    expectEqual();
  },
);

test("permission is taken away while it runs: it fails clearly, keeps its checkpoints, and goes on", async (context) => {
  scene = new Scene(twoSinks({ ...paced, checkpoints: `${paced.checkpoints} ${noRestart}` }));
  if (!handOver()) return context.skip("somebody else cannot read the executable");
  const running = asNobody();
  await until(() => scene.checkpoints("job").length > 0);
  const copies = join(scene.directory, "copies");
  chmodSync(copies, 0o555);
  const ended = await running;
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(/error\[IO\]: .*permission denied/);
  chmodSync(copies, 0o755);
  const again = await asNobody("--from", "latest");
  expect(again).toMatchObject({ code: 0 });
  expect(again.stderr).toContain("goes on from checkpoint");
  expectEqual();
});

test.each([
  ["back by a day", -86_400_000],
  ["forward by a year", 365 * 86_400_000],
])("the clock jumps %s while the job runs, it is killed, and goes on", async (_how, jumpMillis) => {
  scene = new Scene(twoSinks(paced));
  const shift = join(scene.directory, "shift.cjs");
  writeFileSync(
    shift,
    `const now = Date.now; const start = performance.now();
Date.now = () => now() + (performance.now() - start > 600 ? ${jumpMillis} : 0);`,
  );
  const child = spawn(process.execPath, ["--require", shift, cli(), "run", scene.script], { stdio: "ignore" });
  const ended = once(child, "close");
  await until(() => scene.checkpoints("job").length > 0);
  await new Promise((resolve) => setTimeout(resolve, 900));
  expect(existsSync(join(scene.directory, "copies"))).toBe(true);
  child.kill("SIGKILL");
  await ended;
  expect(await scene.resume()).toMatchObject({ code: 0 });
  expectEqual();
});
