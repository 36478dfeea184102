import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FaultProxy } from "../../scripts/s3-server/fault-proxy.ts";
import { describeS3 } from "../../scripts/s3-server/for-tests.ts";
import { leftovers, MOMENTS, output, settingStatements, type Setting } from "./kill-matrix.ts";
import { twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, type Ended } from "./support.ts";

/** As in the matrix on disks: another sample every day, MATRIX=all: all of them. */
const SAMPLE = 3;
const SETTINGS: readonly Setting[] = [
  { backend: "s3", threads: 1 },
  { backend: "s3", threads: 2 },
  { backend: "rocksdb", threads: 1 },
];
const cases = MOMENTS.flatMap((moment) => SETTINGS.map((setting) => ({ moment, setting })));
const day = Math.floor(Date.now() / 86_400_000);
const chosen =
  process.env["MATRIX"] === "all"
    ? cases
    : Array.from({ length: SAMPLE }, (_, i) => cases[((day * SAMPLE + i) * 7) % cases.length]!);

const data = mkdtempSync(join(tmpdir(), "millrace-s3-data-"));
const input = join(data, "events.csv");
beforeAll(() => writeEvents(input, 6000));
afterAll(() => rmSync(data, { recursive: true }));

describeS3("S3: checkpoints of jobs that are killed", ["bucket"], (server) => {
  let count = 0;

  const sceneOf = (setting: Setting, checkpoints?: string, rowsPerSecond?: number): Scene => {
    const directory = checkpoints ?? `s3://bucket/checks-${count++}`;
    const sets = `SET 'execution.checkpointing.dir' = '${directory}'; SET 'execution.checkpointing.records' = '1200';
SET 'execution.batch-rows' = '300'; ${settingStatements(setting)}`;
    return new Scene(twoSinks({ input, checkpoints: sets, rowsPerSecond }));
  };

  /** For processes that are started from here on. */
  const nameServer = (endpoint: string): void => {
    const { accessKey, secretKey } = server();
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: accessKey,
      AWS_SECRET_ACCESS_KEY: secretKey,
    });
  };

  /** One process after another, the last to the end, on machines that share nothing but the table and the server. */
  const runThrough = async (scene: Scene, faults: readonly string[], endpoint = server().endpoint): Promise<Ended> => {
    const { secretKey } = server();
    nameServer(endpoint);
    for (const fault of faults) {
      const { signal, stderr } = await scene.resume(fault);
      expect([fault, signal, stderr]).toEqual([fault, "SIGKILL", expect.anything()]);
      // Nothing of a checkpoint may lie on this machine.
      expect(scene.folders().filter((name) => !/^(job\.sql|windows|copies)$/.test(name))).toEqual([]);
    }
    const ended = await scene.resume();
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(secretKey)]);
    return ended;
  };

  const calm = new Map<string, Promise<ReadonlyMap<string, string>>>();
  const undisturbed = (setting: Setting): Promise<ReadonlyMap<string, string>> => {
    const key = JSON.stringify(setting);
    const found = calm.get(key) ?? runCalm(setting);
    calm.set(key, found);
    return found;
  };
  const runCalm = async (setting: Setting): Promise<ReadonlyMap<string, string>> => {
    const disk = { ...setting, backend: setting.backend === "s3" ? "memory" : setting.backend };
    const scene = sceneOf(disk, "${tmp}/checkpoints");
    const { code, stderr } = await scene.run();
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const text = output(scene, setting);
    scene.remove();
    return text;
  };

  test.each(chosen)("$setting.backend, $setting.threads thread(s), $moment.name", { timeout: 180_000 }, async (one) => {
    const { setting, moment } = one;
    const expected = await undisturbed(setting);
    const scene = sceneOf(setting);
    await runThrough(scene, moment.faults);
    expect(output(scene, setting)).toEqual(expected);
    expect(leftovers(scene)).toEqual([]);
    scene.remove();
  });

  test("a server that loses answers, is busy and breaks connections", { timeout: 180_000 }, async () => {
    const setting: Setting = { backend: "s3", threads: 1 };
    const faults = ["pass", "lost", "pass", "error", "pass", "reset", "pass", "half"] as const;
    const proxy = await FaultProxy.start(server().port, (n) => faults[n % faults.length]!);
    const scene = sceneOf(setting);
    await runThrough(scene, ["checkpoint.complete-not-committed:2"], proxy.endpoint);
    expect(output(scene, setting)).toEqual(await undisturbed(setting));
    await proxy.stop();
    scene.remove();
  });

  test("the server is killed in the middle, and comes back", { timeout: 180_000 }, async () => {
    const setting: Setting = { backend: "s3", threads: 1 };
    const scene = sceneOf(setting, undefined, 1500);
    const running = runThrough(scene, []);
    await new Promise((resolve) => setTimeout(resolve, 3000));
    await server().kill();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server().restart();
    await running;
    expect(output(scene, setting)).toEqual(await undisturbed(setting));
    scene.remove();
  });

  test("a savepoint in S3 of a run on a disk, and on with it", { timeout: 120_000 }, async () => {
    const setting: Setting = { backend: "memory", threads: 1 };
    const scene = sceneOf(setting, "${tmp}/checkpoints", 1500);
    nameServer(server().endpoint);
    const { ended, child } = start(["run", scene.script, "--stop-with-savepoint", "s3://bucket/saves"]);
    setTimeout(() => child.kill("SIGTERM"), 3000);
    const { stderr } = await ended;
    const path = /s3:\/\/bucket\/saves\/savepoint-job-[0-9a-f]+/.exec(stderr)?.[0];
    expect([path, stderr]).toEqual([expect.any(String), expect.anything()]);
    const shown = await start(["state", "show", path!]).ended;
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("WindowAggregate")]);
    const more = await start(["run", scene.script, "--from", path!]).ended;
    expect([more.code, more.stderr]).toEqual([0, expect.stringContaining("begins a new run with checkpoint")]);
    const bag = (texts: ReadonlyMap<string, string>): unknown =>
      [...texts].map(([table, text]) => [table, text.split("\n").toSorted()]);
    expect(bag(output(scene, setting))).toEqual(bag(await undisturbed(setting)));
    scene.remove();
  });

  test("nothing but the process knows the secret", { timeout: 120_000 }, async () => {
    const { accessKey, secretKey, endpoint } = server();
    const scene =
      new Scene(`SET 's3.endpoint' = '${endpoint}'; SET 's3.access.key' = '${accessKey}'; SET 's3.secret.key' = '${secretKey}';
SET; SET 'execution.checkpointing.dir' = 's3://bucket/secrets'; SET 'execution.checkpointing.records' = '1200';
${twoSinks({ input, checkpoints: "" }).replace(/SET 'execution.checkpointing.dir'.*;/, "")}`);
    const { code, stdout, stderr } = await scene.run("--verbose");
    expect([code, stderr]).toEqual([0, expect.anything()]);
    expect(stdout).toContain("s3.secret-key");
    expect(stdout + stderr).not.toContain(secretKey);
    nameServer(endpoint);
    const listed = await start(["checkpoints", "verify", "s3://bucket/secrets"]).ended;
    expect([listed.code, listed.stdout]).toEqual([
      0,
      expect.stringMatching(/job {2}.* finished[^]*chk-\d+ {2}completed/),
    ]);
    const folder = join(server().folder, "data", "bucket", "secrets");
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(3);
    for (const { parentPath, name } of files) {
      expect(readFileSync(join(parentPath, name), "latin1")).not.toContain(secretKey);
      if (name === "_metadata") expect(readFileSync(join(parentPath, name), "latin1")).toContain("******");
    }
    scene.remove();
  });
});
