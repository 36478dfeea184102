import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleOfTheDay } from "../sample-of-the-day.ts";
import {
  isPart,
  JOBS,
  KEY_VARIABLE,
  leftovers,
  momentsOf,
  output,
  SETTINGS,
  settingStatements,
} from "./kill-matrix.ts";
import type { Setting } from "./kill-matrix.ts";
import { writeEvents } from "./scripts.ts";
import { Scene } from "./support.ts";

const cases = momentsOf(SETTINGS).flatMap((one) => Object.keys(JOBS).map((job) => ({ ...one, job })));

const data = mkdtempSync(join(tmpdir(), "millrace-matrix-"));
const input = join(data, "events.csv");
beforeAll(() => {
  writeEvents(input, 6000);
  // For the processes that are started.
  process.env[KEY_VARIABLE] = Buffer.alloc(32, 6).toString("base64");
});
afterAll(() => rmSync(data, { recursive: true }));

function sceneOf(job: string, setting: Setting): Scene {
  const checkpoints = `SET 'execution.checkpointing.records' = '1200'; SET 'execution.batch-rows' = '300';`;
  return new Scene(JOBS[job]!({ input, checkpoints: `${checkpoints} ${settingStatements(setting)}` }));
}

/** What the job gives when nothing happens to it; undefined: this build does not run the setting. */
const calm = new Map<string, Promise<ReadonlyMap<string, string> | undefined>>();

function undisturbed(job: string, setting: Setting): Promise<ReadonlyMap<string, string> | undefined> {
  const key = JSON.stringify([job, setting]);
  let outcome = calm.get(key);
  if (outcome === undefined) {
    outcome = runUndisturbed(job, setting);
    calm.set(key, outcome);
  }
  return outcome;
}

async function runUndisturbed(job: string, setting: Setting): Promise<ReadonlyMap<string, string> | undefined> {
  const scene = sceneOf(job, setting);
  try {
    const { code, stderr } = await scene.run();
    if (code === 2 && stderr.includes("error[UNSUPPORTED]")) return undefined;
    expect([code, stderr]).toEqual([0, expect.anything()]);
    return output(scene, setting);
  } finally {
    scene.remove();
  }
}

describe.each(sampleOfTheDay(cases, 6))(
  "$job, $setting.backend, $setting.threads thread(s), replica $setting.replica, encrypted $setting.encrypted",
  ({ job, setting, moment }) => {
    test(`killed ${moment.name}`, { timeout: 120_000 }, async (context) => {
      const expected = await undisturbed(job, setting);
      if (expected === undefined) context.skip(`${setting.backend} × ${setting.threads} is not supported yet`);
      const scene = sceneOf(job, setting);
      try {
        for (const fault of moment.faults) {
          const { signal, stderr } = await scene.resume(fault);
          expect([signal, stderr]).toEqual(["SIGKILL", expect.anything()]);
          for (const [folder, text] of output(scene, setting))
            expect(isPart(text, expected?.get(folder) ?? "", setting), `${folder} shows what it should not`).toBe(true);
        }
        const { code, stderr } = await scene.resume();
        expect([code, stderr]).toEqual([0, expect.anything()]);
        expect(output(scene, setting)).toEqual(expected);
        expect(leftovers(scene)).toEqual([]);
      } finally {
        scene.remove();
      }
    });
  },
);

/** Every moment but those of a place's own: after each the checkpoint directory is lost. */
const losses = momentsOf([{ backend: "memory", threads: 1, replica: true }, SETTINGS.at(-2)!]);

describe.each(sampleOfTheDay(losses, 2))(
  "$setting.backend, replica $setting.replica: the disk with the checkpoints is lost",
  ({ setting, moment }) => {
    test(`after a kill ${moment.name}`, { timeout: 120_000 }, async (context) => {
      const job = "two tables";
      const expected = await undisturbed(job, setting);
      if (expected === undefined) context.skip(`${setting.backend} × ${setting.threads} is not supported yet`);
      const scene = sceneOf(job, setting);
      try {
        for (const fault of moment.faults) {
          const { signal, stderr } = await scene.resume(fault);
          expect([signal, stderr]).toEqual(["SIGKILL", expect.anything()]);
          rmSync(join(scene.directory, "checkpoints"), { recursive: true });
        }
        const { code, stderr } = await scene.resume();
        expect([code, stderr]).toEqual([0, expect.anything()]);
        expect(output(scene, setting)).toEqual(expected);
        expect(leftovers(scene)).toEqual([]);
      } finally {
        scene.remove();
      }
    });
  },
);
