import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FaultProxy } from "../../scripts/fault-proxy.ts";
import { namesOf } from "../../src/storage/byte-storage.test-helper.ts";
import { remotePlace } from "../../src/storage/remote-place.ts";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import { KEY_VARIABLE, leftovers, momentsOf, output, settingStatements, type Setting } from "./kill-matrix.ts";
import { twoSinks, writeEvents } from "./scripts.ts";
import { Scene, start, type Ended } from "./support.ts";

/** Answers of a server that cannot be relied on. */
const UNRELIABLE = ["pass", "lost", "pass", "pass", "error", "pass", "pass", "reset", "pass", "half", "pass"] as const;

/** A server that runs only for the tests. */
interface Server {
  readonly port: number;
  readonly endpoint: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** A storage that is no disk, in which the checkpoints of jobs that are killed lie. */
export interface KilledStorage {
  /** The backend that is named after it. */
  readonly backend: string;
  /** Gives the server; inside tests only. */
  server(): Server;
  /** The URI of a folder in it. */
  location(folder: string): string;
  /** Makes processes that are started from here on find the server, or what stands in front of it. */
  name(endpoint: string): void;
  /** What no output may hold. */
  readonly secret?: string | undefined;
}

/** Input of the jobs; the file is there inside tests. */
export function eventsFile(): string {
  const data = mkdtempSync(join(tmpdir(), "millrace-storage-data-"));
  const input = join(data, "events.csv");
  beforeAll(() => writeEvents(input, 6000));
  afterAll(() => rmSync(data, { recursive: true }));
  return input;
}

/** Jobs that are killed, and go on from a storage on machines that share nothing but their tables' files and the server. */
export function storageKillTests(storage: KilledStorage): void {
  const { backend, server, secret = "no secret" } = storage;
  const input = eventsFile();
  const inMemory: Setting = { backend, threads: 1 };
  const cases = momentsOf([
    inMemory,
    { backend, threads: 2 },
    { backend: "rocksdb", threads: 1 },
    { backend: "rocksdb", threads: 1, replica: true, encrypted: true },
  ]);
  let count = 0;
  beforeAll(() => {
    process.env[KEY_VARIABLE] = Buffer.alloc(32, 6).toString("base64");
  });

  const sceneOf = (setting: Setting, checkpoints?: string, rowsPerSecond?: number): Scene => {
    const directory = checkpoints ?? storage.location(`checks-${count++}`);
    const sets = `SET 'execution.checkpointing.dir' = '${directory}'; SET 'execution.checkpointing.records' = '1200';
SET 'execution.batch-rows' = '300'; ${settingStatements(setting)}`;
    return new Scene(twoSinks({ input, checkpoints: sets, rowsPerSecond }));
  };

  const firstCheckpoint = async (directory: string): Promise<void> => {
    const place = await remotePlace(directory, new Map());
    const names = async (): Promise<string> => (await namesOf(place!.storage, place!.path)).join("\n");
    await expect.poll(names, { timeout: 60_000 }).toMatch(/chk-1\/_metadata$/m);
    await place!.storage.close();
  };

  /** One process after another, the last to the end. */
  const runThrough = async (scene: Scene, faults: readonly string[], endpoint = server().endpoint): Promise<Ended> => {
    storage.name(endpoint);
    for (const fault of faults) {
      const { signal, stderr } = await scene.resume(fault);
      expect([fault, signal, stderr]).toEqual([fault, "SIGKILL", expect.anything()]);
      // Nothing of a checkpoint may lie on this machine.
      expect(scene.folders().filter((name) => !/^(job\.sql|windows|copies|replica\.d)$/.test(name))).toEqual([]);
    }
    const ended = await scene.resume();
    expect([ended.code, ended.stderr]).toEqual([0, expect.not.stringContaining(secret)]);
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
    const disk = { ...setting, backend: setting.backend === backend ? "memory" : setting.backend };
    const scene = sceneOf(disk, "${tmp}/checkpoints");
    const { code, stderr } = await scene.run();
    expect([code, stderr]).toEqual([0, expect.anything()]);
    const text = output(scene, setting);
    scene.remove();
    return text;
  };

  test.each(sampleOfTheDay(cases, 3))(
    "$setting.backend, $setting.threads thread(s), $moment.name",
    { timeout: 240_000 },
    async (one) => {
      const { setting, moment } = one;
      const expected = await undisturbed(setting);
      const scene = sceneOf(setting);
      await runThrough(scene, moment.faults);
      expect(output(scene, setting)).toEqual(expected);
      expect(leftovers(scene)).toEqual([]);
      scene.remove();
    },
  );

  test("a server that loses answers, is busy and breaks connections", { timeout: 240_000 }, async () => {
    const proxy = await FaultProxy.start(server().port, (n) => UNRELIABLE[n % UNRELIABLE.length]!);
    const scene = sceneOf(inMemory);
    await runThrough(scene, ["checkpoint.complete-not-committed:2"], proxy.endpoint);
    expect(output(scene, inMemory)).toEqual(await undisturbed(inMemory));
    await proxy.stop();
    scene.remove();
  });

  test("the server is killed in the middle, and comes back", { timeout: 240_000 }, async () => {
    const directory = storage.location("killed-server");
    const scene = sceneOf(inMemory, directory, 1500);
    const running = runThrough(scene, []);
    await firstCheckpoint(directory);
    await server().kill();
    await new Promise((resolve) => setTimeout(resolve, 700));
    await server().restart();
    await running;
    expect(output(scene, inMemory)).toEqual(await undisturbed(inMemory));
    scene.remove();
  });

  test("a disk is lost at each kill, and its replica there is gone on from", { timeout: 240_000 }, async () => {
    const setting: Setting = { backend: "memory", threads: 1 };
    const replica = storage.location("copies");
    const sets = `SET 'execution.checkpointing.replicas' = '${replica}'; SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';`;
    const scene = new Scene(twoSinks({ input, checkpoints: sets }));
    storage.name(server().endpoint);
    for (const fault of ["filesystem.commit:3", "checkpoint.complete-not-committed", "commit.between"]) {
      const { signal, stderr } = await scene.resume(fault);
      expect([fault, signal, stderr]).toEqual([fault, "SIGKILL", expect.anything()]);
      rmSync(join(scene.directory, "checkpoints"), { recursive: true });
    }
    const { code, stderr } = await scene.resume();
    expect([code, stderr]).toEqual([0, expect.stringContaining(`is taken from ${replica}`)]);
    expect(output(scene, setting)).toEqual(await undisturbed(setting));
    expect(leftovers(scene)).toEqual([]);
    scene.remove();
  });

  test.each([
    [["log.not-durable:2", "log.durable-not-acknowledged:2"], ["pass"]],
    [["checkpoint.complete-not-committed:2"], UNRELIABLE],
  ] as const)("a log: killed %s, answers %s", { timeout: 240_000 }, async (moments, answers) => {
    const log = `SET 'execution.checkpointing.dir' = '${storage.location(`log-${count++}`)}'; SET 'execution.batch-rows' = '300';
SET 'state.synchronization' = 'continuous'; SET 'state.synchronization.interval' = '20 ms'; ${settingStatements(inMemory)}`;
    const scene = new Scene(twoSinks({ input, checkpoints: log, rowsPerSecond: 1500 }));
    const proxy = await FaultProxy.start(server().port, (n) => answers[n % answers.length]!);
    await runThrough(scene, moments, proxy.endpoint);
    expect(output(scene, inMemory)).toEqual(await undisturbed(inMemory));
    await proxy.stop();
    scene.remove();
  });

  test("of two engines on one run, one works", { timeout: 240_000 }, async () => {
    const directory = storage.location("two-engines");
    const scene = sceneOf(inMemory, directory, 1500);
    storage.name(server().endpoint);
    const first = start(["run", scene.script]);
    await firstCheckpoint(directory);
    const second = await scene.resume();
    expect([second.code, second.stderr]).toEqual([2, expect.stringMatching(/error\[RUN_LOCKED\]/)]);
    expect(await first.ended).toMatchObject({ code: 0 });
    expect(output(scene, inMemory)).toEqual(await undisturbed(inMemory));
    scene.remove();
  });

  test("a savepoint there of a run on a disk, and on with it", { timeout: 240_000 }, async () => {
    const setting: Setting = { backend: "memory", threads: 1 };
    const scene = sceneOf(setting, "${tmp}/checkpoints", 1500);
    storage.name(server().endpoint);
    const saves = storage.location("saves");
    const { ended, child } = start(["run", scene.script, "--stop-with-savepoint", saves]);
    setTimeout(() => child.kill("SIGTERM"), 3000);
    const { stderr } = await ended;
    const at = stderr.indexOf(saves);
    const path =
      stderr.slice(at, at + saves.length) +
      (/^\/savepoint-job-[0-9a-f]+/.exec(stderr.slice(at + saves.length))?.[0] ?? "");
    expect([path, stderr]).toEqual([expect.stringContaining("savepoint-job"), expect.anything()]);
    const shown = await start(["state", "show", path]).ended;
    expect([shown.code, shown.stderr, shown.stdout]).toEqual([0, "", expect.stringContaining("WindowAggregate")]);
    const more = await start(["run", scene.script, "--from", path]).ended;
    expect([more.code, more.stderr]).toEqual([0, expect.stringContaining("begins a new run with checkpoint")]);
    const bag = (texts: ReadonlyMap<string, string>): unknown =>
      [...texts].map(([table, text]) => [table, text.split("\n").toSorted()]);
    expect(bag(output(scene, setting))).toEqual(bag(await undisturbed(setting)));
    scene.remove();
  });
}
